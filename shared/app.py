"""Composition root: settings → clients → App, once per process, inside the event loop that the functions run on."""

import asyncio
import logging
import os
import random
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from shared import azure_monitor, telemetry
from shared.errors import SettingsError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange
from shared.ops.health import ANSWER_WITHIN, Health, down, health
from shared.ops.mappings import MappingPorts
from shared.outlook.access import quiet_loggers
from shared.outlook.event import EventOptions
from shared.settings import Settings, read_settings
from shared.state.connection import Connection, Storage
from shared.state.ledger import TableLedger
from shared.state.mappings import StoredMappingTable
from shared.state.personmonths import PersonMonthTable
from shared.state.shiftevents import ShiftEventTable
from shared.sync.audit import AuditPorts, audit
from shared.sync.mapped import MappedSchedules
from shared.sync.plan_schedule import PlannerPorts, plan_schedule
from shared.sync.publish_callback import Answer, receive
from shared.sync.sweep import SweepPorts, sweep, sweep_window
from shared.sync.witness import Witnessed
from shared.sync.write_calendar import write_calendar
from shared.sync.writer_ports import WriterPorts

if TYPE_CHECKING:
    from shared.ops.operate import OperateAnswer
    from shared.ops.ports import OpsPorts
    from shared.ops.status_page import PageAnswer
    from shared.outlook.graph import Graph
    from shared.schedule.lightning_bolt import LightningBolt
    from shared.state.queues import AzurePoison, AzureQueues
    from shared.state.tables import AzureTable

log = logging.getLogger(__name__)


class Dice:
    """`sync.ports.Chance`, seeded by the operating system, which is not asked for each id: that is a call of it."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - nothing that comes of it is a secret

    def link_id(self) -> str:
        """See Chance."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def between(self, low: float, high: float) -> float:
        """See Chance."""
        return self._random.uniform(low, high)


class App:
    """The whole system. Each part is connected at its first use: what a trigger does not need, it does not load."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self.settings = settings
        self.storage = Storage(connection)
        self._closing = AsyncExitStack()
        self._closing.push_async_callback(self.storage.aclose)

    @classmethod
    async def connect(cls, environment: Mapping[str, str]) -> Self:
        """From environment variables. Raises SettingsError with every problem; sends nothing to other systems yet."""
        quiet_loggers()
        app = cls(*_read(environment))
        azure_monitor.configure(environment)
        return app

    @cached_property
    def queue(self) -> "AzureQueues":
        """Both queues."""
        from shared.state.queues import AzureQueues

        return AzureQueues(self.storage.queue(SCHEDULE_CHANGES), self.storage.queue(CALENDAR_CHANGES))

    @cached_property
    def ledger(self) -> TableLedger:
        """What is known of reads and problems."""
        return TableLedger(self._table("schedules"), self._table("problems"))

    @cached_property
    def lightning_bolt(self) -> "LightningBolt":
        """The client of Lightning Bolt."""
        from shared.schedule.lightning_bolt import LightningBolt

        client = LightningBolt.from_settings(self.settings)
        self._closing.push_async_callback(client.aclose)
        return client

    @cached_property
    def graph(self) -> "Graph":
        """The client of Microsoft Graph."""
        from shared.outlook.graph import Graph

        settings = self.settings
        client = Graph.connect(
            settings.graph_url, settings.graph_auth, settings.installation_id, settings.earlier_installation_ids
        )
        self._closing.push_async_callback(client.aclose)
        return client

    @cached_property
    def planner(self) -> PlannerPorts:
        """What `plan_schedule` needs."""
        settings = self.settings
        options = EventOptions(
            settings.event_subject, settings.event_category, settings.event_sensitivity, settings.event_reminder_minutes
        )
        own = settings.mapping_source == "table"
        return PlannerPorts(
            settings,
            MappedSchedules(self.lightning_bolt, self._mapping_table) if own else self.lightning_bolt,
            self._person_months,
            self.ledger,
            self.queue,
            Dice(),
            options,
            time.monotonic,
        )

    @cached_property
    def writer(self) -> WriterPorts:
        """What `write_calendar` needs."""
        calendars = Witnessed(self.graph, self.ledger, time.monotonic)
        return WriterPorts(
            self.settings,
            self._person_months,
            self._shift_events,
            calendars,
            self.ledger,
            self.queue,
            Dice(),
            time.monotonic,
        )

    @cached_property
    def auditor(self) -> AuditPorts:
        """What `audit` needs."""
        return AuditPorts(self.settings, self._person_months, self.ledger, self.queue, Dice())

    @cached_property
    def sweeper(self) -> SweepPorts:
        """What the sweeps need."""
        return SweepPorts(self.settings, self._person_months, self._shift_events, self.ledger, self.queue, self._poison)

    @cached_property
    def operators(self) -> "OpsPorts":
        """What operators' requests need."""
        from shared.ops.ports import OpsPorts

        return OpsPorts(
            settings=self.settings,
            schedules=self.planner.schedules,
            lightning_bolt=self.lightning_bolt,
            mappings=self._mapping_table,
            graph=self.graph,
            person_months=self._person_months,
            shift_events=self._shift_events,
            ledger=self.ledger,
            queue=self.queue,
            poison=self._poison,
            options=self.planner.options,
            chance=Dice(),
        )

    @cached_property
    def mappings(self) -> MappingPorts:
        """What imports of mappings need."""
        return MappingPorts(self.settings, self._mapping_table, self._person_months, self.ledger, self.queue, Dice())

    @cached_property
    def _poison(self) -> "AzurePoison":
        from shared.state.queues import AzurePoison

        return AzurePoison(self.storage.queue)

    @cached_property
    def _mapping_table(self) -> StoredMappingTable:
        return StoredMappingTable(self._table("mappings"))

    @cached_property
    def _person_months(self) -> PersonMonthTable:
        return PersonMonthTable(self._table("personmonths"))

    @cached_property
    def _shift_events(self) -> ShiftEventTable:
        return ShiftEventTable(self._table("shiftevents"))

    def _table(self, name: str) -> "AzureTable":
        from shared.state.tables import AzureTable

        return AzureTable(self.storage.tables.get_table_client(name))

    async def publish_callback(self, body: bytes, headers: Mapping[str, str], caller: str | None = None) -> Answer:
        """One call of Lightning Bolt's. `caller`: the host's own run of it, as W3C `traceparent`."""
        with telemetry.run("publish_callback", caller) as span:
            answer = receive(body, headers, self.settings, datetime.now(UTC))
            months = len(answer.change.months) if answer.change else 0
            log.info("publish_received status=%d months=%d", answer.status, months)
            span.set_attributes({"status": answer.status, "months": months})
            if answer.change:
                await self.storage.create_queues()
                await self.queue.hint(answer.change)
            return answer

    async def plan_schedule(self, body: bytes, enqueued_at: datetime | None) -> None:
        """One message of `schedule-changes`. Raises BadMessageError: the host puts it aside after some tries."""
        change = ScheduleChange.decode(body)
        about = {"view": change.view, "reason": change.reason, "months": len(change.months)}
        with telemetry.run("plan_schedule", change.trace, **about):
            await self.storage.create_if_missing()
            planner, schedules = self.planner, self.planner.schedules
            if isinstance(schedules, MappedSchedules):
                planner = replace(planner, schedules=schedules.for_one_message())
            await plan_schedule(change, enqueued_at, planner)

    async def write_calendar(self, body: bytes) -> None:
        """One message of `calendar-changes`. Raises BadMessageError."""
        pointer = Pointer.decode(body)
        with telemetry.run("write_calendar", pointer.trace, person=pointer.person, months=len(pointer.months)):
            await self.storage.create_if_missing()
            await write_calendar(pointer, self.writer)

    async def sweep(self) -> None:
        """The ten-minute timer."""
        with telemetry.run("sweep", None):
            await self.storage.create_if_missing()
            await sweep(self.sweeper)

    async def sweep_window(self) -> None:
        """The nightly timer."""
        with telemetry.run("sweep_window", None):
            await self.storage.create_if_missing()
            await sweep_window(self.sweeper)

    async def audit(self) -> None:
        """The nightly timer that has every calendar looked at."""
        with telemetry.run("audit", None):
            await self.storage.create_if_missing()
            await audit(self.auditor)

    async def health(self, seconds: float = ANSWER_WITHIN) -> Health:
        """For a probe, which has so many seconds left."""
        return await health(self.settings, self.ledger, self._poison, seconds)

    async def operate(self, verb: str, body: bytes, headers: Mapping[str, str], *, signed_in: bool) -> "OperateAnswer":
        """What an operator asks for. `headers`: names in lower case."""
        from shared.ops.operate import asker, operate

        with telemetry.run("operate", None):
            await self.storage.create_if_missing()
            return await operate(verb, body, asker(headers, signed_in=signed_in), self.operators)

    async def status_page(self, query: Mapping[str, str], accept: str) -> "PageAnswer":
        """How things stand, for a browser or as JSON."""
        from shared.ops.status_page import status_page

        await self.storage.create_if_missing()
        return await status_page(query, accept, self.operators)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._closing.aclose()


def _read(environment: Mapping[str, str]) -> tuple[Settings, Connection]:
    """All settings. Raises SettingsError with the problems of all of them."""
    problems = azure_monitor.problems(environment)
    settings = connection = None
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        problems += error.problems
    try:
        connection = Connection.read(environment)
    except SettingsError as error:
        problems += error.problems
    if problems or settings is None or connection is None:
        raise SettingsError(problems)
    return settings, connection


_app: App | None = None
_lock = asyncio.Lock()


async def probe() -> Health:
    """The process's health, also where it cannot be connected."""
    from azure.core.exceptions import AzureError

    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            app = await get_app()
            await app.storage.create_if_missing()
    except SettingsError as error:
        return down(error.problems)
    except TimeoutError:
        return down([f"storage: no answer within {ANSWER_WITHIN:g} s, so that the app is not connected yet"])
    except AzureError as error:
        return down([f"storage: {type(error).__name__}"])
    return await app.health(ANSWER_WITHIN - (time.monotonic() - began))


async def get_app() -> App:
    """The process's App, connected at its first use. Raises SettingsError as long as settings are wrong."""
    global _app
    async with _lock:
        if _app is None:
            _app = await App.connect(os.environ)
        return _app
