"""`PAUSED` and `PILOT_PEOPLE`: plan, but write nothing, or only to some."""

from tests.scenarios.test_main_job import publish_a_week
from tests.town import ADA, BEN, CLEO, Town


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
