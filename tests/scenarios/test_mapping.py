"""The four assignment fields × a person with and without an ID: who gets an event, and what it holds."""

from dataclasses import dataclass, replace

import pytest

from tests.local.lightning_bolt.model import Assignment
from tests.town import ADA, DAN, TEMPLATE, Town

NOTE = "Code pager until noon"


@dataclass(frozen=True)
class Case:
    """One line of the truth table."""

    send: bool
    notes: bool
    information: bool
    free: bool
    body: str
    """Expected body; `shift` is the assignment's name."""
    show_as: str


TABLE = [
    # send, notes, information, free → body, show as
    Case(True, False, False, False, "", "busy"),
    Case(True, False, False, True, "", "free"),
    Case(True, True, False, False, NOTE, "busy"),
    Case(True, True, False, True, NOTE, "free"),
    Case(True, False, True, False, "shift", "busy"),
    Case(True, False, True, True, "shift", "free"),
    Case(True, True, True, False, f"shift\n\n{NOTE}", "busy"),
    Case(True, True, True, True, f"shift\n\n{NOTE}", "free"),
    Case(False, False, False, False, "", ""),
    Case(False, False, False, True, "", ""),
    Case(False, True, False, False, "", ""),
    Case(False, True, False, True, "", ""),
    Case(False, False, True, False, "", ""),
    Case(False, False, True, True, "", ""),
    Case(False, True, True, False, "", ""),
    Case(False, True, True, True, "", ""),
]


async def test_the_truth_table_of_fields_and_people(town: Town) -> None:
    for number, case in enumerate(TABLE):
        fields = {
            "send_to_outlook": case.send,
            "include_schedule_notes": case.notes,
            "include_assignment_information": case.information,
            "send_as_free": case.free,
        }
        town.lightning_bolt.records.put_assignment(
            Assignment(400 + number, f"Shift {number}", f"S{number}", (TEMPLATE,), "07:00:00~17:00:00", fields)
        )
        for person in (ADA, DAN):
            town.lightning_bolt.slots.add_slot(TEMPLATE, person, 400 + number, town.day(number + 1), note=NOTE)
    await town.publish(town.next_month)

    found = {str(event.values["subject"]): event for event in town.calendar(ADA)}
    for number, case in enumerate(TABLE):
        name = f"Shift {number}"
        assert (name in found) == case.send, case
        if case.send:
            body = found[name].body.content.strip()
            assert body.replace(name, "shift") == case.body, case
            assert found[name].values["showAs"] == case.show_as, case
    assert len(found) == 8
    assert town.calendar(DAN) == []
    assert town.requests("GET") == 1, "nobody but Ada was asked for"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (True, True), ("Yes", True), ("TRUE", True), ("1", True), (1, True), ("on", True),
        (False, False), ("no", False), ("0", False), (0, False), ("off", False), (None, False), ("", False),
    ],
)  # fmt: skip
async def test_spellings_of_send_to_outlook(town: Town, value: object, sent: bool) -> None:
    mapping = {"send_to_outlook": value}
    town.lightning_bolt.records.put_assignment(Assignment(400, "Shift", "S", (TEMPLATE,), "07:00:00~17:00:00", mapping))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 400, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(ADA) == (["Shift"] if sent else [])


async def test_a_person_id_in_custom3_trimmed_and_in_any_case(town: Town) -> None:
    await town.restart(LIGHTNING_BOLT_PERSON_ID_FIELD="custom3")
    town.lightning_bolt.records.set_person_field(DAN, "custom3", "  Dan@Example.ORG ")
    town.lightning_bolt.slots.add_slot(TEMPLATE, DAN, 301, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(DAN) == ["Day Rounds"]
    assert town.subjects(ADA) == []


async def test_a_changed_flag_reaches_every_month_of_the_window(town: Town) -> None:
    for months in (1, 3):
        day = town.next_month.plus(months - 1).first
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, day)
    await town.publish()
    assert [event.values["showAs"] for event in town.calendar(ADA)] == ["busy", "busy"]
    town.lightning_bolt.records.set_assignment_field(301, "send_as_free", True)
    await town.publish(town.next_month)
    assert [event.values["showAs"] for event in town.calendar(ADA)] == ["free", "free"]


async def test_pending_placeholder_and_unsent_slots(town: Town) -> None:
    pending = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(3))
    town.lightning_bolt.slots.set_pending(pending)
    town.lightning_bolt.slots.add_slot(TEMPLATE, 2001, 301, town.day(4))
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds"], "a pending slot is its holder's"


async def test_only_what_is_published_to_everyone_arrives(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(3))
    for state in ("draft", "administrators"):
        await town.lightning_bolt.publishing.publish(state=state, callback=False)  # type: ignore[arg-type]
        await town.callback(town.next_month)
        await town.drain()
        assert town.subjects(ADA) == [], state
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_an_administrators_account_is_refused_and_health_says_so(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(3))
    town.lightning_bolt.world.account = replace(town.lightning_bolt.world.account, is_admin=True)
    town.lightning_bolt.world.touch_records()
    await town.publish(town.next_month)
    assert town.subjects(ADA) == []
    health = await town.app.health()
    assert (health.status, health.body["status"]) == (200, "degraded")
    assert "administrator" in str(health.body["reasons"])


async def test_a_zone_that_contradicts_the_utc_columns_is_refused_with_both_values(town: Town) -> None:
    for day in range(1, 6):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(day))
    await town.restart(LIGHTNING_BOLT_VIEWS='[{"view_id": 50, "time_zone": "America/New_York"}]')
    await town.publish(town.next_month)
    assert town.subjects(ADA) == []
    reasons = str((await town.app.health()).body["reasons"])
    local = f"{town.day(1)}T07:00:00"
    assert "America/New_York" in reasons
    assert local in reasons
    assert "T13:00:00" in reasons or "T12:00:00" in reasons, reasons
