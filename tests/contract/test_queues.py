"""The contract of both queues: in memory and on Azurite alike."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.state.memory import MemoryQueues
from tests.contract.accounts import Account, AzuriteAccount, Clock

NOVEMBER = Month(2026, 11)
POINTER = Pointer("2101", (ScheduleMonth("5", NOVEMBER), ScheduleMonth("6|x", NOVEMBER.plus(1))))
CHANGE = ScheduleChange(50, (NOVEMBER,), "callback", "é😀", datetime(2026, 11, 22, 17, 5, tzinfo=UTC), 2)


async def test_a_pointer_and_a_hint_arrive_as_they_were_sent(account: Account) -> None:
    await account.queues.announce(POINTER)
    await account.queues.hint(CHANGE)
    (pointer,) = await account.take(CALENDAR_CHANGES)
    (change,) = await account.take(SCHEDULE_CHANGES)
    assert Pointer.decode(pointer) == POINTER and pointer == POINTER.encode().encode()
    assert ScheduleChange.decode(change) == CHANGE
    assert await account.take(CALENDAR_CHANGES) == await account.take(SCHEDULE_CHANGES) == []


async def test_messages_wait_side_by_side(account: Account) -> None:
    pointers = [Pointer(str(person), POINTER.months) for person in range(5)]
    for pointer in pointers:
        await account.queues.announce(pointer)
    taken = [Pointer.decode(body) for body in await account.take(CALENDAR_CHANGES)]
    assert sorted(taken, key=lambda pointer: pointer.person) == pointers


@pytest.mark.parametrize("delay", [timedelta(seconds=1), timedelta(microseconds=1)])
async def test_a_delayed_message_is_visible_after_its_delay_only(account: Account, delay: timedelta) -> None:
    """In whole seconds, never sooner than asked for."""
    await account.queues.announce(POINTER, delay)
    await account.queues.hint(CHANGE, delay)
    assert await account.take(CALENDAR_CHANGES) == await account.take(SCHEDULE_CHANGES) == []
    assert Pointer.decode(await account.within(3, CALENDAR_CHANGES)) == POINTER
    assert ScheduleChange.decode(await account.within(3, SCHEDULE_CHANGES)) == CHANGE


@pytest.mark.parametrize("delay", [timedelta(days=8), timedelta(seconds=-2)])
async def test_a_delay_that_storage_refuses(account: Account, delay: timedelta) -> None:
    with pytest.raises((*account.refused, ValueError)):
        await account.queues.announce(POINTER, delay)
    assert await account.take(CALENDAR_CHANGES) == []


async def test_a_message_of_48_kib_and_no_more(account: Account) -> None:
    largest = _pointer_of(48 * 1024)
    await account.queues.announce(largest)
    assert Pointer.decode((await account.take(CALENDAR_CHANGES))[0]) == largest
    with pytest.raises(account.refused):
        await account.queues.announce(_pointer_of(48 * 1024 + 1))
    assert await account.take(CALENDAR_CHANGES) == []


def _pointer_of(size: int) -> Pointer:
    """A pointer that takes so many bytes before base64."""
    empty = len(Pointer("", POINTER.months).encode())
    return Pointer("p" * (size - empty), POINTER.months)


async def test_on_the_wire_messages_are_base64(azurite_account: AzuriteAccount) -> None:
    await azurite_account.queues.announce(POINTER)
    await azurite_account.queues.hint(CHANGE)
    texts = {SCHEDULE_CHANGES: CHANGE.encode(), CALENDAR_CHANGES: POINTER.encode()}
    for queue, sent in texts.items():
        (raw,) = await azurite_account.storage.queues.get_queue_client(queue).peek_messages()
        assert base64.b64decode(raw.content, validate=True).decode() == sent
        assert raw.content.isascii()


# The queues in memory alone: what a test driver does with them.


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queues(clock: Clock) -> MemoryQueues:
    return MemoryQueues(clock)


async def test_a_message_at_work_is_hidden_and_comes_back(clock: Clock, queues: MemoryQueues) -> None:
    await queues.announce(POINTER)
    (message,) = queues.visible()
    taken = queues.take(message, timedelta(seconds=30))
    assert taken is not None and taken.dequeued == 1 and Pointer.decode(taken.body) == POINTER
    assert queues.visible() == [] and queues.take(message) is None and queues.messages() == [taken]
    clock.pass_by(30)
    (again,) = queues.visible(CALENDAR_CHANGES)
    second = queues.take(again)
    assert second is not None and second.dequeued == 2
    assert not queues.delete(taken) and not queues.put_back(taken)  # it is somebody else's now
    assert not queues.delete(again)  # seen, never taken
    assert queues.delete(second) and not queues.delete(second)
    assert queues.messages() == []


async def test_a_failed_message_is_put_back(clock: Clock, queues: MemoryQueues) -> None:
    await queues.announce(POINTER)
    taken = queues.take(queues.visible()[0])
    assert taken is not None and queues.put_back(taken)
    assert not queues.delete(taken)
    taken = queues.take(queues.visible()[0])
    assert taken is not None and taken.dequeued == 2 and queues.put_back(taken, timedelta(seconds=5))
    assert queues.visible() == []
    clock.pass_by(5)
    assert len(queues.visible()) == 1


async def test_messages_are_lost_and_doubled(queues: MemoryQueues) -> None:
    await queues.announce(POINTER)
    await queues.hint(CHANGE, timedelta(seconds=5))
    taken = queues.take(queues.visible()[0])
    assert taken is not None
    copy = queues.double(taken)
    assert queues.visible() == [copy] and copy.text == taken.text and copy.dequeued == 0
    queues.lose(taken)
    queues.lose(taken)
    assert not queues.delete(taken)
    assert [message.queue for message in queues.messages()] == [CALENDAR_CHANGES, SCHEDULE_CHANGES]
    assert queues.messages(SCHEDULE_CHANGES)[0].text == CHANGE.encode()


async def test_a_message_lives_a_week(clock: Clock, queues: MemoryQueues) -> None:
    await queues.announce(POINTER)
    clock.pass_by(7 * 86_400 - 1)
    (message,) = queues.visible()
    clock.pass_by(1)
    assert queues.take(message) is None and queues.messages() == []


async def test_a_crash_before_sending_and_one_after_it(clock: Clock) -> None:
    seen: list[str] = []

    async def crash(operation: str) -> None:
        seen.append(operation)
        raise ConnectionError

    before, after = MemoryQueues(clock, before=crash), MemoryQueues(clock, after=crash)
    with pytest.raises(ConnectionError):
        await before.announce(POINTER)
    with pytest.raises(ConnectionError):
        await after.hint(CHANGE)
    assert (len(before.messages()), len(after.messages())) == (0, 1)
    assert seen == ["calendar-changes.send", "schedule-changes.send"]
