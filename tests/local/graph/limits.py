"""Graph's limits per app and mailbox: requests at a time, and requests in ten minutes.

https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
"""

from tests.local.graph.answers import GraphError, throttled
from tests.local.graph.behaviour import Behaviour
from tests.local.graph.mailboxes import Mailbox


def enter(mailbox: Mailbox, behaviour: Behaviour, now: float) -> GraphError | None:
    """Count a request in, unless a limit refuses it: then the refusal. `now` is in seconds, from any start."""
    if now - mailbox.window_started >= behaviour.window_seconds:
        mailbox.window_started, mailbox.window_count = now, 0
    retry_after = None if behaviour.retry_after is None else str(behaviour.retry_after)
    mailbox.window_count += 1
    if mailbox.window_count > behaviour.requests_per_window:
        return throttled("Application is over its RequestCount limit.", retry_after)
    if mailbox.in_flight >= behaviour.concurrency:
        return throttled("Application is over its MailboxConcurrency limit.", retry_after)
    mailbox.in_flight += 1
    return None


def leave(mailbox: Mailbox) -> None:
    """Count it out again."""
    mailbox.in_flight -= 1
