"""`preview` says what `sync` then does, and writes nothing."""

from datetime import timedelta
from typing import Any

from tests.ops.asking import answer, ask, settle
from tests.town import ADA, BEN, CLEO, DAN, DAY, NIGHT, TEMPLATE, Town, mailbox

NAMES = (("create", "created"), ("update", "updated"), ("delete", "deleted"), ("move", "moved"), ("hold", "held"))


async def _tables(town: Town) -> list[list[dict[str, Any]]]:
    """Every row of every table, as it stands."""
    return [
        [dict(entity) | {"etag": entity.metadata["etag"]} async for entity in table.list_entities()]
        for table in (town.app.storage.tables.get_table_client(name) for name in TABLES)
    ]


TABLES = ("personmonths", "shiftevents", "schedules", "problems")


async def _all_at_once(town: Town) -> None:
    """A change that makes a create, updates, deletes, moves and a hold: in two months, judged one by one."""
    edits, other = town.lightning_bolt.slots, town.next_month.plus(1)
    near = {
        person: [edits.add_slot(TEMPLATE, person, DAY, town.day(day)) for day in range(1, 11)] for person in (ADA, BEN)
    }
    far = [edits.add_slot(TEMPLATE, CLEO, DAY, other.first + timedelta(days=day)) for day in range(12)]
    await town.publish()
    edits.add_slot(TEMPLATE, BEN, NIGHT, town.day(20))
    edits.set_notes(near[BEN][0], "Bring the pager")
    edits.set_notes(near[BEN][1], "Bring the keys")
    edits.remove(near[BEN][2])
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    for slot in far:
        edits.remove(slot)
    await town.lightning_bolt.publishing.publish(callback=False)


async def test_a_preview_and_the_sync_after_it_give_the_same_numbers(town: Town) -> None:
    await _all_at_once(town)
    before = await _tables(town)
    town.graph.journal.clear()
    previewed = await ask(town, "preview")
    assert previewed["totals"] == {"create": 1, "update": 2, "delete": 1, "move": 10, "hold": 12}
    assert town.writes() == {}
    assert await _tables(town) == before, "a preview changes no row"
    assert await town.waiting() == 0

    done = await settle(town, await ask(town, "sync"))
    assert done["done"]
    assert {name: done[ended] for name, ended in NAMES} == previewed["totals"]
    assert town.writes() == {"POST": 11, "PATCH": 2, "DELETE": 11}
    assert (await ask(town, "preview"))["people"] == []


async def test_of_one_person_it_tells_each_event(town: Town) -> None:
    await _all_at_once(town)
    (plan,) = (await ask(town, "preview", person=str(BEN)))["people"]
    steps = [(step["action"], step["day"], step["subject"]) for step in plan["steps"]]
    assert sorted(steps) == sorted(
        [
            ("create", str(town.day(20)), "Night Call"),
            ("update", str(town.day(1)), "Day Rounds"),
            ("update", str(town.day(2)), "Day Rounds"),
            ("delete", str(town.day(3)), ""),
        ]
    )


async def test_before_anything_was_published_everything_is_new(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.lightning_bolt.publishing.publish(callback=False)
    found = await ask(town, "preview", view=50, months=[str(town.next_month)])
    assert found["totals"]["create"] == 1
    assert found["months"] == [f"50 {town.next_month}"]


async def test_events_that_are_there_already_are_adopted_not_made_again(town: Town) -> None:
    """Tables that were lost: as the writer would, the preview looks at mailboxes that were never met."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    await town.lose_tables("personmonths", "shiftevents", "schedules")
    assert (await ask(town, "preview"))["totals"]["create"] == 0


async def test_what_cannot_be_done_is_said(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", "nobody@example.org")
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.restart(PILOT_PEOPLE=f"[{ADA}]")
    found = {plan["person"]: plan for plan in (await ask(town, "preview"))["people"]}
    assert (found[str(ADA)]["create"], found[str(ADA)]["words"]) == (0, "its mailbox refuses")
    assert (found[str(BEN)]["create"], found[str(BEN)]["words"]) == (1, "left alone by PAUSED or PILOT_PEOPLE")


async def test_a_changed_mapping_makes_a_publish_read_more_than_was_asked_for(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    month = [str(town.next_month)]
    assert not (await ask(town, "preview", months=month))["follows"]
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    assert (await ask(town, "preview", months=month))["follows"]


async def test_wrong_input_is_named(town: Town) -> None:
    for asked, field in (
        ({"view": 7}, "view"),
        ({"view": "many"}, "view"),
        ({"months": ["2026-13"]}, "months.0"),
        ({"months": ["1999-01"]}, "months"),
        ({"month": "2026-12"}, "month"),
        ({"person": ""}, "person"),
    ):
        status, body = await answer(town, "preview", **asked)
        assert (status, body["field"]) == (400, field), body
    assert (await answer(town, "preview", view=7))[1]["error"].endswith("none of the views that are read (50)")
    said = await town.app.operate("preview", b"{", {}, signed_in=False)
    assert (said.status, said.body) == (400, {"status": "refused", "field": "body", "error": "body is not JSON"})
    assert (await answer(town, "no such verb"))[0] == 404
