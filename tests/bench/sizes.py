"""How large the measurements are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of people, runs and repetitions; the defaults are the full run's."""

    people: int = 1_000
    """First publish, and what our own code costs."""
    calm: int = 200
    """First publish with `CALM_IN_FLIGHT` mailboxes at a time, which leaves the machine room."""
    few: int = 100
    """Against other ways to write; one changed shift."""
    growth: tuple[int, ...] = (100, 1_000, 5_000)
    months: int = 4
    """Of the planner's memory, against one and two months."""
    shifts: int = 30
    runs: int = 3
    changes: int = 12
    """Single changes, of which each waits for an idle system."""


CALM_IN_FLIGHT = 4
"""Mailboxes. The app, its host, Azurite and Graph's stand-in share this machine's cores, which they do not in Azure."""

FULL = Sizes()
QUICK = Sizes(people=200, calm=60, few=20, growth=(50, 200, 500), months=4, changes=4)
TINY = Sizes(people=10, calm=4, few=4, growth=(4, 10, 12), months=3, shifts=24, runs=1, changes=1)
