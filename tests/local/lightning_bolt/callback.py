"""The publish callback: who is told, how it is signed, and what they answered."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Callback:
    """Where publishes are announced. Without `url`, nowhere."""

    url: str | None = None
    key: str | None = None
    """Sent as `x-functions-key`."""
    secret: str | None = None
    """Signs the body, if set."""
    on: bool = True


@dataclass(frozen=True, slots=True)
class Called:
    """One call and its answer."""

    at: datetime
    body: Mapping[str, Any]
    status: int
    """0: no answer; then `answer` says why."""
    answer: str = ""
    seconds: float = 0


@dataclass(slots=True)
class Caller:
    """Calls the callback and keeps the answers."""

    callback: Callback = field(default_factory=Callback)
    calls: list[Called] = field(default_factory=list)

    async def call(self, bodies: list[dict[str, Any]]) -> list[Called]:
        """Posts each body, all at once."""
        if not self.callback.url or not self.callback.on or not bodies:
            return []
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            called = await asyncio.gather(*(self._post(session, self.callback.url, body) for body in bodies))
        self.calls += called
        return called

    async def _post(self, session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> Called:
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self.callback.key is not None:
            headers["x-functions-key"] = self.callback.key
        if self.callback.secret is not None:
            headers["X-Signature"] = signature(raw, self.callback.secret, int(time.time()))
        at, began = datetime.now(UTC), time.perf_counter()
        try:
            async with session.post(url, data=raw, headers=headers) as response:
                status, answer = response.status, (await response.text())[:2000]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            status, answer = 0, f"{type(error).__name__}: {error}"
        return Called(at, body, status, answer, time.perf_counter() - began)


def signature(raw: bytes, secret: str, at: int) -> str:
    """The `X-Signature` header for a body sent at a unix time."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
