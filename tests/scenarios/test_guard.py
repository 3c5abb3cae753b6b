"""Rule 5, refuse to shrink: every cause of a hold, what flows beside it, and how it ends."""

from datetime import timedelta

from tests.local.lightning_bolt.faults import Fault, Kind
from tests.local.lightning_bolt.model import Template
from tests.town import ADA, BEN, CLEO, DAN, DAY, NIGHT, TEMPLATE, Town, mailbox

EMPTY = Fault(Kind.NO_SLOTS)


async def a_full_month(town: Town) -> dict[int, list[int]]:
    """Ten shifts each of Ada's, Ben's, Cleo's and Dan's; slot ids by person."""
    town.lightning_bolt.records.set_person_field(DAN, "unique_id", mailbox(DAN))
    slots = {
        person: [town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day)) for day in range(1, 11)]
        for person in (ADA, BEN, CLEO, DAN)
    }
    await town.publish(town.next_month)
    assert sum(len(town.calendar(person)) for person in slots) == 40
    town.graph.journal.clear()
    return slots


async def holds(town: Town) -> list[str]:
    """What health says of holds."""
    reasons = (await town.app.health()).body["reasons"]
    assert isinstance(reasons, list)
    return [reason for reason in reasons if "held" in reason]


async def test_an_empty_answer_deletes_nothing_and_a_sane_one_ends_the_hold(town: Town) -> None:
    slots = await a_full_month(town)
    town.lightning_bolt.faults.add(EMPTY)
    await town.sweep()
    assert town.writes() == {}
    assert any("40 slots (shrink)" in hold for hold in await holds(town))
    town.lightning_bolt.faults.clear()
    await town.sweep()
    assert (await holds(town), town.writes()) == ([], {})
    town.lightning_bolt.slots.remove(slots[ADA][0])
    await town.publish(town.next_month)
    assert town.writes() == {"DELETE": 1}


async def test_edits_additions_swaps_and_a_single_opt_out_flow_beside_a_hold(town: Town) -> None:
    slots = await a_full_month(town)
    for slot in slots[ADA] + slots[BEN][:5]:
        town.lightning_bolt.slots.remove(slot)
    await town.publish(town.next_month)
    assert town.writes() == {}
    assert any("15 slots (shrink)" in hold for hold in await holds(town))

    edits = town.lightning_bolt.slots
    edits.set_notes(slots[CLEO][0], "Other")
    await town.publish(town.next_month)
    assert town.writes() == {"PATCH": 1}
    edits.add_slot(TEMPLATE, CLEO, NIGHT, town.day(20))
    await town.publish(town.next_month)
    edits.swap(slots[CLEO][8], BEN)
    await town.publish(town.next_month)
    assert town.writes() == {"PATCH": 1, "POST": 2, "DELETE": 1}
    edits.remove(slots[CLEO][2])
    await town.publish(town.next_month)
    assert town.writes() == {"PATCH": 1, "POST": 2, "DELETE": 2}, "a small loss beside it is judged by itself"
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", None)
    await town.publish(town.next_month)
    assert town.calendar(ADA) == [], "a single opt-out takes the held slots along"
    assert any("5 slots (shrink)" in hold for hold in await holds(town))


async def test_a_shift_of_somebody_without_an_id_that_was_there_all_along_stands_for_no_lost_one(town: Town) -> None:
    """Dan has no ID and the same shifts as the others: nothing was given to him."""
    slots = {
        person: [town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day)) for day in range(1, 11)]
        for person in (ADA, BEN, CLEO, DAN)
    }
    await town.publish(town.next_month)
    town.graph.journal.clear()
    for slot in slots[ADA] + slots[BEN]:
        town.lightning_bolt.slots.remove(slot)
    await town.publish(town.next_month)
    await town.sweep()
    assert town.writes() == {}
    assert any("20 slots (shrink)" in hold for hold in await holds(town))


async def test_held_slots_that_come_back_under_new_ids_leave_the_hold(town: Town) -> None:
    slots = await a_full_month(town)
    town.lightning_bolt.faults.add(EMPTY)
    await town.sweep()
    town.lightning_bolt.faults.clear()
    town.lightning_bolt.slots.renumber([slot for some in slots.values() for slot in some])
    await town.publish(town.next_month)
    assert (await holds(town), town.writes()) == ([], {})


async def test_an_edited_filter_holds_what_it_hides(town: Town) -> None:
    await a_full_month(town)
    town.lightning_bolt.records.set_filter(50, people=(ADA, BEN, CLEO))
    await town.sweep()
    assert town.writes() == {}
    assert any("10 slots (filter)" in hold for hold in await holds(town))
    town.lightning_bolt.records.set_filter(50, people=None)
    await town.sweep()
    assert (await holds(town), town.writes()) == ([], {})


async def test_a_horizon_that_moves_back_holds_what_lies_beyond(town: Town) -> None:
    slots = await a_full_month(town)
    town.lightning_bolt.records.set_horizon(TEMPLATE, town.day(8))
    town.lightning_bolt.slots.remove(slots[ADA][0])
    await town.publish(town.next_month)
    assert town.writes() == {"DELETE": 1}
    assert any("8 slots (horizon)" in hold for hold in await holds(town))


async def test_a_schedule_that_the_answer_lists_no_more_is_held(town: Town) -> None:
    await a_full_month(town)
    town.lightning_bolt.records.put_template(Template(6, "HM APP", "Hospital Medicine APPs", 10))
    town.lightning_bolt.records.add_template_to_view(50, 6)
    town.lightning_bolt.records.remove_template_from_view(50, TEMPLATE)
    await town.sweep()
    assert town.writes() == {}
    assert any("40 slots (unlisted)" in hold for hold in await holds(town))


async def test_ids_missing_in_bulk_are_held_and_come_back(town: Town) -> None:
    await a_full_month(town)
    for person in (ADA, BEN, CLEO):
        town.lightning_bolt.records.set_person_field(person, "unique_id", None)
    await town.sweep()
    assert town.writes() == {}
    assert any("30 slots (ids)" in hold for hold in await holds(town))
    town.lightning_bolt.slots.add_slot(TEMPLATE, DAN, NIGHT, town.day(20))
    await town.publish(town.next_month)
    assert town.writes() == {"POST": 1}
    for person in (ADA, BEN, CLEO):
        town.lightning_bolt.records.set_person_field(person, "unique_id", mailbox(person))
    await town.sweep()
    assert (await holds(town), town.writes()) == ([], {"POST": 1})


async def test_what_moves_to_another_month_in_bulk_is_judged_month_by_month(town: Town) -> None:
    """A month that empties into the next one is held there: the answer of one month does not show the other."""
    slots = await a_full_month(town)
    for some in slots.values():
        for slot in some:
            moved = town.lightning_bolt.world.slot(slot).day + timedelta(days=31)
            town.lightning_bolt.slots.move(slot, moved)
    await town.publish(town.next_month, town.next_month.plus(1))
    assert town.writes() == {"POST": 40}
    assert any("40 slots (shrink)" in hold for hold in await holds(town))
