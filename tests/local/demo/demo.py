"""The steps: publish, change and publish again, publish once more."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.local.demo.cast import make_mailboxes
from tests.local.demo.changes import Changes, choose, compare
from tests.local.demo.checker import Difference, Foreign, foreign_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.expected import Rules
from tests.local.demo.found import read_mailboxes
from tests.local.demo.outcome import Outcome
from tests.local.demo.stage import CATEGORY, INSTALLATION, Stage
from tests.local.demo.waiting import differences, until_done
from tests.local.graph.journal import Record
from tests.local.hospital import Hospital
from tests.local.hospital.calendar import last_day, month_after

type Progress = Callable[[int, int], None]
"""Told how much of how much is done."""

MONTHS_BACK, MONTHS_AHEAD = 1, 6


def rules_of(hospital: Hospital, now: datetime) -> Rules:
    """As the app's settings on the stage are."""
    present = now.astimezone(ZoneInfo(hospital.setup.time_zone)).date().replace(day=1)
    return Rules(
        INSTALLATION,
        hospital.view_ids,
        month_after(present, -MONTHS_BACK),
        last_day(month_after(present, MONTHS_AHEAD)),
        categories=(CATEGORY,),
    )


@dataclass(slots=True)
class Demo:
    """The demonstration on a stage."""

    stage: Stage
    hospital: Hospital
    deadline: float
    expectation: Expectation
    foreign: Foreign = field(default_factory=dict)
    changes: Changes | None = None
    journal: list[Record] = field(default_factory=list)
    """All of Graph's records, of all steps."""
    _met: set[str | None] = field(default_factory=set)

    async def prepare(self) -> None:
        """The hospital in Lightning Bolt, as drafts; its people's mailboxes in Outlook."""
        await self.stage.lightning_bolt.load(self.hospital.setup)
        await make_mailboxes(self.stage.graph, self.hospital)
        self.foreign = foreign_of(await read_mailboxes(self.stage.graph, INSTALLATION))

    async def first_publish(self, progress: Progress) -> Outcome:
        """Step 1: everything is new."""
        return await self._step("First publish", progress, self._events_in_open_mailboxes)

    async def change_and_publish(self, progress: Progress) -> Outcome:
        """Step 2: a swap, a moved time, a removed shift, a new note and an opt-out."""
        truth = await self.stage.lightning_bolt.published()
        mailboxes = await read_mailboxes(self.stage.graph, INSTALLATION)
        self.changes = choose(truth, self.expectation, mailboxes, datetime.now(UTC))
        await self.changes.make(self.stage.lightning_bolt)
        table = self.changes.table
        met = set(self._met)
        outcome = await self._step("Single changes", progress, lambda: sum(row[3] for row in table))
        outcome.problems += [f"Graph: {line}" for line in compare(table, outcome.operations, met)]
        return outcome

    async def publish_nothing(self, progress: Progress) -> Outcome:
        """Step 3: nothing has changed, so nothing may happen."""
        outcome = await self._step("Nothing new", progress, lambda: 0)
        if outcome.requests:
            outcome.problems.append(f"Graph was asked {outcome.requests} times, must be 0")
        if outcome.pointers:
            outcome.problems.append(f"{outcome.pointers} messages came through calendar-changes, must be 0")
        months = sum((last.year - first.year) * 12 + last.month - first.month + 1 for first, last in self._ranges)
        if len(outcome.reads) != months * len(self.hospital.view_ids):
            outcome.problems.append(f"Lightning Bolt: {len(outcome.reads)} months of views were read")
        outcome.problems += [
            f"Lightning Bolt: {read.month} of view {read.view_id} was read {read.asked} times, must be once"
            for read in outcome.reads
            if read.asked != 1
        ]
        return outcome

    async def tamper(self) -> str:
        """Changes one event of ours by hand; gives the mailbox's address."""
        for mailbox in await read_mailboxes(self.stage.graph, INSTALLATION):
            for event in await self.stage.graph.events(mailbox.address):
                if any(value.startswith(f"{INSTALLATION}:") for value in event.extended.values()):
                    await self.stage.graph.edit_event(mailbox.address, event.id, {"showAs": "oof"})
                    return mailbox.address
        raise LookupError("no event of ours in any mailbox")

    async def check(self) -> list[Difference]:
        """What is not right in any mailbox at this moment."""
        return await differences(self.stage, self.expectation, self.foreign, self.hospital.setup.time_zone)

    @property
    def _ranges(self) -> tuple[tuple[datetime, datetime], ...] | tuple:  # type: ignore[type-arg]
        return self.hospital.months.ranges

    def _events_in_open_mailboxes(self) -> int:
        return self._due()

    def _due(self) -> int:
        due = self.expectation.due(datetime.now(UTC))
        return sum(len(item.wanted) for name, item in due.items() if name in self._open)
