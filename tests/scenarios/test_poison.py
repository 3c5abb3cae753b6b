"""Rule 11: messages that failed for good are sent once more, then stay and are told of."""

import base64

from shared.messages import CALENDAR_CHANGES, Pointer, ScheduleMonth
from tests.town import ADA, TEMPLATE, Town


async def fall(town: Town, content: str) -> None:
    """A message lands on the poison queue of `calendar-changes`, as the host puts it there."""
    queue = town.app.storage.queues.get_queue_client(f"{CALENDAR_CHANGES}-poison")
    async with queue:
        await queue.create_queue()
        await queue.send_message(content)


async def test_a_message_that_parses_is_sent_once_more_and_a_second_fall_stays(town: Town) -> None:
    pointer = Pointer(str(ADA), (ScheduleMonth(str(TEMPLATE), town.next_month),))
    await fall(town, base64.b64encode(pointer.encode().encode()).decode())
    await town.app.sweep()
    assert await town.handle_visible(CALENDAR_CHANGES) == 1
    assert (await town.app.ledger.fallen()) == {}


async def test_a_second_fall_stays_and_health_tells(town: Town) -> None:
    pointer = Pointer(str(ADA), (ScheduleMonth(str(TEMPLATE), town.next_month),), requeued=True)
    await fall(town, base64.b64encode(pointer.encode().encode()).decode())
    await town.app.sweep()
    assert await town.handle_visible(CALENDAR_CHANGES) == 0
    assert "1 messages failed for good" in str((await town.app.health()).body["reasons"])


async def test_what_is_no_message_of_ours_stays(town: Town) -> None:
    await fall(town, "not base64")
    await town.app.sweep()
    assert (await town.app.ledger.fallen()) == {CALENDAR_CHANGES: 1}


async def test_without_a_poison_queue_there_is_nothing_to_tell(town: Town) -> None:
    await town.app.sweep()
    assert (await town.app.health()).body["reasons"] == []
