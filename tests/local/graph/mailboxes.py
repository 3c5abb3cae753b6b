"""Mailboxes and what is in them: addresses, calendars, events (also deleted ones), remembered transaction ids."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tests.local.graph.event import Event
from tests.local.graph.ids import Ids

DEFAULT_CALENDAR = "Calendar"


class MailboxState(StrEnum):
    """What a mailbox lets an app do."""

    OPEN = "open"
    OUT_OF_SCOPE = "out_of_scope"
    """403 ErrorAccessDenied."""
    FULL = "full"
    """Nothing can be created or changed any more: 403 ErrorQuotaExceeded."""
    FULL_507 = "full_507"
    """The same with 507."""
    INVALID_USER = "invalid_user"
    """404 ErrorInvalidUser, as an address that is nobody's."""
    NOT_ENABLED = "not_enabled"
    """404 MailboxNotEnabledForRESTAPI: unlicensed, soft-deleted or on premises."""
    NOT_FOUND = "not_found"
    """404 Request_ResourceNotFound."""


@dataclass(slots=True)
class Transaction:
    """A transactionId that was used, and what for."""

    event: Event
    content: str
    """The request's body in one fixed writing."""


@dataclass
class Mailbox:
    """One mailbox."""

    id: str
    """The owner's object id."""
    name: str
    addresses: list[str]
    """In lower case; the first one is shown as the organizer's."""
    default_calendar: str
    calendars: dict[str, str]
    """Id → name."""
    state: MailboxState = MailboxState.OPEN
    events: dict[str, Event] = field(default_factory=dict)
    """All events, deleted ones too, by immutable id."""
    by_mutable_id: dict[str, Event] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    in_flight: int = 0
    """Requests being worked on just now."""
    window_started: float = 0.0
    window_count: int = 0

    @property
    def address(self) -> str:
        """The main address, or the object id where all addresses are gone."""
        return self.addresses[0] if self.addresses else self.id

    def event(self, identifier: str) -> Event | None:
        """The event of that id, of either kind, wherever it lies; a former folder's id finds nothing."""
        return self.events.get(identifier) or self.by_mutable_id.get(identifier)

    def in_calendar(self, calendar: str) -> Iterator[Event]:
        """The events of one calendar."""
        return (event for event in self.events.values() if event.calendar == calendar and not event.deleted)

    @property
    def present(self) -> list[Event]:
        """All events that are not deleted, of all calendars."""
        return [event for event in self.events.values() if not event.deleted]

    def add(self, event: Event) -> None:
        """Put a new event in."""
        self.events[event.immutable_id] = event
        self.by_mutable_id[event.mutable_id] = event

    def moved(self, event: Event, ids: Ids, *, calendar: str | None = None, deleted: bool = False) -> None:
        """Move an event to another folder: its mutable id changes, and the old one finds nothing any more."""
        self.by_mutable_id.pop(event.mutable_id, None)
        event.moves += 1
        event.changes += 1
        event.answer = None
        event.deleted = deleted
        event.calendar = calendar or event.calendar
        folder = "deleteditems" if deleted else event.calendar
        event.mutable_id = ids.mutable(self.id, event.number, event.moves, folder)
        self.by_mutable_id[event.mutable_id] = event

    def calendar_named(self, name: str) -> str | None:
        """The id of the calendar of that name or id."""
        if name in self.calendars:
            return name
        return next((known for known, shown in self.calendars.items() if shown.lower() == name.lower()), None)


class Directory:
    """All mailboxes of the tenant, found by object id or any address, in any case."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._by_name: dict[str, Mailbox] = {}

    def __iter__(self) -> Iterator[Mailbox]:
        return iter({id(mailbox): mailbox for mailbox in self._by_name.values()}.values())

    def find(self, name: str) -> Mailbox | None:
        """The mailbox of an object id or address."""
        return self._by_name.get(name) or self._by_name.get(name.lower())

    def put(
        self,
        address: str,
        *,
        addresses: list[str] | None = None,
        mailbox_id: str | None = None,
        name: str | None = None,
        state: MailboxState | None = None,
    ) -> Mailbox:
        """Make the mailbox of that address or object id, or change what is given of it.

        Raises ValueError where an address or id is another mailbox's.
        """
        mailbox = self.find(address)
        wanted = None if addresses is None else [each.lower() for each in addresses]
        if mailbox is None:
            main = address.lower()
            known = mailbox_id or (main if _is_guid(main) else str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailbox:{main}")))
            calendar = self._ids.calendar(known, self._ids.number())
            wanted = wanted if wanted is not None else ([] if _is_guid(main) else [main])
            mailbox = Mailbox(known.lower(), name or main, [], calendar, {calendar: DEFAULT_CALENDAR})
        for each in [mailbox.id, *(wanted or ())]:
            if self._by_name.get(each, mailbox) is not mailbox:
                raise ValueError(f"{each} belongs to another mailbox")
        if mailbox_id is not None and mailbox_id.lower() != mailbox.id:
            raise ValueError(f"{address} has the object id {mailbox.id}, which cannot be changed")
        if wanted is not None:
            for gone in mailbox.addresses:
                self._by_name.pop(gone, None)
            mailbox.addresses = wanted
        for each in [mailbox.id, *mailbox.addresses]:
            self._by_name[each] = mailbox
        if name is not None or wanted is not None:
            mailbox.name = name or mailbox.name
            for event in mailbox.events.values():
                event.answer = None
        mailbox.state = state or mailbox.state
        return mailbox

    def remove(self, mailbox: Mailbox) -> None:
        """Take a mailbox away, with all its addresses."""
        for each in [mailbox.id, *mailbox.addresses]:
            self._by_name.pop(each, None)

    def clear(self) -> None:
        """Take all mailboxes away."""
        self._by_name.clear()

    def add_calendar(self, mailbox: Mailbox, name: str) -> str:
        """The id of the mailbox's calendar of that name, made if need be."""
        known = mailbox.calendar_named(name)
        if known is None:
            known = self._ids.calendar(mailbox.id, self._ids.number())
            mailbox.calendars[known] = name
        return known


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return "-" in text
