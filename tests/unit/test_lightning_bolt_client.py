"""The client against a real HTTP server that behaves, and misbehaves, like Lightning Bolt."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.month import Month
from shared.schedule import lightning_bolt
from shared.schedule.lightning_bolt import LightningBolt, field_keys
from shared.schedule.mapping import FieldKeys
from shared.settings import Settings, read_settings
from tests.unit.lb_answer import NOVEMBER, Json, answer, slot
from tests.unit.lightning_bolt_side import (
    SECRET,
    VIEW,
    Reply,
    Side,
    client_of,
    cut_off,
    lightning_bolt_side,
    never,
    replies,
)


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    async with lightning_bolt_side() as side:
        yield side


@pytest.fixture
async def client(side: Side) -> AsyncIterator[LightningBolt]:
    client = client_of(side)
    yield client
    await client.aclose()


async def unavailable(client: LightningBolt) -> ScheduleUnavailableError:
    with pytest.raises(ScheduleUnavailableError) as caught:
        await client.read_month(VIEW, NOVEMBER)
    for secret in (SECRET, "token-", "Bearer", "Marlow", "<html>"):
        assert secret not in f"{caught.value} {caught.value.__cause__}"
    return caught.value


async def test_a_read_as_lightning_bolt_wants_it(side: Side, client: LightningBolt) -> None:
    read = await client.read_month(VIEW, NOVEMBER)
    assert [found.slot for found in read.slots] == ["48201"]
    assert side.tokens == [
        (
            "application/x-www-form-urlencoded",
            {"grant_type": "client_credentials", "client_id": "client-7", "client_secret": SECRET},
        )
    ]
    assert side.reads == [
        ("Bearer token-1", {"view_id": 50, "tz": "UTC", "start_date": "20261101", "end_date": "20261130"})
    ]
    assert side.origins == ["https://lblite.lightning-bolt.com"]


async def test_months_end_on_their_last_day(side: Side, client: LightningBolt) -> None:
    for month in (Month(2028, 2), Month(2026, 12)):
        await client.read_month(VIEW, month)
    assert [(body["start_date"], body["end_date"]) for _, body in side.reads] == [
        ("20280201", "20280229"),
        ("20261201", "20261231"),
    ]


@pytest.mark.parametrize(
    ("lifetime", "kept_for", "renewed_after"),
    [
        (3599, 3538, 3540),  # a minute early
        (100, 89, 91),  # a tenth early
        ("3599", 3538, 3540),
        (None, 539, 541),  # not said: ten minutes
        (-1, 539, 541),
        ("soon", 539, 541),
        (True, 0, 1),
    ],
)
async def test_a_token_is_kept_and_renewed_before_it_expires(
    side: Side, client: LightningBolt, lifetime: Json, kept_for: float, renewed_after: float
) -> None:
    side.lifetime = lifetime
    for seconds in (0, kept_for, renewed_after):
        side.now = 1000.0 + seconds
        await client.read_month(VIEW, NOVEMBER)
    assert [bearer for bearer, _ in side.reads] == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_readers_at_once_ask_for_one_token(side: Side, client: LightningBolt) -> None:
    await asyncio.gather(*(client.read_month(VIEW, NOVEMBER.plus(number)) for number in range(5)))
    assert (len(side.tokens), len(side.reads)) == (1, 5)


async def test_a_refused_token_is_renewed_once(side: Side, client: LightningBolt) -> None:
    side.read_replies = [replies(401)]
    read = await client.read_month(VIEW, NOVEMBER)
    assert len(read.slots) == 1
    assert [bearer for bearer, _ in side.reads] == ["Bearer token-1", "Bearer token-2"]
    await client.read_month(VIEW, NOVEMBER)
    assert len(side.tokens) == 2


async def test_readers_whose_token_was_refused_renew_it_once_for_all(side: Side, client: LightningBolt) -> None:
    side.read_replies = [replies(401)] * 3
    await asyncio.gather(*(client.read_month(VIEW, NOVEMBER) for _ in range(3)))
    assert len(side.tokens) == 2


async def test_a_second_401_is_the_accounts(side: Side, client: LightningBolt) -> None:
    side.read_replies = [replies(401)] * 2
    error = await unavailable(client)
    assert "401 to a fresh token: check the service account's credentials and its right" in str(error)
    assert (len(side.tokens), len(side.reads), side.slept) == (2, 2, [])


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (replies(400), "token address answered 400"),
        (replies(401, "<html>"), "token address answered 401"),
        (replies(302, headers={"Location": "https://elsewhere.example"}), "token address answered 302"),
        (replies(200, "<html>"), "without a token"),
        (replies(200, "[]"), "without a token"),
        (replies(200, '{"access_token": null}'), "without a token"),
        (replies(200, '{"access_token": ""}'), "without a token"),
        (replies(200, '{"access_token": "token-x\\r\\nX-Evil: 1"}'), "without a token"),
        (replies(200, '{"access_token": "t\u00f6ken-"}'), "without a token"),
    ],
)
async def test_a_token_that_is_not_given(side: Side, client: LightningBolt, reply: Reply, words: str) -> None:
    side.token_replies = [reply]
    assert words in str(await unavailable(client))
    assert side.reads == []
    assert len((await client.read_month(VIEW, NOVEMBER)).slots) == 1


@pytest.mark.parametrize(
    "reply",
    [
        replies(429),
        replies(429, headers={"Retry-After": "2"}),
        replies(500, "<html>"),
        replies(503),
        replies(408),
        cut_off,
    ],
)
@pytest.mark.parametrize("at", ["token", "read"])
async def test_a_passing_failure_is_tried_again(side: Side, client: LightningBolt, reply: Reply, at: str) -> None:
    (side.token_replies if at == "token" else side.read_replies).extend([reply] * 3)
    read = await client.read_month(VIEW, NOVEMBER)
    assert len(read.slots) == 1
    assert len(side.slept) == 3
    assert all(0 <= seconds <= 5 for seconds in side.slept)


async def test_an_integer_or_float_retry_after_is_waited_for(side: Side, client: LightningBolt) -> None:
    side.read_replies = [replies(429, headers={"Retry-After": "4"}), replies(429, headers={"Retry-After": "4.5"})]
    await client.read_month(VIEW, NOVEMBER)
    assert [int(seconds * 2) for seconds in side.slept] == [8, 9]


@pytest.mark.parametrize(
    ("status", "headers", "tries", "retry_after"),
    [
        (429, {"Retry-After": "30"}, 1, 30),
        (503, {"Retry-After": "7.5"}, 1, 7.5),
        (
            429,
            {"Retry-After": "Sun, 01 Nov 2026 08:01:30 GMT", "Date": "Sun, 01 Nov 2026 08:00:00 GMT"},
            1,
            90,
        ),
        (429, {"Retry-After": "-5"}, 4, 0),
        (429, {"Retry-After": "nan"}, 4, None),
        (429, {"Retry-After": "tomorrow"}, 4, None),
        (500, {}, 4, None),
    ],
)
async def test_a_failure_that_stays_ends_the_read(
    side: Side, client: LightningBolt, status: int, headers: dict[str, str], tries: int, retry_after: float | None
) -> None:
    side.read_replies = [replies(status, "<html>", headers)] * 9
    error = await unavailable(client)
    assert (len(side.reads), error.retry_after) == (tries, retry_after)
    assert f"it answered {status}" in str(error)


async def test_tries_end_with_the_time_for_a_read(side: Side) -> None:
    client = client_of(side, timeout_seconds=3.0)
    side.read_replies = [replies(429, headers={"Retry-After": "2"})] * 9
    assert (await unavailable(client)).retry_after == 2
    assert len(side.reads) == 2
    await client.aclose()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (replies(200, "<html>"), "no whole JSON"),
        (replies(200, ""), "no whole JSON"),
        (replies(200, '{"schedule_data": {"data": ['), "no whole JSON"),
        (replies(200, "[" * 200_000), "no whole JSON"),
        (replies(200, '{"n": ' + "9" * 5000 + "}"), "no whole JSON"),
        (replies(200, "{}"), "not whole"),
        (replies(200, "null"), "no JSON object"),
        (replies(204), "answered 204"),
        (replies(302, headers={"Location": "/login"}), "answered 302"),
        (replies(400, "<html>"), "answered 400"),
        (replies(403), "check the service account's credentials and its right"),
        (replies(404), "answered 404"),
    ],
)
async def test_an_answer_that_is_no_month(side: Side, client: LightningBolt, reply: Reply, words: str) -> None:
    side.read_replies = [reply]
    assert words in str(await unavailable(client))
    assert (len(side.reads), side.slept) == (1, [])


async def test_half_a_character_is_no_reason_to_refuse_a_month(side: Side, client: LightningBolt) -> None:
    """JSON can spell it as an escape, which not every decoder takes."""
    side.answer = answer(slot(note="half \ud83d character"))
    (read,) = (await client.read_month(VIEW, NOVEMBER)).slots
    assert read.note == "half \ufffd character"


async def test_an_answer_without_an_end(side: Side, client: LightningBolt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lightning_bolt, "LARGEST_ANSWER", 1000)
    side.read_replies = [replies(200, "x" * 1001)]
    assert "too large" in str(await unavailable(client))


async def test_a_slow_answer_ends_in_time(side: Side) -> None:
    client = client_of(side, timeout_seconds=0.3)
    side.read_replies = [never] * 9
    started = asyncio.get_running_loop().time()
    await unavailable(client)
    assert asyncio.get_running_loop().time() - started < 2
    await client.aclose()


async def test_nobody_listens(side: Side) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = client_of(side, url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert "ConnectError" in str(await unavailable(client))
    assert len(side.slept) == 3
    await client.aclose()


async def test_an_answer_of_a_whole_month(side: Side, client: LightningBolt) -> None:
    side.answer = answer(*(slot(number, slot_history=[{"text": "x" * 1000}]) for number in range(600)))
    assert len(json.dumps(side.answer)) > lightning_bolt.SMALL_ANSWER
    assert len((await client.read_month(VIEW, NOVEMBER)).slots) == 600


async def test_a_large_answer_is_refused_like_a_small_one(side: Side, client: LightningBolt) -> None:
    side.answer = answer(slot(note="x" * 400_000), permissions={"is_admin": True})
    with pytest.raises(ScheduleRefusedError, match="administrator rights"):
        await client.read_month(VIEW, NOVEMBER)


async def test_the_log_has_one_event_a_read_and_one_warning_a_bad_row(
    side: Side, client: LightningBolt, caplog: pytest.LogCaptureFixture
) -> None:
    side.answer = answer(slot(1), slot(2), slot(3, note="Tessa's note"), slot(4, start_time="Tessa", note="secret"))
    with caplog.at_level(logging.INFO, logger="shared"):
        await client.read_month(VIEW, NOVEMBER)
    lines = [(record.levelname, record.getMessage()) for record in caplog.records if record.name.startswith("shared")]
    assert lines == [
        (
            "WARNING",
            "schedule_row_bad view=50 month=2026-11 row='slot 4' field=start_time "
            "reason='text is no time of the form 2026-05-09T21:00:00'",
        ),
        ("INFO", "schedule_read view=50 month=2026-11 slots=3 unreadable=1 problems=1 ms=0"),
    ]
    for secret in ("Tessa", "Marlow", "riverside", "secret", "token-1", SECRET):
        assert secret not in caplog.text


async def test_the_warnings_are_bounded_also_for_an_answer_that_is_refused(
    side: Side, client: LightningBolt, caplog: pytest.LogCaptureFixture
) -> None:
    side.answer = answer(*(slot(number, note=7) for number in range(120)))
    with caplog.at_level(logging.INFO, logger="shared"), pytest.raises(ScheduleRefusedError, match="120 of 120 rows"):
        await client.read_month(VIEW, NOVEMBER)
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("shared")]
    assert len(messages) == 51
    assert messages[49].startswith("schedule_row_bad view=50 month=2026-11 row='slot 49' field=note")
    assert messages[50] == "schedule_rows_bad view=50 month=2026-11 more=70"


def settings_of(side: Side, **changes: str) -> Settings:
    return read_settings(
        {
            "LIGHTNING_BOLT_URL": f"{side.url}/",
            "LIGHTNING_BOLT_TOKEN_URL": f"{side.url}/token",
            "LIGHTNING_BOLT_CLIENT_ID": "client-7",
            "LIGHTNING_BOLT_CLIENT_SECRET": SECRET,
            "LIGHTNING_BOLT_VIEWS": '[{"view_id": 50, "time_zone": "America/Chicago"}]',
            "INSTALLATION_ID": "test",
            **changes,
        }
    )


async def test_a_client_from_settings(side: Side) -> None:
    renamed = '{"custom2": "ms_id", "send_to_outlook": "ol_send"}'
    settings = settings_of(side, LIGHTNING_BOLT_PERSON_ID_FIELD="custom2", LIGHTNING_BOLT_FIELDS=renamed)
    assert field_keys(settings) == FieldKeys(person_id="ms_id", send="ol_send")
    client = LightningBolt.from_settings(settings)
    side.answer["personnel"][2]["ms_id"] = "T.M@riverside.example"
    side.answer["assignments"][0]["ol_send"] = "no"
    read = await client.read_month(settings.lightning_bolt_views[0], NOVEMBER)
    assert read.people["2101"].mailbox == "t.m@riverside.example"
    assert not read.assignments["301"].sending.send
    await client.aclose()
