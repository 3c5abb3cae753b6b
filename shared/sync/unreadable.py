"""Rule 7: which stored slots a read accounts for, one to one, and which its unreadable rows protect. Pure.

| pass | a stored slot is accounted for by the readable row that |
| --- | --- |
| 1 | has its slot id, person, assignment, date and times |
| 2 | has its person, assignment, date and times |
| – | (an unreadable row with its slot id protects it) |
| 3 | has its slot id |
| 4 | has its person, date and times, whatever the schedule or assignment |
| – | (an unreadable row that protected nothing protects what is left in its scope) |

The scope of an unreadable row is its person-month; where the person is unreadable, its schedule-month; where the date
is, the whole month that was read.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.schedule.model import MonthRead, Slot, Unreadable
from shared.sync.records import Desired, DesiredSlot


@dataclass(frozen=True, slots=True)
class Stored:
    """A slot of stored desired."""

    schedule: str
    person: str
    slot: DesiredSlot


def keep_unreadable(
    read: MonthRead, desired: Mapping[str, Mapping[str, Desired]], stored: Sequence[Stored]
) -> dict[str, dict[str, Desired]]:
    """Adds to desired (schedule → person → desired) the stored slots that unreadable rows protect.

    `stored`: of every schedule that the read shows. A person who is known to have no ID any more keeps nothing: opting
    out flows. A slot whose id another row bears now keeps its event, not the id.
    """
    kept = {schedule: dict(people) for schedule, people in desired.items()}
    ids = {slot.slot for slot in read.slots}
    for item in protected_slots(read, stored):
        wanted = kept.get(item.schedule, {}).get(item.person)
        if wanted is None or wanted.mailbox is None:
            continue
        slot = replace(item.slot, slot=None) if item.slot.slot in ids else item.slot
        slots = sorted((*wanted.slots, slot), key=lambda each: (each.event.start_utc, each.slot or ""))
        kept[item.schedule][item.person] = replace(wanted, slots=tuple(slots))
    return kept


def protected_slots(read: MonthRead, stored: Sequence[Stored]) -> list[Stored]:
    """The stored slots that unreadable rows protect. `stored`: of every schedule that the read shows."""
    accounted: set[int] = set()
    used: set[int] = set()
    protected: set[int] = set()

    def match(of_stored: Callable[[Stored], Hashable], of_row: Callable[[Slot], Hashable]) -> None:
        waiting: dict[Hashable, list[int]] = {}
        for number in reversed(range(len(read.slots))):
            if number not in used:
                waiting.setdefault(of_row(read.slots[number]), []).append(number)
        for position, item in enumerate(stored):
            if position in accounted or position in protected:
                continue
            if numbers := waiting.get(of_stored(item)):
                accounted.add(position)
                used.add(numbers.pop())

    match(lambda item: (item.slot.slot, *_content(item)), lambda row: (row.slot, *_row_content(row)))
    match(_content, _row_content)
    homeless = _protect_by_id(read, stored, accounted, protected)
    match(lambda item: item.slot.slot or item, lambda row: row.slot)
    match(_times, _row_times)
    protected |= {
        position for position, item in enumerate(stored) if position not in accounted and _in_scope(item, homeless)
    }
    return [stored[position] for position in sorted(protected)]


def _protect_by_id(
    read: MonthRead, stored: Sequence[Stored], accounted: set[int], protected: set[int]
) -> list[Unreadable]:
    """Adds what unreadable rows protect by slot id; returns the rows that protect nothing that way."""
    by_id: dict[str, list[int]] = {}
    for position, item in enumerate(stored):
        if position not in accounted and item.slot.slot is not None:
            by_id.setdefault(item.slot.slot, []).append(position)
    homeless = []
    for row in read.unreadable:
        positions = by_id.get(row.slot, []) if row.slot is not None else []
        protected.update(positions)
        if not positions:
            homeless.append(row)
    return homeless


def _in_scope(item: Stored, homeless: Iterable[Unreadable]) -> bool:
    return any(
        not row.dated or (row.schedule in (None, item.schedule) and row.person in (None, item.person))
        for row in homeless
    )


def _content(item: Stored) -> tuple[Hashable, ...]:
    return (item.schedule, item.person, *_what(item))


def _row_content(row: Slot) -> tuple[Hashable, ...]:
    return (row.schedule, row.person, row.assignment, row.day, row.start_utc, row.end_utc)


def _times(item: Stored) -> tuple[Hashable, ...]:
    return (item.person, item.slot.day, item.slot.event.start_utc, item.slot.event.end_utc)


def _row_times(row: Slot) -> tuple[Hashable, ...]:
    return (row.person, row.day, row.start_utc, row.end_utc)


def _what(item: Stored) -> tuple[Hashable, ...]:
    return (item.slot.assignment, item.slot.day, item.slot.event.start_utc, item.slot.event.end_utc)
