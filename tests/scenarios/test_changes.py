"""Rule 4 and the single changes of a schedule, each with exactly the requests that it needs."""

from collections.abc import Callable

from tests.scenarios.test_main_job import publish_a_week
from tests.town import ADA, BEN, DAY, TEMPLATE, Town


async def test_each_single_change_costs_what_it_must(town: Town) -> None:
    slots = await publish_a_week(town)
    edits = town.lightning_bolt.slots
    first = town.calendar(ADA)[0].times.first.local
    last = town.calendar(ADA)[0].times.last.local
    changes: list[tuple[Callable[[], object], dict[str, int]]] = [
        (lambda: edits.retime(slots["ada day"], first.replace(hour=8), last), {"PATCH": 1}),
        (lambda: edits.set_notes(slots["ada day"], "Bring nothing"), {"PATCH": 1}),
        (lambda: edits.move(slots["ada day"], town.day(12)), {"PATCH": 1}),
        (lambda: edits.remove(slots["ben leave"]), {"DELETE": 1}),
        (lambda: edits.swap(slots["cleo night"], BEN), {"POST": 1, "DELETE": 1}),
        (lambda: edits.set_notes(slots["ben day"], "Said"), {"PATCH": 1}),
        (lambda: edits.set_notes(slots["ben day"], "Said", request_note="a", decision_note="b"), {}),
    ]
    for change, cost in changes:
        town.graph.journal.clear()
        change()
        await town.publish(town.next_month)
        assert (town.writes(), town.requests("GET")) == (cost, 0)


async def test_a_renumbering_republish_costs_no_graph_request(town: Town) -> None:
    slots = await publish_a_week(town)
    town.graph.journal.clear()
    renumbered = town.lightning_bolt.slots.renumber(list(slots.values()))
    await town.publish(town.next_month)
    assert town.graph.operations() == []
    town.lightning_bolt.slots.remove(renumbered[slots["ben leave"]])
    await town.publish(town.next_month)
    assert town.writes() == {"DELETE": 1}


async def test_slots_that_exchange_their_ids_cost_no_graph_request(town: Town) -> None:
    slots = await publish_a_week(town)
    town.graph.journal.clear()
    town.lightning_bolt.slots.exchange_ids(slots["ada day"], slots["ada night"])
    await town.publish(town.next_month)
    assert town.graph.operations() == []


async def test_a_slot_that_moves_to_another_month_is_there_once(town: Town) -> None:
    slots = await publish_a_week(town)
    town.lightning_bolt.slots.move(slots["ada day"], town.next_month.plus(1).first)
    await town.publish(town.next_month, town.next_month.plus(1))
    assert town.subjects(ADA) == ["Night Call", "Day Rounds"]


async def test_foreign_events_are_never_touched(town: Town) -> None:
    body = {
        "subject": "Day Rounds",
        "start": {"dateTime": f"{town.day(5)}T07:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": f"{town.day(5)}T17:00:00", "timeZone": "Central Standard Time"},
    }
    foreign = town.graph.owner.add("ada@example.org", body)
    slots = await publish_a_week(town)
    for slot in slots.values():
        town.lightning_bolt.slots.remove(slot)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(5))
    await town.publish(town.next_month)
    assert [event.immutable_id for event in town.calendar(ADA)] == [foreign.immutable_id]
