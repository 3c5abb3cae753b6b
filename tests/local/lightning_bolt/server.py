"""The server: the app's endpoints, and the stand-in's own under `/_sim/`."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Self

from aiohttp import web

from tests.local.lightning_bolt.answer import Answers
from tests.local.lightning_bolt.callback import Callback, Caller
from tests.local.lightning_bolt.endpoints import Endpoints
from tests.local.lightning_bolt.faults import Faults
from tests.local.lightning_bolt.journal import Journal
from tests.local.lightning_bolt.publishing import Publishing
from tests.local.lightning_bolt.record_edits import RecordEdits
from tests.local.lightning_bolt.slot_edits import SlotEdits
from tests.local.lightning_bolt.tokens import Tokens
from tests.local.lightning_bolt.verbs import Verbs
from tests.local.lightning_bolt.world import World

_LARGEST_SETUP = 1 << 30


class LightningBolt:
    """Lightning Bolt on 127.0.0.1. `async with LightningBolt() as lightning_bolt: lightning_bolt.url`.

    Everything can be done in process (`slots`, `records`, `publishing`, `faults`, ...) or over HTTP (control.py).
    """

    def __init__(
        self, port: int = 0, time_zone: str = "America/Chicago", now: Callable[[], datetime] | None = None
    ) -> None:
        self.world = World(time_zone, now)
        self.slots = SlotEdits(self.world)
        self.records = RecordEdits(self.world)
        self.caller = Caller()
        self.publishing = Publishing(self.world, self.caller)
        self.faults = Faults()
        self.tokens = Tokens(self.world)
        self.journal = Journal()
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self._port}"

    def announce_to(self, url: str | None, key: str | None = None, secret: str | None = None) -> None:
        """Publishes call this address from now on."""
        self.caller.callback = Callback(url, key, secret)

    async def start(self) -> None:
        """Listens; on the port it had before, if it had one."""
        app = web.Application(client_max_size=_LARGEST_SETUP)
        endpoints = Endpoints(self.world, Answers(self.world), self.faults, self.tokens, self.journal)
        app.add_routes(endpoints.routes())
        app.add_routes(Verbs(self).routes())
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuses connections from now on."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
