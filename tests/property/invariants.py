"""What must hold: each by its name, so that a failure says which."""


class Broken(AssertionError):  # noqa: N818 - reads as what it says
    """A named invariant does not hold."""

    def __init__(self, name: str, detail: object) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


def require(name: str, holds: object, detail: object = "") -> None:
    """Raises Broken unless it holds."""
    if not holds:
        raise Broken(name, detail)
