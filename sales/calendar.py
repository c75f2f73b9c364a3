"""Quiet hours: when alerts that can wait are held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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

    @property
    def _length(self) -> timedelta:
        return timedelta(hours=(self.end - self.start) % 24)
