"""Two clocks, both injected. Only the composition root makes one that reads the machine's time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """Business time is wall time plus an offset (zero but in demos and tests).

    Business time drives due times, quiet hours, backoff and rate limits; wall time drives signatures and tokens.
    """

    def __init__(self, wall: Callable[[], datetime], offset: timedelta = timedelta()) -> None:
        self._wall = wall
        self.offset = offset

    def wall(self) -> datetime:
        """The machine's time, aware."""
        return self._wall()

    def now(self) -> datetime:
        """Business time, aware."""
        return self._wall() + self.offset

    def epoch(self) -> float:
        """Wall time in seconds since the epoch."""
        return self._wall().timestamp()

    def set(self, at: datetime) -> None:
        """Make it `at` now; it runs on from there."""
        self.offset = at - self._wall()
