"""An event as somebody sees it in their calendar: what the checker compares, wanted and found alike."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Shown:
    """One event. Equal ones look the same to their owner and belong to the same person, schedule and month."""

    subject: str
    start: datetime
    """Aware, in UTC. Of an all-day event: midnight of its first day, as if in UTC."""
    end: datetime
    all_day: bool
    show_as: str
    body: tuple[str, ...]
    """Its lines, sorted, without empty ones: what stands there, in whatever order and arrangement."""
    location: str
    person: str
    """Of the mark, as are `schedule` and `month`."""
    schedule: str
    month: str
    categories: tuple[str, ...] = ()
    sensitivity: str = "normal"
    reminder: int | None = None
    """Minutes before the start. None: off."""
    attendees: int = 0
    response_requested: bool = False
    body_type: str = "text"
    begins: datetime | None = field(default=None, compare=False)
    """The instant when it begins: of an all-day event, midnight where the hospital is."""

    def words(self, zone: str) -> str:
        """For a person to read, in local time."""
        place = ZoneInfo(zone)
        if self.all_day:
            when = f"all day {self.start:%a %Y-%m-%d} to {self.end:%Y-%m-%d} (exclusive)"
        else:
            start, end = self.start.astimezone(place), self.end.astimezone(place)
            last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
            when = f"{start:%a %Y-%m-%d %H:%M}–{last}"
        return f"{self.subject!r} {when} (person {self.person}, schedule {self.schedule})"


COMPARED = tuple(name for name in Shown.__slots__ if name != "begins")
"""Names of what is compared."""


def lines_of(text: str) -> tuple[str, ...]:
    """The normal form of a body."""
    return tuple(sorted(line for line in (" ".join(part.split()) for part in text.splitlines()) if line))
