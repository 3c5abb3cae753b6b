"""A run of the host, and what its log tells."""

import re
from pathlib import Path
from typing import Any

import aiohttp

from tests.local.demo.host_log import HostLog
from tests.local.demo.stage import KEY
from tests.local.pieces import Piece

_TAKEN_OVER = re.compile(r"lease_taken_over person=\S+ open=(\d+)")


class HostRun:
    """One process of the host, from its start to its end, with a log of its own."""

    def __init__(self, piece: Piece, path: Path) -> None:
        self.piece = piece
        self.log = HostLog(path)

    async def sweep(self, name: str = "sweep_window") -> None:
        """Fires a timer now."""
        async with (
            aiohttp.ClientSession(headers={"x-functions-key": KEY}) as session,
            session.post(f"{self.piece.address}/admin/functions/{name}", json={}) as answer,
        ):
            assert answer.status == 202, await answer.text()

    async def health(self) -> dict[str, Any]:
        """What `/api/health` answers."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.piece.address}/api/health") as answer,
        ):
            assert answer.status == 200, await answer.text()
            body: dict[str, Any] = await answer.json()
            return body

    @property
    def text(self) -> str:
        """Its log so far."""
        return self.log.path.read_text(errors="replace")

    def taken_over(self) -> list[int]:
        """How many open person-months each take-over of a writer's lease found, where it found any."""
        return [int(count) for count in _TAKEN_OVER.findall(self.text) if int(count)]

    def failures(self) -> list[str]:
        """Lines of runs that failed."""
        return [line for line in self.text.splitlines() if " (Failed" in line]
