"""The Bicep compiler: its commands, run over this project's files or over a copy of them.

Run as a module it writes the committed snapshots anew (`make snapshots`).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETS = ("default", "isolated", "always_ready", "guarded")
"""Parameter sets: `snapshots/<name>.bicepparam`, and beside each what it would deploy."""

_WHERE_TO_GET_IT = (
    "no Bicep compiler: neither `bicep` on the PATH, nor the one of `az bicep install`, nor ../shared/tools/bicep. "
    "https://learn.microsoft.com/azure/azure-resource-manager/bicep/install says how to install it"
)
_PLACE = {
    "--tenant-id": "00000000-0000-0000-0000-000000000001",
    "--subscription-id": "00000000-0000-0000-0000-000000000002",
    "--resource-group": "rg",
    "--location": "eastus",
    "--deployment-name": "main",
}
"""Where a snapshot pretends to be deployed."""


class NoCompilerError(Exception):
    """There is none on this machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said. Bicep puts every error and warning on stderr."""

    status: int
    output: str
    complaints: str

    @property
    def clean(self) -> bool:
        """It succeeded without a warning."""
        return self.status == 0 and not self.complaints


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `infra/` and `tests/infra/snapshots/` in it: this one, or a copy that a test may break."""

    root: Path = ROOT

    @property
    def sources(self) -> list[Path]:
        """All Bicep files."""
        return sorted((self.root / "infra").rglob("*.bicep"))

    @property
    def parameters(self) -> list[Path]:
        """All parameter files."""
        return [self.root / "infra" / "main.bicepparam", *(self.parameter_set(name) for name in SETS)]

    def parameter_set(self, name: str) -> Path:
        """One of SETS."""
        return self.root / "tests" / "infra" / "snapshots" / f"{name}.bicepparam"

    def build(self) -> Answer:
        """The template, as JSON, in `output`."""
        return run("build", str(self.root / "infra" / "main.bicep"), "--stdout")

    @property
    def configuration(self) -> Path:
        """The linter's rules."""
        return self.root / "infra" / "bicepconfig.json"

    def lint(self) -> Answer:
        """main.bicepparam, main.bicep and all its modules."""
        return run("lint", str(self.root / "infra" / "main.bicepparam"))

    def misformatted(self) -> list[str]:
        """Names of the files that `bicep format` would write otherwise. It formats a copy, all files in one run."""
        with tempfile.TemporaryDirectory() as folder:
            formatted = self.copy(Path(folder))
            for pattern in ("**/*.bicep", "**/*.bicepparam"):
                answer = run("format", "--pattern", f"{folder}/{pattern}")
                if not answer.clean:
                    return [answer.complaints]
            files = zip(self.sources + self.parameters, formatted.sources + formatted.parameters, strict=True)
            return [own.name for own, other in files if own.read_text() != other.read_text()]

    def lint_parameters(self) -> Answer:
        """All parameter sets at once."""
        return run("lint", "--pattern", str(self.parameter_set("*")), "--config", str(self.configuration))

    def snapshot(self, name: str, mode: str) -> Answer:
        """`validate` compares the committed snapshot with what would be deployed now, `overwrite` writes it."""
        place = [part for option in _PLACE.items() for part in option]
        return run("snapshot", str(self.parameter_set(name)), "--mode", mode, *place)

    def copy(self, target: Path) -> "Project":
        """A copy to break."""
        for part in ("infra", "tests/infra/snapshots"):
            shutil.copytree(self.root / part, target / part)
        return Project(target)

    def replace(self, name: str, old: str, new: str) -> "Project":
        """Breaks a file, named from the root."""
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r} to break"
        path.write_text(text.replace(old, new))
        return self


def find() -> str:
    """Where the compiler is. Raises NoCompilerError."""
    beside = ROOT.parent / "shared" / "tools" / "bicep"
    for candidate in (shutil.which("bicep"), Path.home() / ".azure" / "bin" / "bicep", beside):
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    raise NoCompilerError(_WHERE_TO_GET_IT)


def run(*arguments: str) -> Answer:
    """One command of the compiler's. It unpacks itself into a folder that it may write, and needs no ICU."""
    environment = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    if not os.access(Path.home(), os.W_OK):
        environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = str(Path(tempfile.gettempdir()) / "bicep")
    done = subprocess.run(
        [find(), *arguments], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def _in_order(value: object) -> object:
    """Objects with their keys in order: the compiler's own order differs from run to run."""
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def main() -> int:
    """Writes all snapshots."""
    project = Project()
    for name in SETS:
        answer = project.snapshot(name, "overwrite")
        if not answer.clean:
            sys.stderr.write(answer.complaints)
            return 1
        path = project.parameter_set(name).with_suffix(".snapshot.json")
        path.write_text(json.dumps(_in_order(json.loads(path.read_text())), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
