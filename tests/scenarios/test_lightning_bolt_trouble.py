"""Months that Lightning Bolt refuses, cannot give, or answers late: each is its own trouble, and nobody else's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.messages import SCHEDULE_CHANGES
from shared.month import Month
from shared.schedule.model import MonthRead
from shared.settings import View
from shared.sync.plan_schedule import FOLLOW_AFTER
from shared.sync.ports import Schedules
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.scenarios.ports import Hurried
from tests.town import ADA, BEN, DAY, TEMPLATE, VIEW, Town, mailbox


def spoil_month(town: Town, month: Month) -> None:
    """More bad rows than good ones: the month is refused as a whole."""
    days = [month.first + timedelta(days=number) for number in range(4)]
    slots = [town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, day) for day in days]
    for slot in slots[1:]:
        town.lightning_bolt.slots.spoil(slot, "bad_start")


def cut_month(town: Town, month: Month) -> None:
    """No answer about the month is whole, as where it is too large for Lightning Bolt."""
    town.lightning_bolt.faults.add(Fault(Kind.CUT_JSON, month=str(month)))


async def test_a_refused_month_keeps_no_other_from_being_read(town: Town) -> None:
    spoil_month(town, town.next_month.plus(1))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(3).first)
    await town.publish()
    assert (town.subjects(ADA), town.subjects(BEN)) == (["Day Rounds"], [])


@pytest.mark.parametrize("trouble", [spoil_month, cut_month])
async def test_the_sweeps_pass_over_a_month_that_cannot_be_read(
    town: Town, trouble: Callable[[Town, Month], None]
) -> None:
    """Each sweep reads one further month, the one asked for longest ago: else they would ask for this one for ever."""
    await town.restart(MONTHS_BACK="0", MONTHS_AHEAD="3")
    trouble(town, town.next_month.plus(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(2):
        await town.app.sweep()
        await town.drain()
    months = (await town.app.ledger.reads(VIEW)).months
    assert months[town.next_month.plus(1)].refusal
    assert months[town.next_month.plus(2)].finished


async def test_a_retry_after_of_weeks_is_not_waited_for(town: Town) -> None:
    """No message may wait longer than the week that storage keeps it: the publish would be lost."""
    town.lightning_bolt.faults.add(Fault(Kind.STATUS, status=503, retry_after="1000000", count=1))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible(SCHEDULE_CHANGES)
    assert await town.waiting() == 1


class Lagging:
    """Lightning Bolt, whose answers for all months but one still show Ada's old ID."""

    def __init__(self, real: Schedules, ahead: Month) -> None:
        self._real = real
        self._ahead = ahead
        self.months: list[Month] = []

    async def read_month(self, view: View, month: Month) -> MonthRead:
        """See Schedules."""
        self.months.append(month)
        read = await self._real.read_month(view, month)
        if month == self._ahead:
            return read
        ada = replace(read.people[str(ADA)], mailbox=mailbox(ADA))
        return replace(read, people={**read.people, str(ADA): ada})


async def test_answers_that_lag_do_not_make_reads_chase_each_other(town: Town) -> None:
    """A mapping that changed has the rest of the window read, once and not at once: also if that shows the old one."""
    one, other = town.next_month, town.next_month.plus(1)
    await town.restart(MONTHS_BACK="0", MONTHS_AHEAD="2")
    for month in (one, other):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, month.first)
    await town.publish()
    lagging, hurried = Lagging(town.app.planner.schedules, one), Hurried(town.app.planner.queue)
    town.app.planner = replace(town.app.planner, schedules=lagging, queue=hurried)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(BEN))
    await town.publish(one)
    assert lagging.months == [one, Month.of(town.today), other]
    later = [delay for change, delay in hurried.hints if change.follows and delay == FOLLOW_AFTER]
    assert len(later) == 1, "others put the message back, for as long as it is the second of the read before"
