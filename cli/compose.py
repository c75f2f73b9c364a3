"""The composition root: which platforms, which handlers, which jobs make the running product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App
from bot.clock import Clock
from bot.config import Settings
from bot.events import Event
from bot.outgoing import Reply
from bot.platform import Platform
from bot.posting import Poster
from bot.tokens import DatabaseTokens
from cli.base import Fault
from handlers.router import build_forms, build_handler
from intents.speech.installation import read_state
from intents.speech.workers import make_transcriber
from sales.lexicons import lexicon_for
from sales.rights import scope_of
from scheduler.jobs import all_jobs
from scheduler.model import Post
from scheduler.runner import Runner
from storage import settings as kept
from storage.db import Database
from storage.media import MediaStore
from storage.uow import UnitOfWork
from web import api, ops
from web.forms.links import FormLinks
from web.forms.seal import Sealer


async def build_app(settings: Settings, clock: Clock, database: Database, *, demo: bool) -> tuple[App, Runner]:
    """The product on an open database, not yet started, and its timed jobs. Raises `Fault`."""
    platforms = await make_platforms(settings, clock, database, demo=demo)
    limits = {platform.name: platform.limits for platform in platforms}
    speech = settings.speech
    transcriber = make_transcriber(
        speech.engine, speech.model, speech.threads, speech.workers, speech.max_seconds, settings.data_dir
    )
    handler = build_handler(settings, limits, await _links(settings, clock, database))
    app = App(settings, clock, database, platforms, handler, transcriber, _hints)
    runner = Runner(database, clock, all_jobs(settings), settings, _post_to(list(limits), app.wake_delivery))
    app.timers, app.follows_clock = runner, demo
    if demo:
        _lend_clock(app)
    return app, runner


async def routes_of(app: App) -> list[web.RouteDef]:
    """What is served besides the platforms' callbacks."""
    post = _post_to(list(app.platforms), app.wake_delivery)
    found = [*ops.routes(app.db, app.health), *api.routes(app.db, app.settings, app.clock, post)]
    if links := await _links(app.settings, app.clock, app.db):
        from web.forms.routes import Forms

        inputs_of = build_forms(app.settings)
        found += Forms(app.db, app.clock, app.intake, links, inputs_of, list(app.platforms)).routes()
    return found


async def _links(settings: Settings, clock: Clock, database: Database) -> FormLinks | None:
    """None without a public address for them to lead to."""
    if not settings.web.public_url:
        return None
    secret = settings.web.secret_key.get_secret_value()
    if not secret:
        async with database.write() as session:
            secret = await kept.signing_key(session)
    life = timedelta(minutes=settings.web.link_minutes)
    return FormLinks(Sealer(secret), clock, settings.web.public_url, life)


async def make_platforms(settings: Settings, clock: Clock, database: Database, *, demo: bool) -> list[Platform]:
    """The platforms that are switched on, the real ones first. Imported only then. Raises `Fault`."""
    async with database.write() as session:
        install = await kept.install_id(session)
    made: list[Platform] = []
    if settings.wecom.enabled:
        from bot.wecom.platform import WecomPlatform

        tokens, url = DatabaseTokens(database), settings.web.public_url
        made.append(WecomPlatform(settings.wecom, clock, tokens, install=install, public_url=url))
    if settings.local.enabled:
        from bot.local.platform import LocalPlatform

        if made and not settings.local.force:
            raise Fault("浏览器信使不能和正式平台同时开启（代理后面人人都像本机）；确要如此，设 local.force = true")
        media = MediaStore(settings.data_dir / "media")
        local = LocalPlatform(settings.local, settings.web, clock, database, media, demo)
        local.show_notice(lambda: _speech_notice(settings.data_dir))
        made.append(local)
    if not made:
        raise Fault("没有启用任何平台：在 config.toml 里打开一个（如 [wecom] enabled = true），或用 --demo 试用")
    return made


def _speech_notice(data_dir: Path) -> str:
    """How far the installation of speech is, while it runs."""
    found = read_state(data_dir)
    if found is None or found.state != "running":
        return ""
    return f"语音识别正在后台安装（{found.percent}%）。可以先打字；语音也能先发，装好就听。"


def entry_path(app: App) -> str | None:
    """The page to open first, where there is one."""
    from bot.local.platform import LocalPlatform

    return next((p.entry_path for p in app.platforms.values() if isinstance(p, LocalPlatform)), None)


def _lend_clock(app: App) -> None:
    from bot.local.platform import LocalPlatform

    for platform in app.platforms.values():
        if isinstance(platform, LocalPlatform):
            platform.controls = app


def _post_to(platforms: Sequence[str], wake: Callable[[], None]) -> Post:
    """Writes replies to the outbox in the caller's transaction and wakes the deliverer after its commit."""

    async def post(session: AsyncSession, replies: Sequence[Reply], now: datetime) -> None:
        await Poster(session, platforms, now).post(replies)
        event.listen(session.sync_session, "after_commit", lambda _session: wake(), once=True)

    return post


async def _hints(session: AsyncSession, heard: Event) -> Sequence[str]:
    """The sender's own customers and their contacts: the names that a note most likely speaks of."""
    uow = UnitOfWork(session)
    user = await uow.users.by_identity(heard.chat.platform, heard.sender.id)
    if user is None:
        return []
    lexicon = await lexicon_for(uow, user, scope_of(user, await uow.users.managed_teams(user.id)))
    return [customer.name for customer in lexicon.customers if customer.mine] + sorted(lexicon.contacts)
