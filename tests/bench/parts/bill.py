"""The bill: executions, GB-seconds, storage transactions and Graph requests, at the list prices of `prices`."""

from dataclasses import dataclass

from tests.bench.bench import Bench
from tests.bench.counting import of
from tests.bench.figures import Figure
from tests.bench.parts import one_change
from tests.bench.prices import EXECUTION, GB_SECOND, INSTANCE_GB, MINIMUM_SECONDS, PRICES, TABLE
from tests.local.host.host_json import read as read_host_json
from tests.local.pieces import ROOT

PART = "bill"
CHANGES = 3_000
"""Changed shifts of a thousand people in a month: a tenth of thirty thousand, each published alone."""
SWEEPS = 6 * 24 * 30
NIGHTS = 30
QUEUES = 2


@dataclass(frozen=True, slots=True)
class Use:
    """What something uses."""

    executions: float = 0
    gb_seconds: float = 0
    tables: float = 0
    """Requests to tables."""
    queues: float = 0
    graph: float = 0

    def times(self, count: float) -> "Use":
        """So often."""
        return Use(*(count * value for value in self.parts))

    def plus(self, other: "Use") -> "Use":
        """Both."""
        return Use(*(one + two for one, two in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[float, ...]:
        """In the order of the fields."""
        return (self.executions, self.gb_seconds, self.tables, self.queues, self.graph)


def gb_seconds(seconds: float) -> float:
    """Of an instance that is active for so long by itself: its whole memory, and a second at least."""
    return INSTANCE_GB * max(seconds, MINIMUM_SECONDS)


def polls(hours: float, interval: float) -> float:
    """Empty polls of both queues by one instance that is awake for so long."""
    return QUEUES * hours * 3600 / interval


async def measure(bench: Bench) -> list[Figure]:
    """Of a thousand changed shifts, and of a month."""
    people = bench.sizes.people
    await bench.measure_costs(people)
    change = await _change(bench)
    cost, after = bench.costs[people][-1], bench.after()[-1]
    active = (cost.plan.seconds + cost.write.seconds) * INSTANCE_GB
    publish = Use(
        1 + cost.plan.runs["plan_schedule"] + cost.write.runs["write_calendar"],
        active,
        of(cost.plan.storage, "table") + of(cost.write.storage, "table"),
        of(cost.plan.storage, "queue put") + of(cost.write.storage, "queue"),
        cost.graph_requests,
    )
    sweep = Use(
        1 + after.sweep.runs["plan_schedule"],
        INSTANCE_GB * MINIMUM_SECONDS + gb_seconds(after.sweep.seconds),
        of(after.sweep.storage, "table"),
        of(after.sweep.storage, "queue put") + of(after.sweep.storage, "queue get"),
    )
    audit = Use(
        1 + after.audit.runs["write_calendar"],
        gb_seconds(after.audit.seconds),
        of(after.audit.storage, "table"),
        of(after.audit.storage, "queue put") + of(after.audit.storage, "queue get"),
        people,
    )
    month = publish.plus(change.times(CHANGES)).plus(sweep.times(SWEEPS + NIGHTS)).plus(audit.times(NIGHTS))
    awake = polls(24 * 30, read_host_json(ROOT / "host.json").queues.max_polling_interval.total_seconds())
    bench.raw["bill"] = {
        "change": change.parts,
        "publish": publish.parts,
        "sweep": sweep.parts,
        "audit": audit.parts,
        "month": month.parts,
        "prices": [price.line for price in PRICES],
    }
    thousand = change.times(1_000)
    return [
        Figure(PART, "1,000 changed shifts: executions", thousand.executions, ""),
        Figure(PART, "1,000 changed shifts: GB-seconds", thousand.gb_seconds, "GB-s"),
        Figure(PART, "1,000 changed shifts: table transactions", thousand.tables, ""),
        Figure(PART, "1,000 changed shifts: queue operations", thousand.queues, ""),
        Figure(PART, "1,000 changed shifts: Graph requests", thousand.graph, ""),
        Figure(PART, f"a month of {people:,} people: executions", month.executions, ""),
        Figure(PART, f"a month of {people:,} people: GB-seconds", month.gb_seconds, "GB-s"),
        Figure(PART, f"a month of {people:,} people: table transactions", month.tables, ""),
        Figure(PART, f"a month of {people:,} people: queue operations", month.queues, ""),
        Figure(PART, "empty polls of an instance that is awake all month", awake, ""),
        Figure(PART, f"a month of {people:,} people: computing, nothing free", GB_SECOND.of(month.gb_seconds), "$"),
        Figure(PART, f"a month of {people:,} people: executions, none free", EXECUTION.of(month.executions), "$"),
        Figure(PART, f"a month of {people:,} people: table transactions", TABLE.of(month.tables), "$"),
    ]


async def _change(bench: Bench) -> Use:
    """One changed shift: three functions, each of which an idle system bills a second for."""
    single, _ = await one_change.counted(bench, schedules=1)
    kinds = single.kinds
    return Use(3, 3 * gb_seconds(0), of(kinds, "table"), of(kinds, "queue"), single.graph)
