"""Pages and pipeline say what is deployed: the same parameters, alerts and outputs."""

import json
import re

import pytest

from tests.infra.compiler import ROOT
from tests.infra.template import committed, of

pytestmark = pytest.mark.slow

MAIN = (ROOT / "infra" / "main.bicep").read_text()
PIPELINE = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
FREQUENCIES = {"PT5M": "5 min", "PT10M": "10 min", "PT15M": "15 min", "PT30M": "30 min", "PT1H": "1 h", "P1D": "1 day"}


def _section(page: str, title: str) -> list[list[str]]:
    """The cells of the table below a second-level heading, whose first cell is code."""
    text = (ROOT / "docs" / page).read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]


def test_every_parameter_is_explained_and_no_other() -> None:
    explained = [name for row in _section("deploy.md", "Parameters") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(explained) == sorted(re.findall(r"(?m)^param (\w+)", MAIN))


def test_every_alert_is_explained_with_its_severity_and_its_times() -> None:
    rows = [row for row in _section("operations.md", "Alerts") if len(row) > 3]
    explained = {row[0].strip("`"): (row[1], row[3]) for row in rows}
    deployed = {}
    for rule in of(committed("default"), "Microsoft.Insights/scheduledQueryRules"):
        properties = rule["properties"]
        times = (FREQUENCIES[properties[part]] for part in ("evaluationFrequency", "windowSize"))
        deployed[rule["name"].removeprefix("test-")] = (str(properties["severity"]), " / ".join(times))
    assert explained == deployed


def test_pages_and_pipeline_name_outputs_that_there_are() -> None:
    outputs = set(re.findall(r"(?m)^output (\w+)", MAIN))
    pages = "\n".join((ROOT / "docs" / page).read_text() for page in ("deploy.md", "access.md"))
    named = set(re.findall(r"outputs? `(\w+)`", pages)) | set(re.findall(r"outputs\.(\w+)\.value", pages))
    named |= set(re.findall(r"jq -r \.(\w+)\.value", PIPELINE))
    assert {"functionAppName", "healthAddress", "identityPrincipalId", "callbackAddress"} <= named <= outputs


def test_the_pipeline_has_no_secret_and_deploys_behind_an_environment() -> None:
    check, deploy = PIPELINE.split("\n  deploy:\n")
    assert "secrets." not in PIPELINE
    assert "id-token" not in check
    assert "make check" in check
    assert all(line in deploy for line in ("    needs: check\n", "    environment: production\n", "id-token: write"))


def test_the_numbers_of_what_runs_at_a_time_are_those_of_host_json() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    most = queues["batchSize"] + queues["newBatchThreshold"]
    instances = int(re.findall(r"(?m)^param maximumInstances int = (\d+)", MAIN)[0])
    text = (ROOT / "docs" / "deploy.md").read_text()
    assert f"`batchSize` {queues['batchSize']} + `newBatchThreshold` {queues['newBatchThreshold']} = {most}" in text
    assert f"{instances} instances have at most {instances * most} batches" in text


def test_oldest_due_runs_only_where_everybody_is_written_to() -> None:
    runs = {}
    for name in ("default", "always_ready", "guarded"):
        template = committed(name)
        rules = of(template, "Microsoft.Insights/scheduledQueryRules")
        runs[name] = [rule["name"] for rule in rules if not rule["properties"]["enabled"]]
    assert runs == {"default": ["test-oldest-due"], "always_ready": ["test-oldest-due"], "guarded": []}
