"""When a person-month became due, whose count, and when a publish counts as having arrived."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.messages import ScheduleMonth
from shared.month import Month
from shared.settings import Settings, read_settings
from shared.sync.backlog import Backlog
from shared.sync.records import Head, Hold, PersonMonthRow, ScheduleMonthRows, Status, published
from tests.telemetry.recording import recorded
from tests.town import ADA, DAY, NIGHT, TEMPLATE, Town, app_settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTH = Month.parse("2026-12")
SETTINGS = read_settings(app_settings("x", "http://127.0.0.1:1", "http://127.0.0.1:2"))
ROW = PersonMonthRow(
    person="2101",
    month=ScheduleMonth("5", MONTH),
    etag="",
    stored_at=NOW - timedelta(minutes=7),
    version=2,
    digest="",
    held="",
    count=1,
    mailbox="ada@example.org",
    name="",
    published_at=NOW - timedelta(minutes=8),
    status=Status(),
    read_at=NOW - timedelta(minutes=7, seconds=30),
)


def _tried(row: PersonMonthRow, ago: timedelta | None) -> PersonMonthRow:
    at = None if ago is None else NOW - ago
    return replace(row, status=Status(tried_version=2, next_attempt_at=at, attempts=1, applied_version=1))


def _told(caplog: pytest.LogCaptureFixture, settings: Settings, *rows: PersonMonthRow, head: Head | None = None) -> str:
    backlog = Backlog(50, settings)
    people = {str(number): replace(row, person=str(number)) for number, row in enumerate(rows, 2101)}
    backlog.add(MONTH, {"5": ScheduleMonthRows(NOW, head, people)})
    with caplog.at_level(logging.INFO, "shared"):
        backlog.tell()
    return "\n".join(caplog.messages)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "due=0 oldest_seconds=0 failing=0"),
        ([ROW], "due=1 oldest_seconds=420 failing=0"),
        ([ROW, _tried(ROW, timedelta(minutes=1))], "due=2 oldest_seconds=420 failing=1"),
        ([_tried(ROW, timedelta(minutes=40))], "due=1 oldest_seconds=2400 failing=1"),
        ([_tried(ROW, -timedelta(minutes=40))], "due=0 oldest_seconds=0 failing=1"),
        ([_tried(ROW, None)], "due=1 oldest_seconds=420 failing=1"),
        ([_tried(ROW, -timedelta(days=400))], "due=1 oldest_seconds=420 failing=1"),
        ([replace(ROW, status=Status(applied_version=2, attempts=3))], "due=0 oldest_seconds=0 failing=0"),
    ],
)
def test_since_when_it_is_due(caplog: pytest.LogCaptureFixture, rows: list[PersonMonthRow], told: str) -> None:
    assert _told(caplog, SETTINGS, *rows) == f"backlog view=50 {told}"


def test_whom_go_live_settings_leave_alone_is_nobodys_work(caplog: pytest.LogCaptureFixture) -> None:
    pilot = SETTINGS.model_copy(update={"pilot_people": frozenset({"2102"})})
    assert _told(caplog, pilot, ROW, ROW) == "backlog view=50 due=1 oldest_seconds=420 failing=0"


def test_a_hold_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    head = Head("", 50, holds={"h1": Hold("ids", NOW, 12)})
    assert "held view=50 schedule=5 month=2026-12 hold=h1 cause=ids slots=12" in _told(caplog, SETTINGS, head=head)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]


@pytest.mark.parametrize(
    ("row", "at"),
    [
        (ROW, ROW.published_at),
        (replace(ROW, published_at=None), None),
        (replace(ROW, read_at=None), None),
        (replace(ROW, status=Status(applied_at=NOW - timedelta(days=1))), ROW.published_at),
        (replace(ROW, status=Status(applied_at=NOW - timedelta(minutes=7))), None),
    ],
    ids=["first", "found by a sweep", "of an older version of the app", "changed again", "in step before"],
)
def test_which_publish_has_arrived(row: PersonMonthRow, at: datetime | None) -> None:
    assert published(row) == at


async def test_what_a_sweep_finds_is_no_publish(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.lightning_bolt.publishing.publish(callback=False)
    with recorded() as recording:
        await town.sweep()
    assert [each["created"] for each in recording.events("calendar_written")] == ["1"]
    assert recording.events("publish_to_calendar") == []
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(7))
    with recorded() as recording:
        await town.publish(town.next_month)
    assert [each["person"] for each in recording.events("publish_to_calendar")] == [str(ADA)]
