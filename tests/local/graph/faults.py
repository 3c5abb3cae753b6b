"""Faults: what goes wrong, for which requests, how often. Chosen by a seeded random source."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal, get_args

from tests.local.graph.answers import HTML_503, Answer, GraphError, Json
from tests.local.graph.call import Call
from tests.local.graph.mailboxes import Mailbox

Kind = Literal["latency", "throttled", "unavailable", "error", "cut_before", "cut_after", "late", "garbage"]
Where = Literal["item", "request"]
Done = Literal["no", "yes", "late"]

WHOLE_REQUEST = frozenset({"cut_before", "cut_after", "late", "garbage"})
"""Kinds that strike an HTTP request as a whole, whatever `where` says."""

_ERRORS = {
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    403: ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    404: ("ErrorItemNotFound", "The specified object was not found in the store."),
    409: (
        "ConcurrentItemSave",
        "Conflicts occurred during saving data to store (saveresult: IrresolvableConflict, properties: ). "
        "Please retry the request.",
    ),
    412: (
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item.",
    ),
    424: ("FailedDependency", "Failed Dependency"),
    429: ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    500: (
        "ErrorInternalServerError",
        "An internal server error occurred. The operation failed.",
    ),
    503: ("UnknownError", ""),
}


@dataclass(slots=True)
class Fault:
    """One fault: its kind, the conditions under which it strikes, and what it does then."""

    kind: Kind
    name: str = ""
    """For the journal; the kind where empty."""
    method: str | None = None
    mailbox: str | None = None
    """An address or object id."""
    path: str | None = None
    """A part of the path, in any case: `events`, `calendarView`, `$batch`."""
    probability: float = 1.0
    times: int | None = None
    """How often it strikes at most; none: for ever."""
    skip: int = 0
    """How many matching requests it lets pass first."""
    where: Where = "item"
    """Whether it strikes single operations or HTTP requests as a whole."""
    seconds: float = 0.0
    """latency: how long; late, and done `late`: after how long the request takes effect."""
    jitter: float = 0.0
    """latency: up to so much more."""
    after: bool = False
    """latency: once the change has been made, instead of before."""
    status: int = 500
    code: str | None = None
    message: str | None = None
    """error: what is answered; code and message have defaults per status."""
    retry_after: int | float | None = None
    retry_after_date: bool = False
    """The Retry-After header of throttled, unavailable and error: a number as it is given, or an HTTP date so many
    seconds from now."""
    done: Done = "no"
    """unavailable and error: whether the change is made all the same, at once or `seconds` later."""
    items: int | None = None
    """cut_after: only so many items of the batch are performed before the cut; none: all."""
    struck: int = 0
    """How often it has struck."""

    @property
    def label(self) -> str:
        """What the journal calls it."""
        return self.name or self.kind

    @property
    def whole(self) -> bool:
        """Whether it strikes HTTP requests, not operations."""
        return self.where == "request" or self.kind in WHOLE_REQUEST

    def header(self, now: datetime) -> dict[str, str]:
        """Its Retry-After header, if it has one."""
        if self.retry_after is None:
            return {}
        if self.retry_after_date:
            return {"Retry-After": format_datetime(now + timedelta(seconds=self.retry_after), usegmt=True)}
        return {"Retry-After": str(self.retry_after)}

    def answer(self, now: datetime) -> Answer | GraphError:
        """What throttled, unavailable and error answer."""
        if self.kind == "unavailable":
            headers = {"Content-Type": "text/html; charset=us-ascii", **self.header(now)}
            return Answer(503, headers=headers, code="", html=HTML_503)
        status = 429 if self.kind == "throttled" else self.status
        code, message = _ERRORS.get(status, ("UnknownError", ""))
        code = self.code if self.code is not None else code
        message = self.message if self.message is not None else message
        return GraphError(status, code, message, headers=self.header(now))

    @staticmethod
    def of(given: Any) -> "Fault":
        """A fault from JSON. Raises ValueError for what it cannot be."""
        if not isinstance(given, dict):
            raise ValueError(f"a fault is an object, not {given!r}")
        known = {each.name for each in fields(Fault)} - {"struck"}
        if not given.keys() - {"struck"} <= known:
            raise ValueError(f"unknown: {sorted(given.keys() - known)}; a fault has {sorted(known)}")
        for name, choices in (("kind", Kind), ("where", Where), ("done", Done)):
            if name in given and given[name] not in get_args(choices):
                raise ValueError(f"{name}: {given[name]!r} is not one of {', '.join(get_args(choices))}")
        if "kind" not in given:
            raise ValueError("a fault needs a kind")
        for name in ("probability", "seconds", "jitter", "retry_after", "times", "skip", "items", "status"):
            value = given.get(name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
                raise ValueError(f"{name}: {value!r} is not a number of at least 0")
        return Fault(**{name: value for name, value in given.items() if name != "struck"})

    def as_json(self) -> Json:
        """For reading over HTTP."""
        return asdict(self)

    def _fits(self, call: Call, mailbox: Mailbox | None, whole_path: str) -> bool:
        if self.method is not None and self.method.upper() != call.method:
            return False
        if self.path is not None and not any(self.path.lower() in path.lower() for path in (call.path, whole_path)):
            return False
        if self.mailbox is None:
            return True
        wanted = self.mailbox.lower()
        if mailbox is not None:
            return wanted == mailbox.id or wanted in mailbox.addresses
        return wanted == (call.asked_mailbox or "").lower()


@dataclass(slots=True)
class Struck:
    """What strikes one operation or request: delays before and after, and at most one fault besides."""

    before: float = 0.0
    after: float = 0.0
    fault: Fault | None = None
    labels: str = ""


NOTHING = Struck()


class Faults:
    """The faults in force, in order: delays add up, of the others the first one wins."""

    def __init__(self, random_source: random.Random) -> None:
        self._random = random_source
        self.all: list[Fault] = []

    def put(self, faults: Iterable[Fault]) -> None:
        """Put these in place of all others."""
        self.all = list(faults)

    def add(self, fault: Fault) -> Fault:
        """Add one, after the others."""
        self.all.append(fault)
        return fault

    def for_operation(self, call: Call, mailbox: Mailbox | None) -> Struck:
        """What strikes a single operation."""
        if not self.all:
            return NOTHING
        return self._struck([(call, mailbox)], "", whole=False)

    def for_request(self, calls: Sequence[tuple[Call, Mailbox | None]], path: str) -> Struck:
        """What strikes an HTTP request: one call, or the items of a batch (any of which may fit)."""
        if not self.all:
            return NOTHING
        return self._struck(calls, path, whole=True)

    def _struck(self, calls: Sequence[tuple[Call, Mailbox | None]], path: str, *, whole: bool) -> Struck:
        struck = Struck()
        for fault in self.all:
            if fault.whole is not whole or (struck.fault is not None and fault.kind != "latency"):
                continue
            if not any(fault._fits(call, mailbox, path) for call, mailbox in calls) or not self._strikes(fault):
                continue
            struck.labels = f"{struck.labels} {fault.label}".strip()
            if fault.kind != "latency":
                struck.fault = fault
                continue
            seconds = fault.seconds + (self._random.random() * fault.jitter if fault.jitter else 0.0)
            if fault.after:
                struck.after += seconds
            else:
                struck.before += seconds
        return struck

    def _strikes(self, fault: Fault) -> bool:
        if fault.times is not None and fault.struck >= fault.times:
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        fault.struck += 1
        return True
