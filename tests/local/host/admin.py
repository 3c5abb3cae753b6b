"""The host's admin endpoints."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from aiohttp import web
from azure.functions.meta import Datum

from tests.local.host.functions import HTTP, QUEUE, Function
from tests.local.host.keys import Access
from tests.local.host.messages import argument
from tests.local.host.worker import FunctionFailed, Worker

log = logging.getLogger("host.admin")

VERSION = "4.1037.0"
"""The real host's version that the stand-in follows."""


class Drainable(Protocol):
    """What the endpoints may do to the host."""

    @property
    def draining(self) -> bool:
        """Whether the listeners have been told to stop."""

    def drain(self) -> None:
        """Fetch and fire no more."""


class Admin:
    """Answers `/admin/…` to the master key; another valid key is refused with 403, none or a wrong one with 401."""

    def __init__(
        self,
        functions: tuple[Function, ...],
        worker: Worker,
        host: Drainable,
        timer_argument: Callable[[Function], object],
    ) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._worker = worker
        self._host = host
        self._timer_argument = timer_argument
        self._began = time.monotonic()
        self._invocations: set[asyncio.Task[None]] = set()

    async def answer(self, request: web.Request, access: Access) -> web.StreamResponse:
        """Answer one request."""
        path = tuple(request.path.strip("/").lower().split("/"))
        if path == ("admin", "host", "ping") and request.method in ("GET", "POST"):
            return web.Response()
        if access is not Access.MASTER:
            return web.Response(status=401 if access is Access.NONE else 403)
        match (request.method, *path):
            case ("GET", "admin", "host", "status"):
                return web.json_response(self._status())
            case ("POST", "admin", "host", "drain"):
                self._host.drain()
                return web.Response(status=202)
            case ("GET", "admin", "host", "drain", "status"):
                return web.json_response(self._drain_status())
            case ("GET", "admin", "functions"):
                return web.json_response([_shown(function) for function in self._functions.values()])
            case ("GET", "admin", "functions", name) if name in self._functions:
                return web.json_response(_shown(self._functions[name]))
            case ("POST", "admin", "functions", name):
                return await self._invoke(name, request)
        return web.Response(status=404)

    async def _invoke(self, name: str, request: web.Request) -> web.Response:
        if "json" not in request.content_type:
            return web.Response(status=415)
        try:
            content = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400)
        given = content.get("input") if isinstance(content, dict) else content
        if not isinstance(content, dict) or isinstance(given, dict | list):
            return web.Response(status=400)
        function = self._functions.get(name)
        if not function:
            return web.Response(status=404)
        if function.kind == HTTP:
            return web.Response(status=501, text="the stand-in calls HTTP functions by their routes only")
        task = asyncio.create_task(self._run(function, "" if given is None else str(given)))
        self._invocations.add(task)
        task.add_done_callback(self._invocations.discard)
        return web.Response(status=202)

    async def _run(self, function: Function, given: str) -> None:
        """Beside the schedule and the queue: it neither waits for a run of theirs nor moves anything."""
        try:
            if function.kind == QUEUE:
                value = argument(function, given, {"DequeueCount": Datum("0", "json")})
            else:
                value = self._timer_argument(function)
            await self._worker.run(function, value, "This function was programmatically called via the host APIs.")
        except FunctionFailed:
            pass
        except ValueError as problem:
            log.error("%s fails before the worker: %s", function.name, problem)

    def _status(self) -> Mapping[str, object]:
        return {
            "id": "local",
            "state": "Running",
            "version": VERSION,
            "versionDetails": f"{VERSION} (local stand-in)",
            "processUptime": int((time.monotonic() - self._began) * 1000),
            "functionAppContentEditingState": "NotAllowed",
        }

    def _drain_status(self) -> Mapping[str, object]:
        outstanding = self._worker.in_flight
        state = "Disabled" if not self._host.draining else "InProgress" if outstanding else "Completed"
        return {"state": state, "outstandingInvocations": outstanding, "outstandingRetries": 0}


def _shown(function: Function) -> Mapping[str, object]:
    return {
        "name": function.name,
        "config": {"bindings": [dict(function.trigger)]},
        "language": "python",
        "isDisabled": False,
    }
