"""The fields of SIP 2.00, each said once: where it stands, under which id, and how its value is written.

A message (`requests`, `answers`) is a struct whose fields have these types; `compiling` makes readers and writers of
it. The order of the fixed fields is that of their declaration. A variable field whose default is None may be left out,
and so may a list; every other one is required and goes out even where it is empty. What comes may lack anything: None
where a field is missing, '' where it is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from sync.sip2.codes import (
    AlertType,
    CirculationStatus,
    FeeType,
    HoldMode,
    HoldType,
    Language,
    MediaType,
    PatronCondition,
    PaymentType,
    SecurityMarker,
    StationStatus,
    Summary,
    Supported,
)
from sync.sip2.kinds import (
    AMOUNT,
    DATE,
    FREE_DATE,
    MAYBE,
    TEXT,
    UNSURE,
    Kind,
    coded,
    counted,
    flag,
    marks,
    number,
    position,
)


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many characters at the beginning of a message, without an id."""

    width: int
    kind: Kind = TEXT


@dataclass(frozen=True, slots=True)
class Variable:
    """A field with an id and a delimiter; `many` may come several times."""

    id: str
    kind: Kind = TEXT
    many: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """A field beyond SIP 2.00. Ids mean different things at different systems: the profile says which one it is."""

    kind: Kind = TEXT
    many: bool = False


# ── fixed fields ─────────────────────────────────────────────────────────────────────────────────────────

YesNo = Annotated[bool, Fixed(1, flag("Y", "N"))]
OneZero = Annotated[bool, Fixed(1, flag("1", "0"))]
YesNoUnknown = Annotated[bool | None, Fixed(1, UNSURE)]
Moment = Annotated[datetime | str | None, Fixed(18, DATE)]
Count = Annotated[int | None, Fixed(4, counted(4, unknown="    "))]
ThreeDigits = Annotated[int | None, Fixed(3, counted(3, unknown="999"))]
LanguageCode = Annotated[Language | str, Fixed(3, coded(Language))]
PatronStatus = Annotated[frozenset[PatronCondition], Fixed(14, marks(PatronCondition, blank=" "))]
SummaryPosition = Annotated[Summary | None, Fixed(10, position(Summary, width=10))]
CirculationCode = Annotated[CirculationStatus | str, Fixed(2, coded(CirculationStatus))]
SecurityCode = Annotated[SecurityMarker | str, Fixed(2, coded(SecurityMarker))]
FeeCode = Annotated[FeeType | str, Fixed(2, coded(FeeType))]
PaymentCode = Annotated[PaymentType | str, Fixed(2, coded(PaymentType))]
HoldModeCode = Annotated[HoldMode | str, Fixed(1, coded(HoldMode))]
StationCode = Annotated[StationStatus | str, Fixed(1, coded(StationStatus))]
Algorithm = Annotated[str, Fixed(1)]
Width = Annotated[str, Fixed(3)]
Version = Annotated[str, Fixed(4)]
CurrencyCode = Annotated[str, Fixed(3)]

# ── variable fields, by id ───────────────────────────────────────────────────────────────────────────────

Texts = tuple[str, ...]

Patron = Annotated[str | None, Variable("AA")]
Item = Annotated[str | None, Variable("AB")]
TerminalPassword = Annotated[str | None, Variable("AC")]
PatronPassword = Annotated[str | None, Variable("AD")]
PersonalName = Annotated[str | None, Variable("AE")]
ScreenMessages = Annotated[Texts, Variable("AF", many=True)]
PrintLines = Annotated[Texts, Variable("AG", many=True)]
DueDate = Annotated[datetime | str | None, Variable("AH", FREE_DATE)]
TitleId = Annotated[str | None, Variable("AJ")]
BlockedCardMessage = Annotated[str | None, Variable("AL")]
LibraryName = Annotated[str | None, Variable("AM")]
TerminalLocation = Annotated[str | None, Variable("AN")]
Institution = Annotated[str | None, Variable("AO")]
CurrentLocation = Annotated[str | None, Variable("AP")]
PermanentLocation = Annotated[str | None, Variable("AQ")]
HoldItems = Annotated[Texts, Variable("AS", many=True)]
OverdueItems = Annotated[Texts, Variable("AT", many=True)]
ChargedItems = Annotated[Texts, Variable("AU", many=True)]
FineItems = Annotated[Texts, Variable("AV", many=True)]
HomeAddress = Annotated[str | None, Variable("BD")]
EmailAddress = Annotated[str | None, Variable("BE")]
HomePhone = Annotated[str | None, Variable("BF")]
Owner = Annotated[str | None, Variable("BG")]
Currency = Annotated[str | None, Variable("BH")]  # ISO 4217
Cancel = Annotated[bool | str | None, Variable("BI", MAYBE)]
TransactionId = Annotated[str | None, Variable("BK")]
ValidPatron = Annotated[bool | str | None, Variable("BL", MAYBE)]
RenewedItems = Annotated[Texts, Variable("BM", many=True)]
UnrenewedItems = Annotated[Texts, Variable("BN", many=True)]
FeeAcknowledged = Annotated[bool | str | None, Variable("BO", MAYBE)]
StartItem = Annotated[int | str | None, Variable("BP", number())]  # counted from 1
EndItem = Annotated[int | str | None, Variable("BQ", number())]
QueuePosition = Annotated[int | str | None, Variable("BR", number())]
PickupLocation = Annotated[str | None, Variable("BS")]
FeeTypeField = Annotated[FeeType | str | None, Variable("BT", coded(FeeType))]
RecallItems = Annotated[Texts, Variable("BU", many=True)]
FeeAmount = Annotated[Decimal | str | None, Variable("BV", AMOUNT)]
ExpirationDate = Annotated[datetime | str | None, Variable("BW", FREE_DATE)]
SupportedMessages = Annotated[frozenset[Supported] | None, Variable("BX", marks(Supported, blank="N"))]
HoldTypeField = Annotated[HoldType | str | None, Variable("BY", coded(HoldType))]
HoldItemsLimit = Annotated[int | str | None, Variable("BZ", number(4))]
OverdueItemsLimit = Annotated[int | str | None, Variable("CA", number(4))]
ChargedItemsLimit = Annotated[int | str | None, Variable("CB", number(4))]
FeeLimit = Annotated[Decimal | str | None, Variable("CC", AMOUNT)]
UnavailableHolds = Annotated[Texts, Variable("CD", many=True)]
HoldQueueLength = Annotated[int | str | None, Variable("CF", number())]
FeeId = Annotated[str | None, Variable("CG")]
ItemProperties = Annotated[str | None, Variable("CH")]
SecurityInhibit = Annotated[bool | str | None, Variable("CI", MAYBE)]
RecallDate = Annotated[datetime | str | None, Variable("CJ", FREE_DATE)]
MediaTypeField = Annotated[MediaType | str | None, Variable("CK", coded(MediaType))]
SortBin = Annotated[str | None, Variable("CL")]
HoldPickupDate = Annotated[datetime | str | None, Variable("CM", FREE_DATE)]
LoginUser = Annotated[str | None, Variable("CN")]
LoginPassword = Annotated[str | None, Variable("CO")]
LocationCode = Annotated[str | None, Variable("CP")]
ValidPassword = Annotated[bool | str | None, Variable("CQ", MAYBE)]

# ── extensions ───────────────────────────────────────────────────────────────────────────────────────────

ExtraText = Annotated[str | None, Extension()]
ExtraTexts = Annotated[Texts, Extension(many=True)]
Alert = Annotated[AlertType | str | None, Extension(coded(AlertType))]
