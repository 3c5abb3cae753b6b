"""The Lightning Bolt stand-in has the traps of the real one."""

from datetime import date, datetime

import httpx
import pytest

from tests.local.demo.files import FLAGS
from tests.local.lightning_bolt import LightningBolt
from tests.local.lightning_bolt.model import EMPTY_ID, PERSON_ID_FIELDS, Options, Person, Slot
from tests.local_tests.lightning_bolt_fixtures import (
    BRANDT,
    CALL,
    MARLOW,
    MEDICINE,
    MEDICINE_APP,
    NIGHT,
    OPEN,
    QUILL,
    ROUNDS,
    SURGERY,
    day_slot,
    rig,
    wall,
)

DECEMBER_10 = date(2026, 12, 10)


async def test_wrong_credentials_and_grants_are_refused() -> None:
    async with LightningBolt() as server, httpx.AsyncClient(base_url=server.url) as http:
        wrong = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "wrong"}
        assert (await http.post("/token", data=wrong)).status_code == 401
        assert (await http.post("/token", data={**wrong, "client_secret": "local-secret"})).status_code == 200
        basic = await http.post("/token", data={"grant_type": "client_credentials"}, auth=("local", "local-secret"))
        assert basic.json()["expires_in"] == 3599
        assert (await http.post("/token", data={"grant_type": "password"})).status_code == 400
        assert (await http.post("/token", json=wrong)).status_code == 400


async def test_a_refresh_token_is_good_once() -> None:
    async with rig() as it:
        form = {"grant_type": "refresh_token", "refresh_token": await it.control.new_refresh_token()}
        granted = (await it.reader.http.post("/token", data=form)).json()
        assert (await it.reader.http.post("/token", data=form)).json() == {"error": "invalid_grant"}
        rotated = {**form, "refresh_token": granted["refresh_token"]}
        assert (await it.reader.http.post("/token", data=rotated)).status_code == 200
        assert granted["refresh_token"] in await it.control.issued_tokens()


async def test_a_bearer_expires() -> None:
    async with rig() as it:
        await it.control.set_options(Options(expires_in=60))
        await it.reader.sign_in()
        it.clock.move(59)
        assert (await it.reader.ask()).status_code == 200
        it.clock.move(1)
        assert (await it.reader.ask()).status_code == 401
        await it.reader.sign_in()
        await it.control.revoke_tokens()
        assert (await it.reader.ask()).status_code == 401


async def test_without_origin_or_bearer_a_read_is_refused() -> None:
    async with rig() as it:
        del it.reader.headers["Origin"]
        refused = await it.reader.ask()
        assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
        it.reader.headers = {"Origin": "https://lblite.lightning-bolt.com"}
        assert (await it.reader.ask()).status_code == 401


async def test_iso_dates_and_unknown_fields_are_ignored_without_a_word() -> None:
    async with rig(day_slot(1, DECEMBER_10), day_slot(2, date(2026, 11, 12)), publish=False) as it:
        await it.control.publish()
        assert set(await it.reader.rows()) == {1}
        assert set(await it.reader.rows(first="2026-12-01", last="2026-12-31")) == {2}, "the present month"
        assert set(await it.reader.rows(first="20261332", last="20261399")) == {2}
        body = {"view_id": 50, "startDate": "20261201", "colour": "green"}
        answer = await it.reader.http.post("/viewerapi", json=body, headers=it.reader.headers)
        assert [row["slot_id"] for row in answer.json()["schedule_data"]["data"]] == [2]
        await it.control.set_options(Options(today=date(2026, 12, 24)))
        assert set(await it.reader.rows(first="2026-12-01", last="2026-12-31")) == {1}
        assert (await it.reader.ask(view_id=51)).status_code == 404


async def test_the_answer_begins_a_day_before_the_first_visible_week() -> None:
    days = [date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30), date(2027, 1, 3), date(2027, 1, 4)]
    async with rig(*(day_slot(n, day) for n, day in enumerate(days, 1)), publish=False) as it:
        await it.control.publish()
        assert set(await it.reader.rows()) == {2, 3, 4}, "Tuesday, 1 December: the week began on Monday, the 30th"


async def test_nothing_is_answered_beyond_the_horizon() -> None:
    async with rig(day_slot(1, DECEMBER_10), day_slot(2, date(2026, 12, 20))) as it:
        answer = await it.reader.read()
        templates = {row["template_id"]: row for part in answer["departments"] for row in part["templates"]}
        assert templates[MEDICINE]["last_published_date"] == "2026-12-31T00:00:00"
        await it.control.set_horizon(MEDICINE, date(2026, 12, 19))
        assert set(await it.reader.rows()) == {1}
        await it.control.set_options(Options(cap_at_horizon=False))
        assert set(await it.reader.rows()) == {1, 2}
        await it.control.set_options(Options())
        await it.control.set_horizon(MEDICINE, date(1, 1, 1))
        answer = await it.reader.read()
        assert answer["departments"][0]["templates"][0]["last_published_date"] == "0001-01-01T00:00:00"
        assert answer["schedule_data"]["data"] == []
        await it.control.set_horizon(MEDICINE, None)
        answer = await it.reader.read()
        assert answer["departments"][0]["templates"][0]["last_published_date"] is None


async def test_a_horizon_shows_no_hole() -> None:
    async with rig(day_slot(1, date(2026, 12, 9)), day_slot(2, date(2027, 1, 7)), publish=False) as it:
        await it.control.publish(first=date(2027, 1, 1), last=date(2027, 1, 31))
        answer = await it.reader.read()
        assert answer["departments"][0]["templates"][0]["last_published_date"] == "2027-01-31T00:00:00"
        assert answer["schedule_data"]["data"] == [], "December is below the horizon, and not published"


async def test_a_publish_leaves_out_what_it_is_told_to() -> None:
    slots = [day_slot(1, date(2026, 12, 9)), day_slot(2, date(2027, 1, 7)), day_slot(3, date(2027, 2, 4))]
    async with rig(*slots, publish=False) as it:
        gap = (date(2027, 1, 1), date(2027, 1, 31))
        await it.control.publish(first=date(2026, 12, 1), last=date(2027, 2, 28), but=(gap,))
        assert set(await it.reader.rows(first="20261201", last="20270228")) == {1, 3}


async def test_drafts_and_administrators_publishes_show_to_administrators_only() -> None:
    async with rig(day_slot(1, DECEMBER_10), publish=False) as it:
        assert await it.reader.rows() == {}
        await it.control.publish((MEDICINE,), state="administrators")
        assert await it.reader.rows() == {}
        await it.control.set_account(is_admin=True)
        answer = await it.reader.read()
        assert answer["permissions"]["is_admin"] is True
        assert len(answer["schedule_data"]["data"]) == 1
        await it.control.set_account(is_admin=False)
        await it.control.publish((MEDICINE,))
        assert set(await it.reader.rows()) == {1}
        await it.control.publish((MEDICINE,), state="draft")
        assert await it.reader.rows() == {}
        await it.control.set_account(is_admin="absent")
        assert "is_admin" not in (await it.reader.read())["permissions"]


async def test_an_edit_shows_once_it_is_published() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.set_notes(1, "bring the pager", request_note="private", decision_note="fine")
        assert (await it.reader.rows())[1]["note"] is None
        await it.control.publish((MEDICINE,))
        row = (await it.reader.rows())[1]
        assert (row["note"], row["request_note"], row["decision_note"]) == ("bring the pager", "private", "fine")
        assert (row["has_note"], row["has_change"]) == (True, True)
        await it.control.remove(1, live=True)
        assert await it.reader.rows() == {}


async def test_a_swap_keeps_the_slot_and_names_the_first_holder() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.set_pending(1, offered_to=QUILL, live=True)
        row = (await it.reader.rows())[1]
        assert (row["emp_id"], row["is_pending"], row["pending_emp_id"]) == (MARLOW, True, QUILL)
        await it.control.swap(1, QUILL, live=True)
        await it.control.swap(1, BRANDT, live=True)
        row = (await it.reader.rows())[1]
        assert (row["emp_id"], row["original_emp_id"], row["is_pending"]) == (BRANDT, MARLOW, False)
        assert (row["display_name"], len(row["slot_history"])) == ("Brandt, Ines NP", 3)


async def test_placeholders_are_people() -> None:
    async with rig(day_slot(1, DECEMBER_10, OPEN), day_slot(2, DECEMBER_10, EMPTY_ID)) as it:
        await it.control.put_person(Person.placeholder(EMPTY_ID, "EMPTY"))
        answer = await it.reader.read()
        names = {row["slot_id"]: (row["last_name"], row["display_name"]) for row in answer["schedule_data"]["data"]}
        assert names == {1: ("z.Administrative", "OPEN 1"), 2: ("z.Administrative", "EMPTY")}
        assert {OPEN, EMPTY_ID} <= {row["emp_id"] for row in answer["personnel"]}


async def test_some_return_neither_ids_nor_fields_of_assignments() -> None:
    mappings = {*PERSON_ID_FIELDS, *FLAGS}
    async with rig(day_slot(1, DECEMBER_10)) as it:
        for hidden in (False, True):
            await it.control.set_options(Options(hide_mappings=hidden))
            answer = await it.reader.read()
            keys = {key for row in (*answer["personnel"], *answer["assignments"]) for key in row}
            assert bool(keys & mappings) == ("unique_id" in keys) == ("send_to_outlook" in keys) == (not hidden)
            assert {"emp_id", "assign_structure_id"} <= keys
            truth = await it.control.published()
            assert any(person.fields["unique_id"] for person in truth.people), "the truth is known all the same"


async def test_a_split_makes_slots_of_one_assignment_and_date() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        other = await it.control.split(1, wall("2026-12-10T12:00"), QUILL)
        await it.control.publish((MEDICINE,))
        rows = await it.reader.rows()
        assert set(rows) == {1, other}
        assert rows[1]["stop_time"] == rows[other]["start_time"] == "2026-12-10T12:00:00"
        assert rows[1]["slot_date"] == rows[other]["slot_date"]
        assert rows[1]["assign_id"] == rows[other]["assign_id"] == 20301
        assert (rows[1]["is_default_time"], rows[other]["emp_id"]) == (False, QUILL)


async def test_a_view_is_a_filter() -> None:
    slots = day_slot(1, DECEMBER_10), day_slot(2, DECEMBER_10, QUILL, MEDICINE_APP)
    night = Slot(3, MEDICINE, QUILL, NIGHT, DECEMBER_10, wall("2026-12-10T21:00"), wall("2026-12-11T07:00"))
    call = Slot(4, SURGERY, BRANDT, CALL, DECEMBER_10, wall("2026-12-10T07:00"), wall("2026-12-11T07:00"))
    async with rig(*slots, night, call) as it:
        assert set(await it.reader.rows(50)) == {1, 2, 3}
        assert set(await it.reader.rows(60)) == {2, 4}
        given = (await it.reader.read(60))["view_context"]["filter"]
        assert given["on_templates"] == [SURGERY, MEDICINE_APP]
        assert given["auto_add_personnel"] is True
        await it.control.set_filter(50, people=(QUILL,))
        answer = await it.reader.read(50)
        assert [item["id"] for item in answer["view_context"]["filter"]["on_personnel"]] == [QUILL]
        assert {row["slot_id"] for row in answer["schedule_data"]["data"]} == {2, 3}
        assert [row["emp_id"] for row in answer["personnel"]] == [QUILL]
        await it.control.set_filter(50, assignments=(ROUNDS,))
        answer = await it.reader.read(50)
        assert {row["slot_id"] for row in answer["schedule_data"]["data"]} == {1, 2}
        assert [item["id"] for item in answer["view_context"]["filter"]["on_assignments"]] == [20301, 21301]
        await it.control.set_filter(50)
        await it.control.remove_template_from_view(50, MEDICINE_APP)
        assert set(await it.reader.rows(50)) == {1, 3}
        await it.control.add_template_to_view(50, SURGERY)
        assert set(await it.reader.rows(50)) == {1, 3, 4}


@pytest.mark.parametrize(
    ("start", "stop", "folds", "start_utc", "stop_utc"),
    [
        ("2026-12-10T21:00", "2026-12-11T07:00", (0, 0), "2026-12-11T03:00:00", "2026-12-11T13:00:00"),
        ("2026-10-31T21:00", "2026-11-01T07:00", (0, 0), "2026-11-01T02:00:00", "2026-11-01T13:00:00"),
        ("2027-03-13T21:00", "2027-03-14T07:00", (0, 0), "2027-03-14T03:00:00", "2027-03-14T12:00:00"),
        ("2026-11-01T01:30", "2026-11-01T07:00", (0, 0), "2026-11-01T06:30:00", "2026-11-01T13:00:00"),
        ("2026-11-01T01:30", "2026-11-01T07:00", (1, 0), "2026-11-01T07:30:00", "2026-11-01T13:00:00"),
        ("2026-11-01T01:30", "2026-11-01T01:30", (0, 0), "2026-11-01T06:30:00", "2026-11-01T07:30:00"),
        ("2027-03-14T02:30", "2027-03-14T07:00", (0, 0), "2027-03-14T08:30:00", "2027-03-14T12:00:00"),
    ],
    ids=["overnight", "fall-back", "spring-forward", "first 01:30", "second 01:30", "an hour long", "in the gap"],
)
async def test_utc_columns_follow_the_zone(
    start: str, stop: str, folds: tuple[int, int], start_utc: str, stop_utc: str
) -> None:
    begin, end = datetime.fromisoformat(start), datetime.fromisoformat(stop)
    slot = Slot(1, MEDICINE, MARLOW, NIGHT, begin.date(), begin, end, start_fold=folds[0], stop_fold=folds[1])
    async with rig(slot, publish=False) as it:
        await it.control.publish()
        row = (await it.reader.rows(first=f"{begin:%Y%m%d}", last=f"{begin:%Y%m%d}"))[1]
        assert (row["start_time_utc"], row["stop_time_utc"]) == (start_utc, stop_utc)
        assert row["slot_date"] == str(begin.date())
