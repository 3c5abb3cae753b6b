"""The steps: publish, change and publish again, publish once more."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.local.demo.cast import make_mailboxes
from tests.local.demo.changes import Changes, choose, compare
from tests.local.demo.checker import Difference, Foreign, check, foreign_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.expected import Rules
from tests.local.demo.files import assignments_file, opt_out_file, people_file
from tests.local.demo.found import Mailbox, read_mailboxes
from tests.local.demo.outcome import Outcome
from tests.local.demo.stage import CATEGORY, INSTALLATION, Stage
from tests.local.demo.waiting import until_done
from tests.local.graph.journal import Record
from tests.local.hospital import Hospital
from tests.local.hospital.calendar import last_day, month_after
from tests.local.lightning_bolt.callback import Called
from tests.local.lightning_bolt.model import Options

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
    expectation: Expectation
    deadline: float
    """Seconds that a step may take."""
    foreign: Foreign = field(default_factory=dict)
    """What was in the mailboxes before."""
    changes: Changes | None = None
    """Of the second step."""
    journal: list[Record] = field(default_factory=list)
    """Graph's records of all steps."""

    async def prepare(self) -> list[str]:
        """The hospital in Lightning Bolt, as drafts; its people's mailboxes in Outlook; what the app keeps itself.

        Returns what imports of mappings printed.
        """
        await self.stage.lightning_bolt.load(self.hospital.setup)
        await make_mailboxes(self.stage.graph, self.hospital)
        self.foreign = foreign_of(await self.mailboxes())
        if not self.stage.maps_itself:
            return []
        await self.stage.lightning_bolt.set_options(Options(hide_mappings=True))
        files = (people_file(self.hospital.setup), assignments_file(self.hospital.setup))
        printed = [line for file in files for line in await self.stage.import_mappings(file)]
        reads = len(files) * len(self.hospital.view_ids)
        await until_done(self.stage, reads, self.check, lambda _changed, _ran: None, self.deadline)
        return printed

    async def first_publish(self, progress: Progress) -> Outcome:
        """Step 1: everything is new."""
        return await self._step("First publish", progress)

    async def change_and_publish(self, progress: Progress) -> Outcome:
        """Step 2: a swap, a moved time, a removed shift, a new note and an opt-out."""
        truth = await self.stage.lightning_bolt.published()
        changes = choose(truth, self.expectation, await self.mailboxes(), datetime.now(UTC))
        self.changes = changes
        met = {record.mailbox for record in self.journal}
        await changes.make(self.stage.lightning_bolt)
        file = opt_out_file(changes.opted_out) if self.stage.maps_itself else None
        outcome = await self._step("Single changes", progress, sum(row[3] for row in changes.table), file)
        outcome.problems += [f"Graph: {line}" for line in compare(changes.table, outcome.operations, met)]
        return outcome

    async def publish_nothing(self, progress: Progress) -> Outcome:
        """Step 3: nothing has changed, so nothing may happen."""
        outcome = await self._step("Nothing new", progress, 0)
        if outcome.requests:
            outcome.problems.append(f"Graph was asked {outcome.requests} times, must be 0")
        if outcome.pointers:
            outcome.problems.append(f"{outcome.pointers} messages came through calendar-changes, must be 0")
        must = self.hospital.months.read * len(self.hospital.view_ids)
        if len(outcome.reads) != must:
            outcome.problems.append(f"Lightning Bolt: {len(outcome.reads)} months of views were read, must be {must}")
        outcome.problems += [
            f"Lightning Bolt: {read.month} of view {read.view_id} was read {read.asked} times, must be once"
            for read in outcome.reads
            if read.asked != 1
        ]
        return outcome

    async def tamper(self) -> str:
        """Changes one event of ours by hand, as its owner might; gives the mailbox's address."""
        address = next(mailbox.address for mailbox in await self.mailboxes() if mailbox.ours)
        for event in await self.stage.graph.events(address):
            if any(value.startswith(f"{INSTALLATION}:") for value in event.extended.values()):
                await self.stage.graph.edit_event(address, event.id, {"showAs": "oof"})
                break
        return address

    async def mailboxes(self) -> list[Mailbox]:
        """All mailboxes, with all that is in them."""
        return await read_mailboxes(self.stage.graph, INSTALLATION)

    async def check(self) -> list[Difference]:
        """What is not right in any mailbox at this moment."""
        due = self.expectation.due(datetime.now(UTC))
        return check(await self.mailboxes(), due, self.foreign, self.hospital.setup.time_zone)

    async def _step(
        self, title: str, progress: Progress, changes: int | None = None, file: str | None = None
    ) -> Outcome:
        """Publishes every schedule, waits until all is done, counts. `changes`: as many as Graph will see.

        `file`: mappings that are imported just before.
        """
        stage = self.stage
        await stage.graph.clear_journal()
        await stage.lightning_bolt.clear_journal()
        stage.log.read()
        runs, pointers, failed = (
            stage.log.ended("plan_schedule"),
            stage.log.started["write_calendar"],
            stage.log.failed.total(),
        )
        began, at = time.monotonic(), datetime.now(UTC)
        if file is not None:
            await stage.import_mappings(file)
            runs += len(self.hospital.view_ids)
        months = self.hospital.months
        calls = (
            await stage.lightning_bolt.publish(first=months.first_day, last=months.last_day, but=months.gaps)
        ).calls
        self.expectation.publish(await stage.lightning_bolt.published(), at)
        shifts, mailboxes = await self._due(at)
        goal = (shifts if changes is None else changes) + len(calls)
        differences = await until_done(
            stage,
            runs + len(calls),
            self.check,
            lambda changed, ran: progress(changed + ran - runs, goal),
            self.deadline,
        )
        records = await stage.graph.journal()
        self.journal += records
        return Outcome(
            title,
            shifts,
            mailboxes,
            operations=[record for record in records if record.operation],
            requests=(await stage.graph.counts()).requests,
            pointers=stage.log.started["write_calendar"] - pointers + await stage.queues.waiting(),
            failed_runs=stage.log.failed.total() - failed,
            reads=await stage.lightning_bolt.reads(),
            called_at=min((call.at for call in calls), default=None),
            seconds=time.monotonic() - began,
            differences=differences,
            problems=self._problems(calls),
        )

    def _problems(self, calls: Sequence[Called]) -> list[str]:
        problems = [f"callback: {call.status} {call.answer}" for call in calls if call.status != 202]
        return problems if self.stage.host.running else [*problems, f"the host ended: {self.stage.host.tail}"]

    async def _due(self, at: datetime) -> tuple[int, int]:
        """How many events all mailboxes together must show, and how many mailboxes there are."""
        mailboxes = await self.mailboxes()
        open_names = {name for mailbox in mailboxes if mailbox.open for name in mailbox.names}
        due = self.expectation.due(at)
        return sum(len(item.wanted) for name, item in due.items() if name in open_names), len(mailboxes)
