"""Reproductions of planner bugs, by the reviewer. Each fails on today's code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.errors import SettingsError
from shared.messages import CALENDAR_CHANGES, ScheduleMonth
from shared.month import Month
from shared.settings import read_settings
from shared.state.entities import size_of
from shared.sync.plan_schedule import plan_schedule
from shared.sync.ports import PersonMonths, Specification
from shared.sync.publish_callback import receive
from shared.sync.records import Head, ScheduleMonthRows
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.local.lightning_bolt.model import Assignment, Template, View
from tests.town import ADA, BEN, CLEO, DAY, NIGHT, SENT, TEMPLATE, VIEW, Town, mailbox

OTHER = 6
"""A second template."""


def with_two_templates(town: Town) -> None:
    """The town's view shows a second template, too, with an assignment 305 of its own."""
    town.lightning_bolt.records.put_template(Template(OTHER, "HM NP", "Hospital Medicine NPs", 10))
    town.lightning_bolt.records.add_template_to_view(VIEW, OTHER)
    town.lightning_bolt.records.put_assignment(Assignment(305, "Swing", "S", (OTHER,), "10:00:00~20:00:00", SENT))


def spoilt_month(town: Town, month: Month) -> list[int]:
    """A month with four slots of Ben's, three of them bad: more bad rows than good ones."""
    slots = [town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, month.first + timedelta(days=n)) for n in range(4)]
    for slot in slots[1:]:
        town.lightning_bolt.slots.spoil(slot, "bad_start")
    return slots


async def test_a_month_that_is_refused_does_not_stop_the_months_after_it(town: Town) -> None:
    """plan_schedule.run: ScheduleRefusedError of one month ends the message: later months are never read, by no sweep."""
    spoilt_month(town, town.next_month.plus(1))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(3).first)
    await town.publish()
    for _ in range(3):
        await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_the_rotation_does_not_stick_at_a_month_that_is_refused(town: Town) -> None:
    """near_months: the oldest *finished* read comes first; a month that never finishes is asked for for ever."""
    spoilt_month(town, town.next_month.plus(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(12):
        await town.app.sweep()
        await town.drain()
    finished = (await town.app.ledger.reads(VIEW)).finished
    assert town.next_month.plus(4) in finished, sorted(map(str, finished))


async def test_the_rotation_does_not_stick_at_a_month_that_lightning_bolt_cannot_give(town: Town) -> None:
    """The same where Lightning Bolt fails for one month only (a month too large for it, say)."""
    town.lightning_bolt.faults.add(Fault(Kind.CUT_JSON, month=str(town.next_month.plus(1))))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(12):
        await town.app.sweep()
        await town.drain()
    finished = (await town.app.ledger.reads(VIEW)).finished
    assert town.next_month.plus(4) in finished, sorted(map(str, finished))


async def test_health_goes_on_telling_of_a_refused_month(town: Town) -> None:
    """ledger.finished empties the view's one `refusal` whichever month was read: the next callback hides it."""
    spoilt_month(town, town.next_month)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(2).first)
    await town.publish(town.next_month)
    assert (await town.app.health()).body["status"] == "degraded"
    await town.publish(town.next_month.plus(2))
    assert (await town.app.health()).body["status"] == "degraded"


class Interfered:
    """personmonths, where another plan run stores in the second schedule just before ours does (once)."""

    def __init__(self, real: PersonMonths) -> None:
        self._real = real
        self._armed = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def store(self, month: ScheduleMonth, head: Head, specifications: Sequence[Specification]) -> Head:
        if self._armed and month.schedule == str(OTHER) and specifications:
            self._armed = False
            now: ScheduleMonthRows = await self._real.rows(month)
            assert now.head
            await self._real.store(month, now.head, [])
        return await self._real.store(month, head, specifications)


async def test_what_was_stored_before_a_refusal_is_announced_at_once(town: Town) -> None:
    """_store points only once every schedule is stored: a PreconditionError at the second loses the first's pointers.

    The message is put back, but by then the first schedule's rows are as desired and "just stored", so nobody points at
    them until a sweep later than LEASE_SECONDS: ten minutes instead of seconds. With more than 99 people per
    schedule-month the same happens within one schedule (several transactions).
    """
    with_two_templates(town)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    other = town.lightning_bolt.slots.add_slot(OTHER, BEN, 305, town.day(3))
    await town.publish(town.next_month)
    await town.restart(LEASE_SECONDS="120")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    town.lightning_bolt.slots.move(other, town.day(4))
    town.app.planner = replace(town.app.planner, person_months=Interfered(town.app.planner.person_months))
    await town.publish(town.next_month)
    assert [event.times.first.local.day for event in town.calendar(BEN)] == [4]
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]


async def test_the_first_publish_reads_each_month_once(town: Town) -> None:
    """_owns stores the owner row but not self._owners: the second month's `own` is refused, and all is read again."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    reads = {read.month: read.asked for read in town.lightning_bolt.journal.reads()}
    assert set(reads.values()) == {1}, reads


async def test_a_person_month_that_fits_no_row_is_that_persons_problem_only(town: Town) -> None:
    """DESIGN, Tables: "a row that does not fit is that person's problem only". Today it stops its schedule for everybody."""
    for day in range(1, 29):
        for assignment in (DAY, NIGHT):
            town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, assignment, town.day(day), note="x" * 31_000)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]
    assert town.subjects(CLEO) == ["Day Rounds"]


async def test_notes_outside_the_basic_plane(town: Town) -> None:
    """entities.split counts characters, storage counts UTF-16 units (64 KiB): a note of emoji stops its whole schedule."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3), note="\N{PILL}" * 15_000)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(4), note="\N{PILL}" * 15_000)
    await town.publish(town.next_month)
    assert len(town.calendar(ADA)) == 2
