"""Lightning Bolt is down for a while, and then answers nonsense for a while."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.scenarios.processes.edits import edit
from tests.scenarios.processes.site import Site, open_site, until

pytestmark = pytest.mark.slow

SEED = 20264
DOWN = (Fault(Kind.REFUSE), Fault(Kind.STATUS, status=503, retry_after="1"), Fault(Kind.CUT_CONNECTION))
NONSENSE = (
    Fault(Kind.CUT_JSON),
    Fault(Kind.HTML),
    Fault(Kind.NO_SLOTS),
    Fault(Kind.NO_TEMPLATES),
    Fault(Kind.NO_PERSONNEL),
    Fault(Kind.NO_ASSIGNMENTS),
    Fault(Kind.MISSING_KEY),
)


async def test_while_lightning_bolt_is_down_or_mad_nothing_is_deleted(tmp_path: Path, tell: Tell) -> None:
    """Edits that were published meanwhile flow afterwards: after a failure by themselves, else with a sweep."""
    source = random.Random(SEED)
    async with asyncio.timeout(180), open_site(tmp_path, people=24, seed=SEED) as site:
        host = await site.start_host()
        await site.publish()
        first = await site.right(60)
        assert not first.differences, first.words
        tell(str(first))

        await site.graph.clear_journal()
        struck = await _publish_into(site, DOWN, source)
        assert (await site.graph.counts()).changed == 0
        assert (await host.health())["status"] == "degraded"
        down = await site.right(60, sweeping=False)
        tell(f"down: {struck} reads failed; afterwards, without a sweep: {down}")
        assert not down.differences, down.words

        await site.graph.clear_journal()
        struck = await _publish_into(site, NONSENSE, source)
        methods = (await site.graph.counts()).methods
        health = await host.health()
        tell(f"nonsense: {struck} answers, Graph was asked {methods}, health {health['status']}")
        assert methods.get("DELETE", 0) == 0
        assert health["status"] == "degraded"
        await site.sweep()
        numbers = await site.right(60)
        tell(f"afterwards, with {site.sweeps} sweeps: {numbers}")
        assert not numbers.differences, numbers.words
        assert (await host.health())["status"] == "ok"
        assert not await site.storage.holds()
        await site.one_more_sweep_is_free(20)


async def _publish_into(site: Site, faults: Sequence[Fault], source: random.Random) -> int:
    """Publishes edits while each of the faults is on in turn, with a sweep; how many requests were struck."""
    total = 0
    for fault in faults:
        identifier = await site.lightning_bolt.add_fault(fault)
        await edit(site, source, retimed=3, removed=2, swapped=2)
        await site.publish()
        await site.sweep()

        async def struck(identifier: int = identifier) -> bool:
            return (await site.lightning_bolt.struck())[identifier] >= 4

        await until(struck, 20, f"{fault.kind} struck")
        total += (await site.lightning_bolt.struck())[identifier]
        await site.lightning_bolt.add_fault(Fault(Kind.STATUS, status=503))
        await site.lightning_bolt.clear_faults(identifier)
    await site.lightning_bolt.clear_faults()
    return total
