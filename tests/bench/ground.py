"""What is measured on: Azurite, Lightning Bolt and Graph as processes of their own, and runs of others beside them."""

import asyncio
import json
import re
import secrets
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleMonth
from shared.schedule.lightning_bolt import LightningBolt
from shared.settings import read_settings
from shared.state.connection import Connection, Storage
from shared.state.queues import AzureQueues
from tests.bench.hospital import INSTALLATION, ZONE, Hospital
from tests.bench.worker import Measured, Order
from tests.local.azurite.process import ACCOUNT, KEY
from tests.local.demo.queues import Queues
from tests.local.demo.stage import NEVER
from tests.local.graph.control import GraphControl
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.pieces import ROOT, Piece, environment_of, piece, start
from tests.scenarios.processes.site import until

ACCOUNTS = 200
FOLDER = ROOT / ".local" / "bench"
LATENCY = 0.05
"""Seconds that Graph takes for an item."""
HOST_KEY = "local"
WITHIN = 60.0
"""Seconds in which an instance must have worked once."""
_WRITTEN = re.compile(r"^(\S+) INFO \S+ calendar_written ", re.MULTILINE)


@dataclass(slots=True)
class Ground:
    """The stand-ins, with one hospital at a time."""

    azurite: Piece
    lightning_bolt_address: str
    graph_address: str
    lightning_bolt: LightningBoltControl
    graph: GraphControl
    hospital: Hospital | None = None
    accounts: int = 0

    async def settle(self, hospital: Hospital) -> None:
        """This hospital, published; mailboxes are there, and empty."""
        if self.hospital is not hospital:
            await self.graph.reset()
            await self.graph.put_mailboxes(hospital.mailboxes)
            await self.lightning_bolt.load(hospital.setup)
            months = hospital.months
            await self.lightning_bolt.publish(first=months[0].first, last=months[-1].last, callback=False)
            self.hospital = hospital
            await self._read_once(hospital)
        await self.empty_calendars()
        await self.lightning_bolt.clear_journal()

    async def _read_once(self, hospital: Hospital) -> None:
        """Lightning Bolt's stand-in puts an answer together when it is first asked for, and keeps it."""
        settings = read_settings(self.settings(self.azurite.address))
        async with aclosing(LightningBolt.from_settings(settings)) as client:
            for view in settings.lightning_bolt_views:
                for month in hospital.months:
                    await client.answer(view, month)

    async def empty_calendars(self, latency: float = 0.0) -> None:
        """No events, no journal, no faults; from now on an item takes `latency` seconds."""
        await self.graph.reset(keep_mailboxes=True)
        await self.graph.put_behaviour(latency=latency)

    def storage(self) -> str:
        """A connection string of an account that nobody has used."""
        self.accounts += 1
        return self.azurite.address.replace(ACCOUNT, f"bench{self.accounts}")

    def settings(self, storage: str) -> dict[str, str]:
        """The app's settings over these stand-ins; no timer fires by itself."""
        assert self.hospital
        return {
            "AzureWebJobsStorage": storage,
            "LIGHTNING_BOLT_URL": self.lightning_bolt_address,
            "LIGHTNING_BOLT_TOKEN_URL": f"{self.lightning_bolt_address}/token",
            "LIGHTNING_BOLT_CLIENT_ID": "local",
            "LIGHTNING_BOLT_CLIENT_SECRET": "local-secret",
            "LIGHTNING_BOLT_VIEWS": json.dumps([{"view_id": view, "time_zone": ZONE} for view in self.hospital.views]),
            "GRAPH_URL": f"{self.graph_address}/v1.0",
            "GRAPH_AUTH": "none",
            "INSTALLATION_ID": INSTALLATION,
            "READ_AGAIN_SECONDS": "0",
            "AUDIT_SPREAD_MINUTES": "0",
            "SWEEP_SCHEDULE": NEVER,
            "WINDOW_SCHEDULE": NEVER,
            "AUDIT_SCHEDULE": NEVER,
        }

    @asynccontextmanager
    async def worker(self, storage: str, **settings: str) -> AsyncIterator["Worker"]:
        """The app in a process of its own, without a host; see `worker`."""
        process = await _start("tests.bench.worker", environment=self.settings(storage) | settings)
        try:
            yield Worker(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    @asynccontextmanager
    async def host(self, storage: str, **settings: str) -> AsyncIterator["Hosted"]:
        """The app under stand-ins of the Functions host, with the host.json that ships, unless settings differ.

        On Flex Consumption each queue's function has instances of its own: here, one that plans (and takes callbacks,
        which have their own there, too) and one that writes. Both have worked before, as running ones have.
        """
        FOLDER.mkdir(parents=True, exist_ok=True)
        hospital = self.hospital
        assert hospital
        async with AsyncExitStack() as stack:

            async def instance(*functions: str) -> tuple[str, Path]:
                log = FOLDER / f"host-{secrets.token_hex(4)}.log"
                stack.callback(log.unlink, missing_ok=True)
                names = [word for name in functions for word in ("--function", name)]
                arguments = ("--port", "0", "--key", HOST_KEY, "--log", str(log), *names)
                running = await start("host", *arguments, environment=self.settings(storage) | settings)
                stack.push_async_callback(running.leave)
                return running.address, log

            address, _ = await instance("publish_callback", "plan_schedule")
            _, written = await instance("write_calendar")
            hosted = Hosted(address, written, await stack.enter_async_context(Queues(storage)))
            await hosted.warm(hospital, storage)
            yield hosted


@dataclass(frozen=True, slots=True)
class Hosted:
    """The running instances."""

    address: str
    """Of the instance that takes callbacks."""
    log: Path
    """Of the instance that writes."""
    queues: Queues

    async def warm(self, hospital: Hospital, storage: str) -> None:
        """Has both instances work once: a publish of a month without shifts, a pointer at a person nobody knows.

        So tables and queues are there, the view has been read, Lightning Bolt's token is known, and everything is
        imported (which the part on starts measures). No connection to Graph is open yet, nor is anybody known.
        """
        empty = hospital.months[-1].plus(1)
        await self._call(hospital.callbacks([empty]))
        async with aclosing(Storage(Connection(storage))) as account:
            await account.create_queues()
            queues = AzureQueues(account.queue(SCHEDULE_CHANGES), account.queue(CALENDAR_CHANGES))
            await queues.announce(Pointer("nobody", (ScheduleMonth("0", empty),)))
        await until(self._is_done, WITHIN, "both instances have worked", every=0.05)

    async def publish(self, bodies: list[dict[str, object]], within: float) -> float:
        """Sends callbacks and waits for empty queues; seconds from the first callback to the last calendar's record.

        Raises AssertionError after `within` seconds.
        """
        began = time.time()
        await self._call(bodies)
        await until(self._is_done, within, "the queues are empty", every=0.25)
        last = max(_WRITTEN.findall(self.log.read_text()), key=datetime.fromisoformat)
        return datetime.fromisoformat(last).astimezone(UTC).timestamp() - began

    async def _call(self, bodies: list[dict[str, object]]) -> None:
        async with aiohttp.ClientSession(headers={"x-functions-key": HOST_KEY}) as session:
            for body in bodies:
                async with session.post(f"{self.address}/api/publish", json=body) as answer:
                    assert answer.status == 202, await answer.text()

    async def _is_done(self) -> bool:
        return not await self.queues.waiting()


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that takes orders."""

    process: asyncio.subprocess.Process

    async def do(self, order: Order) -> Measured:
        """Raises RuntimeError with what it said, if it ends instead."""
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        if line := await self.process.stdout.readline():
            return Measured(**json.loads(line))
        raise RuntimeError(f"the worker ended: {(await self.process.stderr.read()).decode()[-2000:]}")


async def run(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What a module, run as a program, printed. Raises RuntimeError with what it said of its failure."""
    process = await _start(module, *arguments, environment=environment)
    try:
        out, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return out.decode()


async def _start(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment_of(environment),
    )


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Starts the stand-ins; stops them at the end."""
    accounts = ";".join(f"{name}:{KEY}" for name in (ACCOUNT, *(f"bench{number + 1}" for number in range(ACCOUNTS))))
    async with AsyncExitStack() as stack:
        azurite = await stack.enter_async_context(piece("azurite", environment={"AZURITE_ACCOUNTS": accounts}))
        lightning_bolt = await stack.enter_async_context(piece("lightning-bolt", "--time-zone", ZONE))
        graph = await stack.enter_async_context(piece("graph", "--seed", "1"))
        yield Ground(
            azurite,
            lightning_bolt.address,
            graph.address,
            await stack.enter_async_context(LightningBoltControl(lightning_bolt.address)),
            await stack.enter_async_context(GraphControl(graph.address)),
        )
