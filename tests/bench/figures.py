"""Figures, their targets, and the arithmetic between what was measured and what is shown."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should come to."""

    direction: Direction
    value: float
    binding: bool = True
    """Whether to miss it fails the run: so it is for ratios and counts. Absolute figures depend on the machine."""

    def met(self, value: float) -> bool:
        """Whether the figure is on the right side."""
        return value >= self.value if self.direction == "at least" else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.direction == 'at least' else '≤'} {shown(self.value)}"


def at_least(value: float, *, binding: bool = True) -> Target:
    """A figure that should not be smaller."""
    return Target("at least", value, binding)


def at_most(value: float, *, binding: bool = True) -> Target:
    """A figure that should not be larger."""
    return Target("at most", value, binding)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    part: str
    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def mark(self) -> str:
        """How it stands to its target."""
        if self.target is None:
            return ""
        return "met" if self.target.met(self.value) else "missed"

    @property
    def fails(self) -> bool:
        """Whether the run fails because of it."""
        return self.mark == "missed" and self.target is not None and self.target.binding


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed. Raises ValueError for no values."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ideal_seconds(people: int, shifts: int, in_flight: int, latency: float) -> float:
    """What the latencies of a first publish add up to: one read and the batches, four items at a time, per mailbox."""
    batches = [min(20, shifts - first) for first in range(0, shifts, 20)]
    return math.ceil(people / in_flight) * latency * (1 + sum(math.ceil(items / 4) for items in batches))


def fewest_graph_requests(people: int, shifts: int) -> int:
    """Of a first publish: one read per mailbox, and batches of 20."""
    return people * (1 + math.ceil(shifts / 20))


def shown(value: float) -> str:
    """Three digits that count, and no fewer than the whole ones."""
    if value == 0 or value == int(value):
        return f"{int(value):,}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
