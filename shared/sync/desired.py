"""A read of a month → desired, per person-month. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from shared.outlook.event import EventOptions, wanted_event
from shared.schedule.model import MonthRead, Slot
from shared.sync.records import Desired, DesiredSlot, PersonMonthRow, ScheduleMonthRows


def sendable(read: MonthRead, slot: Slot) -> bool:
    """Whether a readable slot belongs in its person's calendar: a mapped person, an assignment that is sent."""
    return read.people[slot.person].mailbox is not None and read.assignments[slot.assignment].sending.send


def desired_slot(read: MonthRead, slot: Slot, options: EventOptions) -> DesiredSlot:
    """The slot as it should stand in the calendar."""
    event = wanted_event(slot, read.assignments[slot.assignment], read.schedules[slot.schedule], read.zone, options)
    return DesiredSlot(slot.slot, slot.assignment, slot.day, event)


def desired_of(
    read: MonthRead, schedule: str, stored: Mapping[str, PersonMonthRow], options: EventOptions
) -> dict[str, Desired]:
    """What each person of one schedule should have in the month that was read.

    People who have a row but no slots any more are in it with none; people without an ID only if they have a row.
    """
    slots = defaultdict[str, list[DesiredSlot]](list)
    for slot in read.slots:
        if slot.schedule == schedule and sendable(read, slot):
            slots[slot.person].append(desired_slot(read, slot, options))
    desired = {}
    for person in slots.keys() | stored.keys():
        record = read.people.get(person)
        mailbox = record.mailbox if record else stored[person].mailbox
        desired[person] = Desired(
            mailbox=mailbox,
            name=record.name if record else stored[person].name,
            slots=tuple(sorted(slots[person], key=lambda slot: (slot.event.start_utc, slot.slot or ""))),
        )
    return desired


def unmapped_people(read: MonthRead, schedule: str) -> int:
    """How many people have slots on the schedule, but no ID: opted out."""
    return len(
        {slot.person for slot in read.slots if slot.schedule == schedule and not read.people[slot.person].mailbox}
    )


def changed(desired: Mapping[str, Desired], stored: ScheduleMonthRows) -> dict[str, Desired]:
    """Those that differ from what is stored; nobody gets a row only to say that there is nothing."""

    def differs(person: str, wanted: Desired) -> bool:
        row = stored.rows.get(person)
        return bool(wanted.slots) if row is None else (row.digest, row.held) != (wanted.digest, wanted.held)

    return {person: wanted for person, wanted in desired.items() if differs(person, wanted)}
