"""The package holds function_app.py, host.json, requirements.txt and all of shared/, and nothing else."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.deploy.package import package_files, write_package
from tests.local.host.run import ROOT

TOP = ["function_app.py", "host.json", "requirements.txt", "shared"]
MOST_BYTES = 400_000
"""Ten times the app is no app any more; a package is uploaded and unpacked at every start of an instance."""
LEFT_BEHIND = (
    ".env",
    ".git/config",
    ".venv/bin/python",
    ".worker/runtime/google/protobuf.py",
    "azure.yaml",
    "dist/function-app.zip",
    "docs/outcomes.md",
    "infra/main.bicep",
    "local.settings.json",
    "node_modules/azurite/package.json",
    "shared/.local.json",
    "shared/__pycache__/app.cpython-313.pyc",
    "tests/conftest.py",
)
"""What a work tree may hold besides, secrets among it."""


def _top(files: list[PurePosixPath]) -> list[str]:
    return sorted({path.parts[0] for path in files})


def test_top_level() -> None:
    assert _top(package_files()) == TOP


def test_all_of_shared() -> None:
    sources = [path for path in (ROOT / "shared").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    found = [path for path in package_files() if path.parts[0] == "shared"]
    assert found == sorted(PurePosixPath(path.relative_to(ROOT).as_posix()) for path in sources)
    assert {path.suffix for path in found} == {".py", ".html", ".css"}


def test_size_and_sameness(tmp_path: Path) -> None:
    one, other = write_package(tmp_path / "one.zip"), write_package(tmp_path / "new" / "other.zip")
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size < MOST_BYTES
    with zipfile.ZipFile(one) as package:
        assert package.namelist() == [str(path) for path in package_files()]
        assert package.testzip() is None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A work tree as a developer has it: the app, and much that must stay here."""
    for name in (*TOP[:3], ".funcignore"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("shared/app.py", *LEFT_BEHIND):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def test_what_else_lies_in_a_work_tree_stays(copy: Path) -> None:
    assert [str(path) for path in package_files(copy)] == [*TOP[:3], "shared/app.py"]


@pytest.mark.parametrize(
    ("line", "replacement", "more", "fewer"),
    [
        ("tests\n", "", ["tests/conftest.py"], []),
        ("local.settings.json\n", "", ["local.settings.json"], []),
        ("dist\n", "", ["dist/function-app.zip"], []),
        ("docs\n", "docs\n!docs/\n", ["docs/outcomes.md"], []),
        ("docs\n", "docs\napp.py\n", [], ["shared/app.py"]),
        ("docs\n", "docs\nshared/*\n", [], ["shared/app.py"]),
        ("docs\n", "docs\n*.txt\n", [], ["requirements.txt"]),
    ],
)
def test_a_wrong_funcignore_shows(copy: Path, line: str, replacement: str, more: list[str], fewer: list[str]) -> None:
    right = set(package_files(copy))
    text = (copy / ".funcignore").read_text()
    assert line in text
    (copy / ".funcignore").write_text(text.replace(line, replacement))
    wrong = set(package_files(copy))
    assert (sorted(map(str, wrong - right)), sorted(map(str, right - wrong))) == (more, fewer)


def test_a_new_file_at_the_top_shows(copy: Path) -> None:
    (copy / "notes.py").write_text("")
    assert _top(package_files(copy)) == sorted([*TOP, "notes.py"])
