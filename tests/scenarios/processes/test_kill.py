"""The kill scenario: the host dies again and again over a publish of 2,000 events."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.scenarios.processes.edits import edit
from tests.scenarios.processes.killing import Kill, kill_amid
from tests.scenarios.processes.site import open_site, port_of

pytestmark = pytest.mark.slow

KILLS = 25
MOST_STARTS = 45
SEED = 20261
PEOPLE = 57


async def test_every_mailbox_is_exact_after_25_kills_over_2000_events(tmp_path: Path, tell: Tell) -> None:
    """SIGKILL at random moments with a lease held or a batch in flight; edits are published half way."""
    source = random.Random(SEED)
    kills: list[Kill] = []
    async with asyncio.timeout(240), open_site(tmp_path, people=PEOPLE, seed=SEED) as site:
        await site.graph.put_behaviour(latency=0.08)
        host = await site.start_host()
        port = port_of(host)
        await site.publish()
        edits = 0
        while sum(kill.counts for kill in kills) < KILLS:
            assert len(kills) < MOST_STARTS, f"too few struck anything: {kills}"
            kills.append(await kill_amid(site, host, source, changes=60))
            if len(kills) == KILLS // 2:
                edits = await edit(site, source, retimed=150, removed=40, swapped=40)
                await site.publish()  # nobody is there to be called: the sweep sees it
            host = await site.start_host(port)
        await site.sweep()
        numbers = await site.right(90)
        struck = [kill for kill in kills if kill.counts]
        taken_over = site.taken_over()
        tell(
            f"kills {len(struck)} (writers' leases held in {sum(bool(kill.writers) for kill in struck)}, a reader's in "
            f"{sum(bool(kill.readers) for kill in struck)}, batches in flight in "
            f"{sum(bool(kill.batches) for kill in struck)}; {len(kills) - len(struck)} more struck nothing), "
            f"edits {edits}, sweeps {site.sweeps}"
        )
        tell(f"take-overs {len(taken_over)}, open person-months found by them {sum(taken_over)}")
        tell(str(numbers))
        sums = await site.sums()
        tell(f"Graph: requests {sums['requests']}, operations {sums['items']}, changes {sums['changed']}")
        tell(f"messages in poison queues {await site.storage.poisoned()}")
        assert not await site.storage.holds(), await site.storage.holds()
        assert not numbers.differences, numbers.words
        assert numbers.expected >= 2_000
        assert sum(taken_over) > 0
        assert not await site.open_months()
        await site.one_more_sweep_is_free(20)
