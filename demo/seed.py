"""Fills an empty database with the demo. All times are relative to the start, so it is lively at any hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from demo.accounts import ACCOUNTS, PROMISE, TASKS, Account, Task
from demo.cast import (
    ACTORS,
    CHATTER,
    GROUP_CUSTOMER,
    GROUP_GUESTS,
    GROUP_ID,
    GROUP_REPS,
    GROUP_TITLE,
    RESPONSES,
)
from storage.crm import (
    Commitment,
    Contact,
    Customer,
    GroupMessage,
    Interaction,
    Lead,
    Opportunity,
    Order,
    Payment,
    Response,
    Step,
    Todo,
)
from storage.people import GroupChat, GroupMember, Identity, Team, User
from storage.uow import UnitOfWork

PLATFORM = "local"
_EVENING = time(18)


async def seed(uow: UnitOfWork, now: datetime) -> None:
    """The demo's people and their work; nothing when somebody is on file already. `now` is local time."""
    if not await uow.users.any_at_all():
        await _Stage(uow, now.replace(second=0, microsecond=0)).set()


@dataclass(slots=True)
class _Stage:
    uow: UnitOfWork
    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)

    async def set(self) -> None:
        await self._people()
        for account in ACCOUNTS:
            await self._account(account)
        await self._group()
        for task in TASKS:
            self._add(self._todo(task, self.now + timedelta(hours=task.hours)))
        await self._promise()
        await self._paid()
        await self.uow.session.flush()

    def _add(self, *rows: object) -> None:
        self.uow.session.add_all(rows)

    def _ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    async def _people(self) -> None:
        teams: Mapping[str, Team] = {name: Team(name=name) for name in dict.fromkeys(a.team for a in ACTORS) if name}
        self._add(*teams.values())
        await self.uow.session.flush()
        for actor in ACTORS:
            user = User(name=actor.name, role=actor.role, preferred=PLATFORM, created_at=self._ago(2000))
            user.team_id = teams[actor.team].id if actor.team else None
            self.people[actor.id] = await self.uow.users.add(user)
            self._add(Identity(platform=PLATFORM, external_id=actor.id, user_id=user.id))
            if actor.manages:
                teams[actor.manages].manager_id = user.id

    async def _account(self, account: Account) -> None:
        owner, began = self.people[account.owner], self._ago(24 * 21)
        customer = Customer(
            name=account.name, aliases=list(account.aliases), owner_id=owner.id, team_id=owner.team_id,
            created_at=began,
        )  # fmt: skip
        self._add(customer)
        await self.uow.session.flush()
        self.customers[account.name] = customer
        self._add(*(Contact(customer_id=customer.id, name=name, phone=phone) for name, phone in account.contacts))
        for kind, hours, summary in account.past:
            self._add(
                Interaction(customer_id=customer.id, user_id=owner.id, kind=kind, summary=summary, at=self._ago(hours))
            )
        await self._pipeline(account, customer, began)

    async def _pipeline(self, account: Account, customer: Customer, began: datetime) -> None:
        touched = self._ago(account.past[0][1]) if account.past else began
        lead = Lead(
            customer_id=customer.id, owner_id=customer.owner_id, team_id=customer.team_id, stage=account.stage,
            state=account.state, source=account.source, created_at=began, touched_at=touched,
        )  # fmt: skip
        self._add(lead)
        await self.uow.session.flush()
        if account.state == "open":
            due_at = self.now + timedelta(hours=account.due)
            self._add(
                Step(
                    lead_id=lead.id, owner_id=lead.owner_id, touchpoint=account.stage, due_at=due_at, created_at=touched
                )
            )
        if account.deal is not None:
            self._add(
                Opportunity(
                    customer_id=customer.id, owner_id=customer.owner_id, title=account.deal.title,
                    amount=Decimal(account.deal.yuan), stage=account.stage, state=account.state,
                    close_on=self.now.date() + timedelta(days=account.deal.days), created_at=began,
                )
            )  # fmt: skip

    async def _group(self) -> None:
        customer = self.customers[GROUP_CUSTOMER]
        group = GroupChat(
            platform=PLATFORM, chat_id=GROUP_ID, title=GROUP_TITLE, customer_id=customer.id, team_id=customer.team_id
        )
        self._add(group)
        await self.uow.session.flush()
        names = dict(GROUP_GUESTS) | {rep: self.people[rep].name for rep in GROUP_REPS}
        for member, name in names.items():
            self._add(GroupMember(group_id=group.id, external_id=member, name=name, user_id=self._id_of(member)))
        for member, hours, words in CHATTER:
            user_id, at = self._id_of(member), self._ago(hours)
            line = GroupMessage(group_id=group.id, sender=names[member], user_id=user_id, text=words, at=at)
            line.answered = user_id is not None
            self._add(line)
            await self.uow.session.flush()
        for rep, waits in RESPONSES.items():
            for number, seconds in enumerate(waits):
                at = self._ago(30 + 24 * number)
                self._add(Response(user_id=self.people[rep].id, group_id=group.id, seconds=seconds, at=at))

    def _id_of(self, member: str) -> int | None:
        return self.people[member].id if member in self.people else None

    def _todo(self, task: Task, due_at: datetime) -> Todo:
        return Todo(
            title=task.title, owner=task.owner, assignee_id=self.people[task.who].id,
            customer_id=self.customers[task.customer].id, due_at=due_at, remind_at=due_at, created_at=self._ago(5),
        )  # fmt: skip

    async def _promise(self) -> None:
        due_at = _today(self.now)
        todo = await self.uow.todos.add(self._todo(PROMISE, due_at))
        self._add(
            Commitment(
                customer_id=todo.customer_id, user_id=todo.assignee_id, todo_id=todo.id, title=PROMISE.title,
                due_at=due_at, created_at=self._ago(5),
            )
        )  # fmt: skip

    async def _paid(self) -> None:
        """The won deal was ordered, and a part of it is paid."""
        won = next(account for account in ACCOUNTS if account.state == "won" and account.deal)
        amount = Decimal(won.deal.yuan if won.deal else 0)
        order = Order(
            number="GD-2026-001", customer_id=self.customers[won.name].id, amount=amount,
            signed_on=self._ago(150).date(),
        )  # fmt: skip
        self._add(order)
        await self.uow.session.flush()
        part = amount * 3 / 10
        self._add(Payment(number="HK-2026-001", order_id=order.id, amount=part, paid_on=self._ago(144).date()))


def _today(now: datetime) -> datetime:
    """This evening; late in the day two hours from now, but today."""
    evening = datetime.combine(now.date(), _EVENING, now.tzinfo)
    last = datetime.combine(now.date(), time(23, 59), now.tzinfo)
    return evening if now < evening - timedelta(hours=1) else min(now + timedelta(hours=2), last)
