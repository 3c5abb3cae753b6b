"""Records what the app exports while something runs: spans, log records and metrics, in memory, by the real SDK.

The SDK's providers can be set once per process. The first recording sets them as `shared.azure_monitor` has
them set: the same sampler, the same temporality, our loggers only. Between recordings they drop what they are given.
"""

import logging
import secrets
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from azure.monitor.opentelemetry.exporter import ApplicationInsightsSampler
from azure.monitor.opentelemetry.exporter.export.metrics._exporter import APPLICATION_INSIGHTS_METRIC_TEMPORALITIES
from opentelemetry import context, metrics, trace
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from shared.telemetry import SCOPE
from tests.telemetry.rows import TABLES, Row, Tables, envelope_of_log, envelopes_of_metrics, envelopes_of_span, row_of

ROLE = "town"
RESOURCE = Resource({"service.name": ROLE, "service.instance.id": "1"})


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a function, as the host sees it."""

    function: str
    began: datetime
    seconds: float
    success: bool
    result: str
    context: SpanContext

    def row(self) -> Row:
        """As the host's row of AppRequests."""
        return {
            "TimeGenerated": self.began,
            "Type": "AppRequests",
            "Name": self.function,
            "OperationName": self.function,
            "OperationId": f"{self.context.trace_id:032x}",
            "Id": f"{self.context.span_id:016x}",
            "Success": self.success,
            "ResultCode": self.result,
            "DurationMs": self.seconds * 1000,
            "ItemCount": 1,
            "AppRoleName": ROLE,
            "Properties": {},
            "_BilledSize": 1000.0,
        }


@dataclass(slots=True)
class Recording:
    """What was exported, and the host's rows of the runs."""

    spans: list[ReadableSpan] = field(default_factory=list)
    logs: list[ReadableLogRecord] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    """Envelopes."""
    runs: list[Run] = field(default_factory=list)

    async def around(self, function: str, run: Awaitable[Any]) -> Any:
        """For a town's `around`: a run as the Functions host has it; its span is present, as the worker sees to."""
        host = SpanContext(secrets.randbits(128), secrets.randbits(64), is_remote=True, trace_flags=TraceFlags(1))
        token = context.attach(trace.set_span_in_context(NonRecordingSpan(host)))
        began, success, result = datetime.now(UTC), False, "0"
        try:
            answer = await run
            status = getattr(answer, "status", 0)
            success, result = status < 400, str(status)  # as Azure Monitor's exporter for .NET, which the host uses
            return answer
        finally:
            context.detach(token)
            seconds = (datetime.now(UTC) - began).total_seconds()
            self.runs.append(Run(function, began, seconds, success, result, host))

    def envelopes(self) -> list[Row]:
        """Everything as the exporter would send it."""
        return [
            *(envelope for span in self.spans for envelope in envelopes_of_span(span)),
            *(envelope_of_log(record) for record in self.logs),
            *self.metrics,
        ]

    def tables(self, earlier: timedelta = timedelta()) -> Tables:
        """Everything as rows, each table in order of time. `earlier`: the whole run's clock is put back by so much."""
        tables: Tables = {name: [] for name in TABLES}
        for envelope in self.envelopes():
            table, row = row_of(envelope)
            tables[table].append(row)
        tables["AppRequests"] += [run.row() for run in self.runs]
        for rows in tables.values():
            for row in rows:
                row["TimeGenerated"] -= earlier
            rows.sort(key=lambda row: row["TimeGenerated"])
        return tables

    def events(self, name: str) -> list[dict[str, str]]:
        """The keys and values of every log event of a name, in order."""
        lines = [str(record.log_record.body) for record in self.logs]
        return [
            dict(part.split("=", 1) for part in line.split() if "=" in part)
            for line in lines
            if line.startswith(f"{name} ")
        ]

    def total(self, metric: str, **attributes: str) -> float:
        """The sum of a counter, or of a histogram's values; with these attributes."""
        return float(sum(row["Sum"] for row in self.metric_rows(metric, **attributes)))

    def metric_rows(self, metric: str, **attributes: str) -> list[Row]:
        """A metric's rows."""
        rows = [row for _, row in map(row_of, self.metrics) if row["Name"] == metric]
        return [row for row in rows if attributes.items() <= row["Properties"].items()]


_active: Recording | None = None


class _Spans(SpanProcessor):
    def on_end(self, span: ReadableSpan) -> None:
        if _active is not None:
            _active.spans.append(span)


class _Logs(LogRecordProcessor):
    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        if _active is not None:
            _active.logs.append(
                ReadableLogRecord(log_record.log_record, RESOURCE, log_record.instrumentation_scope, log_record.limits)
            )

    def shutdown(self) -> None:
        """Nothing is held back."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back."""
        return True


@cache
def _install() -> tuple[InMemoryMetricReader, LoggingHandler]:
    tracers = TracerProvider(sampler=ApplicationInsightsSampler(1.0), resource=RESOURCE)
    tracers.add_span_processor(_Spans())
    trace.set_tracer_provider(tracers)
    reader = InMemoryMetricReader(preferred_temporality=cast(Any, APPLICATION_INSIGHTS_METRIC_TEMPORALITIES))
    metrics.set_meter_provider(MeterProvider([reader], resource=RESOURCE))
    loggers = LoggerProvider(resource=RESOURCE)
    loggers.add_log_record_processor(_Logs())
    return reader, LoggingHandler(logger_provider=loggers)


@contextmanager
def recorded() -> Iterator[Recording]:
    """Records what is exported meanwhile; metrics are there when it has ended."""
    global _active
    assert _active is None, "one recording at a time"
    reader, handler = _install()
    reader.get_metrics_data()  # what was counted before is not of this recording
    logger = logging.getLogger(SCOPE)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    _active = recording = Recording()
    try:
        yield recording
    finally:
        _active = None
        logger.removeHandler(handler)
        logger.setLevel(level)
        recording.metrics += envelopes_of_metrics(reader.get_metrics_data())
