"""What people do to events of ours in Outlook, many at once."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice

from tests.local.demo.stage import INSTALLATION
from tests.local.graph.control import StoredEvent
from tests.scenarios.processes.site import Site

DELETED, PURGED, EDITED, COPIED, MOVED = "deleted", "purged", "edited", "copied", "moved"
SHARES = {DELETED: 0.025, PURGED: 0.025, EDITED: 0.05, COPIED: 0.02, MOVED: 0.02}


async def meddle(site: Site, source: random.Random) -> Counter[str]:
    """Each event at most once. How many of each kind."""
    ours = [
        (mailbox.address, event)
        for mailbox in await site.graph.mailboxes()
        if mailbox.state == "open"
        for event in await site.graph.events(mailbox.address)
        if any(value.startswith(f"{INSTALLATION}:") for value in event.extended.values())
    ]
    source.shuffle(ours)
    left, done = iter(ours), Counter[str]()
    for kind, share in SHARES.items():
        for address, event in islice(left, round(share * len(ours))):
            await _do(site, source, kind, address, event)
            done[kind] += 1
    return done


async def _do(site: Site, source: random.Random, kind: str, address: str, event: StoredEvent) -> None:
    match kind:
        case "deleted" | "purged":
            await site.graph.delete_event(address, event.id, purge=kind == PURGED)
        case "edited":
            await site.graph.edit_event(address, event.id, source.choice([_renamed, _shown_otherwise, _dragged])(event))
        case "copied":
            await site.graph.copy_event(address, event.id)
        case "moved":
            await site.graph.move_event(address, event.id, "Clinic")


def _renamed(_: StoredEvent) -> dict[str, object]:
    return {"subject": "Lunch"}


def _shown_otherwise(_: StoredEvent) -> dict[str, object]:
    return {"showAs": "tentative"}


def _dragged(event: StoredEvent) -> dict[str, object]:
    def later(text: str) -> dict[str, str]:
        moment = datetime.fromisoformat(text[:19]) + timedelta(days=1)
        return {"dateTime": moment.isoformat(), "timeZone": "UTC"}

    return {"start": later(event.start_utc), "end": later(event.end_utc)}
