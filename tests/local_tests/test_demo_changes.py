"""The single changes of the demonstration, the table of what they cost, and the reading of the host's log."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.local.demo.changes import choose, compare
from tests.local.demo.demo import rules_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.found import Mailbox
from tests.local.demo.host_log import HostLog
from tests.local.demo.outcome import Outcome
from tests.local.graph.journal import Record
from tests.local.hospital import make_hospital
from tests.local.hospital.calendar import demo_months
from tests.local.hospital.people import Mail
from tests.local.lightning_bolt.model import Setup
from tests.local_tests.lightning_bolt_fixtures import wall

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _operation(mailbox: str, method: str, sequence: int = 1) -> Record:
    return Record(sequence, NOW, method, "/users/x/events", mailbox, {}, item="1", status=200, changed=True)


@pytest.mark.parametrize("people", [12, 40])
def test_all_changes_concern_different_people_who_can_be_reached(people: int) -> None:
    hospital = make_hospital(demo_months(NOW.date(), "America/Chicago"), people=people)
    truth = _published(hospital.setup, hospital.months.published)
    expectation = Expectation(rules_of(hospital, NOW))
    expectation.publish(truth, NOW)
    mailboxes = [
        Mailbox(plan.address, frozenset({plan.address, plan.object_id}), plan.mail is Mail.OPEN)
        for plan in hospital.mailboxes
        if plan.mail is not Mail.ABSENT
    ]
    changes = choose(truth, expectation, mailboxes, NOW)
    slots = (changes.swapped, changes.moved, changes.removed, changes.noted)
    people_of = [*(slot.emp_id for slot in slots), changes.swapped_to, changes.opted_out]
    assert len(set(people_of)) == 6
    reachable = {member.person.emp_id for member in hospital.staff if not member.opted_out}
    reachable -= {plan.emp_id for plan in hospital.mailboxes if plan.mail is not Mail.OPEN}
    assert set(people_of) <= reachable
    assert all(slot.start > wall("2026-11-26T06:00") for slot in slots)
    assert changes.noted.note is None
    assert (changes.past > 0, changes.future >= 3) == (True, True)
    assert sum(row[3] for row in changes.table) == 5 + changes.future


def _published(setup: Setup, months: tuple[date, ...]) -> Setup:
    horizon = date(2027, 3, 31)
    return replace(
        setup,
        templates=tuple(replace(item, horizon=horizon) for item in setup.templates),
        slots=tuple(slot for slot in setup.slots if slot.day.replace(day=1) in months),
    )


def test_operations_are_held_against_the_table() -> None:
    table = [("swap", "a", "DELETE", 1), ("swap", "b", "POST", 1), ("opt-out", "a", "DELETE", 2)]
    right = [*(_operation("a", "DELETE"),) * 3, _operation("b", "POST")]
    met: set[str | None] = {"a", "b"}
    assert compare(table, right, met) == []
    assert compare(table, [*right, _operation("c", "GET")], met) == [], "met for the first time"
    assert compare(table, [*right, _operation("b", "GET")], met) == ["b: 1 GET, must be 0"]
    assert compare(table, right[1:], met) == ["a: 2 DELETE, must be 3"]
    assert compare(table, [*right, _operation("c", "PATCH")], met) == ["c: 1 PATCH, must be 0"]


def test_an_outcome_counts_what_changed_something() -> None:
    late = replace(_operation("a", "POST"), at=datetime(2026, 11, 24, 12, 0, 7, tzinfo=UTC))
    refused = replace(_operation("a", "POST"), changed=False, status=429)
    outcome = Outcome("t", 1, 1, operations=[_operation("a", "POST"), late, refused], called_at=NOW)
    assert (outcome.changed("POST"), outcome.changed("PATCH"), outcome.last_write, outcome.right) == (2, 0, 7.0, True)
    assert not Outcome("t", 1, 1, problems=["x"]).right


def test_the_hosts_log_is_read_as_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "host.log"
    path.write_text(
        "2026-11-24T12:00:00 INFO host.worker Executing 'Functions.plan_schedule' (Reason='r', Id=1)\n"
        "2026-11-24T12:00:01 INFO host.worker Executed 'Functions.plan_schedule' (Succeeded, Id=1, Duration=1ms)\n"
        "2026-11-24T12:00:01 INFO host.worker Executing 'Functions.write_cal"
    )
    log = HostLog(path)
    log.read()
    assert (log.started["plan_schedule"], log.ended("plan_schedule"), log.started["write_calendar"]) == (1, 1, 0)
    with path.open("a") as file:
        file.write(
            "endar' (Reason='r', Id=2)\nx ERROR y Executed 'Functions.write_calendar' (Failed, Id=2) | Traceback\n"
        )
    log.read()
    assert (log.started["write_calendar"], log.failed["write_calendar"], log.ended("write_calendar")) == (1, 1, 1)
