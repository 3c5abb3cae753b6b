"""The checker finds everything that can be wrong in a calendar."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from tests.local.demo.checker import check, foreign_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.found import read_mailboxes
from tests.local.graph.control import GraphControl
from tests.local.graph.simulator import GraphSimulator
from tests.local_tests.lightning_bolt_fixtures import MARLOW, MEDICINE, day_slot
from tests.local_tests.test_demo_expected import RULES, truth, utc

BOX = "t@x.example"
OTHER = "other@x.example"
MARK = "String {702382a2-6180-43cb-9056-6accc03ab134} Name Mark"
ZONE = "America/Chicago"


def written(day: int, link: int, installation: str = "demo", **changes: Any) -> dict[str, Any]:
    """An event as an app would have written it."""
    mark = f"{installation}:00000000-0000-0000-0000-{link:012}:{MARLOW}:{MEDICINE}:2026-12:0123456789abcdef0123"
    return {
        "subject": "Day Rounds",
        "body": {"contentType": "text", "content": "n"},
        "start": {"dateTime": f"2026-12-{day:02}T07:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": f"2026-12-{day:02}T17:00:00", "timeZone": "Central Standard Time"},
        "isReminderOn": False,
        "responseRequested": False,
        "singleValueExtendedProperties": [{"id": MARK, "value": mark}],
        **changes,
    }


class Desk:
    """Two mailboxes: one with two right events and two foreign ones, another that is empty."""

    def __init__(self, graph: GraphControl) -> None:
        self.graph = graph
        self.ids: list[str] = []

    async def differences(self) -> list[tuple[str, str]]:
        """What the checker says, with its words."""
        mailboxes = await read_mailboxes(self.graph, "demo")
        expectation = Expectation(RULES)
        setup = truth(day_slot(1, date(2026, 12, 10), note="n"), day_slot(2, date(2026, 12, 11), note="n"))
        expectation.publish(setup, utc("2026-12-01T00:00"))
        found = check(mailboxes, expectation.due(utc("2026-12-01T00:00")), self.foreign, ZONE)
        assert {item.mailbox for item in found} <= {BOX, OTHER}
        return [(item.what, str(item)) for item in found]

    async def set_up(self) -> None:
        """Fills the mailboxes."""
        await self.graph.put_mailboxes([BOX, OTHER])
        for day, link in ((10, 1), (11, 2)):
            self.ids.append((await self.graph.add_event(BOX, written(day, link))).id)
        own = written(10, 3)
        del own["singleValueExtendedProperties"]
        self.ids.append((await self.graph.add_event(BOX, own)).id)
        self.ids.append((await self.graph.add_event(BOX, written(10, 4, "other-hospital"))).id)
        self.foreign = foreign_of(await read_mailboxes(self.graph, "demo"))


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """The desk, ready."""
    async with GraphSimulator().serve() as server, GraphControl(server.url) as graph:
        it = Desk(graph)
        await it.set_up()
        yield it


async def test_nothing_is_found_where_all_is_right() -> None:
    async with desk() as it:
        assert await it.differences() == []


async def test_a_missing_event() -> None:
    async with desk() as it:
        await it.graph.delete_event(BOX, it.ids[0])
        text = f"{BOX}: missing: 'Day Rounds' Thu 2026-12-10 07:00–17:00 (person {MARLOW}, schedule {MEDICINE})"
        assert await it.differences() == [("missing", text)]


async def test_an_extra_event() -> None:
    async with desk() as it:
        await it.graph.add_event(BOX, written(20, 5))
        await it.graph.add_event(OTHER, written(10, 6))
        assert [what for what, _ in await it.differences()] == ["extra", "extra"]


async def test_a_duplicate() -> None:
    async with desk() as it:
        await it.graph.add_event(BOX, written(10, 5))
        [(what, text)] = await it.differences()
        assert what == "duplicate"
        assert "Thu 2026-12-10" in text


async def test_a_copy_shares_its_link() -> None:
    async with desk() as it:
        await it.graph.copy_event(BOX, it.ids[0])
        assert [what for what, _ in await it.differences()] == ["duplicate", "same link", "same link"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": "Night"}, "subject is 'Night', must be 'Day Rounds'"),
        ({"showAs": "free"}, "show_as is 'free', must be 'busy'"),
        ({"body": {"contentType": "text", "content": ""}}, "body is (), must be ('n',)"),
        ({"body": {"contentType": "text", "content": "n\nprivate"}}, "body is ('n', 'private'), must be ('n',)"),
        ({"body": {"contentType": "html", "content": "n"}}, "body_type is 'html', must be 'text'"),
        ({"location": {"displayName": "ED"}}, "location is 'ED', must be ''"),
        ({"categories": ["Work"]}, "categories is ('Work',), must be ()"),
        ({"sensitivity": "private"}, "sensitivity is 'private', must be 'normal'"),
        ({"isReminderOn": True, "reminderMinutesBeforeStart": 15}, "reminder is 15, must be None"),
        ({"responseRequested": True}, "response_requested is True, must be False"),
        ({"attendees": [{"emailAddress": {"address": OTHER}}]}, "attendees is 1, must be 0"),
        (
            {"start": {"dateTime": "2026-12-10T08:00:00", "timeZone": "Central Standard Time"}},
            "start is 2026-12-10 14:00:00+00:00, must be 2026-12-10 13:00:00+00:00",
        ),
        (
            {"end": {"dateTime": "2026-12-10T17:00:00", "timeZone": "UTC"}},
            "end is 2026-12-10 17:00:00+00:00, must be 2026-12-10 23:00:00+00:00",
        ),
    ],
)
async def test_a_wrong_event(changes: dict[str, Any], said: str) -> None:
    async with desk() as it:
        await it.graph.edit_event(BOX, it.ids[0], changes)
        [(what, text)] = await it.differences()
        assert what == "wrong"
        assert text.startswith(f"{BOX}: wrong: 'Day Rounds' Thu 2026-12-10 07:00–17:00")
        assert text.endswith(said)


async def test_an_all_day_event_in_place_of_a_shift() -> None:
    async with desk() as it:
        day = {
            "isAllDay": True,
            "start": {"dateTime": "2026-12-10T00:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-12-11T00:00:00", "timeZone": "UTC"},
        }
        await it.graph.edit_event(BOX, it.ids[0], day)
        [(what, text)] = await it.differences()
        assert (what, "all_day is True, must be False" in text) == ("wrong", True)


async def test_foreign_events_are_left_alone() -> None:
    async with desk() as it:
        await it.graph.edit_event(BOX, it.ids[2], {"subject": "Day Rounds!"})
        await it.graph.delete_event(BOX, it.ids[3])
        await it.graph.add_event(OTHER, {**written(10, 9, "third"), "subject": "Lunch"})
        assert sorted(await it.differences()) == [
            ("foreign changed", f"{BOX}: foreign changed: 'Day Rounds!'"),
            ("foreign gone", f"{BOX}: foreign gone: 'Day Rounds'"),
            ("foreign new", f"{OTHER}: foreign new: 'Lunch'"),
        ]


async def test_a_mailbox_that_refuses_must_be_empty_of_ours() -> None:
    async with desk() as it:
        await it.graph.put_mailbox(BOX, state="out_of_scope")
        assert [what for what, _ in await it.differences()] == ["extra", "extra"]


async def test_another_name_of_the_mailbox_is_the_same_mailbox() -> None:
    async with desk() as it:
        await it.graph.put_mailbox(BOX, addresses=["new@x.example", BOX])
        it.foreign = foreign_of(await read_mailboxes(it.graph, "demo"))
        mailboxes = await read_mailboxes(it.graph, "demo")
        expectation = Expectation(RULES)
        setup = truth(day_slot(1, date(2026, 12, 10), note="n"), day_slot(2, date(2026, 12, 11), note="n"))
        expectation.publish(setup, utc("2026-12-01T00:00"))
        assert check(mailboxes, expectation.due(utc("2026-12-01T00:00")), it.foreign, ZONE) == []
