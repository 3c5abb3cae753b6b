"""Writes a person's actions to Graph, batch by batch under the lease, and keeps the links by each item's outcome."""

import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared import telemetry
from shared.messages import ScheduleMonth
from shared.outlook.batch import BATCH_LIMIT, Create, Delete, Update, Write, batches
from shared.outlook.mark import Mark
from shared.outlook.outcome import Kind, Outcome
from shared.sync import refusals
from shared.sync.diff import Action, Change, Make, Remove
from shared.sync.lease import Lease
from shared.sync.records import NOTHING_WRITTEN, DesiredSlot, Link, PersonState, Written, relinked
from shared.sync.writer_ports import WriterPorts

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Results:
    """What sending came to, per person-month."""

    unknown: set[ScheduleMonth] = field(default_factory=set)
    """Some outcome is unknown: observe before anything else."""
    drifted: set[ScheduleMonth] = field(default_factory=set)
    """An event that should be updated was not there: observe, and create it anew."""
    waiting: set[ScheduleMonth] = field(default_factory=set)
    """Something is known not to have been done: again."""
    hindered: set[ScheduleMonth] = field(default_factory=set)
    """A mailbox refuses."""
    refused_slots: dict[ScheduleMonth, list[tuple[str, Outcome]]] = field(default_factory=dict)
    """Events that Graph will not take, by slot."""
    retry_after: float | None = None
    """The longest wait that Graph asked for."""
    learnt: bool = False
    """That a mailbox refuses was not known before."""
    failure: Outcome | None = None
    """The last thing that kept something from being done: for the row, in place of a reason."""
    installation: bool = False
    """Our own access was refused: nothing more is sent."""
    created: int = 0
    updated: int = 0
    deleted: int = 0
    batches: int = 0
    written: dict[ScheduleMonth, Written] = field(default_factory=dict)

    def count(self, month: ScheduleMonth, one: Written) -> None:
        """Adds what was written of a month."""
        self.written[month] = self.written.get(month, NOTHING_WRITTEN).plus(one)


@dataclass(frozen=True, slots=True)
class _Item:
    month: ScheduleMonth
    action: Action
    moves: bool = False
    """The removal that ends a move: it counts with the creation."""


type Pending = defaultdict[str, deque[_Item]]
"""What is still to be sent, by mailbox."""


class Sender:
    """Sends one person's actions. Changes the state's links, refusals; never its open months."""

    def __init__(self, state: PersonState, lease: Lease, ports: WriterPorts) -> None:
        self._state = state
        self._lease = lease
        self._ports = ports
        self._results = Results()
        self._stopped: set[str] = set()

    async def send(self, actions: Sequence[tuple[ScheduleMonth, Sequence[Action]]], refusing: set[str]) -> Results:
        """Sends everything that can be sent. Adds mailboxes that turn out to refuse. Raises LeaseLostError."""
        pending: Pending = defaultdict(deque)
        for month, some in actions:
            for action in some:
                pending[action.mailbox].append(_Item(month, action))
        while pending:
            mailbox = next(iter(pending))
            if mailbox in refusing or mailbox in self._stopped or self._results.installation:
                left = self._results.hindered if mailbox in refusing else self._results.waiting
                left.update(item.month for item in pending.pop(mailbox))
                continue
            queue = pending[mailbox]
            items = [queue.popleft() for _ in range(min(BATCH_LIMIT, len(queue)))]
            writes = next(batches([self._write(item) for item in items]))
            queue.extendleft(reversed(items[len(writes) :]))
            if not queue:
                del pending[mailbox]
            await self._lease.cover_next_request()
            outcomes = await self._ports.calendars.write(writes, timeout=self._lease.budget)
            self._results.batches += 1
            for item, write, outcome in zip(items, writes, outcomes, strict=False):
                self._settle(item, write, outcome, pending, refusing)
        return self._results

    def _write(self, item: _Item) -> Write:
        match item.action:
            case Make(mailbox, slot):
                return Create(mailbox, slot.event, self._mark(self._ports.chance.link_id(), item.month, slot))
            case Change(link, slot):
                return Update(link.mailbox, link.event, slot.event, self._mark(link.link, item.month, slot))
            case Remove(link):
                return Delete(link.mailbox, link.event)

    def _mark(self, link: str, month: ScheduleMonth, slot: DesiredSlot) -> Mark:
        return Mark(
            self._ports.settings.installation_id, link, self._state.person, month.schedule, month.month, slot.digest
        )

    def _settle(self, item: _Item, write: Write, outcome: Outcome, pending: Pending, refusing: set[str]) -> None:
        results, month, action = self._results, item.month, item.action
        if outcome.kind is not Kind.DONE:
            results.failure = outcome
            telemetry.FAILURES.add(1, {"kind": outcome.kind.value})
            log.info(
                "write_failed person=%s month=%s action=%s kind=%s status=%s code=%s",
                self._state.person, month, type(action).__name__, outcome.kind.value, outcome.status, outcome.code,
            )  # fmt: skip
        match outcome.kind:
            case Kind.DONE:
                self._state.refusals.pop(action.mailbox, None)
                self._done(item, write, outcome, pending)
            case Kind.GONE:
                results.drifted.add(month)
            case Kind.NOT_DONE:
                results.waiting.add(month)
                self._heed(action.mailbox, outcome)
            case Kind.UNKNOWN | Kind.DUPLICATE:
                results.unknown.add(month)
                self._heed(action.mailbox, outcome)
            case Kind.EVENT_REFUSED:
                slot = None if isinstance(action, Remove) else action.slot.slot
                results.refused_slots.setdefault(month, []).append((slot or "", outcome))
            case Kind.MAILBOX_REFUSED | Kind.MAILBOX_GONE:
                refusals.remember(self._state, action.mailbox, outcome, self._lease.now())
                refusing.add(action.mailbox)
                results.hindered.add(month)
                results.learnt = True
            case Kind.INSTALLATION_REFUSED:
                results.installation = True
                results.waiting.add(month)

    def _heed(self, mailbox: str, outcome: Outcome) -> None:
        """Nothing more goes to a mailbox whose server is busy, asks for a wait, or cannot be reached."""
        if outcome.status in (429, None) or outcome.retry_after is not None:
            self._stopped.add(mailbox)
        self._results.retry_after = max(self._results.retry_after or 0, outcome.retry_after or 0) or None

    def _done(self, item: _Item, write: Write, outcome: Outcome, pending: Pending) -> None:
        links = self._state.links.setdefault(item.month, [])
        match item.action:
            case Make(mailbox, slot, moves_from):
                if not isinstance(write, Create) or outcome.event_id is None:
                    raise RuntimeError("a create that is done has an event id")
                new = Link(
                    write.mark.link, mailbox, outcome.event_id, None, "", slot.event.start_utc, slot.event.end_utc
                )
                links.append(relinked(new, slot, sent=True))
                self._results.created += 1
                self._results.count(item.month, Written(moved=1) if moves_from else Written(created=1))
                if moves_from:
                    pending[moves_from.mailbox].append(_Item(item.month, Remove(moves_from), moves=True))
            case Change(link, slot):
                position = next(i for i, known in enumerate(links) if known.event == link.event)
                links[position] = relinked(links[position], slot, sent=True)
                self._results.updated += 1
                self._results.count(item.month, Written(updated=1))
            case Remove(link):
                links[:] = [known for known in links if known.event != link.event or known.mailbox != link.mailbox]
                self._results.deleted += 1
                self._results.count(item.month, NOTHING_WRITTEN if item.moves else Written(deleted=1))
