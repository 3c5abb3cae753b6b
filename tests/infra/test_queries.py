"""Every query of infra/queries is right by Microsoft's own language service, and is the one that is deployed."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import contract
from tests.infra.compiler import ROOT, SETS
from tests.infra.template import committed, of
from tests.local.azurite.process import node

pytestmark = pytest.mark.slow

QUERIES = ROOT / "infra" / "queries"
ALERTS = sorted((QUERIES / "alerts").glob("*.kql"))
PARTS = sorted((QUERIES / "workbook").glob("*.kql"))
DIMENSIONS = {"string", "int", "long", "real"}
"""Types that an alert can be split by."""


@pytest.mark.parametrize("name", SETS)
def test_the_alerts_are_the_queries(name: str) -> None:
    rules = of(committed(name), "Microsoft.Insights/scheduledQueryRules")
    deployed = {
        rule["name"].removeprefix("test-").replace("-", "_"): rule["properties"]["criteria"]["allOf"][0]["query"]
        for rule in rules
    }
    assert deployed == {path.stem: path.read_text() for path in ALERTS}


def test_the_workbook_shows_all_queries() -> None:
    [workbook] = of(committed("default"), "Microsoft.Insights/workbooks")
    items = json.loads(workbook["properties"]["serializedData"])["items"]
    queries = [item["content"]["query"] for item in items if item["type"] == 3]
    assert sorted(queries) == sorted(path.read_text() for path in PARTS)
    assert all(item["content"]["timeContextFromParameter"] == "Period" for item in items if item["type"] == 3)


if TABLES := contract("azure-monitor-tables.json"):

    def _check(*paths: Path) -> dict[str, dict[str, Any]]:
        command = [node(), str(ROOT / "tests" / "infra" / "check_kql.mjs"), str(TABLES), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return answer

    @cache
    def _all() -> dict[str, dict[str, Any]]:
        return _check(*ALERTS, *PARTS)

    @pytest.mark.parametrize("path", [*ALERTS, *PARTS], ids=lambda path: f"{path.parent.name}/{path.stem}")
    def test_the_query_is_right(path: Path) -> None:
        assert _all()[str(path)]["findings"] == []

    @pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.stem)
    def test_the_alert_is_split_by_columns_that_its_query_has(path: Path) -> None:
        rules = of(committed("default"), "Microsoft.Insights/scheduledQueryRules")
        [rule] = [rule for rule in rules if rule["name"] == f"test-{path.stem.replace('_', '-')}"]
        [criterion] = rule["properties"]["criteria"]["allOf"]
        names = [dimension["name"] for dimension in criterion["dimensions"]]
        columns = _all()[str(path)]["columns"]
        assert [name for name in names if columns.get(name) not in DIMENSIONS] == []
        assert len(names) <= 6, "Azure takes no more"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Message startswith", "Mesage startswith"),
            ("AppTraces", "AppTrace"),
            ("extract(", "extrct("),
            ("toint(", "sum("),
            ("| where messages > 0", '| where queue > 0 and "'),
        ],
        ids=["a column", "a table", "a function", "an aggregate in the wrong place", "a quote left open"],
    )
    def test_a_broken_query_is_refused(tmp_path: Path, old: str, new: str) -> None:
        text = (QUERIES / "alerts" / "poison_message.kql").read_text()
        assert old in text
        path = tmp_path / "broken.kql"
        path.write_text(text.replace(old, new))
        assert _check(path)[str(path)]["findings"] != []
