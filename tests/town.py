"""A small hospital, its calendars, real storage, and the app between them: what scenarios are told in.

Everything but the Functions host is real or a server over HTTP: messages are taken from the queues by `drain`, which
calls the app as the host would, at once instead of after a poll.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from shared.app import App
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.month import Month
from tests.local.graph.event import Event
from tests.local.graph.simulator import GraphSimulator
from tests.local.lightning_bolt.model import Account, Assignment, Department, Person, Setup, Template, View
from tests.local.lightning_bolt.server import LightningBolt

ZONE = "America/Chicago"
VIEW = 50
TEMPLATE = 5
ADA, BEN, CLEO, DAN = 2101, 2102, 2103, 2104
DAY, NIGHT, LEAVE, MEETING = 301, 302, 303, 304
ACCOUNT = Account()
HIDDEN = 5
"""Seconds that a message at work stays hidden: how soon a killed handler's message comes back."""
SENT = {
    "send_to_outlook": True,
    "include_schedule_notes": True,
    "include_assignment_information": False,
    "send_as_free": False,
}


def mailbox(person: int) -> str:
    """The UPN of a person of the town."""
    return {ADA: "ada", BEN: "ben", CLEO: "cleo", DAN: "dan"}[person] + "@example.org"


def _person(emp_id: int, first: str, last: str, unique_id: str | None) -> Person:
    fields = {"unique_id": unique_id, "custom1": None, "custom2": None, "custom3": None, "custom4": None}
    return Person(emp_id, first, last, f"{last}, {first} MD", f"{first[0]} {last}", (10,), fields=fields)


SETUP = Setup(
    time_zone=ZONE,
    departments=(Department(10, "Hospital Medicine", "HM"),),
    templates=(Template(TEMPLATE, "HM MD", "Hospital Medicine Physicians", 10),),
    people=(
        _person(ADA, "Ada", "Byrne", mailbox(ADA)),
        _person(BEN, "Ben", "Okoro", mailbox(BEN)),
        _person(CLEO, "Cleo", "Marsh", mailbox(CLEO)),
        _person(DAN, "Dan", "Pike", None),
        Person.placeholder(2001, departments=(10,)),
    ),
    assignments=(
        Assignment(DAY, "Day Rounds", "D", (TEMPLATE,), "07:00:00~17:00:00", SENT),
        Assignment(NIGHT, "Night Call", "N", (TEMPLATE,), "19:00:00~07:00:00", SENT | {"send_as_free": True}),
        Assignment(LEAVE, "Leave", "L", (TEMPLATE,), "00:00:00~00:00:00", SENT),
        Assignment(MEETING, "Committee", "C", (TEMPLATE,), "12:00:00~13:00:00", {"send_to_outlook": False}),
    ),
    views=(View(VIEW, "Hospital Medicine", (TEMPLATE,)),),
)


async def _plainly(_: str, run: Awaitable[Any]) -> Any:
    return await run


@dataclass
class Town:
    """The pieces, and the few things that scenarios do with them."""

    lightning_bolt: LightningBolt
    graph: GraphSimulator
    app: App
    environment: dict[str, str]
    handled: list[str] = field(default_factory=list)
    """Names of the functions that ran, in order."""
    around: Callable[[str, Awaitable[Any]], Awaitable[Any]] = _plainly
    """What is done around each run of a function, by its name: what the host would do."""

    @classmethod
    @asynccontextmanager
    async def open(cls, storage: str, **settings: str) -> AsyncIterator["Town"]:
        """Starts everything; `settings` are the app's, in upper case, over short leases."""
        async with LightningBolt(time_zone=ZONE) as lightning_bolt, GraphSimulator(seed=7).serve() as graph:
            lightning_bolt.world.load(SETUP)
            graph.simulator.add_mailboxes(*(mailbox(person) for person in (ADA, BEN, CLEO, DAN)))
            environment = app_settings(storage, lightning_bolt.url, graph.graph_url) | settings
            app = await App.connect(environment)
            await app.storage.create_if_missing()
            town = cls(lightning_bolt, graph.simulator, app, environment)
            try:
                yield town
            finally:
                await town.app.aclose()

    @property
    def now(self) -> datetime:
        """This moment."""
        return datetime.now(UTC)

    @property
    def today(self) -> date:
        """The date in the town."""
        return self.now.astimezone(ZoneInfo(ZONE)).date()

    @property
    def next_month(self) -> Month:
        """A month that is wholly in the future."""
        return Month.of(self.today).plus(1)

    def day(self, number: int) -> date:
        """A day of next month."""
        return self.next_month.first + timedelta(days=number - 1)

    async def restart(self, **settings: str) -> None:
        """Another process in the app's place, with changed settings."""
        await self.app.aclose()
        self.environment |= settings
        self.app = await App.connect(self.environment)

    async def publish(self, *months: Month) -> None:
        """Publishes everything and drains; the callback names these months (none: no dates, the whole window)."""
        await self.lightning_bolt.publishing.publish(callback=False)
        await self.callback(*months)
        await self.drain()

    async def callback(self, *months: Month) -> None:
        """Lightning Bolt's publish callback."""
        body = f'{{"view_id": {VIEW}}}'
        if months:
            body = f'{{"view_id": {VIEW}, "start_date": "{months[0].first}", "end_date": "{months[-1].last}"}}'
        answer = await self.around("publish_callback", self.app.publish_callback(body.encode(), {}))
        assert answer.status == 202, answer.body

    async def sweep(self) -> None:
        """The whole window is read, and what is due announced."""
        await self.around("sweep_window", self.app.sweep_window())
        await self.drain()

    async def drain(self, within: float = 30) -> None:
        """Handles messages, delayed ones as well, until both queues are empty."""
        end = time.monotonic() + within
        while await self.handle_visible() or await self.waiting():
            if time.monotonic() > end:
                raise TimeoutError(f"the queues are not empty after {within} s")
            await asyncio.sleep(0.02)

    async def handle_visible(self, *names: str) -> int:
        """Handles what is visible now, on these queues or both; returns how many messages that were."""
        count = 0
        for name in names or (SCHEDULE_CHANGES, CALENDAR_CHANGES):
            queue = self.app.storage.queues.get_queue_client(name)
            async for message in queue.receive_messages(max_messages=32, visibility_timeout=HIDDEN):
                body = base64.b64decode(message.content, validate=True)  # as strict as the Functions host
                if name == SCHEDULE_CHANGES:
                    await self.around("plan_schedule", self.app.plan_schedule(body, message.inserted_on))
                else:
                    await self.around("write_calendar", self.app.write_calendar(body))
                await _delete(queue, message)
                self.handled.append(name)
                count += 1
        return count

    async def waiting(self) -> int:
        """Messages on both queues, delayed ones included."""
        counts = [
            (await self.app.storage.queues.get_queue_client(name).get_queue_properties()).approximate_message_count
            for name in (SCHEDULE_CHANGES, CALENDAR_CHANGES)
        ]
        return sum(count or 0 for count in counts)

    async def sweep_until(self, done: Callable[[], bool], within: float = 20) -> None:
        """Nights pass, until something is so."""
        end = time.monotonic() + within
        while not done():
            assert time.monotonic() < end, f"not so after {within} s of sweeps"
            await self.sweep()

    async def lose_messages(self) -> None:
        """Empties both queues, as if the messages had been lost."""
        for name in (SCHEDULE_CHANGES, CALENDAR_CHANGES):
            await self.app.storage.queues.get_queue_client(name).clear_messages()

    async def lose_tables(self, *names: str) -> None:
        """Empties tables, as if they had been lost."""
        for name in names:
            table = self.app.storage.tables.get_table_client(name)
            async for entity in table.list_entities(select=["PartitionKey", "RowKey"]):
                await table.delete_entity(entity)

    def calendar(self, person: int) -> list[Event]:
        """A person's events, by start."""
        return self.graph.events(mailbox(person))

    def subjects(self, person: int) -> list[str]:
        """The subjects of a person's events, by start."""
        return [str(event.values["subject"]) for event in self.calendar(person)]

    def requests(self, method: str) -> int:
        """How many operations of a method Graph has seen since the journal was last cleared."""
        return len(self.graph.operations(method))

    def writes(self) -> Mapping[str, int]:
        """Operations that Graph has seen since the journal was last cleared, by method; reads left out."""
        counts = {method: self.requests(method) for method in ("POST", "PATCH", "DELETE")}
        return {method: count for method, count in counts.items() if count}


async def _delete(queue: QueueClient, message: QueueMessage) -> None:
    with suppress(ResourceNotFoundError):  # taken by somebody else meanwhile: the host tolerates it, too
        await queue.delete_message(message)


def app_settings(storage: str, lightning_bolt: str, graph: str) -> dict[str, str]:
    """The app's environment: over the stand-ins, with leases short enough for a test to see them end."""
    return {
        "AzureWebJobsStorage": storage,
        "LIGHTNING_BOLT_URL": lightning_bolt,
        "LIGHTNING_BOLT_TOKEN_URL": f"{lightning_bolt}/token",
        "LIGHTNING_BOLT_CLIENT_ID": ACCOUNT.client_id,
        "LIGHTNING_BOLT_CLIENT_SECRET": ACCOUNT.client_secret,
        "LIGHTNING_BOLT_VIEWS": f'[{{"view_id": {VIEW}, "time_zone": "{ZONE}"}}]',
        "GRAPH_URL": graph,
        "GRAPH_AUTH": "none",
        "INSTALLATION_ID": "town",
        "LEASE_SECONDS": "4",
        "LOOK_AGAIN_SECONDS": "0",
        "READ_AGAIN_SECONDS": "0",
    }


def times_of(events: Sequence[Event]) -> list[tuple[str, datetime, datetime]]:
    """Subject, start and end of events, in UTC, for comparing."""
    return [(str(event.values["subject"]), event.times.first.instant, event.times.last.instant) for event in events]
