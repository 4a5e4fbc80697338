"""What a library system answers (SIP 2.00, section 'Messages from ACS to SC')."""

from __future__ import annotations

from typing import ClassVar

from sync.sip2 import fields as f
from sync.sip2.codes import CirculationStatus, FeeType, SecurityMarker
from sync.sip2.message import Answer
from sync.sip2.patron_answers import (
    EndSessionResponse,
    FeePaidResponse,
    PatronEnableResponse,
    PatronInformationResponse,
    PatronStatusResponse,
)


class CheckinResponse(Answer, frozen=True, kw_only=True):
    """10: what came of a return. `alert`: it goes to a person, or to another place."""

    code: ClassVar[str] = "10"

    ok: f.OneZero = False
    resensitize: f.YesNo = False
    magnetic_media: f.YesNoUnknown = None
    alert: f.YesNo = False
    transaction_date: f.Moment
    institution: f.Institution = ""
    item: f.Item
    permanent_location: f.PermanentLocation = ""
    title: f.TitleId = None
    sort_bin: f.SortBin = None
    patron: f.Patron = None
    media_type: f.MediaTypeField = None
    item_properties: f.ItemProperties = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()
    collection_code: f.ExtraText = None
    call_number: f.ExtraText = None
    destination: f.ExtraText = None
    alert_type: f.Alert = None
    hold_patron: f.ExtraText = None
    hold_patron_name: f.ExtraText = None
    hold_patron_phone: f.ExtraText = None


class LoanResponse(Answer, frozen=True, kw_only=True):
    """What 12 and 30 have in common. `renewal_ok`: it was out to this patron already, and has been renewed."""

    ok: f.OneZero = False
    renewal_ok: f.YesNo = False
    magnetic_media: f.YesNoUnknown = None
    desensitize: f.YesNoUnknown = None
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    item: f.Item
    title: f.TitleId = ""
    due_date: f.DueDate = ""
    fee_type: f.FeeTypeField = None
    security_inhibit: f.SecurityInhibit = None
    currency: f.Currency = None
    fee_amount: f.FeeAmount = None
    media_type: f.MediaTypeField = None
    item_properties: f.ItemProperties = None
    transaction_id: f.TransactionId = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class CheckoutResponse(LoanResponse, frozen=True, kw_only=True):
    """12: what came of a checkout."""

    code: ClassVar[str] = "12"


class RenewResponse(LoanResponse, frozen=True, kw_only=True):
    """30: what came of a renewal."""

    code: ClassVar[str] = "30"


class HoldResponse(Answer, frozen=True, kw_only=True):
    """16: what came of a reservation. `available`: the item is on the shelf now."""

    code: ClassVar[str] = "16"

    ok: f.OneZero = False
    available: f.YesNo = False
    transaction_date: f.Moment
    expiration_date: f.ExpirationDate = None
    queue_position: f.QueuePosition = None
    pickup_location: f.PickupLocation = None
    institution: f.Institution = ""
    patron: f.Patron
    item: f.Item = None
    title: f.TitleId = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class ItemInformationResponse(Answer, frozen=True, kw_only=True):
    """18: what is known of an item."""

    code: ClassVar[str] = "18"

    circulation_status: f.CirculationCode = CirculationStatus.OTHER
    security_marker: f.SecurityCode = SecurityMarker.OTHER
    fee_type: f.FeeCode = FeeType.OTHER
    transaction_date: f.Moment
    hold_queue_length: f.HoldQueueLength = None
    due_date: f.DueDate = None
    recall_date: f.RecallDate = None
    hold_pickup_date: f.HoldPickupDate = None
    item: f.Item
    title: f.TitleId = ""
    owner: f.Owner = None
    currency: f.Currency = None
    fee_amount: f.FeeAmount = None
    media_type: f.MediaTypeField = None
    permanent_location: f.PermanentLocation = None
    current_location: f.CurrentLocation = None
    item_properties: f.ItemProperties = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()
    collection_code: f.ExtraText = None
    call_number: f.ExtraText = None
    destination: f.ExtraText = None
    hold_patron: f.ExtraText = None
    hold_patron_name: f.ExtraText = None
    contributor: f.ExtraText = None
    description: f.ExtraText = None
    isbn: f.ExtraTexts = ()
    other_numbers: f.ExtraTexts = ()


class ItemStatusUpdateResponse(Answer, frozen=True, kw_only=True):
    """20: whether the properties of an item are kept."""

    code: ClassVar[str] = "20"

    ok: f.OneZero = False
    transaction_date: f.Moment
    item: f.Item
    title: f.TitleId = None
    item_properties: f.ItemProperties = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class RenewAllResponse(Answer, frozen=True, kw_only=True):
    """66: what came of the renewal of all loans."""

    code: ClassVar[str] = "66"

    ok: f.OneZero = False
    renewed_count: f.Count = None
    unrenewed_count: f.Count = None
    transaction_date: f.Moment
    institution: f.Institution = ""
    renewed_items: f.RenewedItems = ()
    unrenewed_items: f.UnrenewedItems = ()
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class LoginResponse(Answer, frozen=True, kw_only=True):
    """94: whether the station is known."""

    code: ClassVar[str] = "94"

    ok: f.OneZero = False


class RequestSCResend(Answer, frozen=True, kw_only=True):
    """96: the last request came broken."""

    code: ClassVar[str] = "96"


class ACSStatus(Answer, frozen=True, kw_only=True):
    """98: what the library system says of itself; what it does may be more. `timeout_tenths` in tenths of a second,
    None where it does not know; 0 tries and 0 tenths from a system that is not there."""

    code: ClassVar[str] = "98"

    online: f.YesNo = True
    checkin_ok: f.YesNo = True
    checkout_ok: f.YesNo = True
    renewal_policy: f.YesNo = True
    status_update_ok: f.YesNo = True
    offline_ok: f.YesNo = True
    timeout_tenths: f.ThreeDigits = None
    retries_allowed: f.ThreeDigits = None
    system_date: f.Moment
    version: f.Version = "2.00"
    institution: f.Institution = ""
    library_name: f.LibraryName = None
    supported: f.SupportedMessages
    terminal_location: f.TerminalLocation = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


ANSWERS: tuple[type[Answer], ...] = (
    CheckinResponse,
    CheckoutResponse,
    HoldResponse,
    ItemInformationResponse,
    ItemStatusUpdateResponse,
    PatronStatusResponse,
    PatronEnableResponse,
    RenewResponse,
    EndSessionResponse,
    FeePaidResponse,
    PatronInformationResponse,
    RenewAllResponse,
    LoginResponse,
    RequestSCResend,
    ACSStatus,
)
