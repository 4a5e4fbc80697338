"""What follows from a loan that was tried. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sync.sip2.answers import CheckinResponse, LoanResponse
from sync.sip2.probe.findings import Level, Observation
from sync.sip2.profile import NoBlock

FORMATS = tuple(
    day + clock
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
    for clock in ("", " %H:%M", " %H:%M:%S")
)
"""How sites write due dates, where they do not write them as the protocol does."""

LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Loan:
    """What a checkout or a renewal said. `due_text`: its due date where that cannot be read."""

    ok: bool
    renewed: bool = False
    due: date | None = None
    due_text: str = ""

    @property
    def due_told(self) -> str:
        return self.due.isoformat() if self.due else repr(self.due_text) if self.due_text else "not said"


def due_format(text: str, today: date) -> str | None:
    """The format in which this is a day on which something lent today can be due; None where none or several are."""
    fits = [form for form in FORMATS if _is_due(text, form, today)]
    return fits[0] if len(fits) == 1 else None


def _is_due(text: str, form: str, today: date) -> bool:
    try:
        day = datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return False
    return today <= day <= today + LONGEST


def borrowed(loan: Loan, today: date, values: dict[str, object]) -> Observation:
    """A loan, and whether its due date can be read.

    Args:
        values: profile values that are known by it.
    """
    form = due_format(loan.due_text, today) if loan.due is None else None
    if loan.due is not None:
        meaning, level = "The due date can be read.", Level.GOOD
    elif form is not None:
        meaning, level, values = f"The due date is written as {form}.", Level.GOOD, values | {"due_formats": [form]}
    else:
        meaning = "The due date cannot be read: readers see none. Say in `due_formats` how it is written."
        level = Level.WARNING
    value = f"lent, due {loan.due_told}"
    return Observation(name="borrowing", value=value, meaning=meaning, level=level, profile=values)


def repeated(name: str, answer: LoanResponse | None, *, same: bool) -> Observation:
    """A checkout that was made already.

    Args:
        answer: what came; None: nothing that is an answer.
        same: it is the first one's answer, byte by byte.
    """
    if answer is None:
        meaning = "No answer to a loan that is there already; the station looks it up."
        return Observation(name=name, value="no answer", meaning=meaning, level=Level.WARNING)
    if same:
        return Observation(name=name, value="the same answer", meaning="Nothing was done twice.")
    if not answer.ok:
        return Observation(name=name, value="refused", meaning="Nothing was done twice.")
    if answer.renewal_ok:
        meaning = "A repetition is carried out, as a renewal. Stations ask before they repeat (17, 63)."
        return Observation(name=name, value="renewed", meaning=meaning, level=Level.NOTE)
    meaning = "A repetition is carried out, and not called a renewal. Stations ask before they repeat (17, 63)."
    return Observation(name=name, value="lent again", meaning=meaning, level=Level.NOTE)


def alert(answer: CheckinResponse) -> str:
    """Where a returned item goes, as far as it was said."""
    return f"alert{f' {answer.alert_type}' if answer.alert_type else ''}" if answer.alert else "no alert"


def told_loan(*, lent: bool, due: date | None, today: date, told: timedelta, period: timedelta | None) -> NoBlock:
    """What 'no block' made of a loan that was told as one that has happened.

    Args:
        lent: it was taken.
        due: when it is due now.
        told: after how many days it was said to be due.
        period: for how long an ordinary loan is.
    """
    if not lent or due is None:
        return NoBlock.UNKNOWN
    if due == today + told:
        return NoBlock.AS_DUE_DATE
    if period is None:
        return NoBlock.UNKNOWN
    if due == today + told + period:
        return NoBlock.AS_ISSUE_DATE
    return NoBlock.IGNORED if due == today + period else NoBlock.UNKNOWN


_OF_NO_BLOCK = {
    NoBlock.UNKNOWN: "It is not clear what it makes of it: loans of an outage are told as ordinary ones.",
    NoBlock.IGNORED: "It lends as always: loans of an outage may be refused, and are dated when they are told.",
    NoBlock.AS_ISSUE_DATE: "It takes the due date for the day of the loan: loans of an outage keep their day.",
    NoBlock.AS_DUE_DATE: "It keeps the due date that the reader was told, and the day of the loan is when it is told.",
}


def no_block(found: NoBlock, due: date | None) -> Observation:
    """What follows for loans of an outage."""
    return Observation(
        name="no block",
        value=f"{found.value.replace('_', ' ')}, due {due or 'not said'}",
        meaning=_OF_NO_BLOCK[found],
        level=Level.GOOD if found in (NoBlock.AS_DUE_DATE, NoBlock.AS_ISSUE_DATE) else Level.NOTE,
        profile={"no_block": found.value},
    )
