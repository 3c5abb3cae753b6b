"""What is deployed and installed is pinned, the same in all files, and no lock file names a registry."""

import re
import tomllib

from tests.local.host.run import ROOT


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(file: str) -> dict[str, tuple[int, ...]]:
    lines = re.findall(r"^([\w.-]+)==([\d.]+)", (ROOT / file).read_text(), re.MULTILINE)
    return {_canonical(name): tuple(int(part) for part in version.split(".")) for name, version in lines}


def test_requirements_agree_with_pyproject() -> None:
    """Every dependency is pinned, at or above its lower bound, and once: the same in both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    deployed, installed = _pins("requirements.txt"), _pins("requirements-dev.txt")
    for pins, wanted in ((deployed, project["dependencies"]), (installed, project["optional-dependencies"]["dev"])):
        for requirement in wanted:
            found = re.fullmatch(r"([\w.-]+)(?:>=([\d.]+))?", requirement)
            assert found, f"{requirement}: write it as name>=version"
            least = tuple(int(part) for part in (found[2] or "0").split("."))
            assert pins.get(_canonical(found[1]), ()) >= least, f"{requirement}: run `make lock`"
    assert {name: installed.get(name) for name in deployed} == deployed


def test_no_registry_address_in_any_lock_file() -> None:
    for file in ("requirements.txt", "requirements-dev.txt", "package-lock.json", "tests/worker/requirements.txt"):
        text = (ROOT / file).read_text()
        assert "--index-url" not in text
        assert "--find-links" not in text
        assert '"resolved"' not in text
        assert "://" not in re.sub(r'"(?:url|funding|license)": "[^"]*"', "", text)


def test_azurite_is_pinned() -> None:
    assert '"azurite": "3.35.0"' in (ROOT / "package.json").read_text()
    assert re.search(r'"node_modules/azurite": \{\s*"version": "3\.35\.0"', (ROOT / "package-lock.json").read_text())
