"""The sources: they build, lint and format without a word, and each check refuses a copy broken on purpose."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra import compiler
from tests.infra.compiler import ROOT, Project

pytestmark = pytest.mark.slow


def test_it_builds_without_a_warning(project: Project) -> None:
    answer = project.build()
    assert answer.clean, answer.complaints


def test_it_lints_without_a_warning(project: Project) -> None:
    """main.bicep with all its modules, and every parameter file."""
    for answer in (project.lint(), project.lint_parameters()):
        assert answer.clean, answer.complaints


def test_it_is_formatted(project: Project) -> None:
    assert project.misformatted() == []


def test_every_module_is_used(project: Project) -> None:
    """What main.bicep does not refer to, no check looks at."""
    used = set(re.findall(r"'modules/(\w+)\.bicep'", (ROOT / "infra" / "main.bicep").read_text()))
    assert used == {path.stem for path in (ROOT / "infra" / "modules").iterdir()}


def test_resources_are_plain(project: Project) -> None:
    """No module of a registry or template spec."""
    assert [path.name for path in project.sources if re.search(r"'(br|ts)[:/]", path.read_text())] == []


def test_every_rule_of_the_linter_is_an_error() -> None:
    text = (ROOT / "infra" / "bicepconfig.json").read_text()
    core = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))["analyzers"]["core"]
    assert core["enabled"]
    assert len(core["rules"]) >= 40
    assert [name for name, rule in core["rules"].items() if rule["level"] != "error"] == []


def _unbounded(template: dict[str, Any]) -> list[str]:
    """Parameters without a description, or without bounds where their type has any."""
    bounds = {"string": "maxLength", "int": "maxValue", "array": "maxLength"}
    lacking = []
    for name, parameter in template["parameters"].items():
        if not parameter.get("metadata", {}).get("description"):
            lacking.append(f"{name}: description")
        bound = bounds.get(parameter["type"])
        if bound and bound not in parameter and "allowedValues" not in parameter:
            lacking.append(f"{name}: {bound}")
        if bound == "maxValue" and "minValue" not in parameter and "allowedValues" not in parameter:
            lacking.append(f"{name}: minValue")
    for resource in _resources(template):
        if resource["type"] == "Microsoft.Resources/deployments":
            lacking += _unbounded(resource["properties"]["template"])
    return lacking


def _resources(template: dict[str, Any]) -> list[dict[str, Any]]:
    resources = template["resources"]
    return list(resources.values()) if isinstance(resources, dict) else list(resources)


def test_every_parameter_is_described_and_bounded(project: Project) -> None:
    assert _unbounded(json.loads(project.build().output)) == []


@pytest.mark.parametrize(
    ("broken", "old", "new"),
    [
        ("a word misspelt", "resource plan ", "resorce plan "),
        ("a property that does not exist", "httpsOnly: true", "httpsOnli: true"),
        ("a parameter that nobody gives", "@description('Tags.')\nparam tags object", "param tags object\nparam x int"),
    ],
)
def test_build_refuses(copy: Project, broken: str, old: str, new: str) -> None:
    assert not copy.replace("infra/modules/functionApp.bicep", old, new).build().clean


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("no-unused-params", "param signIn bool", "param signIn bool\n\n@description('x')\nparam idle bool = true"),
        ("no-hardcoded-env-urls", "'https://${functionApp", "'https://management.azure.com${functionApp"),
        ("outputs-should-not-contain-secrets", "output vault string = vaultName", "output password string = vaultName"),
        ("secure-parameter-default", "param publishSecret string = ''", "param publishSecret string = 'hunter2'"),
    ],
)
def test_lint_refuses(copy: Project, rule: str, old: str, new: str) -> None:
    name = "functionApp" if rule == "no-unused-params" else "main"
    copy.replace(f"infra/{'modules/' if name != 'main' else ''}{name}.bicep", old, new)
    answer = copy.lint()
    assert answer.status != 0
    assert f"Error {rule}" in answer.complaints


def test_format_refuses(copy: Project) -> None:
    copy.replace("infra/modules/identity.bicep", "  location: location", "    location: location")
    assert copy.misformatted() == ["identity.bicep"]


def test_a_parameter_without_bounds_is_refused(copy: Project) -> None:
    copy.replace("infra/main.bicep", "@minValue(0)\n@maxValue(24)\n", "").replace(
        "infra/modules/monitoring.bicep", "@description('Tags.')\n", ""
    )
    assert _unbounded(json.loads(copy.build().output)) == [
        "monthsAhead: maxValue",
        "monthsAhead: minValue",
        "tags: description",
    ]


def test_without_a_compiler_it_is_said_where_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(compiler, "ROOT", tmp_path / "project")
    with pytest.raises(compiler.NoCompilerError, match="bicep/install"):
        compiler.find()
