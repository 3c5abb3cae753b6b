"""The made-up hospital has what the demonstration is to show."""

from collections import Counter
from datetime import date

import pytest

from tests.local.hospital import Hospital, make_hospital
from tests.local.hospital.calendar import clock_changes, demo_months, last_day, month_after
from tests.local.hospital.people import Mail
from tests.local_tests.lightning_bolt_fixtures import rig, wall

NOVEMBER_24 = date(2026, 11, 24)


def _demo() -> Hospital:
    return make_hospital(demo_months(NOVEMBER_24, "America/Chicago"))


def test_it_is_the_same_for_the_same_seed() -> None:
    assert _demo() == _demo()
    assert make_hospital([NOVEMBER_24], seed=1) != make_hospital([NOVEMBER_24], seed=2)


def test_the_months_of_the_demonstration() -> None:
    months = demo_months(NOVEMBER_24, "America/Chicago")
    assert months.published == (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 3, 1))
    assert months.draft == (date(2027, 1, 1),)
    assert (months.first_day, months.last_day, months.read) == (date(2026, 10, 1), date(2027, 3, 31), 6)
    assert months.gaps == ((date(2027, 1, 1), date(2027, 1, 31)), (date(2027, 2, 1), date(2027, 2, 28)))


@pytest.mark.parametrize("offset", range(12))
def test_they_hold_a_clock_change_whenever_it_runs(offset: int) -> None:
    today = month_after(date(2026, 1, 15), offset)
    months = demo_months(today, "America/Chicago")
    assert any(clock_changes(month, "America/Chicago") for month in months.published)
    assert {month_after(today, -1), today, month_after(today)} <= set(months.published)
    assert len(months.draft) == 1
    assert not set(months.draft) & set(months.published)


def test_clock_changes_and_month_ends() -> None:
    assert clock_changes(date(2026, 11, 1), "America/Chicago") == [date(2026, 11, 1)]
    assert clock_changes(date(2027, 3, 1), "America/Chicago") == [date(2027, 3, 14)]
    assert clock_changes(date(2026, 11, 1), "America/Phoenix") == []
    assert last_day(date(2028, 2, 1)) == date(2028, 2, 29)


def test_people_of_every_sort() -> None:
    hospital = _demo()
    written = [member.person.fields["unique_id"] for member in hospital.staff]
    assert len(hospital.staff) == 40
    assert {repr(value) for value in written if not (value or "").strip()} == {"None", "''", "'   '"}
    assert sum(member.opted_out for member in hospital.staff) == 4
    assert Counter(mailbox.mail for mailbox in hospital.mailboxes) == {
        Mail.OPEN: 38,
        Mail.ABSENT: 1,
        Mail.OUT_OF_SCOPE: 1,
    }
    mapped = [str(value) for value in written if (value or "").strip()]
    assert any(value.count("-") == 4 and value.isupper() for value in mapped)
    assert any(value.count("-") == 4 and value.islower() for value in mapped)
    assert any(value != value.strip().lower() and "@" in value for value in mapped)
    assert len({value.strip().lower() for value in mapped}) == len(mapped)
    for member in hospital.staff:
        given = str(member.person.fields["unique_id"] or "").strip().lower()
        assert given in ("", member.mailbox.address, member.mailbox.object_id)


def test_shifts_of_every_sort() -> None:
    setup = _demo().setup
    assert len(setup.departments) == 3
    assert len({slot.template_id for slot in setup.slots}) == 4
    assert {slot.assign_structure_id for slot in setup.slots} == set(range(301, 312))
    flags = {tuple(kind.mapping.values()) for kind in setup.assignments}
    assert {(True, True, True, True), (False, True, False, False), (None,) * 4} <= flags
    placeholders = {person.emp_id for person in setup.people if person.is_placeholder}
    for some in (
        [slot.note for slot in setup.slots if slot.note],
        [slot for slot in setup.slots if slot.emp_id in placeholders],
        [slot for slot in setup.slots if slot.pending and slot.pending_emp_id != slot.emp_id],
        [slot for slot in setup.slots if slot.locations],
        [slot for slot in setup.slots if (slot.stop - slot.start).days >= 2],
    ):
        assert len(some) > 10
    assert {wall("2026-10-31T21:00"), wall("2026-11-01T01:30"), wall("2027-03-13T21:00")} <= {
        slot.start for slot in setup.slots
    }
    assert len({slot.slot_id for slot in setup.slots}) == len(setup.slots)
    assert all(slot.start.date() == slot.day and slot.start < slot.stop for slot in setup.slots)


@pytest.mark.parametrize("offset", range(12))
def test_more_than_a_thousand_events_reach_open_mailboxes(offset: int) -> None:
    hospital = make_hospital(demo_months(month_after(NOVEMBER_24, offset), "America/Chicago"))
    reached = {m.person.emp_id for m in hospital.staff if not m.opted_out and m.mailbox.mail is Mail.OPEN}
    sent = {kind.assign_structure_id for kind in hospital.setup.assignments if kind.mapping["send_to_outlook"]}
    months = {(month.year, month.month) for month in hospital.months.published}
    count = sum(
        slot.emp_id in reached and slot.assign_structure_id in sent and (slot.day.year, slot.day.month) in months
        for slot in hospital.setup.slots
    )
    assert 1_000 <= count <= 2_000


def test_it_grows() -> None:
    hospital = make_hospital([date(2026, 12, 1)], people=1000, shifts_per_month=30, sites=3)
    assert len(hospital.setup.people) == 1004
    assert len(hospital.setup.templates) == 12
    assert hospital.view_ids == (50, 60, 150, 160, 250, 260)
    per_person = Counter(slot.emp_id for slot in hospital.setup.slots)
    assert {per_person[member.person.emp_id] for member in hospital.staff} == {30}
    assert len({member.mailbox.address for member in hospital.staff}) == 1000
    more = make_hospital([date(2026, 12, 1)], people=2, shifts_per_month=70)
    shifts = [
        (slot.emp_id, slot.assign_structure_id, slot.start, slot.stop)
        for slot in more.setup.slots
        if slot.emp_id > 2100
    ]
    assert len(shifts) == 140
    assert len(set(shifts)) == len(shifts)


async def test_lightning_bolt_takes_it() -> None:
    hospital = _demo()
    async with rig() as it:
        await it.control.load(hospital.setup)
        months = hospital.months
        published = await it.control.publish(first=months.first_day, last=months.last_day, but=months.gaps)
        assert published.views == (50, 60)
        truth = await it.control.published()
        drafts = {slot.slot_id for slot in hospital.setup.slots if slot.day.replace(day=1) in hospital.months.draft}
        assert drafts
        assert {slot.slot_id for slot in truth.slots} == {slot.slot_id for slot in hospital.setup.slots} - drafts
        rows = await it.reader.rows(60, "20261201", "20261231")
        assert {row["template_id"] for row in rows.values()} == {7, 8}
