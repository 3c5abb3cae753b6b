"""The other side of the client's tests: an HTTP server that behaves, and misbehaves, like Lightning Bolt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from aiohttp import web
from pydantic import SecretStr

from shared.schedule.access import Account
from shared.schedule.lightning_bolt import LightningBolt
from shared.schedule.mapping import FieldKeys
from shared.settings import View
from tests.unit.lb_answer import CHICAGO, Json, answer, slot

VIEW = View(view_id=50, time_zone=CHICAGO)
SECRET = "s3cr3t-of-the-client"
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Side:
    """The other side: what it was asked, and what it answers next. Without a reply planned, it answers well."""

    url: str = ""
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)
    tokens: list[Json] = field(default_factory=list)
    """Every token request's form."""
    reads: list[tuple[str, Json]] = field(default_factory=list)
    """Every read's bearer and body."""
    origins: list[str | None] = field(default_factory=list)
    token_replies: list[Reply] = field(default_factory=list)
    read_replies: list[Reply] = field(default_factory=list)
    answer: Json = field(default_factory=lambda: answer(slot()))
    lifetime: Json = 3599

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def on_token(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append((request.content_type, dict(await request.post())))
        if self.token_replies:
            return await self.token_replies.pop(0)(request)
        return web.json_response({"access_token": f"token-{len(self.tokens)}", "expires_in": self.lifetime})

    async def on_read(self, request: web.Request) -> web.StreamResponse:
        self.reads.append((request.headers["Authorization"], await request.json()))
        self.origins.append(request.headers.get("Origin"))
        if self.read_replies:
            return await self.read_replies.pop(0)(request)
        return web.json_response(self.answer)


def replies(status: int, text: str = "", headers: dict[str, str] | None = None) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, headers=headers, content_type="text/html")

    return reply


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Half of an answer, then the connection goes."""
    response = web.StreamResponse(headers={"Content-Length": "100000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"schedule_data": {"data": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def never(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


@asynccontextmanager
async def lightning_bolt_side() -> AsyncIterator[Side]:
    side = Side()
    app = web.Application()
    app.router.add_post("/token", side.on_token)
    app.router.add_post("/viewerapi", side.on_read)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    side.url = f"http://{host}:{port}"
    try:
        yield side
    finally:
        await runner.cleanup()


def client_of(side: Side, timeout_seconds: float = 60.0, url: str | None = None) -> LightningBolt:
    return LightningBolt(
        url or side.url,
        Account(f"{side.url}/token", "client-7", SecretStr(SECRET)),
        FieldKeys(),
        httpx.AsyncClient(),
        timeout_seconds=timeout_seconds,
        clock=side.clock,
        sleep=side.sleep,
    )
