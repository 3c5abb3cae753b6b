"""What each rival is told: where Graph is, and how many mailboxes of the bench's hospital are filled how."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.bench.hospital import DAY, FIRST_PERSON, NOTE, mailbox

WINDOWS_ZONE = "Central Standard Time"


@dataclass(frozen=True, slots=True)
class Task:
    """A first publish."""

    url: str
    """Graph's, with its version."""
    people: int
    shifts: int
    in_flight: int
    """Mailboxes that are worked on at the same time."""
    month: str
    """Its first day."""

    @property
    def mailboxes(self) -> list[str]:
        """Addresses."""
        return [mailbox(FIRST_PERSON + number) for number in range(self.people)]

    def shift_times(self, person: int) -> Iterator[tuple[datetime, datetime, str]]:
        """Start, end and note of a person's shifts; wall clock."""
        first = date.fromisoformat(self.month)
        for number in range(self.shifts):
            start = datetime.combine(first + timedelta(days=(number + person) % 28), time(7))
            yield start, start + timedelta(hours=10), NOTE if number % 4 == 0 else ""


def given() -> Task:
    """From the command line."""
    return Task(**json.loads(sys.argv[1]))


def mark(person: int, number: int) -> str:
    """Of the length that our own marks have."""
    return f"bench:{number:08d}-0000-4000-8000-{person:012d}:{FIRST_PERSON + person}:5:2026-12:{DAY:020d}"
