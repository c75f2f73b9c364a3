"""A weekly timetable that keeps clear of days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sales.calendar import workday_up_to
from sales.forecast import week_of

_WEEKS = 60


@dataclass(frozen=True, slots=True)
class WeeklyAtWork:
    """On `weekday` (1 is Monday) at `hour`; on the last working day before where that is a day off.

    A week without a working day by then is left out.
    """

    weekday: int
    hour: int

    def get_next_fire_time(self, previous: None, now: datetime) -> datetime | None:
        """The first instant at `now` or after, in the zone of `now`."""
        monday = week_of(now.date())
        weeks = (workday_up_to(self.weekday, monday + timedelta(weeks=ahead)) for ahead in range(_WEEKS))
        instants = (datetime.combine(day, time(self.hour), now.tzinfo) for day in weeks if day is not None)
        return next((instant for instant in instants if instant >= now), None)
