"""Production's worker behind a pipe: messages of the host as JSON lines on standard input, answers on standard output.

Runs in a process of its own, on the Python of `.worker/clean`, with the package and `.worker/runtime` on PYTHONPATH: it
imports nothing of this project. In Azure the lines are gRPC; the messages are the same (FunctionRpc.proto), and each is
taken up as it comes, on one event loop, as the worker's dispatcher does.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

ANSWERS: Mapping[str, str] = {
    "worker_init_request": "worker_init_response",
    "function_environment_reload_request": "function_environment_reload_response",
    "functions_metadata_request": "function_metadata_response",
    "function_load_request": "function_load_response",
    "invocation_request": "invocation_response",
}
"""What a message holds, which is the name of the runtime's coroutine for it, and what its answer holds."""

LONGEST_LINE = 16 * 1024 * 1024


async def serve() -> None:
    """Answers until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the app prints must not be taken for an answer
    runtime: Any = importlib.import_module("azure_functions_runtime")
    protos: Any = importlib.import_module("tests.protos")  # the runtime's own, of `.worker/runtime`
    json_format: Any = importlib.import_module("google.protobuf.json_format")

    async def answer(line: bytes) -> None:
        message = json_format.Parse(line, protos.StreamingMessage())
        content = message.WhichOneof("content")
        request = SimpleNamespace(name=content, request=message, properties={"host": "127.0.0.1", "protos": protos})
        response = await getattr(runtime, content)(request)
        reply = protos.StreamingMessage(request_id=message.request_id, **{ANSWERS[content]: response})
        answers.write(
            json_format.MessageToJson(
                reply, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, indent=None
            )
            + "\n"
        )
        answers.flush()

    runtime.start_threadpool_executor()
    lines = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as at_work:
        while line := await lines.readline():
            at_work.create_task(answer(line))
    runtime.stop_threadpool_executor()


if __name__ == "__main__":
    asyncio.run(serve())
