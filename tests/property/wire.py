"""The way from the real Graph client to Graph's stand-in without a socket: an httpx transport that calls its routes."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from aiohttp import web

from tests.local.graph.faults import Faults
from tests.local.graph.graph_routes import GraphRoutes
from tests.local.graph.runner import Runner
from tests.local.graph.simulator import GraphSimulator
from tests.property.actors import Actors
from tests.property.clock import SimulatedLoop

URL = "http://127.0.0.1:1/v1.0"


@dataclass(slots=True)
class Request:
    """What the routes need of an aiohttp request."""

    method: str
    raw_path: str
    headers: httpx.Headers
    content: bytes
    scheme: str = "http"
    host: str = "127.0.0.1:1"
    cut: bool = False
    transport: "Request" = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self

    async def read(self) -> bytes:
        """The body."""
        return self.content

    def abort(self) -> None:
        """The connection breaks."""
        self.cut = True


class Net:
    """Between one hospital's app and its Graph. Requests may be lost on the way, come late, or lose their answer."""

    def __init__(
        self, simulator: GraphSimulator, actors: Actors, loop: SimulatedLoop, sent: Callable[[bytes], None]
    ) -> None:
        self._actors = actors
        self._loop = loop
        self._sent = sent
        self._routes = GraphRoutes(simulator.state, simulator.runner)
        calm = Runner(simulator.state, Faults(simulator.state.random), simulator.journal)
        self._calm_routes = GraphRoutes(simulator.state, calm)
        self.late: float | None = None
        """So many seconds after it was sent a write takes effect that its sender has given up waiting for; or never."""
        self.requests = 0
        self.writes = 0

    async def exchange(self, request: Request) -> httpx.Response:
        """One request and its answer. Raises httpx's errors."""
        kind = "write" if request.method == "POST" else "read"
        sent = self._loop.time()
        self.requests += 1
        if kind == "write":
            self.writes += 1
            self._sent(request.content)
        try:
            await self._actors.gate(f"graph.{kind}")
        except asyncio.CancelledError:
            if self.late is not None and kind == "write":
                self._loop.call_at(max(sent + self.late, self._loop.time()), self._land, request)
            raise
        answer = await self._answer(self._routes, request)
        if request.cut:
            raise httpx.ReadError("cut")
        await self._actors.gate(f"graph.{kind}.answer")
        body = answer.body if isinstance(answer.body, bytes) else b""
        return httpx.Response(answer.status, headers=[*answer.headers.items()], content=body)

    @staticmethod
    async def _answer(routes: GraphRoutes, request: Request) -> web.Response:
        return cast(web.Response, await routes.answer(cast(Any, request)))

    def _land(self, request: Request) -> None:
        self._loop.create_task(self._answer(self._calm_routes, request), context=Context())


class Wire(httpx.AsyncBaseTransport):
    """Hands requests to the hospital of the present example: the client outlives it, because it is slow to make."""

    def __init__(self) -> None:
        self.net: Net | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See Net."""
        assert self.net
        content = await request.aread()
        made = Request(request.method, request.url.raw_path.decode(), request.headers, content)
        return await self.net.exchange(made)
