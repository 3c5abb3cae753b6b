"""Waits until everything that a publish sets off has been done, by looking, not by sleeping it out."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.local.demo.checker import Difference
from tests.local.demo.stage import Stage

POLL = 0.2
PATIENCE = 20.0
"""Seconds for which nothing has moved, after which calendars that are not right will not become so."""


async def until_done(
    stage: Stage,
    runs: int,
    right: Callable[[], Awaitable[list[Difference]]],
    progress: Callable[[int, int], None],
    deadline: float,
) -> list[Difference]:
    """Waits until so many runs of `plan_schedule` have ended, queues are empty, Graph is quiet, `right` finds nothing.

    Gives what `right` found last when nothing moves any more or `deadline` seconds are over. `progress` is told the
    number of changes in Graph and of runs.
    """
    end = time.monotonic() + deadline
    moved_at, before = time.monotonic(), (-1, -1, -1)
    found: list[Difference] | None = None
    while True:
        stage.log.read()
        waiting = await stage.queues.waiting()
        counts = await stage.graph.counts()
        ran = stage.log.ended("plan_schedule")
        progress(counts.changed, ran)
        now = (counts.requests, ran, waiting)
        quiet = now == before and waiting == 0 and ran >= runs
        if now != before:
            moved_at, before, found = time.monotonic(), now, None
        if quiet and found is None:
            found = await right()
            if not found:
                return []
        stuck = waiting == 0 and time.monotonic() > moved_at + PATIENCE
        if stuck or time.monotonic() > end or not stage.host.running:
            return found if found is not None else await right()
        await asyncio.sleep(POLL)
