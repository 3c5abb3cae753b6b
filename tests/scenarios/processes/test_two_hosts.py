"""Two hosts on the same queues and tables, as when the platform scales out."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.scenarios.processes.edits import edit
from tests.scenarios.processes.site import open_site, until

pytestmark = pytest.mark.slow

SEED = 20262


async def test_two_hosts_on_the_same_queues_make_every_mailbox_exact(tmp_path: Path, tell: Tell) -> None:
    """A publish, and edits published while it is still being written; both hosts write."""
    source = random.Random(SEED)
    async with asyncio.timeout(180), open_site(tmp_path, people=30, seed=SEED) as site:
        await site.graph.put_behaviour(latency=0.03)
        await asyncio.gather(site.start_host(), site.start_host())
        await site.publish()

        async def begun() -> bool:
            return (await site.graph.counts()).changed > 100

        await until(begun, 40, "100 changes")
        edits = await edit(site, source, retimed=50, removed=20, swapped=20)
        published = await site.publish()
        numbers = await site.right(75)
        counts = await site.graph.counts()
        runs = []
        for host in site.hosts:
            host.log.read()
            runs.append(host.log.succeeded["write_calendar"])
        tell(f"runs of write_calendar by host {runs}, edits {edits}, sweeps {site.sweeps}")
        tell(str(numbers))
        tell(f"Graph: requests {counts.requests}, operations {counts.items}, changes {counts.changed}")
        assert all(call.status == 202 for call in published.calls)
        assert not await site.storage.holds(), await site.storage.holds()
        assert not numbers.differences, numbers.words
        assert min(runs) > 0
        assert not [line for host in site.hosts for line in host.failures()]
        await site.one_more_sweep_is_free(30)
