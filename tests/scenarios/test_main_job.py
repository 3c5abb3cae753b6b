"""The main job, told in small: publish, and the calendars follow."""

from tests.local.graph.faults import Fault
from tests.town import ADA, BEN, CLEO, DAN, DAY, LEAVE, MEETING, NIGHT, TEMPLATE, Town, mailbox


async def publish_a_week(town: Town) -> dict[str, int]:
    """Seven published shifts of next month; slot ids by name."""
    add = town.lightning_bolt.slots.add_slot
    slots = {
        "ada day": add(TEMPLATE, ADA, DAY, town.day(5), note="Bring the pager"),
        "ada night": add(TEMPLATE, ADA, NIGHT, town.day(7)),
        "ben day": add(TEMPLATE, BEN, DAY, town.day(5)),
        "ben leave": add(TEMPLATE, BEN, LEAVE, town.day(9)),
        "cleo night": add(TEMPLATE, CLEO, NIGHT, town.day(5)),
        "dan day": add(TEMPLATE, DAN, DAY, town.day(6)),
        "ada meeting": add(TEMPLATE, ADA, MEETING, town.day(6)),
    }
    await town.publish(town.next_month)
    return slots


async def test_a_publish_arrives_in_every_mapped_calendar_and_nowhere_else(town: Town) -> None:
    await publish_a_week(town)
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]
    assert town.subjects(BEN) == ["Day Rounds", "Leave"]
    assert town.subjects(CLEO) == ["Night Call"]
    assert town.subjects(DAN) == []
    assert town.writes() == {"POST": 5}


async def test_publishing_the_same_again_asks_graph_nothing_and_sends_no_pointer(town: Town) -> None:
    await publish_a_week(town)
    town.graph.journal.clear()
    town.handled.clear()
    await town.publish(town.next_month)
    assert town.graph.operations() == []
    assert "calendar-changes" not in town.handled


async def test_a_swap_leaves_one_mailbox_and_enters_the_other(town: Town) -> None:
    slots = await publish_a_week(town)
    town.graph.journal.clear()
    town.lightning_bolt.slots.swap(slots["ada day"], BEN)
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Night Call"]
    assert town.subjects(BEN) == ["Day Rounds", "Day Rounds", "Leave"]
    assert town.writes() == {"POST": 1, "DELETE": 1}


async def test_lost_messages_are_found_by_the_sweep(town: Town) -> None:
    slots = await publish_a_week(town)
    town.lightning_bolt.slots.remove(slots["cleo night"])
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible()
    await town.lose_messages()
    await town.sweep()
    assert town.subjects(CLEO) == []


async def test_a_connection_cut_after_the_change_makes_no_second_event(town: Town) -> None:
    town.graph.fault(Fault("cut_after", mailbox=mailbox(ADA), method="POST", times=1))
    await publish_a_week(town)
    assert town.subjects(ADA) == ["Day Rounds", "Night Call"]
    assert town.subjects(BEN) == ["Day Rounds", "Leave"]
