"""Graph breaks connections after it has done what was asked, and throttles."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.local.graph.faults import Fault
from tests.scenarios.processes.edits import edit
from tests.scenarios.processes.site import open_site

pytestmark = pytest.mark.slow

SEED = 20263
CUT, THROTTLED = 0.05, 0.10


async def test_cut_connections_and_throttled_items_end_exact(tmp_path: Path, tell: Tell) -> None:
    """5 % of requests are cut after commit and 10 % of items throttled, until all is exact; then nothing is asked."""
    source = random.Random(SEED)
    async with asyncio.timeout(180), open_site(tmp_path, people=40, seed=SEED) as site:
        await site.graph.put_faults(
            Fault("cut_after", probability=CUT), Fault("throttled", probability=THROTTLED, retry_after=1)
        )
        await site.start_host()
        await site.publish()
        first = await site.right(75)
        assert not first.differences, first.words
        edits = await edit(site, source, retimed=40, removed=20, swapped=20)
        await site.publish()
        numbers = await site.right(75)
        struck = {fault.label: fault.struck for fault in await site.graph.faults()}
        counts = await site.graph.counts()
        tell(str(first))
        tell(f"after {edits} edits: {numbers}")
        tell(
            f"Graph: requests {counts.requests}, of them cut {counts.unanswered}; operations {counts.items}, of them "
            f"throttled {struck['throttled']}; changes {counts.changed}; by method {counts.methods}"
        )
        assert not numbers.differences, numbers.words
        assert struck["cut_after"] > 0 and struck["throttled"] > 0
        await site.graph.put_faults()
        await site.one_more_sweep_is_free(30)
