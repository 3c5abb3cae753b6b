"""Shifts and events to test with. Times as text: `2026-11-02T07:00`."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.month import Month
from shared.outlook.event import Event, EventOptions, wanted_event
from shared.outlook.mark import Mark
from shared.schedule.model import Assignment, Schedule, Sending, Slot

CHICAGO = "America/Chicago"

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: a busy machine is no failure."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slot(
    start: str = "2026-11-02T07:00",
    end: str = "2026-11-02T17:00",
    start_utc: str = "2026-11-02T13:00",
    end_utc: str = "2026-11-02T23:00",
    *,
    note: str = "",
    locations: tuple[str, ...] = (),
) -> Slot:
    first = datetime.fromisoformat(start)
    return Slot(
        slot="48201",
        schedule="5",
        person="2101",
        assignment="301",
        day=first.date(),
        start=first,
        end=datetime.fromisoformat(end),
        start_utc=utc(start_utc),
        end_utc=utc(end_utc),
        note=note,
        locations=locations,
    )


def assignment(
    name: str = "ICU Day",
    short_name: str = "ICU-D",
    *,
    notes: bool = False,
    information: bool = False,
    free: bool = False,
) -> Assignment:
    return Assignment("301", name, short_name, Sending(send=True, notes=notes, information=information, free=free))


def schedule(name: str = "Intensive Care") -> Schedule:
    return Schedule("5", name, None)


def event_of(
    what: Slot | None = None,
    kind: Assignment | None = None,
    options: EventOptions | None = None,
    *,
    zone: str = CHICAGO,
    published: Schedule | None = None,
) -> Event:
    return wanted_event(what or slot(), kind or assignment(), published or schedule(), zone, options or EventOptions())


def times(event: Event) -> tuple[str, str, str, bool]:
    return event.start, event.end, event.zone, event.all_day


def mark(
    link: str = "0b6f2a34-5a0e-4f5e-9c59-1f2f0e7f6a11",
    *,
    installation: str = "north",
    person: str = "2101",
    digest: str = "0123456789abcdef0123",
) -> Mark:
    return Mark(installation, link, person, "5", Month(2026, 11), digest)


anything = st.text(max_size=60) | st.text(st.characters(exclude_categories=()), max_size=60)
"""Text of any code points at all: control characters and halves of surrogate pairs among them."""


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event that a slot can become."""
    hour = timedelta(hours=1)
    start = datetime.fromisoformat("2026-01-01") + hour * draw(st.integers(0, 24 * 700))
    end = start + hour * draw(st.integers(1, 72))
    if draw(st.booleans()):
        start, end = (moment.replace(hour=0) for moment in (start, end + 24 * hour))
    return wanted_event(
        Slot(
            "1", "5", "2101", "301", start.date(), start, end, start.replace(tzinfo=UTC), end.replace(tzinfo=UTC),
            draw(anything), tuple(draw(st.lists(anything, max_size=3))),
        ),
        Assignment(
            "301", draw(anything), draw(anything),
            Sending(True, draw(st.booleans()), draw(st.booleans()), draw(st.booleans())),
        ),
        Schedule("5", draw(anything), None),
        draw(st.sampled_from([CHICAGO, "America/Detroit", "America/Phoenix", "America/Santiago", "Asia/Kolkata"])),
        EventOptions(
            subject=draw(st.sampled_from(["{assignment}", "{assignment_short}: {schedule}", "On duty"])),
            category=draw(st.none() | st.just("On call")),
            sensitivity=draw(st.sampled_from(["normal", "personal", "private", "confidential"])),
            reminder_minutes=draw(st.none() | st.integers(0, 40320)),
        ),
    )  # fmt: skip
