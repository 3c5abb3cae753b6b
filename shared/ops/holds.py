"""`hold_list`, `hold_release`: removals that wait for an operator (rule 5)."""

from dataclasses import dataclass
from datetime import datetime

from shared.messages import ScheduleChange, ScheduleMonth
from shared.ops.asked import Asked, BadRequestError, OfHold
from shared.ops.ports import OpsPorts
from shared.ops.stand import Stand, look
from shared.ops.words import CAUSES
from shared.sync.records import Hold


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """Whose shifts wait under a hold."""

    person: str
    name: str
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold."""

    hold: str
    view: int
    schedule: str
    name: str
    month: str
    cause: str
    words: str
    remedy: str
    since: datetime
    count: int
    people: tuple[HeldPerson, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """What was asked for; plan_schedule does it, and reads the month anew."""

    hold: str
    view: int
    schedule: str
    month: str
    count: int


async def hold_list(asked: Asked, ports: OpsPorts) -> list[HoldLine]:
    """Of all views. Reads the slots of those schedule-months only that have a hold."""
    del asked
    stand = await look(ports, ports.settings.lightning_bolt_views)
    return [
        await _line(month, hold_id, hold, stand, ports)
        for month, stored in stand.partitions.items()
        for hold_id, hold in (stored.head.holds if stored.head else {}).items()
    ]


async def _line(month: ScheduleMonth, hold_id: str, hold: Hold, stand: Stand, ports: OpsPorts) -> HoldLine:
    rows = (await ports.person_months.rows(month, slots=True)).rows.values()
    people = [
        HeldPerson(row.person, row.name, days)
        for row in rows
        if (days := tuple(slot.day.isoformat() for slot in row.slots or () if slot.hold == hold_id))
    ]
    why, remedy = CAUSES[hold.cause]
    return HoldLine(
        hold_id,
        stand.owners[month.schedule].view,
        month.schedule,
        stand.name(month.schedule),
        str(month.month),
        hold.cause,
        why,
        remedy,
        hold.since,
        hold.count,
        tuple(sorted(people, key=lambda person: (person.name.casefold(), person.person))),
    )


async def hold_release(asked: OfHold, ports: OpsPorts) -> Released:
    """Puts the release on the queue: exactly what the hold still lists then will go. Raises BadRequestError."""
    stand = await look(ports, ports.settings.lightning_bolt_views)
    for month, stored in stand.partitions.items():
        hold = stored.head.holds.get(asked.hold) if stored.head else None
        if hold is not None:
            view = stand.owners[month.schedule].view
            await ports.queue.hint(ScheduleChange(view, (month.month,), "release", hold=asked.hold))
            return Released(asked.hold, view, month.schedule, str(month.month), hold.count)
    raise BadRequestError("hold", f"{asked.hold} is no hold (any more); `hold list` shows those that there are")
