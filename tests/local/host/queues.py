"""Queue triggers: polling, holding, deleting, releasing, poison; as the storage extension does it."""

import asyncio
import contextlib
import logging
import random
from datetime import timedelta

from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from tests.local.host.errors import HostError
from tests.local.host.functions import Function
from tests.local.host.host_json import MINIMUM_POLLING, QueueOptions
from tests.local.host.messages import argument, decode, metadata_of
from tests.local.host.worker import FunctionFailed, Worker

log = logging.getLogger("host.queues")

POISON = "-poison"

_GONE = (400, 404, 409)
"""Another receipt, no such message or queue, the queue being deleted: somebody else has the message now."""


class Backoff:
    """How long to wait between polls that find nothing; only a found message starts it anew."""

    def __init__(self, maximum: timedelta, rng: random.Random) -> None:
        self._maximum = maximum.total_seconds()
        self._rng = rng
        self._exponent = 0
        self._current = 0.0

    def found(self) -> None:
        """A poll found a message."""
        self._exponent = 0
        self._current = 0.0

    def seconds(self) -> float:
        """The next wait: 0.1 s, then 0.1 s + U(0.8, 1.2) × 2^(n−2) × 0.1 s for the n-th, then the longest for good."""
        minimum = MINIMUM_POLLING.total_seconds()
        if self._current < self._maximum:
            more = self._rng.uniform(0.8, 1.2) * 2 ** (self._exponent - 1) * minimum if self._exponent else 0.0
            self._current = min(minimum + more, self._maximum)
            self._exponent += 1
        return self._current


class Held:
    """A received message, hidden from everybody else for the time of its run: renewed at half time, each time anew."""

    def __init__(self, queue: QueueClient, message: QueueMessage, hold: int) -> None:
        self.message = message
        self.receipt = message.pop_receipt or ""
        self._queue = queue
        self._hold = hold
        self._ended = asyncio.Event()
        self.renewing = asyncio.create_task(self._renew())

    async def ended(self) -> None:
        """Stop renewing, when a renewal at work has ended; raises what went wrong with it."""
        self._ended.set()
        await self.renewing

    async def _renew(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._hold / 2):
                    await self._ended.wait()
                    return
            try:
                renewed = await self._queue.update_message(self.message.id, self.receipt, visibility_timeout=self._hold)
            except HttpResponseError as problem:
                if problem.status_code in _GONE:
                    return  # the receipt is lost for good
                if (problem.status_code or 0) < 500:
                    raise
            else:
                self.receipt = renewed.pop_receipt or self.receipt


class QueueListener:
    """Feeds one function from one queue until it is drained."""

    def __init__(
        self, function: Function, service: QueueServiceClient, options: QueueOptions, hold: int, worker: Worker
    ) -> None:
        name = str(function.trigger["queueName"]).lower()
        self._function = function
        self._queue = service.get_queue_client(name)
        self._poison = None if name.endswith(POISON) else service.get_queue_client(name + POISON)
        self._options = options
        self._hold = hold
        self._worker = worker
        self._backoff = Backoff(options.max_polling_interval, random.Random())
        self._draining = asyncio.Event()
        self.fetching = False
        """Whether storage is being asked: what it gives is still worked on, also while draining."""
        self._running: set[asyncio.Task[None]] = set()

    def drain(self) -> None:
        """Fetch no more; `run` ends when what is at work has ended."""
        self._draining.set()

    async def run(self) -> None:
        """Poll until drained. Raises HostError for a storage error that would stop the host (such as 403)."""
        try:
            while not self._draining.is_set():
                self.fetching = True
                messages = await self._fetch()
                self.fetching = False
                if not messages:
                    await self._pause(self._backoff.seconds())
                    continue
                self._backoff.found()
                self._running |= {asyncio.create_task(self._process(message)) for message in messages}
                while len(self._running) > self._options.new_batch_threshold and not self._draining.is_set():
                    await self._wait_for_one()
            while self._running:
                await self._wait_for_one()
        except HttpResponseError as problem:
            raise HostError(f"queue {self._queue.queue_name}: {problem.message}") from problem
        finally:
            await cancelled(self._running)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._draining.wait()

    async def _wait_for_one(self) -> None:
        draining = asyncio.create_task(self._draining.wait())
        wake = self._running if self._draining.is_set() else {*self._running, draining}
        ended, _ = await asyncio.wait(wake, return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        for task in ended & self._running:
            self._running.discard(task)
            task.result()

    async def _fetch(self) -> list[QueueMessage]:
        """One batch; a queue that is missing or being deleted, or a storage that is out of order, is an empty one."""
        if self._running:  # a failure of one at work must not wait for the queue to find something
            for task in [task for task in self._running if task.done()]:
                self._running.discard(task)
                task.result()
        size = self._options.batch_size
        pages = self._queue.receive_messages(messages_per_page=size, visibility_timeout=self._hold).by_page()
        try:
            return [message async for message in await anext(pages)]
        except StopAsyncIteration:
            return []
        except HttpResponseError as problem:
            if problem.status_code in (404, 409) or (problem.status_code or 0) >= 500:
                return []
            raise

    async def _process(self, message: QueueMessage) -> None:
        body = decode(str(message.content)) if self._options.base64 else str(message.content).encode()
        if body is None:
            log.warning("%s: message %s is not base64", self._function.name, message.id)
            await self._to_poison(message, message.pop_receipt or "")
            return
        count = message.dequeue_count or 0
        if count > self._options.max_dequeue_count:
            await self._to_poison(message, message.pop_receipt or "")
            return
        held = Held(self._queue, message, self._hold)
        try:
            succeeded = await self._succeeds(message, body)
            await held.ended()
        finally:
            await cancelled({held.renewing})
        if succeeded:
            await self._delete(message, held.receipt)
        elif count >= self._options.max_dequeue_count:
            await self._to_poison(message, held.receipt)
        elif self._poison:
            await self._release(message, held.receipt)

    async def _succeeds(self, message: QueueMessage, body: bytes) -> bool:
        try:
            given = argument(self._function, body.decode("utf-8"), metadata_of(message))
        except ValueError as problem:
            log.error("%s: message %s fails before the worker: %s", self._function.name, message.id, problem)
            return False
        reason = f"New queue message detected on '{self._queue.queue_name}'."
        try:
            await self._worker.run(self._function, given, reason)
        except FunctionFailed:
            return False
        return True

    async def _to_poison(self, message: QueueMessage, receipt: str) -> None:
        """Copied, then deleted: same text, new id, count 0, 7 days to live. A poison queue has no poison queue."""
        if not self._poison:
            return
        log.warning("Moving message %s to queue '%s'", message.id, self._poison.queue_name)
        try:
            await self._poison.send_message(str(message.content))
        except HttpResponseError as problem:
            if problem.status_code != 404:
                raise
            with contextlib.suppress(ResourceExistsError):  # another message was moved at the same moment
                await self._poison.create_queue()
            await self._poison.send_message(str(message.content))
        await self._delete(message, receipt)

    async def _delete(self, message: QueueMessage, receipt: str) -> None:
        try:
            await self._queue.delete_message(message.id, receipt)
        except HttpResponseError as problem:
            if problem.status_code not in _GONE:
                raise

    async def _release(self, message: QueueMessage, receipt: str) -> None:
        hidden = int(self._options.visibility_timeout.total_seconds())  # whole seconds, cut off
        try:
            await self._queue.update_message(message.id, receipt, visibility_timeout=hidden)
        except HttpResponseError as problem:
            if problem.status_code not in _GONE:
                raise


async def cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel what still runs of these, and wait for its end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
