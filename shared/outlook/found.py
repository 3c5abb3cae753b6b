"""What stands in a calendar of ours: the events that carry a mark of this installation and person (rule 6).

An id that the installation had earlier is as good as its present one; but what was sent under it counts as unknown, so
that the event is sent once more, with the present id in its mark.

Source: https://learn.microsoft.com/graph/api/user-list-calendarview
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from shared.decode import decoded
from shared.outlook.event import Event
from shared.outlook.mark import MARK_ID, Mark
from shared.outlook.render import show_as

SELECT = ("id", "subject", "start", "end", "isAllDay", "showAs", "originalStartTimeZone")
"""Properties that a read asks for. Not the body: Exchange rewrites it, so that it can be compared with nothing."""
EXPAND = f"singleValueExtendedProperties($filter=id eq '{MARK_ID}')"
"""Without the inner filter the property does not come."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event of ours as it stands in the calendar, whoever last changed it. `mark.digest` says what was sent."""

    event_id: str
    mark: Mark
    start: datetime
    """Aware, in UTC. Of an all-day event: local midnight in the zone that it was made in."""
    end: datetime
    all_day: bool
    show_as: str
    """Graph's word: `busy`, `free`, `oof`, …"""
    subject: str
    days: tuple[date, date] | None = None
    """Of an all-day event: its first day, and the day after its last."""

    def shows(self, event: Event) -> bool:
        """Whether it still looks like `event`, as far as a read tells: subject, time, all-day, how it is shown."""
        if (self.subject, self.all_day, self.show_as) != (event.subject, event.all_day, show_as(event)):
            return False
        if self.days:
            return self.days == (date.fromisoformat(event.start[:10]), date.fromisoformat(event.end[:10]))
        return (self.start, self.end) == (event.start_utc, event.end_utc)


@dataclass(frozen=True, slots=True)
class Found:
    """A mailbox's events of ours, over the days that were asked for and a day or two around them."""

    events: tuple[FoundEvent, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a calendar view."""

    events: tuple[FoundEvent, ...]
    next_link: str | None


def read_page(raw: bytes, installation: str, person: str, earlier: Collection[str] = ()) -> Page:
    """Ours among a page's events: marked by this installation for this person. All others are passed over.

    `earlier`: ids that the installation had before. Raises ValueError where the answer is no page, or an event of ours
    cannot be read: then nothing is known of it, and to take it for absent would make a second one.
    """
    try:
        answer = decoded(raw)
        rows, link = answer["value"], answer.get("@odata.nextLink")
        ours = [(row, mark) for row in rows if (mark := _ours(row, installation, person, earlier))]
        events = tuple(_event(row, mark) for row, mark in ours)
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
    if link is not None and not isinstance(link, str):
        raise ValueError("nextLink")
    return Page(events, link)


def read_event(raw: bytes, installation: str, person: str, earlier: Collection[str] = ()) -> FoundEvent | None:
    """One event, if it is ours. Raises ValueError where it cannot be read."""
    try:
        row = decoded(raw)
        mark = _ours(row, installation, person, earlier)
        return _event(row, mark) if mark else None
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


def other_calendars(raw: bytes) -> list[str]:
    """The ids of the calendars in an answer, but the default one's. Raises ValueError where it is no such answer.

    Source: https://learn.microsoft.com/graph/api/user-list-calendars
    """
    try:
        return [row["id"] for row in decoded(raw)["value"] if not row["isDefaultCalendar"]]
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Stranger:
    """An event that is not this installation's: nothing but what an eye compares. Nobody may touch it (rule 6)."""

    subject: str
    start: datetime
    """Aware, in UTC; of an all-day event UTC midnight."""
    end: datetime
    marked: bool
    """Another installation's."""


def read_strangers(raw: bytes, installation: str, earlier: Collection[str] = ()) -> list[Stranger]:
    """The events of a page that are not this installation's, nor were under an earlier id. Raises ValueError."""
    try:
        marks = [(row, _mark(row)) for row in decoded(raw)["value"]]
        return [
            Stranger(str(row["subject"] or ""), _instant(row["start"]), _instant(row["end"]), mark is not None)
            for row, mark in marks
            if mark is None or mark.installation not in (installation, *earlier)
        ]
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


def _instant(value: Mapping[str, str]) -> datetime:
    return _wall_clock(value).replace(tzinfo=zone_of(value["timeZone"])).astimezone(UTC)


def _mark(row: Mapping[str, Any]) -> Mark | None:
    for entry in row.get("singleValueExtendedProperties") or ():
        if entry["id"].casefold() == MARK_ID.casefold():
            return Mark.parse(entry["value"])
    return None


def _ours(row: Mapping[str, Any], installation: str, person: str, earlier: Collection[str]) -> Mark | None:
    """The row's mark, if it is this person's and ours."""
    mark = _mark(row)
    if mark is None or mark.person != person:
        return None
    if mark.installation == installation:
        return mark
    return replace(mark, digest="") if mark.installation in earlier else None


def _event(row: Mapping[str, Any], mark: Mark) -> FoundEvent:
    event_id, all_day = row["id"], row["isAllDay"]
    if not (isinstance(event_id, str) and event_id and isinstance(all_day, bool)):
        raise ValueError("id")
    start, end = _wall_clock(row["start"]), _wall_clock(row["end"])
    days = None
    if all_day:
        days = start.date(), end.date()
        zone = zone_of(row.get("originalStartTimeZone"))
        start, end = (datetime.combine(day, time.min, zone) for day in days)
    else:
        start = start.replace(tzinfo=zone_of(row["start"]["timeZone"]))
        end = end.replace(tzinfo=zone_of(row["end"]["timeZone"]))
    return FoundEvent(
        event_id=event_id,
        mark=mark,
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        all_day=all_day,
        show_as=row["showAs"],
        subject=row["subject"] or "",
        days=days,
    )


def _wall_clock(value: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(value["dateTime"]).replace(tzinfo=None)


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> ZoneInfo:
    """The zone of a Windows or IANA name; UTC for any other, such as Outlook's `tzone://Microsoft/Custom`."""
    try:
        return ZoneInfo(win_tz.get(name or "", name or "UTC"))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
