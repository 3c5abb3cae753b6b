"""A month as weeks of days, with the events laid out in them: what the calendar page draws, without its HTML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from tests.local.graph.event import Event

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of an event over whole days, within one week."""

    event: Event
    days: int
    """How many days of this week."""
    begins: bool
    ends: bool
    """Whether the event begins and ends here, or goes on in another week."""


@dataclass(frozen=True, slots=True)
class Timed:
    """An event of less than a day, on a day that it touches."""

    event: Event
    start: datetime
    end: datetime
    """In the page's zone."""
    continued: bool = False
    """Whether it began the day before."""

    @property
    def overnight(self) -> bool:
        """Whether it ends after the midnight that follows its start."""
        return self.end.date() > self.start.date() and self.end.time() != self.end.min.time()


@dataclass(slots=True)
class Day:
    """One cell. `bars` are its lanes from the top: a bar that begins here, one that passes through, or nothing."""

    date: date
    inside: bool
    """Whether it belongs to the month shown."""
    bars: list[Bar | Event | None] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)


def month_of(text: str) -> date:
    """The first day of a month written `2026-11`. Raises ValueError."""
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2:
        raise ValueError(f"a month is written 2026-11, not {text!r}")
    first = date(int(year), int(month), 1)
    if not 1 < first.year < 9998:
        raise ValueError(f"{text} cannot be shown")
    return first


def next_month(first: date, step: int) -> date:
    """The first day of the month so many months on."""
    count = first.year * 12 + first.month - 1 + step
    return date(count // 12, count % 12 + 1, 1)


def weeks(events: Iterable[Event], first: date, zone: tzinfo) -> list[list[Day]]:
    """The weeks, Sunday to Saturday, that hold the month."""
    begin = first - timedelta(days=(first.weekday() + 1) % 7)
    days: dict[date, Day] = {}
    day, after = begin, next_month(first, 1)
    while day < after or len(days) % 7:
        days[day] = Day(day, day.month == first.month)
        day += _DAY
    whole: list[tuple[date, date, Event]] = []
    for event in events:
        span = _whole_days(event, zone)
        if span is not None:
            whole.append((*span, event))
            continue
        for entry in _entries(event, zone):
            shown_on = entry.end.date() if entry.continued else entry.start.date()
            if shown_on in days:
                days[shown_on].timed.append(entry)
    rows = list(days.values())
    result = [rows[index : index + 7] for index in range(0, len(rows), 7)]
    for week in result:
        _lay_bars(week, whole)
        for cell in week:
            cell.timed.sort(key=lambda entry: (not entry.continued, entry.start, entry.event.number))
    return result


def local(event: Event, zone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end in the zone; an all-day event's are its floating days' midnights."""
    if event.times.all_day:
        return event.times.start.replace(tzinfo=zone), event.times.end.replace(tzinfo=zone)
    return event.times.start.astimezone(zone), event.times.end.astimezone(zone)


def _whole_days(event: Event, zone: tzinfo) -> tuple[date, date] | None:
    """First and last day of an event that lasts a day or longer."""
    times = event.times
    if not times.all_day and times.end - times.start < _DAY:
        return None
    start, end = local(event, zone)
    return start.date(), max(start.date(), (end - timedelta(microseconds=1)).date())


def _entries(event: Event, zone: tzinfo) -> Iterator[Timed]:
    start, end = local(event, zone)
    entry = Timed(event, start, end)
    yield entry
    if entry.overnight:
        yield Timed(event, start, end, continued=True)


def _lay_bars(week: list[Day], whole: list[tuple[date, date, Event]]) -> None:
    """Give every long event of the week a lane that is free on all of its days."""
    sunday, saturday = week[0].date, week[-1].date
    here = [each for each in whole if each[0] <= saturday and each[1] >= sunday]
    for first, last, event in sorted(here, key=lambda each: (each[0], each[0] - each[1], each[2].number)):
        cells = [day for day in week if first <= day.date <= last]
        lane = 0
        while any(len(day.bars) > lane and day.bars[lane] is not None for day in cells):
            lane += 1
        for day in cells:
            day.bars += [None] * (lane + 1 - len(day.bars))
            day.bars[lane] = event
        cells[0].bars[lane] = Bar(event, len(cells), first >= sunday, last <= saturday)
