"""An event on the calendar page: a chip or a bar, and a card with the rest of it behind a click."""

from datetime import datetime, tzinfo
from html import escape

from tests.local.graph.event import Event
from tests.local.graph.mailboxes import Mailbox
from tests.local.graph.page_days import Bar, Timed, local

_SHOWN_AS = {
    "free": "Free",
    "tentative": "Tentative",
    "busy": "Busy",
    "oof": "Away",
    "workingElsewhere": "Working elsewhere",
    "unknown": "Unknown",
}


def clock(moment: datetime) -> str:
    """`7a`, `7:30p`, `12p`: as schedulers write it."""
    hour = moment.hour % 12 or 12
    return f"{hour}{f':{moment.minute:02d}' if moment.minute else ''}{'a' if moment.hour < 12 else 'p'}"


def lane(each: Bar | Event | None, mailbox: Mailbox, zone: tzinfo) -> str:
    """One lane of a day: the beginning of a bar, a bar that passes through, or nothing."""
    if each is None:
        return '<div class="lane none"></div>'
    if isinstance(each, Event):
        return f'<div class="lane"><span>{subject(each)} (continued)</span></div>'
    times = each.event.times
    begins = f"<b>{clock(times.start.astimezone(zone))}</b>" if not times.all_day and each.begins else ""
    extra = f"bar{'' if each.begins else ' before'}{'' if each.ends else ' onward'}"
    return _event(each.event, mailbox, zone, f"{begins}{subject(each.event)}", extra, f' style="--days:{each.days}"')


def timed(entry: Timed, mailbox: Mailbox, zone: tzinfo) -> str:
    """An event with a time of day."""
    if entry.continued:
        return _event(entry.event, mailbox, zone, f"<b>to {clock(entry.end)}</b>{subject(entry.event)}", "continued")
    moon = '<span class="moon" title="ends on a later day">☾</span>' if entry.overnight else ""
    text = f"<b>{clock(entry.start)}–{clock(entry.end)}{moon}</b>{subject(entry.event)}"
    return _event(entry.event, mailbox, zone, text)


def _event(event: Event, mailbox: Mailbox, zone: tzinfo, text: str, extra: str = "", style: str = "") -> str:
    kind = "other" if event.calendar != mailbox.default_calendar else event.values["showAs"]
    title = escape(f"{event.values['subject']} – {_when(event, zone)} – {_SHOWN_AS[event.values['showAs']]}")
    return (
        f'<details class="event {kind} {extra}" name="event"{style}><summary title="{title}">{text}</summary>'
        f"{_card(event, mailbox, zone)}</details>"
    )


def _card(event: Event, mailbox: Mailbox, zone: tzinfo) -> str:
    values = event.values
    reminder = f"{values['reminderMinutesBeforeStart']} min before" if values["isReminderOn"] else "none"
    facts = {
        "When": escape(_when(event, zone)),
        "Where": escape(event.location["displayName"]),
        "Shown as": _SHOWN_AS[values["showAs"]],
        "Category": " ".join(f'<span class="tag">{escape(name)}</span>' for name in values["categories"]),
        "Reminder": reminder,
        "Privacy": escape(values["sensitivity"]) if values["sensitivity"] != "normal" else "",
        "Calendar": escape(mailbox.calendars[event.calendar]) if event.calendar != mailbox.default_calendar else "",
    }
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items() if value)
    body = f"<pre>{escape(event.body.text)}</pre>" if event.body.text else ""
    return f'<div class="card"><h3>{subject(event)}</h3><dl>{listed}</dl>{body}</div>'


def subject(event: Event) -> str:
    """The event's subject, as HTML."""
    return escape(event.values["subject"]) or "<i>(no subject)</i>"


def _when(event: Event, zone: tzinfo) -> str:
    start, end = local(event, zone)
    day = f"{start:%a, %b} {start.day}"
    if event.times.all_day:
        days = (event.times.end - event.times.start).days
        return f"{day}, all day" if days == 1 else f"{day}, {days} whole days"
    same = start.date() == end.date()
    return f"{day}, {clock(start)} – {'' if same else f'{end:%a, %b} {end.day}, '}{clock(end)}"
