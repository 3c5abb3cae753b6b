"""The tenant-wide grant, against an Azure CLI that only notes what it is asked. (The scoped one needs PowerShell.)"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infra.compiler import ROOT

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "infra" / "access" / "grant-tenant-wide.sh"
PRINCIPAL = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the script said, and what it asked the Azure CLI for."""

    status: int
    said: str
    calls: list[str]

    @property
    def writes(self) -> list[str]:
        """Calls that change something."""
        return [call for call in self.calls if "--method GET" not in call]


def _run(folder: Path, *arguments: str, granted: str = "") -> Run:
    az, calls = folder / "az", folder / "calls"
    calls.touch()
    az.write_text(
        "#!/usr/bin/env bash\n"
        f'echo "$*" >> "{calls}"\n'
        'case "$*" in\n'
        f"    *'--method GET'*'/{PRINCIPAL}/appRoleAssignments'*) echo '{granted}' ;;\n"
        "    *'--method GET'*'(appId='*) echo graph-in-this-tenant ;;\n"
        "esac\n"
    )
    az.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    return Run(done.returncode, done.stdout + done.stderr, calls.read_text().splitlines())


def test_it_grants_once(tmp_path: Path) -> None:
    run = _run(tmp_path, "--principal-id", PRINCIPAL, "--no-scoped-role")
    assert run.status == 0, run.said
    [write] = run.writes
    assert "--method POST" in write
    assert f'{{"principalId": "{PRINCIPAL}", "resourceId": "graph-in-this-tenant", ' in write
    assert "ef54d2bf-783f-4e0f-bca1-3210c0444d99" in write


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    run = _run(tmp_path, "--principal-id", PRINCIPAL, "--no-scoped-role", granted="an-id")
    assert (run.status, run.writes) == (0, [])
    assert "nothing to do" in run.said


def test_what_if_writes_nothing_and_says_what_it_would(tmp_path: Path) -> None:
    run = _run(tmp_path, "--principal-id", PRINCIPAL, "--no-scoped-role", "--what-if")
    assert (run.status, run.writes) == (0, [])
    assert "what if: az rest --method POST" in run.said


def test_it_refuses_until_somebody_has_looked_for_the_scoped_role(tmp_path: Path) -> None:
    run = _run(tmp_path, "--principal-id", PRINCIPAL)
    assert (run.status, run.calls) == (2, [])
    assert "Get-ManagementRoleAssignment" in run.said


def test_it_takes_back_what_was_granted(tmp_path: Path) -> None:
    run = _run(tmp_path, "--principal-id", PRINCIPAL, "--revoke", granted="an-id")
    assert run.status == 0, run.said
    assert [call for call in run.writes if "--method DELETE" in call and call.split("/")[-1].startswith("an-id")]


@pytest.mark.parametrize("arguments", [[], ["--principal-id"], ["--principal-id", "x"], ["--force"]])
def test_wrong_use_asks_nothing(tmp_path: Path, arguments: list[str]) -> None:
    run = _run(tmp_path, *arguments)
    assert (run.status, run.calls) == (2, [])
