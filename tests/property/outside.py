"""What the handlers need from outside and no store gives: Lightning Bolt asked without HTTP, Graph's client, chance."""

import json
import random
import uuid
import warnings
from collections.abc import Awaitable, Callable
from functools import cache

import httpx

from shared.errors import ScheduleUnavailableError
from shared.month import Month
from shared.outlook.graph import Graph
from shared.schedule.lightning_bolt import field_keys
from shared.schedule.model import MonthRead
from shared.schedule.own_mappings import Mappings
from shared.schedule.parse import parse_month
from shared.settings import Settings, View
from shared.sync.ports import Fallen
from tests.local.lightning_bolt.answer import Answers, join
from tests.local.lightning_bolt.question import Question
from tests.local.lightning_bolt.world import World
from tests.property.wire import URL, Wire


class Chance:
    """See `sync.ports.Chance`: seeded."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def link_id(self) -> str:
        """See Chance."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def between(self, low: float, high: float) -> float:
        """See Chance."""
        return self._random.uniform(low, high)


class NoPoison:
    """Messages that fail for good are lost here."""

    async def fallen(self, queue: str) -> list[Fallen]:
        """See PoisonQueues."""
        return []

    async def requeue(self, queue: str, message: Fallen, text: str) -> None:
        """See PoisonQueues."""

    async def depths(self) -> dict[str, int]:
        """See PoisonQueues."""
        return {}


class InProcess:
    """Lightning Bolt's stand-in, asked without HTTP; its answers are read by the real parser. See Schedules."""

    def __init__(self, world: World, gate: Callable[[str], Awaitable[None]]) -> None:
        self._answers = Answers(world)
        self._gate = gate
        self.settings: Settings | None = None
        self.unavailable = 0
        """So many of the next reads give nothing."""
        self.reads = 0

    async def read_month(self, view: View, month: Month, own: Mappings | None = None) -> MonthRead:
        """See Schedules, and `sync.mapped.Readable`."""
        assert self.settings
        await self._gate("lightning_bolt")
        if self.unavailable > 0:
            self.unavailable -= 1
            raise ScheduleUnavailableError("simulated")
        self.reads += 1
        parts = self._answers.parts(Question(view.view_id, month.first, month.last))
        assert parts
        answer = json.loads(join(parts))
        await self._gate("lightning_bolt.answer")
        keys = field_keys(self.settings)
        return parse_month(answer, view=view.view_id, zone=view.time_zone, month=month, keys=keys, own=own)


@cache
def client() -> tuple[Wire, Graph]:
    """The real client over a wire that goes nowhere yet: one for all examples, because it is slow to make."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the SDK's, of its own classes
        from shared.outlook.sdk import Sdk

        wire = Wire()
        sdk = Sdk(URL, httpx.AsyncClient(transport=wire), None)
    return wire, Graph(sdk, wire, None, "town")
