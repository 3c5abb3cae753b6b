"""Rule 4, slots may be renumbered: which link is which desired slot's, within one mailbox.

| pass | a desired slot takes the link that |
| --- | --- |
| 1 | was sent with the same content, for the same slot |
| 2 | was sent with the same content |
| 3 | is tied to the same slot |
| 4 | has the same start and end |
| 5 | starts nearest, on the same day |

Never a begun event for a future slot, nor the other way round: a shift that was worked stays history.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime

from shared.sync.records import DesiredSlot, Link

type Pairs = dict[int, Link]
"""Position of a desired slot to its link."""


def match(slots: Sequence[DesiredSlot], links: Iterable[Link], now: datetime) -> tuple[Pairs, list[Link]]:
    """Pairs desired slots with links, one to one; also returns the links that are left. `now`: storage's clock."""
    pairs: Pairs = {}
    free = list(links)

    def take(of_slot: Callable[[DesiredSlot], Hashable], of_link: Callable[[Link], Hashable]) -> None:
        waiting = defaultdict[Hashable, list[Link]](list)
        for link in free:
            waiting[of_link(link)].append(link)
        for position, slot in enumerate(slots):
            if position in pairs:
                continue
            for link in waiting.get(of_slot(slot), ()):
                if _same_side(slot, link, now):
                    pairs[position] = link
                    waiting[of_slot(slot)].remove(link)
                    free.remove(link)
                    break

    take(lambda slot: (slot.digest, slot.slot), lambda link: (link.digest, link.slot))
    take(lambda slot: slot.digest, lambda link: link.digest)
    take(lambda slot: slot.slot or slot, lambda link: link.slot)
    take(lambda slot: (slot.event.start_utc, slot.event.end_utc), lambda link: (link.start, link.end))
    for position, slot in enumerate(slots):
        if position not in pairs:
            near = [link for link in free if _same_day(slot, link) and _same_side(slot, link, now)]
            if near:
                pairs[position] = min(near, key=lambda link: abs(link.start - slot.event.start_utc))
                free.remove(pairs[position])
    return pairs, free


def begun(start: datetime, now: datetime) -> bool:
    """Whether an event has started, by storage's clock."""
    return start <= now


def _same_side(slot: DesiredSlot, link: Link, now: datetime) -> bool:
    return begun(slot.event.start_utc, now) == begun(link.start, now)


def _same_day(slot: DesiredSlot, link: Link) -> bool:
    return abs(link.start - slot.event.start_utc).total_seconds() < 86400 and (
        link.start.date() == slot.event.start_utc.date()
    )
