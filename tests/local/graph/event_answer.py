"""An event as Graph shows it: every property of a recorded answer, in its order."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.local.graph import extended
from tests.local.graph.answers import Json
from tests.local.graph.event import Event
from tests.local.graph.ids import Ids
from tests.local.graph.prefer import Prefer

if TYPE_CHECKING:
    from tests.local.graph.mailboxes import Mailbox

NEVER = "0001-01-01T00:00:00Z"


def render(
    event: Event,
    mailbox: "Mailbox",
    ids: Ids,
    prefer: Prefer,
    select: Collection[str] = (),
    expand: Collection[extended.Key] = (),
) -> Json:
    """The event as one answer shows it: with the ids, the zone, the fields and the properties that it asked for."""
    kept = event.answer
    if kept is None:
        kept = event.answer = _unchanging(event, mailbox, ids)
    shown = kept.copy()  # keeps the order of keys: those below are there already
    shown["id"] = identifier = event.immutable_id if prefer.immutable_ids else event.mutable_id
    shown["webLink"] = (
        f"https://outlook.office365.com/owa/?itemid={quote(identifier, safe='')}&exvsurl=1&path=/calendar/item"
    )
    shown["start"], shown["end"] = event.times.rendered(prefer.time_zone)
    if prefer.text_bodies:
        shown["body"] = {"contentType": "text", "content": event.body.text}
    if select:
        shown = {name: value for name, value in shown.items() if name in select or name in ("@odata.etag", "id")}
    if expand:
        properties = extended.rendered(event.extended, expand)
        if properties:
            shown["singleValueExtendedProperties"] = properties
    return shown


def time_text(moment: datetime) -> str:
    """createdDateTime and its like."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def _unchanging(event: Event, mailbox: "Mailbox", ids: Ids) -> Json:
    values = event.values
    change_key = ids.change_key(event.number, event.changes)
    ical = ids.ical(mailbox.id, event.number)
    return {
        "@odata.etag": f'W/"{change_key}"',
        "id": "",
        "createdDateTime": time_text(event.created),
        "lastModifiedDateTime": time_text(event.modified),
        "changeKey": change_key,
        "categories": values["categories"],
        "transactionId": event.transaction_id,
        "originalStartTimeZone": event.times.first.zone,
        "originalEndTimeZone": event.times.last.zone,
        "iCalUId": ical,
        "uid": ical,
        "reminderMinutesBeforeStart": values["reminderMinutesBeforeStart"],
        "isReminderOn": values["isReminderOn"],
        "hasAttachments": False,
        "subject": values["subject"],
        "bodyPreview": event.body.preview,
        "importance": values["importance"],
        "sensitivity": values["sensitivity"],
        "isAllDay": event.times.all_day,
        "isCancelled": False,
        "isOrganizer": True,
        "responseRequested": values["responseRequested"],
        "seriesMasterId": None,
        "showAs": values["showAs"],
        "type": "singleInstance",
        "webLink": "",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": values["isOnlineMeeting"],
        "onlineMeetingProvider": values["onlineMeetingProvider"],
        "allowNewTimeProposals": values["allowNewTimeProposals"],
        "occurrenceId": None,
        "isDraft": False,
        "hideAttendees": values["hideAttendees"],
        "responseStatus": {"response": "organizer", "time": NEVER},
        "body": {"contentType": "html", "content": event.body.html},
        "start": None,
        "end": None,
        "location": event.location,
        "locations": event.locations,
        "recurrence": None,
        "attendees": event.attendees,
        "organizer": {"emailAddress": {"name": mailbox.name, "address": mailbox.address}},
        "onlineMeeting": None,
    }
