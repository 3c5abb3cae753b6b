"""The pieces of the demonstration, each a process of its own, connected with one another."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.local.demo.host_log import HostLog
from tests.local.demo.queues import Queues
from tests.local.graph.control import GraphControl
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.pieces import ROOT, Piece, PieceError, environment_of, start

INSTALLATION = "demo"
CATEGORY = "Shift"
KEY = "local"
NEVER = "0 0 0 1 1 *"
"""No timer disturbs the counts of the steps."""
FOLDER = ROOT / ".local" / "demo"


@dataclass(slots=True)
class Stage:
    """Everything that runs, and how to talk to it."""

    lightning_bolt_address: str
    graph_address: str
    host: Piece
    lightning_bolt: LightningBoltControl
    graph: GraphControl
    queues: Queues
    log: HostLog
    settings: Mapping[str, str]

    def page(self, address: str, month: str = "") -> str:
        """Address of a mailbox's calendar page."""
        query = f"?month={month}" if month else ""
        return f"{self.graph_address}/calendar/{quote(address, safe='@')}{query}"

    @property
    def maps_itself(self) -> bool:
        """Whether IDs and fields come from the app's own table; Lightning Bolt returns none of them then."""
        return self.settings["MAPPING_SOURCE"] == "table"

    async def import_mappings(self, file: str) -> list[str]:
        """Imports a file as an operator would; what that printed. Raises PieceError where it is refused."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.import_mappings"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
            env=environment_of(self.settings),
        )
        printed, _ = await process.communicate(file.encode())
        if process.returncode:
            raise PieceError(f"the import of mappings ended with {process.returncode}:\n{printed.decode()}")
        return printed.decode().splitlines()

    async def restart_host_with_timers(self) -> None:
        """From now on the sweeps come as in production."""
        port = urlsplit(self.host.address).port
        await self.host.stop()
        settings = {name: value for name, value in self.settings.items() if not name.endswith("_SCHEDULE")}
        self.host = await start_host(settings, self.log.path, port or 0)


async def start_host(settings: Mapping[str, str], log: Path, port: int = 0) -> Piece:
    """The app, with these settings."""
    return await start("host", "--port", str(port), "--key", KEY, "--log", str(log), environment=settings)


@asynccontextmanager
async def set_stage(
    views: tuple[int, ...], time_zone: str, seed: int, folder: Path = FOLDER, mapping_source: str = "lightning_bolt"
) -> AsyncIterator[Stage]:
    """Starts all pieces; stops them at the end, the app first. The app's log goes to `folder`."""
    log = _new_log(folder)
    async with AsyncExitStack() as stack:
        azurite = await start("azurite")
        stack.push_async_callback(azurite.stop)
        lightning_bolt = await start("lightning-bolt", "--time-zone", time_zone)
        stack.push_async_callback(lightning_bolt.stop)
        graph = await start("graph", "--seed", str(seed))
        stack.push_async_callback(graph.stop)
        secret = secrets.token_hex(16)
        settings = {
            "AzureWebJobsStorage": azurite.address,
            "LIGHTNING_BOLT_URL": lightning_bolt.address,
            "LIGHTNING_BOLT_TOKEN_URL": f"{lightning_bolt.address}/token",
            "LIGHTNING_BOLT_CLIENT_ID": "local",
            "LIGHTNING_BOLT_CLIENT_SECRET": "local-secret",
            "LIGHTNING_BOLT_VIEWS": json.dumps([{"view_id": view, "time_zone": time_zone} for view in views]),
            "MAPPING_SOURCE": mapping_source,
            "GRAPH_URL": f"{graph.address}/v1.0",
            "GRAPH_AUTH": "none",
            "INSTALLATION_ID": INSTALLATION,
            "EVENT_CATEGORY": CATEGORY,
            "PUBLISH_SECRET": secret,
            "READ_AGAIN_SECONDS": "0",
            "SWEEP_SCHEDULE": NEVER,
            "WINDOW_SCHEDULE": NEVER,
            "AUDIT_SCHEDULE": NEVER,
        }
        host = await start_host(settings, log)
        stage = Stage(
            lightning_bolt.address,
            graph.address,
            host,
            await stack.enter_async_context(LightningBoltControl(lightning_bolt.address)),
            await stack.enter_async_context(GraphControl(graph.address)),
            await stack.enter_async_context(Queues(azurite.address)),
            HostLog(log),
            settings,
        )
        await stage.lightning_bolt.announce_to(f"{host.address}/api/publish", key=KEY, secret=secret)
        try:
            yield stage
        finally:
            await stage.host.stop()


def _new_log(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "host.log"
    log.unlink(missing_ok=True)
    return log
