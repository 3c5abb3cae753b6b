"""Runs of the real pipeline, each with one fault, recorded: what alerts must see; and a sound one, which they must not.

Every condition is there because it happened: people lose their IDs, Graph refuses, somebody signs wrongly. Two of them
need time to pass. A storage whose clock has gone on (`Later`) makes person-months due for long; and a recording's whole
clock can be put back, so that what follows it is hours later.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from azure.core.exceptions import HttpResponseError

from shared.errors import BadMessageError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.state.personmonths import PersonMonthTable
from shared.state.queues import POISON
from shared.state.table import Row, Table, Write
from shared.state.tables import AzureTable
from shared.sync.publish_callback import sign
from tests.local.graph.faults import Fault as GraphFault
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.telemetry.recording import Recording, recorded
from tests.telemetry.rows import Row as TableRow
from tests.telemetry.rows import Tables
from tests.telemetry.trace import publish_a_few
from tests.town import ADA, BEN, CLEO, DAN, DAY, HIDDEN, TEMPLATE, VIEW, Town, mailbox

MOST_TRIES = 5
"""host.json's `maxDequeueCount`."""
SECRET = "the right one"


async def sweeps(town: Town, times: int = 2) -> None:
    """The ten-minute timer, and what follows."""
    for _ in range(times):
        await town.around("sweep", town.app.sweep())
        await town.drain()


async def a_full_month(town: Town) -> list[int]:
    """Ten shifts each of three people, in their calendars; the slots' ids."""
    slots = [
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day))
        for person in (ADA, BEN, CLEO)
        for day in range(1, 11)
    ]
    await town.publish(town.next_month)
    return slots


async def sound(town: Town) -> None:
    """Publishes, a change, a night and sweeps."""
    slots = await a_full_month(town)
    town.lightning_bolt.slots.remove(slots[0])
    town.lightning_bolt.slots.set_notes(slots[1], "Ask for the pager")
    await town.publish(town.next_month)
    await town.sweep()
    await sweeps(town)


async def poison_message(town: Town) -> None:
    """Something else writes to the queue: no message of ours fails as often as the host tries, and is put aside."""
    await publish_a_few(town)
    queue = town.app.storage.queue(CALENDAR_CHANGES)
    await queue.send_message("no message of ours")
    for _ in range(MOST_TRIES):
        message = await queue.receive_message(visibility_timeout=HIDDEN)
        assert message and message.pop_receipt
        with suppress(BadMessageError):
            await town.around("write_calendar", town.app.write_calendar(base64.b64decode(message.content)))
        await queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)
    poison = town.app.storage.queue(f"{CALENDAR_CHANGES}{POISON}")
    await poison.create_queue()
    await poison.send_message("no message of ours")
    await queue.clear_messages()
    await sweeps(town)


async def hold(town: Town) -> None:
    """Lightning Bolt answers without shifts: nothing is removed, all of it is held."""
    await a_full_month(town)
    town.lightning_bolt.faults.add(Fault(Kind.NO_SLOTS))
    await town.sweep()
    await sweeps(town)


async def oldest_due(town: Town) -> None:
    """A pointer is lost, and nobody looks for 40 minutes."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(12))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible(SCHEDULE_CHANGES)
    await town.lose_messages()
    table = Later(AzureTable(town.app.storage.tables.get_table_client("personmonths")), timedelta(minutes=40))
    town.app.planner = replace(town.app.planner, person_months=PersonMonthTable(table))
    await sweeps(town, 1)


async def lightning_bolt_down(town: Town) -> None:
    """Every read fails; the sweeps go on."""
    town.lightning_bolt.faults.add(Fault(Kind.STATUS, status=503))
    await sweeps(town, 1)


async def failures(town: Town) -> None:
    """Graph will not take the events of half of the people."""
    for person in (ADA, BEN, CLEO):
        town.graph.fault(
            GraphFault("error", mailbox=mailbox(person), method="POST", status=400, code="ErrorInvalidRequest")
        )
    await a_full_month(town)
    await sweeps(town)


async def failing_runs(town: Town) -> None:
    """A table is gone: the functions' runs fail."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.app.storage.tables.delete_table("personmonths")
    for _ in range(3):
        await town.callback(town.next_month)
        with suppress(HttpResponseError):
            async with asyncio.timeout(30):
                while True:  # a message of the same second as the one before is put back first
                    await town.handle_visible(SCHEDULE_CHANGES)
                    await asyncio.sleep(0.05)


async def slow_publish(town: Town) -> None:
    """Lightning Bolt's callback comes ten minutes after the publish that it tells of."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(5))
    await town.lightning_bolt.publishing.publish(callback=False)
    published_at = (town.now - timedelta(minutes=10)).isoformat()
    body = f'{{"view_id": {VIEW}, "published_at": "{published_at}"}}'
    await town.around("publish_callback", town.app.publish_callback(body.encode(), {}))
    await town.drain()


async def graph_authorisation(town: Town) -> None:
    """Graph refuses the app's own token, at every mailbox."""
    town.graph.fault(GraphFault("error", status=401, where="request"))
    for person in (ADA, BEN, CLEO):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(5))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    for _ in range(2):
        await town.handle_visible()


async def throttled(town: Town) -> None:
    """Graph answers 429 for a while, at every mailbox."""
    for person in (ADA, BEN, CLEO):
        town.graph.fault(GraphFault("throttled", mailbox=mailbox(person), method="POST", times=2, retry_after=1))
    await a_full_month(town)


async def signature_storm(town: Town) -> None:
    """Sixty calls within a moment, signed with another key; one that is right."""
    await town.restart(PUBLISH_SECRET=SECRET)
    body = f'{{"view_id": {VIEW}}}'.encode()
    now = int(town.now.timestamp())
    for secret in [*["a guess"] * 60, SECRET]:
        headers = {"x-signature": sign(body, secret, now)}
        await town.around("publish_callback", town.app.publish_callback(body, headers))
    await town.drain()


async def mapping_report(town: Town) -> None:
    """One person is reached. Then one has no ID, one's is none, and one's mailbox is out of the app's scope.

    The other way round, the mailbox would be the first that anybody asks for, and the app itself be held for refused.
    """
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.publish(town.next_month)
    town.graph.add_mailboxes(mailbox(BEN), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.records.set_person_field(CLEO, "unique_id", "employee 12")
    for person in (BEN, CLEO, DAN):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(5))
    await town.publish(town.next_month)
    await town.sweep()


class Later:
    """A table on a storage whose clock has gone on since its rows were written."""

    def __init__(self, real: Table, by: timedelta) -> None:
        self._real = real
        self._by = by

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """As the real one, later."""
        now, found = await self._real.get(partition, row)
        return now + self._by, found

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """As the real one, later."""
        now, found = await self._real.rows(partition, select)
        return now + self._by, found

    def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """As the real one."""
        return self._real.scan(select)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """As the real one, later."""
        now, etags = await self._real.write(partition, writes)
        return now + self._by, etags


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording as tables."""

    recording: Recording
    tables: Tables


async def record(run: Callable[[Town], Awaitable[None]], storage: str, earlier: timedelta = timedelta()) -> Recorded:
    """Records a run in a town of its own. `earlier`: the whole run took place so long ago."""
    async with Town.open(storage) as town:
        with recorded() as recording:
            town.around = recording.around
            await run(town)
    return Recorded(recording, recording.tables(earlier))


async def record_no_read(storages: Iterator[str]) -> Tables:
    """Three hours ago all was well; Lightning Bolt has been down for two and a half, and was swept all the time."""
    well = await record(sound, next(storages), timedelta(hours=3))
    down = [await record(lightning_bolt_down, next(storages), timedelta(hours=hours)) for hours in (2.5, 0)]
    return together(*(each.tables for each in (well, *down)))


def together(*some: Tables) -> Tables:
    """The rows of several recordings, in order of time."""

    def when(row: TableRow) -> datetime:
        at: datetime = row["TimeGenerated"]
        return at

    return {name: sorted((row for tables in some for row in tables[name]), key=when) for name in some[0]}


RUNS: dict[str, Callable[[Town], Awaitable[None]]] = {
    run.__name__: run
    for run in (
        sound,
        poison_message,
        hold,
        oldest_due,
        lightning_bolt_down,
        failures,
        failing_runs,
        slow_publish,
        graph_authorisation,
        throttled,
        signature_storm,
        mapping_report,
    )
}
