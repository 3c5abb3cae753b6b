"""First publish while Graph refuses a tenth of all items for a second."""

from tests.bench.bench import PATIENCE, Bench, one_at_a_time
from tests.bench.figures import Figure, at_most, median
from tests.bench.ground import LATENCY
from tests.bench.sizes import CALM_IN_FLIGHT
from tests.local.graph.faults import Fault

PART = "throttled, 10 %"
SHARE = 0.1


async def measure(bench: Bench) -> list[Figure]:
    """In turns with the same publish unthrottled.

    With few mailboxes in flight: the machine has room, so that what is measured is the waiting and not that two cores
    have more to do.
    """
    people = bench.sizes.calm
    hospital = bench.hospital(people)
    free, throttled, wasted, repeated = [], [], [], []
    for turn in range(bench.sizes.runs):
        bench.step(f"unthrottled, {people:,} people, run {turn + 1}")
        free.append(await bench.publish(people, CALM_IN_FLIGHT))
        bench.step(f"throttled, {people:,} people, run {turn + 1}")
        await bench.ground.settle(hospital)
        await bench.ground.empty_calendars(LATENCY)
        await bench.ground.graph.put_faults(
            Fault("throttled", method="POST", path="/events", probability=SHARE, retry_after=1)
        )
        async with bench.ground.host(bench.ground.storage(), **one_at_a_time(CALM_IN_FLIGHT)) as host:
            throttled.append(await host.publish(hospital.callbacks(), PATIENCE))
        await bench.check(hospital)
        counts = await bench.ground.graph.counts()
        wasted.append(counts.statuses.get("429", 0))
        repeated.append(counts.methods.get("POST", 0) - hospital.events - wasted[-1])
    bench.raw["throttled"] = {"free": free, "throttled": throttled, "refused": wasted}
    return [
        Figure(PART, f"{people:,} people, {CALM_IN_FLIGHT} mailboxes in flight, unthrottled", median(free), "s"),
        Figure(PART, f"{people:,} people, {CALM_IN_FLIGHT} mailboxes in flight, throttled", median(throttled), "s"),
        Figure(PART, "time against unthrottled", median(throttled) / median(free), "×", at_most(1.4)),
        Figure(PART, "refused requests, all sent again", median(wasted), ""),
        Figure(PART, "requests repeated that had succeeded", max(repeated), "", at_most(0)),
    ]
