"""`failures_list`, `failures_retry`: person-months that could not be brought in step."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import PreconditionError
from shared.messages import Pointer, ScheduleMonth
from shared.ops.asked import OfPerson
from shared.ops.ports import OpsPorts
from shared.ops.stand import look, state_of
from shared.ops.words import OUTCOMES


@dataclass(frozen=True, slots=True)
class FailureLine:
    """One person-month."""

    person: str
    name: str
    mailbox: str
    schedule: str
    schedule_name: str
    month: str
    outcome: str
    words: str
    problem: str
    remedy: str
    attempts: int
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class Retried:
    """How many will be tried at once."""

    months: int
    people: int
    busy: int
    """Somebody else was at work on these just now."""


async def failures_list(asked: OfPerson, ports: OpsPorts) -> list[FailureLine]:
    """Of all views; one person's, where one is named."""
    stand = await look(ports, ports.settings.lightning_bolt_views)
    lines = []
    for row in stand.rows():
        if asked.person in (None, row.person) and state_of(row, ports.settings) == "failed":
            status = row.status
            what, remedy = OUTCOMES[status.outcome]
            lines.append(
                FailureLine(
                    row.person,
                    row.name,
                    row.mailbox or "",
                    row.month.schedule,
                    stand.name(row.month.schedule),
                    str(row.month.month),
                    status.outcome,
                    what,
                    status.problem,
                    remedy,
                    status.attempts,
                    status.next_attempt_at,
                )
            )
    return sorted(lines, key=lambda line: (line.name.casefold(), line.person, line.month, line.schedule))


async def failures_retry(asked: OfPerson, ports: OpsPorts) -> Retried:
    """As if their present version had never been tried: mailboxes that refused are asked at once."""
    stand = await look(ports, ports.settings.lightning_bolt_views)
    again = defaultdict[str, list[ScheduleMonth]](list)
    busy = 0
    for row in stand.rows():
        if asked.person in (None, row.person) and state_of(row, ports.settings) == "failed":
            untried = replace(row.status, tried_version=0, next_attempt_at=None, attempts=0)
            try:
                await ports.person_months.store_status(row, untried)
            except PreconditionError:
                busy += 1
                continue
            again[row.person].append(row.month)
    for person, months in again.items():
        await ports.queue.announce(Pointer(person, tuple(months)))
    return Retried(sum(map(len, again.values())), len(again), busy)
