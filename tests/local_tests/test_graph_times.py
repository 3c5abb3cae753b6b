"""The Graph stand-in: time zones, all-day events, and wall clocks that do not exist or repeat."""

from typing import Any

import pytest

from tests.local.graph.client import IMMUTABLE, RawGraph, Reply, stand_in

ADA = "ada@example.org"
EVENTS = f"/users/{ADA}/events"
CENTRAL = "Central Standard Time"


async def post(
    graph: RawGraph, start: str, end: str, zone: str | None = CENTRAL, end_zone: str | None = None, **more: Any
) -> Reply:
    """Create an event from `start` to `end`."""
    first, last = {"dateTime": start, "timeZone": zone}, {"dateTime": end, "timeZone": end_zone or zone}
    return await graph.post(EVENTS, {"start": first, "end": last, **more})


def clocks(reply: Reply) -> tuple[str, str, str]:
    """Start, end and zone of an answer."""
    assert reply.status in (200, 201), reply
    start, end = reply.body["start"], reply.body["end"]
    assert start["timeZone"] == end["timeZone"]
    return start["dateTime"], end["dateTime"], start["timeZone"]


async def test_times_come_back_in_utc_with_seven_digits_unless_another_zone_is_preferred() -> None:
    async with stand_in(ADA) as graph:
        created = await post(graph, "2026-11-02T07:00:00", "2026-11-02T19:30:00.5")
        assert clocks(created) == ("2026-11-02T13:00:00.0000000", "2026-11-03T01:30:00.5000000", "UTC")
        assert created.body["originalStartTimeZone"] == created.body["originalEndTimeZone"] == CENTRAL
        for zone in ("Eastern Standard Time", "America/New_York"):
            prefer = f'{IMMUTABLE}, outlook.timezone="{zone}"'
            reply = await graph.get(f"{EVENTS}/{created.id}", prefer=prefer)
            assert clocks(reply) == ("2026-11-02T08:00:00.0000000", "2026-11-02T20:30:00.5000000", zone)
            assert reply.headers["preference-applied"] == prefer
        refused = await graph.get(f"{EVENTS}/{created.id}", prefer='outlook.timezone="Nowhere"')
        assert (refused.status, refused.code) == (400, "TimeZoneNotSupportedException")


@pytest.mark.parametrize(
    "zone",
    ["UTC", "Central Standard Time", "US Eastern Standard Time", "America/Indiana/Indianapolis", "Pacific/Honolulu"],
)
async def test_windows_names_and_the_listed_iana_names_are_taken(zone: str) -> None:
    async with stand_in(ADA) as graph:
        created = await post(graph, "2026-11-02T07:00:00", "2026-11-02T19:00:00", zone)
        assert (created.status, created.body["originalStartTimeZone"]) == (201, zone)


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ("America/Detroit", "TimeZoneNotSupportedException"),
        ("America/Boise", "TimeZoneNotSupportedException"),
        ("US/Central", "TimeZoneNotSupportedException"),
        ("Greenwich Mean Time", "TimeZoneNotSupportedException"),
        ("", "TimeZoneNotSupportedException"),
        (None, "TimeZoneNotSupportedException"),
        ("Africa/Casablanca", "ErrorPropertyValidationFailure"),
    ],
)
async def test_other_zones_are_refused(zone: str | None, code: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await post(graph, "2026-11-02T07:00:00", "2026-11-02T19:00:00", zone)
        assert (reply.status, reply.code) == (400, code)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-02T07:00:00", "2026-11-02T06:59:59"),
        ("2026-13-02T07:00:00", "2026-11-02T19:00:00"),
        ("tomorrow", "2026-11-02T19:00:00"),
        ("2026-11-02 07:00", "2026-11-02T19:00:00"),
        ("0001-01-01T00:00:00", "9999-12-31T23:59:59"),
    ],
)
async def test_an_end_before_the_start_or_a_date_that_is_none_is_refused(start: str, end: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await post(graph, start, end)
        assert (reply.status, reply.code) == (400, "ErrorPropertyValidationFailure")


async def test_the_order_is_that_of_instants_not_of_wall_clocks() -> None:
    async with stand_in(ADA) as graph:
        across = await post(graph, "2026-11-02T07:00:00", "2026-11-02T06:30:00", end_zone="Pacific Standard Time")
        assert clocks(across)[:2] == ("2026-11-02T13:00:00.0000000", "2026-11-02T14:30:00.0000000")
        assert (await post(graph, "2026-11-02T07:00:00", "2026-11-02T07:00:00")).status == 201


async def test_an_all_day_event_is_floating_days() -> None:
    async with stand_in(ADA) as graph:
        created = await post(graph, "2026-11-02T00:00:00", "2026-11-04T00:00:00", isAllDay=True)
        assert clocks(created) == ("2026-11-02T00:00:00.0000000", "2026-11-04T00:00:00.0000000", "UTC")
        assert created.body["originalStartTimeZone"] == CENTRAL
        preferred = await graph.get(f"{EVENTS}/{created.id}", prefer='outlook.timezone="Tokyo Standard Time"')
        assert clocks(preferred) == (
            "2026-11-02T00:00:00.0000000",
            "2026-11-04T00:00:00.0000000",
            "Tokyo Standard Time",
        )
        utc = await post(graph, "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "UTC", isAllDay=True)
        assert clocks(utc)[0] == "2026-11-02T00:00:00.0000000"


@pytest.mark.parametrize(
    ("start", "end", "end_zone"),
    [
        ("2026-11-02T07:00:00", "2026-11-03T00:00:00", CENTRAL),
        ("2026-11-02T00:00:00", "2026-11-03T00:30:00", CENTRAL),
        ("2026-11-02T00:00:00", "2026-11-02T00:00:00", CENTRAL),
        ("2026-11-02T00:00:00", "2026-11-03T00:00:00", "Eastern Standard Time"),
    ],
)
async def test_an_all_day_event_needs_two_midnights_a_day_apart(start: str, end: str, end_zone: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await post(graph, start, end, end_zone=end_zone, isAllDay=True)
        assert (reply.status, reply.code) == (400, "ErrorInvalidRequest")


async def test_a_timed_event_can_become_an_all_day_one_and_back() -> None:
    async with stand_in(ADA) as graph:
        created = await post(graph, "2026-11-02T07:00:00", "2026-11-02T19:00:00")
        path = f"{EVENTS}/{created.id}"
        assert (await graph.patch(path, {"isAllDay": True})).code == "ErrorInvalidRequest"
        midnights = {
            "start": {"dateTime": "2026-11-02T00:00:00", "timeZone": CENTRAL},
            "end": {"dateTime": "2026-11-03T00:00:00", "timeZone": CENTRAL},
        }
        whole = await graph.patch(path, {"isAllDay": True, **midnights})
        assert clocks(whole)[0] == "2026-11-02T00:00:00.0000000"
        timed = await graph.patch(path, {"isAllDay": False})
        assert clocks(timed)[:2] == ("2026-11-02T06:00:00.0000000", "2026-11-03T06:00:00.0000000")
        later = await graph.patch(path, {"end": {"dateTime": "2026-11-03T08:00:00", "timeZone": "UTC"}})
        assert clocks(later)[:2] == ("2026-11-02T06:00:00.0000000", "2026-11-03T08:00:00.0000000")
        assert (later.body["originalStartTimeZone"], later.body["originalEndTimeZone"]) == (CENTRAL, "UTC")
        before = {"end": {"dateTime": "2026-11-01T08:00:00", "timeZone": "UTC"}}
        assert (await graph.patch(path, before)).code == "ErrorPropertyValidationFailure"
        assert clocks(await graph.get(path)) == clocks(later)


async def test_a_clock_that_repeats_is_the_second_one_and_one_that_is_skipped_moves_on() -> None:
    async with stand_in(ADA) as graph:
        repeats = await post(graph, "2026-11-01T01:30:00", "2026-11-01T07:00:00")
        assert clocks(repeats)[0] == "2026-11-01T07:30:00.0000000"
        skipped = await post(graph, "2026-03-08T02:30:00", "2026-03-08T07:00:00")
        assert clocks(skipped)[0] == "2026-03-08T08:30:00.0000000"


async def test_an_offset_in_a_date_says_the_instant() -> None:
    async with stand_in(ADA) as graph:
        created = await post(graph, "2026-11-02T13:00:00Z", "2026-11-02T20:00:00-05:00")
        assert clocks(created)[:2] == ("2026-11-02T13:00:00.0000000", "2026-11-03T01:00:00.0000000")
        assert created.body["originalStartTimeZone"] == CENTRAL
