"""What became of a request to Graph: the design's error table, decided once, by status and code."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a request's answer means for the calendar, and for what follows."""

    DONE = "done"
    GONE = "gone"
    """Update of an event that is not there: drift. Observe; created anew with a new link id."""
    NOT_DONE = "not done"
    """Known not to have taken effect: again, later."""
    UNKNOWN = "unknown"
    """May or may not have taken effect, now or later: observe before anything else."""
    DUPLICATE = "duplicate"
    """A `transactionId` used before with other content: observe, adopt what is there."""
    EVENT_REFUSED = "event refused"
    """Permanent for this event only."""
    MAILBOX_REFUSED = "mailbox refused"
    """Permanent for this mailbox until something changes."""
    MAILBOX_GONE = "mailbox gone"
    """There is no such mailbox (an address that is not, or no longer, anybody's)."""
    INSTALLATION_REFUSED = "installation refused"
    """Our own access was refused: nobody's mailbox is to blame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request's result."""

    kind: Kind
    event_id: str | None = None
    """Of a create or update that is done."""
    retry_after: float | None = None
    """Seconds that Graph asked to wait, if it did."""
    status: int | None = None
    code: str = ""
    """Graph's error code, for reports. Never its message, which may hold addresses."""
