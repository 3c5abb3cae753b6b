"""`/v1.0`: HTTP requests read, run, and answered, or cut off."""

import asyncio
import json
from typing import Any

from aiohttp import web

from tests.local.graph import batch
from tests.local.graph.access import check_token
from tests.local.graph.answers import JSON_TYPE, Answer, GraphError
from tests.local.graph.call import NO_BODY, UNREADABLE, Call
from tests.local.graph.faults import Fault, Struck
from tests.local.graph.journal import BATCH, Record
from tests.local.graph.runner import Runner, Task
from tests.local.graph.state import State

VERSION = "/v1.0"

_NOT_JSON = (
    "<html><head><title>Gateway</title></head><body>The page cannot be displayed.</body></html>",
    '{"responses":[{"id":"1","status":20',
    "",
)


class GraphRoutes:
    """Answers everything under `/v1.0`."""

    def __init__(self, state: State, runner: Runner) -> None:
        self._state = state
        self._runner = runner

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request."""
        call = await self._read(request)
        outer = self._runner.task(call)
        if call.path.lower() == BATCH:
            outer.record.path = BATCH
        try:
            check_token(self._state, call.headers.get("authorization"))
            tasks = self._batch(call, outer.record) if outer.record.path == BATCH else [outer]
        except GraphError as error:
            outer.answer = self._runner.refuse(call, error)
            outer.record.settle(outer.answer)
            return self._response(call, outer.answer)
        struck = self._runner.strike(tasks, outer.record)
        if struck is not None and struck.fault is not None:
            return await self._struck(request, outer, tasks, struck, struck.fault)
        await self._delayed(tasks, struck)
        return self._finished(outer, tasks)

    def _finished(self, outer: Task, tasks: list[Task]) -> web.Response:
        if outer.record.path != BATCH:
            assert outer.answer
            return self._response(outer.call, outer.answer)
        return self._response(outer.call, self._batch_answer(outer.record, tasks))

    async def _delayed(self, tasks: list[Task], struck: Struck) -> None:
        """Run all, with the delays of the whole request."""
        if struck.before:
            await asyncio.sleep(struck.before)
        await self._runner.run_all(tasks)
        if struck.after:
            await asyncio.sleep(struck.after)

    async def _struck(
        self, request: web.Request, outer: Task, tasks: list[Task], struck: Struck, fault: Fault
    ) -> web.StreamResponse:
        """A fault of the request as a whole."""
        if fault.kind in ("throttled", "unavailable", "error"):
            return self._failed(outer, tasks, fault)
        if fault.kind == "late":
            self._runner.land_later(fault.seconds, tasks)
        elif fault.kind == "cut_after":
            await self._delayed(tasks[: fault.items], struck)
        elif fault.kind == "garbage":
            await self._delayed(tasks, struck)
            _unseen(outer, tasks)
            outer.record.status = 200
            text = self._state.flavour.choice(_NOT_JSON)
            return self._send(outer.call, 200, {"Content-Type": JSON_TYPE}, text.encode())
        return _cut(request, [outer, *tasks])

    def _failed(self, outer: Task, tasks: list[Task], fault: Fault) -> web.Response:
        """An error for the whole request; nothing, everything, or everything later is done."""
        given = fault.answer(self._state.clock())
        answer = self._runner.refuse(outer.call, given) if isinstance(given, GraphError) else given
        if fault.done == "yes":
            for task in tasks:
                self._runner.perform(task.call, task.record)
        elif fault.done == "late":
            self._runner.land_later(fault.seconds, tasks)
        _unseen(outer, tasks)
        outer.record.status, outer.record.code = answer.status, answer.code
        return self._response(outer.call, answer)

    def _batch(self, call: Call, record: Record) -> list[Task]:
        """The tasks of a batch, in the order of work. Raises GraphError for a batch that is refused as a whole."""
        if call.method != "POST":
            raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        if call.body is NO_BODY or call.body is UNREADABLE:
            raise GraphError(400, "BadRequest", "Invalid batch payload format.")
        items = batch.ordered(batch.read(call.body, call), self._state.flavour)
        return [self._runner.task(item.call, item, record) for item in items]

    def _batch_answer(self, record: Record, tasks: list[Task]) -> Answer:
        responses = [
            batch.rendered(task.item.id, task.answer, self._state.flavour)
            for task in tasks
            if task.item and task.answer
        ]
        self._state.flavour.shuffle(responses)
        record.status = 200
        return Answer(200, {"responses": responses})

    async def _read(self, request: web.Request) -> Call:
        raw = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, _, query = request.raw_path.partition("?")
        request_id = self._state.ids.request()
        return Call(
            request.method,
            path.removeprefix(VERSION),
            query,
            headers,
            _json(raw, headers.get("content-type", "")),
            f"{request.scheme}://{request.host}{VERSION}",
            None,
            request_id,
            headers.get("client-request-id", request_id),
        )

    def _response(self, call: Call, answer: Answer) -> web.Response:
        headers = dict(answer.headers)
        body = b""
        if answer.html is not None:
            headers.setdefault("Content-Type", "text/html")
            body = answer.html.encode()
        elif answer.body is not None:
            headers["Content-Type"] = "application/json" if answer.code else JSON_TYPE
            body = json.dumps(answer.body).encode()
        return self._send(call, answer.status, headers, body)

    def _send(self, call: Call, status: int, headers: dict[str, str], body: bytes) -> web.Response:
        headers |= {
            "Cache-Control": "private",
            "Strict-Transport-Security": "max-age=31536000",
            "request-id": call.request_id,
            "client-request-id": call.client_request_id,
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Stand-in","Slice":"E","Ring":"0","ScaleUnit":"000"}}',
        }
        return web.Response(status=status, headers=headers, body=body)


def _json(raw: bytes, kind: str) -> Any:
    if not raw:
        return NO_BODY
    if "json" not in kind.lower():
        return UNREADABLE
    try:
        return json.loads(raw)
    except ValueError:
        return UNREADABLE


def _unseen(outer: Task, tasks: list[Task]) -> None:
    """The answers to a batch's items did not reach anybody."""
    for task in tasks:
        task.record.answered = task is outer


def _cut(request: web.Request, tasks: list[Task]) -> web.StreamResponse:
    """Cut the connection; nothing is answered."""
    for task in tasks:
        task.record.answered = False
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere
