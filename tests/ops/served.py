"""The town's app as its own process, in the stand-in of the Functions host: what operators reach."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.local.pieces import Piece, piece
from tests.town import Town

KEY = "a-key"
NEVER = "0 0 0 1 1 *"


@asynccontextmanager
async def served(town: Town) -> AsyncIterator[Piece]:
    """With the town's settings, and timers that do not fire."""
    settings = town.environment | {"SWEEP_SCHEDULE": NEVER, "WINDOW_SCHEDULE": NEVER}
    async with piece("host", "--port", "0", "--key", KEY, environment=settings) as host:
        yield host
