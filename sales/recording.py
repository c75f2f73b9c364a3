"""Putting a record in force, changing it and taking it back, in one transaction with all it causes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from intents import model
from intents.model import AmountKind, Intent, Owner, Record
from sales import followup, records
from sales.colleagues import find_colleague, within_reach
from sales.followup import FollowupRules
from sales.ledger import Ledger, revert
from storage.crm import Alert, Commitment, Customer, Interaction, Lead, Note, Todo
from storage.people import User
from storage.repositories import commitments, todos
from storage.repositories.notes import UNDONE
from storage.uow import UnitOfWork

_CONTACTS = frozenset({Intent.NOTE, Intent.WON, Intent.LOST})
_CLOSING = {Intent.WON: "won", Intent.LOST: "lost"}
_SUMMARY = 500


@dataclass(slots=True)
class Effects:
    """To-dos that colleagues were given, and alerts that were closed since the work is done."""

    given: list[Todo] = field(default_factory=list)
    settled: list[Alert] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorder:
    """`user` is the author of the notes."""

    uow: UnitOfWork
    user: User
    rules: FollowupRules
    now: datetime

    async def put(self, note: Note, record: Record, customer: Customer | None) -> Effects:
        """Make `record` what the note means, instead of what it meant before."""
        note.record = records.to_json(record)
        note.customer_id = customer.id if customer else None
        effects = Effects()
        await self._sync_todos(note, record, effects)
        kept = await self._taken_back(note, customer)
        ledger = Ledger()
        if customer is not None:
            await self._on_customer(note, record, customer, ledger, effects)
        await self.uow.session.flush()
        note.before = [*kept, *ledger.entries()]
        return effects

    async def undo(self, note: Note) -> list[Alert]:
        """Take the note and all it caused back. Returns the alerts that this closed."""
        settled: list[Alert] = []
        made_customer = any(entry["table"] == "customers" for entry in note.before)
        for todo in await self.uow.todos.of_note(note.id):
            todo.state, todo.remind_at = todos.CANCELLED, None
            todo.customer_id = None if made_customer else todo.customer_id
        for promise in await self.uow.commitments.of_note(note.id):
            settled += await self._cancelled(promise)
            promise.customer_id = None if made_customer else promise.customer_id
        note.customer_id = None if made_customer else note.customer_id
        note.state = UNDONE
        await self._taken_back(note, None)
        note.before = []
        return settled

    async def _taken_back(self, note: Note, customer: Customer | None) -> list[dict[str, object]]:
        """Revert what the note changed; the entry of a customer that stays its customer is kept."""
        await self.uow.customers.forget_note(note.id)
        stays = ("customers", customer.id if customer else 0)
        kept = [entry for entry in note.before if (entry["table"], entry["id"]) == stays]
        await revert(self.uow.session, [entry for entry in note.before if entry not in kept])
        return kept

    # --- to-dos and promises -------------------------------------------------------------------------------------

    async def _sync_todos(self, note: Note, record: Record, effects: Effects) -> None:
        for have, wanted in zip_longest(await self.uow.todos.of_note(note.id), record.todos):
            if wanted is None:
                have.state, have.remind_at = todos.CANCELLED, None
                effects.settled += await self._sync_promise(have, None)
                continue
            todo = have or await self.uow.todos.add(self._new_todo(note, wanted))
            before = have.assignee_id if have else self.user.id
            await self._amend(todo, wanted, note.customer_id)
            if todo.assignee_id != before and todo.assignee_id != self.user.id:
                effects.given.append(todo)
            await self.uow.session.flush()
            effects.settled += await self._sync_promise(todo, wanted)

    def _new_todo(self, note: Note, wanted: model.Todo) -> Todo:
        return Todo(
            title=wanted.title, assignee_id=self.user.id, note_id=note.id, created_at=self.now, state=todos.OPEN
        )

    async def _amend(self, todo: Todo, wanted: model.Todo, customer_id: int | None) -> None:
        moved = todo.due_at != wanted.due
        todo.title, todo.owner, todo.customer_id = wanted.title, wanted.owner.value, customer_id
        colleague = await self._colleague(wanted)
        if colleague is not None:
            todo.assignee_id = colleague.id
        if todo.state == todos.CANCELLED:
            todo.state, moved = todos.OPEN, True
        if todo.state == todos.OPEN and moved:
            todo.due_at, todo.remind_at = wanted.due, remind_at(wanted, self.now)

    async def _colleague(self, wanted: model.Todo) -> User | None:
        """Who of those that may be given work is to do it, if the note names somebody."""
        if wanted.assignee is None or wanted.owner is not Owner.US:
            return None
        return find_colleague(wanted.assignee, within_reach(self.user, await self.uow.users.active()))

    async def _sync_promise(self, todo: Todo, wanted: model.Todo | None) -> list[Alert]:
        """A promise to the customer with a time is a commitment, kept by doing its to-do.

        Returns the alerts that have become pointless.
        """
        promise = await self.uow.commitments.of_todo(todo.id)
        promised = wanted is not None and wanted.is_promise and wanted.owner is Owner.US
        if not promised or todo.due_at is None:
            return await self._cancelled(promise) if promise and promise.state == commitments.OPEN else []
        if promise is None:
            await self.uow.commitments.add(
                user_id=todo.assignee_id, title=todo.title, due_at=todo.due_at, now=self.now,
                customer_id=todo.customer_id, note_id=todo.note_id, todo_id=todo.id,
            )  # fmt: skip
            return []
        promise.title, promise.user_id, promise.customer_id = todo.title, todo.assignee_id, todo.customer_id
        return await self._moved(promise, todo.due_at) if todo.state == todos.OPEN else []

    async def _moved(self, promise: Commitment, due_at: datetime) -> list[Alert]:
        if promise.due_at == due_at and promise.state == commitments.OPEN:
            return []
        promise.due_at, promise.warned_at, promise.alerted_at = due_at, None, None
        promise.state, promise.closed_at = commitments.OPEN, None
        return await self._settled(promise, "期限已改")

    async def _cancelled(self, promise: Commitment) -> list[Alert]:
        promise.state, promise.closed_at = commitments.CANCELLED, self.now
        return await self._settled(promise, "记录已改，不再是承诺")

    async def _settled(self, promise: Commitment, outcome: str) -> list[Alert]:
        await self.uow.session.flush()
        alerts = await self.uow.alerts.open_about(commitment_id=promise.id)
        return [alert for alert in alerts if await self.uow.alerts.close(alert.id, self.user.id, outcome, self.now)]

    # --- the customer --------------------------------------------------------------------------------------------

    async def _on_customer(
        self, note: Note, record: Record, customer: Customer, ledger: Ledger, effects: Effects
    ) -> None:
        ledger.made(*await self.uow.customers.add_contacts(customer.id, record.contacts))
        if record.intent in _CONTACTS:
            self.uow.customers.touch(
                Interaction(
                    customer_id=customer.id, user_id=self.user.id, note_id=note.id, at=note.created_at,
                    kind="voice" if note.media_sha256 else "note", summary=note.text[:_SUMMARY],
                    media_sha256=note.media_sha256,
                )
            )  # fmt: skip
        lead = await self._lead(record, customer, ledger, effects)
        await self._opportunity(record, customer, lead, ledger)

    async def _lead(self, record: Record, customer: Customer, ledger: Ledger, effects: Effects) -> Lead:
        """The customer's lead, touched and moved forward; a customer without one gets one."""
        lead = await self.uow.leads.latest(customer.id)
        is_new = lead is None or (lead.state != "open" and record.stage is not None)
        if lead is None or is_new:
            first = (record.stage or model.Stage.FIRST_CONTACT).value
            lead = await self.uow.leads.open(customer, customer.owner_id or self.user.id, first, "note", self.now)
            ledger.made(lead)
        elif lead.state != "open" or record.intent not in _CONTACTS:
            return lead
        if not is_new:
            step = await self.uow.steps.open_of(lead.id)
            ledger.watch(lead, *([step] if step else []))
        touch = await followup.touched(self.uow, lead, _forward(lead, record), self.now, self.rules)
        ledger.made(touch.step)
        settled = touch.settled
        if record.intent in _CLOSING:
            lead.state = _CLOSING[record.intent]
            await self.uow.session.flush()
            settled = [*settled, *await followup.ended(self.uow, lead, self.now)]
        effects.settled += settled
        return lead

    async def _opportunity(self, record: Record, customer: Customer, lead: Lead, ledger: Ledger) -> None:
        """Only the amount of a deal becomes its value; a budget or a payment does not."""
        deal = record.amount if record.amount_kind is AmountKind.DEAL and record.intent is not Intent.LOST else None
        found = await self.uow.leads.opportunity(customer.id)
        if found is not None:
            ledger.watch(found)
        elif deal is not None:
            found = await self.uow.leads.add_opportunity(
                customer, customer.owner_id or self.user.id, f"{customer.name}商机", lead.stage, self.now
            )
            ledger.made(found)
        else:
            return
        found.stage = lead.stage
        found.amount = deal if deal is not None else found.amount
        found.close_on = record.expected_close or found.close_on
        found.state = _CLOSING.get(record.intent, found.state)


def remind_at(wanted: model.Todo, now: datetime) -> datetime | None:
    """When to ring: as understood, else when it is due; not at a time that is over already."""
    first = wanted.remind_at or wanted.due
    return wanted.due if first is not None and first <= now else first


def _forward(lead: Lead, record: Record) -> str | None:
    """The touchpoint that a note shows, unless the lead is further already."""
    order = followup.TOUCHPOINTS
    if record.stage is None or (lead.stage in order and order.index(record.stage) < order.index(lead.stage)):
        return None
    return record.stage.value
