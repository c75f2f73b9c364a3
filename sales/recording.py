"""Putting a record in force, changing it and taking it back, in one transaction with all it causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from intents import model
from intents.model import AmountKind, Intent, Owner, Record
from sales import followup, records
from sales.colleagues import find_colleague, within_reach
from sales.followup import FollowupRules
from sales.ledger import Entry, Ledger, Reverting
from storage.crm import Alert, Commitment, Customer, Interaction, Lead, Note, Opportunity, Todo
from storage.people import User
from storage.repositories import commitments, todos
from storage.repositories.notes import UNDONE
from storage.uow import UnitOfWork

_CONTACTS = frozenset({Intent.NOTE, Intent.WON, Intent.LOST})
_CLOSING = {Intent.WON: "won", Intent.LOST: "lost"}
_SUMMARY = 500
_OF_TOUCH = frozenset({"leads", "steps", "alerts", "todos", "commitments"})


@dataclass(slots=True)
class Effects:
    """What others see of a note that was put in force, changed or taken back.

    `given`: to-dos that colleagues were given. `settled`: alerts that were closed, since the work is done, or opened
    again, since it is not. `dropped`: promises of other notes that a lost deal cancelled, or that are open again.
    `finished`: to-dos that stay, since they were done.
    """

    given: list[Todo] = field(default_factory=list)
    settled: list[Alert] = field(default_factory=list)
    dropped: list[Commitment] = field(default_factory=list)
    finished: list[Todo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorder:
    """`user` is the author of the notes."""

    uow: UnitOfWork
    user: User
    rules: FollowupRules
    now: datetime

    async def put(self, note: Note, record: Record, customer: Customer | None) -> Effects:
        """Make `record` what the note means, instead of what it meant before."""
        former = records.from_json(note.record) if note.record else None
        effects = Effects()
        kept = await self._taken_back(note, self._kept(note, former, record, customer), effects)
        note.record = records.to_json(record)
        note.customer_id = customer.id if customer else None
        await self._sync_todos(note, record, former, effects)
        later = await self._later(note) if former is not None else []
        ledger = Ledger(later)
        if customer is not None:
            await self._on_customer(note, record, customer, ledger, kept, effects)
            if former is not None:
                await self.uow.customers.move_files(note.id, customer.id)
        await self.uow.session.flush()
        note.before = [*kept, *ledger.entries()]
        return effects

    async def undo(self, note: Note) -> Effects:
        """Take the note and all it caused back, but for to-dos that were done and promises that were kept."""
        effects = Effects()
        made_customer = any(entry["table"] == "customers" for entry in note.before)
        later = await self._later(note)
        for todo in await self.uow.todos.of_note(note.id):
            if todo.state == todos.DONE:
                effects.finished.append(todo)
            else:
                todo.state, todo.remind_at = todos.CANCELLED, None
            todo.customer_id = None if made_customer else todo.customer_id
        for promise in await self.uow.commitments.of_note(note.id):
            effects.settled += await self._cancelled(promise)
            promise.customer_id = None if made_customer else promise.customer_id
        note.customer_id = None if made_customer else note.customer_id
        note.state = UNDONE
        await self._reverted(note, note.before, later, effects)
        note.before = []
        return effects

    def _kept(self, note: Note, former: Record | None, record: Record, customer: Customer | None) -> list[Entry]:
        """What the note caused and still causes: the customer that stays its customer, a touch that stays the same."""
        stays = ("customers", customer.id if customer else 0)
        kept = [entry for entry in note.before if (entry["table"], entry["id"]) == stays]
        if former is None or customer is None or customer.id != note.customer_id or _touch(former) != _touch(record):
            return kept
        return kept + [entry for entry in note.before if entry["table"] in _OF_TOUCH]

    async def _taken_back(self, note: Note, kept: list[Entry], effects: Effects) -> list[Entry]:
        """Revert what the note changed, but for `kept`."""
        gone = [entry for entry in note.before if entry not in kept]
        await self._reverted(note, gone, await self._later(note) if gone else [], effects)
        return kept

    async def _reverted(self, note: Note, entries: list[Entry], later: Sequence[Note], effects: Effects) -> None:
        await self.uow.customers.forget_note(note.id)
        reverting = Reverting(self.uow, self.user.id, self.now, later)
        await reverting.revert(entries)
        effects.settled += reverting.alerts
        promises = [entry["id"] for entry in entries if entry["table"] == "commitments"]
        effects.dropped += [found for key in promises if (found := await self.uow.commitments.get(key))]

    async def _later(self, note: Note) -> Sequence[Note]:
        """The notes in force that came after this one on its customer."""
        return await self.uow.notes.later(note.customer_id, note.id) if note.customer_id is not None else []

    # --- to-dos and promises -------------------------------------------------------------------------------------

    async def _sync_todos(self, note: Note, record: Record, former: Record | None, effects: Effects) -> None:
        made = await self.uow.todos.of_note(note.id)
        heard = former.todos if former is not None else ()
        known = {todo.id: was for was, todo in zip(heard, paired(heard, made), strict=True) if todo is not None}
        rows = paired(record.todos, made)
        for gone in (todo for todo in made if todo not in rows):
            effects.settled += await self._dropped(gone)
        for wanted, have in zip(record.todos, rows, strict=True):
            was = known.get(have.id) if have else None
            todo = have or await self.uow.todos.add(self._new_todo(note, wanted))
            before = have.assignee_id if have else self.user.id
            if have is None or was is None or (was.assignee, was.owner) != (wanted.assignee, wanted.owner):
                todo.assignee_id = await self._assignee(wanted)
            self._amend(todo, wanted, note.customer_id)
            if todo.assignee_id != before and todo.assignee_id != self.user.id:
                effects.given.append(todo)
            await self.uow.session.flush()
            effects.settled += await self._sync_promise(todo, wanted)

    def _new_todo(self, note: Note, wanted: model.Todo) -> Todo:
        return Todo(
            title=wanted.title, assignee_id=self.user.id, note_id=note.id, created_at=self.now, state=todos.OPEN
        )

    async def _dropped(self, todo: Todo) -> list[Alert]:
        """The note does not speak of it any more; what was done already stays."""
        if todo.state == todos.OPEN:
            todo.state, todo.remind_at = todos.CANCELLED, None
        return await self._sync_promise(todo, None)

    def _amend(self, todo: Todo, wanted: model.Todo, customer_id: int | None) -> None:
        moved = todo.due_at != wanted.due
        todo.title, todo.owner, todo.customer_id = wanted.title, wanted.owner.value, customer_id
        if todo.state == todos.CANCELLED:
            todo.state, moved = todos.OPEN, True
        if todo.state == todos.OPEN and moved:
            todo.due_at, todo.remind_at = wanted.due, remind_at(wanted, self.now)

    async def _assignee(self, wanted: model.Todo) -> int:
        """Who is to do it: of those that may be given work the one that the note names, else the author."""
        if wanted.assignee is None or wanted.owner is not Owner.US:
            return self.user.id
        team = await self.uow.users.team(self.user.team_id) if self.user.team_id is not None else None
        reach = within_reach(self.user, await self.uow.users.active(), team.manager_id if team else None)
        found = find_colleague(wanted.assignee, reach)
        return found.id if found is not None else self.user.id

    async def _sync_promise(self, todo: Todo, wanted: model.Todo | None) -> list[Alert]:
        """A promise to the customer with a time is a commitment, kept by doing its to-do.

        Returns the alerts that have become pointless.
        """
        promise = await self.uow.commitments.of_todo(todo.id)
        promised = wanted is not None and wanted.is_promise and wanted.owner is Owner.US
        if not promised or todo.due_at is None:
            return await self._cancelled(promise) if promise else []
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
        promise.due_at, promise.alerted_at = due_at, None
        promise.warned_at = commitments.known_late(due_at, self.now)
        promise.state, promise.closed_at = commitments.OPEN, None
        return await self._settled(promise, "期限已改")

    async def _cancelled(self, promise: Commitment) -> list[Alert]:
        if promise.state != commitments.OPEN:
            return []
        promise.state, promise.closed_at = commitments.CANCELLED, self.now
        return await self._settled(promise, "记录已改，不再是承诺")

    async def _settled(self, promise: Commitment, outcome: str) -> list[Alert]:
        await self.uow.session.flush()
        alerts = await self.uow.alerts.open_about(commitment_id=promise.id)
        return [alert for alert in alerts if await self.uow.alerts.close(alert.id, self.user.id, outcome, self.now)]

    # --- the customer --------------------------------------------------------------------------------------------

    async def _on_customer(
        self, note: Note, record: Record, customer: Customer, ledger: Ledger, kept: list[Entry], effects: Effects
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
        touched = next((entry for entry in kept if entry["table"] == "leads"), None)
        lead = await self.uow.leads.get(touched["id"]) if touched is not None else None
        lead = lead or await self._lead(note, record, customer, ledger, effects)
        stage = touched["became"]["stage"] if touched is not None else lead.stage
        await self._opportunity(note, record, customer, stage, ledger)

    async def _lead(
        self, note: Note, record: Record, customer: Customer, ledger: Ledger, effects: Effects
    ) -> Lead:
        """The customer's lead, touched and moved forward; a customer without one gets one."""
        lead = await self.uow.leads.latest(customer.id)
        is_new = lead is None or (lead.state != "open" and record.stage is not None)
        if lead is None or is_new:
            first = (record.stage or model.Stage.FIRST_CONTACT).value
            lead = await self.uow.leads.open(customer, customer.owner_id or self.user.id, first, "note", self.now)
            ledger.made(lead)
        elif lead.state != "open" or record.intent not in _CONTACTS or _is_past(lead, note, record):
            return lead
        if not is_new:
            await self._watch(lead, ledger)
        touch = await followup.touched(self.uow, lead, _forward(lead, record), self.user.id, self.now, self.rules)
        ledger.made(touch.step)
        effects.settled += touch.settled
        if record.intent in _CLOSING:
            await self._close(note, record, customer, lead, ledger, effects)
        return lead

    async def _watch(self, lead: Lead, ledger: Ledger) -> None:
        """The lead with its open step and the alerts about it: a touch changes them."""
        step = await self.uow.steps.open_of(lead.id)
        ledger.watch(lead)
        if step is not None:
            ledger.watch(step, *await self.uow.alerts.open_about(step_id=step.id))

    async def _close(
        self, note: Note, record: Record, customer: Customer, lead: Lead, ledger: Ledger, effects: Effects
    ) -> None:
        """The lead is won or lost. What was promised on a deal that is lost need not be kept."""
        lead.state = _CLOSING[record.intent]
        await self.uow.session.flush()
        effects.settled += await followup.ended(self.uow, lead, self.user.id, self.now)
        if record.intent is not Intent.LOST:
            return
        for promise in await self.uow.commitments.open_at(customer.id):
            if promise.note_id == note.id:
                continue
            todo = await self.uow.todos.get(promise.todo_id) if promise.todo_id is not None else None
            ledger.watch(promise, *([todo] if todo else []))
            ledger.watch(*await self.uow.alerts.open_about(commitment_id=promise.id))
            effects.settled += await self._cancelled(promise)
            effects.dropped.append(promise)
            if todo is not None and todo.state == todos.OPEN:
                todo.state, todo.remind_at = todos.CANCELLED, None

    async def _opportunity(
        self, note: Note, record: Record, customer: Customer, stage: str, ledger: Ledger
    ) -> None:
        """Only the amount of a deal becomes its value; a budget or a payment does not."""
        deal = record.amount if record.amount_kind is AmountKind.DEAL and record.intent is not Intent.LOST else None
        found = await self._deal_of(note, customer)
        if found is None and deal is not None:
            found = await self.uow.leads.add_opportunity(
                customer, customer.owner_id or self.user.id, f"{customer.name}商机", stage, self.now
            )
            found.amount, found.close_on = deal, record.expected_close
            found.state = _CLOSING.get(record.intent, found.state)
            ledger.made(found)
        elif found is not None and (deal is not None or not ledger.made_later(found)):
            stated = {
                "stage": stage, "amount": deal, "close_on": record.expected_close,
                "state": _CLOSING.get(record.intent),
            }  # fmt: skip
            ledger.state(found, **{name: value for name, value in stated.items() if value is not None})

    async def _deal_of(self, note: Note, customer: Customer) -> Opportunity | None:
        """The one that the note spoke of before, else the customer's open one."""
        known = next((entry["id"] for entry in note.before if entry["table"] == "opportunities"), None)
        former = await self.uow.session.get(Opportunity, known) if known is not None else None
        if former is not None and former.customer_id == customer.id:
            return former
        return await self.uow.leads.opportunity(customer.id)


def paired(heard: Sequence[model.Todo], made: Sequence[Todo]) -> list[Todo | None]:
    """The row of each to-do: the one that reads the same, else has its title, else its time, else comes next.

    Rows in force go before those that were cancelled; a cancelled one is only taken for its title.
    """
    left = sorted(made, key=lambda todo: todo.state == todos.CANCELLED)
    rows: list[Todo | None] = [None] * len(heard)
    for fits in (_same, _same_title, _same_due, _in_force):
        for index, wanted in enumerate(heard):
            found = None if rows[index] else next((todo for todo in left if fits(todo, wanted)), None)
            if found is not None:
                rows[index] = found
                left.remove(found)
    return rows


def _same(todo: Todo, wanted: model.Todo) -> bool:
    return _same_title(todo, wanted) and todo.due_at == wanted.due


def _same_title(todo: Todo, wanted: model.Todo) -> bool:
    return todo.title == wanted.title


def _same_due(todo: Todo, wanted: model.Todo) -> bool:
    return _in_force(todo, wanted) and wanted.due is not None and todo.due_at == wanted.due


def _in_force(todo: Todo, wanted: model.Todo) -> bool:
    return todo.state != todos.CANCELLED


def remind_at(wanted: model.Todo, now: datetime) -> datetime | None:
    """When to ring: as understood, else when it is due; not at a time that is over already."""
    first = wanted.remind_at or wanted.due
    return wanted.due if first is not None and first <= now else first


def _touch(record: Record) -> tuple[bool, Intent | None, model.Stage | None]:
    """What of a record decides how it touches the lead."""
    closing = record.intent if record.intent in _CLOSING else None
    return record.intent in _CONTACTS, closing, record.stage


def _is_past(lead: Lead, note: Note, record: Record) -> bool:
    """Whether the lead has gone on since the note was made, so that it adds nothing to where the lead stands."""
    further = _forward(lead, record) not in (None, lead.stage)
    return lead.touched_at > note.created_at and not further and record.intent not in _CLOSING


def _forward(lead: Lead, record: Record) -> str | None:
    """The touchpoint that a note shows, unless the lead is further already."""
    order = followup.TOUCHPOINTS
    if record.stage is None or (lead.stage in order and order.index(record.stage) < order.index(lead.stage)):
        return None
    return record.stage.value
