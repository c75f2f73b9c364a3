"""Start and stop of the whole process, and the demo clock that steps through what falls due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web

from bot.clock import Clock
from bot.config import Settings
from bot.delivery import Deliverer
from bot.dispatch import Dispatcher
from bot.intake import InboxIntake
from bot.loop import Loop
from bot.outgoing import Handler
from bot.platform import Platform
from bot.prepare import Hints, Preparer
from intents.speech.model import Transcriber
from storage import inbox, outbox
from storage import settings as kept
from storage.db import Database
from storage.media import MediaStore

log = logging.getLogger(__name__)

IDLE_POLL_S, CLOCK_POLL_S = 0.01, 1.0


class Timers(Protocol):
    """The timed jobs, as `scheduler.runner` does them."""

    healthy: bool

    async def run(self) -> None:
        """Until `stop`: fire what falls due."""

    def stop(self) -> None:
        """End after the run at hand."""

    async def run_due(self, at: datetime) -> int:
        """Fire all that is due at `at`; how many firings."""

    async def next_at(self, after: datetime) -> datetime | None:
        """The next instant after `after` at which something falls due."""


class App:
    """The spine with its platforms.

    `timers` and `follows_clock` (another process may move the demo's clock) are set before `start`.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        db: Database,
        platforms: Sequence[Platform],
        handler: Handler,
        transcriber: Transcriber,
        hints: Hints,
    ) -> None:
        self.settings, self.clock, self.db = settings, clock, db
        self.platforms: Mapping[str, Platform] = {platform.name: platform for platform in platforms}
        self._transcriber = transcriber
        rules, limits = settings.dispatch, {platform.name: platform.limits for platform in platforms}
        self._preparer = Preparer(
            db, clock, self.platforms, MediaStore(settings.data_dir / "media"), transcriber, hints, rules,
            settings.web.max_upload_mb * 2**20,
        )  # fmt: skip
        self._deliverer = Deliverer(db, clock, self.platforms, rules)
        delivery = Loop("delivery", self._deliverer.run_once, db, rules.poll_s)
        dispatcher = Dispatcher(db, clock, handler, limits, rules, delivery.wake)
        dispatch = Loop("dispatch", dispatcher.run_once, db, rules.poll_s)
        prepare = Loop("prepare", self._preparer.run_once, db, rules.poll_s)
        self._deliverer.wake = delivery.wake
        self._preparer.wake, self._preparer.wake_dispatch = prepare.wake, dispatch.wake
        self._preparer.wake_delivery = delivery.wake
        self._dispatch, self._prepare, self._delivery = dispatch, prepare, delivery
        self._loops: list[Loop] = []
        self.intake = InboxIntake(db, clock, self.wake)
        self.timers: Timers | None = None
        self.follows_clock = False
        self._tasks: list[asyncio.Task[None]] = []
        self._server: web.AppRunner | None = None
        self._sites: list[web.TCPSite] = []
        self._stepping = asyncio.Lock()
        self._over = asyncio.Event()
        self.failed = False

    def wake(self) -> None:
        """There is something new in the inbox."""
        self._dispatch.wake()
        self._prepare.wake()

    def wake_delivery(self) -> None:
        """There is something new in the outbox."""
        self._delivery.wake()

    # --- start and stop ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Run the workers and open the platforms; callbacks are served by `listen`."""
        await self._read_clock()
        self.intake.start()
        await self._begin(self._dispatch, self._prepare, self._delivery)
        if self.timers is not None:
            self._tasks.append(self._watched(self.timers.run(), "timers"))
        if self.follows_clock:
            self._run(Loop("clock", self._read_clock, self.db, CLOCK_POLL_S))

    async def start_delivery(self) -> None:
        """Only bring out what is in the outbox: for a command that runs beside the product, or without it."""
        await self._read_clock()
        self.intake.start()
        await self._begin(self._delivery)

    async def _begin(self, *loops: Loop) -> None:
        for platform in self.platforms.values():
            await platform.start(self.intake)
        for loop in loops:
            self._run(loop)

    def _run(self, loop: Loop) -> None:
        self._loops.append(loop)
        self._tasks.append(self._watched(loop.run(), loop.name))

    async def listen(self, routes: Sequence[web.RouteDef], host: str, port: int) -> int:
        """Serve `routes` and the platforms' callbacks. Returns the port. Raises `OSError` when it is taken."""
        application = web.Application(client_max_size=(self.settings.web.max_upload_mb + 1) * 2**20)
        application.add_routes(routes)
        for platform in self.platforms.values():
            application.add_routes(platform.routes())
        self._server = web.AppRunner(application, access_log=None, shutdown_timeout=2)
        await self._server.setup()
        site = web.TCPSite(self._server, host, port)
        await site.start()
        self._sites.append(site)
        return int(self._server.addresses[0][1])

    async def wait(self) -> None:
        """Until `shutdown` is called or a worker fails."""
        await self._over.wait()

    def shutdown(self) -> None:
        self._over.set()

    async def stop(self) -> None:
        """Accept nothing more, finish what is runnable (at most `drain_s` seconds), then end."""
        try:
            async with asyncio.timeout(self.settings.dispatch.drain_s):
                await self._finish()
        except TimeoutError:
            log.warning("stopped with work under way; its leases end by themselves")
        except self.db.trouble as error:
            log.warning("database trouble while stopping: %s", type(error).__name__)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for platform in self.platforms.values():
            await platform.stop()
        await self._transcriber.close()

    async def _finish(self) -> None:
        for site in self._sites:
            await site.stop()
        for platform in self.platforms.values():
            await platform.stop_receiving()
        if self._server is not None:
            await self._server.cleanup()
        await self.intake.stop()
        if self.timers is not None:
            self.timers.stop()
        if not self.failed:
            await self.idle(self.settings.dispatch.drain_s)
        for loop in self._loops:
            loop.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self._preparer.drain(), self._deliverer.drain())

    def _watched(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("%s failed, stopping", task.get_name(), exc_info=error)
            self.failed = True
            self._over.set()

    def health(self) -> Mapping[str, bool]:
        """Each worker: is it at work and was its last round fine?"""
        states = {loop.name: loop.healthy for loop in self._loops}
        return states | ({"timers": self.timers.healthy} if self.timers else {})

    async def _read_clock(self) -> bool:
        """Take over the offset that this process or another one has kept."""
        async with self.db.read() as session:
            offset = await kept.clock_offset(session)
        if not self._stepping.locked():
            self.clock.offset = offset
        return False

    # --- the demo clock ------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock.now()

    async def idle(self, timeout_s: float) -> bool:
        """Wait until nothing is runnable at the present business time; False when that takes longer."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < deadline:
            if await self._is_idle():
                return True
            await asyncio.sleep(IDLE_POLL_S)
        return await self._is_idle()

    async def _is_idle(self) -> bool:
        now = self.clock.now()
        try:
            async with self.db.read() as session:
                return await inbox.is_idle(session, now) and await outbox.is_idle(session, now)
        except self.db.trouble:
            return False

    async def advance(self, to: datetime, patience_s: float = 60) -> None:
        """Move business time to `to`, stopping at every instant at which something falls due, in order."""
        async with self._stepping:
            await self.idle(patience_s)
            while (due := await self._next_due(self.clock.now())) is not None and due < to:
                await self._step(due, patience_s)
            await self._step(to, patience_s)

    async def _step(self, at: datetime, patience_s: float) -> None:
        self.clock.set(at)
        async with self.db.write() as session:
            await kept.set_clock_offset(session, self.clock.offset)
        if self.timers is not None:
            await self.timers.run_due(self.clock.now())
        self.wake()
        self.wake_delivery()
        await self.idle(patience_s)

    async def _next_due(self, after: datetime) -> datetime | None:
        async with self.db.read() as session:
            times = [await inbox.next_due(session, after), await outbox.next_due(session, after)]
        if self.timers is not None:
            times.append(await self.timers.next_at(after))
        return min((time for time in times if time is not None), default=None)
