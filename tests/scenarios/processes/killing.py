"""Kills a host at a random moment at which it holds a lease or has a batch in flight."""

import asyncio
import random
import time
from dataclasses import dataclass

from tests.local.graph.journal import BATCH
from tests.scenarios.processes.hosts import HostRun
from tests.scenarios.processes.site import Site

PATIENCE = 8.0
"""Seconds for which something to kill it in is waited for."""
ENOUGH = 2.0
"""Seconds after which anything in flight will do, whatever has been changed."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill, and what it struck."""

    writers: int
    """People whose lease this very run held."""
    readers: int
    """Views whose lease it held."""
    batches: int
    """Batches that Graph was working on, seen just before."""
    changes: int
    """Of mailboxes, since the run's start."""

    @property
    def counts(self) -> bool:
        """Whether a lease was held or a batch in flight."""
        return bool(self.writers or self.readers or self.batches)


async def kill_amid(site: Site, host: HostRun, source: random.Random, *, changes: int) -> Kill:
    """Waits for up to so many changes of mailboxes, for something in flight, and a little more; then SIGKILL.

    Leases count that the run claimed or renewed itself: their rows' etags were others before it. Graph's journal
    begins anew.
    """
    writers, readers = await site.storage.writers(), await site.storage.readers()
    await site.forget_journal()
    goal, pause = source.randint(0, changes), source.uniform(0, 0.15)
    began = time.monotonic()
    await site.sweep()
    while time.monotonic() < began + PATIENCE:
        changed, flying = await _look(site)
        enough = changed >= goal or time.monotonic() > began + ENOUGH
        if enough and (flying or _new(writers, await site.storage.writers())):
            break
        await asyncio.sleep(0.03)
    await asyncio.sleep(pause)
    changed, flying = await _look(site)
    await host.piece.kill()
    held = _new(writers, await site.storage.writers()), _new(readers, await site.storage.readers())
    return Kill(*held, flying, changed)


async def _look(site: Site) -> tuple[int, int]:
    """Changes of mailboxes by this run, and batches that Graph works on."""
    records = await site.graph.journal()
    flying = sum(record.path == BATCH and not record.status for record in records)
    return sum(record.changed for record in records), flying


def _new(before: dict[str, str], after: dict[str, str]) -> int:
    return sum(before.get(key) != etag for key, etag in after.items())
