"""Production's worker as a process, and the host's half of the talk with it."""

import asyncio
import base64
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from tests.deploy.environment import RUNTIME, clean_python
from tests.local.pieces import environment_of

DRIVER = Path(__file__).with_name("driver.py")
LONGEST_LINE = 16 * 1024 * 1024
DEADLINE = 60.0
"""Seconds for one answer."""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A function as the worker tells the host of it."""

    name: str
    function_id: str
    bindings: Sequence[Json]
    """What the host makes its triggers of."""
    metadata: Json
    """All that was told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended."""

    status: str
    """`Success` or `Failure`."""
    error: str
    """`ErrorType: message`; empty after a success."""
    value: Json
    """What was returned, for HTTP alone."""

    @property
    def http(self) -> tuple[int, Any]:
        """Status and JSON body of an HTTP answer."""
        http = self.value["http"]
        return int(http["status_code"]), json.loads(base64.b64decode(http["body"]["bytes"]))


class ProductionWorker:
    """A worker that runs; made by `production_worker`."""

    def __init__(self, process: asyncio.subprocess.Process, app: Path) -> None:
        self._process = process
        self._app = app
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._functions: dict[str, Indexed] = {}
        self._reading = asyncio.create_task(self._read())

    async def start(self) -> Json:
        """What a host says first to a worker of its own app."""
        return await self.ask("worker_init_request", host_version="4.1037.0", function_app_directory=str(self._app))

    async def specialise(self, app: Path, settings: Mapping[str, str]) -> Json:
        """What a host says to a worker that was kept warm without an app, once it gets one."""
        self._app = app
        return await self.ask(
            "function_environment_reload_request",
            environment_variables=dict(settings),
            function_app_directory=str(app),
        )

    async def index(self) -> Sequence[Indexed]:
        """Asks for the app's functions, and loads each."""
        answer = await self.ask("functions_metadata_request", function_app_directory=str(self._app))
        assert answer["result"]["status"] == "Success", answer
        assert not answer["use_default_metadata_indexing"]
        for one in answer["function_metadata_results"]:
            loaded = await self.ask("function_load_request", function_id=one["function_id"], metadata=one)
            assert loaded["function_id"] == one["function_id"]
            assert loaded["result"]["status"] == "Success", loaded
            bindings = [json.loads(binding) for binding in one["raw_bindings"]]
            self._functions[one["name"]] = Indexed(one["name"], one["function_id"], bindings, one)
        return list(self._functions.values())

    async def invoke(self, name: str, data: Json, metadata: Mapping[str, Datum] | None = None) -> Outcome:
        """Runs an indexed function once; `data` is TypedData, given to the trigger's argument."""
        function = self._functions[name]
        answer = await self.ask(
            "invocation_request",
            invocation_id=str(uuid.uuid4()),
            function_id=function.function_id,
            input_data=[{"name": function.bindings[0]["name"], "data": data}],
            trigger_metadata={key: {datum.type: datum.value} for key, datum in (metadata or {}).items()},
            trace_context={"trace_parent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"},
        )
        result = answer["result"]
        return Outcome(result["status"], result.get("exception", {}).get("message", ""), answer.get("return_value", {}))

    async def ask(self, content: str, **fields: Any) -> Json:
        """Sends one message; what the answer holds."""
        request = str(uuid.uuid4())
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"request_id": request, content: fields}).encode() + b"\n")
        try:
            async with asyncio.timeout(DEADLINE):
                return await future
        finally:
            del self._waiting[request]

    async def stop(self) -> None:
        """Ends it, as the host does: it is told nothing more, and killed where that does not suffice."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            (content,) = (value for key, value in answer.items() if key != "request_id")
            self._waiting[answer["request_id"]].set_result(content)
        for future in self._waiting.values():
            future.set_exception(RuntimeError(f"the worker ended with exit code {await self._process.wait()}"))


@asynccontextmanager
async def production_worker(app: Path, settings: Mapping[str, str], log: Path) -> AsyncIterator[ProductionWorker]:
    """A worker of the unpacked package `app`, not yet started; what it and the app log goes to `log`.

    Its environment is `settings`. Raises FileNotFoundError where `.worker` is not set up.
    """
    environment = environment_of(settings) | {"PYTHONPATH": f"{app}:{RUNTIME}"}
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *(str(clean_python()), "-P", str(DRIVER)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stream,
            cwd=app,
            env=environment,
            limit=LONGEST_LINE,
        )
    worker = ProductionWorker(process, app)
    try:
        yield worker
    finally:
        await worker.stop()
