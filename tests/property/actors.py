"""Handlers as actors: each await of a port is a gate at which the adversary lets one pass, fail, wait or die."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextvars import ContextVar, copy_context
from typing import Any

from azure.core.exceptions import ServiceRequestError

from shared.state.memory import Message
from tests.property.clock import SimulatedLoop

_CURRENT: ContextVar["Actor | None"] = ContextVar("actor", default=None)
FOR_EVER = 1_000_000


class ClosedError(BaseException):
    """The example is over."""


class Actor:
    """One run of a handler."""

    def __init__(self, name: str, message: Message | None) -> None:
        self.name = name
        self.message = message
        self.task: asyncio.Task[None] | None = None
        self.gates: deque[tuple[str, asyncio.Future[None]]] = deque()
        self.left = 0
        """So many gates it may pass unasked."""
        self.dead = False

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.task is not None and self.task.done()

    @property
    def where(self) -> str:
        """The gate that it waits at."""
        return self.gates[0][0] if self.gates else ""

    @property
    def error(self) -> BaseException | None:
        """What it ended with, if it failed."""
        return self.task.exception() if self.task and self.task.done() and not self.task.cancelled() else None


class Actors:
    """All of them, also the dead: nothing of theirs is cleaned up, and nothing that they still do has any effect."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._closing = False
        self.living: list[Actor] = []
        self.dead: list[Actor] = []
        self.gates = 0

    @property
    def current(self) -> Actor | None:
        """Whose step this is."""
        return _CURRENT.get()

    async def gate(self, name: str) -> None:
        """Awaited by every port, before and after whatever it does."""
        if self._closing:
            raise ClosedError
        actor = _CURRENT.get()
        if actor is None:
            return
        self.gates += 1
        if actor.left > 0 and not actor.dead:
            actor.left -= 1
            return
        future = self._loop.create_future()
        actor.gates.append((name, future))
        try:
            await future
        finally:
            actor.gates = deque(gate for gate in actor.gates if gate[1] is not future)
        if self._closing:
            raise ClosedError

    def start(self, name: str, work: Coroutine[Any, Any, None], message: Message | None) -> Actor:
        """A new actor, at its first gate."""
        actor = Actor(name, message)
        context = copy_context()
        context.run(_CURRENT.set, actor)
        actor.task = self._loop.create_task(work, context=context)
        self.living.append(actor)
        self._loop.settle()
        return actor

    def run(self, actor: Actor, gates: int = FOR_EVER) -> None:
        """Lets it pass so many gates, or all of them."""
        actor.left = gates
        while actor.gates and actor.left > 0:
            actor.left -= 1
            self._open(actor, None)
        actor.left = 0

    def fail(self, actor: Actor) -> None:
        """The storage request (or the answer) at whose gate it waits is lost: the handler gets an error."""
        if actor.gates:
            self._open(actor, ServiceRequestError("simulated"))

    def crash(self, actor: Actor) -> None:
        """The process ends: nothing that follows is done, no clean-up either."""
        actor.dead = True
        actor.left = 0
        self.living.remove(actor)
        self.dead.append(actor)

    def close(self) -> None:
        """The end of the example."""
        self._closing = True
        for actor in [*self.living, *self.dead]:
            if actor.task:
                actor.task.cancel()
        self._loop.settle()

    def _open(self, actor: Actor, error: Exception | None) -> None:
        _, future = actor.gates.popleft()
        if future.done():
            return
        if error:
            future.set_exception(error)
        else:
            future.set_result(None)
        self._loop.settle()
