"""The package in an environment that was made from its own requirements.txt, and holds nothing else."""

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tell
from tests.deploy.environment import CLEAN, clean_python
from tests.deploy.package import unpack_package
from tests.local.host.run import ROOT
from tests.local.pieces import environment_of

pytestmark = pytest.mark.slow

LARGEST_ENVIRONMENT = 600
"""Megabytes. Azure unpacks it at every start of an instance."""

INSTALLED = """
import importlib.metadata, json
print(json.dumps({one.name: one.version for one in importlib.metadata.distributions()}))
"""
FUNCTIONS = """
import json, sys, time
began = time.perf_counter()
import function_app
took = time.perf_counter() - began
functions = {one.get_function_name(): one.get_trigger().type for one in function_app.app.get_functions()}
ours = sorted({name.partition(".")[0] for name, module in sys.modules.items()
               if (getattr(module, "__file__", None) or "").startswith(sys.argv[1])})
print(json.dumps({"functions": functions, "modules": ours, "took": took}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package, unpacked."""
    return unpack_package(tmp_path / "wwwroot")


def _python(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program in the environment, with a folder to import from and no settings."""
    return subprocess.run(
        [str(clean_python()), "-c", program, *arguments],
        cwd=folder,
        env=environment_of({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _read(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_holds_what_requirements_say_and_nothing_else(tmp_path: Path, tell: Tell) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    installed = _read(_python(INSTALLED, folder=tmp_path))
    assert {_canonical(name): version for name, version in installed.items()} == {
        _canonical(name): version for name, version in pins.items()
    }
    size = sum(path.lstat().st_size for path in (CLEAN / "lib").rglob("*")) / 1e6
    assert size < LARGEST_ENVIRONMENT
    tell(f"{len(installed)} packages, {size:.0f} MB")


def test_the_package_imports_and_lists_its_functions(package: Path, tell: Tell) -> None:
    began = time.monotonic()
    found = _read(_python(FUNCTIONS, str(package), folder=package))
    assert found["functions"] == {
        "publish_callback": "httpTrigger",
        "health": "httpTrigger",
        "operate": "httpTrigger",
        "status": "httpTrigger",
        "sweep": "timerTrigger",
        "sweep_window": "timerTrigger",
        "audit": "timerTrigger",
        "plan_schedule": "queueTrigger",
        "write_calendar": "queueTrigger",
    }
    assert found["modules"] == ["function_app", "shared"]
    tell(f"import {found['took']:.2f} s, process {time.monotonic() - began:.2f} s: {found['functions']}")


@pytest.mark.parametrize("module", ["pytest", "croniter", "tests"])
def test_what_tests_need_is_not_there(package: Path, module: str) -> None:
    done = _python(f"import {module}", folder=package)
    assert done.returncode == 1
    assert f"No module named '{module}'" in done.stderr
