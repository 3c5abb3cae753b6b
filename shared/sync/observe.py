"""`observe`: the one answer to crash, first contact, audit, rebuild and renamed mailbox (rules 1 and 8).

Reads a calendar's marks over the whole window and sets the links by what is there, filed by the mark's month,
whatever the event's date.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.messages import ScheduleMonth
from shared.outlook.event import Event
from shared.outlook.found import FoundEvent
from shared.sync.records import Link, PersonMonthRow, PersonState


@dataclass(frozen=True, slots=True)
class Look:
    """One mailbox to observe."""

    mailbox: str
    months: frozenset[ScheduleMonth] | None
    """The person-months to file; None: all, because the mailbox is met for the first time."""


def looks(
    state: PersonState,
    mapped: Mapping[ScheduleMonth, str | None],
    open_before: Collection[ScheduleMonth],
    refusing: Collection[str],
) -> list[Look]:
    """Which mailboxes must be observed before these months are written; the mapped one last.

    `mapped`: the months at work, each with the mailbox that desired names. A month that was found open is observed in
    every mailbox that it was, or will be, written to; a mailbox that was never met, for all months.
    """
    wanted: dict[str, set[ScheduleMonth]] = {}
    for month in open_before:
        for other in sorted((state.open.get(month, set()) | state.mailboxes(month)) - {mapped[month]}):
            wanted.setdefault(other, set()).add(month)
    for month in open_before:
        if mailbox := mapped[month]:
            wanted.setdefault(mailbox, set()).add(month)
    new = [
        mailbox
        for mailbox in dict.fromkeys([*wanted, *(mailbox for mailbox in mapped.values() if mailbox)])
        if mailbox not in state.observed and mailbox not in refusing
    ]
    for mailbox in new:
        wanted.setdefault(mailbox, set())
    return [Look(mailbox, None if mailbox in new else frozenset(months)) for mailbox, months in wanted.items()]


def wanted_events(rows: Iterable[PersonMonthRow]) -> dict[str, Event]:
    """What is desired in these person-months, by digest."""
    return {slot.digest: slot.event for row in rows for slot in row.slots or ()}


def linked(state: PersonState, mailbox: str) -> set[str]:
    """The ids of the events that are linked in a mailbox."""
    return {link.event for link in _all(state) if link.mailbox == mailbox}


def file_marks(
    state: PersonState, look: Look, found: Sequence[FoundEvent], mapped: str | None, wanted: Mapping[str, Event]
) -> None:
    """Sets the links of the looked-at months in this mailbox by what was found there.

    `wanted`: desired events by their digests. One that was sent so, and no longer looks so, was changed by hand: it
    counts as sent with unknown content.

    `mapped`: the person's present mailbox. An event that is linked under another address shows that the two addresses
    are one mailbox (a renamed UPN): all its links go under the mapped one.
    """
    events = {event.event_id for event in found}
    names = {look.mailbox} | {link.mailbox for link in _all(state) if link.event in events}
    name = mapped if mapped in names and mapped is not None else look.mailbox
    months = look.months
    if months is None:
        months = frozenset(state.links) | {_month(event) for event in found}
    for month in months:
        old = state.links.get(month, [])
        slots = {link.event: link.slot for link in old if link.mailbox in names}
        renamed = {link.link: link.slot for link in old if link.event not in events}
        state.links[month] = [link for link in old if link.mailbox not in names] + [
            Link(
                link=event.mark.link,
                mailbox=name,
                event=event.event_id,
                slot=slots.get(event.event_id) or renamed.get(event.mark.link),
                digest=_digest(event, wanted),
                start=event.start,
                end=event.end,
            )
            for event in found
            if _month(event) == month
        ]


def _digest(event: FoundEvent, wanted: Mapping[str, Event]) -> str:
    sent = wanted.get(event.mark.digest)
    return event.mark.digest if sent is None or event.shows(sent) else ""


def _month(event: FoundEvent) -> ScheduleMonth:
    return ScheduleMonth(event.mark.schedule, event.mark.month)


def _all(state: PersonState) -> Iterable[Link]:
    return (link for links in state.links.values() for link in links)
