"""How a writer's work on a person-month ended, and when it is tried again (rule 11: a row with a reason, no silence).

| outcome | what it means | next attempt |
| --- | --- | --- |
| `applied` | the calendar has what is desired | – |
| `again` | known not to be done: throttled, a conflict, a mailbox not read | `Retry-After`, else growing delay |
| `unknown` | an answer was lost or unreadable | growing delay; observes first |
| `drifted` | an event to be updated was not there | at once; observes first, creates it anew |
| `second look` | observed after an unknown; must be observed again | when nothing can land late any more |
| `mailbox refuses` | it takes nothing: gone, out of scope, full | a day; at once when desired or the mapping changes |
| `event refused` | Graph will not take one of the events; the others are there | a day; at once when desired changes |
| `installation refused` | our own access was refused; nobody's mailbox is to blame | growing delay |
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.messages import ScheduleMonth
from shared.outlook.outcome import Outcome
from shared.schedule.model import Problem
from shared.sync.ports import Ledger
from shared.sync.records import LONGEST_DELAY, PersonMonthRow, PersonState, Status
from shared.sync.sending import Results

LONGEST_RETRY = 600.0
"""Seconds to which the growing delays grow."""

Name = Literal[
    "applied",
    "again",
    "unknown",
    "drifted",
    "second look",
    "mailbox refuses",
    "event refused",
    "installation refused",
]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the work on one person-month ended."""

    name: Name
    retry_after: float | None = None
    """Seconds that Graph asked for."""
    refused: tuple[tuple[str, Outcome], ...] = ()
    """Events that Graph will not take, by slot."""
    hindered: bool = False
    """A mailbox refuses."""

    @staticmethod
    def of(month: ScheduleMonth, results: Results, *, stays_open: bool) -> "Ending":
        """The one that is to be acted on first. `stays_open`: a second look is still owed."""
        hindered = month in results.hindered
        refused = tuple(results.refused_slots.get(month, ()))

        def ended(name: Name) -> "Ending":
            return Ending(name, results.retry_after if name == "again" else None, refused, hindered)

        if results.installation and month in results.waiting:
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
    now: datetime,
    look_again_at: datetime | None,
    failure: Outcome | None,
    between: Callable[[float, float], float],
) -> Status:
    """The status to store. `failure`: why a mailbox could not be read; `between`: chance, for jitter."""
    if ending.name == "applied":
        return Status(
            applied_version=row.version,
            applied_count=row.count if row.mailbox else 0,
            applied_at=now,
            tried_version=row.version,
            outcome=ending.name,
        )
    attempts = row.status.attempts + 1 if row.tried else 1
    match ending.name:
        case "second look":
            wait = timedelta(0) if look_again_at is None else look_again_at - now
            if ending.hindered:
                wait = max(wait, LONGEST_DELAY)
        case "mailbox refuses" | "event refused":
            wait = LONGEST_DELAY
        case "drifted":
            wait = timedelta(0)
        case _:
            wait = timedelta(seconds=_delay(attempts, ending.retry_after, between))
    return Status(
        applied_version=0 if row.in_step else row.status.applied_version,
        applied_count=row.status.applied_count,
        applied_at=row.status.applied_at,
        tried_version=row.version,
        next_attempt_at=now + min(max(wait, timedelta(seconds=1)), LONGEST_DELAY),
        attempts=attempts,
        outcome=ending.name,
        problem=_in_words(ending, failure),
    )


def _delay(attempts: int, retry_after: float | None, between: Callable[[float, float], float]) -> float:
    if retry_after is not None:
        return retry_after + between(0, 1)
    return min(LONGEST_RETRY, 2.0 ** min(attempts, 10)) * between(0.75, 1.25)


def _in_words(ending: Ending, failure: Outcome | None) -> str:
    if ending.refused:
        return "; ".join(f"slot {slot}: {outcome.status} {outcome.code}" for slot, outcome in ending.refused)
    return f"{failure.status} {failure.code}" if failure else ""


async def report_person(
    ledger: Ledger,
    state: PersonState,
    work: Mapping[ScheduleMonth, PersonMonthRow],
    endings: Mapping[ScheduleMonth, Ending],
    freed: Iterable[str],
) -> None:
    """Reports events that Graph will not take and mailboxes that were let go of; withdraws what no longer holds."""
    for month, row in work.items():
        refused = endings[month].refused
        if refused or row.status.outcome == "event refused":
            problems = [
                Problem(f"slot {slot}", "event", f"{outcome.status} {outcome.code}") for slot, outcome in refused
            ]
            await ledger.report_person(state.person, str(month), problems)
    lost = [state.refusals[mailbox] for mailbox in freed if mailbox in state.refusals]
    if lost:
        problems = [
            Problem(
                f"person {state.person}",
                "mailbox",
                "no such mailbox any more" if refusal.gone else "refuses for 30 days",
            )
            for refusal in lost
        ]
        await ledger.report_person(state.person, "mailbox", problems)
