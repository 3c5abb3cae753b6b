"""The hospital's shifts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from tests.local.hospital import kinds
from tests.local.hospital.calendar import clock_changes, days_of
from tests.local.hospital.kinds import KINDS, Kind
from tests.local.lightning_bolt.model import Person, Slot

NOTES = (
    "Bring the code pager.",
    "Covers 4 West until noon,\nthen the ED.",
    "Orientation with <Dr. Okafor> & team",
    "Späterer Beginn möglich — bitte anrufen ☎",
    "Second call: 555-0142",
)
PLACES = ("4 West", "ED Pod B", "OR 7", "Clinic, 2nd floor", "Tower 3")


@dataclass(frozen=True, slots=True)
class Post:
    """Who works where."""

    person: Person
    templates: tuple[int, ...]


def make_slots(
    posts: Sequence[Post],
    fake: Sequence[Person],
    months: Sequence[date],
    per_month: int,
    zone: str,
    source: random.Random,
    first_id: int,
) -> Iterator[Slot]:
    """So many shifts per person and month, on different days while there are any; open and clock-change ones."""
    weights = [kind.weight for kind in KINDS]
    slot_id = first_id
    for month in months:
        days = days_of([month])
        for post in posts:
            for turn, (lap, day) in enumerate(_choose(days, per_month, source)):
                kind = source.choices(KINDS, weights)[0]
                slot = _slot(slot_id, post.templates[turn % len(post.templates)], post.person.emp_id, kind, day, source)
                yield _embellished(slot, lap, source.choice(posts).person.emp_id, source)
                slot_id += 1
        for turn, template in enumerate(sorted({item for post in posts for item in post.templates})):
            for number in range(max(2, len(days) // 5)):
                day = days[(turn + number * 5) % len(days)]
                yield _slot(slot_id, template, fake[number % len(fake)].emp_id, KINDS[number % 4], day, source)
                slot_id += 1
        for day in clock_changes(month, zone):
            for slot in _through_the_change(slot_id, posts, day):
                yield slot
                slot_id += 1


def _choose(days: Sequence[date], count: int, source: random.Random) -> list[tuple[int, date]]:
    """Days, all different within a lap; as many laps as are needed."""
    laps, rest = divmod(count, len(days))
    whole = [(lap, day) for lap in range(laps) for day in days]
    return whole + [(laps, day) for day in sorted(source.sample(days, rest))]


def usual(kind: Kind, day: date) -> tuple[datetime, datetime]:
    """A kind's times on a day."""
    first, last = (time.fromisoformat(part) for part in kind.times.split("~"))
    start, stop = datetime.combine(day, first), datetime.combine(day, last)
    return start, stop if stop > start else stop + timedelta(days=1)


def _slot(slot_id: int, template: int, emp_id: int, kind: Kind, day: date, source: random.Random) -> Slot:
    start, stop = usual(kind, day)
    if kind.structure == kinds.LEAVE:
        stop += timedelta(days=source.choice((0, 0, 1, 4)))
    elif kind.structure in (kinds.DAY, kinds.CLINIC) and source.random() < 0.2:
        stop -= timedelta(hours=source.choice((1, 2, 3)))
    return Slot(slot_id, template, emp_id, kind.structure, day, start, stop)


def _embellished(slot: Slot, lap: int, other: int, source: random.Random) -> Slot:
    """Notes, places and open swaps on some; later laps over the same days begin a few minutes later."""
    shift = timedelta(minutes=5 * lap)
    return replace(
        slot,
        start=slot.start + shift,
        stop=slot.stop + shift,
        note=source.choice(NOTES) if source.random() < 0.25 else None,
        request_note="Would rather have that day off" if source.random() < 0.05 else None,
        locations=(source.choice(PLACES),) if source.random() < 0.2 else (),
        pending=(pending := other != slot.emp_id and source.random() < 0.04),
        pending_emp_id=other if pending else None,
    )


def _through_the_change(slot_id: int, posts: Sequence[Post], day: date) -> Iterator[Slot]:
    """A night across the change, and one that begins or ends inside the hour that is repeated or skipped."""
    before = day - timedelta(days=1)
    night = [datetime.combine(before, time(21)), datetime.combine(day, time(7))]
    inside = [datetime.combine(day, time(1, 30)), datetime.combine(day, time(9))]
    late = [datetime.combine(before, time(17)), datetime.combine(day, time(1, 30))]
    for number, (post, (start, stop)) in enumerate(zip(posts, (night, inside, late), strict=False)):
        yield Slot(slot_id + number, post.templates[0], post.person.emp_id, kinds.OVERNIGHT, start.date(), start, stop)
