"""Rule 7: absent is removed, unreadable is kept. Pure.

A row that cannot be understood protects the stored event with its slot id, whoever holds it, unless a readable row
accounts for that event. If it protects none that way, its person-month loses nothing in this read; where the person is
unreadable, its schedule-month; where the date is, the whole month that was read.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.schedule.model import MonthRead, Slot, Unreadable
from shared.sync.records import Desired, DesiredSlot


@dataclass(frozen=True, slots=True)
class Stored:
    """A slot of stored desired."""

    schedule: str
    person: str
    slot: DesiredSlot


type Content = tuple[str, str, str, date, datetime, datetime]


def keep_unreadable(
    read: MonthRead, desired: Mapping[str, Mapping[str, Desired]], stored: Sequence[Stored]
) -> dict[str, dict[str, Desired]]:
    """Adds to desired (schedule → person → desired) the stored slots that unreadable rows protect.

    A person who is known to have no ID any more keeps nothing: opting out flows.
    """
    kept = {schedule: dict(people) for schedule, people in desired.items()}
    ids = {slot.slot for slot in read.slots}
    for item in _protected(read, stored):
        wanted = kept.get(item.schedule, {}).get(item.person)
        if wanted is None or wanted.mailbox is None:
            continue
        slot = replace(item.slot, slot=None) if item.slot.slot in ids else item.slot
        slots = sorted((*wanted.slots, slot), key=lambda each: (each.event.start_utc, each.slot or ""))
        kept[item.schedule][item.person] = replace(wanted, slots=tuple(slots))
    return kept


def _protected(read: MonthRead, stored: Sequence[Stored]) -> list[Stored]:
    rows = list(read.slots)
    left = list(stored)

    def account(of_stored: Callable[[Stored], Hashable], of_row: Callable[[Slot], Hashable]) -> None:
        """Takes away, one to one, the stored slots that a readable row accounts for."""
        nonlocal left
        waiting: dict[Hashable, list[Slot]] = {}
        for row in rows:
            waiting.setdefault(of_row(row), []).append(row)
        remaining = []
        for item in left:
            if matching := waiting.get(of_stored(item)):
                rows.remove(matching.pop())
            else:
                remaining.append(item)
        left = remaining

    account(lambda item: (item.slot.slot, _stored_content(item)), lambda row: (row.slot, _content(row)))
    account(_stored_content, _content)
    bad = {row.slot for row in read.unreadable if row.slot is not None}
    protected = [item for item in left if item.slot.slot in bad]
    left = [item for item in left if item.slot.slot not in bad]
    saved = {item.slot.slot for item in protected}
    homeless = [row for row in read.unreadable if row.slot is None or row.slot not in saved]
    account(lambda item: item.slot.slot or item, lambda row: row.slot)
    account(_stored_times, _times)
    return protected + [item for item in left if _in_scope(item, homeless)]


def _in_scope(item: Stored, homeless: Iterable[Unreadable]) -> bool:
    return any(
        not row.dated
        or (
            (row.schedule is None or row.schedule == item.schedule)
            and (row.person is None or row.person == item.person)
        )
        for row in homeless
    )


def _content(row: Slot) -> Content:
    return (row.schedule, row.person, row.assignment, row.day, row.start_utc, row.end_utc)


def _stored_content(item: Stored) -> Content:
    event = item.slot.event
    return (item.schedule, item.person, item.slot.assignment, item.slot.day, event.start_utc, event.end_utc)


def _times(row: Slot) -> Hashable:
    return (row.person, row.day, row.start_utc, row.end_utc)


def _stored_times(item: Stored) -> Hashable:
    event = item.slot.event
    return (item.person, item.slot.day, event.start_utc, event.end_utc)
