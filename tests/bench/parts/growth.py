"""Growth: what more people cost. Views hold a thousand people at most; larger hospitals have several."""

from tests.bench.bench import Bench
from tests.bench.counting import total
from tests.bench.figures import Figure, at_most, median

PART = "growth, 0 ms"


async def measure(bench: Bench) -> list[Figure]:
    """The same for each size, and the ratios of the largest to the middle one."""
    sizes = bench.sizes.growth
    await bench.measure_costs(*sizes, anew=True)
    points = {people: point(bench, people) for people in sizes}
    bench.raw["growth"] = {str(people): values for people, values in points.items()}
    failures = [
        why for costs in bench.costs.values() for cost in costs for why in cost.plan.failures + cost.write.failures
    ]
    middle, large = points[sizes[-2]], points[sizes[-1]]
    found = [
        Figure(PART, f"{people:,} people: {name}", value, UNITS[name])
        for people, values in points.items()
        for name, value in values.items()
    ]
    about = f"{sizes[-2]:,} → {sizes[-1]:,} people"
    return [
        *found,
        Figure(PART, "runs that failed and came again", len(failures), note=", ".join(sorted(set(failures)))),
        Figure(PART, f"{about}: CPU per event", large["CPU per event"] / middle["CPU per event"], "×", at_most(1.1)),
        Figure(
            PART,
            f"{about}: memory of the writer",
            large["memory of the writer"] / middle["memory of the writer"],
            "×",
            at_most(1.1),
        ),
    ]


UNITS = {
    "time": "s",
    "CPU per event": "ms",
    "memory of the writer": "MB",
    "memory of the planner": "MB",
    "messages": "",
    "storage requests": "",
}


def point(bench: Bench, people: int) -> dict[str, float]:
    """Medians of a size's runs."""
    costs = bench.costs[people]
    events = people * bench.sizes.shifts
    return {
        "time": median(cost.plan.seconds + cost.write.seconds for cost in costs),
        "CPU per event": median(1000 * (cost.plan.cpu + cost.write.cpu) / events for cost in costs),
        "memory of the writer": median(cost.write.peak for cost in costs),
        "memory of the planner": median(cost.plan.peak for cost in costs),
        "messages": median(cost.plan.runs["plan_schedule"] + cost.write.runs["write_calendar"] for cost in costs),
        "storage requests": median(total(cost.plan.storage) + total(cost.write.storage) for cost in costs),
    }
