"""Asks Graph over HTTP and hands back whatever comes: for tests of the stand-in, and scenarios that look at it raw."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from yarl import URL

from tests.local.graph.answers import Json
from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.simulator import GraphServer, GraphSimulator

IMMUTABLE = 'IdType="ImmutableId"'
NOTHING: Final = object()
"""No body at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, or an item of a batch's."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: Any
    """The JSON value; text that is none as it is; None for no body."""

    @property
    def code(self) -> str:
        """Graph's error code."""
        code: str = self.body["error"]["code"]
        return code

    @property
    def id(self) -> str:
        """The event's id."""
        identifier: str = self.body["id"]
        return identifier


class RawGraph:
    """A client of a served simulator. Asks for immutable ids unless `prefer` says otherwise."""

    def __init__(self, server: GraphServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.simulator: GraphSimulator = server.simulator
        self._session = session

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = NOTHING,
        *,
        prefer: str | None = IMMUTABLE,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request; `path` begins after `/v1.0`, or is a whole address (a next link). Raises aiohttp's errors."""
        sent = dict(headers or {})
        if prefer is not None:
            sent.setdefault("Prefer", prefer)
        data = None
        if body is not NOTHING:
            sent.setdefault("Content-Type", "application/json")
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        whole = path.startswith("http")
        url = URL(path, encoded=True) if whole else URL(self.server.graph_url + path)
        async with self._session.request(method, url, data=data, headers=sent) as response:
            text = await response.text()
            return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, _read(text))

    async def get(self, path: str, **more: Any) -> Reply:
        """GET."""
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any, **more: Any) -> Reply:
        """POST."""
        return await self.ask("POST", path, body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> Reply:
        """PATCH."""
        return await self.ask("PATCH", path, body, **more)

    async def delete(self, path: str, **more: Any) -> Reply:
        """DELETE."""
        return await self.ask("DELETE", path, **more)

    async def batch(self, items: Sequence[Json]) -> Reply:
        """POST $batch, as it comes."""
        return await self.post("/$batch", {"requests": list(items)}, prefer=None)

    async def items(self, items: Sequence[Json]) -> dict[str, Reply]:
        """POST $batch, and its items' answers by id."""
        reply = await self.batch(items)
        assert reply.status == 200, reply
        return {
            item["id"]: Reply(
                item["status"], {k.lower(): v for k, v in item.get("headers", {}).items()}, item.get("body")
            )
            for item in reply.body["responses"]
        }

    async def pages(self, path: str, **more: Any) -> list[list[Json]]:
        """All pages from `path` on, by their next links."""
        found: list[list[Json]] = []
        following: str | None = path
        while following:
            reply = await self.get(following, **more)
            assert reply.status == 200, reply
            found.append(reply.body["value"])
            following = reply.body.get("@odata.nextLink")
        return found


def write(identifier: str, method: str, url: str, body: Json | None = None, prefer: str = IMMUTABLE) -> Json:
    """An item of a batch."""
    item: Json = {"id": identifier, "method": method, "url": url, "headers": {"Prefer": prefer}}
    if body is not None:
        item["headers"]["Content-Type"] = "application/json"
        item["body"] = body
    return item


@asynccontextmanager
async def stand_in(*mailboxes: str, seed: int = 0) -> AsyncIterator[RawGraph]:
    """A simulator with these mailboxes, served, and a client of it."""
    simulator = GraphSimulator(seed=seed)
    simulator.add_mailboxes(*mailboxes, state=MailboxState.OPEN)
    async with simulator.serve() as server, aiohttp.ClientSession() as session:
        yield RawGraph(server, session)


def _read(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
