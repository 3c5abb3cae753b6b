"""Reading many events: the calendar view of a range, the list by extended property, and their pages."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tests.local.graph import extended
from tests.local.graph.answers import GraphError, not_modelled
from tests.local.graph.event import Event
from tests.local.graph.mailboxes import Mailbox
from tests.local.graph.query import Query, own_filter

LONGEST_RANGE = timedelta(days=1825)

UNSEEN_EVERY, UNSEEN = 10, 3
"""After every tenth event the server skips three places that nobody sees, as a real mailbox does: `$skip` of a next
link is more than what was shown (13 after 10), and a client that computes its own sees events twice."""

_FORM = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?\Z")


def view(mailbox: Mailbox, calendar: str, query: Query) -> list[Event]:
    """The events of a calendarView, by start. Raises GraphError for a missing, bad or too long range."""
    begin, end = _bound(query, "startdatetime"), _bound(query, "enddatetime")
    if end - begin > LONGEST_RANGE:
        raise GraphError(
            400,
            "ErrorInvalidRequest",
            "Your request can't be completed. The range between the start and end dates is greater than the allowed "
            "range. Maximum number of days: 1825",
        )
    if query.filter is not None:
        if "extendedproperties" in query.filter.lower():
            raise GraphError(
                500, "ErrorInternalServerError", "An internal server error occurred. The operation failed."
            )
        raise not_modelled("filters on a calendar view")
    return _ordered((event for event in mailbox.in_calendar(calendar) if event.times.overlaps(begin, end)), query)


def listed(events: Iterable[Event], query: Query) -> list[Event]:
    """The events of a list, those that $filter asks for."""
    if query.filter is not None:
        which, value = own_filter(query.filter)
        events = (event for event in events if extended.matches(event.extended, which, value))
    return _ordered(events, query)


def page(events: list[Event], query: Query) -> tuple[list[Event], int | None]:
    """One page of events, and the `$skip` of the next one; None: this is the last."""
    rounds, rest = divmod(query.skip, UNSEEN_EVERY + UNSEEN)
    first = rounds * UNSEEN_EVERY + min(rest, UNSEEN_EVERY)
    last = first + query.top
    if last >= len(events):
        return events[first:], None
    return events[first:last], last + UNSEEN * (last // UNSEEN_EVERY)


def _ordered(events: Iterable[Event], query: Query) -> list[Event]:
    return sorted(events, key=lambda event: (event.times.start, event.number), reverse=query.descending)


def _bound(query: Query, name: str) -> datetime:
    text = query.plain.get(name)
    if not text:
        raise GraphError(
            400,
            "ErrorInvalidParameter",
            "This request requires a time window specified by the query string parameters StartDateTime and "
            "EndDateTime.",
        )
    text = re.sub(r" (\d\d:\d\d)\Z", r"+\1", text)  # a + that was not encoded came as a space
    try:
        if not _FORM.match(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        raise GraphError(400, "ErrorInvalidParameter", f"The date '{text}' of the time window is invalid.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
