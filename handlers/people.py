"""Somebody the bot does not know: how to be added, or a one-time code that adds them."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.config import PeopleSettings, Settings
from bot.events import ChatKind, Click, Event, TextMessage
from bot.outgoing import Reply, SendText, Toast
from sales.people import Who, read_code, redeem
from storage.people import Role, User
from storage.spine import Conversation
from storage.uow import UnitOfWork

_WINDOW = timedelta(hours=1)
_WRONG = "wrong_codes"
CUSTOMER = "您好，我是销售同事的内部助手，有任何需要请直接联系您的销售顾问。"
WRONG_CODE = "这个绑定码不对、已用过或已过期，请核对后再发，或请管理员重新生成一个。"
TOO_MANY = "绑定码试错次数太多，请一小时后再试，或请管理员重新生成一个。"


async def on_stranger(event: Event, uow: UnitOfWork, now: datetime, settings: Settings) -> list[Reply]:
    """One sentence on how to be added; nothing else, unless the text is a one-time code."""
    if event.chat.kind is not ChatKind.DIRECT:
        return [Toast(_unknown(event))] if isinstance(event, Click) else []
    if event.sender.external:
        return [SendText(event.chat, CUSTOMER)]
    code = read_code(event.text) if isinstance(event, TextMessage) else None
    if code is None:
        return [Toast(_unknown(event)) if isinstance(event, Click) else SendText(event.chat, _unknown(event))]
    return [SendText(event.chat, await _on_code(code, event, uow, now, settings.people))]


def _unknown(event: Event) -> str:
    return (
        f"您好，您还不在跟单助手的名单里：请把您的账号 {event.sender.id} 发给主管或管理员添加，"
        "加好后直接发消息给我即可。"
    )


async def _on_code(code: str, event: Event, uow: UnitOfWork, now: datetime, settings: PeopleSettings) -> str:
    conversation = await uow.conversation(event.chat.key)
    wrong = _recent_wrong(conversation, now)
    if len(wrong) >= settings.wrong_codes:
        return TOO_MANY
    user = await redeem(uow, code, Who(event.chat.platform, event.sender.id, event.sender.name), now)
    kept = [] if user else [*wrong, now.isoformat()]
    conversation.context = {**conversation.context, _WRONG: kept}
    return _welcome(user) if user else WRONG_CODE


def _recent_wrong(conversation: Conversation, now: datetime) -> list[str]:
    """When this sender gave a wrong code within the last hour (ISO times)."""
    since = now - _WINDOW
    return [at for at in conversation.context.get(_WRONG, []) if datetime.fromisoformat(at) > since]


def _welcome(user: User) -> str:
    if user.role == Role.ADMIN:
        return f"绑定成功，{user.name}，您现在是管理员。发「帮助」看看能做什么；同事名单可用 import users 批量导入。"
    return f"绑定成功，{user.name}，欢迎！发「帮助」看看我能做什么，或直接说一句今天的跟进试试。"
