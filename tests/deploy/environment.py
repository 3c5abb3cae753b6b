"""`.worker`, which `make check` sets up: an environment of requirements.txt alone, beside it production's worker."""

from pathlib import Path

from tests.local.host.run import ROOT

_FOLDER = ROOT / ".worker"
CLEAN = _FOLDER / "clean"
RUNTIME = _FOLDER / "runtime"


def clean_python() -> Path:
    """The environment's Python. Raises FileNotFoundError where it is not set up."""
    if not (_FOLDER / ".ready").exists():
        raise FileNotFoundError(f"{_FOLDER} is not set up: run `make .worker/.ready`")
    return CLEAN / "bin" / "python"
