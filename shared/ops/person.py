"""One person, shift by shift: what the schedule wants, what the calendar has, and what is between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.messages import ScheduleMonth
from shared.ops.ports import OpsPorts
from shared.ops.stand import Stand, State, state_of
from shared.ops.words import OUTCOMES, Trouble, of_problem, when, with_reason
from shared.sync.diff import Change, Make, Remove, decide
from shared.sync.match import match
from shared.sync.records import DesiredSlot, Link, PersonMonthRow, PersonState, Refusal

NOT_FOUND = (
    "Nothing is stored of this person. Either they have no Microsoft ID in Lightning Bolt, or no assignment of theirs "
    "is sent to Outlook, or nothing of theirs is published, or no view shows it. `report` lists people without an ID."
)

HELD = "The calendar still has shifts that the schedule has no more: their removal is held."


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One shift, or one event that belongs to none."""

    slot: str
    day: str
    subject: str
    when: str
    """In the view's own wall clock."""
    free: bool
    location: str
    note: str
    event: str
    """Outlook's id of the event; empty where there is none."""
    mailbox: str
    """Where that event is."""
    words: str
    """What is true of it now."""
    well: bool


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """One schedule in one month."""

    schedule: str
    name: str
    month: str
    state: State
    words: str
    remedy: str
    mailbox: str
    changed_at: datetime | None
    """When the read started that last changed it."""
    published_at: datetime | None
    applied_at: datetime | None
    written: Mapping[str, int]
    """By the attempts of the version that was last tried."""
    attempts: int
    next_attempt_at: datetime | None
    shifts: tuple[ShiftLine, ...]


@dataclass(frozen=True, slots=True)
class PersonView:
    """All of one person."""

    person: str
    name: str
    mailbox: str
    words: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    months: tuple[PersonMonth, ...]


async def person_view(person: str, stand: Stand, ports: OpsPorts) -> PersonView:
    """Reads the person's rows and links; asks Graph nothing."""
    of_person = [month for month, stored in stand.partitions.items() if person in stored.rows]
    rows = await ports.person_months.of_person(person, of_person)
    now, state = await ports.shift_events.person(person)
    reported = await ports.ledger.problems(f"person|{person}")
    months = [
        month_view(rows[month], state, stand, now, state_of(rows[month], ports.settings))
        for month in sorted(rows, key=lambda month: (month.month, month.schedule))
    ]
    latest = max(rows.values(), key=lambda row: row.month.month, default=None)
    return PersonView(
        person=person,
        name=latest.name if latest else "",
        mailbox=(latest.mailbox or "") if latest else "",
        words=_words(rows, state, ports.settings.may_write_to(person)),
        troubles=tuple(
            of_problem(problem, f"person {person}", flags=(), ids=())
            for problems in reported.values()
            for problem in problems
        ),
        months=tuple(months),
    )


def _words(rows: dict[ScheduleMonth, PersonMonthRow], state: PersonState, may_write: bool) -> tuple[str, ...]:
    """What is true of all months."""
    said = [] if rows else [NOT_FOUND]
    if rows and not may_write:
        said.append("PAUSED or PILOT_PEOPLE leaves this calendar alone.")
    if rows and all(row.mailbox is None for row in rows.values()):
        said.append("Opted out: there is no Microsoft ID in Lightning Bolt.")
    said += [f"{mailbox}: {_of_refusal(refusal)}" for mailbox, refusal in sorted(state.refusals.items())]
    return tuple(said)


def _of_refusal(refusal: Refusal) -> str:
    why = "there is no such mailbox" if refusal.gone else "the mailbox takes nothing"
    return f"{why} ({refusal.code}), since {refusal.since:%Y-%m-%d %H:%M} UTC; tried once a day."


def month_view(row: PersonMonthRow, state: PersonState, stand: Stand, now: datetime, said: State) -> PersonMonth:
    """One person-month of a row with its slots."""
    what, remedy = OUTCOMES[row.status.outcome]
    if said == "in step":
        held = any(slot.hold for slot in row.slots or ())
        what, remedy = (HELD, "See `hold list`.") if held else (OUTCOMES["applied"][0], "")
    return PersonMonth(
        schedule=row.month.schedule,
        name=stand.name(row.month.schedule),
        month=str(row.month.month),
        state=said,
        words=with_reason(what, row),
        remedy=remedy,
        mailbox=row.mailbox or "",
        changed_at=row.read_at,
        published_at=row.published_at,
        applied_at=row.status.applied_at,
        written=row.status.written._asdict(),
        attempts=row.status.attempts,
        next_attempt_at=None if row.in_step else row.status.next_attempt_at,
        shifts=tuple(shift_lines(row, state.links.get(row.month, []), now)),
    )


def shift_lines(row: PersonMonthRow, links: Sequence[Link], now: datetime) -> list[ShiftLine]:
    """What is to be done by `decide`, and which event is which shift's by `match`: the engine's own."""
    slots = row.slots or ()
    actions = decide(row.mailbox, slots, links, (), now).actions
    doing = {id(action.slot): action for action in actions if not isinstance(action, Remove)}
    pairs, left = match(slots, links, now)
    lines = []
    for position, slot in enumerate(slots):
        link = pairs.get(position)
        said, well = _said(doing.get(id(slot)), slot, link, row)
        lines.append(shift_line(slot, link, said, well=well))
    removed = {action.link.event for action in actions if isinstance(action, Remove)}
    for link in left:
        said = "no shift of theirs any more; the event is to go" if link.event in removed else "stays as history"
        lines.append(_lone(link, said))
    return lines


def _said(action: Make | Change | None, slot: DesiredSlot, link: Link | None, row: PersonMonthRow) -> tuple[str, bool]:
    held = "; removal held" if slot.hold else ""
    problem = next((part for part in row.status.problem.split("; ") if part.startswith(f"slot {slot.slot}:")), "")
    if problem:
        return f"Outlook does not accept it: {problem.partition(': ')[2]}{held}", False
    if isinstance(action, Make):
        return ("to be moved from another mailbox" if action.moves_from else "to be created") + held, False
    if isinstance(action, Change):
        return f"to be updated{held}", False
    if row.mailbox is None:
        return f"opted out{held}", True
    return (f"in the calendar{held}", not held) if link else (f"not in the calendar{held}", False)


def shift_line(slot: DesiredSlot, link: Link | None, said: str, *, well: bool) -> ShiftLine:
    """A shift, and the event that is known to be its own."""
    event = slot.event
    return ShiftLine(
        slot=slot.slot or "",
        day=slot.day.isoformat(),
        subject=event.subject,
        when=when(event),
        free=event.free,
        location=event.location,
        note=event.body,
        event=link.event if link else "",
        mailbox=link.mailbox if link else "",
        words=said,
        well=well,
    )


def _lone(link: Link, said: str) -> ShiftLine:
    times = f"{link.start:%Y-%m-%d %H:%M} – {link.end:%Y-%m-%d %H:%M} UTC"
    day = f"{link.start:%Y-%m-%d}"
    return ShiftLine(
        link.slot or "", day, "", times, False, "", "", link.event, link.mailbox, said, said.startswith("stays")
    )
