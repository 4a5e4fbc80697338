"""When a branch is open. Pure: a day is handed in."""

from __future__ import annotations

from datetime import date, timedelta

from sync.rules.data import LendingRules

DAY = timedelta(days=1)


class Opening:
    """The opening days of a branch, by the library's calendars. A branch without a calendar is always open."""

    def __init__(self, rules: LendingRules, branch: str) -> None:
        calendars = rules.calendars_of(branch)
        self._weekdays = {weekday for calendar in calendars for weekday in calendar.closed_weekdays}
        self._dates = {day for calendar in calendars for day in calendar.closed_dates}
        self._ranges = [closed for calendar in calendars for closed in calendar.closed_ranges]

    def is_open(self, day: date) -> bool:
        """Whether somebody could bring an item back on this day."""
        if day.weekday() in self._weekdays or day in self._dates:
            return False
        return not any(closed.first <= day <= closed.last for closed in self._ranges)

    def next_open(self, day: date) -> date:
        """`day`, or the first day after it on which the branch is open."""
        while not self.is_open(day):
            day += DAY
        return day

    def last_open(self, first: date, last: date) -> date | None:
        """The last open day from `first` to `last`, both of them too; None where there is none."""
        return next((day for back in range((last - first).days + 1) if self.is_open(day := last - back * DAY)), None)

    def open_days(self, after: date, until: date) -> int:
        """How many open days there are after `after`, up to and with `until`."""
        return sum(self.is_open(after + ahead * DAY) for ahead in range(1, (until - after).days + 1))
