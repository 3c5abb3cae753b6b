"""How a writer's work on a person-month ended, and when it is tried again (rule 11: a row with a reason, no silence).

| outcome | what it means | next attempt |
| --- | --- | --- |
| `applied` | the calendar has what is desired | – |
| `again` | known not to be done: throttled, a conflict, mailbox not read | `Retry-After` and some, else growing delay |
| `unknown` | an answer was lost or unreadable | growing delay; observes first |
| `drifted` | an event to be updated was not there | in a second; observes first, creates it anew |
| `second look` | observed after an unknown; must be observed again | when nothing can land late any more |
| `mailbox refuses` | it takes nothing: gone, out of scope, full | a day; at once when desired or the mapping changes |
| `event refused` | Graph will not take one of the events; the others are there | a day; at once when desired changes |
| `installation refused` | our own access was refused; nobody's mailbox is to blame | growing delay |
| `expired` | its month left the window before it was in step (`tidy.py`) | – |
"""

import logging
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.outlook.outcome import Outcome
from shared.schedule.model import Problem
from shared.sync.clock import CLOCK_STEP, next_whole_second
from shared.sync.ports import Ledger, PersonMonths
from shared.sync.records import LONGEST_DELAY, NOTHING_WRITTEN, PersonMonthRow, PersonState, Refusal, Status, Written
from shared.sync.sending import Results

log = logging.getLogger(__name__)

LONGEST_RETRY = 600.0
"""Seconds to which the growing delays grow."""

MOST_SPREAD = 30
"""Seconds by which those that were asked to wait come apart."""

SLOT = "slot "
"""How a row's problem begins that names events which Graph will not take."""

Name = Literal[
    "applied",
    "again",
    "unknown",
    "drifted",
    "second look",
    "mailbox refuses",
    "event refused",
    "installation refused",
    "expired",
]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the work on one person-month ended."""

    name: Name
    retry_after: float | None = None
    """Seconds that Graph asked for."""
    refused: tuple[tuple[str, Outcome], ...] = ()
    """Events that Graph will not take, by slot."""
    blind: bool = False
    """Nothing can land late any more, but a mailbox that it was written to cannot be observed."""
    failure: Outcome | None = None
    """What kept it from being done."""
    written: Written = NOTHING_WRITTEN

    @staticmethod
    def of(month: ScheduleMonth, results: Results, *, stays_open: bool = False, blind: bool = False) -> "Ending":
        """The one that is to be acted on first. `stays_open`: a second look is still owed."""
        hindered = month in results.hindered
        refused = tuple(results.refused_slots.get(month, ()))

        def ended(name: Name) -> "Ending":
            failure = None if name == "applied" else results.failure
            written = results.written.get(month, NOTHING_WRITTEN)
            return Ending(name, results.retry_after, refused, blind, failure, written)

        if month in results.waiting and results.installation:
            return ended("installation refused")
        if month in results.unknown:
            return ended("unknown")
        if month in results.drifted:
            return ended("drifted")
        if month in results.waiting or (hindered and results.learnt):
            return ended("again")
        if stays_open:
            return ended("second look")
        if hindered:
            return ended("mailbox refuses")
        return ended("event refused" if refused else "applied")


def status_after(
    ending: Ending,
    row: PersonMonthRow,
    state: PersonState,
    now: datetime,
    between: Callable[[float, float], float],
) -> Status:
    """The status to store. `between`: chance, for jitter, the same for all months of a run: one pointer wakes them."""
    written = row.status.written.plus(ending.written) if row.tried else ending.written
    since = row.status.tried_since if row.tried else now
    if ending.name == "applied":
        return Status(
            applied_version=row.version,
            applied_count=row.count if row.mailbox else 0,
            applied_at=now,
            tried_version=row.version,
            outcome=ending.name,
            written=written,
            tried_since=since,
        )
    attempts = row.status.attempts + 1 if row.tried else 1
    return Status(
        applied_version=0 if row.in_step else row.status.applied_version,
        applied_count=row.status.applied_count,
        applied_at=row.status.applied_at,
        tried_version=row.version,
        next_attempt_at=_next_attempt(ending, attempts, state.look_again_at, now, between),
        attempts=attempts,
        outcome=ending.name,
        problem=_in_words(ending, state.refusals.get(row.mailbox or "")),
        written=written,
        tried_since=since,
    )


def expired(row: PersonMonthRow) -> Status:
    """Of a month that has left the window: it counts as in step, so that nothing points at it any more."""
    outcome: Name = "expired"
    return replace(
        row.status, applied_version=row.version, tried_version=row.version, next_attempt_at=None, outcome=outcome
    )


def made_due(status: Status) -> Status:
    """Of a month in step that is to be written to all the same: due until that is done."""
    outcome: Name = "drifted"
    return replace(status, applied_version=0, next_attempt_at=None, attempts=0, outcome=outcome, problem="")


async def make_due(rows: Iterable[PersonMonthRow], person_months: PersonMonths) -> None:
    """Months in step, so that the ordinary run looks at them. One that has just changed is due anyway."""
    for row in rows:
        try:
            await person_months.store_status(row, made_due(row.status))
        except PreconditionError:
            log.info("status_refused person=%s month=%s", row.person, row.month)


def _next_attempt(
    ending: Ending,
    attempts: int,
    look_again_at: datetime | None,
    now: datetime,
    between: Callable[[float, float], float],
) -> datetime:
    """A whole second of storage's clock: a pointer that is hidden until then comes neither early nor much later."""
    told = now.replace(microsecond=0)
    if ending.name == "second look" and not ending.blind and look_again_at is not None:
        at = next_whole_second(look_again_at)
    else:
        at = told + timedelta(seconds=math.ceil(_wait(ending, attempts, between)))
    return min(max(at, told + CLOCK_STEP), told + LONGEST_DELAY)


def _wait(ending: Ending, attempts: int, between: Callable[[float, float], float]) -> float:
    """Seconds."""
    asked = ending.retry_after
    match ending.name:
        case "second look" | "mailbox refuses" | "event refused":
            return LONGEST_DELAY.total_seconds()
        case "drifted" if attempts == 1 and not asked:
            return 0
        case "again" if asked:
            return math.ceil(asked) + int(between(0, min(asked / 4, MOST_SPREAD)))  # of a few seconds, nothing
        case _:
            return max(asked or 0, min(LONGEST_RETRY, 2.0 ** min(attempts, 10)) * between(0.75, 1.25))


def _in_words(ending: Ending, refusal: Refusal | None) -> str:
    if ending.refused:
        return "; ".join(f"{SLOT}{slot}: {outcome.status} {outcome.code}" for slot, outcome in ending.refused)
    if refusal and ending.name in ("mailbox refuses", "second look"):
        return _of_refusal(refusal)
    return f"{ending.failure.status} {ending.failure.code}".strip() if ending.failure else ""


def _of_refusal(refusal: Refusal) -> str:
    return f"{'no such mailbox' if refusal.gone else 'refuses'} ({refusal.code})"


async def report_person(
    ledger: Ledger,
    state: PersonState,
    refusals_before: Mapping[str, Refusal],
    work: Mapping[ScheduleMonth, PersonMonthRow],
    endings: Mapping[ScheduleMonth, Ending],
    freed: Collection[str],
) -> None:
    """Reports events that Graph will not take, and mailboxes that refuse; withdraws what holds no more."""
    for month, row in work.items():
        refused = endings[month].refused
        if refused or row.status.problem.startswith(SLOT):
            problems = [
                Problem(f"{SLOT}{slot}", "event", f"{outcome.status} {outcome.code}") for slot, outcome in refused
            ]
            await ledger.report_person(state.person, str(month), problems)
    what = {mailbox: _of_refusal(refusal) for mailbox, refusal in state.refusals.items()}
    if freed or what != {mailbox: _of_refusal(refusal) for mailbox, refusal in refusals_before.items()}:
        let_go = dict.fromkeys(freed, "; its events are let go of")
        problems = [
            Problem(f"person {state.person}", "mailbox", why + let_go.get(mailbox, "")) for mailbox, why in what.items()
        ]
        await ledger.report_person(state.person, "mailbox", problems)
