"""The contracts that lie beside the checkout, for tests that hold themselves to them."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "contracts"


def contract(name: str) -> Path | None:
    """A file of `../shared/contracts`; None, said in print, where it is missing: its tests are then not collected."""
    path = _FOLDER / name
    if path.is_file():
        return path
    print(f"contract {name} is not beside this checkout: its tests are left out")  # noqa: T201
    return None
