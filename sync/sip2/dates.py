"""Dates as SIP 2.00 writes them: YYYYMMDDZZZZHHMMSS (section 'Field definitions', transaction date).

ZZZZ is four blanks for local time, or ends in a letter: Z for universal time, the military letters for other zones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

WIDTH = 18
LOCAL = "    "
_DAY_END = {"hour": 23, "minute": 59}

_EAST = {letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", 1)}
_WEST = {letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", 1)}
_ZONES: dict[str, tzinfo] = {
    f"   {letter}": timezone(timedelta(hours=hours)) for letter, hours in (_EAST | _WEST).items()
}
_ZONES["   Z"] = UTC


def date_reader(zone: tzinfo) -> Callable[[str], datetime | None]:
    """How to read a date of 18 characters. None: it is none, in whatever way.

    Args:
        zone: what four blanks mean.
    """
    zones = {LOCAL: zone} | _ZONES

    def read(text: str) -> datetime | None:
        day, time = text[:8], text[12:]
        where = zones.get(text[8:12])
        if where is None or len(text) != WIDTH or not ((digits := day + time).isascii() and digits.isdigit()):
            return None
        try:
            found = datetime.fromisoformat(f"{day}T{time}")
        except ValueError:  # the 31st of February, or a leap second
            return None
        return datetime.combine(found, found.time(), where)

    return read


def free_date_reader(zone: tzinfo, formats: tuple[str, ...]) -> Callable[[str], datetime | None]:
    """How to read a due date, which systems also write in the way of the site.

    Args:
        zone: what a date without a zone means.
        formats: as for `strptime`, tried in order. A format without an hour means the end of its day.
    """
    strict = date_reader(zone)

    def read(text: str) -> datetime | None:
        return strict(text) or next(filter(None, (_parse(text, form, zone) for form in formats)), None)

    return read


def _parse(text: str, form: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
    except ValueError:
        return None
    if "%H" not in form and "%I" not in form:
        found = found.replace(**_DAY_END)  # type: ignore[arg-type]
    return found if found.tzinfo else found.replace(tzinfo=zone)


def date_writer(zone: tzinfo | None) -> Callable[[datetime], str]:
    """How to write a date, to the second.

    Args:
        zone: local time of this zone, with four blanks; None writes universal time.
    """
    block, target = (LOCAL, zone) if zone else ("   Z", UTC)

    def write(date: datetime) -> str:
        """Raises ValueError for a date without a zone, OverflowError at the ends of the calendar."""
        if date.tzinfo is None:
            raise ValueError("a date without a zone")
        if date.tzinfo is not target:
            date = date.astimezone(target)
        # Leading zeros by a one that is cut off: four times as quick as six formats.
        day = str(100_00_00_00 + date.year * 1_00_00 + date.month * 1_00 + date.day)[1:]
        time = str(1_00_00_00 + date.hour * 1_00_00 + date.minute * 1_00 + date.second)[1:]
        return f"{day}{block}{time}"

    return write
