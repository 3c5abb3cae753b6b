"""What became of a request to Graph: the design's error table, decided once, by status and code."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Literal

Method = Literal["POST", "PATCH", "DELETE", "GET"]

LONGEST_WAIT = 86_400.0
"""Seconds. Whatever Graph asks for, a day later is soon enough to ask again."""

_QUOTA = "errorquotaexceeded"
_DUPLICATE = "errorduplicatetransactionid"
_ACCESS_DENIED = "erroraccessdenied"
_CANNOT_DELETE = "errorcannotdeleteobject"
_ITEM_NOT_FOUND = "erroritemnotfound"
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "errorinvaliduser", "request_resourcenotfound"})
_NOT_NOW = frozenset({409, 412, 423, 424, 425, 429})
"""Known not to have been done, and worth another try: conflicts, a failed dependency, too many requests; so are
Locked and Too Early."""


class Kind(Enum):
    """What a request's answer means for the calendar, and for what follows. Values as logs and metrics name them."""

    DONE = "done"
    GONE = "gone"
    """Update of an event that is not there: drift. Observe; created anew with a new link id."""
    NOT_DONE = "not_done"
    """Known not to have taken effect: again, later."""
    UNKNOWN = "unknown"
    """May or may not have taken effect, now or later: observe before anything else."""
    DUPLICATE = "duplicate"
    """A `transactionId` used before with other content: observe, adopt what is there."""
    EVENT_REFUSED = "event_refused"
    """Permanent for this event only."""
    MAILBOX_REFUSED = "mailbox_refused"
    """Permanent for this mailbox until something changes."""
    MAILBOX_GONE = "mailbox_gone"
    """There is no such mailbox (an address that is not, or no longer, anybody's)."""
    INSTALLATION_REFUSED = "installation_refused"
    """Our own access was refused: nobody's mailbox is to blame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request's result."""

    kind: Kind
    event_id: str | None = None
    """Of a create or update that is done; of a duplicate the event that has the id, if Graph names it."""
    retry_after: float | None = None
    """Seconds that Graph asked to wait, if it did."""
    status: int | None = None
    code: str = ""
    """Graph's error code, for reports. Never its message, which may hold addresses."""

    @property
    def mailbox_refuses(self) -> bool:
        """Whether it is the mailbox that gives or takes nothing."""
        return self.kind in (Kind.MAILBOX_REFUSED, Kind.MAILBOX_GONE)


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A calendar that could not be read. Its outcome is of kind NOT_DONE, UNKNOWN (both: again), MAILBOX_REFUSED,
    MAILBOX_GONE or INSTALLATION_REFUSED."""

    outcome: Outcome


def outcome_of(
    method: Method,
    status: int | None,
    code: str = "",
    *,
    event_id: str | None = None,
    retry_after: str | float | None = None,
    date: str | None = None,
) -> Outcome:
    """What an answer of Graph's about one event (or, for GET, about a calendar) means. DESIGN.md's table, line by line.

    `event_id`: the answer's own; for an update the one asked for will do. A create without one is unknown.
    `retry_after`: the header as it came. `date`: the answer's `Date`, by which a `Retry-After` in date form counts.
    A 401 is taken as final: the client has renewed its token before it asks.
    """
    wait = seconds_to_wait(retry_after, date)
    kind = _kind(method, status, code.casefold(), event_id)
    kept = event_id if kind in (Kind.DONE, Kind.DUPLICATE) and method != "DELETE" else None
    return Outcome(kind, kept, wait, status, code)


def outcome_of_batch(status: int, code: str = "", retry_after: str | None = None, date: str | None = None) -> Outcome:
    """What a `$batch` request's own failure (any status but 200) means for each of its items.

    No mailbox and no event can be to blame for it. 400 and 413 do blame the request: send its items apart; this
    is what then holds for an item that was refused alone.
    """
    if status in _NOT_NOW:
        kind = Kind.NOT_DONE
    elif status in (400, 413):
        kind = Kind.EVENT_REFUSED
    elif 400 <= status < 500 and status != 408:
        kind = Kind.INSTALLATION_REFUSED
    else:
        kind = Kind.UNKNOWN
    return Outcome(kind, None, seconds_to_wait(retry_after, date), status, code)


def _kind(method: Method, status: int | None, code: str, event_id: str | None) -> Kind:
    read = method == "GET"
    match status:
        case 200 | 201 | 204:
            return Kind.DONE if _is_whole(method, status, event_id) else Kind.UNKNOWN
        case 401:
            return Kind.INSTALLATION_REFUSED
        case 403 | 507 if code == _QUOTA:
            return Kind.MAILBOX_REFUSED
        case 400 | 409 if code == _DUPLICATE and method == "POST":
            return Kind.DUPLICATE
        case 403 if code == _ACCESS_DENIED:
            return Kind.MAILBOX_REFUSED
        case 403 if code == _CANNOT_DELETE and method == "DELETE":
            return Kind.DONE
        case 404:
            return _not_found(method, code)
        case int() if status in _NOT_NOW:
            return Kind.NOT_DONE
        case int() if 400 <= status < 500 and status != 408:
            return Kind.MAILBOX_REFUSED if read else Kind.EVENT_REFUSED
    return Kind.UNKNOWN


def _is_whole(method: Method, status: int, event_id: str | None) -> bool:
    if method == "POST":
        return status != 204 and bool(event_id)
    return status in ((200,) if method == "GET" else (200, 204))


def _not_found(method: Method, code: str) -> Kind:
    """404. What was not found, the mailbox or the event? Where only the status says so, the safest reading.

    | code                        | create          | update | delete  | read            |
    | no such mailbox (3 codes)   | mailbox gone    | the same for all four              |
    | ErrorItemNotFound           | mailbox refused | gone   | done    | mailbox refused |
    | another                     | mailbox refused | gone   | unknown | mailbox refused |
    | none (not Graph's own form) | unknown         | gone   | unknown | unknown         |

    A create or read that finds no item found no calendar: the mailbox is there but cannot be used. A delete is done
    only when it is the event that was missing; if a gateway on the way answered, the event may still be there.
    """
    if code in _NO_MAILBOX:
        return Kind.MAILBOX_GONE
    if method == "PATCH":
        return Kind.GONE
    if method == "DELETE":
        return Kind.DONE if code == _ITEM_NOT_FOUND else Kind.UNKNOWN
    return Kind.MAILBOX_REFUSED if code else Kind.UNKNOWN


def seconds_to_wait(retry_after: str | float | None, date: str | None = None) -> float | None:
    """`Retry-After` in seconds: an integer, a float or a date, as seen from Graph; None where there is none to read.

    Never negative, never more than a day. A date counts from `date`, the same answer's `Date` header; without that it
    cannot be read. Source: https://learn.microsoft.com/graph/throttling and RFC 9110, 10.2.3.
    """
    if retry_after is None or isinstance(retry_after, bool):
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _seconds_between(date, str(retry_after))
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds_between(earlier: str | None, later: str) -> float:
    try:
        return (_aware(later) - _aware(earlier or "")).total_seconds()
    except ValueError:
        return math.nan


def _aware(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
