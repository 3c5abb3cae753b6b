"""The Graph stand-in: the calendar view, its range, its pages, its fields."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local.graph.client import IMMUTABLE, RawGraph, stand_in, write

ADA = "ada@example.org"
VIEW = f"/users/{ADA}/calendarView"
NOVEMBER = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-12-01T00:00:00Z"
MARK = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Mark"


def add(graph: RawGraph, start: str, end: str, zone: str = "UTC", **more: Any) -> str:
    """Put an event in; its id."""
    first, last = ({"dateTime": each, "timeZone": zone} for each in (start, end))
    return graph.simulator.owner.add(ADA, {"subject": start, "start": first, "end": last, **more}).immutable_id


def fill(graph: RawGraph, count: int) -> list[str]:
    """Events of November, one an hour."""
    hours = [f"2026-11-{1 + each // 24:02d}T{each % 24:02d}" for each in range(count)]
    return [add(graph, f"{hour}:00:00", f"{hour}:30:00") for hour in hours]


async def test_a_view_holds_what_overlaps_its_range_by_start() -> None:
    async with stand_in(ADA) as graph:
        inside = add(graph, "2026-11-15T07:00:00", "2026-11-15T19:00:00")
        into = add(graph, "2026-10-31T20:00:00", "2026-11-01T00:00:01")
        out_of = add(graph, "2026-11-30T23:59:59", "2026-12-01T06:00:00")
        add(graph, "2026-10-31T20:00:00", "2026-11-01T00:00:00")
        add(graph, "2026-12-01T00:00:00", "2026-12-01T06:00:00")
        instant = add(graph, "2026-11-01T00:00:00", "2026-11-01T00:00:00")
        reply = await graph.get(f"{VIEW}?{NOVEMBER}")
        assert [event["id"] for event in reply.body["value"]] == [into, instant, inside, out_of]
        lower = await graph.get(VIEW.lower() + "?" + NOVEMBER.lower().replace("t00:00:00z", "T00:00:00Z"))
        assert lower.body["value"] == reply.body["value"]
        backwards = await graph.get(f"{VIEW}?{NOVEMBER}&$orderby=start/dateTime desc")
        assert [event["id"] for event in backwards.body["value"]] == [out_of, inside, instant, into]
        assert (await graph.get(f"/users/{ADA}/calendar/calendarView?{NOVEMBER}")).body["value"] == reply.body["value"]


async def test_an_all_day_event_is_matched_as_utc_midnights() -> None:
    async with stand_in(ADA) as graph:
        add(graph, "2026-11-02T00:00:00", "2026-11-03T00:00:00", "Central Standard Time", isAllDay=True)

        async def seen(start: str, end: str) -> int:
            return len((await graph.get(f"{VIEW}?startDateTime={start}&endDateTime={end}")).body["value"])

        assert await seen("2026-11-02T06:00:00Z", "2026-11-03T06:00:00Z") == 1
        assert await seen("2026-11-03T00:00:00Z", "2026-11-03T06:00:00Z") == 0  # though it is evening in Chicago
        assert await seen("2026-11-01T23:00:00-06:00", "2026-11-02T05:00:00-06:00") == 1
        assert await seen("2026-11-02T23:59:59", "2026-11-04T00:00:00") == 1


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "ErrorInvalidParameter"),
        ("startDateTime=2026-11-01T00:00:00Z", 400, "ErrorInvalidParameter"),
        ("endDateTime=2026-11-01T00:00:00Z", 400, "ErrorInvalidParameter"),
        ("startDateTime=soon&endDateTime=2026-11-01T00:00:00Z", 400, "ErrorInvalidParameter"),
        ("startDateTime=2021-01-01T00:00:00Z&endDateTime=2026-01-01T00:00:00Z", 400, "ErrorInvalidRequest"),
        (f"{NOVEMBER}&$top=0", 400, "BadRequest"),
        (f"{NOVEMBER}&$top=1001", 400, "BadRequest"),
        (f"{NOVEMBER}&$top=x", 400, "BadRequest"),
        (
            f"{NOVEMBER}&$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'a')",
            500,
            "ErrorInternalServerError",
        ),
        (f"{NOVEMBER}&$expand=extensions", 500, "UnknownError"),
    ],
)
async def test_a_view_that_graph_refuses(query: str, status: int, code: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.get(f"{VIEW}?{query}")
        assert (reply.status, reply.code) == (status, code)


async def test_a_range_of_1825_days_is_allowed() -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.get(f"{VIEW}?startDateTime=2022-01-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z")
        assert reply.status == 200


async def test_pages_are_of_ten_and_their_links_lead_through_all() -> None:
    async with stand_in(ADA) as graph:
        ids = fill(graph, 35)
        pages = await graph.pages(f"{VIEW}?{NOVEMBER}&$select=subject")
        assert [len(page) for page in pages] == [10, 10, 10, 5]
        assert [event["id"] for page in pages for event in page] == ids
        link = (await graph.get(f"{VIEW}?{NOVEMBER}&$select=subject")).body["@odata.nextLink"]
        parts = urlsplit(link)
        assert link.startswith(graph.server.graph_url + VIEW + "?")
        assert "%24skip=13" in parts.query
        assert "$" not in parts.query
        assert parse_qs(parts.query)["$top"] == ["10"]
        assert parse_qs(parts.query)["startDateTime"] == ["2026-11-01T00:00:00Z"]


async def test_a_skip_of_ones_own_computing_goes_wrong() -> None:
    async with stand_in(ADA) as graph:
        ids = fill(graph, 35)
        third = await graph.get(f"{VIEW}?{NOVEMBER}&$top=10&$skip=20")
        assert [event["id"] for event in third.body["value"]] != ids[20:30]


@pytest.mark.parametrize("top", [1, 7, 10, 25, 35, 1000])
async def test_every_size_of_page_leads_through_all(top: int) -> None:
    async with stand_in(ADA) as graph:
        ids = fill(graph, 35)
        pages = await graph.pages(f"{VIEW}?{NOVEMBER}&$top={top}")
        assert [event["id"] for page in pages for event in page] == ids


async def test_the_list_by_property_is_paged_too() -> None:
    async with stand_in(ADA) as graph:
        ids = []
        for number in range(12):
            mark = [{"id": MARK, "value": "a" if number % 2 else "b"}]
            start, end = f"2026-11-{number + 1:02d}T07:00:00", f"2026-11-{number + 1:02d}T08:00:00"
            ids.append(add(graph, start, end, singleValueExtendedProperties=mark))
        condition = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'a')"
        pages = await graph.pages(f"/users/{ADA}/events?$filter={condition}&$top=4")
        assert [[event["id"] for event in page] for page in pages] == [ids[1:8:2], ids[9:12:2]]


async def test_select_and_expand_decide_what_is_shown() -> None:
    async with stand_in(ADA) as graph:
        mark = [{"id": MARK, "value": "a"}]
        add(graph, "2026-11-15T07:00:00", "2026-11-15T19:00:00", singleValueExtendedProperties=mark)
        plain = (await graph.get(f"{VIEW}?{NOVEMBER}")).body["value"][0]
        assert "singleValueExtendedProperties" not in plain
        expand = f"$expand=singleValueExtendedProperties($filter=id eq '{MARK}')"
        shown = (await graph.get(f"{VIEW}?{NOVEMBER}&{expand}")).body["value"][0]
        assert shown == plain | {"singleValueExtendedProperties": mark}
        few = await graph.get(f"{VIEW}?{NOVEMBER}&$select=subject,start&{expand}")
        assert list(few.body["value"][0]) == ["@odata.etag", "id", "subject", "start", "singleValueExtendedProperties"]
        assert few.body["@odata.context"].endswith("/calendarView(subject,start)")


async def test_encoded_parameters_and_batches_mean_the_same() -> None:
    async with stand_in(ADA) as graph:
        fill(graph, 12)
        query = f"{NOVEMBER}&$expand=singleValueExtendedProperties($filter=id eq '{MARK}')"
        plain = await graph.get(f"{VIEW}?{query}")
        encoded = query.replace("$", "%24").replace(":", "%3A").replace(" ", "%20").replace("{", "%7B")
        again = await graph.get(f"{graph.server.graph_url}/users/ada%40example.org/calendarView?{encoded}")
        assert again.body["value"] == plain.body["value"]
        items = await graph.items([write("1", "GET", f"{VIEW}?{query}", prefer=IMMUTABLE)])
        assert items["1"].body["value"] == plain.body["value"]
        rest = await graph.get(items["1"].body["@odata.nextLink"])
        assert len(rest.body["value"]) == 2


async def test_an_event_in_another_calendar_leaves_the_view_and_is_still_there() -> None:
    async with stand_in(ADA) as graph:
        (moved,) = fill(graph, 1)
        graph.simulator.owner.move(ADA, moved, "Private")
        assert (await graph.get(f"{VIEW}?{NOVEMBER}")).body["value"] == []
        assert (await graph.get(f"/users/{ADA}/events")).body["value"] == []
        assert (await graph.get(f"/users/{ADA}/events/{moved}")).status == 200
        calendars = (await graph.get(f"/users/{ADA}/calendars")).body["value"]
        shown = [(each["name"], each["isDefaultCalendar"]) for each in calendars]
        assert shown == [("Calendar", True), ("Private", False)]
        other = f"/users/{ADA}/calendars/{calendars[1]['id']}"
        assert len((await graph.get(f"{other}/calendarView?{NOVEMBER}")).body["value"]) == 1
        body = {name: {"dateTime": "2026-11-02T07:00:00", "timeZone": "UTC"} for name in ("start", "end")}
        assert (await graph.post(f"{other}/events", body)).status == 201
        assert len((await graph.get(f"{other}/events")).body["value"]) == 2
        assert moved in [event.immutable_id for event in graph.simulator.events(ADA)]
