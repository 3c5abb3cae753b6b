"""What Graph's calendar operations do, one at a time and at once: no faults, no limits, no waiting."""

import hashlib
import json

from tests.local.graph import calendar_view
from tests.local.graph.access import open_mailbox
from tests.local.graph.answers import (
    Answer,
    GraphError,
    Json,
    bad_request,
    invalid_property,
    item_not_found,
    not_modelled,
)
from tests.local.graph.call import NO_BODY, UNREADABLE, Call
from tests.local.graph.event import Event, apply, given_times
from tests.local.graph.event_answer import render
from tests.local.graph.event_types import check_event
from tests.local.graph.ids import well_formed
from tests.local.graph.mailboxes import Mailbox, Transaction
from tests.local.graph.query import Query, next_link, parse
from tests.local.graph.state import State
from tests.local.graph.zones import zone

CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#users"


class Operations:
    """Performs calls on the state. Every method raises GraphError where Graph refuses."""

    def __init__(self, state: State) -> None:
        self._state = state

    def perform(self, call: Call) -> Answer:
        """Do what the call asks for, wholly or not at all."""
        parts = call.segments
        if parts[0].lower() != "users" or len(parts) < 3 or not all(parts):
            wrong = next((part for part in parts if not part), parts[0] if parts[0].lower() != "users" else parts[-1])
            raise bad_request(f"Resource not found for the segment '{wrong}'.")
        mailbox = open_mailbox(self._state, parts[1], call.method)
        if call.prefer.time_zone is not None:
            zone(call.prefer.time_zone)
        calendar, rest = self._calendar(mailbox, parts[2:])
        answer = self._route(call, mailbox, calendar, rest)
        applied = call.prefer.applied
        if applied:
            answer.headers["Preference-Applied"] = applied
        return answer

    def _calendar(self, mailbox: Mailbox, rest: list[str]) -> tuple[str, list[str]]:
        """The calendar that a path names, and what follows its name."""
        first = rest[0].lower()
        if first == "calendar" and len(rest) > 1:
            return mailbox.default_calendar, rest[1:]
        if first == "calendars" and len(rest) > 2:
            if rest[1] not in mailbox.calendars:
                raise item_not_found()
            return rest[1], rest[2:]
        return mailbox.default_calendar, rest

    def _route(self, call: Call, mailbox: Mailbox, calendar: str, rest: list[str]) -> Answer:
        match call.method, [rest[0].lower(), *rest[1:]]:
            case "GET", ["calendarview"]:
                return self._page(call, mailbox, "calendarView", calendar)
            case "GET", ["events"]:
                return self._page(call, mailbox, "events", calendar)
            case "POST", ["events"]:
                return self._create(call, mailbox, calendar)
            case "GET", ["events", identifier]:
                return self._read(call, mailbox, identifier)
            case "PATCH", ["events", identifier]:
                return self._update(call, mailbox, identifier)
            case "DELETE", ["events", identifier]:
                return self._delete(call, mailbox, identifier)
            case "GET", ["calendars"]:
                return self._calendars(mailbox)
            case _, ["calendarview"] | ["events"] | ["events", _] | ["calendars"]:
                raise GraphError(
                    405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."
                )
            case _, [name, *_] if name in ("events", "calendarview", "calendars", "calendar"):
                raise not_modelled(f"the path {'/'.join(rest)!r}")
        raise bad_request(f"Resource not found for the segment '{rest[0]}'.")

    def _create(self, call: Call, mailbox: Mailbox, calendar: str) -> Answer:
        body = _body(call)
        transaction_id = body.get("transactionId")
        content = _one_writing(body) if transaction_id else ""
        if transaction_id:
            repeated = self._repeated(call, mailbox, transaction_id, content)
            if repeated is not None:
                return self._event(call, mailbox, repeated, 201)
        when = given_times(body, None)
        state = self._state
        number, now = state.ids.number(), state.clock()
        immutable = state.ids.immutable(mailbox.id, number)
        mutable = state.ids.mutable(mailbox.id, number, 0, calendar)
        event = Event(number, immutable, mutable, calendar, when, now, now, transaction_id)
        apply(event, body, when)
        mailbox.add(event)
        if transaction_id:
            mailbox.transactions[transaction_id] = Transaction(event, content)
        answer = self._event(call, mailbox, event, 201)
        answer.changed = True
        answer.mail_to = _invited(event)
        shown = event.immutable_id if call.prefer.immutable_ids else event.mutable_id
        answer.headers["Location"] = f"{call.base}/users('{mailbox.id}')/events('{shown}')"
        return answer

    def _repeated(self, call: Call, mailbox: Mailbox, transaction_id: str, content: str) -> Event | None:
        """The event that an earlier request with this transactionId made, if this one is the same request again."""
        behaviour = self._state.behaviour
        used = mailbox.transactions.get(transaction_id)
        if used is None or behaviour.transaction_memory == "none":
            return None
        if used.event.deleted and behaviour.transaction_memory == "event":
            return None
        if used.content == content and (not used.event.deleted or behaviour.repeat_of_deleted == "deleted_event"):
            return used.event
        existing = used.event.immutable_id if call.prefer.immutable_ids else used.event.mutable_id
        raise GraphError(
            behaviour.duplicate_status,
            "ErrorDuplicateTransactionId",
            "Your request can't be completed. The TransactionId specified in the request has already been used to "
            "create a different event.",
            extra={"@event.existingEventId": existing} if behaviour.duplicate_names_existing else {},
        )

    def _read(self, call: Call, mailbox: Mailbox, identifier: str) -> Answer:
        return self._event(call, mailbox, self._found(mailbox, identifier), 200)

    def _update(self, call: Call, mailbox: Mailbox, identifier: str) -> Answer:
        body = _body(call)
        event = self._found(mailbox, identifier)
        if body.get("transactionId", event.transaction_id) != event.transaction_id:
            raise invalid_property()
        apply(event, body, given_times(body, event.times))
        event.modified = self._state.clock()
        answer = self._event(call, mailbox, event, 200)
        answer.changed = True
        answer.mail_to = _invited(event)
        return answer

    def _delete(self, call: Call, mailbox: Mailbox, identifier: str) -> Answer:
        event = self._known(mailbox, identifier)
        if event.deleted:
            how = self._state.behaviour.second_delete
            cannot = how == "cannot_delete" or (how == "mixed" and self._state.random.random() < 0.5)
            if cannot and identifier == event.immutable_id:
                raise GraphError(403, "ErrorCannotDeleteObject", "Object cannot be deleted.")
            raise item_not_found()
        mailbox.moved(event, self._state.ids, deleted=True)
        return Answer(204, changed=True, mail_to=_invited(event), event_id=event.immutable_id)

    def _known(self, mailbox: Mailbox, identifier: str) -> Event:
        """The event of that id, even a deleted one."""
        if not well_formed(identifier):
            raise GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        event = mailbox.event(identifier)
        if event is None:
            raise item_not_found()
        return event

    def _found(self, mailbox: Mailbox, identifier: str) -> Event:
        event = self._known(mailbox, identifier)
        if event.deleted and not self._state.behaviour.deleted_items_reachable:
            raise item_not_found()
        return event

    def _event(self, call: Call, mailbox: Mailbox, event: Event, status: int) -> Answer:
        query = parse(call.query)
        _refuse_extensions(query)
        shown = render(event, mailbox, self._state.ids, call.prefer, query.select, query.expand)
        name = f"{CONTEXT}('{mailbox.id}')/events{_fields(query)}/$entity"
        return Answer(status, {"@odata.context": name, **shown}, event_id=event.immutable_id)

    def _page(self, call: Call, mailbox: Mailbox, kind: str, calendar: str) -> Answer:
        query = parse(call.query)
        _refuse_extensions(query)
        if kind == "calendarView":
            events = calendar_view.view(mailbox, calendar, query)
        else:
            events = calendar_view.listed(mailbox.in_calendar(calendar), query)
        shown, skip = calendar_view.page(events, query)
        ids, prefer = self._state.ids, call.prefer
        body: Json = {
            "@odata.context": f"{CONTEXT}('{mailbox.id}')/{kind}{_fields(query)}",
            "value": [render(event, mailbox, ids, prefer, query.select, query.expand) for event in shown],
        }
        if skip is not None:
            body["@odata.nextLink"] = next_link(call.base, call.path, query, skip)
        return Answer(200, body)

    def _calendars(self, mailbox: Mailbox) -> Answer:
        shown = [
            {"id": identifier, "name": name, "isDefaultCalendar": identifier == mailbox.default_calendar}
            for identifier, name in mailbox.calendars.items()
        ]
        return Answer(200, {"@odata.context": f"{CONTEXT}('{mailbox.id}')/calendars", "value": shown})


def _body(call: Call) -> Json:
    if call.body is NO_BODY:
        raise bad_request("Empty Payload. JSON content expected.")
    if call.body is UNREADABLE:
        raise bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format."
        )
    return check_event(call.body)


def _one_writing(body: Json) -> str:
    """The same for the same content, whatever the order of its keys."""
    return hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=16).hexdigest()


def _invited(event: Event) -> tuple[str, ...]:
    return tuple(attendee["emailAddress"]["address"] for attendee in event.attendees)


def _fields(query: Query) -> str:
    return f"({query.select_text})" if query.select_text else ""


def _refuse_extensions(query: Query) -> None:
    if query.extensions_unfiltered:
        raise GraphError(500, "UnknownError", "Error while processing response.")
