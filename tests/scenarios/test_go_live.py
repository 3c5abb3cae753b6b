"""`PAUSED` and `PILOT_PEOPLE`: plan, but write nothing, or only to some."""

from shared.messages import ScheduleMonth
from shared.month import Month
from tests.scenarios.test_main_job import publish_a_week
from tests.town import ADA, BEN, CLEO, DAY, TEMPLATE, Town


async def test_paused_plans_and_writes_nothing_until_it_is_lifted(town: Town) -> None:
    await town.restart(PAUSED="true")
    await publish_a_week(town)
    assert town.graph.operations() == []
    assert "calendar-changes" not in town.handled
    await town.restart(PAUSED="false")
    await town.sweep_until(lambda: len(town.calendar(ADA)) == 2)
    assert town.subjects(CLEO) == ["Night Call"]


async def test_pilot_people_alone_are_written_to(town: Town) -> None:
    await town.restart(PILOT_PEOPLE=f"[{BEN}]")
    await publish_a_week(town)
    assert (town.subjects(ADA), town.subjects(BEN)) == ([], ["Day Rounds", "Leave"])


async def test_what_is_due_when_its_month_leaves_the_window_is_closed_as_expired(town: Town) -> None:
    """Nobody reads that month any more: it is neither due for ever nor written later."""
    last = Month.of(town.today).plus(-1)
    await town.restart(PAUSED="true")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, last.first)
    await town.publish(last)
    await town.restart(PAUSED="false", MONTHS_BACK="0")
    month = ScheduleMonth(str(TEMPLATE), last)
    await town.sweep()
    row = (await town.app.writer.person_months.of_person(str(ADA), [month]))[month]
    assert (row.in_step, row.status.outcome) == (True, "expired")
    assert (town.calendar(ADA), town.graph.operations()) == ([], [])
