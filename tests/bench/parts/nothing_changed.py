"""Nothing changed: what a republish and a sweep of the whole window cost."""

from tests.bench.bench import Bench
from tests.bench.counting import of, total
from tests.bench.figures import Figure, at_most, median
from tests.bench.parts.one_change import count

PART = "nothing changed"
WINDOW = 8
"""Months: one back, the present one, six ahead."""


async def measure(bench: Bench) -> list[Figure]:
    """Counts, after everything was published and written."""
    hospital = bench.hospital(bench.sizes.few)
    ground = bench.ground
    republished, swept, asked = [], [], []
    for turn in range(bench.sizes.runs):
        bench.step(f"nothing changed, run {turn + 1}")
        await ground.settle(hospital)
        async with ground.worker(ground.storage()) as worker:
            await worker.do(bench.order("plan_schedule", "write_calendar", callbacks=hospital.callbacks()))
            republished.append(await count(bench, worker, hospital))
            await ground.graph.clear_journal()
            swept.append(await worker.do(bench.order("plan_schedule", timers=["sweep_window"])))
            asked.append((await ground.graph.counts()).requests)
    bench.raw["nothing_changed"] = {"republish": republished[-1].kinds, "sweep": swept[-1].storage}
    pages = -(-bench.sizes.few // 1_000)
    return [
        Figure(PART, "republish: Graph requests", median(each.graph for each in republished), "", at_most(0)),
        Figure(PART, "republish: pointers", median(of(each.kinds, POINTERS) for each in republished), "", at_most(0)),
        Figure(
            PART,
            "republish: pages of the schedule-month",
            median(of(each.kinds, PAGES) for each in republished),
            "",
            at_most(pages),
        ),
        Figure(PART, "republish: storage requests", median(each.storage for each in republished), ""),
        Figure(PART, "sweep of the window: Graph requests", median(asked), "", at_most(0)),
        Figure(
            PART, "sweep of the window: pointers", median(of(each.storage, POINTERS) for each in swept), "", at_most(0)
        ),
        Figure(
            PART,
            "sweep of the window: pages per schedule-month",
            median(of(each.storage, PAGES) for each in swept) / WINDOW,
            "",
            at_most(pages),
        ),
        Figure(PART, "sweep of the window: storage requests", median(total(each.storage) for each in swept), ""),
    ]


POINTERS = "queue put calendar-changes"
PAGES = "table query personmonths"
