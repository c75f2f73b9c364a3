"""Customer groups: who is in them, what is said, how fast it is answered, and the hot leads that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import spelled
from storage.crm import RULES_BETWEEN, GroupMessage, HotLead, Response
from storage.inbox import insert_ignore
from storage.people import GroupChat, GroupMember, Role, User

OPEN, TAKEN, ESCALATED = "open", "taken", "escalated"
_OPEN = HotLead.state == spelled(OPEN)


class Groups:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, group_id: int) -> GroupChat | None:
        return await self._session.get(GroupChat, group_id)

    async def of_chat(self, platform: str, chat_id: str) -> GroupChat:
        """The group of this chat, registered if nobody knew it."""
        wanted = select(GroupChat).where(GroupChat.platform == platform, GroupChat.chat_id == chat_id)
        known = await self._session.scalar(wanted)
        if known is not None:
            return known
        await self._session.execute(insert_ignore(self._session, GroupChat).values(platform=platform, chat_id=chat_id))
        return (await self._session.scalars(wanted)).one()

    async def seen(self, group_id: int, external_id: str, name: str | None, user_id: int | None) -> GroupMember:
        """Somebody spoke in the group: a member from now on, by the name they carry."""
        wanted = select(GroupMember).where(GroupMember.group_id == group_id, GroupMember.external_id == external_id)
        known = await self._session.scalar(wanted)
        if known is None:
            known = GroupMember(group_id=group_id, external_id=external_id, name=name or external_id)
            self._session.add(known)
        known.name, known.user_id = name or known.name, user_id
        await self._session.flush()
        return known

    async def rep_members(self, group_id: int) -> Sequence[int]:
        """Ids of the active reps that are in the group."""
        wanted = (
            select(User.id)
            .join(GroupMember, GroupMember.user_id == User.id)
            .where(GroupMember.group_id == group_id, User.active, User.role == Role.REP)
        )
        return (await self._session.scalars(wanted.order_by(User.id))).all()

    # --- messages and response times -----------------------------------------------------------------------------

    async def add_message(self, message: GroupMessage) -> GroupMessage:
        self._session.add(message)
        await self._session.flush()
        return message

    async def first_unanswered(self, group_id: int) -> GroupMessage | None:
        """The customer's first message since an employee last spoke."""
        answered = select(func.max(GroupMessage.id)).where(GroupMessage.group_id == group_id, GroupMessage.answered)
        last = await self._session.scalar(answered) or 0
        since = select(GroupMessage).where(GroupMessage.group_id == group_id, GroupMessage.id > last)
        return await self._session.scalar(
            since.where(GroupMessage.user_id.is_(None)).order_by(GroupMessage.id).limit(1)
        )

    async def before(self, group_id: int, message_at: datetime, limit: int) -> Sequence[GroupMessage]:
        """The last lines of the group up to `message_at`, oldest first."""
        wanted = select(GroupMessage).where(GroupMessage.group_id == group_id, GroupMessage.at <= message_at)
        rows = (await self._session.scalars(wanted.order_by(GroupMessage.id.desc()).limit(limit))).all()
        return rows[::-1]

    def add_response(self, user_id: int, group_id: int, seconds: float, at: datetime) -> None:
        self._session.add(Response(user_id=user_id, group_id=group_id, seconds=seconds, at=at))

    async def responded_since(self, group_id: int, since: datetime) -> bool:
        """Whether a response in this group was counted at `since` or later."""
        wanted = select(Response.id).where(Response.group_id == group_id, Response.at >= since).limit(1)
        return await self._session.scalar(wanted) is not None

    async def last_responses(self, user_ids: Sequence[int], count: int) -> dict[int, list[float]]:
        """Seconds of each person's last `count` responses, the newest first; people without any are left out."""
        if not user_ids:
            return {}
        each = [
            select(Response.user_id, Response.seconds, Response.at, Response.id)
            .where(Response.user_id == user_id)
            .order_by(Response.at.desc(), Response.id.desc())
            .limit(count)
            .subquery()
            for user_id in user_ids
        ]
        rows = union_all(*(select(part.c.user_id, part.c.seconds, part.c.at, part.c.id) for part in each)).subquery()
        newest_first = select(rows.c.user_id, rows.c.seconds).order_by(rows.c.at.desc(), rows.c.id.desc())
        found: dict[int, list[float]] = {}
        for user_id, seconds in await self._session.execute(newest_first):
            found.setdefault(user_id, []).append(seconds)
        return found

    # --- hot leads -----------------------------------------------------------------------------------------------

    async def hot_lead(self, hot_lead_id: int) -> HotLead | None:
        return await self._session.get(HotLead, hot_lead_id, populate_existing=True)

    async def locked_hot_lead(self, hot_lead_id: int) -> HotLead | None:
        """The hot lead, held by this transaction: nobody else takes it or passes it on meanwhile."""
        wanted = select(HotLead).where(HotLead.id == hot_lead_id).with_for_update()
        return await self._session.scalar(wanted.execution_options(populate_existing=True))

    async def recent_rules(self, group_id: int, since: datetime) -> set[str]:
        """The rules that made a hot lead of this group after `since`."""
        wanted = select(HotLead.rule).where(HotLead.group_id == group_id, HotLead.created_at > since)
        return {rule for rules in await self._session.scalars(wanted) for rule in rules.split(RULES_BETWEEN)}

    async def add_hot_lead(self, hot: HotLead) -> HotLead:
        self._session.add(hot)
        await self._session.flush()
        return hot

    async def take_hot_lead(self, hot_lead_id: int, user_id: int, now: datetime) -> bool:
        """Give it to `user_id`; False when somebody was first."""
        changed = (
            update(HotLead)
            .where(HotLead.id == hot_lead_id, HotLead.state.in_((OPEN, ESCALATED)))
            .values(state=TAKEN, taken_by=user_id, taken_at=now, offer_until=None)
        )
        return await self._session.scalar(changed.returning(HotLead.id)) is not None

    async def take_run_out(self, at: datetime, limit: int) -> Sequence[HotLead]:
        """Open hot leads whose offer has run out, held by this transaction."""
        wanted = (
            select(HotLead)
            .where(_OPEN, HotLead.offer_until <= at)
            .order_by(HotLead.offer_until, HotLead.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.scalars(wanted.execution_options(populate_existing=True))).all()

    async def next_run_out(self, after: datetime) -> datetime | None:
        """The first time after `after` at which an offer runs out."""
        return await self._session.scalar(
            select(func.min(HotLead.offer_until)).where(_OPEN, HotLead.offer_until > after)
        )
