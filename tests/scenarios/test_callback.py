"""`publish_callback`: what is let in, and what the others are told; by the real app in the host's stand-in."""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime

import aiohttp
import pytest
from azure.storage.queue.aio import QueueClient

from shared.month import Month
from shared.sync.publish_callback import sign
from tests.local.pieces import piece
from tests.town import ADA, DAY, TEMPLATE, VIEW, Town, app_settings

SECRET = "one-secret"
OTHER = "the-next-secret"
KEY = {"x-functions-key": "local"}


@pytest.fixture(scope="module")
async def host(azurite: Iterator[str]) -> AsyncIterator[tuple[str, str]]:
    """A host whose app asks for signatures and cannot reach Lightning Bolt: address and storage."""
    storage = next(azurite)
    settings = app_settings(storage, "http://127.0.0.1:9", "http://127.0.0.1:9/v1.0") | {
        "PUBLISH_SECRET": f"{SECRET}, {OTHER}"
    }
    async with piece("host", "--port", "0", "--key", "local", environment=settings) as running:
        async with aiohttp.ClientSession() as session, session.get(f"{running.address}/api/health") as health:
            assert health.status == 200, "the app's first use makes its queues and tables"
        yield running.address, storage


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Key and signature."""
    return KEY | {"X-Signature": sign(body, secret, int(time.time() if at is None else at))}


async def call(host: tuple[str, str], body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, object]]:
    """Status and body of a call."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{host[0]}/api/publish", data=body, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else {}


async def enqueued(host: tuple[str, str]) -> int:
    """Messages on `schedule-changes`, hidden ones included."""
    async with QueueClient.from_connection_string(host[1], "schedule-changes") as queue:
        return (await queue.get_queue_properties()).approximate_message_count or 0


def body_of(**fields: object) -> bytes:
    """A body."""
    return json.dumps({"view_id": VIEW} | fields).encode()


GOOD = body_of()


type Headers = Callable[[bytes], dict[str, str]]
"""From a body to the headers of its call: made when the call is, because a signature ages."""

BACKWARDS = body_of(start_date="2026-12-02", end_date="2026-12-01")


@pytest.mark.parametrize(
    ("what", "body", "headers", "status", "names"),
    [
        ("no key", GOOD, lambda body: {"X-Signature": signed(body)["X-Signature"]}, 401, ""),
        ("wrong key", GOOD, lambda body: signed(body) | {"x-functions-key": "guess"}, 401, ""),
        ("no signature", GOOD, lambda _: KEY, 401, "X-Signature"),
        ("wrong signature", GOOD, lambda body: signed(body, "another-secret"), 401, "X-Signature"),
        ("signature of another body", GOOD, lambda body: signed(body + b" "), 401, "X-Signature"),
        ("malformed signature", GOOD, lambda _: KEY | {"X-Signature": "t=now,v1=00"}, 401, "X-Signature"),
        ("old timestamp", GOOD, lambda body: signed(body, at=time.time() - 400), 401, "X-Signature"),
        ("future timestamp", GOOD, lambda body: signed(body, at=time.time() + 400), 401, "X-Signature"),
        ("not JSON", b"view=50", signed, 400, "body"),
        ("no object", b"[]", signed, 400, "body"),
        ("empty", b"", signed, 400, "body"),
        ("no view", b"{}", signed, 400, "view_id"),
        ("view is text", body_of(view_id="50"), signed, 400, "view_id"),
        ("bad date", body_of(start_date="soon"), signed, 400, "start_date"),
        ("end before start", BACKWARDS, signed, 400, "end_date"),
        ("time without zone", body_of(published_at="2026-11-22T17:05:00"), signed, 400, "published_at"),
        ("state is a number", body_of(publish_state=3), signed, 400, "publish_state"),
        ("too long", b"x" * 65_537, signed, 413, "body"),
        ("unknown view", body_of(view_id=51), signed, 404, "view_id"),
        ("other state", body_of(publish_state="draft"), signed, 202, ""),
        ("long past", body_of(end_date="2019-01-31"), signed, 202, ""),
    ],
)
async def test_what_is_not_enqueued(
    host: tuple[str, str], what: str, body: bytes, headers: Headers, status: int, names: str
) -> None:
    before = await enqueued(host)
    answered, told = await call(host, body, headers(body))
    assert answered == status, (what, told)
    if names:
        assert told["field"] == names
    assert await enqueued(host) == before


@pytest.mark.parametrize("secret", [SECRET, OTHER])
async def test_either_secret_is_good_while_one_replaces_the_other(host: tuple[str, str], secret: str) -> None:
    body = body_of(unheard_of="ignored", publish_id="p-1", publish_state="everyone")
    status, told = await call(host, body, signed(body, secret))
    assert status == 202, told
    assert told["view_id"] == VIEW
    assert len(list(told["months"])) == 8  # type: ignore[call-overload]


async def test_dates_are_widened_to_whole_months(town: Town) -> None:
    second = Month.of(datetime.now(UTC).date()).plus(2)
    body = body_of(start_date=f"{second}-15", end_date=f"{second.plus(1)}-02")
    answer = await town.app.publish_callback(body, {})
    assert answer.change
    assert answer.change.months == (second, second.plus(1))


async def test_a_state_other_than_everyone_is_not_read(town: Town) -> None:
    answer = await town.app.publish_callback(body_of(publish_state="administrators"), {})
    await town.drain()
    assert answer.status == 202
    assert town.handled == []
    assert town.lightning_bolt.journal.reads() == []


async def test_a_month_beyond_the_settings_that_has_rows_is_not_ignored(town: Town) -> None:
    """Narrowed settings leave what was written where it is; until such a month is past, its publishes count."""
    far = town.next_month.plus(2)
    slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, far.first)
    await town.publish(far)
    assert town.subjects(ADA) == ["Day Rounds"]
    await town.restart(MONTHS_AHEAD="1")
    town.lightning_bolt.slots.remove(slot)
    await town.publish(far)
    assert town.subjects(ADA) == []
