"""The status page at a glance: per schedule and month, the times from publish to calendars, and what is wrong. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.messages import ScheduleMonth
from shared.ops import words
from shared.ops.stand import Stand, state_of
from shared.ops.words import Trouble
from shared.schedule.fields_found import mapping_keys
from shared.schedule.model import Problem
from shared.settings import Settings
from shared.sync.installation import NAME, changed
from shared.sync.reads import GraphAccess, Operation
from shared.sync.records import PersonMonthRow, ScheduleMonthRows

BINS = ((5, "under 5 s"), (10, "5–10 s"), (30, "10–30 s"), (60, "30–60 s"), (300, "1–5 min"), (math.inf, "longer"))
"""Of the chart: upper ends in seconds."""
MOST_TROUBLES = 200
"""That one page shows; the number of all stands beside them."""
LATE = timedelta(hours=1)
"""Work that has been due for longer is a problem of its own."""


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One schedule in one month."""

    month: str
    last_publish: datetime | None
    """The latest that changed anything here."""
    last_read: datetime | None
    p50: float | None
    """Seconds from that publish to the calendars that it changed."""
    p95: float | None
    people: int
    in_step: int
    due: int
    failed: int
    left_alone: int
    opted_out: int
    held: int
    """Shifts."""


@dataclass(frozen=True, slots=True)
class ScheduleLines:
    """One schedule."""

    schedule: str
    name: str
    view: int
    months: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of the chart."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    at: datetime
    healthy: bool
    paused: bool
    pilot: int | None
    """So many people are written to; None: everybody."""
    schedules: tuple[ScheduleLines, ...]
    totals: Mapping[str, int]
    times: tuple[Bin, ...]
    p50: float | None
    p95: float | None
    troubles: tuple[Trouble, ...]
    more_troubles: int
    operations: tuple[Operation, ...]


def overview(
    stand: Stand,
    settings: Settings,
    reported: Mapping[str, Sequence[Problem]],
    graph: GraphAccess,
    fallen: Mapping[str, int],
    operations: Sequence[Operation],
) -> Overview:
    """`reported`: problems by what they are about, in words."""
    seconds: list[float] = []
    by_schedule: dict[str, list[MonthLine]] = {}
    for month, stored in stand.partitions.items():
        if not stored.rows and not (stored.head and (stored.head.unmapped or stored.head.holds)):
            continue  # a month of which nothing is published yet
        line, took = _line(month, stored, stand, settings)
        seconds += took
        by_schedule.setdefault(month.schedule, []).append(line)
    schedules = [
        ScheduleLines(schedule, stand.name(schedule), stand.owners[schedule].view, tuple(lines))
        for schedule, lines in by_schedule.items()
    ]
    troubles = [
        *_installation(stand, settings),
        *_app(stand, graph, fallen),
        *_holds(stand),
        *_rows(stand, settings),
        *_reported(settings, reported),
    ]
    troubles += _unmapped(stand)
    lines = [line for each in schedules for line in each.months]
    return Overview(
        at=stand.now,
        healthy=not any(trouble.level == "bad" for trouble in troubles),
        paused=settings.paused,
        pilot=None if settings.pilot_people is None else len(settings.pilot_people),
        schedules=tuple(schedules),
        totals={
            name: sum(getattr(line, name) for line in lines)
            for name in ("in_step", "due", "failed", "left_alone", "held")
        }
        | {
            "people": len({row.person for row in stand.rows() if row.mailbox}),
            "opted_out": max((line.opted_out for line in lines), default=0),
        },
        times=_bins(seconds),
        p50=percentile(seconds, 0.5),
        p95=percentile(seconds, 0.95),
        troubles=tuple(sorted(troubles, key=lambda trouble: ("bad", "warn", "note").index(trouble.level)))[
            :MOST_TROUBLES
        ],
        more_troubles=max(0, len(troubles) - MOST_TROUBLES),
        operations=tuple(operations),
    )


def _line(
    month: ScheduleMonth, stored: ScheduleMonthRows, stand: Stand, settings: Settings
) -> tuple[MonthLine, list[float]]:
    rows = [row for row in stored.rows.values() if row.count or not row.in_step]
    states = Counter(state_of(row, settings) for row in rows)
    last = max((row.published_at for row in stored.rows.values() if row.published_at), default=None)
    latest = [row for row in stored.rows.values() if row.published_at == last]
    took = [seconds for row in latest if (seconds := arrival(row)) is not None]
    reads = stand.reads[stand.owners[month.schedule].view]
    head = stored.head
    line = MonthLine(
        month=str(month.month),
        last_publish=last,
        last_read=reads.of(month.month).finished,
        p50=percentile(took, 0.5),
        p95=percentile(took, 0.95),
        people=len(rows),
        in_step=states["in step"] + states["opted out"] + states["expired"],
        due=states["due"],
        failed=states["failed"],
        left_alone=states["left alone"],
        opted_out=head.unmapped if head else 0,
        held=sum(hold.count for hold in head.holds.values()) if head else 0,
    )
    return line, took


def arrival(row: PersonMonthRow) -> float | None:
    """Seconds from the publish that last changed a person-month until its calendar had it."""
    if not row.in_step or row.published_at is None or row.status.applied_at is None:
        return None
    return max(0.0, (row.status.applied_at - row.published_at).total_seconds())


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


def _bins(seconds: Iterable[float]) -> tuple[Bin, ...]:
    counts = Counter(next(end for end, _ in BINS if value < end) for value in seconds)
    return tuple(Bin(label, counts[end]) for end, label in BINS)


def _installation(stand: Stand, settings: Settings) -> Iterable[Trouble]:
    for why in {changed(settings, reads.installation) for reads in stand.reads.values()} - {None}:
        yield Trouble("bad", NAME, f"{why}", "`adopt` shows first whose events it would take over.")


def _app(stand: Stand, graph: GraphAccess, fallen: Mapping[str, int]) -> Iterable[Trouble]:
    for view, reads in stand.reads.items():
        for month, known in sorted(reads.months.items()):
            if known.refusal:
                about = f"view {view}, {month}"
                what = known.refusal.removeprefix(f"view {view}").removeprefix(f", {month}").lstrip(": ")
                remedy = "Calendars stay as they are. Mend the cause (`doctor` tries it); the next sweep reads again."
                yield Trouble("bad", about, what, remedy)
        if reads.due and reads.due.noted_at - reads.due.oldest > LATE:
            what = f"{reads.due.count} person-months are due, the oldest since {reads.due.oldest:%Y-%m-%d %H:%M} UTC."
            yield Trouble("bad", f"view {view}", what, "Look at `failures list` and at the host's log.")
    if graph.refusal:
        what = f"Graph refuses the app itself, at every mailbox: {graph.refusal}."
        yield Trouble("bad", "Microsoft Graph", what, words.OUTCOMES["installation refused"][1])
    if graph.trouble:
        what = f"Graph gave no answer to the last request that got none: {graph.trouble}."
        yield Trouble("bad", "Microsoft Graph", what, "Look at Microsoft's service health and at the network.")
    for queue, count in fallen.items():
        what = f"Messages that failed for good: {count}."
        yield Trouble(
            "bad", f"queue {queue}", what, "`poison list`; mend the cause; `poison requeue` or `poison drop`."
        )


def _holds(stand: Stand) -> Iterable[Trouble]:
    for month, stored in stand.partitions.items():
        for hold_id, hold in (stored.head.holds if stored.head else {}).items():
            yield words.of_hold(hold_id, hold, f"{stand.name(month.schedule)}, {month.month}")


def _unmapped(stand: Stand) -> Iterable[Trouble]:
    """People without an ID, by schedule: heads hold counts only, so the month with most of them."""
    most: dict[str, int] = {}
    for month, stored in stand.partitions.items():
        most[month.schedule] = max(most.get(month.schedule, 0), stored.head.unmapped if stored.head else 0)
    for schedule, count in most.items():
        if count:
            what = f"People with shifts but without a Microsoft ID: {count}. Nothing is sent to them."
            yield Trouble(
                "note", stand.name(schedule), what, "If that is not meant, enter their IDs; `report` lists them."
            )


def _rows(stand: Stand, settings: Settings) -> Iterable[Trouble]:
    """One of each person and reason, with all the months that it concerns."""
    alike: dict[tuple[str, str, str], list[PersonMonthRow]] = {}
    for row in stand.rows():
        if state_of(row, settings) == "failed":
            alike.setdefault((row.person, row.status.outcome, row.status.problem), []).append(row)
    for rows in alike.values():
        schedules = dict.fromkeys(stand.name(row.month.schedule) for row in rows)
        months = sorted({str(row.month.month) for row in rows})
        yield words.of_rows(rows[0], f"{', '.join(schedules)}; {', '.join(months)}")


def _reported(settings: Settings, reported: Mapping[str, Sequence[Problem]]) -> Iterable[Trouble]:
    ids, flags = mapping_keys(settings)
    seen: set[Problem] = set()
    for about, problems in reported.items():
        for problem in problems:
            if problem not in seen:
                seen.add(problem)
                yield words.of_problem(problem, about, flags=flags, ids=ids)
