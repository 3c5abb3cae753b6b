"""All pieces, each a process of its own; publishing, waiting and checking."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tests.local.demo.cast import make_mailboxes
from tests.local.demo.checker import Foreign, check, foreign_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.expected import Rules
from tests.local.demo.found import Mailbox, read_mailboxes
from tests.local.demo.queues import Queues
from tests.local.demo.stage import CATEGORY, INSTALLATION, KEY, NEVER
from tests.local.graph.control import GraphControl
from tests.local.hospital import Hospital, make_hospital
from tests.local.hospital.calendar import last_day, month_after
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.lightning_bolt.publishing import Published
from tests.local.pieces import Piece, piece, start
from tests.scenarios.processes.hosts import HostRun
from tests.scenarios.processes.numbers import Numbers
from tests.scenarios.processes.storage import Storage

MONTHS_BACK, MONTHS_AHEAD = 1, 2
HOLD_SECONDS = 1
LEASE_SECONDS, LOOK_AGAIN_SECONDS = 3, 1
POLL = 0.1
STILL = 3.0
"""Seconds without any movement after which only a sweep can bring more."""
MOST_SWEEPS = 8


@dataclass(slots=True)
class Site:
    """Everything that runs, and how to talk to it."""

    hospital: Hospital
    expectation: Expectation
    settings: Mapping[str, str]
    folder: Path
    """Of the logs."""
    lightning_bolt: LightningBoltControl
    graph: GraphControl
    queues: Queues
    storage: Storage
    hosts: list[HostRun] = field(default_factory=list)
    """All that were started, also those that have ended."""
    started: int = 0
    foreign: Foreign = field(default_factory=dict)
    sweeps: int = 0
    """So many were fired."""
    past: Counter[str] = field(default_factory=Counter)
    """Graph's counts before its journal began anew."""

    async def start_host(self, port: int = 0) -> HostRun:
        """One more host on the same storage. Publishes are announced to the one that was started last."""
        self.started += 1
        log = self.folder / f"host-{self.started}.log"
        arguments = ("--port", str(port), "--key", KEY, "--log", str(log), "--hold-seconds", str(HOLD_SECONDS))
        run = HostRun(await start("host", *arguments, environment=self.settings), log)
        self.hosts.append(run)
        await self.lightning_bolt.announce_to(f"{run.piece.address}/api/publish", key=KEY)
        return run

    async def sweep(self, name: str = "sweep_window") -> None:
        """Fires a timer of the last host."""
        self.sweeps += 1
        await self.hosts[-1].sweep(name)

    async def publish(self) -> Published:
        """Publishes all drafts of the hospital's months."""
        months = self.hospital.months
        published = await self.lightning_bolt.publish(first=months.first_day, last=months.last_day)
        self.expectation.publish(await self.lightning_bolt.published(), datetime.now(UTC))
        return published

    async def mailboxes(self) -> list[Mailbox]:
        """All mailboxes, with all that is in them."""
        return await read_mailboxes(self.graph, INSTALLATION)

    async def numbers(self) -> Numbers:
        """All mailboxes held against what they must hold now."""
        mailboxes = await self.mailboxes()
        due = self.expectation.due(datetime.now(UTC))
        names = {name for mailbox in mailboxes if mailbox.open for name in mailbox.names}
        return Numbers(
            sum(len(item.wanted) for name, item in due.items() if name in names),
            sum(len(mailbox.ours) for mailbox in mailboxes),
            check(mailboxes, due, self.foreign, self.hospital.setup.time_zone),
        )

    async def right(self, deadline: float, *, sweeping: bool = True) -> Numbers:
        """Waits until queues are empty, no month is open, and all mailboxes are exact; what was found last.

        `sweeping`: where nothing moves and something is missing still, a sweep is fired, as a timer would.
        """
        end, moved, before, sweeps = time.monotonic() + deadline, time.monotonic(), (-1, -1), 0
        while True:
            now = (await self.queues.waiting(), (await self.graph.counts()).requests)
            if now != before:
                before, moved = now, time.monotonic()
            elif now[0] == 0:
                numbers = await self.numbers()
                if not numbers.differences and not await self.open_months():
                    return numbers
                if sweeping and sweeps < MOST_SWEEPS and time.monotonic() > moved + STILL:
                    sweeps, moved = sweeps + 1, time.monotonic()
                    await self.sweep()
            if time.monotonic() > end:
                return await self.numbers()
            await asyncio.sleep(POLL)

    async def still(self, deadline: float) -> None:
        """Waits until queues are empty and Graph is asked nothing more."""
        before = (-1, -1)

        async def quiet() -> bool:
            nonlocal before
            now = (await self.queues.waiting(), (await self.graph.counts()).requests)
            same, before = now == before, now
            return same and now[0] == 0

        await until(quiet, deadline, "nothing moves any more", every=0.4)

    async def open_months(self) -> dict[str, list[str]]:
        """Open person-months of those whose mailbox can be written to; one that refuses is looked at once a day."""
        shut = {str(plan.emp_id) for plan in self.hospital.mailboxes if plan.mail != "open"}
        return {person: months for person, months in (await self.storage.open_months()).items() if person not in shut}

    async def one_more_sweep_is_free(self, deadline: float) -> None:
        """Once all is right, a sweep of the whole window asks nothing of Graph."""
        before, runs = (await self.graph.counts()).requests, self._planned()
        await self.sweep()
        await until(lambda: _now(self._planned() > runs), deadline, "the sweep was worked on")
        await self.still(deadline)
        assert (await self.graph.counts()).requests == before

    async def forget_journal(self) -> None:
        """Graph's journal begins anew; its sums are kept."""
        self.past = await self.sums()
        await self.graph.clear_journal()

    async def sums(self) -> Counter[str]:
        """Of all that Graph was asked: requests, items, changed, unanswered, and operations by method and status."""
        counts = await self.graph.counts()
        sums = Counter(requests=counts.requests, items=counts.items, changed=counts.changed)
        return self.past + sums + Counter(counts.methods) + Counter(counts.statuses) + Counter(cut=counts.unanswered)

    def taken_over(self) -> list[int]:
        """Of all hosts' logs; see HostRun."""
        return [count for host in self.hosts for count in host.taken_over()]

    def _planned(self) -> int:
        for host in self.hosts:
            host.log.read()
        return sum(host.log.succeeded["plan_schedule"] for host in self.hosts)


async def until(condition: Callable[[], Awaitable[bool]], deadline: float, what: str, *, every: float = POLL) -> None:
    """Looks until it is so. Raises AssertionError after `deadline` seconds."""
    end = time.monotonic() + deadline
    while not await condition():
        assert time.monotonic() < end, f"not within {deadline:g} s: {what}"
        await asyncio.sleep(every)


async def _now(value: bool) -> bool:
    return value


def months_of(now: datetime, zone: str) -> Sequence[date]:
    """First days of the window's months."""
    present = now.astimezone(ZoneInfo(zone)).date().replace(day=1)
    return [month_after(present, number) for number in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]


@asynccontextmanager
async def open_site(
    folder: Path, *, people: int, shifts_per_month: int = 12, seed: int = 9, **settings: str
) -> AsyncIterator[Site]:
    """Starts all pieces but hosts, loads the hospital as drafts and makes its mailboxes; stops all at the end."""
    zone = "America/Chicago"
    months = months_of(datetime.now(UTC), zone)
    hospital = make_hospital(months, people=people, shifts_per_month=shifts_per_month, seed=seed, time_zone=zone)
    rules = Rules(INSTALLATION, hospital.view_ids, months[0], last_day(months[-1]), categories=(CATEGORY,))
    async with AsyncExitStack() as stack:
        azurite, lightning_bolt, graph = [
            await stack.enter_async_context(each)
            for each in (piece("azurite"), piece("lightning-bolt"), piece("graph", "--seed", str(seed)))
        ]
        site = Site(
            hospital,
            Expectation(rules),
            _settings(azurite, lightning_bolt, graph, hospital, zone) | settings,
            folder,
            await stack.enter_async_context(LightningBoltControl(lightning_bolt.address)),
            await stack.enter_async_context(GraphControl(graph.address)),
            await stack.enter_async_context(Queues(azurite.address)),
            await stack.enter_async_context(Storage(azurite.address)),
        )
        await site.lightning_bolt.load(hospital.setup)
        await make_mailboxes(site.graph, hospital)
        site.foreign = foreign_of(await site.mailboxes())
        try:
            yield site
        finally:
            for host in site.hosts:
                await host.piece.stop()


def _settings(azurite: Piece, lightning_bolt: Piece, graph: Piece, hospital: Hospital, zone: str) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": azurite.address,
        "LIGHTNING_BOLT_URL": lightning_bolt.address,
        "LIGHTNING_BOLT_TOKEN_URL": f"{lightning_bolt.address}/token",
        "LIGHTNING_BOLT_CLIENT_ID": "local",
        "LIGHTNING_BOLT_CLIENT_SECRET": "local-secret",
        "LIGHTNING_BOLT_VIEWS": json.dumps([{"view_id": view, "time_zone": zone} for view in hospital.view_ids]),
        "GRAPH_URL": f"{graph.address}/v1.0",
        "GRAPH_AUTH": "none",
        "INSTALLATION_ID": INSTALLATION,
        "EVENT_CATEGORY": CATEGORY,
        "MONTHS_BACK": str(MONTHS_BACK),
        "MONTHS_AHEAD": str(MONTHS_AHEAD),
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "LOOK_AGAIN_SECONDS": str(LOOK_AGAIN_SECONDS),
        "READ_AGAIN_SECONDS": "0",
        "SWEEP_SCHEDULE": NEVER,
        "WINDOW_SCHEDULE": NEVER,
        "AUDIT_SCHEDULE": NEVER,
    }


def port_of(host: HostRun) -> int:
    """Where it listens, so that the next one can listen there, too."""
    return urlsplit(host.piece.address).port or 0
