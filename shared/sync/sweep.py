"""`sweep` and `sweep_window`: what finds whatever messages, callbacks or crashes have left undone."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from shared import telemetry
from shared.messages import ScheduleChange
from shared.month import Month
from shared.settings import Settings, View
from shared.sync.poison import look_into_poison
from shared.sync.ports import ChangeQueue, Ledger, PersonMonths, PoisonQueues, ShiftEvents
from shared.sync.reads import ViewReads
from shared.sync.tidy import tidy
from shared.sync.window import present_month, window

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepPorts:
    """What the sweeps need from outside."""

    settings: Settings
    person_months: PersonMonths
    shift_events: ShiftEvents
    ledger: Ledger
    queue: ChangeQueue
    poison: PoisonQueues


async def sweep(ports: SweepPorts) -> None:
    """Reads the present month, the next one, and in turn one further month of every view; looks into poison queues.

    How much lies on the queues is told first: what the look puts back has lain there all the same.
    """
    for queue, messages in (await ports.poison.depths()).items():
        log.info("queue_depth queue=%s messages=%d", queue, messages)
        telemetry.QUEUED.set(messages, {"queue": queue})
    await look_into_poison(ports.poison, ports.ledger)
    for view in ports.settings.lightning_bolt_views:
        reads = await ports.ledger.reads(view.view_id)
        await _enqueue(ports.queue, view, near_months(ports.settings, view, reads))


async def sweep_window(ports: SweepPorts) -> None:
    """Has every month of every view's window read, and tidies up."""
    windows = [
        await enqueue_window(view, ports.settings, ports.ledger, ports.queue)
        for view in ports.settings.lightning_bolt_views
    ]
    await tidy(
        ports.person_months,
        ports.shift_events,
        ports.ledger,
        ports.queue,
        oldest=min(first for first, _ in windows),
        retained=min(present for _, present in windows).plus(-ports.settings.retention_months),
    )


async def enqueue_window(view: View, settings: Settings, ledger: Ledger, queue: ChangeQueue) -> tuple[Month, Month]:
    """Has every month of a view's window read. Returns the first of them, and the present one."""
    reads = await ledger.reads(view.view_id)
    months = window(settings, view, reads.now, reads.months)
    await _enqueue(queue, view, months)
    return months[0], present_month(view, reads.now)


def near_months(settings: Settings, view: View, reads: ViewReads) -> list[Month]:
    """The present and the next month, and of the others the one that was asked for longest ago (or never)."""
    months = window(settings, view, reads.now, reads.months)
    present = present_month(view, reads.now)
    near = [month for month in (present, present.plus(1)) if month in months]
    further = [month for month in months if month not in near]
    never = datetime.min.replace(tzinfo=UTC)
    return [*near, *sorted(further, key=lambda month: (reads.of(month).asked or never, month))[:1]]


async def _enqueue(queue: ChangeQueue, view: View, months: list[Month]) -> None:
    await queue.hint(ScheduleChange(view.view_id, tuple(months), "sweep"))
    log.info("swept view=%s months=%d", view.view_id, len(months))
