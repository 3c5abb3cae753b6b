"""Composition root: settings → clients → App, once per process, inside the event loop that the functions run on."""

import asyncio
import logging
import os
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from azure.core.exceptions import AzureError

from shared import azure_monitor, telemetry
from shared.errors import SettingsError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange
from shared.ops.health import ANSWER_WITHIN, Health, down, health
from shared.ops.mappings import MappingPorts
from shared.ops.operate import OperateAnswer, asker, operate
from shared.ops.ports import OpsPorts
from shared.ops.status_page import PageAnswer, status_page
from shared.outlook.event import EventOptions
from shared.outlook.graph import Graph, quiet_loggers
from shared.schedule.lightning_bolt import LightningBolt
from shared.settings import Settings, read_settings
from shared.state.connection import Connection, Storage
from shared.state.ledger import TableLedger
from shared.state.mappings import StoredMappingTable
from shared.state.personmonths import PersonMonthTable
from shared.state.queues import AzurePoison, AzureQueues
from shared.state.shiftevents import ShiftEventTable
from shared.state.tables import AzureTable
from shared.sync.audit import AuditPorts, audit
from shared.sync.mapped import MappedSchedules
from shared.sync.plan_schedule import PlannerPorts, plan_schedule
from shared.sync.publish_callback import Answer, receive
from shared.sync.sweep import SweepPorts, sweep, sweep_window
from shared.sync.witness import Witnessed
from shared.sync.write_calendar import WriterPorts, write_calendar

log = logging.getLogger(__name__)


class Dice:
    """`sync.ports.Chance`, by the operating system's randomness."""

    def link_id(self) -> str:
        """See Chance."""
        return str(uuid.uuid4())

    def between(self, low: float, high: float) -> float:
        """See Chance."""
        return random.uniform(low, high)  # noqa: S311 - jitter is no secret


@dataclass(slots=True)
class App:
    """The whole system, connected."""

    settings: Settings
    storage: Storage
    lightning_bolt: LightningBolt
    graph: Graph
    ledger: TableLedger
    planner: PlannerPorts
    writer: WriterPorts
    sweeper: SweepPorts
    auditor: AuditPorts
    mappings: MappingPorts
    operators: OpsPorts

    @classmethod
    async def connect(cls, environment: Mapping[str, str]) -> Self:
        """From environment variables. Raises SettingsError with every problem; sends nothing to other systems yet."""
        quiet_loggers()
        settings, connection = _read(environment)
        azure_monitor.configure(environment)
        storage = Storage(connection)
        try:
            await storage.create_if_missing()
        except BaseException:
            await storage.aclose()
            raise
        person_months = PersonMonthTable(AzureTable(storage.tables.get_table_client("personmonths")))
        shift_events = ShiftEventTable(AzureTable(storage.tables.get_table_client("shiftevents")))
        ledger = TableLedger(
            AzureTable(storage.tables.get_table_client("schedules")),
            AzureTable(storage.tables.get_table_client("problems")),
        )
        queue = AzureQueues(storage.queue(SCHEDULE_CHANGES), storage.queue(CALENDAR_CHANGES))
        lightning_bolt = LightningBolt.from_settings(settings)
        graph = await Graph.connect(settings.graph_url, settings.graph_auth, settings.installation_id)
        options = EventOptions(
            settings.event_subject, settings.event_category, settings.event_sensitivity, settings.event_reminder_minutes
        )
        dice = Dice()
        calendars = Witnessed(graph, ledger, time.monotonic)
        table = StoredMappingTable(AzureTable(storage.tables.get_table_client("mappings")))
        schedules = MappedSchedules(lightning_bolt, table) if settings.mapping_source == "table" else lightning_bolt
        poison = AzurePoison(storage.queue)
        return cls(
            settings=settings,
            storage=storage,
            lightning_bolt=lightning_bolt,
            graph=graph,
            ledger=ledger,
            planner=PlannerPorts(settings, schedules, person_months, ledger, queue, dice, options, time.monotonic),
            writer=WriterPorts(settings, person_months, shift_events, calendars, ledger, queue, dice, time.monotonic),
            auditor=AuditPorts(settings, person_months, ledger, queue, dice),
            sweeper=SweepPorts(settings, person_months, shift_events, ledger, queue, poison),
            mappings=MappingPorts(settings, table, person_months, ledger, queue, dice),
            operators=OpsPorts(
                settings=settings,
                schedules=schedules,
                lightning_bolt=lightning_bolt,
                mappings=table,
                graph=graph,
                person_months=person_months,
                shift_events=shift_events,
                ledger=ledger,
                queue=queue,
                poison=poison,
                options=options,
                chance=dice,
            ),
        )

    async def publish_callback(self, body: bytes, headers: Mapping[str, str], caller: str | None = None) -> Answer:
        """One call of Lightning Bolt's. `caller`: the host's own run of it, as W3C `traceparent`."""
        with telemetry.run("publish_callback", caller) as span:
            answer = receive(body, headers, self.settings, datetime.now(UTC))
            months = len(answer.change.months) if answer.change else 0
            log.info("publish_received status=%d months=%d", answer.status, months)
            span.set_attributes({"status": answer.status, "months": months})
            if answer.change:
                await self.planner.queue.hint(answer.change)
            return answer

    async def plan_schedule(self, body: bytes, enqueued_at: datetime | None) -> None:
        """One message of `schedule-changes`. Raises BadMessageError: the host puts it aside after some tries."""
        change = ScheduleChange.decode(body)
        about = {"view": change.view, "reason": change.reason, "months": len(change.months)}
        planner, schedules = self.planner, self.planner.schedules
        if isinstance(schedules, MappedSchedules):
            planner = replace(planner, schedules=schedules.for_one_message())
        with telemetry.run("plan_schedule", change.trace, **about):
            await plan_schedule(change, enqueued_at, planner)

    async def write_calendar(self, body: bytes) -> None:
        """One message of `calendar-changes`. Raises BadMessageError."""
        pointer = Pointer.decode(body)
        with telemetry.run("write_calendar", pointer.trace, person=pointer.person, months=len(pointer.months)):
            await write_calendar(pointer, self.writer)

    async def sweep(self) -> None:
        """The ten-minute timer."""
        with telemetry.run("sweep", None):
            await sweep(self.sweeper)

    async def sweep_window(self) -> None:
        """The nightly timer."""
        with telemetry.run("sweep_window", None):
            await sweep_window(self.sweeper)

    async def audit(self) -> None:
        """The nightly timer that has every calendar looked at."""
        with telemetry.run("audit", None):
            await audit(self.auditor)

    async def health(self, seconds: float = ANSWER_WITHIN) -> Health:
        """For a probe, which has so many seconds left."""
        return await health(self.settings, self.ledger, self.operators.poison, seconds)

    async def operate(self, verb: str, body: bytes, headers: Mapping[str, str], *, signed_in: bool) -> OperateAnswer:
        """What an operator asks for. `headers`: names in lower case."""
        with telemetry.run("operate", None):
            return await operate(verb, body, asker(headers, signed_in=signed_in), self.operators)

    async def status_page(self, query: Mapping[str, str], accept: str) -> PageAnswer:
        """How things stand, for a browser or as JSON."""
        return await status_page(query, accept, self.operators)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self.graph.aclose()
        await self.lightning_bolt.aclose()
        await self.storage.aclose()


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
    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            app = await get_app()
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
