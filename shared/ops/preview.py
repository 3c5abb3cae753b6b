"""`preview`: what a publish would do now. Reads Lightning Bolt, plans and decides with the engine's own code; writes
nothing: no row, no message, no event.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.messages import ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.ops.asked import BadRequestError, Scoped, views_of
from shared.ops.ports import OpsPorts
from shared.ops.words import when
from shared.outlook.outcome import Outcome, ReadFailure
from shared.schedule.model import MonthRead
from shared.settings import View
from shared.sync import refusals
from shared.sync.desired import changed
from shared.sync.diff import Action, Change, Make, Remove, decide
from shared.sync.mappings import fingerprints
from shared.sync.observe import file_marks, linked, looks
from shared.sync.reads import ViewReads
from shared.sync.records import Desired, DesiredSlot, PersonMonthRow, PersonState, Status, Written
from shared.sync.store_read import Planned, ReadStore, version_after
from shared.sync.window import observed_days, window

AT_ONCE = 8
"""People whose links, and unmet mailboxes, are looked at side by side."""
GRAPH_SECONDS = 20.0
"""For one look at a mailbox."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event that would be written, or one shift whose removal would be held."""

    action: str
    """`create`, `update`, `delete`, `move`, `hold`."""
    schedule: str
    month: str
    day: str
    subject: str
    when: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What would happen to one person's calendar."""

    person: str
    name: str
    create: int
    update: int
    delete: int
    move: int
    hold: int
    words: str = ""
    """What keeps something from being done."""
    steps: tuple[Step, ...] = ()
    """Where one person was asked for."""


@dataclass(frozen=True, slots=True)
class Preview:
    """All that a publish of these months would do."""

    months: tuple[str, ...]
    """As far as they could be read: `50 2026-12`."""
    unread: tuple[str, ...]
    """What could not be read, and why."""
    follows: bool
    """A mapping changed: a publish reads the whole window, of which not all was asked for."""
    people: tuple[PersonPlan, ...]
    totals: Mapping[str, int]


@dataclass(slots=True)
class _Work:
    """A person's months as they would stand."""

    name: str = ""
    rows: dict[ScheduleMonth, PersonMonthRow] = field(default_factory=dict)
    held: list[tuple[ScheduleMonth, DesiredSlot]] = field(default_factory=list)
    """Slots that a hold would take in that waited under none before."""


async def preview(asked: Scoped, ports: OpsPorts) -> Preview:
    """Raises BadRequestError for a view, or months, that are not read."""
    plans: defaultdict[str, _Work] = defaultdict(_Work)
    done: list[str] = []
    unread: list[str] = []
    follows = False
    for view in views_of(ports.settings, asked.view):
        reads = await ports.ledger.reads(view.view_id)
        months = window(ports.settings, view, reads.now, reads.months)
        if outside := [month for month in asked.months if month not in months]:
            raise BadRequestError("months", f"{outside[0]} is not among those that are kept in step")
        store = _store(view, reads, ports)
        seen: dict[str, str] = {}
        for month in asked.months or months:
            try:
                read = await ports.schedules.read_month(view, month)
            except (ScheduleRefusedError, ScheduleUnavailableError) as error:
                unread.append(str(error))
                continue
            done.append(f"{view.view_id} {month}")
            seen |= fingerprints(read)
            await _plan_month(read, month, store, reads.now, ports, plans)
        known = await ports.ledger.mappings(view.view_id)
        partial = bool(asked.months) and set(asked.months) != set(months)
        follows |= partial and any(known[key] != seen[key] for key in known.keys() & seen.keys())
    wanted = {person: work for person, work in plans.items() if asked.person in (None, person)}
    people = await _decide_all(wanted, ports, steps=asked.person is not None)
    totals = {
        name: sum(getattr(plan, name) for plan in people) for name in ("create", "update", "delete", "move", "hold")
    }
    return Preview(tuple(done), tuple(unread), follows, tuple(people), totals)


def _store(view: View, reads: ViewReads, ports: OpsPorts) -> ReadStore:
    numbers = count(1)
    change = ScheduleChange(view.view_id, (), "sweep")
    return ReadStore(
        change,
        view,
        ports.settings,
        ports.person_months,
        ports.ledger,
        ports.options,
        lambda: f"new-{next(numbers)}",
        reads.owners,
    )


async def _plan_month(
    read: MonthRead,
    month: Month,
    store: ReadStore,
    now: datetime,
    ports: OpsPorts,
    plans: defaultdict[str, _Work],
) -> None:
    """What plan_schedule would store of one month."""
    rows = await store.peek(month)
    owned = [schedule for schedule in read.schedules if store.answers_for(schedule)]
    owned += [schedule for schedule in store.owned() if schedule not in read.schedules]
    for schedule, planned in (await store.plan(read, rows, owned, now)).items():
        at = ScheduleMonth(schedule, month)
        changes = changed(planned.wanted, planned.stored)
        for person, desired in changes.items():
            work = plans[person]
            work.name = desired.name
            work.held += [(at, slot) for slot in _newly_held(desired.slots, planned)]
            row = _as_stored(person, at, desired, planned)
            if not row.in_step:
                work.rows[at] = row
        await _add_due(at, planned, changes, plans, ports)


def _newly_held(slots: Iterable[DesiredSlot], planned: Planned) -> list[DesiredSlot]:
    before = planned.stored.head.holds if planned.stored.head else {}
    return [slot for slot in slots if slot.hold is not None and slot.hold not in before]


def _as_stored(person: str, at: ScheduleMonth, desired: Desired, planned: Planned) -> PersonMonthRow:
    """The row that plan_schedule would leave behind."""
    row = planned.stored.rows.get(person)
    version = version_after(row, desired)
    if row is None:
        row = PersonMonthRow(person, at, "", planned.stored.now, 0, "", "", 0, None, "", None, Status())
    return replace(
        row,
        version=version,
        digest=desired.digest,
        held=desired.held,
        count=desired.count,
        mailbox=desired.mailbox,
        slots=desired.slots,
    )


async def _add_due(
    at: ScheduleMonth,
    planned: Planned,
    changes: Collection[str],
    plans: defaultdict[str, _Work],
    ports: OpsPorts,
) -> None:
    """What is due already: the first thing that a publish does is to point at it."""
    for person, row in planned.stored.rows.items():
        if person not in changes and row.due(planned.stored.now):
            found = await ports.person_months.of_person(person, [at])
            plans[person].name = row.name
            plans[person].rows |= found


async def _decide_all(plans: Mapping[str, _Work], ports: OpsPorts, *, steps: bool) -> list[PersonPlan]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(person: str, work: _Work) -> PersonPlan:
        async with gate:
            return await _decide(person, work, ports, steps=steps)

    people = await asyncio.gather(*(one(person, work) for person, work in plans.items()))
    return sorted(
        (plan for plan in people if any((plan.create, plan.update, plan.delete, plan.move, plan.hold)) or plan.words),
        key=lambda plan: (plan.name.casefold(), plan.person),
    )


async def _decide(person: str, work: _Work, ports: OpsPorts, *, steps: bool) -> PersonPlan:
    """What write_calendar would do, on a copy of the person's links."""
    now, state = await ports.shift_events.person(person)
    words = [] if ports.settings.may_write_to(person) else ["left alone by PAUSED or PILOT_PEOPLE"]
    actions: list[tuple[ScheduleMonth, Action]] = []
    rows = dict(sorted(work.rows.items(), key=lambda item: item[0].month))
    if rows:
        refusing = refusals.refusing(state, now) if all(row.tried for row in rows.values()) else set()
        failure = await _observe(person, rows, state, refusing, now, ports)
        if failure:
            words.append(f"its calendar cannot be read now ({failure.status or ''} {failure.code})".replace("( ", "("))
        else:
            refusals.let_go(state, refusing, now)
            for month, row in rows.items():
                decision = decide(row.mailbox, row.slots or (), state.links.get(month, []), refusing, now)
                actions += [(month, action) for action in decision.actions]
                if decision.hindered and "its mailbox refuses" not in words:
                    words.append("its mailbox refuses")
    counted = _counted(action for _, action in actions)
    return PersonPlan(
        person,
        work.name,
        counted.created,
        counted.updated,
        counted.deleted,
        counted.moved,
        len(work.held),
        "; ".join(words),
        tuple(_steps(actions, work)) if steps else (),
    )


async def _observe(
    person: str,
    rows: Mapping[ScheduleMonth, PersonMonthRow],
    state: PersonState,
    refusing: set[str],
    now: datetime,
    ports: OpsPorts,
) -> Outcome | None:
    """As the writer does, where it would: mailboxes never met, months in doubt. Returns what kept it from it."""
    opened = [month for month in rows if month in state.open]
    for look in looks(state, rows, opened, refusing, now):
        if look.mailbox in refusing:
            continue
        first, last = observed_days(ports.settings, now, [*state.links, *state.open])
        known = linked(state, look)
        found = await ports.graph.marked(look.mailbox, person, first, last, known, timeout=GRAPH_SECONDS)
        if not isinstance(found, ReadFailure):
            file_marks(state, look, found.events, rows)
            state.refusals.pop(look.mailbox, None)
            state.observed.add(look.mailbox)
            continue
        if not found.outcome.mailbox_refuses:
            return found.outcome
        refusals.remember(state, look.mailbox, found.outcome, now)
        refusing.add(look.mailbox)
    return None


def _counted(actions: Iterable[Action]) -> Written:
    total = Written()
    for action in actions:
        match action:
            case Make(moves_from=None):
                total = total.plus(Written(created=1))
            case Make():
                total = total.plus(Written(moved=1))
            case Change():
                total = total.plus(Written(updated=1))
            case Remove():
                total = total.plus(Written(deleted=1))
    return total


def _steps(actions: Sequence[tuple[ScheduleMonth, Action]], work: _Work) -> Iterable[Step]:
    for month, action in actions:
        if isinstance(action, Remove):
            times = f"{action.link.start:%Y-%m-%d %H:%M} – {action.link.end:%H:%M} UTC"
            day = f"{action.link.start:%Y-%m-%d}"
            yield Step("delete", month.schedule, str(month.month), day, "", times, action.mailbox)
        else:
            name = "update" if isinstance(action, Change) else "move" if action.moves_from else "create"
            yield _step(name, month, action.slot, action.mailbox)
    for month, slot in work.held:
        yield _step("hold", month, slot, "")


def _step(action: str, month: ScheduleMonth, slot: DesiredSlot, mailbox: str) -> Step:
    event = slot.event
    return Step(action, month.schedule, str(month.month), slot.day.isoformat(), event.subject, when(event), mailbox)
