"""First publish with Graph at 0 ms: what our own code costs, and where."""

from tests.bench.bench import After, Bench, Cost
from tests.bench.counting import total
from tests.bench.figures import Figure, at_most, fewest_graph_requests, median

PART = "own cost, 0 ms"
LARGEST = 5


async def measure(bench: Bench) -> list[Figure]:
    """CPU, storage and Graph requests, and the largest shares of the profile."""
    people = bench.sizes.people
    await bench.measure_costs(people)
    costs, after = bench.costs[people], bench.after()
    events = people * bench.sizes.shifts
    bench.raw["own_cost"] = {
        "profile plan": costs[0].plan.shares,
        "profile write": costs[0].write.shares,
        "storage plan": costs[-1].plan.storage,
        "storage write": costs[-1].write.storage,
        "storage audit": after[-1].audit.storage,
    }
    plan, write = (median(cpu_per_event(getattr(cost, name).cpu, events) for cost in costs) for name in NAMES)
    requests = median(cost.graph_requests for cost in costs)
    return [
        Figure(PART, "CPU per event", plan + write, "ms", at_most(0.7, binding=False)),
        Figure(PART, "… of the planner", plan, "ms"),
        Figure(PART, "… of the writer", write, "ms"),
        Figure(PART, "storage requests per person-month", median(map(per_person, costs)), "", at_most(8)),
        Figure(PART, "Graph requests", requests, "", at_most(fewest_graph_requests(people, bench.sizes.shifts))),
        Figure(PART, "audit, storage requests per untouched person", median(map(per_audited, after)), ""),
        *(
            Figure(PART, f"share of the writer: {name}", 100 * share, "%")
            for name, share in list(costs[0].write.shares.items())[:LARGEST]
        ),
    ]


NAMES = ("plan", "write")


def cpu_per_event(seconds: float, events: int) -> float:
    """In milliseconds."""
    return 1000 * seconds / events


def per_person(cost: Cost) -> float:
    """Storage requests of planner and writer, per person-month."""
    return (total(cost.plan.storage) + total(cost.write.storage)) / cost.write.runs["write_calendar"]


def per_audited(after: After) -> float:
    """Storage requests of an audit that finds nothing, per person."""
    return total(after.audit.storage) / after.audit.runs["write_calendar"]
