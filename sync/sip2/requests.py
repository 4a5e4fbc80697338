"""What a station asks (SIP 2.00, section 'Messages from SC to ACS')."""

from __future__ import annotations

from typing import ClassVar

from sync.sip2 import answers, patron_answers
from sync.sip2 import fields as f
from sync.sip2.codes import FeeType, Language, PaymentType, StationStatus
from sync.sip2.message import Answer, Request


class BlockPatron(Request, frozen=True, kw_only=True):
    """01: the card was kept, or is to be blocked."""

    code: ClassVar[str] = "01"
    answered_by: ClassVar[type[Answer]] = patron_answers.PatronStatusResponse

    card_retained: f.YesNo = False
    transaction_date: f.Moment
    institution: f.Institution = ""
    blocked_card_message: f.BlockedCardMessage = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = ""


class Checkin(Request, frozen=True, kw_only=True):
    """09: an item came back. `no_block`: it has happened already; `return_date` is when."""

    code: ClassVar[str] = "09"
    answered_by: ClassVar[type[Answer]] = answers.CheckinResponse

    no_block: f.YesNo = False
    transaction_date: f.Moment
    return_date: f.Moment
    current_location: f.CurrentLocation = ""
    institution: f.Institution = ""
    item: f.Item
    terminal_password: f.TerminalPassword = ""
    item_properties: f.ItemProperties = None
    cancel: f.Cancel = None


class Checkout(Request, frozen=True, kw_only=True):
    """11: an item is borrowed. `no_block`: it has happened already, and is due on `nb_due_date`."""

    code: ClassVar[str] = "11"
    answered_by: ClassVar[type[Answer]] = answers.CheckoutResponse

    renewal_policy: f.YesNo = False  # whether the library system may make a renewal of it
    no_block: f.YesNo = False
    transaction_date: f.Moment
    nb_due_date: f.Moment = None
    institution: f.Institution = ""
    patron: f.Patron
    item: f.Item
    terminal_password: f.TerminalPassword = ""
    item_properties: f.ItemProperties = None
    patron_password: f.PatronPassword = None
    fee_acknowledged: f.FeeAcknowledged = None
    cancel: f.Cancel = None


class Hold(Request, frozen=True, kw_only=True):
    """15: a reservation is made, cancelled or changed, of an item or of a title."""

    code: ClassVar[str] = "15"
    answered_by: ClassVar[type[Answer]] = answers.HoldResponse

    mode: f.HoldModeCode
    transaction_date: f.Moment
    expiration_date: f.ExpirationDate = None
    pickup_location: f.PickupLocation = None
    hold_type: f.HoldTypeField = None
    institution: f.Institution = ""
    patron: f.Patron
    patron_password: f.PatronPassword = None
    item: f.Item = None
    title: f.TitleId = None
    terminal_password: f.TerminalPassword = None
    fee_acknowledged: f.FeeAcknowledged = None


class ItemInformation(Request, frozen=True, kw_only=True):
    """17: what is known of an item."""

    code: ClassVar[str] = "17"
    answered_by: ClassVar[type[Answer]] = answers.ItemInformationResponse

    transaction_date: f.Moment
    institution: f.Institution = ""
    item: f.Item
    terminal_password: f.TerminalPassword = None


class ItemStatusUpdate(Request, frozen=True, kw_only=True):
    """19: the properties of an item are to be kept."""

    code: ClassVar[str] = "19"
    answered_by: ClassVar[type[Answer]] = answers.ItemStatusUpdateResponse

    transaction_date: f.Moment
    institution: f.Institution = ""
    item: f.Item
    terminal_password: f.TerminalPassword = None
    item_properties: f.ItemProperties = ""


class PatronStatusRequest(Request, frozen=True, kw_only=True):
    """23: whether a patron is one, and may borrow."""

    code: ClassVar[str] = "23"
    answered_by: ClassVar[type[Answer]] = patron_answers.PatronStatusResponse

    language: f.LanguageCode = Language.UNKNOWN
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = ""
    patron_password: f.PatronPassword = ""


class PatronEnable(Request, frozen=True, kw_only=True):
    """25: a blocked patron may borrow again; for tests of a library system."""

    code: ClassVar[str] = "25"
    answered_by: ClassVar[type[Answer]] = patron_answers.PatronEnableResponse

    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = None
    patron_password: f.PatronPassword = None


class Renew(Request, frozen=True, kw_only=True):
    """29: the loan of an item, or of a title, is to last longer."""

    code: ClassVar[str] = "29"
    answered_by: ClassVar[type[Answer]] = answers.RenewResponse

    third_party_allowed: f.YesNo = False
    no_block: f.YesNo = False
    transaction_date: f.Moment
    nb_due_date: f.Moment = None
    institution: f.Institution = ""
    patron: f.Patron
    patron_password: f.PatronPassword = None
    item: f.Item = None
    title: f.TitleId = None
    terminal_password: f.TerminalPassword = None
    item_properties: f.ItemProperties = None
    fee_acknowledged: f.FeeAcknowledged = None


class EndSession(Request, frozen=True, kw_only=True):
    """35: a patron has left."""

    code: ClassVar[str] = "35"
    answered_by: ClassVar[type[Answer]] = patron_answers.EndSessionResponse

    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = None
    patron_password: f.PatronPassword = None


class FeePaid(Request, frozen=True, kw_only=True):
    """37: a patron has paid. Never sent twice: library systems book it twice."""

    code: ClassVar[str] = "37"
    answered_by: ClassVar[type[Answer]] = patron_answers.FeePaidResponse

    transaction_date: f.Moment
    fee_type: f.FeeCode = FeeType.OTHER
    payment_type: f.PaymentCode = PaymentType.CASH
    currency: f.CurrencyCode
    amount: f.FeeAmount
    institution: f.Institution = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = None
    patron_password: f.PatronPassword = None
    fee_id: f.FeeId = None
    transaction_id: f.TransactionId = None
    register_login: f.ExtraText = None
    check_number: f.ExtraText = None


class PatronInformation(Request, frozen=True, kw_only=True):
    """63: all about a patron, with one list of items: those from `start_item` to `end_item`, counted from 1."""

    code: ClassVar[str] = "63"
    answered_by: ClassVar[type[Answer]] = patron_answers.PatronInformationResponse

    language: f.LanguageCode = Language.UNKNOWN
    transaction_date: f.Moment
    summary: f.SummaryPosition = None
    institution: f.Institution = ""
    patron: f.Patron
    terminal_password: f.TerminalPassword = None
    patron_password: f.PatronPassword = None
    start_item: f.StartItem = None
    end_item: f.EndItem = None


class RenewAll(Request, frozen=True, kw_only=True):
    """65: all loans of a patron are to last longer."""

    code: ClassVar[str] = "65"
    answered_by: ClassVar[type[Answer]] = answers.RenewAllResponse

    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    patron_password: f.PatronPassword = None
    terminal_password: f.TerminalPassword = None
    fee_acknowledged: f.FeeAcknowledged = None


class Login(Request, frozen=True, kw_only=True):
    """93: who the station is. The algorithms by which user and password are hidden: 0 is none."""

    code: ClassVar[str] = "93"
    answered_by: ClassVar[type[Answer]] = answers.LoginResponse

    user_algorithm: f.Algorithm = "0"
    password_algorithm: f.Algorithm = "0"  # noqa: S105  the number of an algorithm
    user: f.LoginUser
    password: f.LoginPassword
    location_code: f.LocationCode = None


class RequestACSResend(Request, frozen=True, kw_only=True):
    """97: the last answer came broken. Answered by that answer."""

    code: ClassVar[str] = "97"
    answered_by: ClassVar[type[Answer]] = Answer


class SCStatus(Request, frozen=True, kw_only=True):
    """99: how the station is, and a heartbeat."""

    code: ClassVar[str] = "99"
    answered_by: ClassVar[type[Answer]] = answers.ACSStatus

    status: f.StationCode = StationStatus.OK
    print_width: f.Width = "080"
    version: f.Version = "2.00"


REQUESTS: tuple[type[Request], ...] = (
    BlockPatron,
    Checkin,
    Checkout,
    Hold,
    ItemInformation,
    ItemStatusUpdate,
    PatronStatusRequest,
    PatronEnable,
    Renew,
    EndSession,
    FeePaid,
    PatronInformation,
    RenewAll,
    Login,
    RequestACSResend,
    SCStatus,
)
