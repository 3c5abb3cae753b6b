"""Lightning Bolt answers with nothing after 2,000 events have been written."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.scenarios.processes.edits import editable
from tests.scenarios.processes.hosts import HostRun
from tests.scenarios.processes.site import MONTHS_BACK, Site, open_site, until

pytestmark = pytest.mark.slow

SEED = 20265
PEOPLE = 57
VIEW, SCHEDULE = 50, 5
HELD = "removals are held"


async def test_an_empty_answer_after_2000_events_deletes_nothing(tmp_path: Path, tell: Tell) -> None:
    """0 deletes, the hold is visible, an edit flows beside it, a sane read clears it, and a release works."""
    async with asyncio.timeout(240), open_site(tmp_path, people=PEOPLE, seed=SEED) as site:
        host = await site.start_host()
        await site.publish()
        first = await site.right(75)
        tell(str(first))
        assert not first.differences, first.words
        assert first.found >= 2_000

        await _empty(site, host, tell)
        await _edit_beside_the_hold(site, host, tell)
        await _sane_read(site, host, tell)
        await _release(site, host, tell)


async def _empty(site: Site, host: HostRun, tell: Tell) -> None:
    await site.graph.clear_journal()
    await site.lightning_bolt.add_fault(Fault(Kind.NO_SLOTS))
    await site.publish()
    reads = len(site.hospital.view_ids) * len(site.hospital.months.published)

    async def held() -> bool:
        return len([reason for reason in (await host.health())["reasons"] if HELD in reason]) >= reads

    await until(held, 30, f"{reads} months of views are held in health")
    await site.still(20)
    holds, counts = await site.storage.holds(), await site.graph.counts()
    health = await host.health()
    tell(
        f"empty answer: Graph requests {counts.requests}, deletes {counts.methods.get('DELETE', 0)}; "
        f"holds {len(holds)} over {sum(hold.count for hold in holds)} shifts; "
        f"health {health['status']}: {health['reasons'][0]}"
    )
    assert counts.changed == 0
    assert health["status"] == "degraded"
    assert {hold.cause for hold in holds} == {"shrink"}


async def _edit_beside_the_hold(site: Site, host: HostRun, tell: Tell) -> None:
    """One month of the view stays empty; edits of another month flow."""
    empty, edited = (str(month)[:7] for month in site.hospital.months.published[MONTHS_BACK : MONTHS_BACK + 2])
    await site.lightning_bolt.clear_faults()
    await site.lightning_bolt.add_fault(Fault(Kind.NO_SLOTS, month=empty))
    slots = [slot for slot in editable(await site.lightning_bolt.published(), site) if f"{slot.day:%Y-%m}" == edited]
    slot = slots[0]
    await site.lightning_bolt.retime(slot.slot_id, slot.start + timedelta(hours=1), slot.stop + timedelta(hours=1))
    await site.publish()
    numbers = await site.right(30)
    counts, holds = await site.graph.counts(), await site.storage.holds()
    tell(f"edit while {empty} is held: Graph {counts.methods}, holds {len(holds)}; {numbers}")
    assert not numbers.differences, numbers.words
    assert counts.methods == {"PATCH": 1}
    assert {hold.partition.rpartition("|")[2] for hold in holds} == {empty}
    assert (await host.health())["status"] == "degraded"


async def _sane_read(site: Site, host: HostRun, tell: Tell) -> None:
    await site.graph.clear_journal()
    await site.lightning_bolt.clear_faults()
    await site.sweep()

    async def cleared() -> bool:
        return bool((await host.health())["status"] == "ok")

    await until(cleared, 30, "health is ok")
    numbers = await site.right(30)
    counts, holds = await site.graph.counts(), await site.storage.holds()
    tell(f"sane read: Graph requests {counts.requests}, holds {len(holds)}, health ok; {numbers}")
    assert not numbers.differences, numbers.words
    assert (counts.requests, holds) == (0, [])


async def _release(site: Site, host: HostRun, tell: Tell) -> None:
    """Most of a schedule-month is really gone: held, an edit in it flows, and a release removes what is held."""
    source = random.Random(SEED)
    month = str(site.hospital.months.published[-1])[:7]
    truth = await site.lightning_bolt.published()
    slots = [slot for slot in editable(truth, site) if slot.template_id == SCHEDULE and f"{slot.day:%Y-%m}" == month]
    kept, *gone = source.sample(slots, len(slots) * 9 // 10)
    for slot in gone:
        await site.lightning_bolt.remove(slot.slot_id)
    later = timedelta(hours=1)
    await site.lightning_bolt.retime(kept.slot_id, kept.start + later, kept.stop + later)
    await site.publish()

    async def edited() -> bool:
        return (await site.graph.counts()).changed > 0 and bool(await site.storage.holds())

    await until(edited, 30, "the edit arrives, the rest is held")
    await site.still(20)
    counts, (hold,) = await site.graph.counts(), await site.storage.holds()
    tell(f"{len(gone)} shifts of a schedule-month removed: Graph {counts.methods}, held {hold.count} ({hold.cause})")
    assert counts.methods == {"PATCH": 1}
    assert (hold.partition, hold.count) == (f"{SCHEDULE}|{month}", len(gone))
    assert (await host.health())["status"] == "degraded"

    await site.graph.clear_journal()
    await site.storage.release(hold, VIEW)
    numbers = await site.right(40, sweeping=False)
    counts = await site.graph.counts()
    tell(f"released: Graph {counts.methods}; {numbers}")
    assert not numbers.differences, numbers.words
    assert counts.methods == {"DELETE": len(gone)}
    assert not await site.storage.holds()

    async def cleared() -> bool:
        return bool((await host.health())["status"] == "ok")

    await until(cleared, 20, "health is ok")
    await site.one_more_sweep_is_free(20)
