"""`observe`: the one answer to crash, first contact, audit, rebuild and renamed mailbox (rules 1 and 8).

Reads a calendar's marks over the whole window and sets the links by what is there, filed by the mark's month,
whatever the event's date.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.messages import ScheduleMonth
from shared.outlook.event import Event
from shared.outlook.found import FoundEvent
from shared.outlook.outcome import Outcome, ReadFailure
from shared.sync import refusals
from shared.sync.lease import Lease
from shared.sync.match import begun
from shared.sync.records import Link, PersonMonthRow, PersonState
from shared.sync.window import observed_days
from shared.sync.writer_ports import WriterPorts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """One mailbox to observe."""

    mailbox: str
    months: frozenset[ScheduleMonth] | None
    """The person-months to file; None: all, because the mailbox is met for the first time."""


def looks(
    state: PersonState,
    rows: Mapping[ScheduleMonth, PersonMonthRow],
    opened: Collection[ScheduleMonth],
    refusing: Collection[str],
    now: datetime,
) -> list[Look]:
    """Which mailboxes must be observed before the months of these rows are written; the mapped one last.

    `opened`: those of them that were found open. They and the forgotten ones are in doubt: each is observed in every
    mailbox that it was, or will be, written to. A mailbox that was never met is observed for all months.
    """
    mapped = {month: row.mailbox for month, row in rows.items()}
    doubtful = [*opened, *_forgotten(state, rows, now)]
    wanted: dict[str, set[ScheduleMonth]] = {}
    for month in doubtful:
        for other in sorted((state.open.get(month, set()) | state.mailboxes(month)) - {mapped[month]}):
            wanted.setdefault(other, set()).add(month)
    for month in doubtful:
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


def _forgotten(state: PersonState, rows: Mapping[ScheduleMonth, PersonMonthRow], now: datetime) -> set[ScheduleMonth]:
    """Months of which nothing is known though shifts of theirs have begun: a removal may have let their events lie."""
    return {
        month
        for month, row in rows.items()
        if month not in state.links and any(begun(slot.event.start_utc, now) for slot in row.slots or ())
    }


async def observe(
    look: Look,
    days_of: Collection[ScheduleMonth],
    state: PersonState,
    lease: Lease,
    ports: WriterPorts,
    rows: Mapping[ScheduleMonth, PersonMonthRow],
) -> Outcome | None:
    """Observes one mailbox under the lease, and files what is there. `rows`: as `file_marks` takes them.

    `days_of`: the months whose days are looked at, besides the window's. Returns what kept it from being read, if
    anything did; that the mailbox refuses is remembered. Raises LeaseLostError.
    """
    await lease.cover_next_request()
    first, last = observed_days(ports.settings, lease.now(), days_of)
    found = await ports.calendars.marked(
        look.mailbox, state.person, first, last, linked(state, look), timeout=lease.budget
    )
    if not isinstance(found, ReadFailure):
        file_marks(state, look, found.events, rows)
        log.info("calendar_observed person=%s marks=%d first=%s", state.person, len(found.events), look.months is None)
        return None
    if found.outcome.mailbox_refuses:
        refusals.remember(state, look.mailbox, found.outcome, lease.now())
    return found.outcome


def linked(state: PersonState, look: Look) -> set[str]:
    """The ids of the events of the looked-at months that are linked in the mailbox.

    Where it is met for the first time, those in other mailboxes, too: its address may be another one of the same.
    """
    if look.months is None:
        return {link.event for link in _all(state)}
    return {link.event for month in look.months for link in state.links.get(month, []) if link.mailbox == look.mailbox}


def file_marks(
    state: PersonState,
    look: Look,
    found: Sequence[FoundEvent],
    rows: Mapping[ScheduleMonth, PersonMonthRow],
) -> None:
    """Sets the links of the looked-at months in this mailbox by what was found there.

    An event that is linked under another address shows that the two addresses are one mailbox (a renamed UPN): its
    links go under the address that is desired of their month. `rows`: what is desired; an event that was sent so, and
    no longer looks so, was changed by hand.
    """
    wanted = {slot.digest: slot.event for row in rows.values() for slot in row.slots or ()}
    events = {event.event_id for event in found}
    names = {look.mailbox} | {link.mailbox for link in _all(state) if link.event in events}
    months = look.months
    if months is None:
        here = {month for month, row in rows.items() if row.mailbox == look.mailbox}
        months = frozenset(state.links) | here | {_month(event) for event in found}
    for month in months:
        mapped = rows[month].mailbox if month in rows else None
        name = mapped if mapped is not None and mapped in names else look.mailbox
        old = state.links.get(month, [])
        known = {link.event: link for link in old if link.mailbox in names}
        renamed = {link.link: link.slot for link in old if link.event not in events}
        state.links[month] = [link for link in old if link.mailbox not in names] + [
            _linked(event, name, known.get(event.event_id), renamed.get(event.mark.link), wanted)
            for event in found
            if _month(event) == month
        ]


def _linked(event: FoundEvent, mailbox: str, known: Link | None, slot: str | None, wanted: Mapping[str, Event]) -> Link:
    """The tie to an event as it was found.

    Where it looks as it was sent, its times are those that were sent: Outlook tells an all-day event's days only. Where
    only the subject differs, and no more than after it was put right (the link knows again what was sent), that is how
    Outlook shows it. Of an event that nothing is wanted of any more (its person has opted out), the times are those
    that it had. What an earlier installation sent has no digest: it differs from whatever is wanted, and is sent anew.
    """
    sent = wanted.get(event.mark.digest)
    digest, start, end, seen = event.mark.digest, event.start, event.end, known.seen if known else ""
    if sent is not None and event.shows(replace(sent, subject=event.subject)):
        start, end = sent.start_utc, sent.end_utc
        if event.subject != sent.subject:
            subject = hashlib.sha256(event.subject.encode()).hexdigest()[:8]
            put_right = known is not None and known.digest != ""
            digest, seen = digest if seen == subject and put_right else "", subject
    elif sent is not None:
        digest = ""
    elif known is not None and digest and known.digest == digest:
        start, end = known.start, known.end
    return Link(
        link=event.mark.link,
        mailbox=mailbox,
        event=event.event_id,
        slot=(known.slot if known else None) or slot,
        digest=digest,
        start=start,
        end=end,
        seen=seen,
    )


def _month(event: FoundEvent) -> ScheduleMonth:
    return ScheduleMonth(event.mark.schedule, event.mark.month)


def _all(state: PersonState) -> Iterable[Link]:
    return (link for links in state.links.values() for link in links)
