"""Reading a calendar: what is asked, whose events come out, and what every failure means."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from shared.outlook.found import Found, FoundEvent, read_event, read_page, read_strangers
from shared.outlook.graph import Graph
from shared.outlook.mark import MARK_ID
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from tests.unit.shifts import assignment, event_of, mark, slot, utc
from tests.unit.wire import Answering, Wire, cut, hang, html, page, status, wire

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


def row(event_id: str = "AAMk1", value: str | None = mark().text(), **changes: Any) -> dict[str, Any]:
    """An event as Graph answers it."""
    event: dict[str, Any] = {
        "@odata.etag": 'W/"1"',
        "id": event_id,
        "subject": "ICU Day",
        "isAllDay": False,
        "showAs": "busy",
        "originalStartTimeZone": "Central Standard Time",
        "start": {"dateTime": "2026-11-02T13:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-02T23:00:00.0000000", "timeZone": "UTC"},
    }
    if value is not None:
        event["singleValueExtendedProperties"] = [{"id": MARK_ID, "value": value}]
    return event | changes


ALL_DAY: dict[str, Any] = {
    "isAllDay": True,
    "start": {"dateTime": "2026-11-10T00:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-11-12T00:00:00.0000000", "timeZone": "UTC"},
}


@pytest.fixture
async def server() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


@pytest.fixture
async def graph(server: Wire) -> AsyncIterator[Graph]:
    client = Graph.connect(server.url + "/v1.0", "none", "north")
    yield client
    await client.aclose()


async def ids(graph: Graph) -> list[str]:
    found = await graph.marked("a@b.org", "2101", *NOVEMBER, timeout=5)
    assert isinstance(found, Found)
    return [event.event_id for event in found.events]


async def test_what_is_asked(server: Wire, graph: Graph) -> None:
    server.will(page())
    assert await graph.marked("o'neil#ext@example.org", "2101", *NOVEMBER, timeout=5) == Found(())
    [asked] = server.asked
    path, _, query = asked.target.partition("?")
    assert (asked.method, path) == ("GET", "/v1.0/users/o%27neil%23ext%40example.org/calendarView")
    assert parse_qs(query) == {
        "startDateTime": ["2026-10-31T00:00:00Z"],
        "endDateTime": ["2026-12-02T00:00:00Z"],
        "$top": ["1000"],
        "$select": ["id,subject,start,end,isAllDay,showAs,originalStartTimeZone"],
        "$expand": [f"singleValueExtendedProperties($filter=id eq '{MARK_ID}')"],
    }
    assert asked.headers["prefer"] == 'IdType="ImmutableId"'
    assert asked.headers["client-request-id"]


async def test_ours_come_out_and_no_others(server: Wire, graph: Graph) -> None:
    server.will(
        page(
            row("ours"),
            row("ours in upper case", mark().text().upper()),
            row("a copy of ours", singleValueExtendedProperties=[{"id": MARK_ID.upper(), "value": mark().text()}]),
            row("of no one", None),
            row("of another installation", mark(installation="south").text()),
            row("of another person", mark(person="21010").text()),
            row("of another program", "green"),
            row("of another property", singleValueExtendedProperties=[{"id": "String {0} Name X", "value": "y"}]),
            row("with none", singleValueExtendedProperties=[]),
            row("with null", singleValueExtendedProperties=None),
            {"id": "hardly anything"},
        )
    )
    assert await ids(graph) == ["ours", "ours in upper case", "a copy of ours"]


async def test_pages_are_followed_unchanged(server: Wire, graph: Graph) -> None:
    target = "/v1.0/users/a/calendarView?%24top=10&%24skip=13&x=%27%20y"
    server.will(
        page(row("1"), row("2"), link=server.url + target), page(link=server.url + target + "z"), page(row("2"))
    )
    assert await ids(graph) == ["1", "2"]
    assert [asked.target for asked in server.asked[1:]] == [target, target + "z"]
    assert all(asked.headers["prefer"] == 'IdType="ImmutableId"' for asked in server.asked)


@pytest.mark.parametrize("link", ["https://elsewhere.example.org/next", "/v1.0/next", "http://[", "nonsense", 7])
async def test_a_link_to_elsewhere_is_not_followed(server: Wire, graph: Graph, link: Any) -> None:
    server.will(page(row("1"), link=link))
    assert await graph.marked("a", "2101", *NOVEMBER, timeout=5) == ReadFailure(Outcome(Kind.UNKNOWN))
    assert len(server.asked) == 1


async def test_links_that_never_end_are_given_up(server: Wire, graph: Graph) -> None:
    server.will(page(row("1"), link=server.url + "/v1.0/again"))
    assert await graph.marked("a", "2101", *NOVEMBER, timeout=5) == ReadFailure(Outcome(Kind.UNKNOWN))


async def test_a_range_is_cut_at_graphs_limit(server: Wire, graph: Graph) -> None:
    server.will(page())
    await graph.marked("a", "2101", date(2020, 1, 1), date(2030, 1, 1), timeout=5)
    query = parse_qs(urlsplit(server.asked[0].target).query)
    assert query["startDateTime"] == ["2019-12-31T00:00:00Z"]
    assert query["endDateTime"] == ["2024-12-29T00:00:00Z"]  # 1825 days


def failure(kind: Kind, code: int | None = None, error: str = "", wait: float | None = None) -> ReadFailure:
    return ReadFailure(Outcome(kind, None, wait, code, error))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            status(429, "ApplicationThrottled", Retry_After="1.5"),
            failure(Kind.NOT_DONE, 429, "ApplicationThrottled", 1.5),
        ),
        (status(403, "ErrorAccessDenied"), failure(Kind.MAILBOX_REFUSED, 403, "ErrorAccessDenied")),
        (status(404, "ErrorInvalidUser"), failure(Kind.MAILBOX_GONE, 404, "ErrorInvalidUser")),
        (status(404, "ErrorItemNotFound"), failure(Kind.MAILBOX_REFUSED, 404, "ErrorItemNotFound")),
        (status(400, "BadRequest"), failure(Kind.MAILBOX_REFUSED, 400, "BadRequest")),
        (status(500, "ErrorInternalServerError"), failure(Kind.UNKNOWN, 500, "ErrorInternalServerError")),
        (html(503), failure(Kind.UNKNOWN, 503)),
        (html(404), failure(Kind.UNKNOWN, 404)),
        (html(), failure(Kind.UNKNOWN)),
        (cut, failure(Kind.UNKNOWN)),
        (lambda _: web.json_response({"value": None}), failure(Kind.UNKNOWN)),
        (lambda _: web.json_response([]), failure(Kind.UNKNOWN)),
        (page(row(start=None)), failure(Kind.UNKNOWN)),  # ours, and not to be read: it must not count as absent
        (page(row(start={"dateTime": "never", "timeZone": "UTC"})), failure(Kind.UNKNOWN)),
        (page(row(event_id="")), failure(Kind.UNKNOWN)),
        (page(row(isAllDay="false")), failure(Kind.UNKNOWN)),
    ],
    ids=lambda value: "" if isinstance(value, ReadFailure) else None,
)
async def test_failures(server: Wire, graph: Graph, answer: Answering, expected: ReadFailure) -> None:
    server.will(page(row("1"), link=server.url + "/v1.0/next"), answer)
    assert await graph.marked("a@b.org", "2101", *NOVEMBER, timeout=5) == expected


async def test_401_once_and_twice(server: Wire, graph: Graph) -> None:
    refused = status(401, "InvalidAuthenticationToken")
    server.will(refused, page(row("1")))
    assert await ids(graph) == ["1"]
    server.will(refused)
    assert await graph.marked("a", "2101", *NOVEMBER, timeout=5) == failure(
        Kind.INSTALLATION_REFUSED, 401, "InvalidAuthenticationToken"
    )
    assert len(server.asked) == 4


async def test_a_page_that_never_comes(server: Wire, graph: Graph) -> None:
    server.will(page(row("1"), link=server.url + "/v1.0/next"), hang)
    assert await graph.marked("a", "2101", *NOVEMBER, timeout=0.1) == failure(Kind.UNKNOWN)
    assert len(server.asked) == 2


async def test_what_an_event_says(server: Wire, graph: Graph) -> None:
    server.will(page(row(showAs="free"), row("2", **ALL_DAY, subject=None)))
    found = await graph.marked("a@b.org", "2101", *NOVEMBER, timeout=5)
    assert found == Found(
        (
            FoundEvent(
                "AAMk1", mark(), utc("2026-11-02T13:00"), utc("2026-11-02T23:00"), False, "free", "ICU Day"
            ),
            FoundEvent(
                "2", mark(), utc("2026-11-10T06:00"), utc("2026-11-12T06:00"), True, "busy", "",
                (date(2026, 11, 10), date(2026, 11, 12)),
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Central Standard Time", "2026-11-10T06:00"),
        ("Eastern Standard Time", "2026-11-10T05:00"),
        ("America/Detroit", "2026-11-10T05:00"),
        ("UTC", "2026-11-10T00:00"),
        ("tzone://Microsoft/Custom", "2026-11-10T00:00"),
        ("Customized Time Zone", "2026-11-10T00:00"),
        ("", "2026-11-10T00:00"),
        (None, "2026-11-10T00:00"),
    ],
)
def test_an_all_day_event_begins_at_its_own_midnight(zone: str | None, start: str) -> None:
    raw = json.dumps({"value": [row(**ALL_DAY, originalStartTimeZone=zone)]}).encode()
    [event] = read_page(raw, "north", "2101").events
    assert event.start == utc(start)


def test_what_was_sent_under_an_earlier_id_is_ours_with_its_content_unknown() -> None:
    earlier, other = mark(installation="south"), mark(installation="west")
    rows = [row("1"), row("2", earlier.text()), row("3", other.text()), row("4", None)]
    raw = json.dumps({"value": rows}).encode()
    events = read_page(raw, "north", "2101", ["east", "south"]).events
    assert [(event.event_id, event.mark) for event in events] == [("1", mark()), ("2", replace(earlier, digest=""))]
    assert read_page(raw, "north", "7", ["south"]).events == ()
    assert [each.marked for each in read_strangers(raw, "north", ["south"])] == [True, False]
    assert len(read_strangers(raw, "north")) == 3
    one = json.dumps(rows[1]).encode()
    assert read_event(one, "north", "2101") is None
    found = read_event(one, "north", "2101", ["south"])
    assert found
    assert found.mark.digest == ""


def found_event(**changes: Any) -> FoundEvent:
    [event] = read_page(json.dumps({"value": [row(**changes)]}).encode(), "north", "2101").events
    return event


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"subject": "Golf"}, False),
        ({"showAs": "free"}, False),
        ({"showAs": "oof"}, False),
        ({"start": {"dateTime": "2026-11-02T12:00:00.0000000", "timeZone": "UTC"}}, False),
        ({"end": {"dateTime": "2026-11-02T22:00:00.0000000", "timeZone": "UTC"}}, False),
        ({"start": {"dateTime": "2026-11-02T07:00:00", "timeZone": "Central Standard Time"}}, True),
        (ALL_DAY, False),
    ],
)
def test_whether_it_still_shows_what_was_sent(changes: dict[str, Any], same: bool) -> None:
    assert found_event(**changes).shows(event_of()) is same


def test_an_all_day_event_shows_its_days_in_any_zone() -> None:
    leave = event_of(
        slot("2026-11-10T00:00", "2026-11-12T00:00", "2026-11-10T06:00", "2026-11-12T06:00"), assignment(free=True)
    )
    for zone in ("Central Standard Time", "UTC", "nonsense"):
        assert found_event(**ALL_DAY, showAs="free", originalStartTimeZone=zone).shows(leave)
    longer = ALL_DAY | {"end": {"dateTime": "2026-11-13T00:00:00.0000000", "timeZone": "UTC"}}
    assert not found_event(**longer, showAs="free").shows(leave)
