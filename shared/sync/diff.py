"""Desired × links → what to write. Pure.

| mailbox | slot's event | what follows |
| --- | --- | --- |
| mapped | linked there, as desired | nothing |
| mapped | linked there, different | update |
| mapped | linked in another mailbox, begun | stays there as history; updated there |
| mapped | linked in another mailbox, not begun | created in the mapped one; once that is done, removed from the other |
| mapped | not linked | created |
| refuses | – | another that holds links serves in its place; what is right where it is, stays |
| none (opted out) | linked, not begun | removed |
| none (opted out) | linked, begun | stays as history |
| any | link without a slot | removed |
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from shared.outlook.event import Event
from shared.sync.match import begun, match
from shared.sync.records import DesiredSlot, Link, relinked


@dataclass(frozen=True, slots=True)
class Make:
    """Create the slot's event in `mailbox`; once that is done, remove the event of `moves_from`."""

    mailbox: str
    slot: DesiredSlot
    moves_from: Link | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Send the slot's event over the link's."""

    link: Link
    slot: DesiredSlot

    @property
    def mailbox(self) -> str:
        """The link's own."""
        return self.link.mailbox


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the link's event."""

    link: Link

    @property
    def mailbox(self) -> str:
        """The link's own."""
        return self.link.mailbox


type Action = Make | Change | Remove


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do for one person-month."""

    links: list[Link]
    """The links as they stand now, tied to today's slots."""
    actions: list[Action]
    hindered: bool
    """Something must wait because a mailbox refuses."""


def decide(
    mailbox: str | None,
    slots: Sequence[DesiredSlot],
    links: Sequence[Link],
    refusing: Collection[str],
    now: datetime,
) -> Decision:
    """What one person-month needs. `now`: storage's clock, decides what has begun."""
    if mailbox is None:
        return _opt_out(links, refusing, now)
    target: str | None = mailbox
    if mailbox in refusing:
        target = next((link.mailbox for link in reversed(links) if link.mailbox not in refusing), None)
    here, surplus = match(slots, [link for link in links if link.mailbox == target], now)
    missing = [position for position in range(len(slots)) if position not in here]
    elsewhere, surplus_elsewhere = match(
        [slots[position] for position in missing], [link for link in links if link.mailbox != target], now
    )
    there = {missing[position]: link for position, link in elsewhere.items()}

    kept: list[Link] = []
    actions: list[Action] = []
    hindered = mailbox in refusing
    for position, slot in enumerate(slots):
        link = here.get(position) or there.get(position)
        right = link is not None and link.mailbox == mailbox and _shows(link, slot)
        if link and (position in here or right or target is None or begun(slot.event.start_utc, now)):
            if not _shows(link, slot):
                hindered |= link.mailbox in refusing
                if link.mailbox not in refusing:
                    actions.append(Change(link, slot))
                kept.append(replace(link, slot=slot.slot))
            else:
                kept.append(relinked(link, slot, sent=False))
        elif target is None:
            hindered = True
        else:
            if link:
                kept.append(link)
            actions.append(Make(target, slot, moves_from=link))
    for link in [*surplus, *surplus_elsewhere]:
        kept.append(link)
        hindered |= link.mailbox in refusing
        if link.mailbox not in refusing:
            actions.append(Remove(link))
    return Decision(kept, actions, hindered)


def _opt_out(links: Sequence[Link], refusing: Collection[str], now: datetime) -> Decision:
    future = [link for link in links if not begun(link.start, now)]
    return Decision(
        links=list(links),
        actions=[Remove(link) for link in future if link.mailbox not in refusing],
        hindered=any(link.mailbox in refusing for link in future),
    )


def _shows(link: Link, slot: DesiredSlot) -> bool:
    """Whether the linked event is known to look as the slot's should."""
    return link.digest == slot.digest and (link.start, link.end) in _times(slot.event)


def _times(event: Event) -> list[tuple[datetime, datetime]]:
    """The times an event may be found at. Outlook keeps an all-day event as floating days and answers UTC midnights."""
    times = [(event.start_utc, event.end_utc)]
    if event.all_day:
        days = [datetime.fromisoformat(text).date() for text in (event.start, event.end)]
        times.append((datetime.combine(days[0], time(), UTC), datetime.combine(days[1], time(), UTC)))
    return times
