"""Switches: what is unknown or varies of Graph, to be chosen per simulator and changed at run time."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args, get_origin

from tests.local.graph.answers import Json

UnknownMailbox = Literal["ErrorInvalidUser", "MailboxNotEnabledForRESTAPI", "Request_ResourceNotFound"]


@dataclass(slots=True)
class Behaviour:
    """The switches and their defaults."""

    latency: float = 0.0
    """Seconds that each operation takes; of a batch, four run at a time."""
    require_token: bool = False
    """401 for requests without a bearer token, or with one of `stale_tokens`."""
    stale_tokens: list[str] = field(default_factory=list)
    any_mailbox: bool = False
    """Make a mailbox for every address that is asked for, instead of refusing unknown ones."""
    unknown_mailbox: UnknownMailbox = "ErrorInvalidUser"
    """How an address that is nobody's is refused (404)."""
    transaction_memory: Literal["mailbox", "event", "none"] = "mailbox"
    """For how long a transactionId is remembered: for ever, as long as its event is not deleted, not at all."""
    repeat_of_deleted: Literal["duplicate", "deleted_event"] = "duplicate"
    """The same create again after its event was deleted: an error, or 201 with the deleted event."""
    duplicate_status: Literal[400, 409] = 400
    """Status of ErrorDuplicateTransactionId."""
    duplicate_names_existing: bool = False
    """Whether that error names the event, in `@event.existingEventId`."""
    second_delete: Literal["mixed", "not_found", "cannot_delete"] = "mixed"
    """DELETE of a deleted event by its immutable id: 404 ErrorItemNotFound, 403 ErrorCannotDeleteObject, or either."""
    deleted_items_reachable: bool = False
    """Whether GET and PATCH by immutable id still find an event in Deleted Items (and change it there)."""
    concurrency: int = 4
    """Requests at a time per mailbox; one more is 429."""
    requests_per_window: int = 10_000
    window_seconds: float = 600.0
    """Requests per mailbox and window; one more is 429."""
    retry_after: int | float | None = 1
    """The Retry-After of the two limits' 429, in seconds; none: without the header."""

    def change(self, given: Json) -> None:
        """Set switches by name. Raises ValueError for unknown names and values, before any is set."""
        known = {each.name: each for each in fields(self)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r}; there are {', '.join(known)}")
            if not _fits(value, Behaviour.__annotations__[name]):
                raise ValueError(f"{name}: {value!r} is not {_said(Behaviour.__annotations__[name])}")
        for name, value in given.items():
            setattr(self, name, value)

    def as_json(self) -> Json:
        """All switches."""
        return asdict(self)


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(kind))
    if get_origin(kind) is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind is bool:
        return isinstance(value, bool)
    if kind is int:
        return type(value) is int and value >= 0
    if kind is float:
        return type(value) in (int, float) and value >= 0
    return value is None or (type(value) in (int, float) and value >= 0)


def _said(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(repr, get_args(kind)))
    return getattr(kind, "__name__", str(kind))
