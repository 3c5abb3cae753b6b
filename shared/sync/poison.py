"""Rule 11: messages that failed for good. No function is triggered by them; the sweep looks into their queues.

A message that parses is sent once more, marked `requeued`: what made it fail may be over. A second fall, and what does
not parse, stays for a person to look at and is reported. Nothing is lost by it: the sweeps find what it was about.
"""

import logging
from dataclasses import replace

from shared.errors import BadMessageError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange
from shared.schedule.model import Problem
from shared.sync.ports import Ledger, PoisonQueues

log = logging.getLogger(__name__)

KINDS: dict[str, type[ScheduleChange] | type[Pointer]] = {SCHEDULE_CHANGES: ScheduleChange, CALENDAR_CHANGES: Pointer}


async def look_into_poison(poison: PoisonQueues, ledger: Ledger) -> None:
    """Sends once more what parses and fell once; reports the rest."""
    for queue, kind in KINDS.items():
        problems = []
        for message in await poison.fallen(queue):
            try:
                change = kind.decode(message.body)
            except BadMessageError as error:
                problems.append(Problem(f"message {message.number}", error.field, "is no message of ours"))
                continue
            if change.requeued:
                problems.append(Problem(f"message {message.number}", "requeued", "failed again; see the host's log"))
                continue
            await poison.requeue(queue, message, replace(change, requeued=True).encode())
            log.warning("message_requeued queue=%s number=%s", queue, message.number)
        await ledger.report_queue(queue, problems)
