"""A server on this machine that answers whatever a test tells it, and keeps what was asked of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

type Answer = web.StreamResponse | None
"""None: the connection is cut."""
type Answering = Callable[["Asked"], Answer]

HANGING = web.Response()
"""For an answer that never comes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    """Path and query as they were written."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def items(self) -> list[dict[str, Any]]:
        """Of a batch."""
        items: list[dict[str, Any]] = json.loads(self.body)["requests"]
        return items


@dataclass(slots=True)
class Wire:
    """The server: its address, what it was asked, and how it will answer."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: list[Answering] = field(default_factory=list)
    """One per request, in order; the last one answers all that follow."""

    def will(self, *answers: Answering) -> None:
        self.answers = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.raw_path, headers, await request.read())
        self.asked.append(asked)
        answering = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer = answering(asked)
        if answer is HANGING:
            await asyncio.Event().wait()
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer


@asynccontextmanager
async def wire() -> AsyncIterator[Wire]:
    """Serves for the time of the `async with`."""
    server = Wire()
    app = web.Application(client_max_size=2**23)
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


def status(code: int, error: str = "", **headers: str) -> Answering:
    """An answer of that status, with Graph's form of error where one is named."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"code": error, "message": "about person@example.org"}} if error else {}
    return lambda _: web.json_response(body, status=code, headers=names)


def html(code: int = 200) -> Answering:
    return lambda _: web.Response(text="<html><body>Service unavailable</body></html>", status=code)


def cut(_: Asked) -> Answer:
    return None


def hang(_: Asked) -> Answer:
    return HANGING


def page(*events: dict[str, Any], link: str | None = None) -> Answering:
    """A page of a calendar view."""
    return lambda _: web.json_response({"value": events} | ({"@odata.nextLink": link} if link else {}))


def batch(*statuses: int, code: str = "") -> Answering:
    """A batch answer: per item its status (the last one for all that follow), ids as `AAMk<number>`."""

    def answer(asked: Asked) -> Answer:
        responses = []
        for index, item in enumerate(asked.items):
            each = statuses[min(index, len(statuses) - 1)]
            body = {"id": f"AAMk{item['id']}"} if each < 300 else {"error": {"code": code}}
            responses.append({"id": item["id"], "status": each, "body": body})
        return web.json_response({"responses": responses[::-1]})

    return answer
