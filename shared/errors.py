"""Errors that cross module borders. Transient or permanent is decided once, where the other side's answer is read."""

from typing import Any


class SettingsError(Exception):
    """The app cannot start with these settings. `problems` has one line per problem, each naming its setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["settings:", *(f"  - {problem}" for problem in problems)]))
        self.problems = problems


class BadMessageError(ValueError):
    """A message, or the callback's body, is not of the agreed form. `field` names the offending key."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class PreconditionError(Exception):
    """Storage refused a write because the row is no longer as it was read (or exists already): read again."""


class ScheduleUnavailableError(Exception):
    """Lightning Bolt gave no whole answer this time. Nothing is changed by it; read again later.

    `retry_after`: seconds that Lightning Bolt asked for, if it did.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ScheduleRefusedError(Exception):
    """An answer of Lightning Bolt's must not be used until a person mends something.

    An administrator's account, a time zone that contradicts the UTC columns, an answer most of whose rows are bad.
    `problems`: what is to be reported, each a `shared.schedule.model.Problem` (which this layer does not know).
    """

    def __init__(self, reason: str, problems: tuple[Any, ...] = ()) -> None:
        super().__init__(reason)
        self.problems = problems
