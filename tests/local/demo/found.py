"""What the Graph stand-in's mailboxes hold, in the checker's terms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from tests.local.demo.shown import Shown, lines_of
from tests.local.graph.control import GraphControl, MailboxInfo, StoredEvent


@dataclass(frozen=True, slots=True)
class Ours:
    """An event with our mark."""

    shown: Shown
    link: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox and all that is in it."""

    address: str
    names: frozenset[str]
    """Every name that finds it, in lower case."""
    open: bool
    """False: the app may not, or cannot, write to it."""
    ours: tuple[Ours, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """All other events, whole, by id."""


async def read_mailboxes(graph: GraphControl, installation: str) -> list[Mailbox]:
    """All mailboxes, through the stand-in's control, so that no request is counted."""
    return [mailbox_of(info, await graph.events(info.address), installation) for info in await graph.mailboxes()]


def mailbox_of(info: MailboxInfo, events: Iterable[StoredEvent], installation: str) -> Mailbox:
    """One mailbox of these events."""
    ours: list[Ours] = []
    foreign: dict[str, Any] = {}
    for event in events:
        mark = _mark(event, installation)
        if mark is None:
            foreign[event.id] = event.raw
        else:
            ours.append(Ours(_shown(event, mark), mark[1]))
    names = frozenset({info.id.lower(), *(address.lower() for address in info.addresses)})
    return Mailbox(info.address, names, info.state == "open", tuple(ours), foreign)


def _mark(event: StoredEvent, installation: str) -> list[str] | None:
    """`<installation>:<link>:<person>:<schedule>:<yyyy-mm>:<digest>`, if the event carries one of this installation."""
    for value in event.extended.values():
        parts = value.split(":")
        if len(parts) == 6 and parts[0].lower() == installation:
            return [unquote(part) for part in parts]
    return None


def _shown(event: StoredEvent, mark: list[str]) -> Shown:
    raw = event.raw
    return Shown(
        subject=event.subject,
        start=_instant(event.start_utc),
        end=_instant(event.end_utc),
        all_day=event.all_day,
        show_as=event.show_as,
        body=lines_of(event.body),
        location=event.location,
        person=mark[2],
        schedule=mark[3],
        month=mark[4],
        categories=tuple(event.categories),
        sensitivity=event.sensitivity,
        reminder=event.reminder,
        attendees=len(raw["attendees"]),
        response_requested=raw["responseRequested"],
        body_type=raw["_stored"]["sentBody"]["contentType"],
    )


def _instant(text: str) -> datetime:
    """`2026-11-01T13:00:00.0000000`, in UTC."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
