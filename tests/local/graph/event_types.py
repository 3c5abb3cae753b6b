"""What the body of an event request may hold: names and types, from Graph v1.0's metadata.

A specification is a type's name; `?` allows null, brackets make a collection (which is never null). Names with `@` are
OData annotations and pass.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.local.graph.answers import GraphError, Json

Check = Callable[[Any, str], None]

_ENUMS = """
attendeeType: required optional resource
bodyType: text html
dayOfWeek: sunday monday tuesday wednesday thursday friday saturday
eventType: singleInstance occurrence exception seriesMaster
freeBusyStatus: unknown free tentative busy oof workingElsewhere
importance: low normal high
locationType: default conferenceRoom homeAddress businessAddress geoCoordinates streetAddress hotel restaurant
    localBusiness postalAddress
locationUniqueIdType: unknown locationStore directory private bing
onlineMeetingProviderType: unknown skypeForBusiness skypeForConsumer teamsForBusiness
phoneType: home business mobile other assistant homeFax businessFax otherFax pager radio
recurrencePatternType: daily weekly absoluteMonthly relativeMonthly absoluteYearly relativeYearly
recurrenceRangeType: endDate noEnd numbered
responseType: none organizer tentativelyAccepted accepted declined notResponded
sensitivity: normal personal private confidential
weekIndex: first second third fourth last
"""

_TYPES = """
attendee: emailAddress=emailAddress? type=attendeeType? proposedNewTime=timeSlot? status=responseStatus?
dateTimeTimeZone: dateTime=string timeZone=string?
emailAddress: address=string? name=string?
itemBody: content=string? contentType=bodyType?
location: address=physicalAddress? coordinates=outlookGeoCoordinates? displayName=string? locationEmailAddress=string?
    locationType=locationType? locationUri=string? uniqueId=string? uniqueIdType=locationUniqueIdType?
onlineMeetingInfo: conferenceId=string? joinUrl=string? phones=[phone] quickDial=string? tollFreeNumbers=[string]
    tollNumber=string?
outlookGeoCoordinates: accuracy=number? altitude=number? altitudeAccuracy=number? latitude=number? longitude=number?
patternedRecurrence: pattern=recurrencePattern? range=recurrenceRange?
phone: language=string? number=string? region=string? type=phoneType?
physicalAddress: city=string? countryOrRegion=string? postalCode=string? state=string? street=string?
recipient: emailAddress=emailAddress?
recurrencePattern: dayOfMonth=integer daysOfWeek=[dayOfWeek] firstDayOfWeek=dayOfWeek? index=weekIndex? interval=integer
    month=integer type=recurrencePatternType?
recurrenceRange: endDate=date? numberOfOccurrences=integer recurrenceTimeZone=string? startDate=date?
    type=recurrenceRangeType?
responseStatus: response=responseType? time=dateTime?
singleValueLegacyExtendedProperty: id=string value=string?
timeSlot: end=dateTimeTimeZone start=dateTimeTimeZone
event: id=string categories=[string] changeKey=string? createdDateTime=dateTime? lastModifiedDateTime=dateTime?
    allowNewTimeProposals=boolean? attendees=[attendee] body=itemBody? bodyPreview=string?
    cancelledOccurrences=[string] end=dateTimeTimeZone? hasAttachments=boolean? hideAttendees=boolean? iCalUId=string?
    importance=importance? isAllDay=boolean? isCancelled=boolean? isDraft=boolean? isOnlineMeeting=boolean?
    isOrganizer=boolean? isReminderOn=boolean? location=location? locations=[location]
    onlineMeeting=onlineMeetingInfo? onlineMeetingProvider=onlineMeetingProviderType? onlineMeetingUrl=string?
    organizer=recipient? originalEndTimeZone=string? originalStart=dateTime? originalStartTimeZone=string?
    recurrence=patternedRecurrence? reminderMinutesBeforeStart=integer? responseRequested=boolean?
    responseStatus=responseStatus? sensitivity=sensitivity? seriesMasterId=string? showAs=freeBusyStatus?
    start=dateTimeTimeZone? subject=string? transactionId=string? type=eventType? webLink=string? attachments=[object]
    calendar=object? exceptionOccurrences=[object] extensions=[object] instances=[object]
    multiValueExtendedProperties=[object] singleValueExtendedProperties=[singleValueLegacyExtendedProperty]
"""


def _table(text: str) -> dict[str, list[str]]:
    """Lines `name: words`, the indented ones continued."""
    lines = text.replace("\n    ", " ").strip().splitlines()
    return {name: words.split() for name, _, words in (line.partition(": ") for line in lines)}


ENUMS = {name: frozenset(members) for name, members in _table(_ENUMS).items()}
TYPES = {
    name: {key: specification for key, _, specification in (word.partition("=") for word in words)}
    for name, words in _table(_TYPES).items()
}

EVENT_PROPERTIES = frozenset(TYPES["event"])

_INTEGER = 2**31
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_SIMPLE: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int and -_INTEGER <= value < _INTEGER,
    "number": lambda value: type(value) in (int, float),
    "object": lambda value: isinstance(value, dict),
    "dateTime": lambda value: isinstance(value, str) and _DATE_TIME.match(value) is not None,
    "date": lambda value: isinstance(value, str) and _DATE.match(value) is not None,
}


def check_event(body: Any) -> Json:
    """The body itself, if every name and type in it is Graph's. Raises GraphError (400 RequestBodyRead) otherwise."""
    _check_event(body, "event")
    checked: Json = body
    return checked


def _refused(message: str) -> GraphError:
    return GraphError(400, "RequestBodyRead", message)


def _check(specification: str) -> Check:
    if specification.endswith("?"):
        inner = _check(specification[:-1])
        return lambda value, name: None if value is None else inner(value, name)
    if specification.startswith("["):
        return _collection(_check(specification[1:-1]))
    if specification in ENUMS:
        return _enum(specification, ENUMS[specification])
    if specification in TYPES:
        return _object(specification)
    return _simple(specification, _SIMPLE[specification])


def _simple(kind: str, fits: Callable[[Any], bool]) -> Check:
    def check(value: Any, name: str) -> None:
        if not fits(value):
            raise _refused(f"Cannot convert the value of property '{name}' to the expected type 'Edm.{kind.title()}'.")

    return check


def _enum(kind: str, members: frozenset[str]) -> Check:
    any_case = kind == "bodyType"  # recorded requests say HTML and Text

    def check(value: Any, name: str) -> None:
        if not isinstance(value, str) or (value.lower() if any_case else value) not in members:
            raise _refused(
                f"Cannot convert the value of property '{name}' to the expected type 'microsoft.graph.{kind}'."
            )

    return check


def _collection(check_item: Check) -> Check:
    def check(value: Any, name: str) -> None:
        if not isinstance(value, list):
            raise _refused(
                f"When trying to read the property '{name}', a collection was expected"
                f"{'; a null value was found' if value is None else ''}."
            )
        for item in value:
            check_item(item, name)

    return check


def _object(kind: str) -> Check:
    checks: dict[str, Check] = {}

    def check(value: Any, name: str) -> None:
        if not checks:  # at first use, so that types may refer to each other in any order
            checks.update({key: _check(specification) for key, specification in TYPES[kind].items()})
        if not isinstance(value, dict):
            raise _refused(f"The property '{name}' must be an object of type 'microsoft.graph.{kind}'.")
        for key, item in value.items():
            known = checks.get(key)
            if known is not None:
                known(item, key)
            elif "@" not in key:
                raise _refused(
                    f"The property '{key}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use "
                    "property names that are defined by the type or mark the type as open type."
                )

    return check


_check_event = _check("event")
