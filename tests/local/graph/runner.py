"""Runs operations as Graph would be seen to: with limits, delays and faults around what they do."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.local.graph import limits
from tests.local.graph.answers import Answer, GraphError, error_answer, inner_error
from tests.local.graph.batch import Item
from tests.local.graph.call import Call
from tests.local.graph.faults import Fault, Faults, Struck
from tests.local.graph.journal import Journal, Record
from tests.local.graph.late import Late
from tests.local.graph.operations import Operations
from tests.local.graph.state import State

AT_A_TIME = 4
"""So many items of one batch are sent to Outlook at a time."""


@dataclass(slots=True)
class Task:
    """An operation, its record, and (in a batch) its item."""

    call: Call
    record: Record
    item: Item | None = None
    answer: Answer | None = None


class Runner:
    """Runs single operations and batches, and writes down how they ended."""

    def __init__(self, state: State, faults: Faults, journal: Journal) -> None:
        self._state = state
        self._operations = Operations(state)
        self._faults = faults
        self._journal = journal
        self.late = Late()

    def task(self, call: Call, item: Item | None = None, batch: Record | None = None) -> Task:
        """Begin an operation: its record is opened."""
        mailbox = self._state.directory.find(call.asked_mailbox or "")
        asked = call.asked_mailbox.lower() if call.asked_mailbox else None
        record = self._journal.open(call, self._state.clock(), mailbox.address if mailbox else asked, batch)
        return Task(call, record, item)

    def strike(self, tasks: Sequence[Task], outer: Record) -> Struck:
        """What strikes an HTTP request as a whole; it is noted in all records of it."""
        find = self._state.directory.find
        calls = [(task.call, find(task.call.asked_mailbox or "")) for task in tasks]
        struck = self._faults.for_request(calls, outer.path)
        if struck.labels:
            for record in [outer, *(task.record for task in tasks if task.record is not outer)]:
                record.fault = struck.labels
        return struck

    async def run_all(self, tasks: Sequence[Task]) -> None:
        """Run them: four at a time, or one by one where some depend on others or nothing takes any time."""
        if any(task.item and task.item.depends_on for task in tasks):
            await self._run_chain(tasks)
            return
        waiting = iter(tasks)
        latency, time = self._state.behaviour.latency, asyncio.get_running_loop().time

        async def work() -> None:
            began = time()
            for task in waiting:
                task.answer = await self.run(task.call, task.record, began)
                # What this machine took longer is taken off the next item's time; what a fault took is not.
                began = began + latency if time() < began + 1.5 * latency else time()

        if len(tasks) == 1 or not (latency or self._faults.all):
            await work()
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_A_TIME, len(tasks))):
                group.create_task(work())

    async def run(self, call: Call, record: Record, began: float | None = None) -> Answer:
        """One operation, with all that may befall it. Its latency is of all that it takes, since it `began` (or now):
        the time that this machine takes for it is not added.
        """
        mailbox = self._state.directory.find(call.asked_mailbox or "")
        struck = self._faults.for_operation(call, mailbox)
        if struck.labels:
            record.fault = f"{record.fault} {struck.labels}".strip()
        if mailbox is not None:
            refused = limits.enter(mailbox, self._state.behaviour, self._state.clock().timestamp())
            if refused is not None:
                return self._settle(call, record, refused)
        try:
            if delay := self._state.behaviour.latency + struck.before:
                now = asyncio.get_running_loop().time()
                await asyncio.sleep(max(0.0, (now if began is None else began) + delay - now))
            answer = self._faulty(call, record, struck.fault) if struck.fault else self.perform(call, record)
            if struck.after:
                await asyncio.sleep(struck.after)
        finally:
            if mailbox is not None:
                limits.leave(mailbox)
        return answer

    def perform(self, call: Call, record: Record) -> Answer:
        """Do it at once, with nothing around it."""
        try:
            answer = self._operations.perform(call)
        except GraphError as error:
            return self._settle(call, record, error)
        record.settle(answer)
        return answer

    def refuse(self, call: Call, error: GraphError) -> Answer:
        """The answer of a refusal; every second one has an innerError, as Graph's have."""
        state = self._state
        has_inner = state.flavour.random() < 0.5
        inner = inner_error(state.clock(), call.request_id, call.client_request_id) if has_inner else None
        return error_answer(error, inner)

    def land_later(self, seconds: float, tasks: Sequence[Task]) -> None:
        """Perform them once so much time has passed."""
        for task in tasks:
            task.record.late = True

        def land() -> None:
            for task in tasks:
                self._land(task.call, task.record)

        self.late.schedule(seconds, land)

    def _faulty(self, call: Call, record: Record, fault: Fault) -> Answer:
        given = fault.answer(self._state.clock())
        answer = self.refuse(call, given) if isinstance(given, GraphError) else given
        answer = _with(answer, self._done(call, record, fault))
        record.settle(answer)
        return answer

    def _done(self, call: Call, record: Record, fault: Fault) -> Answer | None:
        """The change that a failing operation makes all the same, if it does."""
        if fault.done == "yes":
            return self.perform(call, record)
        if fault.done == "late":
            record.late = True
            self.late.schedule(fault.seconds, lambda: self._land(call, record))
        return None

    def _land(self, call: Call, record: Record) -> None:
        """A late change. The record keeps the answer that was given, if one was."""
        given = record.status, record.code
        self.perform(call, record)
        if given[0]:
            record.status, record.code = given

    def _settle(self, call: Call, record: Record, error: GraphError) -> Answer:
        answer = self.refuse(call, error)
        record.settle(answer)
        return answer

    async def _run_chain(self, tasks: Sequence[Task]) -> None:
        """One after the other; what depends on a failed one fails with 424."""
        failed: set[str] = set()
        for task in tasks:
            assert task.item
            if not failed.isdisjoint(task.item.depends_on):
                task.answer = self._settle(
                    task.call, task.record, GraphError(424, "FailedDependency", "Failed Dependency")
                )
            else:
                task.answer = await self.run(task.call, task.record)
            if task.answer.status >= 400:
                failed.add(task.item.id)


def _with(answer: Answer, done: Answer | None) -> Answer:
    if done is not None:
        answer.changed, answer.event_id, answer.mail_to = done.changed, done.event_id, done.mail_to
    return answer
