"""The code lists of SIP 2.00 (Standard Interchange Protocol, section 'Field definitions').

A code that is not in its list is kept as the text that it is: libraries have codes of their own.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Language(StrEnum):
    """Fixed field 'language': in what the patron wants to be addressed."""

    UNKNOWN = "000"
    ENGLISH = "001"
    FRENCH = "002"
    GERMAN = "003"
    ITALIAN = "004"
    DUTCH = "005"
    SWEDISH = "006"
    FINNISH = "007"
    SPANISH = "008"
    DANISH = "009"
    PORTUGUESE = "010"
    CANADIAN_FRENCH = "011"
    NORWEGIAN = "012"
    HEBREW = "013"
    JAPANESE = "014"
    RUSSIAN = "015"
    ARABIC = "016"
    POLISH = "017"
    GREEK = "018"
    CHINESE = "019"
    KOREAN = "020"
    NORTH_AMERICAN_SPANISH = "021"
    TAMIL = "022"
    MALAY = "023"
    UNITED_KINGDOM = "024"
    ICELANDIC = "025"
    BELGIAN = "026"
    TAIWANESE = "027"


class CirculationStatus(StrEnum):
    """Fixed field 'circulation status' of Item Information Response."""

    OTHER = "01"
    ON_ORDER = "02"
    AVAILABLE = "03"
    CHARGED = "04"
    CHARGED_NOT_RECALLABLE = "05"  # until the earliest recall date
    IN_PROCESS = "06"
    RECALLED = "07"
    ON_HOLD_SHELF = "08"
    TO_BE_RESHELVED = "09"
    IN_TRANSIT = "10"
    CLAIMED_RETURNED = "11"
    LOST = "12"
    MISSING = "13"


class SecurityMarker(StrEnum):
    """Fixed field 'security marker'."""

    OTHER = "00"
    NONE = "01"
    TATTLE_TAPE = "02"
    WHISPER_TAPE = "03"


class FeeType(StrEnum):
    """BT, and fixed field 'fee type'."""

    OTHER = "01"
    ADMINISTRATIVE = "02"
    DAMAGE = "03"
    OVERDUE = "04"
    PROCESSING = "05"
    RENTAL = "06"
    REPLACEMENT = "07"
    COMPUTER_ACCESS = "08"
    HOLD = "09"


class PaymentType(StrEnum):
    """Fixed field 'payment type' of Fee Paid. Systems add codes of their own."""

    CASH = "00"
    VISA = "01"
    CREDIT_CARD = "02"


class MediaType(StrEnum):
    """CK."""

    OTHER = "000"
    BOOK = "001"
    MAGAZINE = "002"
    BOUND_JOURNAL = "003"
    AUDIO_TAPE = "004"
    VIDEO_TAPE = "005"
    CD = "006"  # and CD-ROM
    DISKETTE = "007"
    BOOK_WITH_DISKETTE = "008"
    BOOK_WITH_CD = "009"
    BOOK_WITH_AUDIO_TAPE = "010"


class HoldType(StrEnum):
    """BY."""

    OTHER = "1"
    ANY_COPY = "2"
    THIS_COPY = "3"
    ANY_COPY_AT_BRANCH = "4"


class HoldMode(StrEnum):
    """Fixed field 'hold mode' of Hold."""

    ADD = "+"
    DELETE = "-"
    CHANGE = "*"


class StationStatus(StrEnum):
    """Fixed field 'status code' of SC Status."""

    OK = "0"
    OUT_OF_PAPER = "1"
    SHUTTING_DOWN = "2"


class AlertType(StrEnum):
    """CV of the 3M extensions: why an item that came back goes to a person or to another place."""

    UNKNOWN = "00"
    HOLD_HERE = "01"
    HOLD_ELSEWHERE = "02"
    HOLD_FOR_ILL = "03"  # inter-library loan
    TRANSIT = "04"  # it belongs to another branch
    BAD_DATA = "98"  # Koha's own
    OTHER = "99"


class PatronCondition(IntEnum):
    """Fixed field 'patron status': the meaning of each of its 14 positions."""

    CHARGE_DENIED = 0
    RENEWAL_DENIED = 1
    RECALL_DENIED = 2
    HOLD_DENIED = 3
    CARD_LOST = 4
    TOO_MANY_CHARGED = 5
    TOO_MANY_OVERDUE = 6
    TOO_MANY_RENEWALS = 7
    TOO_MANY_CLAIMS = 8  # of having returned it
    TOO_MANY_LOST = 9
    EXCESSIVE_FINES = 10
    EXCESSIVE_FEES = 11
    RECALL_OVERDUE = 12
    TOO_MANY_BILLED = 13


class Summary(IntEnum):
    """Fixed field 'summary' of Patron Information: which list is wanted, by position."""

    HOLDS = 0
    OVERDUE = 1
    CHARGED = 2
    FINES = 3
    RECALLS = 4
    UNAVAILABLE_HOLDS = 5
    FEES = 6  # an extension: aDIS and FOLIO answer with `ExtendedFee`


class Supported(IntEnum):
    """BX: which messages the library system knows, by position."""

    PATRON_STATUS = 0
    CHECKOUT = 1
    CHECKIN = 2
    BLOCK_PATRON = 3
    STATUS = 4
    RESEND = 5
    LOGIN = 6
    PATRON_INFORMATION = 7
    END_SESSION = 8
    FEE_PAID = 9
    ITEM_INFORMATION = 10
    ITEM_STATUS_UPDATE = 11
    PATRON_ENABLE = 12
    HOLD = 13
    RENEW = 14
    RENEW_ALL = 15
