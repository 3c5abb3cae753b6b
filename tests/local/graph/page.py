"""The calendar pages: a month of one mailbox as Outlook would show it; the list of all mailboxes. HTML, no script."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from html import escape
from urllib.parse import quote, urlencode

from tests.local.graph.event import Event
from tests.local.graph.mailboxes import Mailbox, MailboxState
from tests.local.graph.page_days import Bar, Day, next_month, weeks
from tests.local.graph.page_event import lane, timed
from tests.local.graph.page_style import CSS


def document(title: str, body: str) -> str:
    """A whole page; `title` is text, `body` HTML."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>\n<body>{body}</body></html>\n"
    )


def month_page(mailbox: Mailbox, first: date, zone: tzinfo, zone_name: str, today: date) -> str:
    """The month that begins with `first`, in the zone."""
    present = mailbox.present
    grid = weeks(present, first, zone)
    deleted = len(mailbox.events) - len(present)
    title = f"{first:%B} {first.year}"
    steps = [
        ("‹", "Previous month", next_month(first, -1)),
        ("Today", "", today),
        ("›", "Next month", next_month(first, 1)),
    ]
    links = "".join(
        f'<a href="{escape(link(mailbox, month, zone_name))}" title="{hint or label}">{label}</a>'
        for label, hint, month in steps
    )
    shown = len({id(event) for event in _shown(grid)})
    header = (
        f"<header><h1>{title}</h1><nav>{links}</nav>"
        f'<span class="note">{shown} {"event" if shown == 1 else "events"} · times in {escape(zone_name)}'
        f"{f' · {deleted} in Deleted Items' if deleted else ''}</span>"
        f'<div class="who">{escape(mailbox.name)}<br><small>{escape(mailbox.address)} · '
        '<a href="/calendar">all mailboxes</a></small></div></header>'
    )
    names = "".join(f"<span>{day.date:%A}</span>" for day in grid[0])
    rows = "".join(
        f'<div class="week">{"".join(_day(day, mailbox, zone, today) for day in week)}</div>' for week in grid
    )
    main = f'<main><div class="names">{names}</div><div class="month">{rows}</div>{_LEGEND}</main>'
    return document(f"{title} – {mailbox.name}", header + main)


def index_page(mailboxes: Iterable[Mailbox], now: datetime) -> str:
    """All mailboxes with their counts."""
    boxes = sorted(mailboxes, key=lambda box: box.address)
    rows = "".join(_row(box, now) for box in boxes)
    total = sum(len(box.present) for box in boxes)
    body = (
        f'<header><h1>Calendars</h1><span class="note">{len(boxes)} mailboxes · {total} events</span></header><main>'
        '<table><tr><th>Mailbox</th><th class="number">Events</th><th>Next</th></tr>'
        f"{rows or '<tr><td colspan=3>No mailboxes yet.</td></tr>'}</table></main>"
    )
    return document("Calendars", body)


def problem_page(what: str) -> str:
    """An error, said to a person."""
    return document(
        "Calendar",
        "<header><h1>Not found</h1></header>"
        f'<main><p>{escape(what)}</p><p><a href="/calendar">All mailboxes</a></p></main>',
    )


def link(mailbox: Mailbox, month: date, zone_name: str | None = None) -> str:
    """The address of a month's page."""
    query = {"month": f"{month:%Y-%m}"} | ({"zone": zone_name} if zone_name else {})
    return f"/calendar/{quote(mailbox.address, safe='@')}?{urlencode(query)}"


def _row(mailbox: Mailbox, now: datetime) -> str:
    coming = min((event for event in mailbox.present if event.times.end > now), key=_start, default=None)
    ahead = coming.times.start if coming else None
    state = "" if mailbox.state is MailboxState.OPEN else f' <span class="state">{escape(mailbox.state)}</span>'
    other = "".join(f"<br><small class=note>also {escape(each)}</small>" for each in mailbox.addresses[1:])
    said = f"{ahead:%a %b} {ahead.day}, {ahead.year} – {escape(coming.values['subject'])}" if coming and ahead else "–"
    target = escape(link(mailbox, (ahead or now).date()))
    return (
        f'<tr><td><a href="{target}">{escape(mailbox.address)}</a>{state}{other}</td>'
        f'<td class="number">{len(mailbox.present)}</td><td class="note">{said}</td></tr>'
    )


def _start(event: Event) -> datetime:
    return event.times.start


def _shown(grid: list[list[Day]]) -> Iterable[Event]:
    for week in grid:
        for day in week:
            if day.inside:
                yield from (each.event if isinstance(each, Bar) else each for each in day.bars if each is not None)
                yield from (entry.event for entry in day.timed if not entry.continued)


def _day(day: Day, mailbox: Mailbox, zone: tzinfo, today: date) -> str:
    marks = {
        "outside": not day.inside,
        "weekend": day.date.weekday() >= 5,
        "today": day.date == today,
        "empty": not (any(day.bars) or day.timed),
        "right": day.date.weekday() in (3, 4, 5),
    }
    classes = " ".join(["day", *(name for name, holds in marks.items() if holds)])
    lanes = "".join(lane(each, mailbox, zone) for each in day.bars)
    entries = "".join(timed(entry, mailbox, zone) for entry in day.timed)
    return f'<div class="{classes}"><h2><i>{day.date:%a, %b} </i>{day.date.day}</h2>{lanes}{entries}</div>'


def _sample(kind: str, text: str) -> str:
    return f'<details class="event {kind}" style="--days:1"><summary>{text}</summary></details>'


_LEGEND = (
    f'<div class="legend">{_sample("busy", "Busy")}{_sample("free", "Free")}{_sample("busy bar", "All day, busy")}'
    f"{_sample('free bar', 'All day, free')}{_sample('other', 'In another calendar')}"
    '<span><span class="moon">☾</span> ends the next day</span></div>'
)
