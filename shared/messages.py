"""The messages of both queues: pointers and hints, never differences (DESIGN.md, "level-triggered").

A message is `{"schema": 1, "change": {…}}`. The payload is nested because the Functions host lets top-level keys such
as `id` overwrite its own. The schema before the present one is still understood.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self, cast, get_args

from shared.errors import BadMessageError
from shared.month import Month

SCHEDULE_CHANGES = "schedule-changes"
CALENDAR_CHANGES = "calendar-changes"
SCHEMA = 1

Reason = Literal["callback", "sweep", "repeat", "release"]
"""A publish; a sweep (or what should be read like one); a callback's second read, in case the first answer lagged; an
operator lets held removals go."""


Removed = Literal["future", "all"]
"""What a removal takes away: events that have not begun, or all."""


class ScheduleMonth(NamedTuple):
    """One schedule in one calendar month."""

    schedule: str
    month: Month

    def __str__(self) -> str:
        return f"{self.schedule}|{self.month}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `5|2026-11`. Raises ValueError."""
        schedule, _, month = text.rpartition("|")
        if not schedule:
            raise ValueError(f"not a schedule-month: {text!r}")
        return cls(schedule, Month.parse(month))


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """On `schedule-changes`: these months of a view should be read."""

    view: int
    months: tuple[Month, ...]
    reason: Reason
    publish_id: str | None = None
    published_at: datetime | None = None
    attempts: int = 0
    """How often Lightning Bolt gave no whole answer to it."""
    follows: bool = False
    """Made because a mapping changed. It makes no other of its kind: answers that lag must not chase each other."""
    first: datetime | None = None
    """When it was first enqueued, by storage's clock: travels with it when it is put back. None: it never was."""
    not_before: datetime | None = None
    """Of a repeat: the time that a read must have started at or after to make it needless."""
    hold: str | None = None
    """Of a release: the hold."""
    requeued: bool = False
    """It was taken from the poison queue once: a second fall stays."""
    trace: str | None = field(default=None, compare=False)
    """The span that sent it (W3C `traceparent`); set where it is put on its queue."""

    def encode(self) -> str:
        """As JSON text."""
        return _encode(
            view=self.view,
            months=[str(month) for month in self.months],
            reason=self.reason,
            publish_id=self.publish_id,
            published_at=self.published_at.isoformat() if self.published_at else None,
            attempts=self.attempts or None,
            follows=self.follows or None,
            first=self.first.isoformat() if self.first else None,
            not_before=self.not_before.isoformat() if self.not_before else None,
            hold=self.hold,
            requeued=self.requeued or None,
            trace=self.trace,
        )

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """From a message's body. Raises BadMessageError."""
        change = _decode(body)
        reason = _field(change, "reason", str)
        if reason not in get_args(Reason):
            raise BadMessageError("reason", f"is {reason!r}")
        try:
            return cls(
                view=_field(change, "view", int),
                months=tuple(Month.parse(month) for month in _field(change, "months", list)),
                reason=cast(Reason, reason),
                publish_id=_field(change, "publish_id", str, None),
                published_at=_time(change, "published_at"),
                attempts=_field(change, "attempts", int, 0),
                follows=change.get("follows") is True,
                first=_time(change, "first"),
                not_before=_time(change, "not_before"),
                hold=_field(change, "hold", str, None),
                requeued=change.get("requeued") is True,
                trace=_trace(change),
            )
        except (TypeError, ValueError) as error:
            raise error if isinstance(error, BadMessageError) else BadMessageError("change", str(error)) from None


@dataclass(frozen=True, slots=True)
class Pointer:
    """On `calendar-changes`: look at these months of a person and do what is still missing."""

    person: str
    months: tuple[ScheduleMonth, ...]
    observe: bool = False
    """The audit's: months that are in step are looked at, too."""
    remove: Removed | None = None
    """An operator's: our events of these months leave the calendar, their rows the tables."""
    adopt: bool = False
    """An operator's: the events of these months were an earlier installation's, and get this one's mark."""
    early: bool = False
    """It has come before its months were due, and was put back: a second time it is dropped."""
    requeued: bool = False
    """As of ScheduleChange."""
    trace: str | None = field(default=None, compare=False)
    """As of ScheduleChange."""

    def encode(self) -> str:
        """As JSON text."""
        months = [[month.schedule, str(month.month)] for month in self.months]
        return _encode(
            person=self.person,
            months=months,
            observe=self.observe or None,
            remove=self.remove,
            adopt=self.adopt or None,
            early=self.early or None,
            requeued=self.requeued or None,
            trace=self.trace,
        )

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """From a message's body. Raises BadMessageError."""
        change = _decode(body)
        try:
            months = tuple(
                ScheduleMonth(str(schedule), Month.parse(month)) for schedule, month in _field(change, "months", list)
            )
        except (TypeError, ValueError) as error:
            raise error if isinstance(error, BadMessageError) else BadMessageError("months", str(error)) from None
        remove = _field(change, "remove", str, None)
        if remove is not None and remove not in get_args(Removed):
            raise BadMessageError("remove", f"is {remove!r}")
        return cls(
            person=_field(change, "person", str),
            months=months,
            observe=change.get("observe") is True,
            remove=cast(Removed | None, remove),
            adopt=change.get("adopt") is True,
            early=change.get("early") is True,
            requeued=change.get("requeued") is True,
            trace=_trace(change),
        )


def _encode(**change: object) -> str:
    present = {key: value for key, value in change.items() if value is not None}
    return json.dumps({"schema": SCHEMA, "change": present}, separators=(",", ":"))


def _decode(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError:
        raise BadMessageError("message", "is not JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("change"), dict):
        raise BadMessageError("change", "is missing")
    if message.get("schema") != SCHEMA:
        raise BadMessageError("schema", f"is {message.get('schema')!r}; this version understands {SCHEMA}")
    return cast(dict[str, Any], message["change"])


def _time(change: dict[str, Any], name: str) -> datetime | None:
    text = _field(change, name, str, None)
    return datetime.fromisoformat(text) if text else None


def _trace(change: dict[str, Any]) -> str | None:
    """Whatever stands there: a trace that cannot be read must not keep a message from being handled."""
    trace = change.get("trace")
    return trace if isinstance(trace, str) else None


_REQUIRED: Any = object()


def _field(change: dict[str, Any], name: str, kind: type, default: Any = _REQUIRED) -> Any:
    value = change.get(name, default)
    if value is _REQUIRED:
        raise BadMessageError(name, "is missing")
    if value is default:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadMessageError(name, f"is no {kind.__name__}")
    return value
