"""A client of the simulator's control, for the demo and for scenarios whose simulator is another process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from tests.local.graph.answers import Json
from tests.local.graph.faults import Fault
from tests.local.graph.journal import Counts, Record


class ControlError(RuntimeError):
    """The simulator refused; the message is its own."""


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    """A mailbox, without its events."""

    id: str
    address: str
    addresses: list[str]
    name: str
    state: str
    calendars: list[str]
    events: int
    """How many, of all calendars."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the simulator stores it."""

    id: str
    """The immutable one."""
    mutable_id: str
    subject: str
    start: str
    """Wall clock as it was given, `2026-11-01T07:00:00`, in `zone`."""
    end: str
    zone: str
    start_utc: str
    """As answers show it: `2026-11-01T13:00:00.0000000`; all-day: midnight of the day."""
    end_utc: str
    all_day: bool
    show_as: str
    body: str
    """As it was sent."""
    location: str
    categories: list[str]
    sensitivity: str
    reminder: int | None
    """Minutes before; None: off."""
    transaction_id: str | None
    extended: dict[str, str]
    """Extended properties: id → value."""
    calendar: str
    deleted: bool
    raw: Json
    """All of it."""

    @staticmethod
    def of(raw: Json) -> "StoredEvent":
        """From the simulator's JSON."""
        stored = raw["_stored"]
        return StoredEvent(
            raw["id"],
            stored["mutableId"],
            raw["subject"],
            stored["start"]["dateTime"],
            stored["end"]["dateTime"],
            stored["start"]["timeZone"],
            raw["start"]["dateTime"],
            raw["end"]["dateTime"],
            raw["isAllDay"],
            raw["showAs"],
            stored["sentBody"]["content"],
            raw["location"]["displayName"],
            raw["categories"],
            raw["sensitivity"],
            raw["reminderMinutesBeforeStart"] if raw["isReminderOn"] else None,
            raw["transactionId"],
            {each["id"]: each["value"] for each in raw["singleValueExtendedProperties"]},
            stored["calendar"],
            stored["deleted"],
            raw,
        )


class GraphControl:
    """Control of the simulator at `url` (without a slash at the end). An async context manager.

    Every method raises ControlError where the simulator refuses.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session
        await self._session.close()
        self._session = None

    async def mailboxes(self) -> list[MailboxInfo]:
        """All mailboxes."""
        return [MailboxInfo(**each) for each in (await self._ask("GET", "mailboxes"))["mailboxes"]]

    async def put_mailboxes(self, addresses: Iterable[str]) -> list[MailboxInfo]:
        """Make a mailbox per address."""
        body = {"mailboxes": [{"address": address} for address in addresses]}
        return [MailboxInfo(**each) for each in (await self._ask("PUT", "mailboxes", body))["mailboxes"]]

    async def put_mailbox(
        self,
        address: str,
        *,
        addresses: list[str] | None = None,
        mailbox_id: str | None = None,
        name: str | None = None,
        state: str | None = None,
    ) -> MailboxInfo:
        """Make or change a mailbox: what is None stays. `addresses` replaces all present ones; states: MailboxState."""
        given = {"addresses": addresses, "id": mailbox_id, "name": name, "state": state}
        body = {key: value for key, value in given.items() if value is not None}
        return MailboxInfo(**await self._ask("PUT", _path("mailboxes", address), body))

    async def remove_mailbox(self, address: str) -> None:
        """Take a mailbox away."""
        await self._ask("DELETE", _path("mailboxes", address))

    async def events(self, mailbox: str, *, deleted: bool = False, calendar: str | None = None) -> list[StoredEvent]:
        """Events by start: of all calendars or one, deleted ones too or not."""
        query = {"deleted": str(deleted).lower()} | ({"calendar": calendar} if calendar else {})
        answer = await self._ask("GET", _path("mailboxes", mailbox, "events"), query=query)
        return [StoredEvent.of(each) for each in answer["events"]]

    async def add_event(self, mailbox: str, event: Json, calendar: str | None = None) -> StoredEvent:
        """Put in an event by hand; `event` is Graph's JSON."""
        body = {"event": event} | ({"calendar": calendar} if calendar else {})
        return StoredEvent.of(await self._ask("POST", _path("mailboxes", mailbox, "events"), body))

    async def event(self, mailbox: str, event: str) -> StoredEvent:
        """One event, a deleted one too."""
        return StoredEvent.of(await self._ask("GET", _path("mailboxes", mailbox, "events", event)))

    async def edit_event(self, mailbox: str, event: str, changes: Json) -> StoredEvent:
        """Edit an event by hand; `changes` is the body of Graph's PATCH."""
        return StoredEvent.of(await self._ask("PATCH", _path("mailboxes", mailbox, "events", event), changes))

    async def delete_event(self, mailbox: str, event: str, *, purge: bool = False) -> None:
        """Delete an event by hand, from Deleted Items too with `purge`."""
        query = {"purge": str(purge).lower()}
        await self._ask("DELETE", _path("mailboxes", mailbox, "events", event), query=query)

    async def copy_event(
        self, mailbox: str, event: str, *, to: str | None = None, calendar: str | None = None
    ) -> StoredEvent:
        """Copy an event by hand, into another mailbox or calendar where one is given; the copy keeps its mark."""
        given = {"to": to, "calendar": calendar}
        body = {key: value for key, value in given.items() if value is not None}
        return StoredEvent.of(await self._ask("POST", _path("mailboxes", mailbox, "events", event, "copy"), body))

    async def move_event(self, mailbox: str, event: str, calendar: str) -> StoredEvent:
        """Move an event to another calendar of the mailbox, made if need be."""
        path = _path("mailboxes", mailbox, "events", event, "move")
        return StoredEvent.of(await self._ask("POST", path, {"calendar": calendar}))

    async def restore_event(self, mailbox: str, event: str) -> StoredEvent:
        """Put a deleted event back."""
        return StoredEvent.of(await self._ask("POST", _path("mailboxes", mailbox, "events", event, "restore")))

    async def journal(
        self, *, since: int = 0, operations: bool = False, mailbox: str | None = None, method: str | None = None
    ) -> list[Record]:
        """Records after sequence `since`: all, or operations only, of a mailbox, of a method."""
        query = {"since": str(since), "operations": str(operations).lower()}
        query |= {"mailbox": mailbox} if mailbox else {}
        query |= {"method": method} if method else {}
        return [_record(each) for each in (await self._ask("GET", "journal", query=query))["records"]]

    async def clear_journal(self) -> None:
        """Forget all records."""
        await self._ask("DELETE", "journal")

    async def counts(self) -> Counts:
        """Sums over the journal."""
        return Counts(**_only(await self._ask("GET", "counts"), Counts))

    async def late(self) -> int:
        """How many cut-off requests are still to take effect."""
        count: int = (await self._ask("GET", "counts"))["late"]
        return count

    async def faults(self) -> list[Fault]:
        """The faults in force, with how often each has struck."""
        return [Fault(**each) for each in (await self._ask("GET", "faults"))["faults"]]

    async def put_faults(self, *faults: Fault) -> None:
        """Put these in place of all others; none: everything goes well again."""
        await self._ask("PUT", "faults", {"faults": [fault.as_json() for fault in faults]})

    async def behaviour(self) -> Json:
        """All switches."""
        return await self._ask("GET", "behaviour")

    async def put_behaviour(self, **switches: Any) -> Json:
        """Set switches by name (see Behaviour); all of them are returned."""
        return await self._ask("PUT", "behaviour", switches)

    async def land(self) -> int:
        """Let everything that is late take effect now; how many requests it was."""
        landed: int = (await self._ask("POST", "land"))["landed"]
        return landed

    async def reset(self, *, keep_mailboxes: bool = False) -> None:
        """Start afresh, with the mailboxes (empty) or without."""
        await self._ask("POST", "reset", {"keep_mailboxes": keep_mailboxes})

    async def _ask(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        assert self._session, "GraphControl is used in an `async with`"
        url = f"{self.url}/_sim/{path}"
        async with self._session.request(method, url, json=body, params=query) as response:
            answer: Json = await response.json(content_type=None)
            if response.status >= 400:
                raise ControlError(f"{method} {path}: {response.status} {answer.get('error', answer)}")
            return answer


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _record(given: Json) -> Record:
    given = {**given, "at": datetime.fromisoformat(given["at"]), "mail_to": tuple(given["mail_to"])}
    return Record(**_only(given, Record))


def _only(given: Json, kind: Any) -> Json:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in given.items() if name in names}
