"""Calls of `/_sim/<verb>`."""

import io
from typing import Any

import aiohttp
from pydantic import TypeAdapter

_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class ControlError(Exception):
    """The stand-in refused a verb; its words are the message."""


class Wire:
    """One session with a stand-in."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Before the first call."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout))

    async def close(self) -> None:
        """After the last call."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, verb: str, arguments: dict[str, Any]) -> Any:
        """The verb's result. Raises ControlError."""
        if self._session is None:
            raise ControlError("not open: use `async with`")
        body = io.BytesIO(_ANY.dump_json(arguments))  # aiohttp warns of more than 1 MiB in bytes
        headers = {"Content-Type": "application/json"}
        async with self._session.post(f"{self._url}/_sim/{verb}", data=body, headers=headers) as response:
            answer = _ANY.validate_json(await response.read())
        if response.status != 200:
            raise ControlError(f"{verb}: {answer.get('error', response.status)}")
        return answer["result"]
