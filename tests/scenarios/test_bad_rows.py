"""Rule 7, absent is removed, unreadable is kept: each kind of bad row on a published slot."""

import json
import time
from collections.abc import Callable

import pytest

from shared.messages import ScheduleMonth
from shared.schedule.model import Problem
from tests.local.lightning_bolt.model import Assignment, Template, View
from tests.local.lightning_bolt.slot_edits import Spoilt
from tests.town import ADA, BEN, DAY, NIGHT, SENT, TEMPLATE, VIEW, ZONE, Town


def _flag(town: Town, _: int) -> None:
    town.lightning_bolt.records.set_assignment_field(NIGHT, "send_as_free", "sometimes")


def _no_record(town: Town, _: int) -> None:
    town.lightning_bolt.records.set_person(ADA, missing=True)


def _odd_id(town: Town, _: int) -> None:
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", 17)


def _spoil(how: Spoilt) -> Callable[[Town, int], None]:
    return lambda town, slot: town.lightning_bolt.slots.spoil(slot, how)


KINDS: dict[str, tuple[Callable[[Town, int], None], str]] = {
    "bad date": (_spoil("bad_date"), "slot_date"),
    "bad start": (_spoil("bad_start"), "start_time"),
    "end at start": (_spoil("end_at_start"), "stop_time"),
    "end before start": (_spoil("end_before_start"), "stop_time"),
    "wrong UTC column": (_spoil("wrong_utc"), "start_time_utc"),
    "person without a record": (_spoil("no_person"), "emp_id"),
    "personnel record missing": (_no_record, "emp_id"),
    "unknown flag value": (_flag, "send_as_free"),
    "ID of another type": (_odd_id, "unique_id"),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_event_stays_the_row_is_reported_its_neighbours_follow(town: Town, kind: str) -> None:
    spoil, field = KINDS[kind]
    add = town.lightning_bolt.slots.add_slot
    bad = add(TEMPLATE, ADA, NIGHT, town.day(4))
    moved = add(TEMPLATE, BEN, DAY, town.day(5))
    removed = add(TEMPLATE, BEN, DAY, town.day(6))
    for day in range(8, 14):
        add(TEMPLATE, BEN, DAY, town.day(day))
    await town.publish(town.next_month)
    kept = town.calendar(ADA)[0].immutable_id
    town.graph.journal.clear()

    spoil(town, bad)
    town.lightning_bolt.slots.move(moved, town.day(7))
    town.lightning_bolt.slots.remove(removed)
    await town.publish(town.next_month)

    assert [event.immutable_id for event in town.calendar(ADA)] == [kept]
    days = sorted(event.times.first.local.day for event in town.calendar(BEN))
    assert days == [7, 8, 9, 10, 11, 12, 13]
    reported = [
        problem for problems in (await town.app.ledger.problems(f"view|{VIEW}")).values() for problem in problems
    ]
    assert any(_names(problem, bad, field) for problem in reported), reported


def _names(problem: Problem, slot: int, field: str) -> bool:
    return problem.field == field and problem.row in (f"slot {slot}", f"person {ADA}", f"assignment {NIGHT}")


async def test_a_row_mended_follows_again(town: Town) -> None:
    slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(4))
    for day in range(8, 14):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(day))
    await town.publish(town.next_month)
    town.lightning_bolt.slots.spoil(slot, "wrong_utc")
    await town.publish(town.next_month)
    town.lightning_bolt.slots.set_raw(slot)
    town.lightning_bolt.slots.remove(slot)
    await town.publish(town.next_month)
    assert town.calendar(ADA) == []
    assert await town.app.ledger.problems(f"view|{VIEW}") == {str(town.next_month): []}


async def test_an_unreadable_row_of_nobody_known_protects_its_schedule(town: Town) -> None:
    """A renumbered row that cannot be read may be any of its holder's shifts: none of them is taken for removed."""
    slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(4))
    for day in range(8, 14):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(day))
    await town.publish(town.next_month)
    renumbered = town.lightning_bolt.slots.renumber([slot])[slot]
    town.lightning_bolt.slots.spoil(renumbered, "wrong_utc")
    town.graph.journal.clear()
    await town.publish(town.next_month)
    assert town.writes() == {}
    assert town.subjects(ADA) == ["Night Call"]


async def test_a_shift_at_the_same_times_on_another_views_schedule_is_not_taken_for_one_that_cannot_be_read(
    town: Town,
) -> None:
    """Only as long as its own view's stored slots are looked at as well, does it account for what it is."""
    own, other = 6, 60
    town.lightning_bolt.records.put_template(Template(own, "HM APP", "Hospital Medicine APPs", 10))
    town.lightning_bolt.records.put_view(View(other, "All", (TEMPLATE, own)))
    town.lightning_bolt.records.put_assignment(
        Assignment(400, "Backup", "B", (TEMPLATE, own), "07:00:00~17:00:00", SENT)
    )
    await town.restart(
        LIGHTNING_BOLT_VIEWS=json.dumps([{"view_id": view, "time_zone": ZONE} for view in (VIEW, other)])
    )
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 400, town.day(4))
    slot = town.lightning_bolt.slots.add_slot(own, ADA, 400, town.day(4))
    for day in range(8, 14):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(day))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.sweep()
    assert town.subjects(ADA) == ["Backup", "Backup"]
    renumbered = town.lightning_bolt.slots.renumber([slot])[slot]
    town.lightning_bolt.slots.spoil(renumbered, "wrong_utc")
    town.graph.journal.clear()
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.sweep()
    assert (town.writes(), town.subjects(ADA)) == ({}, ["Backup", "Backup"])


async def test_when_most_rows_are_bad_the_view_waits(town: Town) -> None:
    slots = [town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(day)) for day in range(3, 12)]
    await town.publish(town.next_month)
    town.lightning_bolt.slots.remove(slots[0])
    for slot in slots[1:]:
        town.lightning_bolt.slots.spoil(slot, "bad_start")
    await town.publish(town.next_month)
    assert len(town.calendar(ADA)) == 9
    assert (await town.app.health()).body["status"] == "degraded"


async def test_tidying_leaves_what_cannot_be_read(town: Town) -> None:
    """Where rows were lost, the next reads make them anew, but not of a slot that is bad then: its event has no row.

    It is not taken for an event that no schedule has any more, as long as some row of the month cannot be read.
    """
    bad = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(4))
    for day in range(8, 14):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(day))
    await town.publish(town.next_month)
    await town.lose_tables("personmonths", "schedules", "problems")
    town.lightning_bolt.slots.spoil(bad, "wrong_utc")
    await town.publish(town.next_month)
    deadline = time.monotonic() + 20
    while not await _read_since_the_loss(town):
        assert time.monotonic() < deadline, "no read has finished that began after the rows were made anew"
        await town.sweep()
    await town.sweep()
    assert town.subjects(ADA) == ["Night Call"]
    town.lightning_bolt.slots.set_raw(bad)
    town.lightning_bolt.slots.remove(bad)
    await town.publish(town.next_month)
    await town.sweep_until(lambda: town.subjects(ADA) == [])


async def _read_since_the_loss(town: Town) -> bool:
    """All that tidying waits for otherwise: a read that began after the head row was made."""
    head = (await town.app.planner.person_months.rows(ScheduleMonth(str(TEMPLATE), town.next_month))).head
    finished = (await town.app.ledger.reads(VIEW)).of(town.next_month).finished
    return bool(head and head.stored_at and finished and finished > head.stored_at)
