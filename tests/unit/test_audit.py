"""The nightly audit at its corners: addresses of one mailbox, all-day events, refusals, retention."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.messages import Pointer
from shared.month import Month
from shared.outlook.event import Event
from shared.state.ledger import TableLedger
from shared.state.memory import MemoryTable
from shared.state.personmonths import PersonMonthTable
from shared.state.shiftevents import ShiftEventTable
from shared.sync.ports import RowKey, Specification
from shared.sync.records import Desired, DesiredSlot, Head
from shared.sync.retention import purge
from shared.sync.tidy import _expire
from tests.contract.accounts import Clock
from tests.unit.desk import DECEMBER, NEW, NOVEMBER, OLD, PERSON, Desk

DAY = 86_400.0


async def audit(desk: Desk, *months: object, wait: float = 3600) -> list[str]:
    """A night passes. What was asked of Graph."""
    desk.outlook.requests.clear()
    await desk.queues.announce(Pointer(PERSON, months, observe=True))  # type: ignore[arg-type]
    await desk.pass_by(wait)
    return list(desk.outlook.requests)


def one_mailbox(desk: Desk) -> None:
    """OLD (a UPN) and NEW (say, its object id) lead to the same mailbox; both stay valid."""
    desk.outlook._events[NEW] = desk.outlook._in(OLD)


async def test_two_addresses_of_one_mailbox_do_not_make_the_audit_write_every_night() -> None:
    """November's row is empty and still names the old address: an answer need not list who has no shifts in it."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    await desk.publish(OLD, month=NOVEMBER)
    await desk.publish(OLD, 5, 7)
    one_mailbox(desk)
    await desk.publish(NEW, 5, 7)
    assert desk.outlook.subjects(NEW) == ["2026-12-05", "2026-12-07"]
    nights = [await audit(desk, NOVEMBER, DECEMBER, wait=DAY) for _ in range(3)]
    assert [[each for each in night if each != "GET"] for night in nights] == [[], [], []]


async def test_an_old_address_that_is_gone_does_not_keep_the_month_from_being_audited() -> None:
    """She got a new ID this month: what had begun stays in the old mailbox as history, which is deleted later."""
    desk = Desk()
    await desk.publish(OLD, 1, 20, month=NOVEMBER)
    await desk.publish(NEW, 1, 20, month=NOVEMBER)
    assert (desk.outlook.subjects(OLD), desk.outlook.subjects(NEW)) == (["2026-11-01"], ["2026-11-20"])
    desk.outlook.fail(OLD, status=404, code="ErrorInvalidUser")
    desk.outlook._in(NEW).clear()
    await audit(desk, NOVEMBER)
    await audit(desk, NOVEMBER, wait=DAY)
    assert "2026-11-20" in desk.outlook.subjects(NEW)


async def test_a_row_that_names_an_address_of_old_does_not_report_a_person_who_is_well() -> None:
    """As above, nothing of hers is left at the old address, which is gone."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    await desk.publish(OLD, month=NOVEMBER)
    await desk.publish(NEW, 5)
    desk.outlook.fail(OLD, status=404, code="ErrorInvalidUser")
    await audit(desk, NOVEMBER, DECEMBER)
    assert await desk.problems() == []


async def test_a_full_mailbox_that_can_be_read_stays_reported() -> None:
    """The audit of another month reads it, and takes that for acceptance."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    desk.outlook.fail(OLD, "POST", "PATCH", status=507, code="ErrorQuotaExceeded")
    await desk.publish(OLD, 5)
    assert (await desk.row()).status.outcome == "mailbox refuses"
    before = await desk.problems()
    await audit(desk, NOVEMBER, DECEMBER)
    assert (await desk.row()).status.outcome == "mailbox refuses"
    assert await desk.problems() == before


async def _leave(desk: Desk, day: date) -> None:
    """An all-day shift, Chicago's."""
    start = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    event = Event(
        subject="Leave", body="", start=f"{day}T00:00:00", end=f"{day + timedelta(days=1)}T00:00:00",
        zone="Central Standard Time", all_day=True, start_utc=start, end_utc=start + timedelta(days=1),
    )  # fmt: skip
    stored = await desk.person_months.rows(NOVEMBER)
    head = stored.head or await desk.person_months.put_head(NOVEMBER, Head("", 50))
    slot = DesiredSlot("1", "303", day, event)
    specification = Specification(PERSON, 1, Desired(OLD, "Byrne", (slot,)), None, stored.now, stored.now)
    assert [people async for people in desk.person_months.store(NOVEMBER, head, [specification])]
    await desk.point(NOVEMBER)
    await desk.pass_by(60)


async def test_an_untouched_all_day_event_is_not_made_anew_on_the_evening_before() -> None:
    """`diff._times`: Outlook may answer UTC midnights. 03:00 UTC, when the audit runs, is 21:00 in Chicago."""
    desk = Desk()
    day = date(2026, 11, 3)
    await _leave(desk, day)
    ((event_id, found),) = desk.outlook._in(OLD).items()
    midnight = datetime(2026, 11, 3, tzinfo=UTC)
    answered = replace(found, start=midnight, end=midnight + timedelta(days=1), days=(day, day + timedelta(days=1)))
    desk.outlook._in(OLD)[event_id] = answered
    desk.clock.moment = datetime(2026, 11, 3, 3, tzinfo=UTC)
    assert await audit(desk, NOVEMBER) == ["GET"]


async def test_an_untouched_all_day_event_whose_zone_outlook_names_otherwise_is_not_patched() -> None:
    """Same days, but `originalStartTimeZone` is Pacific (her own zone): `shows` says yes, `_shows` says no."""
    desk = Desk()
    day = date(2026, 11, 20)
    await _leave(desk, day)
    ((event_id, found),) = desk.outlook._in(OLD).items()
    midnight = datetime(2026, 11, 20, 8, tzinfo=UTC)
    answered = replace(found, start=midnight, end=midnight + timedelta(days=1), days=(day, day + timedelta(days=1)))
    desk.outlook._in(OLD)[event_id] = answered
    assert await audit(desk, NOVEMBER) == ["GET"]


async def test_what_outlook_shows_otherwise_than_it_was_sent_is_not_patched_every_night() -> None:
    """Whatever it is that Exchange changes of a subject: one attempt is enough."""
    desk = Desk()
    await desk.publish(OLD, 5)
    writes = 0
    for _ in range(5):
        events = desk.outlook._in(OLD)
        for event_id, event in events.items():
            events[event_id] = replace(event, subject=event.subject.replace("-", "\u2011"))
        writes += len([each for each in await audit(desk, DECEMBER, wait=DAY) if each != "GET"])
    assert writes <= 1


async def test_links_of_a_purged_month_go_although_a_writer_died_with_the_lease() -> None:
    """The person has left; nobody will ever claim the row again."""
    clock = Clock()
    shift_events = ShiftEventTable(MemoryTable("shiftevents", clock))
    person_months = PersonMonthTable(MemoryTable("personmonths", clock))
    ledger = TableLedger(MemoryTable("schedules", clock), MemoryTable("problems", clock))
    _, state = await shift_events.person(PERSON)
    await shift_events.store(state, {NOVEMBER: []}, owner="killed")
    clock.pass_by(400 * DAY)
    for _ in range(3):
        keys = [key async for key in shift_events.keys()]
        links = {key.person: {key.month} for key in keys}
        await purge({}, links, Month(2027, 11), person_months, shift_events, ledger)
        clock.pass_by(DAY)
    assert [key async for key in shift_events.keys()] == []


async def test_the_audit_goes_on_for_a_person_whose_writer_died_over_a_month_that_has_expired() -> None:
    """October was open when its writer died, and left the window; it is in step by `expired`."""
    desk = Desk()
    await desk.publish(OLD, 5)
    ports = desk._ports
    _, state = await ports.shift_events.person(PERSON)
    state.open[NOVEMBER._replace(month=Month(2026, 9))] = {OLD}
    await ports.shift_events.store(state, {}, owner="killed")
    desk.clock.pass_by(60 * 60)
    desk.outlook._in(OLD).clear()
    for _ in range(3):
        await audit(desk, DECEMBER, wait=DAY)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"]


async def test_a_refusal_that_the_audit_learns_is_reported_although_another_mailbox_is_busy() -> None:
    """The refusal is stored with the release, so later runs compare with it and find nothing new to report."""
    desk = Desk()
    await desk.publish(OLD, 1, 20, month=NOVEMBER)
    await desk.publish(NEW, 1, 20, month=NOVEMBER)
    desk.outlook.fail(NEW, status=403, code="ErrorAccessDenied")
    desk.outlook.fail(OLD, "GET", status=429, times=1)
    await audit(desk, NOVEMBER, wait=DAY)
    await audit(desk, NOVEMBER, wait=DAY)
    await desk.publish(NEW, 1, 20, 21, month=NOVEMBER)
    assert await desk.problems() == ["mailbox: refuses (ErrorAccessDenied)"]


async def test_the_audit_of_a_person_who_left_does_not_report_her_mailbox_for_ever() -> None:
    """Opted out (no ID any more), history in a mailbox that is deleted; 14 months later everything else is purged."""
    desk = Desk()
    await desk.publish(OLD, 1, month=NOVEMBER)
    await desk.publish("", 1, month=NOVEMBER)
    desk.outlook.fail(OLD, status=404, code="ErrorInvalidUser")
    await audit(desk, NOVEMBER)
    ports = desk._ports
    desk.clock.pass_by(430 * DAY)
    await purge(
        {NOVEMBER: {"!", PERSON}}, {PERSON: {NOVEMBER}}, Month(2027, 12),
        ports.person_months, ports.shift_events, desk.ledger,
    )  # fmt: skip
    assert await desk.problems() == []


async def test_a_begun_shift_of_somebody_opted_out_that_was_dragged_ahead_is_not_deleted() -> None:
    """`audit`'s table: an opted-out person's begun events stay."""
    desk = Desk()
    await desk.publish(OLD, 1, month=NOVEMBER)
    await desk.publish("", month=NOVEMBER)
    assert desk.outlook.subjects(OLD) == ["2026-11-01"]
    ((event_id, found),) = desk.outlook._in(OLD).items()
    ahead = timedelta(days=9)
    desk.outlook._in(OLD)[event_id] = replace(found, start=found.start + ahead, end=found.end + ahead)
    await audit(desk, NOVEMBER)
    assert desk.outlook.subjects(OLD) == ["2026-11-01"]


async def test_two_nightly_sweeps_at_once_do_not_keep_each_other_from_purging() -> None:
    """An operator starts `sweep_window` while the timer's runs: both have listed the same rows."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    rows, ports = {NOVEMBER: {"!", PERSON}}, desk._ports
    desk.clock.pass_by(430 * DAY)
    await purge(rows, {}, Month(2027, 12), ports.person_months, ports.shift_events, desk.ledger)
    await purge(rows, {PERSON: {NOVEMBER}}, Month(2027, 12), ports.person_months, ports.shift_events, desk.ledger)
    assert [key async for key in ports.shift_events.keys()] == []


async def test_a_month_that_a_writer_has_just_brought_in_step_is_not_called_expired() -> None:
    """`tidy` listed it as late; by the time that it reads the row, the writer is done."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    row = await desk.row(NOVEMBER)
    assert row.status.outcome == "applied"
    await _expire(RowKey(NOVEMBER, PERSON, OLD, in_step=False), desk.person_months)
    assert (await desk.row(NOVEMBER)).status.outcome == "applied"
