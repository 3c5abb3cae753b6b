"""One changed shift in a published month: what it costs, and how soon it is in the calendar."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tests.bench.bench import PATIENCE, Bench
from tests.bench.counting import of, total
from tests.bench.figures import Figure, at_most, median, percentile
from tests.bench.ground import HOST_KEY, LATENCY, Ground, Worker
from tests.bench.hospital import Hospital
from tests.local.graph.journal import Record
from tests.scenarios.processes.site import until

PART = "one changed shift"
IDLE = 5.0
"""Seconds after which the host polls as seldom as it ever does."""
APART = 2.5
"""Seconds between two publishes: storage tells whole seconds, and a read that ended in the same one is not trusted."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What one change came to."""

    reads: int
    """Of Lightning Bolt."""
    messages: int
    storage: int
    graph: int
    kinds: Mapping[str, int]


async def measure(bench: Bench) -> list[Figure]:
    """Counts of a change, a swap and of nothing, in turns; then the time from callback to event."""
    one, swap, two = [], [], []
    for turn in range(bench.sizes.runs):
        bench.step(f"one changed shift, counted, run {turn + 1}")
        single, swapped = await counted(bench, schedules=1)
        one.append(single)
        swap.append(swapped)
        two.append((await counted(bench, schedules=2))[0])
    seconds = await _timed(bench)
    bench.raw["one_change"] = {"kinds": one[-1].kinds, "swap": swap[-1].kinds, "seconds": seconds}
    storage = median(each.storage for each in one)
    more = median(each.storage for each in two) - storage
    return [
        Figure(PART, "Lightning Bolt reads", median(each.reads for each in one), ""),
        Figure(PART, "queue messages", median(each.messages for each in one), ""),
        Figure(PART, "storage requests", storage, "", at_most(16)),
        Figure(PART, "storage requests of a swap", median(each.storage for each in swap), "", at_most(24)),
        Figure(PART, "storage requests, each further schedule of the view", more, "", at_most(1)),
        Figure(PART, "Graph requests", median(each.graph for each in one), "", at_most(1)),
        Figure(PART, "callback to event, p50", percentile(seconds, 0.5), "s", at_most(1.0, binding=False)),
        Figure(PART, "callback to event, p95", percentile(seconds, 0.95), "s", at_most(1.5, binding=False)),
    ]


async def counted(bench: Bench, *, schedules: int) -> tuple[Counts, Counts]:
    """A retimed shift and a swap, in a process that is warm."""
    hospital = bench.hospital(bench.sizes.few, schedules=schedules)
    ground = bench.ground
    ground.hospital = None  # its shifts were changed the last time
    await ground.settle(hospital)
    async with ground.worker(ground.storage()) as worker:
        await worker.do(bench.order("plan_schedule", "write_calendar", callbacks=hospital.callbacks()))
        slots = hospital.setup.slots
        await ground.lightning_bolt.retime(
            slots[0].slot_id, slots[0].start + timedelta(hours=1), slots[0].stop + timedelta(hours=1)
        )
        single = await count(bench, worker, hospital)
        taker = slots[hospital.shifts * schedules].emp_id  # of the same schedule
        await ground.lightning_bolt.swap(slots[1].slot_id, taker)
        return single, await count(bench, worker, hospital)


async def count(bench: Bench, worker: Worker, hospital: Hospital) -> Counts:
    """Publishes all drafts and does what follows; what that took."""
    ground = bench.ground
    await asyncio.sleep(APART)
    await ground.lightning_bolt.publish(first=hospital.months[0].first, last=hospital.months[-1].last, callback=False)
    await ground.lightning_bolt.clear_journal()
    await ground.graph.clear_journal()
    done = await worker.do(bench.order("plan_schedule", "write_calendar", callbacks=hospital.callbacks()))
    return Counts(
        sum(read.asked for read in await ground.lightning_bolt.reads()),
        of(done.storage, "queue put"),
        total(done.storage),
        (await ground.graph.counts()).requests,
        done.storage,
    )


async def _timed(bench: Bench) -> list[float]:
    """Seconds from the publish to the event, each on a system that has been idle for a while."""
    hospital = bench.hospital(bench.sizes.few)
    ground = bench.ground
    ground.hospital = None
    await ground.settle(hospital)
    dice = random.Random(1)
    first, last = hospital.months[0].first, hospital.months[-1].last
    seconds = []
    async with ground.host(ground.storage()) as host:
        await host.publish(hospital.callbacks(), PATIENCE)
        await ground.graph.put_behaviour(latency=LATENCY)
        await ground.lightning_bolt.announce_to(f"{host.address}/api/publish", key=HOST_KEY)
        for number in range(bench.sizes.changes):
            bench.step(f"one changed shift, timed, {number + 1} of {bench.sizes.changes}")
            slot = hospital.setup.slots[number * hospital.shifts % len(hospital.setup.slots)]
            later = timedelta(minutes=10 * (number + 1))
            await ground.lightning_bolt.retime(slot.slot_id, slot.start + later, slot.stop + later)
            await ground.graph.clear_journal()
            await asyncio.sleep(IDLE + dice.uniform(0, 1))
            await ground.lightning_bolt.publish(first=first, last=last)
            sent = (await ground.lightning_bolt.calls())[-1].at
            await until(partial(_is_written, ground), PATIENCE, "the change is in the calendar", every=0.05)
            found = await _updates(ground)
            seconds.append((found[0].at - sent).total_seconds() + LATENCY)
    return seconds


async def _updates(ground: Ground) -> list[Record]:
    return await ground.graph.journal(operations=True, method="PATCH")


async def _is_written(ground: Ground) -> bool:
    return any(record.status for record in await _updates(ground))
