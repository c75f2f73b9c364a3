"""The demo's clock: what the local messenger may ask of the running product, and how an instant is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.local.wire import Refused

MAX_JUMP = timedelta(days=400)
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,3})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?",
    re.ASCII,
)


class Controls(Protocol):
    """What the composition root lends to a demo."""

    async def advance(self, to: datetime) -> None:
        """Step business time through every due instant up to `to`, draining between; returns when idle."""

    async def idle(self, timeout_s: float) -> bool:
        """Wait until nothing is runnable at the present business time; False when that took too long."""

    def now(self) -> datetime:
        """Business time, in the installation's zone."""


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds (`PT2H`, `P1DT2H`). Raises `ValueError`."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"not an ISO 8601 duration: {text[:40]!r}")
    return timedelta(**{unit: int(count) for unit, count in found.groupdict().items() if count})


def parse_target(body: Mapping[str, object], now: datetime) -> datetime:
    """Where `{"advance": "PT2H"}` or `{"set": ISO}` leads. An instant without offset is in the zone of `now`."""
    target = _target(body, now)
    if target < now:
        raise Refused(400, "时钟只能往前走，不能倒退。")
    if target - now > MAX_JUMP:
        raise Refused(400, f"一次最多往前走 {MAX_JUMP.days} 天。")
    return target


def _target(body: Mapping[str, object], now: datetime) -> datetime:
    advance, at = body.get("advance"), body.get("set")
    try:
        if isinstance(advance, str) and at is None:
            return now + parse_duration(advance)
        if isinstance(at, str) and advance is None:
            given = datetime.fromisoformat(at)
            return given.replace(tzinfo=now.tzinfo) if given.tzinfo is None else given.astimezone(now.tzinfo)
    except (ValueError, OverflowError) as error:
        raise Refused(400, "时间看不懂：时长写成 PT2H、P1D，时刻写成 2026-03-05T09:00。") from error
    raise Refused(400, "请给出 advance（时长，如 PT2H）或 set（时刻），二选一。")
