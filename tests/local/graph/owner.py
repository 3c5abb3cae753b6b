"""What people do by hand in Outlook, and what others' programs do: past Graph, with no journal and no faults."""

from typing import Any

from tests.local.graph import extended
from tests.local.graph.answers import Json
from tests.local.graph.event import Event, apply, given_times
from tests.local.graph.event_answer import render
from tests.local.graph.event_types import check_event
from tests.local.graph.mailboxes import DEFAULT_CALENDAR, Mailbox
from tests.local.graph.prefer import Prefer
from tests.local.graph.state import State

_PLAIN = Prefer(immutable_ids=True)


class Owner:
    """The owner of every mailbox. Mailboxes and events are named by address and id; LookupError where there are none.

    Bodies are Graph's; a wrong one raises GraphError.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def mailbox(self, name: str) -> Mailbox:
        """The mailbox of an address or object id."""
        mailbox = self._state.directory.find(name)
        if mailbox is None:
            raise LookupError(f"no mailbox {name!r}")
        return mailbox

    def event(self, mailbox: str, identifier: str) -> Event:
        """An event by either of its ids, a deleted one too."""
        event = self.mailbox(mailbox).event(identifier)
        if event is None:
            raise LookupError(f"no event {identifier!r} in {mailbox!r}")
        return event

    def add(self, mailbox: str, body: Json, calendar: str = DEFAULT_CALENDAR) -> Event:
        """A new event, somebody else's or of Outlook itself."""
        box = self.mailbox(mailbox)
        where = self._state.directory.add_calendar(box, calendar)
        checked = check_event(body)
        return self._new(box, where, checked)

    def edit(self, mailbox: str, identifier: str, body: Json) -> Event:
        """Change an event; `body` is that of a PATCH."""
        event = self.event(mailbox, identifier)
        checked = check_event(body)
        apply(event, checked, given_times(checked, event.times))
        event.modified = self._state.clock()
        return event

    def delete(self, mailbox: str, identifier: str) -> Event:
        """Move an event to Deleted Items."""
        event = self.event(mailbox, identifier)
        if not event.deleted:
            self.mailbox(mailbox).moved(event, self._state.ids, deleted=True)
        return event

    def purge(self, mailbox: str, identifier: str) -> Event:
        """Take an event away for good, out of Deleted Items too."""
        box, event = self.mailbox(mailbox), self.event(mailbox, identifier)
        box.events.pop(event.immutable_id, None)
        box.by_mutable_id.pop(event.mutable_id, None)
        event.deleted = True
        return event

    def restore(self, mailbox: str, identifier: str) -> Event:
        """Put a deleted event back into its calendar."""
        event = self.event(mailbox, identifier)
        if event.deleted:
            self.mailbox(mailbox).moved(event, self._state.ids)
        return event

    def move(self, mailbox: str, identifier: str, calendar: str) -> Event:
        """Move an event to another calendar of the mailbox, made if need be."""
        box, event = self.mailbox(mailbox), self.event(mailbox, identifier)
        box.moved(event, self._state.ids, calendar=self._state.directory.add_calendar(box, calendar))
        return event

    def copy(self, mailbox: str, identifier: str, *, to: str | None = None, calendar: str = DEFAULT_CALENDAR) -> Event:
        """Copy an event, into another mailbox if `to` says so: the copy keeps transactionId and extended properties."""
        event, target = self.event(mailbox, identifier), self.mailbox(to or mailbox)
        where = self._state.directory.add_calendar(target, calendar)
        ids, now = self._state.ids, self._state.clock()
        number = ids.number()
        copy = Event(
            number,
            ids.immutable(target.id, number),
            ids.mutable(target.id, number, 0, where),
            where,
            event.times,
            now,
            now,
            event.transaction_id,
            dict(event.values),
            event.body,
            event.location,
            event.locations,
            [],
            dict(event.extended),
        )
        target.add(copy)
        return copy

    def stored(self, mailbox: str, *, deleted: bool = False, calendar: str | None = None) -> list[Json]:
        """The events of a mailbox as `shown` shows them, by start; of all calendars unless one is named."""
        box = self.mailbox(mailbox)
        where = None if calendar is None else box.calendar_named(calendar)
        if calendar is not None and where is None:
            raise LookupError(f"no calendar {calendar!r} in {mailbox!r}")
        events = [
            event
            for event in box.events.values()
            if (deleted or not event.deleted) and (where is None or event.calendar == where)
        ]
        events.sort(key=lambda event: (event.times.start, event.number))
        return [self.shown(box, event) for event in events]

    def shown(self, mailbox: Mailbox, event: Event) -> Json:
        """All there is to know: Graph's answer with every extended property, and `_stored` with the rest."""
        shown = render(event, mailbox, self._state.ids, _PLAIN)
        shown["singleValueExtendedProperties"] = extended.rendered(event.extended, event.extended)
        stored: dict[str, Any] = {
            "mutableId": event.mutable_id,
            "calendar": mailbox.calendars.get(event.calendar, event.calendar),
            "deleted": event.deleted,
            "changes": event.changes,
            "sentBody": {"contentType": event.body.kind, "content": event.body.content},
            "start": {"dateTime": event.times.first.local.isoformat(), "timeZone": event.times.first.zone},
            "end": {"dateTime": event.times.last.local.isoformat(), "timeZone": event.times.last.zone},
        }
        shown["_stored"] = stored
        return shown

    def _new(self, mailbox: Mailbox, calendar: str, body: Json) -> Event:
        when = given_times(body, None)
        ids, now = self._state.ids, self._state.clock()
        number = ids.number()
        event = Event(
            number,
            ids.immutable(mailbox.id, number),
            ids.mutable(mailbox.id, number, 0, calendar),
            calendar,
            when,
            now,
            now,
            body.get("transactionId"),
        )
        apply(event, body, when)
        mailbox.add(event)
        return event
