"""Editing, publishing and the callback of the Lightning Bolt stand-in."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.local.lightning_bolt.control import ControlError
from tests.local.lightning_bolt.model import Options
from tests.local.lightning_bolt.slot_edits import Spoilt
from tests.local_tests.lightning_bolt_fixtures import (
    MARLOW,
    MEDICINE,
    MEDICINE_APP,
    NIGHT,
    QUILL,
    ROUNDS,
    day_slot,
    rig,
    wall,
)

DECEMBER_10 = date(2026, 12, 10)


async def test_a_slot_is_added_retimed_and_moved_to_another_month() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        night = await it.control.add_slot(MEDICINE, QUILL, NIGHT, DECEMBER_10, note="n", locations=("4 West",))
        await it.control.retime(1, wall("2026-12-10T08:00"), wall("2026-12-10T12:00"))
        await it.control.publish((MEDICINE,))
        rows = await it.reader.rows()
        assert (rows[night]["start_time"], rows[night]["stop_time"]) == ("2026-12-10T21:00:00", "2026-12-11T07:00:00")
        assert rows[night]["location_names"] == ["4 West"]
        assert (rows[1]["start_time"], rows[1]["stop_time"]) == ("2026-12-10T08:00:00", "2026-12-10T12:00:00")
        december = rows[1]["sched_id"]
        await it.control.move(1, date(2027, 1, 12))
        await it.control.publish((MEDICINE,))
        assert set(await it.reader.rows()) == {night}
        row = (await it.reader.rows(first="20270101", last="20270131"))[1]
        assert (row["start_time"], row["slot_date"]) == ("2027-01-12T08:00:00", "2027-01-12")
        assert row["sched_id"] != december
        await it.control.move(1, date(2027, 1, 13), template_id=MEDICINE_APP, live=True)
        assert await it.reader.rows(first="20270101", last="20270131") == {}, "its new schedule is a draft"
        await it.control.publish()
        assert (await it.reader.rows(first="20270101", last="20270131"))[1]["assign_id"] == 21301


async def test_ids_are_renumbered_and_exchanged() -> None:
    async with rig(day_slot(1, DECEMBER_10), day_slot(2, date(2026, 12, 11), QUILL)) as it:
        before = await it.reader.rows()
        await it.control.exchange_ids(1, 2, live=True)
        rows = await it.reader.rows()
        assert (rows[1]["emp_id"], rows[2]["emp_id"]) == (QUILL, MARLOW)
        assert rows[1]["slot_uuid"] == before[1]["slot_uuid"]
        new = await it.control.renumber([1])
        await it.control.publish()
        assert set(await it.reader.rows()) == {2, new[1]}
        await it.control.set_options(Options(renumber_on_publish=True))
        published = await it.control.publish()
        assert set(published.renumbered) == {2, new[1]}
        assert set(await it.reader.rows()) == set(published.renumbered.values())


async def test_people_and_assignments_are_mapped_anyhow() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.set_person_field(MARLOW, "custom3", "  T.Marlow@X.example ")
        await it.control.set_person_field(MARLOW, "unique_id", absent=True)
        await it.control.set_person(QUILL, expired=True)
        await it.control.set_assignment_field(ROUNDS, "send_as_free", ["odd"])
        await it.control.set_assignment_field(ROUNDS, "send_to_outlook", absent=True)
        await it.control.rename_field("personnel", "custom3", "Custom3Value")
        await it.control.rename_field("slot", "note", "schedule_note")
        answer = await it.reader.read()
        people = {row["emp_id"]: row for row in answer["personnel"]}
        assert people[MARLOW]["Custom3Value"] == "  T.Marlow@X.example "
        assert not {"custom3", "unique_id"} & set(people[MARLOW])
        assert (people[QUILL]["expired"], people[QUILL]["scheduled"]) == (True, False)
        kind = answer["assignments"][0]
        assert kind["send_as_free"] == ["odd"]
        assert "send_to_outlook" not in kind
        assert "schedule_note" in answer["schedule_data"]["data"][0]
        await it.control.rename_field("slot", "note", None)
        assert (await it.reader.rows())[1]["note"] is None
        await it.control.set_person(MARLOW, missing=True)
        answer = await it.reader.read()
        assert MARLOW not in {row["emp_id"] for row in answer["personnel"]}
        assert len(answer["schedule_data"]["data"]) == 1


@pytest.mark.parametrize(
    ("how", "key", "value"),
    [
        ("bad_date", "slot_date", "2026-12-32"),
        ("bad_start", "start_time", "soon"),
        ("end_at_start", "stop_time", "2026-12-10T07:00:00"),
        ("end_before_start", "stop_time", "2026-12-10T06:00:00"),
        ("wrong_utc", "start_time_utc", "2026-12-10T08:00:00"),
        ("no_person", "emp_id", 999_999),
    ],
)
async def test_a_row_is_spoilt_and_made_whole(how: Spoilt, key: str, value: object) -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        whole = (await it.reader.rows())[1]
        await it.control.spoil(1, how, live=True)
        row = (await it.reader.rows())[1]
        assert row[key] == value
        assert {name for name in whole if whole[name] != row[name]} - {"has_change"} == {key}
        await it.control.set_raw(1, {"note": 7}, ("template",), live=True)
        row = (await it.reader.rows())[1]
        assert (row["note"], row[key], "template" in row) == (7, whole[key], False)
        await it.control.set_raw(1, live=True)
        row = (await it.reader.rows())[1]
        assert {name for name in whole if whole[name] != row[name]} == {"has_change"}


async def test_the_published_truth_is_handed_out() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.retime(1, wall("2026-12-10T08:00"), wall("2026-12-10T12:00"))
        truth = await it.control.published()
        assert [slot.start.hour for slot in truth.slots] == [7]
        assert truth.templates[0].horizon == date(2026, 12, 31)
        assert [slot.start.hour for slot in (await it.control.drafts()).slots] == [8]


async def test_answers_lag_behind_a_publish() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.set_options(Options(lag_seconds=30))
        await it.control.set_notes(1, "new")
        await it.control.publish()
        it.clock.move(29)
        assert (await it.reader.rows())[1]["note"] is None
        it.clock.move(1)
        assert (await it.reader.rows())[1]["note"] == "new"
        await it.control.set_notes(1, "newer")
        await it.control.publish()
        assert (await it.reader.rows())[1]["note"] == "new"
        assert (await it.control.published()).slots[0].note == "newer"
        await it.control.settle()
        assert (await it.reader.rows())[1]["note"] == "newer"


async def test_wrong_controls_are_refused() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        wrong: list[tuple[str, dict[str, Any], str]] = [
            ("swap", {"slot_id": 1, "emp_id": 1}, "no person 1"),
            ("swap", {"slot_id": 2, "emp_id": QUILL}, "no slot 2"),
            ("swap", {"slot_id": "one"}, "slot_id"),
            ("dance", {}, "no such verb"),
            ("split", {"slot_id": 1, "at": wall("2027-01-01T00:00"), "emp_id": QUILL}, "cannot be split"),
            ("publish", {"templates": [99]}, "no template 99"),
        ]
        for verb, arguments, message in wrong:
            with pytest.raises(ControlError, match=message):
                await it.control._call(verb, **arguments)


class Receiver:
    """Takes callbacks."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        """Any."""
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=202, text="taken")

    def bodies(self) -> list[Any]:
        """What came, as JSON."""
        return [json.loads(raw) for _, raw in self.got]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    it = Receiver()
    app = web.Application()
    app.router.add_post("/api/publish", it.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/publish"
    try:
        yield it
    finally:
        await runner.cleanup()


async def test_a_publish_calls_back_once_per_view_signed() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it, receiver() as there:
        await it.control.announce_to(there.url, key="k", secret="s3cret")
        published = await it.control.publish((MEDICINE_APP,), date(2026, 12, 1), date(2026, 12, 31))
        assert published.views == (50, 60)
        assert [(call.status, call.answer) for call in published.calls] == [(202, "taken")] * 2
        assert sorted(there.bodies(), key=lambda body: body["view_id"]) == [
            {
                "view_id": view,
                "start_date": "2026-12-01",
                "end_date": "2026-12-31",
                "published_at": "2026-11-24T12:00:00.000Z",
                "publish_id": published.publish_id,
                "publish_state": "everyone",
            }
            for view in (50, 60)
        ]
        headers, raw = there.got[0]
        assert headers["x-functions-key"] == "k"
        stamp = headers["X-Signature"].removeprefix("t=").partition(",v1=")
        assert stamp[2] == hmac.new(b"s3cret", f"{stamp[0]}.".encode() + raw, hashlib.sha256).hexdigest()
        assert abs(int(stamp[0]) - time.time()) < 60

        assert len(await it.control.call_again(published.publish_id)) == 2
        await it.control.publish((MEDICINE,), state="administrators", body={"start_date": None, "colour": "green"})
        assert there.bodies()[-1]["publish_state"] == "administrators"
        assert there.bodies()[-1]["colour"] == "green"
        assert "start_date" not in there.bodies()[-1]
        await it.control.publish(callback=False)
        await it.control.announce_to(there.url, on=False)
        await it.control.publish()
        assert len(there.got) == 5
        assert len(await it.control.calls()) == 5


async def test_a_callback_that_nobody_takes_is_recorded() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        async with receiver() as there:
            url = there.url
        await it.control.announce_to(url)
        assert {call.status for call in (await it.control.publish()).calls} == {0}
        assert set(await it.reader.rows()) == {1}, "published all the same"


async def test_a_month_of_2600_slots_is_quick() -> None:
    slots = [day_slot(n, date(2026, 12, 1) + timedelta(days=n % 31), (MARLOW, QUILL)[n % 2]) for n in range(2600)]
    async with rig(*slots) as it:
        await it.reader.ask()
        began = time.perf_counter()
        assert len(await it.reader.rows()) == 2600
        assert time.perf_counter() - began < 1, "kept rows"
