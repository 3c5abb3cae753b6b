"""The arithmetic between what was measured and what is shown."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from shared.month import Month
from tests.bench import report
from tests.bench.bench import concurrency
from tests.bench.figures import (
    Figure,
    at_least,
    at_most,
    fewest_graph_requests,
    ideal_seconds,
    percentile,
    shown,
)
from tests.bench.hospital import make
from tests.bench.parts.bill import Use, gb_seconds, polls
from tests.bench.prices import EXECUTION, GB_SECOND, QUEUE


def test_percentiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.95) == 5.0
    assert percentile([7.0], 0.5) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_what_the_latencies_add_up_to() -> None:
    assert ideal_seconds(1, 30, 16, 0.05) == pytest.approx(0.05 * (1 + 5 + 3))
    assert ideal_seconds(17, 20, 16, 0.05) == pytest.approx(2 * 0.05 * 6)


def test_fewest_graph_requests() -> None:
    assert fewest_graph_requests(1_000, 30) == 3_000
    assert fewest_graph_requests(10, 20) == 20


def test_a_target_is_met_or_missed_and_only_binding_ones_fail() -> None:
    assert Figure("p", "n", 0.9, target=at_least(0.85)).mark == "met"
    slow = Figure("p", "n", 0.8, target=at_least(0.85))
    assert (slow.mark, slow.fails) == ("missed", True)
    heavy = Figure("p", "n", 301, "MB", at_most(300, binding=False))
    assert (heavy.mark, heavy.fails) == ("missed", False)
    assert Figure("p", "n", 1).mark == ""
    assert report.missed([slow, heavy]) == ["p: n is 0.800, not ≥ 0.850"]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12_345, "12,345"), (0.8512, "0.851"), (3.14159, "3.14"), (1234.56, "1,235")]
)
def test_numbers_are_shown_with_three_digits(value: float, text: str) -> None:
    assert shown(value) == text


def test_figures_survive_being_saved(tmp_path: Path) -> None:
    figure = Figure("p", "n", 2.0, "s", at_most(3), "why")
    report.save(tmp_path, {"cores": 2}, {"bill": {"figures": [asdict(figure)], "raw": {}}})
    report.save(tmp_path, {"cores": 2}, {"growth": {"figures": [], "raw": {"10": {"time": 1.5}, "20": {"time": 2.5}}}})
    assert report.figures_of(report.load(tmp_path)) == [figure]
    assert json.loads((tmp_path / report.RESULTS).read_text())["machine"] == {"cores": 2}
    assert "2.50 s" in (tmp_path / report.PLOT).read_text()
    assert "| n (why) | 2 s | ≤ 3 | met |" in report.markdown([figure])


def test_a_hospital_has_what_its_numbers_say() -> None:
    hospital = make(1_500, 3, (Month(2026, 12), Month(2027, 1)), schedules=2)
    assert hospital.events == len(hospital.setup.slots) == 9_000
    assert [len(view.templates) for view in hospital.setup.views] == [2, 2]
    templates = {slot.emp_id: slot.template_id for slot in hospital.setup.slots}
    assert len(templates) == 1_500 and len(set(templates.values())) == 4
    assert {slot.day.month for slot in hospital.setup.slots} == {12, 1}


def test_the_bill_adds_up() -> None:
    assert Use(1, 2, 3, 4, 5).times(2).plus(Use(1)) == Use(3, 4, 6, 8, 10)
    assert gb_seconds(0.2) == 2.0  # a second at least, of all the instance's memory
    assert gb_seconds(3) == 6.0
    assert polls(1, 0.5) == 14_400
    assert GB_SECOND.of(1_000_000) == pytest.approx(26)
    assert EXECUTION.of(1_000_000) == pytest.approx(0.4)
    with pytest.raises(ValueError, match="no price is known"):
        QUEUE.of(1)


def test_host_json_says_how_many_messages_are_at_work(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    path.write_text('{"extensions": {"queues": {"batchSize": 4, "newBatchThreshold": 3}}}')
    assert concurrency(path) == (4, 3)
