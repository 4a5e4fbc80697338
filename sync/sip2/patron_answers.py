"""What a library system answers about patrons (SIP 2.00, section 'Messages from ACS to SC')."""

from __future__ import annotations

from typing import ClassVar

from sync.sip2 import fields as f
from sync.sip2.codes import Language, PatronCondition
from sync.sip2.message import Answer

NO_CONDITION: frozenset[PatronCondition] = frozenset()


class PatronStatusResponse(Answer, frozen=True, kw_only=True):
    """24: whether a patron is one, and may borrow. Only `valid_patron is True` says yes."""

    code: ClassVar[str] = "24"

    status: f.PatronStatus = NO_CONDITION
    language: f.LanguageCode = Language.UNKNOWN
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    name: f.PersonalName = ""
    valid_patron: f.ValidPatron = None
    valid_password: f.ValidPassword = None
    currency: f.Currency = None
    fee_amount: f.FeeAmount = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()
    home_address: f.ExtraText = None
    email: f.ExtraText = None
    home_phone: f.ExtraText = None


class PatronEnableResponse(Answer, frozen=True, kw_only=True):
    """26: how a patron stands after Patron Enable."""

    code: ClassVar[str] = "26"

    status: f.PatronStatus = NO_CONDITION
    language: f.LanguageCode = Language.UNKNOWN
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    name: f.PersonalName = ""
    valid_patron: f.ValidPatron = None
    valid_password: f.ValidPassword = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class EndSessionResponse(Answer, frozen=True, kw_only=True):
    """36: the library system has forgotten the patron."""

    code: ClassVar[str] = "36"

    ended: f.YesNo = False
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class FeePaidResponse(Answer, frozen=True, kw_only=True):
    """38: whether a payment is booked. Only `accepted` says so."""

    code: ClassVar[str] = "38"

    accepted: f.YesNo = False
    transaction_date: f.Moment
    institution: f.Institution = ""
    patron: f.Patron
    transaction_id: f.TransactionId = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()


class PatronInformationResponse(Answer, frozen=True, kw_only=True):
    """64: all about a patron. Counts are None where the library system does not count; what the lists hold
    (barcodes, titles, sums) is its choice."""

    code: ClassVar[str] = "64"

    status: f.PatronStatus = NO_CONDITION
    language: f.LanguageCode = Language.UNKNOWN
    transaction_date: f.Moment
    hold_items_count: f.Count = None
    overdue_items_count: f.Count = None
    charged_items_count: f.Count = None
    fine_items_count: f.Count = None
    recall_items_count: f.Count = None
    unavailable_holds_count: f.Count = None
    institution: f.Institution = ""
    patron: f.Patron
    name: f.PersonalName = ""
    hold_items_limit: f.HoldItemsLimit = None
    overdue_items_limit: f.OverdueItemsLimit = None
    charged_items_limit: f.ChargedItemsLimit = None
    valid_patron: f.ValidPatron = None
    valid_password: f.ValidPassword = None
    currency: f.Currency = None
    fee_amount: f.FeeAmount = None
    fee_limit: f.FeeLimit = None
    hold_items: f.HoldItems = ()
    overdue_items: f.OverdueItems = ()
    charged_items: f.ChargedItems = ()
    fine_items: f.FineItems = ()
    recall_items: f.RecallItems = ()
    unavailable_holds: f.UnavailableHolds = ()
    home_address: f.HomeAddress = None
    email: f.EmailAddress = None
    home_phone: f.HomePhone = None
    screen_messages: f.ScreenMessages = ()
    print_lines: f.PrintLines = ()
    home_library: f.ExtraText = None
    expires: f.ExtraText = None
    birth_date: f.ExtraText = None
    patron_class: f.ExtraText = None
    internet_profile: f.ExtraText = None
    internal_id: f.ExtraText = None
    patron_group: f.ExtraText = None
    borrower_type: f.ExtraText = None
    borrower_type_name: f.ExtraText = None
    postal_code: f.ExtraText = None
