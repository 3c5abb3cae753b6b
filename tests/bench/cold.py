"""A cold process: `python -m tests.bench.cold import|callback|write [message]` tells its times, since its own start."""

import asyncio
import base64
import json
import sys
import time
import types
from typing import Any

HEAVY = ("msgraph", "kiota_abstractions", "azure.data.tables", "azure.identity")


def main(what: str, message: str, started: float) -> dict[str, Any]:
    """Seconds since `started` (by the wall clock) at the import's end, and at the end of the first run."""
    began = time.perf_counter()
    import function_app

    told: dict[str, Any] = {"import": time.perf_counter() - began}
    if what == "callback":
        asyncio.run(_callback(function_app, message))
    elif what == "write":
        asyncio.run(_write(function_app, message))
    told["seconds"] = time.time() - started
    told["loaded"] = [name for name in HEAVY if name in sys.modules]
    return told


async def _callback(app: Any, body: str) -> None:
    import azure.functions as func

    request = func.HttpRequest(method="POST", url="/api/publish", body=body.encode())
    answer = await app.publish_callback(request, types.SimpleNamespace(trace_context=None))
    assert answer.status_code == 202, answer.get_body()


async def _write(app: Any, body: str) -> None:
    import azure.functions as func

    await app.write_calendar(func.QueueMessage(id="1", body=base64.b64decode(body)))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], float(sys.argv[3]))))
