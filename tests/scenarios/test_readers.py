"""Rule 2 for readers: one reader per view, bursts, repeats, take-overs; who answers for a schedule."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.month import Month
from shared.schedule.model import MonthRead
from shared.settings import View
from shared.sync.ports import Schedules
from tests.local.lightning_bolt import model
from tests.scenarios.ports import Killed
from tests.town import ADA, BEN, CLEO, DAY, NIGHT, TEMPLATE, VIEW, ZONE, Town, mailbox


def reads_of(town: Town, month: Month) -> int:
    """How often Lightning Bolt was asked for a month of the town's view."""
    reads = town.lightning_bolt.journal.reads()
    return sum(read.asked for read in reads if (read.view_id, read.month) == (VIEW, str(month)))


class Watched:
    """Lightning Bolt, where something happens when an answer is in hand."""

    def __init__(self, real: Schedules) -> None:
        self._real = real
        self.has_answered = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def read_month(self, view: View, month: Month) -> MonthRead:
        """Answers, and holds the answer back until it may go on."""
        read = await self._real.read_month(view, month)
        self.has_answered.set()
        await self.may_go_on.wait()
        return read


async def stall(town: Town, watched: Watched) -> asyncio.Task[None]:
    """Handles hints until a reader has its answer in hand and stands still."""

    async def handle() -> None:
        while not watched.has_answered.is_set():
            await town.handle_visible(SCHEDULE_CHANGES)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(handle())
    await asyncio.wait_for(watched.has_answered.wait(), 20)
    return task


async def test_a_burst_of_publishes_costs_two_reads_and_loses_none(town: Town) -> None:
    for day in range(1, 9):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day))
        await town.lightning_bolt.publishing.publish(callback=False)
        await town.callback(town.next_month)
    await town.drain()
    assert len(town.calendar(ADA)) == 8
    assert reads_of(town, town.next_month) <= 2


async def test_a_publish_is_read_once_more_later_in_case_the_answer_lagged(town: Town) -> None:
    await town.restart(READ_AGAIN_SECONDS="3")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.publish(town.next_month)
    town.lightning_bolt.records.set_options(model.Options(lag_seconds=2))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(2))
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]


async def test_a_burst_has_one_repeat(town: Town) -> None:
    await town.restart(READ_AGAIN_SECONDS="3")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(5):
        await town.callback(town.next_month)
    await town.drain()
    assert reads_of(town, town.next_month) <= 3, "one or two, and a repeat"


async def test_sweeps_cause_no_repeat(town: Town) -> None:
    await town.restart(READ_AGAIN_SECONDS="3")
    await town.sweep()
    assert reads_of(town, town.next_month) == 1


async def test_a_view_that_is_being_read_is_waited_for(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    real = town.app.planner
    watched = Watched(real.schedules)
    town.app.planner = replace(real, schedules=watched)
    await town.callback(town.next_month)
    first = await stall(town, watched)
    town.app.planner = real
    await town.callback(town.next_month)
    assert await town.handle_visible(SCHEDULE_CHANGES) == 1
    assert reads_of(town, town.next_month) == 1, "the second waits"
    watched.may_go_on.set()
    await first
    await town.drain()
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_a_late_reader_is_refused_by_whoever_took_over(town: Town) -> None:
    """Its answer is older than what the other stored, or left unchanged: an edit that was undone meanwhile."""
    slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.publish(town.next_month)
    event = town.calendar(ADA)[0].immutable_id
    town.lightning_bolt.slots.move(slot, town.day(9))
    await town.lightning_bolt.publishing.publish(callback=False)
    real = town.app.planner
    watched = Watched(real.schedules)
    town.app.planner = replace(real, schedules=watched)
    await town.callback(town.next_month)
    late = await stall(town, watched)
    town.app.planner = real

    town.lightning_bolt.slots.move(slot, town.day(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    number = 0
    while number == 0:  # until the stalled reader's lease has run out
        await town.handle_visible(SCHEDULE_CHANGES)
        number = (await town.app.ledger.reads(VIEW)).reader.number
        await asyncio.sleep(0.1)
    watched.may_go_on.set()
    await late
    await town.handle_visible(CALENDAR_CHANGES)
    assert town.calendar(ADA)[0].times.first.local.date() == town.day(1)
    await town.drain()
    assert [each.immutable_id for each in town.calendar(ADA)] == [event]


async def test_a_reader_that_was_killed_is_taken_over(town: Town) -> None:
    class Deadly:
        async def read_month(self, view: View, month: Month) -> MonthRead:
            raise Killed

    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    real = town.app.planner
    town.app.planner = replace(real, schedules=Deadly())
    with pytest.raises(Killed):
        await town.handle_visible(SCHEDULE_CHANGES)
    town.app.planner = real
    await town.drain()
    assert town.subjects(ADA) == ["Day Rounds"]


async def two_views(town: Town) -> None:
    """View 60 shows the schedule of view 50 as well, and one of its own."""
    town.lightning_bolt.records.put_template(model.Template(6, "HM APP", "Hospital Medicine APPs", 10))
    town.lightning_bolt.records.put_view(model.View(60, "All", (TEMPLATE, 6)))
    views = [{"view_id": view, "time_zone": ZONE} for view in (VIEW, 60)]
    await town.restart(LIGHTNING_BOLT_VIEWS=json.dumps(views))


async def test_what_a_view_shows_of_anothers_schedule_is_read_by_its_owner(town: Town) -> None:
    await two_views(town)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.publish(town.next_month)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(2))
    await town.lightning_bolt.publishing.publish(callback=False)
    body = f'{{"view_id": 60, "start_date": "{town.next_month.first}", "end_date": "{town.next_month.last}"}}'
    await town.app.publish_callback(body.encode(), {})
    await town.drain()
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]


async def test_a_schedule_that_its_view_no_longer_has_passes_to_another(town: Town) -> None:
    await two_views(town)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    await town.sweep()
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds"]
    town.graph.journal.clear()
    town.lightning_bolt.records.set_filter(VIEW, people=None)
    town.lightning_bolt.records.add_template_to_view(VIEW, 6)
    town.lightning_bolt.records.remove_template_from_view(VIEW, TEMPLATE)
    await town.sweep()
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(2))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.sweep()
    owners = (await town.app.ledger.reads(VIEW)).owners
    assert owners[str(TEMPLATE)].view == 60
    assert (town.subjects(ADA), town.writes()) == (["Day Rounds", "Night Call"], {"POST": 1})


async def test_a_lost_table_of_schedules_does_not_stop_all_reading(town: Town) -> None:
    """Only `schedules` is lost; a reader had been taken over once, so that heads bear a number above zero."""
    for day, kind in ((3, DAY), (5, NIGHT)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, kind, town.day(day))
    await town.publish()
    reads = await town.app.ledger.reads(VIEW)
    await town.app.ledger.store_reader(reads.reader, owner="killed")
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish()
    assert town.subjects(BEN) == ["Day Rounds"]
    await town.lose_tables("schedules")
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(3))
    try:
        await town.publish()
    except TimeoutError:
        pytest.fail("the hint is put back for ever, and nothing is planned")
    assert town.subjects(CLEO) == ["Day Rounds"]


class ChangesMind:
    """Lightning Bolt, in which somebody's ID is changed just after a month was answered."""

    def __init__(self, real: Schedules, town: Town, month: Month) -> None:
        self._real, self._town, self._month = real, town, month

    async def read_month(self, view: View, month: Month) -> MonthRead:
        """As the real one."""
        read = await self._real.read_month(view, month)
        if month == self._month:
            self._town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(BEN))
        return read


async def test_an_id_that_changes_while_the_window_is_read_reaches_the_months_that_were_read_before(
    town: Town,
) -> None:
    """`rest` leaves out the message's own months, also those that it had read already."""
    for day, kind in ((3, DAY), (5, NIGHT)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, kind, town.day(day))
    await town.publish()
    real = town.app.planner
    town.app.planner = replace(real, schedules=ChangesMind(real.schedules, town, town.next_month))
    await town.sweep()
    town.app.planner = real
    assert (len(town.calendar(ADA)), len(town.calendar(BEN))) == (0, 2)


async def test_a_month_that_does_not_list_a_schedule_costs_one_read_each(town: Town) -> None:
    """`_pass_on` notes `listed: False` and goes on with the owner row as it was read before that."""
    two = [{"view_id": view, "time_zone": ZONE} for view in (VIEW, 60)]
    town.lightning_bolt.records.put_template(model.Template(6, "HM APP", "Hospital Medicine APPs", 10))
    town.lightning_bolt.records.put_view(model.View(60, "All", (TEMPLATE, 6)))
    await town.restart(LIGHTNING_BOLT_VIEWS=json.dumps(two), SHRINK_MINIMUM="1000")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1) + timedelta(days=40))
    await town.publish()
    town.lightning_bolt.records.set_filter(VIEW, people=None)
    town.lightning_bolt.records.add_template_to_view(VIEW, 6)
    town.lightning_bolt.records.remove_template_from_view(VIEW, TEMPLATE)
    await town.lightning_bolt.publishing.publish(callback=False)

    def asked() -> dict[str, int]:
        reads = town.lightning_bolt.journal.reads()
        return {str(read.month): read.asked for read in reads if read.view_id == VIEW}

    before = asked()
    await town.callback()
    await town.drain()
    assert {month: count - before[month] for month, count in asked().items()} == dict.fromkeys(before, 1)
