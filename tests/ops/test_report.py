"""`report` and `doctor`: every kind of line, from a town in which everything is wrong somewhere."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from shared.ops.mappings import import_mappings
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.model import Assignment, Options, Template, View
from tests.ops.asking import answer, ask
from tests.town import ADA, BEN, CLEO, DAN, DAY, MEETING, NIGHT, TEMPLATE, VIEW, ZONE, Town, mailbox

OTHER = 305


async def _wrong_everywhere(town: Town) -> None:
    records, edits = town.lightning_bolt.records, town.lightning_bolt.slots
    for person in (ADA, BEN, CLEO, DAN):
        edits.add_slot(TEMPLATE, person, DAY, town.day(3))
    bad = edits.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    for day in range(7, 12):
        edits.add_slot(TEMPLATE, ADA, DAY, town.day(day))
    await town.publish()
    edits.set_raw(bad, {"stop_time": "soon"})
    records.put_assignment(Assignment(OTHER, "Clinic", "CL", (TEMPLATE,), "08:00:00~12:00:00", {}))
    records.set_assignment_field(MEETING, "send_to_outlook", "perhaps")
    records.set_person_field(CLEO, "unique_id", mailbox(BEN))
    records.set_person_field(ADA, "unique_id", "employee 17")
    await town.publish()


async def test_every_category(town: Town) -> None:
    await _wrong_everywhere(town)
    lines = (await ask(town, "report"))["lines"]
    found = {(line["category"], line["id"]) for line in lines}
    assert found == {
        ("opted out", str(DAN)),
        ("unusable ID", str(ADA)),
        ("mailbox refuses", str(ADA)),
        ("shared mailbox", str(BEN)),
        ("shared mailbox", str(CLEO)),
        ("never configured", str(OTHER)),
        ("bad flag", f"assignment {MEETING}"),
        ("unreadable row", next(line["id"] for line in lines if line["category"] == "unreadable row")),
    }
    names = {(line["category"], line["name"]) for line in lines}
    assert {("opted out", "Pike, Dan MD"), ("never configured", "Clinic")} <= names


async def test_a_schedule_whose_view_is_no_longer_read_has_no_time_zone(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    town.lightning_bolt.records.put_template(Template(6, "HM APP", "APPs", 10))
    town.lightning_bolt.records.put_view(View(60, "APPs", (6,)))
    await town.restart(LIGHTNING_BOLT_VIEWS=f'[{{"view_id": 60, "time_zone": "{ZONE}"}}]')
    lines = (await ask(town, "report"))["lines"]
    assert [(line["category"], line["id"], line["where"]) for line in lines] == [
        ("no time zone", str(TEMPLATE), f"view {VIEW}")
    ]
    assert (await answer(town, "report", view=VIEW))[1]["field"] == "view"


async def test_a_month_that_cannot_be_read_is_a_line(town: Town) -> None:
    town.lightning_bolt.records.set_account(is_admin=True)
    found = await ask(town, "report", months=[str(town.next_month)])
    assert [line["category"] for line in found["lines"]] == ["not read"]


async def test_doctor_finds_nothing_where_nothing_is_wrong(town: Town) -> None:
    await _shift_this_month(town)
    await town.restart(PUBLISH_SECRET="a key")
    found = await ask(town, "doctor")
    assert [check for check in found["checks"] if check["result"] != "ok"] == []
    said = " ".join(check["what"] for check in found["checks"])
    for words in (
        "token and read",
        "administrator",
        "UTC columns",
        "unique_id",
        "Graph",
        "waiting",
        "mailbox reachable",
    ):
        assert words in said or words in str(found["checks"]), words


async def _shift_this_month(town: Town) -> None:
    day = town.today if town.today.day > 1 else town.today + timedelta(days=1)
    for person in (ADA, BEN):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, day)
    await town.publish()


async def _faults(town: Town) -> list[tuple[str, str]]:
    checks = (await ask(town, "doctor"))["checks"]
    assert all(check["todo"] for check in checks if check["result"] != "ok"), checks
    return [(check["result"], check["what"]) for check in checks if check["result"] != "ok"]


async def test_doctor_names_what_is_wrong_and_what_to_do(town: Town) -> None:
    await _shift_this_month(town)
    await town.restart(PUBLISH_SECRET="a key", LIGHTNING_BOLT_PERSON_ID_FIELD="custom2", PAUSED="true")
    records = town.lightning_bolt.records
    records.set_person_field(ADA, "custom2", absent=True)
    found = await _faults(town)
    assert ("warn", "PAUSED is on: nothing is written") in found
    assert any("custom2 is there, but empty for everybody" in what for _, what in found)
    records.rename_field("personnel", "custom2", "custom_two")
    records.rename_field("assignment", "send_to_outlook", "elsewhere")
    found = await _faults(town)
    assert any("no personnel record has the ID field custom2; filled in are unique_id" in what for _, what in found)
    assert ("fail", "no assignment has the field send_to_outlook") in found
    records.set_account(is_admin=True)
    assert any("administrator rights" in what for result, what in await _faults(town) if result == "fail")


async def test_doctor_tries_mailboxes_and_sees_an_earlier_feed(town: Town) -> None:
    await _shift_this_month(town)
    day = town.calendar(ADA)[0].times.first.instant.astimezone(ZoneInfo(ZONE)).date()
    feed = {
        "subject": "Day Rounds",
        "start": {"dateTime": f"{day}T07:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": f"{day}T17:00:00", "timeZone": "Central Standard Time"},
    }
    town.graph.owner.add(mailbox(ADA), feed)
    town.graph.directory.put(mailbox(BEN), state=MailboxState.OUT_OF_SCOPE)
    found = await _faults(town)
    assert any("1 events there look like published shifts and are not ours" in what for _, what in found)
    assert any("out of the app's scope" in what for result, what in found if result == "fail")


async def test_doctor_sees_views_that_overlap_and_storage_that_is_away(town: Town) -> None:
    await _shift_this_month(town)
    town.lightning_bolt.records.put_view(View(60, "Again", (TEMPLATE,)))
    views = ", ".join(f'{{"view_id": {view}, "time_zone": "{ZONE}"}}' for view in (VIEW, 60))
    await town.restart(LIGHTNING_BOLT_VIEWS=f"[{views}]")
    assert any(f"shown by views {VIEW}, 60" in what for _, what in await _faults(town))
    await town.app.storage.tables.delete_table("shiftevents")
    found = await _faults(town)
    assert any(what.startswith("does not answer") for result, what in found if result == "fail")


async def test_mappings_from_the_table_are_reported_and_tried_by_their_own_names(town: Town) -> None:
    """Lightning Bolt returns none of the fields then, which is no fault."""
    town.lightning_bolt.records.set_options(Options(hide_mappings=True))
    await town.restart(MAPPING_SOURCE="table")
    assert any("not both files have been imported" in what for result, what in await _faults(town) if result == "fail")
    await import_mappings(f"emp_id,microsoft_id\n{ADA},{mailbox(ADA)}\n{BEN},{mailbox(BEN)}\n", town.app.mappings)
    flags = "send_to_outlook,include_schedule_notes,include_assignment_information,send_as_free"
    await import_mappings(f"assign_structure_id,{flags}\n{DAY},true,true,false,false\n", town.app.mappings)
    await town.drain()
    await _shift_this_month(town)
    checks = {check["what"] for check in (await ask(town, "doctor"))["checks"] if check["about"] == "mappings"}
    assert checks == {"from our own table: 2 people, 1 assignments"}
    lines = (await ask(town, "report"))["lines"]
    found = {(line["category"], line["id"]) for line in lines}
    assert {("never configured", str(NIGHT)), ("never configured", str(MEETING))} <= found
    assert ("never configured", str(DAY)) not in found
    assert (await ask(town, "preview"))["totals"]["create"] == 0
