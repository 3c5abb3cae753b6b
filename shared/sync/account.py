"""Rules 5 and 7: which stored slots a read accounts for, one to one, and which its unreadable rows protect. Pure.

| pass | a stored slot is accounted for by the readable row that |
| --- | --- |
| 1 | has its slot id, person, assignment, date and times |
| 2 | has its person, assignment, date and times |
| – | (an unreadable row with its slot id protects it) |
| 3 | has its slot id |
| 4 | has its person, date and times, whatever the schedule or assignment (not for held slots) |
| – | (an unreadable row that protected nothing protects what is left in its scope) |
| 5 | has its schedule, assignment, date and times: given to somebody else with an ID |

Rows of people without an ID (open shifts, too) are no part of stored desired, so nothing tells whether such a row was
there all along: in pass 5, where only the content speaks, it accounts for nothing. Nor does any row there of a
schedule-month that was last judged by another filter of the view.

Slots that are not held come first: a row serves one of them before it ends a hold. The scope of an unreadable row is
its person-month; where the person is unreadable, its schedule-month; where the date is, the whole month that was read.
"""

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass

from shared.schedule.model import MonthRead, Slot, Unreadable
from shared.sync.records import DesiredSlot

type OfRow = Callable[[Slot], Hashable]


@dataclass(frozen=True, slots=True)
class Stored:
    """A slot of stored desired."""

    schedule: str
    person: str
    slot: DesiredSlot

    @property
    def held(self) -> bool:
        """Whether it waits for an operator."""
        return self.slot.hold is not None


type OfStored = Callable[[Stored], Hashable]


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the stored slots, by their position."""

    rows: dict[int, Slot]
    """The readable row that accounts for a stored slot."""
    protected: frozenset[int]
    """Kept because of an unreadable row."""
    new: tuple[Slot, ...]
    """Readable rows that account for no stored slot."""


def account(read: MonthRead, stored: Sequence[Stored], refiltered: Collection[str] = ()) -> Account:
    """Accounts for stored slots of every schedule that the read shows.

    `refiltered`: schedules that were last judged by another filter. What it hid is in no stored desired, so that, there
    too, a row's content alone does not tell that a slot was given to somebody.
    """
    order = sorted(range(len(stored)), key=lambda position: stored[position].held)
    rows: dict[int, Slot] = {}
    used: set[int] = set()
    protected: set[int] = set()

    def match(of_stored: OfStored, of_row: OfRow, *, held: bool = True, among: Container[int] | None = None) -> None:
        waiting: dict[Hashable, list[int]] = {}
        for number in reversed(range(len(read.slots))):
            if number not in used and (among is None or number in among):
                waiting.setdefault(of_row(read.slots[number]), []).append(number)
        for position in order:
            if position in rows or position in protected or (stored[position].held and not held):
                continue
            if numbers := waiting.get(of_stored(stored[position])):
                number = numbers.pop()
                rows[position] = read.slots[number]
                used.add(number)

    match(lambda item: (item.slot.slot, *_content(item)), lambda row: (row.slot, *_row_content(row)))
    match(_content, _row_content)
    homeless = _protect_by_id(read, stored, rows, protected)
    match(lambda item: item.slot.slot or item, lambda row: row.slot)
    match(times_of, times_of_row, held=False)
    protected |= {
        position for position, item in enumerate(stored) if position not in rows and _in_scope(item, homeless)
    }
    speaking = {
        number
        for number, row in enumerate(read.slots)
        if read.people[row.person].mailbox and row.schedule not in refiltered
    }
    match(_shift, _row_shift, among=speaking)
    return Account(
        rows, frozenset(protected), tuple(row for number, row in enumerate(read.slots) if number not in used)
    )


def _protect_by_id(
    read: MonthRead, stored: Sequence[Stored], rows: dict[int, Slot], protected: set[int]
) -> list[Unreadable]:
    """Adds what unreadable rows protect by slot id; returns the rows that protect nothing that way."""
    by_id: dict[str, list[int]] = {}
    for position, item in enumerate(stored):
        if position not in rows and item.slot.slot is not None:
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


def times_of(item: Stored) -> tuple[Hashable, ...]:
    """A stored slot's person, date and times."""
    return (item.person, item.slot.day, item.slot.event.start_utc, item.slot.event.end_utc)


def times_of_row(row: Slot) -> tuple[Hashable, ...]:
    """A row's person, date and times."""
    return (row.person, row.day, row.start_utc, row.end_utc)


def _content(item: Stored) -> tuple[Hashable, ...]:
    return (item.schedule, item.person, *_what(item))


def _row_content(row: Slot) -> tuple[Hashable, ...]:
    return (row.schedule, row.person, row.assignment, row.day, row.start_utc, row.end_utc)


def _shift(item: Stored) -> tuple[Hashable, ...]:
    return (item.schedule, *_what(item))


def _row_shift(row: Slot) -> tuple[Hashable, ...]:
    return (row.schedule, row.assignment, row.day, row.start_utc, row.end_utc)


def _what(item: Stored) -> tuple[Hashable, ...]:
    return (item.slot.assignment, item.slot.day, item.slot.event.start_utc, item.slot.event.end_utc)
