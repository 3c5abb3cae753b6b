"""First publish with Graph at 50 ms: against the bare loop, one request per event, and the O365 library."""

from tests.bench.bench import Bench, in_flight
from tests.bench.figures import Figure, at_least, ideal_seconds, median
from tests.bench.ground import LATENCY
from tests.bench.sizes import CALM_IN_FLIGHT

PART = "first publish, 50 ms"
OURS = "this app"


async def measure(bench: Bench) -> list[Figure]:
    """In turns: ours, bare, ours, bare, …; the same with few mailboxes in flight; then against others, few people."""
    sizes = bench.sizes
    seconds = await _against_bare(bench, sizes.people, None)
    calm = await _against_bare(bench, sizes.calm, CALM_IN_FLIGHT)
    others: dict[str, list[float]] = {OURS: [], "sdk": [], "o365": []}
    for turn in range(sizes.runs):
        for name, found in others.items():
            bench.step(f"{name}, {sizes.few:,} people, run {turn + 1}")
            found.append(await (bench.publish(sizes.few) if name == OURS else bench.rival(name, sizes.few)))
    bench.raw["first_publish"] = {
        "seconds": seconds,
        "calm": calm,
        "few": others,
        "events_per_second": {
            "the limit": sizes.people * sizes.shifts / ideal_seconds(sizes.people, sizes.shifts, in_flight(), LATENCY),
            "bare loop": sizes.people * sizes.shifts / median(seconds["bare"]),
            OURS: sizes.people * sizes.shifts / median(seconds[OURS]),
            "msgraph-sdk": sizes.few * sizes.shifts / median(others["sdk"]),
            "O365": sizes.few * sizes.shifts / median(others["o365"]),
        },
    }
    few_ours, sdk, o365 = (median(others[name]) for name in (OURS, "sdk", "o365"))
    return [
        *figures(seconds, sizes.people, sizes.shifts, in_flight()),
        *figures(calm, sizes.calm, sizes.shifts, CALM_IN_FLIGHT),
        Figure(PART, f"{sizes.few:,} people", few_ours, "s"),
        Figure(PART, f"one request per event, msgraph-sdk, {sizes.few:,} people", sdk, "s"),
        Figure(PART, "faster than one request per event", sdk / few_ours, "×", at_least(3.2)),
        Figure(PART, f"the O365 library, {sizes.few:,} people", o365, "s"),
        Figure(PART, "faster than the O365 library", o365 / few_ours, "×"),
    ]


async def _against_bare(bench: Bench, people: int, mailboxes: int | None) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {OURS: [], "bare": []}
    for turn in range(bench.sizes.runs):
        about = f"{people:,} people, {mailboxes or in_flight()} mailboxes in flight, run {turn + 1}"
        bench.step(f"first publish, {about}")
        seconds[OURS].append(await bench.publish(people, mailboxes))
        bench.step(f"the bare loop, {about}")
        seconds["bare"].append(await bench.rival("bare", people, mailboxes))
    return seconds


def figures(seconds: dict[str, list[float]], people: int, shifts: int, mailboxes: int) -> list[Figure]:
    """From seconds of each run, with so many mailboxes in flight."""
    ours, bare = median(seconds[OURS]), median(seconds["bare"])
    limit = ideal_seconds(people, shifts, mailboxes, LATENCY)
    about = f"{mailboxes} mailboxes in flight"
    return [
        Figure(PART, f"{people:,} people × {shifts} shifts, {about}", ours, "s"),
        Figure(PART, f"{about}: events per second", people * shifts / ours, "/s"),
        Figure(PART, f"{about}: the bare loop", bare, "s"),
        Figure(PART, f"{about}: the bare loop against its latencies' sum", limit / bare, "×", at_least(0.95)),
        Figure(PART, f"{about}: speed against the bare loop", bare / ours, "×", at_least(0.85)),
    ]
