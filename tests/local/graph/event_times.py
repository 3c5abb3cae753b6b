"""When an event is: start and end as they were given, the instants they mean, and the rules for all-day events."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.local.graph.answers import Json, invalid_property, invalid_request
from tests.local.graph.zones import stamp, to_utc, zone

_FORM = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,12})?)?)?(Z|[+-]\d\d:\d\d)?\Z")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_DAY = timedelta(days=1)
_MIDNIGHT = timedelta()


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall clock and the zone it was given in."""

    local: datetime
    """Naive: what a clock in `zone` shows."""
    zone: str

    @property
    def instant(self) -> datetime:
        """Aware, in UTC."""
        return to_utc(self.local, zone(self.zone))

    @property
    def midnight(self) -> bool:
        """Whether a day begins."""
        local = self.local
        return not (local.hour or local.minute or local.second or local.microsecond)


@dataclass(frozen=True, slots=True)
class Times:
    """Start and end of an event. An all-day event's instants are its floating days' midnights, as if in UTC."""

    first: Moment
    last: Moment
    all_day: bool
    start: datetime
    end: datetime

    def rendered(self, zone_name: str | None) -> tuple[Json, Json]:
        """`start` and `end` of an answer, in UTC or the zone that Prefer: outlook.timezone names."""
        if zone_name is None or zone_name == "UTC":
            start, end, name = self.start, self.end, "UTC"
        elif self.all_day:
            start, end, name = self.start, self.end, zone_name
        else:
            place = zone(zone_name)
            start, end, name = self.start.astimezone(place), self.end.astimezone(place), zone_name
        return {"dateTime": stamp(start), "timeZone": name}, {"dateTime": stamp(end), "timeZone": name}

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        """Whether some of it lies in the half-open range; an event without length lies where it starts."""
        return self.start < end and (self.end > begin or (self.start == self.end and self.start >= begin))


def moment(value: Json) -> Moment:
    """A dateTimeTimeZone of a request. Raises GraphError for an unknown zone or a date that is none."""
    name, text = value.get("timeZone"), value.get("dateTime")
    place = zone(name)
    assert name is not None
    if text is None or not _FORM.match(text):
        raise invalid_property()
    try:
        parsed = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        if parsed.tzinfo is not None:  # an offset beats the zone, which then only says how to show it
            parsed = parsed.astimezone(place).replace(tzinfo=None)
        found = Moment(parsed.replace(fold=0), name)
        found.instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid_property() from None
    return found


def times(first: Moment, last: Moment, all_day: bool) -> Times:
    """Both ends together. Raises GraphError where Exchange refuses them."""
    if all_day:
        for name, end in (("Start", first), ("End", last)):
            if not end.midnight:
                raise invalid_request(f"The Event.{name} property for an all-day event needs to be set to midnight.")
        if first.zone != last.zone:
            raise invalid_request("The start and end of an all-day event need to be in the same time zone.")
        if last.local - first.local < _DAY:
            raise invalid_request("The duration of an event marked as All day must be at least 24 hours.")
        start, end_ = first.local.replace(tzinfo=UTC), last.local.replace(tzinfo=UTC)
    else:
        start, end_ = first.instant, last.instant
        if end_ - start < _MIDNIGHT:
            raise invalid_property()
    return Times(first, last, all_day, start, end_)
