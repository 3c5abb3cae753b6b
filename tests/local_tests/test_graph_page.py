"""The Graph stand-in: the calendar pages."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.page_days import Bar, month_of, next_month, weeks
from tests.local.graph.page_event import clock
from tests.local.graph.page_style import CSS
from tests.local.graph.simulator import GraphServer, GraphSimulator

ADA = "ada@example.org"
CHICAGO = ZoneInfo("America/Chicago")
NOVEMBER = date(2026, 11, 1)
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and keeps the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def simulator() -> GraphSimulator:
    """One mailbox, on 24 November 2026."""
    made = GraphSimulator(clock=lambda: datetime(2026, 11, 24, 18, tzinfo=UTC))
    made.add_mailboxes(ADA)
    return made


def add(made: GraphSimulator, subject: str, start: str, end: str, **more: Any) -> str:
    """Put an event in, in Chicago's time."""
    first, last = ({"dateTime": each, "timeZone": "Central Standard Time"} for each in (start, end))
    calendar = more.pop("calendar", "Calendar")
    return made.owner.add(ADA, {"subject": subject, "start": first, "end": last, **more}, calendar).immutable_id


async def fetch(server: GraphServer, path: str, status: int = 200) -> str:
    """A page."""
    async with aiohttp.ClientSession() as session, session.get(server.url + path) as response:
        assert response.status == status
        assert response.content_type == "text/html"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


async def test_a_month_shows_events_by_day_with_details_behind_a_click() -> None:
    made = simulator()
    add(
        made,
        "Day Rounds",
        "2026-11-02T07:00:00",
        "2026-11-02T19:00:00",
        body={"contentType": "text", "content": "Covers 4 West"},
        location={"displayName": "Main Campus"},
        categories=["Shift"],
        showAs="free",
    )
    add(made, "Leave", "2026-11-13T00:00:00", "2026-11-17T00:00:00", isAllDay=True)
    add(made, "Night", "2026-11-05T19:00:00", "2026-11-06T07:30:00")
    gone = add(made, "Gone", "2026-11-05T09:00:00", "2026-11-05T10:00:00")
    made.owner.delete(ADA, gone)
    async with made.serve() as server:
        page = Outline(await fetch(server, f"/calendar/{ADA}?month=2026-11&zone=America/Chicago"))
    assert "November 2026" in page.text
    assert "3 events" in page.text
    assert "1 in Deleted Items" in page.text
    assert "7a–7pDay Rounds" in page.text
    assert "7p–7:30a☾Night" in page.text
    assert "to 7:30aNight" in page.text
    assert "Leave (continued)" in page.text
    assert "Gone" not in page.text
    for part in ("Covers 4 West", "Main Campus", "Shift", "Mon, Nov 2, 7a – 7p", "Fri, Nov 13, 4 whole days"):
        assert part in page.text
    kinds = {attributes["class"] for tag, attributes in page.tags if tag == "details"}
    assert any(kind and "free" in kind.split() for kind in kinds)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert f"/calendar/{ADA}?month=2026-10&zone=America%2FChicago" in links
    assert f"/calendar/{ADA}?month=2026-12&zone=America%2FChicago" in links


async def test_nothing_of_an_event_becomes_markup() -> None:
    made = simulator()
    nasty = "<script>alert('x')</script>\"&"
    made.directory.put(ADA, name=nasty)
    more = {"location": {"displayName": nasty}, "categories": [nasty], "body": {"content": nasty}}
    for start, end, all_day in (
        ("2026-11-02T07:00:00", "2026-11-02T19:00:00", False),
        ("2026-11-03T00:00:00", "2026-11-04T00:00:00", True),
    ):
        add(made, nasty, start, end, isAllDay=all_day, calendar=nasty, **more)
    async with made.serve() as server:
        pages = [
            await fetch(server, f"/calendar/{ADA}?month=2026-11&zone=America/Chicago"),
            await fetch(server, "/calendar"),
            await fetch(server, "/calendar/%3Cscript%3E", 404),
            await fetch(server, f"/calendar/{ADA}?zone=%3Cscript%3E", 400),
            await fetch(server, f"/calendar/{ADA}?month=%3Cscript%3E", 400),
        ]
    for page in pages:
        assert not [tag for tag, _ in Outline(page).tags if tag == "script"]
    assert Outline(pages[0]).text.count(nasty) >= 8


async def test_the_list_of_mailboxes_counts_their_events() -> None:
    made = simulator()
    made.add_mailboxes("zoe@example.org", state=MailboxState.OUT_OF_SCOPE)
    add(made, "Past", "2026-11-02T07:00:00", "2026-11-02T19:00:00")
    add(made, "Coming", "2026-12-02T07:00:00", "2026-12-02T19:00:00")
    async with made.serve() as server:
        text = await fetch(server, "/calendar")
        assert await fetch(server, "/") == text
        page = Outline(text)
        assert "2 mailboxes · 2 events" in page.text
        assert "Coming" in page.text
        assert "out_of_scope" in page.text
        link = next(attributes["href"] for tag, attributes in page.tags if tag == "a")
        assert link == f"/calendar/{ADA}?month=2026-12"
        assert "times in Central Standard Time" in Outline(await fetch(server, link)).text
        assert "November 2026" in Outline(await fetch(server, "/calendar/ZOE@example.org")).text


@pytest.mark.parametrize("query", ["month=2026-13", "month=26-1", "month=9999-12", "month=x", "zone=Mars/Base"])
async def test_a_wrong_month_or_zone_is_said(query: str) -> None:
    async with simulator().serve() as server:
        assert "Not found" in Outline(await fetch(server, f"/calendar/{ADA}?{query}", 400)).text


def test_bars_take_lanes_that_are_free_on_all_their_days() -> None:
    made = simulator()
    add(made, "A", "2026-11-02T00:00:00", "2026-11-05T00:00:00", isAllDay=True)
    add(made, "B", "2026-11-04T00:00:00", "2026-11-11T00:00:00", isAllDay=True)
    add(made, "C", "2026-11-05T00:00:00", "2026-11-06T00:00:00", isAllDay=True)
    grid = weeks(made.events(ADA), NOVEMBER, CHICAGO)
    lanes = [
        [each.event.values["subject"] if isinstance(each, Bar) else each and "…" for each in day.bars]
        for day in grid[0]
    ]
    assert lanes == [[], ["A"], ["…"], ["…", "B"], ["C", "…"], [None, "…"], [None, "…"]]
    assert [isinstance(day.bars[0], Bar) for day in grid[1] if day.bars] == [True, False, False]
    first, second = grid[0][3].bars[1], grid[1][0].bars[0]
    assert isinstance(first, Bar)
    assert isinstance(second, Bar)
    assert (first.days, first.begins, first.ends) == (4, True, False)
    assert (second.days, second.begins, second.ends) == (3, False, True)


def test_a_month_has_whole_weeks() -> None:
    for number in range(24):
        first = next_month(date(2026, 1, 1), number)
        grid = weeks([], first, UTC)
        assert {len(week) for week in grid} == {7}
        assert grid[0][0].date.weekday() == 6
        assert sum(day.inside for week in grid for day in week) == (next_month(first, 1) - first).days


def test_all_day_events_float_and_timed_ones_do_not() -> None:
    made = simulator()
    add(made, "Leave", "2026-11-10T00:00:00", "2026-11-11T00:00:00", isAllDay=True)
    add(made, "Night", "2026-11-10T22:00:00", "2026-11-11T00:00:00")
    for zone, leave, night in ((CHICAGO, 10, 10), (ZoneInfo("Asia/Tokyo"), 10, 11)):
        days = [day for week in weeks(made.events(ADA), NOVEMBER, zone) for day in week]
        assert [day.date.day for day in days if day.bars] == [leave]
        assert [day.date.day for day in days if day.timed] == [night]
    assert next_month(month_of("2026-12"), 1) == date(2027, 1, 1)
    assert [clock(datetime(2026, 1, 1, hour, minute, tzinfo=UTC)) for hour, minute in ((0, 0), (7, 30), (12, 0))] == [
        "12a",
        "7:30a",
        "12p",
    ]


def test_no_machine_is_named_in_the_page() -> None:
    assert not re.search(r"https?://|url\(", CSS)
