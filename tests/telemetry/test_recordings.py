"""Each recording holds what its run did, and the sound one nothing of it; rows have the columns of their tables."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts import contract
from tests.telemetry.conftest import NO_READ, Recordings
from tests.telemetry.recordings import RUNS
from tests.telemetry.rows import TABLES, Row
from tests.town import TEMPLATE, VIEW

pytestmark = pytest.mark.slow

_COLUMNS = contract("azure-monitor-tables.json")


def _messages(rows: list[Row], event: str) -> list[str]:
    return [row["Message"] for row in rows if row["Message"].startswith(f"{event} ")]


async def test_a_sound_run_has_nothing_to_complain_of(recordings: Recordings) -> None:
    recording, tables = await recordings.of("sound"), await recordings.tables("sound")
    for event in ("held", "write_failed", "calendar_unread", "schedule_unavailable", "schedule_refused"):
        assert recording.events(event) == []
    assert {depth["queue"]: depth["messages"] for depth in recording.events("queue_depth")} == {
        "schedule-changes": "0",
        "schedule-changes-poison": "0",
        "calendar-changes": "0",
        "calendar-changes-poison": "0",
    }
    assert {(each["due"], each["failing"]) for each in recording.events("backlog")} == {("0", "0")}
    assert max(float(each["seconds"]) for each in recording.events("publish_to_calendar")) < 60
    assert [row["Name"] for row in tables["AppRequests"] if not row["Success"]] == []
    assert [row["Name"] for row in tables["AppDependencies"] if not row["Success"]] == []
    assert tables["AppExceptions"] == []


async def test_metrics_are_what_happened(recordings: Recordings) -> None:
    recording = await recordings.of("sound")
    written = recording.events("calendar_written")
    for name, key, happened in (
        ("events_created", "created", 30),
        ("events_updated", "updated", 1),
        ("events_deleted", "deleted", 1),
    ):
        assert recording.total(name) == happened == sum(int(each[key]) for each in written)
    assert recording.total("calendar_observations") == len(recording.events("calendar_observed")) == 3
    assert recording.total("graph_requests") == 32 + 3
    assert (recording.total("graph_throttles"), recording.total("failures")) == (0, 0)
    arrivals = recording.events("publish_to_calendar")
    assert len(arrivals) == 4, "three people at first, then the one who was changed"
    [histogram] = recording.metric_rows("publish_to_calendar_seconds")
    assert histogram["ItemCount"] == 4
    assert histogram["Sum"] == pytest.approx(sum(float(each["seconds"]) for each in arrivals), abs=0.2)
    assert histogram["Properties"] == {"schedule": str(TEMPLATE)}
    assert recording.metric_rows("due_person_months")[-1]["Sum"] == 0
    assert len(recording.metric_rows("queue_messages")) == 4


async def test_a_poison_message_shows_in_its_queue_s_depth_and_as_failed_runs(recordings: Recordings) -> None:
    recording, tables = await recordings.of("poison_message"), await recordings.tables("poison_message")
    last = {depth["queue"]: depth["messages"] for depth in recording.events("queue_depth")}
    assert last["calendar-changes-poison"] == "1"
    assert [row["Name"] for row in tables["AppRequests"] if not row["Success"]] == ["write_calendar"] * 5
    [depth] = recording.metric_rows("queue_messages", queue="calendar-changes-poison")
    assert depth["Sum"] == 1


async def test_a_hold_is_told_of_by_every_sweep(recordings: Recordings) -> None:
    recording, tables = await recordings.of("hold"), await recordings.tables("hold")
    held = recording.events("held")
    assert len(held) >= 2
    assert {(each["view"], each["schedule"], each["cause"], each["slots"]) for each in held} == {
        (str(VIEW), str(TEMPLATE), "shrink", "30")
    }
    assert {row["SeverityLevel"] for row in tables["AppTraces"] if row["Message"].startswith("held ")} == {2}
    assert recording.metric_rows("holds")[-1]["Sum"] == 1


async def test_what_has_been_due_for_long_shows_in_the_backlog(recordings: Recordings) -> None:
    recording = await recordings.of("oldest_due")
    [backlog] = recording.events("backlog")
    assert (backlog["view"], backlog["due"], backlog["failing"]) == (str(VIEW), "1", "0")
    assert int(backlog["oldest_seconds"]) == pytest.approx(2400, abs=30)
    assert recording.metric_rows("oldest_due_seconds")[-1]["Sum"] == pytest.approx(2400, abs=30)


async def test_a_lightning_bolt_that_is_down_is_swept_and_not_read(recordings: Recordings) -> None:
    tables = await recordings.tables(NO_READ)
    read = [row["TimeGenerated"] for row in tables["AppTraces"] if row["Message"].startswith("schedule_planned ")]
    swept = [row["TimeGenerated"] for row in tables["AppTraces"] if row["Message"].startswith("swept ")]
    now = datetime.now(UTC)
    assert max(read) < now - timedelta(hours=2)
    assert min(swept) < now - timedelta(hours=2)
    assert max(swept) > now - timedelta(minutes=10)
    failed = [row for row in tables["AppDependencies"] if not row["Success"]]
    assert {row["Name"] for row in failed} == {"read_month"}


async def test_what_graph_refuses_is_counted_by_kind(recordings: Recordings) -> None:
    recording = await recordings.of("failures")
    failed = recording.events("write_failed")
    assert {each["kind"] for each in failed} == {"event_refused"}
    assert recording.total("failures", kind="event_refused") == recording.total("failures") == len(failed) == 30
    assert recording.metric_rows("due_person_months")[-1]["Sum"] == 0, "a refused event waits for a day"
    assert recording.events("backlog")[-1]["failing"] == "3"


async def test_a_run_that_fails_leaves_its_place_and_kind_but_no_text(recordings: Recordings) -> None:
    tables = await recordings.tables("failing_runs")
    assert [row["Name"] for row in tables["AppRequests"] if not row["Success"]] == ["plan_schedule"] * 3
    assert len(tables["AppExceptions"]) == 3
    assert {row["ExceptionType"] for row in tables["AppExceptions"]} <= {
        "ResourceNotFoundError",
        "TableTransactionError",
    }
    assert {row["OuterMessage"] for row in tables["AppExceptions"]} == {"Exception"}
    assert all("plan_schedule" in row["Details"][0]["stack"] for row in tables["AppExceptions"])
    assert {row["Name"] for row in tables["AppDependencies"] if not row["Success"]} == {"plan_schedule"}


async def test_a_callback_that_comes_late_makes_for_a_slow_publish(recordings: Recordings) -> None:
    arrivals = (await recordings.of("slow_publish")).events("publish_to_calendar")
    assert len(arrivals) == 2
    assert min(float(each["seconds"]) for each in arrivals) > 300


async def test_a_refused_installation_is_no_persons_failure(recordings: Recordings) -> None:
    recording, tables = await recordings.of("graph_authorisation"), await recordings.tables("graph_authorisation")
    unread = recording.events("calendar_unread")
    assert {(each["kind"], each["status"]) for each in unread} == {("installation_refused", "401")}
    assert len({each["person"] for each in unread}) == 3
    failed = [row for row in tables["AppDependencies"] if not row["Success"]]
    assert {(row["Name"], row["Target"], row["Properties"]["status"]) for row in failed} == {
        ("observe", "127.0.0.1", "401")
    }


async def test_throttling_is_counted(recordings: Recordings) -> None:
    recording = await recordings.of("throttled")
    assert recording.total("graph_throttles") == recording.total("failures", kind="not_done") == 6
    failed = recording.events("write_failed")
    assert {(each["kind"], each["status"]) for each in failed} == {("not_done", "429")}
    assert len({each["person"] for each in failed}) == 3
    assert recording.total("events_created") == 30


async def test_a_storm_of_wrong_signatures_is_sixty_refusals(recordings: Recordings) -> None:
    recording, tables = await recordings.of("signature_storm"), await recordings.tables("signature_storm")
    statuses = [each["status"] for each in recording.events("publish_received")]
    assert (statuses.count("401"), statuses.count("202")) == (60, 1)
    runs = [row for row in tables["AppRequests"] if row["Name"] == "publish_callback"]
    assert [row["ResultCode"] for row in runs if not row["Success"]] == ["401"] * 60


async def test_the_mapping_report_counts_who_is_not_reached(recordings: Recordings) -> None:
    [report] = (await recordings.of("mapping_report")).events("mapping_report")
    assert report == {"view": str(VIEW), "people": "4", "unmapped": "1", "unusable": "1", "unreachable": "1"}


if _COLUMNS is not None:
    _TABLES = json.loads(_COLUMNS.read_text())

    @pytest.mark.parametrize("name", [*RUNS, NO_READ])
    async def test_every_row_fits_its_table(recordings: Recordings, name: str) -> None:
        tables = await recordings.tables(name)
        assert tuple(tables) == TABLES
        assert all(tables[each] for each in ("AppTraces", "AppRequests", "AppDependencies", "AppMetrics"))
        for table, rows in tables.items():
            columns = _TABLES[table]["columns"]
            for row in rows:
                assert {column for column in row if column not in columns} == set()
                wrong = {
                    column: value
                    for column, value in row.items()
                    if value is not None and not isinstance(value, _KINDS[columns[column]])
                }
                assert wrong == {}

    _KINDS: dict[str, type | tuple[type, ...]] = {
        "datetime": datetime,
        "string": str,
        "real": (float, int),
        "int": int,
        "long": int,
        "bool": bool,
        "dynamic": (dict, list),
    }
