"""What becomes of a queue message: what the function is given, failures, and the poison queue."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.local.host.messages import decode
from tests.local_tests.host_fixtures import (
    encoded,
    hidden,
    queue,
    queue_app,
    queue_name,
    run_app,
    storage,
    until,
    until_length,
)

__all__ = ["queue_name", "storage"]


async def test_top_level_keys_overwrite_the_metadata(tmp_path: Path, storage: str, queue_name: str) -> None:
    body = {"id": 7, "DequeueCount": "3", "popReceipt": {"a": 1}, "insertionTime": "2026-01-02T03:04:05Z"}
    body |= {"expirationTime": None, "nextVisibleTime": ["ignored"]}
    app = queue_app(tmp_path, queue_name, "seen.append(message)")
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded(json.dumps(body)))
        (message,) = await until(lambda: host.module.seen)
    assert (message.id, message.dequeue_count, message.pop_receipt) == ("7", 3, "{'a': 1}")
    assert message.insertion_time.isoformat() == "2026-01-02T03:04:05+00:00"
    assert message.expiration_time.year >= 2026
    assert message.time_next_visible.year >= 2026


async def test_nonsense_over_the_metadata_is_a_failure(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)", maxDequeueCount=1)
    async with queue(storage, queue_name) as client, queue(storage, f"{queue_name}-poison") as poison:
        await client.send_message(encoded('{"dequeueCount": "many"}'))
        async with run_app(app, storage) as host:
            await until_length(poison, 1)
            assert host.module.seen == []


@pytest.mark.parametrize("annotation", ["str", "bytes"])
async def test_text_where_str_or_bytes_is_asked_for(
    tmp_path: Path, storage: str, queue_name: str, annotation: str
) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)", annotation)
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded("é"))
        assert await until(lambda: host.module.seen) == ["é"]


async def test_failures_are_counted_and_end_in_the_poison_queue(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message.dequeue_count)\nraise ValueError", maxDequeueCount=3)
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        sent = await client.send_message(encoded('{"change": 1}'))
        await until_length(client, 0)
        assert host.module.seen == [1, 2, 3]
        async with queue(storage, f"{queue_name}-poison", create=False) as poison:  # the host made it
            (moved,) = [message async for message in poison.receive_messages()]
        assert moved.content == encoded('{"change": 1}')
        assert moved.id != sent.id
        assert moved.dequeue_count == 1
        assert moved.inserted_on
        assert moved.expires_on
        assert moved.expires_on - moved.inserted_on == timedelta(days=7)


async def test_a_count_above_the_maximum_is_not_run(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)", maxDequeueCount=1)
    async with queue(storage, queue_name) as client, queue(storage, f"{queue_name}-poison") as poison:
        await client.send_message(encoded("a"))
        async for message in client.receive_messages(visibility_timeout=60):
            await client.update_message(message, visibility_timeout=0)
            break
        async with run_app(app, storage) as host:
            await until_length(poison, 1)
            await until_length(client, 0)
            assert host.module.seen == []


@pytest.mark.parametrize("content", ["plain text", "YQ", "YQ=", "Y_Q=", '{"change": 1}'])
async def test_what_is_not_base64_goes_to_poison_unrun(
    tmp_path: Path, storage: str, queue_name: str, content: str
) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)")
    async with queue(storage, queue_name) as client, queue(storage, f"{queue_name}-poison") as poison:
        async with run_app(app, storage) as host:
            await client.send_message(content)
            await until_length(poison, 1)
            await until_length(client, 0)
            assert host.module.seen == []
        assert [message.content async for message in poison.receive_messages()] == [content]


def test_base64_as_dotnet_reads_it() -> None:
    assert decode(" Y\tQ=\r\n= ") == b"a"
    assert decode("") == b""
    assert [decode(text) for text in ("YQ", "Y===", "YQ==YQ==", "YQ=a", "Y-Q=", "é")] == [None] * 6


async def test_what_is_not_utf_8_is_a_failure_that_is_retried(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message)", visibilityTimeout="00:00:30")
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(encoded(b"\xff\xfe"))
        await asyncio.sleep(0.5)
        assert await hidden(client)  # not in the poison queue: it waits for its next try
        assert host.module.seen == []


async def test_plain_text_if_host_json_says_so(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(message.get_body())", messageEncoding="none")
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message("plain")
        assert await until(lambda: host.module.seen) == [b"plain"]


async def test_a_result_that_is_not_none_is_a_failure(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = queue_app(tmp_path, queue_name, "seen.append(1)\nreturn 'done'", maxDequeueCount=1)
    async with queue(storage, queue_name) as client, queue(storage, f"{queue_name}-poison") as poison:
        await client.send_message(encoded("a"))
        async with run_app(app, storage) as host:
            await until_length(poison, 1)
            assert host.module.seen == [1]


async def test_a_poison_queue_has_none_of_its_own(tmp_path: Path, storage: str, queue_name: str) -> None:
    name = f"{queue_name}-poison"
    app = queue_app(tmp_path, name, "seen.append(1)\nraise ValueError", maxDequeueCount=1)
    async with queue(storage, name) as client, run_app(app, storage) as host:
        await client.send_message(encoded("a"))
        await until(lambda: host.module.seen)
        await asyncio.sleep(0.3)
        assert host.module.seen == [1]
        assert await hidden(client)
