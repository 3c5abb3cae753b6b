"""Asks a town's app as an operator would, by its own `operate`."""

import json
from typing import Any

from tests.town import Town


async def ask(town: Town, verb: str, **asked: object) -> Any:
    """The answer of a verb, which must be one."""
    status, body = await answer(town, verb, **asked)
    assert status == 200, body
    return body


async def answer(town: Town, verb: str, **asked: object) -> tuple[int, Any]:
    """Status and body of whatever is answered, as it would stand in JSON."""
    said = await town.app.operate(verb, json.dumps(asked).encode(), {}, signed_in=False)
    return said.status, json.loads(json.dumps(said.body))


async def settle(town: Town, started: Any) -> Any:
    """What a started sync came to, once the queues are empty."""
    await town.drain()
    return await ask(town, "progress", **started)
