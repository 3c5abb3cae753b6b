"""First publish with Graph at 50 ms: against the bare loop, one request per event, and the O365 library."""

from tests.bench.bench import Bench, in_flight
from tests.bench.figures import Figure, at_least, ideal_seconds, median
from tests.bench.ground import LATENCY

PART = "first publish, 50 ms"
OURS = "this app"


async def measure(bench: Bench) -> list[Figure]:
    """In turns: ours, bare, ours, bare, …; then the same among few people."""
    sizes = bench.sizes
    seconds: dict[str, list[float]] = {OURS: [], "bare": []}
    for turn in range(sizes.runs):
        bench.step(f"first publish, {sizes.people:,} people, run {turn + 1}")
        seconds[OURS].append(await bench.publish(sizes.people))
        bench.step(f"the bare loop, {sizes.people:,} people, run {turn + 1}")
        seconds["bare"].append(await bench.rival("bare", sizes.people))
    others: dict[str, list[float]] = {OURS: [], "sdk": [], "o365": []}
    for turn in range(sizes.runs):
        for name, found in others.items():
            bench.step(f"{name}, {sizes.few:,} people, run {turn + 1}")
            found.append(await (bench.publish(sizes.few) if name == OURS else bench.rival(name, sizes.few)))
    bench.raw["first_publish"] = {
        "seconds": seconds,
        "few": others,
        "events_per_second": {
            "the limit": sizes.people * sizes.shifts / ideal_seconds(sizes.people, sizes.shifts, in_flight(), LATENCY),
            "bare loop": sizes.people * sizes.shifts / median(seconds["bare"]),
            OURS: sizes.people * sizes.shifts / median(seconds[OURS]),
            "msgraph-sdk": sizes.few * sizes.shifts / median(others["sdk"]),
            "O365": sizes.few * sizes.shifts / median(others["o365"]),
        },
    }
    return figures(bench, seconds, others)


def figures(bench: Bench, seconds: dict[str, list[float]], others: dict[str, list[float]]) -> list[Figure]:
    """From seconds of each run."""
    sizes = bench.sizes
    ours, bare = median(seconds[OURS]), median(seconds["bare"])
    limit = ideal_seconds(sizes.people, sizes.shifts, in_flight(), LATENCY)
    few_ours, sdk, o365 = (median(others[name]) for name in (OURS, "sdk", "o365"))
    events = sizes.people * sizes.shifts
    return [
        Figure(PART, f"{sizes.people:,} people × {sizes.shifts} shifts", ours, "s"),
        Figure(PART, "events per second", events / ours, "/s"),
        Figure(PART, "the bare loop", bare, "s", note=f"{in_flight()} mailboxes in flight"),
        Figure(PART, "the bare loop against its latencies' sum", limit / bare, "×", at_least(0.95)),
        Figure(PART, "speed against the bare loop", bare / ours, "×", at_least(0.85)),
        Figure(PART, f"{sizes.few:,} people", few_ours, "s"),
        Figure(PART, f"one request per event, msgraph-sdk, {sizes.few:,} people", sdk, "s"),
        Figure(PART, "faster than one request per event", sdk / few_ours, "×", at_least(3.2)),
        Figure(PART, f"the O365 library, {sizes.few:,} people", o365, "s"),
        Figure(PART, "faster than the O365 library", o365 / few_ours, "×"),
    ]
