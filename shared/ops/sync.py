"""`sync`: have Lightning Bolt read, and what is due written, now. `progress`: how far that has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.messages import SCHEDULE_CHANGES, Pointer, ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.ops.asked import BadRequestError, Followed, Synced, views_of
from shared.ops.ports import OpsPorts
from shared.ops.stand import Stand, look, months_of, state_of
from shared.settings import Settings, View
from shared.sync.clock import CLOCK_STEP
from shared.sync.records import PersonMonthRow, Written

SOON = timedelta(minutes=1)
"""A next attempt so near still belongs to what is followed."""


@dataclass(frozen=True, slots=True)
class SyncMonths:
    """Months of a view that will be read."""

    view: int
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """What was put on the queues. `progress` takes it as it is."""

    since: datetime
    """By storage's clock; nothing of it happens earlier."""
    views: tuple[SyncMonths, ...]
    schedule: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come."""

    done: bool
    stuck: bool
    """Nothing is on its way any more, though not all months were read: Lightning Bolt could not be."""
    months: int
    read: int
    refused: tuple[str, ...]
    """Why months could not be used, in words."""
    people: int
    """Person-months that these reads changed, or that were due."""
    in_step: int
    pending: int
    later: int
    """Tried, and waiting for a next attempt."""
    failed: int
    left_alone: int
    created: int
    updated: int
    deleted: int
    moved: int
    held: int
    """Shifts whose removal waits for an operator."""


async def sync(asked: Synced, ports: OpsPorts) -> Started:
    """Puts hints, and for one person a pointer, on the queues. Raises BadRequestError."""
    views = await _views(asked, ports)
    started = []
    since: datetime | None = None
    for view in views:
        reads = await ports.ledger.reads(view.view_id)
        since = since or reads.now + CLOCK_STEP
        known = months_of(ports.settings, view, reads)
        if outside := [month for month in asked.months if month not in known]:
            raise BadRequestError("months", f"{outside[0]} is not among those that are kept in step")
        months = asked.months or tuple(known)
        # A second later, because storage tells whole seconds: so what is done for it can be told from what was before.
        await ports.queue.hint(ScheduleChange(view.view_id, tuple(months), "sweep"), CLOCK_STEP)
        started.append(SyncMonths(view.view_id, tuple(str(month) for month in months)))
    if since is None:
        raise BadRequestError("person", "nothing is stored of this person; name a view instead")
    if asked.person:
        await _point(asked.person, asked.months, await look(ports, views), ports)
    return Started(since, tuple(started), asked.schedule, asked.person)


async def _views(asked: Synced, ports: OpsPorts) -> tuple[View, ...]:
    """The views that answer for what was asked for."""
    views = views_of(ports.settings, asked.view)
    if asked.schedule is None and asked.person is None:
        return views
    stand = await look(ports, views, asked.schedule)
    if asked.schedule is not None:
        owner = stand.owners.get(asked.schedule)
        if owner is None:
            raise BadRequestError("schedule", f"{asked.schedule} is none of the schedules that were read")
        views = tuple(view for view in views if view.view_id == owner.view)
    if asked.person is not None:
        owners = {stand.owners[row.month.schedule].view for row in stand.rows() if row.person == asked.person}
        views = tuple(view for view in views if view.view_id in owners)
    return views


async def _point(person: str, months: tuple[Month, ...], stand: Stand, ports: OpsPorts) -> None:
    """At what is due of one person's: it need not wait for Lightning Bolt."""
    due = [row.month for row in stand.rows() if row.person == person and (not months or row.month.month in months)]
    await ports.queue.announce(Pointer(person, tuple(due)), CLOCK_STEP)


async def progress(asked: Followed, ports: OpsPorts) -> Progress:
    """Reads tables, and how long the queue of hints is."""
    wanted = {each.view: each.months for each in asked.views}
    views = [view for number in wanted for view in views_of(ports.settings, number)]
    stand = await look(ports, views, asked.schedule)
    read, refused, left = 0, [], 0
    for view, months in wanted.items():
        for month in months:
            known = stand.reads[view].of(month)
            if known.finished and known.finished >= asked.since:
                read += 1
            elif known.refusal and known.asked and known.asked >= asked.since:
                refused.append(known.refusal)
            else:
                left += 1
    rows = [
        row
        for row in stand.rows()
        if asked.person in (None, row.person) and row.month.month in wanted[stand.owners[row.month.schedule].view]
    ]
    pending = [row for row in rows if is_pending(row, stand.now, ports.settings)]
    touched = [row for row in rows if row.stored_at >= asked.since]
    written = _sum(
        row.status.written
        for row in touched
        if row.tried and row.status.tried_since and row.status.tried_since >= asked.since
    )
    states = [state_of(row, ports.settings) for row in touched]
    waiting = await ports.poison.depth(SCHEDULE_CHANGES)
    reading = any(stand.reads[view].reader.owner for view in wanted)
    return Progress(
        done=not left and not pending,
        stuck=bool(left) and not waiting and not reading,
        months=read + len(refused) + left,
        read=read,
        refused=tuple(refused),
        people=len(touched),
        in_step=sum(state in ("in step", "opted out") for state in states),
        pending=len(pending),
        later=sum(state == "due" for state in states) - sum(row in pending for row in touched),
        failed=states.count("failed"),
        left_alone=states.count("left alone"),
        created=written.created,
        updated=written.updated,
        deleted=written.deleted,
        moved=written.moved,
        held=_held(stand, wanted),
    )


def is_pending(row: PersonMonthRow, now: datetime, settings: Settings) -> bool:
    """Whether a writer will still work on it, at once or very soon."""
    if row.in_step or not settings.may_write_to(row.person) or row.status.outcome == "expired":
        return False
    at = row.status.next_attempt_at
    soon = at is None or at <= now + SOON
    return not row.tried or (soon and row.status.outcome in ("again", "unknown", "drifted"))


def _sum(some: Iterable[Written]) -> Written:
    total = Written()
    for each in some:
        total = total.plus(each)
    return total


def _held(stand: Stand, wanted: dict[int, tuple[Month, ...]]) -> int:
    months: list[ScheduleMonth] = [
        month for month in stand.partitions if month.month in wanted[stand.owners[month.schedule].view]
    ]
    heads = [stand.partitions[month].head for month in months]
    return sum(hold.count for head in heads if head for hold in head.holds.values())
