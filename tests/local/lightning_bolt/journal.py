"""What was asked of the stand-in."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the app's."""

    number: int
    at: datetime
    path: str
    status: int
    """0: the connection was closed without a whole answer."""
    view_id: Any = None
    first: str = ""
    """The range as understood (not as asked), ISO."""
    last: str = ""
    months: tuple[str, ...] = ()
    size: int = 0
    """Size of the answer."""
    faults: tuple[str, ...] = ()
    body: Any = None
    """The read's JSON as it came."""


@dataclass(frozen=True, slots=True)
class Reads:
    """How often a month of a view was asked for, and how often that was answered with 200."""

    view_id: Any
    month: str
    asked: int
    answered: int


class Journal:
    """Requests in the order of their answers."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._last = 0

    def add(self, at: datetime, path: str, status: int, **details: Any) -> None:
        """Notes a request."""
        self._last += 1
        self.requests.append(Request(self._last, at, path, status, **details))

    def clear(self) -> None:
        """Forgets all; numbers go on."""
        self.requests.clear()

    def reads(self) -> list[Reads]:
        """Counts per view and month."""
        asked: Counter[tuple[Any, str]] = Counter()
        answered: Counter[tuple[Any, str]] = Counter()
        for request in self.requests:
            for month in request.months:
                asked[request.view_id, month] += 1
                answered[request.view_id, month] += request.status == 200
        return [Reads(view, month, asked[view, month], answered[view, month]) for view, month in sorted(asked, key=str)]
