"""Alerts and workbook ask for what the code writes: events, keys, kinds, metrics. The page names their recordings."""

import json
import re

import pytest

from tests.contracts import contract
from tests.telemetry.alerts import ALERTS, FIRES, PARTS, QUERIES, ROOT
from tests.telemetry.names import unknown
from tests.telemetry.workspace import COLUMNS

FILES = {path.stem: path.read_text() for path in sorted((QUERIES / "alerts").glob("*.kql"))}
_DOCUMENTED = contract("azure-monitor-tables.json")


def test_every_alert_is_a_file_and_every_file_an_alert() -> None:
    assert {name: alert.query for name, alert in ALERTS.items()} == FILES
    assert FIRES.keys() == ALERTS.keys()


@pytest.mark.parametrize("name", FILES | PARTS)
def test_the_query_asks_for_what_the_code_writes(name: str) -> None:
    assert unknown((FILES | PARTS)[name]) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "complaints"),
    [
        ("poison_message", "queue_depth ", "queue_length ", ["event queue_length", "key queue", "key messages"]),
        ("hold", "cause=", "reason=", ["key reason"]),
        (
            "oldest_due",
            "backlog ",
            "backlogs ",
            ["event backlogs", "key view", "key due", "key oldest_seconds", "key failing"],
        ),
        ("no_read", "swept ", "sweep ", ["event sweep"]),
        ("failure_share", "not_done", "throttled", ["failure throttled"]),
        ("publish_to_calendar_p95", r"([0-9.]+)", r"(\d+)", ["key seconds"]),
        ("graph_authorisation", '"installation_refused"', '"app_refused"', ["failure app_refused"]),
        ("callback_signature_storm", "status=", "code=", ["key code"]),
        ("mapping_report", "unmapped=", "without_id=", ["key without_id"]),
        ("flow", 'has "status=', 'has "state=', ["key state"]),
        ("throttling", '"graph_throttles"', '"throttles"', ["Name throttles"]),
        ("failures_by_kind", '"schedule_unavailable "', '"schedule_unread "', ["event schedule_unread"]),
    ],
)
def test_a_query_that_asks_for_anything_else_is_refused(name: str, old: str, new: str, complaints: list[str]) -> None:
    query = (FILES | PARTS)[name]
    assert old in query
    assert unknown(query.replace(old, new)) == complaints


def test_the_operations_page_names_the_recording_of_each_alert() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = re.findall(r"(?m)^\| `([\w-]+)` \| ((?:`\w+`(?:, )?)+) \|$", page)
    assert {name.replace("-", "_"): re.findall(r"`(\w+)`", recordings) for name, recordings in rows} == {
        name: list(recordings) for name, recordings in FIRES.items()
    }


if _DOCUMENTED is not None:
    _TABLES = json.loads(_DOCUMENTED.read_text())

    @pytest.mark.parametrize("table", COLUMNS)
    def test_the_columns_that_queries_run_over_are_the_documented_ones(table: str) -> None:
        assert COLUMNS[table].items() <= _TABLES[table]["columns"].items()
