"""`health`: whether the app works, for a probe. No names, no calls to Lightning Bolt or Graph: their last use tells.

Answers within two seconds, whatever hangs, and says which it was.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from shared.messages import SCHEDULE_CHANGES
from shared.ops.overview import LATE
from shared.settings import Settings
from shared.state.ledger import TableLedger
from shared.state.queues import AzurePoison
from shared.sync.installation import NAME, changed
from shared.sync.reads import GraphAccess, MonthReads, ViewReads
from shared.sync.window import window

ANSWER_WITHIN = 1.5
"""Seconds that storage has to answer in; a probe waits two."""
LEAST = 0.4
"""Seconds that it has in any case, also where connecting took long."""


@dataclass(frozen=True, slots=True)
class Health:
    """503 only where the app cannot work at all, or writes to nobody because its id was changed."""

    status: int
    body: dict[str, object]


async def health(
    settings: Settings, ledger: TableLedger, poison: AzurePoison, seconds: float = ANSWER_WITHIN
) -> Health:
    """`ok`, or `degraded` with the reasons; `down` where storage does not answer within so many seconds."""
    looked, waiting = await asyncio.gather(
        _answer("tables", seconds, _look(settings, ledger)),
        _answer("queues", seconds, poison.depth(SCHEDULE_CHANGES)),
    )
    if isinstance(looked, str) or isinstance(waiting, str):
        return down([why for why in (looked, waiting) if isinstance(why, str)])
    other = next((why for reads in looked.reads.values() if (why := changed(settings, reads.installation))), None)
    return Health(503 if other else 200, _body(settings, looked, waiting, [f"{NAME} {other}"] if other else []))


async def _answer[T](what: str, seconds: float, question: Awaitable[T]) -> T | str:
    """The answer, or why there is none."""
    from azure.core.exceptions import AzureError

    try:
        async with asyncio.timeout(max(seconds, LEAST)):
            return await question
    except TimeoutError:
        return f"storage: its {what} gave no answer within {ANSWER_WITHIN:g} s"
    except AzureError as error:
        return f"storage: {type(error).__name__} ({what})"


@dataclass(frozen=True, slots=True)
class _Looked:
    reads: dict[int, ViewReads]
    graph: GraphAccess
    fallen: dict[str, int]


async def _look(settings: Settings, ledger: TableLedger) -> _Looked:
    views = [view.view_id for view in settings.lightning_bolt_views]
    graph, fallen, reads = await asyncio.gather(
        ledger.graph_access(), ledger.fallen(), asyncio.gather(*(ledger.reads(view) for view in views))
    )
    return _Looked(dict(zip(views, reads, strict=True)), graph, fallen)


def _body(settings: Settings, looked: _Looked, waiting: int, reasons: list[str]) -> dict[str, object]:
    holds = 0
    failing = False
    known = [read for reads in looked.reads.values() for read in reads.months.values()]
    for view in settings.lightning_bolt_views:
        reads = looked.reads[view.view_id]
        for month in window(settings, view, reads.now, reads.months):
            of_month = reads.of(month)
            failing |= bool(of_month.refusal)
            holds += len(of_month.holds)
            reasons += [
                f"view {view.view_id}, {month}: {each}" for each in _of_month(view.view_id, str(month), of_month)
            ]
        if reads.due and reads.due.noted_at - reads.due.oldest > LATE:
            reasons.append(f"view {view.view_id}: {reads.due.count} person-months are due, some for over an hour")
    if looked.graph.refusal:
        reasons.append(f"Graph refuses the app itself, at every mailbox: {looked.graph.refusal}")
    if looked.graph.trouble:
        reasons.append(f"Graph gave no answer when it was last used: {looked.graph.trouble}")
    reasons += [f"queue {queue}: {count} messages failed for good" for queue, count in looked.fallen.items()]
    oldest = min((reads.due.oldest for reads in looked.reads.values() if reads.due and reads.due.count), default=None)
    bad_graph = bool(looked.graph.refusal or looked.graph.trouble)
    return {
        "status": "degraded" if reasons else "ok",
        "reasons": reasons,
        "paused": settings.paused,
        "storage": {"status": "ok", "schedule_changes_waiting": waiting},
        "lightning_bolt": _use(bad=failing, at=max((read.finished for read in known if read.finished), default=None)),
        "graph": _use(bad=bad_graph, at=looked.graph.noted_at),
        "oldest_due": _text(oldest),
        "poison": sum(looked.fallen.values()),
        "holds": holds,
    }


def _of_month(view: int, month: str, known: MonthReads) -> list[str]:
    refusal = known.refusal.removeprefix(f"view {view}").removeprefix(f", {month}").lstrip(": ")
    return [*([refusal] if refusal else []), *(f"removals are held, {hold}" for hold in known.holds)]


def _use(*, bad: bool, at: datetime | None) -> dict[str, object]:
    return {"status": "failing" if bad else "ok" if at else "not used yet", "last_used": _text(at)}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def down(reasons: list[str]) -> Health:
    """The app cannot work at all."""
    return Health(503, {"status": "down", "reasons": reasons})
