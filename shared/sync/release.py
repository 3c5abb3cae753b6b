"""An operator lets held removals go: exactly what the hold still lists, and nothing that came later (rule 5)."""

from collections.abc import AsyncIterator
from dataclasses import replace

from shared.messages import ScheduleMonth
from shared.sync.ports import PersonMonths, Specification
from shared.sync.records import Desired, PersonMonthRow, ScheduleMonthRows


async def release(
    hold: str, month: ScheduleMonth, person_months: PersonMonths
) -> AsyncIterator[tuple[str, ScheduleMonth]]:
    """Removes the hold's slots from desired of a schedule-month; tells whose person-months changed.

    Where lost IDs were held, the mailbox goes as well: begun events stay as history. Raises PreconditionError.
    """
    stored = await person_months.rows(month, slots=True)
    if stored.head is None or hold not in stored.head.holds:
        return
    opted_out = stored.head.holds[hold].cause == "ids"
    rows = [row for row in stored.rows.values() if any(slot.hold == hold for slot in row.slots or ())]
    head = replace(stored.head, holds={key: each for key, each in stored.head.holds.items() if key != hold})
    specifications = [_without(row, hold, stored, opted_out=opted_out) for row in rows]
    async for people in person_months.store(month, head, specifications):
        for person in people:
            yield person, month


def _without(row: PersonMonthRow, hold: str, stored: ScheduleMonthRows, *, opted_out: bool) -> Specification:
    slots = tuple(slot for slot in row.slots or () if slot.hold != hold)
    desired = Desired(None if opted_out else row.mailbox, row.name, slots)
    return Specification(row.person, row.version + 1, desired, None, stored.now, stored.now)
