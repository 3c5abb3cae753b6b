"""Every alert fires on the recording that has its fault, and is silent on a sound one and on those of other faults."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Tell
from tests.telemetry.alerts import ALERTS, FIRES, PARTS, RECORDINGS, Alert
from tests.telemetry.conftest import Recordings
from tests.town import TEMPLATE, VIEW

pytestmark = pytest.mark.slow

VIEW_ID, SCHEDULE_ID = str(VIEW), str(TEMPLATE)
TELLS: dict[str, dict[str, Any]] = {
    "callback_signature_storm": {"refused": 60},
    "failure_share": {"what": "calendars", "worked_on": 3, "failing": 3},
    "graph_authorisation": {"status": "401", "code": "InvalidAuthenticationToken"},
    "hold": {"view": VIEW_ID, "schedule": SCHEDULE_ID, "cause": "shrink", "slots": 30},
    "mapping_report": {"view": VIEW_ID, "people": 4, "unmapped": 1, "unusable": 1, "unreachable": 1},
    "no_read": {"view": VIEW_ID},
    "oldest_due": {"view": VIEW_ID, "due": 1, "oldest_seconds": pytest.approx(2400, abs=30), "failing": 0},
    "poison_message": {"queue": "calendar-changes-poison", "messages": 1},
    "publish_to_calendar_p95": {"months": 2, "p95_seconds": pytest.approx(600, abs=30)},
}
"""What the one row says of each alert's own fault."""


async def fires_on(recordings: Recordings, alert: Alert, query: str) -> set[str]:
    """The recordings on which a query has rows within an alert's window."""
    return {name for name in RECORDINGS if (await recordings.workspace(name)).ask(query, alert.window)}


async def test_the_whole_table(recordings: Recordings, tell: Tell) -> None:
    found = {name: await fires_on(recordings, alert, alert.query) for name, alert in ALERTS.items()}
    wide = max(map(len, RECORDINGS))
    for number, name in enumerate(ALERTS, 1):
        tell(f"{number} {name}")
    tell(f"{'':{wide}} " + " ".join(str(number) for number, _ in enumerate(ALERTS, 1)))
    for recording in RECORDINGS:
        tell(f"{recording:{wide}} " + " ".join("X" if recording in found[name] else "." for name in ALERTS))
    for name, reasons in FIRES.items():
        for recording, reason in reasons.items():
            tell(f"{name} on {recording}: {reason}")
    assert found == {name: set(FIRES[name]) for name in ALERTS}


@pytest.mark.parametrize("name", ALERTS)
async def test_the_alert_tells_of_its_fault(recordings: Recordings, name: str) -> None:
    alert = ALERTS[name]
    [row] = (await recordings.workspace(alert.own)).ask(alert.query, alert.window)
    assert {column: row[column] for column in TELLS[name]} == TELLS[name]


@pytest.mark.parametrize("name", ALERTS)
async def test_the_alert_is_over_when_its_window_has_passed(recordings: Recordings, name: str) -> None:
    alert = ALERTS[name]
    workspace = await recordings.workspace(alert.own)
    assert workspace.ask(alert.query, alert.window, later=alert.window / 2) != []
    assert workspace.ask(alert.query, alert.window, later=alert.window + timedelta(seconds=1)) == []


async def test_an_app_that_stands_still_is_seen_by_the_one_alert_that_looks_for_it(recordings: Recordings) -> None:
    workspace = await recordings.workspace("sound")
    for hours, expected in ((1.5, set()), (2.5, {"no_read"})):
        later = timedelta(hours=hours)
        fired = {name for name, alert in ALERTS.items() if workspace.ask(alert.query, alert.window, later)}
        assert fired == expected


COUNTS: dict[str, dict[str, int]] = {
    "cost": {},
    "flow": {"publishes": 2, "events_created": 30, "events_updated": 1, "events_deleted": 1},
    "latency": {},
    "per_schedule": {"holds": 0},
    "throttling": {"requests": 35, "throttles": 0},
}
"""What the workbook shows of the sound run, over all of its hours. Its failures have a test of their own."""


@pytest.mark.parametrize("part", sorted(PARTS.keys() - {"failures_by_kind"}))
async def test_the_workbook_shows_a_sound_run(recordings: Recordings, part: str) -> None:
    rows = (await recordings.workspace("sound")).ask(PARTS[part], timedelta(days=1))
    assert rows != []
    assert {column: sum(row[column] for row in rows) for column in COUNTS[part]} == COUNTS[part]


@pytest.mark.parametrize(
    ("recording", "kinds"),
    [
        ("sound", set()),
        ("failures", {"Graph: event_refused"}),
        ("failing_runs", {"function: plan_schedule"}),
        ("lightning_bolt_down", {"Lightning Bolt: schedule_unavailable"}),
        ("throttled", {"Graph: not_done"}),
        ("signature_storm", set()),
    ],
)
async def test_the_workbook_names_what_failed(recordings: Recordings, recording: str, kinds: set[str]) -> None:
    rows = (await recordings.workspace(recording)).ask(PARTS["failures_by_kind"], timedelta(days=1))
    assert {row["what"] for row in rows} == kinds


@pytest.mark.parametrize(
    ("part", "recording", "column", "expected"),
    [("throttling", "throttled", "throttles", 6), ("per_schedule", "hold", "holds", 1)],
)
async def test_the_workbook_counts_what_is_in_the_way(
    recordings: Recordings, part: str, recording: str, column: str, expected: int
) -> None:
    rows = (await recordings.workspace(recording)).ask(PARTS[part], timedelta(days=1))
    assert sum(row[column] for row in rows) == expected


SWEPT = {"sound", "hold", "oldest_due", "lightning_bolt_down", "failures", "no_read"}
"""Recordings in which a sweep looked at queues that had nothing poisonous in them."""


@pytest.mark.parametrize(
    ("name", "old", "new", "lost", "added"),
    [
        ("poison_message", "messages > 0", "messages > 1", {"poison_message"}, set()),
        ("poison_message", "queue_depth ", "queue_length ", {"poison_message"}, set()),
        ("poison_message", "| where messages > 0", "", set(), SWEPT),
        ("hold", '"held "', '"hold "', {"hold"}, set()),
        ("oldest_due", "> 1800", "> 18000", {"oldest_due"}, set()),
        ("oldest_due", "backlog", "back_log", {"oldest_due"}, set()),
        ("no_read", "ago(2h)", "ago(4h)", {"no_read"}, set()),
        ("failure_share", "failing >= 3", "failing >= 30", {"failures", "failing_runs", "poison_message"}, set()),
        ("failure_share", "kind=(", "sort=(", set(), {"graph_authorisation", "throttled"}),
        ("failure_share", '"not_done", ', "", set(), {"throttled"}),
        ("failure_share", ', "installation_refused"', "", set(), {"graph_authorisation"}),
        ("failure_share", ' and not(ResultCode startswith "4")', "", set(), {"signature_storm"}),
        ("publish_to_calendar_p95", "> 300", "> 3000", {"slow_publish"}, set()),
        ("publish_to_calendar_p95", "seconds=", "secs=", {"slow_publish"}, set()),
        ("graph_authorisation", '== "installation_refused"', '== "app_refused"', {"graph_authorisation"}, set()),
        ("callback_signature_storm", ">= 10", ">= 100", {"signature_storm"}, set()),
        ("callback_signature_storm", '"401"', '"403"', {"signature_storm"}, set()),
        ("mapping_report", "> 0", "> 3", {"mapping_report"}, set()),
    ],
)
async def test_a_query_that_is_broken_on_purpose_does_not_fit_the_table(
    recordings: Recordings, name: str, old: str, new: str, lost: set[str], added: set[str]
) -> None:
    alert = ALERTS[name]
    assert old in alert.query
    found = await fires_on(recordings, alert, alert.query.replace(old, new))
    assert (set(FIRES[name]) - found, found - set(FIRES[name])) == (lost, added)
