"""What all measurements share: the stand-ins, the sizes, and hospitals that are made once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.ground import LATENCY, Ground, run
from tests.bench.hospital import Hospital, coming_months, make
from tests.bench.sizes import Sizes
from tests.bench.worker import Measured, Order
from tests.local.host.host_json import OVERRIDE
from tests.local.pieces import ROOT

PATIENCE = 900.0
"""Seconds after which a publish counts as stuck."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A first publish with Graph at 0 ms, planner and writer in a process each."""

    plan: Measured
    write: Measured
    graph_requests: int
    after: "After | None" = None
    """For one number of people only."""


@dataclass(frozen=True, slots=True)
class After:
    """A sweep and an audit of what was published, where nothing has changed."""

    sweep: Measured
    audit: Measured


@dataclass(slots=True)
class Bench:
    """One run of the suite."""

    ground: Ground
    sizes: Sizes
    step: Callable[[str], None]
    """Told of each step before it begins."""
    raw: dict[str, Any] = field(default_factory=dict)
    """All that was measured, by part, for the JSON."""
    costs: dict[int, list[Cost]] = field(default_factory=dict)
    """By number of people."""
    hospitals: dict[tuple[int, int, int, int], Hospital] = field(default_factory=dict)

    def hospital(self, people: int, *, shifts: int = 0, months: int = 1, schedules: int = 1) -> Hospital:
        """The same hospital for the same numbers."""
        key = (people, shifts or self.sizes.shifts, months, schedules)
        if key not in self.hospitals:
            self.hospitals[key] = make(people, key[1], coming_months(months), schedules=schedules)
        return self.hospitals[key]

    def order(self, *functions: str, **more: Any) -> Order:
        """An order that takes as many messages at a time as host.json allows."""
        batch, threshold = concurrency()
        return Order(functions, batch=batch, threshold=threshold, **more)

    async def publish(self, people: int, mailboxes: int | None = None) -> float:
        """Seconds of a first publish under the host. `mailboxes`: so many in flight, not host.json's number."""
        hospital = self.hospital(people)
        await self.ground.settle(hospital)
        await self.ground.empty_calendars(LATENCY)
        limits = one_at_a_time(mailboxes) if mailboxes else {}
        async with self.ground.host(self.ground.storage(), **limits) as host:
            seconds = await host.publish(hospital.callbacks(), PATIENCE)
        await self.check(hospital)
        return seconds

    async def check(self, hospital: Hospital) -> None:
        """Raises RuntimeError unless every calendar has its events, each made once."""
        changed = (await self.ground.graph.counts()).changed
        if changed != hospital.events:
            raise RuntimeError(f"{changed} changes of calendars for {hospital.events} events")

    async def rival(self, name: str, people: int, mailboxes: int | None = None) -> float:
        """Seconds of a first publish by another program, with as many mailboxes in flight."""
        hospital = self.hospital(people)
        await self.ground.settle(hospital)
        await self.ground.empty_calendars(LATENCY)
        task = {
            "url": f"{self.ground.graph_address}/v1.0",
            "people": people,
            "shifts": hospital.shifts,
            "in_flight": mailboxes or in_flight(),
            "month": str(hospital.months[0].first),
        }
        seconds = float(await run(f"tests.bench.rivals.{name}", json.dumps(task)))
        await self.check(hospital)
        return seconds

    async def measure_costs(self, *sizes: int, anew: bool = False) -> None:
        """A first publish at 0 ms of each size, in turns, as often as figures need.

        `anew`: what was measured before is forgotten, since a shared machine has better and worse minutes.
        """
        if anew:
            self.costs.clear()
        missing = [people for people in dict.fromkeys(sizes) if people not in self.costs]
        for turn in range(self.sizes.runs):
            for people in missing:
                self.step(f"first publish at 0 ms, {people:,} people, run {turn + 1}")
                self.costs.setdefault(people, []).append(await self._cost(self.hospital(people), profile=turn == 0))

    async def _cost(self, hospital: Hospital, *, profile: bool) -> Cost:
        await self.ground.settle(hospital)
        storage = self.ground.storage()
        async with self.ground.worker(storage) as worker:
            plan = await worker.do(self.order("plan_schedule", callbacks=hospital.callbacks(), profile=profile))
        async with self.ground.worker(storage) as worker:
            write = await worker.do(self.order("write_calendar", profile=profile))
            counts = await self.ground.graph.counts()
            await self.check(hospital)
            if hospital.people != self.sizes.people:
                return Cost(plan, write, counts.requests)
            sweep = await worker.do(self.order("plan_schedule", timers=["sweep"]))
            audit = await worker.do(self.order("write_calendar", timers=["audit"]))
        return Cost(plan, write, counts.requests, After(sweep, audit))

    def after(self) -> list[After]:
        """Of the number of people that it is measured for."""
        return [cost.after for cost in self.costs[self.sizes.people] if cost.after]


def concurrency(path: Path = ROOT / "host.json") -> tuple[int, int]:
    """`batchSize` and `newBatchThreshold`."""
    queues = json.loads(path.read_text())["extensions"]["queues"]
    return int(queues["batchSize"]), int(queues["newBatchThreshold"])


def one_at_a_time(mailboxes: int) -> dict[str, str]:
    """Settings that have the host fetch messages singly, until so many are at work."""
    queues = f"{OVERRIDE}extensions__queues__"
    return {f"{queues}batchSize": "1", f"{queues}newBatchThreshold": str(mailboxes - 1)}


def in_flight() -> int:
    """Messages, and so mailboxes, that one instance works on at the same time, at most."""
    return sum(concurrency())
