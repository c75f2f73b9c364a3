"""When what can wait is held back: quiet hours and days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from intents.calendar import WorkCalendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` (a local hour) until `end`, over midnight if need be; equal hours mean never.

    All times that come in must be in the installation's time zone.
    """

    start: int
    end: int

    def since(self, at: datetime) -> datetime | None:
        """When the quiet time that holds at `at` began; None outside."""
        if self.start == self.end:
            return None
        began = at.replace(hour=self.start, minute=0, second=0, microsecond=0)
        began = began if began <= at else began - _DAY
        return began if at < began + self._length else None

    def hold_until(self, at: datetime) -> datetime:
        """`at` itself, or the end of the quiet time that it falls in."""
        began = self.since(at)
        return at if began is None else began + self._length

    def hold_until_work(self, at: datetime) -> datetime:
        """`at` itself, or the end of the quiet time or the days off that it falls in."""
        freed = self.hold_until(at)
        day = WorkCalendar().first_workday_from(freed.date())
        return freed if day == freed.date() else datetime.combine(day, time(self.end), at.tzinfo)

    @property
    def _length(self) -> timedelta:
        return timedelta(hours=(self.end - self.start) % 24)


def workday_up_to(weekday: int, monday: date) -> date | None:
    """That day (1 is Monday) of the week, or the last working day before it; None if the week has none by then."""
    wanted = [monday + timedelta(days=back) for back in range(weekday - 1, -1, -1)]
    return next((day for day in wanted if WorkCalendar().is_workday(day)), None)
