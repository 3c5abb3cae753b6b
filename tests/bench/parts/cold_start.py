"""Start of a cold process, and the memory of processes that only plan or only write."""

import json
import time
from typing import Any

from azure.storage.queue.aio import QueueServiceClient

from tests.bench.bench import Bench
from tests.bench.figures import Figure, at_most, median
from tests.bench.ground import run

PART = "start and memory"
STARTS = 5


async def measure(bench: Bench) -> list[Figure]:
    """Import, first answer, first write; then peaks of memory."""
    hospital = bench.hospital(bench.sizes.few)
    ground = bench.ground
    found: dict[str, list[dict[str, Any]]] = {"import": [], "callback": [], "write": []}
    await ground.settle(hospital)
    storage = ground.storage()
    settings = ground.settings(storage)
    async with ground.worker(storage) as worker:
        await worker.do(bench.order("plan_schedule", callbacks=hospital.callbacks()))
    async with QueueServiceClient.from_connection_string(storage) as service:
        queue = service.get_queue_client("calendar-changes")
        pages = queue.receive_messages(messages_per_page=STARTS * 2, visibility_timeout=600).by_page()
        pointers = [str(message.content) async for message in await anext(pages)]
    bench.step("cold starts")
    callback = json.dumps(hospital.callbacks()[0])
    for turn in range(min(STARTS, len(pointers))):
        for what, message in (("import", ""), ("callback", callback), ("write", pointers[turn])):
            arguments = (what, message, str(time.time()))
            found[what].append(json.loads(await run("tests.bench.cold", *arguments, environment=settings)))
    people, months = bench.sizes.people, bench.sizes.months
    await bench.measure_costs(people)
    peaks: dict[int, list[float]] = {1: [], 2: [], months: []}
    for turn in range(bench.sizes.runs):
        for count, values in peaks.items():
            bench.step(f"memory of the planner, {count} months, run {turn + 1}")
            values.append(await _planner_peak(bench, count))
    bench.raw["cold_start"] = found
    one, two, several = (median(values) for values in peaks.values())
    heavy = {name for told in found["callback"] for name in told["loaded"]}
    return [
        Figure(
            PART, "import of function_app", median(told["import"] for told in found["import"]), "s",
            at_most(0.5, binding=False),
        ),
        Figure(PART, "process to first answer of the callback", _seconds(found["callback"]), "s"),
        Figure(PART, "process to first write", _seconds(found["write"]), "s"),
        Figure(
            PART, "heavy packages loaded for the callback", len(heavy), "", at_most(0), note=", ".join(sorted(heavy))
        ),
        Figure(
            PART, "peak memory of the writer", median(cost.write.peak for cost in bench.costs[people]), "MB",
            at_most(220, binding=False),
        ),
        Figure(PART, f"peak memory of the planner, {people:,} people", one, "MB", at_most(300, binding=False)),
        Figure(PART, "… 2 months against one", two / one, "×", note="what one read took is not all used again"),
        Figure(PART, f"… {months} months against 2", several / two, "×", at_most(1.1)),
    ]  # fmt: skip


async def _planner_peak(bench: Bench, months: int) -> float:
    hospital = bench.hospital(bench.sizes.people, months=months)
    await bench.ground.settle(hospital)
    async with bench.ground.worker(bench.ground.storage()) as worker:
        return (await worker.do(bench.order("plan_schedule", callbacks=hospital.callbacks()))).peak


def _seconds(told: list[dict[str, Any]]) -> float:
    return median(each["seconds"] for each in told)
