"""Rule 1, open before effect: a crash at the worst moment, lost answers, lost tables."""

from dataclasses import replace

import pytest

from tests.local.graph.faults import Fault
from tests.scenarios.ports import Killed, KilledAfterAnswer
from tests.scenarios.test_main_job import publish_a_week
from tests.town import ADA, BEN, CLEO, DAY, TEMPLATE, Town, mailbox


async def test_a_writer_killed_between_answer_and_record_then_an_undo(town: Town) -> None:
    slots = await publish_a_week(town)
    before = [(event.immutable_id, event.times) for event in town.calendar(ADA)]
    start = town.calendar(ADA)[0].times.first.local
    end = town.calendar(ADA)[0].times.last.local

    town.lightning_bolt.slots.retime(slots["ada day"], start.replace(hour=9), end.replace(hour=19))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    alive = town.app.writer
    town.app.writer = replace(alive, calendars=KilledAfterAnswer(town.app.graph))
    with pytest.raises(Killed):
        await town.drain()
    town.app.writer = alive
    assert town.calendar(ADA)[0].times.first.local.hour == 9

    town.lightning_bolt.slots.retime(slots["ada day"], start, end)
    await town.publish(town.next_month)
    await town.sweep()
    assert [(event.immutable_id, event.times) for event in town.calendar(ADA)] == before


async def test_a_writer_killed_after_its_creates_makes_no_second_event(town: Town) -> None:
    alive = town.app.writer
    town.app.writer = replace(alive, calendars=KilledAfterAnswer(town.app.graph))
    with pytest.raises(Killed):
        await publish_a_week(town)
    town.app.writer = alive
    await town.drain()
    await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]
    assert town.subjects(BEN) == ["Day Rounds", "Leave"]
    assert town.subjects(CLEO) == ["Night Call"]


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "garbage"])
async def test_an_unknown_outcome_is_observed_and_mended(town: Town, kind: str) -> None:
    town.graph.fault(Fault(kind, mailbox=mailbox(ADA), method="POST", times=2))  # type: ignore[arg-type]
    await publish_a_week(town)
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]


async def test_a_request_that_lands_after_its_connection_was_cut(town: Town) -> None:
    await town.restart(LOOK_AGAIN_SECONDS="3")
    town.graph.fault(Fault("late", mailbox=mailbox(ADA), method="POST", times=1, seconds=4))
    await publish_a_week(town)
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]


@pytest.mark.parametrize("tables", [("personmonths", "shiftevents", "schedules", "problems"), ("shiftevents",)])
async def test_with_tables_wiped_the_next_publish_adopts_every_event(town: Town, tables: tuple[str, ...]) -> None:
    await publish_a_week(town)
    before = {person: [event.immutable_id for event in town.calendar(person)] for person in (ADA, BEN, CLEO)}
    await town.lose_tables(*tables)
    town.graph.journal.clear()
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(20))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(20))
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(20))
    await town.publish(town.next_month)
    assert town.writes() == {"POST": 3}
    for person, ids in before.items():
        assert [event.immutable_id for event in town.calendar(person)][: len(ids)] == ids


@pytest.mark.parametrize(
    "tables",
    [("personmonths", "shiftevents", "schedules", "problems"), ("shiftevents",), ("personmonths",), ("schedules",)],
)
async def test_with_tables_wiped_and_slots_renumbered_meanwhile_nothing_is_written(
    town: Town, tables: tuple[str, ...]
) -> None:
    slots = await publish_a_week(town)
    before = {person: [event.immutable_id for event in town.calendar(person)] for person in (ADA, BEN, CLEO)}
    town.lightning_bolt.slots.renumber(list(slots.values()), live=True)
    await town.lose_tables(*tables)
    town.graph.journal.clear()
    await town.sweep()
    assert town.writes() == {}
    assert {person: [event.immutable_id for event in town.calendar(person)] for person in before} == before
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(20))
    await town.publish(town.next_month)
    assert town.writes() == {"POST": 1}


async def test_events_of_lost_rows_go_with_the_nightly_tidying(town: Town) -> None:
    slots = await publish_a_week(town)
    await town.lose_tables("personmonths")
    town.lightning_bolt.slots.remove(slots["cleo night"])
    await town.publish(town.next_month)
    assert town.subjects(CLEO) == ["Night Call"], "nothing tells of it yet"
    await town.sweep_until(lambda: town.subjects(CLEO) == [])
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]
