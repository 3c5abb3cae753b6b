"""Queue triggers against real Azurite: polling, concurrency, holding, draining."""

import asyncio
import base64
import random
from datetime import timedelta
from pathlib import Path

from azure.storage.queue.aio import QueueClient

from tests.local.host.queues import Backoff
from tests.local_tests.host_fixtures import (
    encoded,
    hidden,
    length,
    let,
    queue,
    queue_app,
    queue_name,
    run_app,
    storage,
    until,
    until_length,
)

__all__ = ["queue_name", "storage"]


async def test_delivered_once_and_deleted(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)")
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        sent = await client.send_message(encoded('{"change": {"view": 50}}'))
        (message,) = await until(lambda: host.module.seen)
        await until_length(client, 0)
        assert message.get_body() == b'{"change": {"view": 50}}'
        assert message.get_json() == {"change": {"view": 50}}
        assert (message.id, message.dequeue_count) == (sent.id, 1)
        assert message.insertion_time == sent.inserted_on
        assert message.expiration_time - message.insertion_time == timedelta(days=7)
        assert message.time_next_visible - message.insertion_time >= timedelta(seconds=59)
        assert message.pop_receipt


async def test_a_missing_queue_is_an_empty_one(tmp_path: Path, storage: str, queue_name: str) -> None:
    async with run_app(queue_app(tmp_path, queue_name, "seen.append(message.get_body())"), storage) as host:
        await asyncio.sleep(0.3)
        async with queue(storage, queue_name) as client:
            await client.send_message(encoded("late"))
            assert await until(lambda: host.module.seen) == [b"late"]
            await client.delete_queue()
            await asyncio.sleep(0.3)
            await client.create_queue()
            await client.send_message(encoded("again"))
            await until(lambda: len(host.module.seen) == 2)


async def test_a_failure_stays_hidden_for_the_visibility_timeout(tmp_path: Path, storage: str, queue_name: str) -> None:
    body = "seen.append(time.monotonic())\nif len(seen) == 1: raise ValueError"
    app = queue_app(tmp_path, queue_name, body, visibilityTimeout="00:00:02")
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded("a"))
        first, second = await until(lambda: len(host.module.seen) == 2 and host.module.seen)
        assert 1.0 < second - first < 3.0
        await until_length(client, 0)


GATE = """
seen.append(message.get_body().decode())
while "open" not in globals():
    await asyncio.sleep(0.01)
"""


async def _send(client: QueueClient, count: int) -> None:
    for number in range(count):
        await client.send_message(encoded(str(number)))


async def test_at_most_batch_and_threshold_run(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, GATE.strip(), batchSize=4, newBatchThreshold=2)
    async with queue(storage, queue_name) as client:
        await _send(client, 10)
        async with run_app(app, storage) as host:
            await until(lambda: len(host.module.seen) == 4)  # one batch: 4 > 2, so no more is fetched
            await asyncio.sleep(0.4)
            assert len(host.module.seen) == 4
            let(host, open=True)
            await until(lambda: len(host.module.seen) == 10)
            await until_length(client, 0)


async def test_fetches_again_at_the_threshold(tmp_path: Path, storage: str, queue_name: str) -> None:
    body = "seen.append(message)\nwhile len(globals().get('released', ())) <= seen.index(message):\n"
    body += "    await asyncio.sleep(0.01)"
    app = queue_app(tmp_path, queue_name, body, batchSize=4, newBatchThreshold=2)
    async with queue(storage, queue_name) as client:
        await _send(client, 10)
        async with run_app(app, storage) as host:
            await until(lambda: len(host.module.seen) == 4)
            let(host, released=[0])  # 3 at work
            await asyncio.sleep(0.3)
            assert len(host.module.seen) == 4
            let(host, released=[0, 1])  # 2 at work: 4 more come, 6 in all, which is the bound
            await until(lambda: len(host.module.seen) == 8)
            let(host, released=list(range(99)))
            await until_length(client, 0)


async def test_held_and_renewed_at_half_time(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, GATE.strip())
    async with queue(storage, queue_name) as client, run_app(app, storage, hold_seconds=2) as host:
        await client.send_message(encoded("a"))
        await until(lambda: host.module.seen)
        await asyncio.sleep(3.2)  # longer than the hold
        assert host.module.seen == ["a"]
        assert await hidden(client)
        let(host, open=True)  # deleted, although the receipt that it came with is no longer valid
        await until_length(client, 0)


async def test_a_lost_receipt_is_tolerated(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, GATE.strip())
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded("a"))
        await until(lambda: host.module.seen)
        await client.clear_messages()
        let(host, open=True)
        await client.send_message(encoded("b"))
        await until(lambda: host.module.seen == ["a", "b"])
        await until_length(client, 0)


async def test_a_lost_host_leaves_its_message_hidden_until_the_hold_ends(
    tmp_path: Path, storage: str, queue_name: str
) -> None:
    app = queue_app(tmp_path, queue_name, GATE.strip())
    async with queue(storage, queue_name) as client:
        async with run_app(app, storage, hold_seconds=2) as host:
            await client.send_message(encoded("a"))
            await until(lambda: host.module.seen)
        assert await hidden(client)
        async with run_app(app, storage, hold_seconds=2) as host:
            let(host, open=True)
            assert await until(lambda: host.module.seen) == ["a"]
            await until_length(client, 0)


async def test_drain_fetches_no_more_and_deletes_what_ends(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, GATE.strip())
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded("a"))
        await until(lambda: host.module.seen)
        host.drain()
        await until(lambda: not host.fetching)
        draining = asyncio.create_task(host.drained())
        await client.send_message(encoded("b"))
        await asyncio.sleep(0.3)
        assert not draining.done()
        let(host, open=True)
        await draining
        assert host.module.seen == ["a"]
        assert await length(client) == 1


async def test_storage_that_refuses_stops_the_host(tmp_path: Path, storage: str, queue_name: str) -> None:
    name, _, rest = storage.partition("AccountKey=")
    wrong = f"{name}AccountKey={base64.b64encode(b'wrong' * 13).decode()};{rest.partition(';')[2]}"
    async with run_app(queue_app(tmp_path, queue_name, "pass"), wrong) as host:
        problem = await asyncio.wait_for(host.failed(), 10)
    assert queue_name in str(problem)


def test_backoff() -> None:
    backoff = Backoff(timedelta(seconds=2), _Middle())
    assert [round(backoff.seconds(), 3) for _ in range(8)] == [0.1, 0.2, 0.3, 0.5, 0.9, 1.7, 2.0, 2.0]
    backoff.found()
    assert [round(backoff.seconds(), 3) for _ in range(3)] == [0.1, 0.2, 0.3]


def test_backoff_is_random_within_a_fifth() -> None:
    waits = [_third(random.Random(seed)) for seed in range(200)]
    assert min(waits) >= 0.1 + 0.8 * 0.2
    assert max(waits) <= 0.1 + 1.2 * 0.2
    assert max(waits) - min(waits) > 0.05


class _Middle(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def _third(rng: random.Random) -> float:
    backoff = Backoff(timedelta(seconds=2), rng)
    return [backoff.seconds() for _ in range(3)][-1]


async def test_two_hosts_share_a_queue(tmp_path: Path, storage: str, queue_name: str) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        queue_app(folder, queue_name, GATE.strip(), batchSize=2, newBatchThreshold=1)
    async with queue(storage, queue_name) as client:
        await _send(client, 4)
        async with run_app(first / "function_app.py", storage) as a, run_app(second / "function_app.py", storage) as b:
            await until(lambda: len(a.module.seen) == 2 and len(b.module.seen) == 2)
            let(a, open=True)
            let(b, open=True)
            await until_length(client, 0)
            assert sorted(a.module.seen + b.module.seen) == ["0", "1", "2", "3"]
