"""What the app tells of itself: spans, metrics, and the trace that travels inside messages (docs/telemetry.md).

The code uses OpenTelemetry's API alone, which does nothing until `shared.azure_monitor` has found where to send
it. Names, notes, subjects, addresses, tokens and bodies never go in here (rule 10): ids and counts do.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

SCOPE = "shared"
"""Of all our spans, metrics and loggers: nobody else's are exported."""

_PROPAGATOR = TraceContextTextMapPropagator()
_tracer = trace.get_tracer(SCOPE)
_meter = metrics.get_meter(SCOPE)

PUBLISH_TO_CALENDAR = _meter.create_histogram(
    "publish_to_calendar_seconds", "s", "From a publish to a person's calendar month in step with it."
)
CREATED = _meter.create_counter("events_created", "{event}", "Events that Graph created for us.")
UPDATED = _meter.create_counter("events_updated", "{event}", "Events that Graph updated for us.")
DELETED = _meter.create_counter("events_deleted", "{event}", "Events that Graph deleted for us, or that were gone.")
REQUESTS = _meter.create_counter("graph_requests", "{request}", "As Graph's limits count them: a batch's items singly.")
THROTTLES = _meter.create_counter("graph_throttles", "{request}", "Of those, what was answered 429.")
OBSERVATIONS = _meter.create_counter("calendar_observations", "{calendar}", "Calendars whose marks were read.")
FAILURES = _meter.create_counter("failures", "{failure}", "Writes and observations that were not done, by kind.")
DUE = _meter.create_gauge("due_person_months", "{personmonth}", "Person-months that a writer should work on now.")
OLDEST_DUE = _meter.create_gauge("oldest_due_seconds", "s", "Since the oldest of them became due.")
HOLDS = _meter.create_gauge("holds", "{hold}", "Holds that wait for an operator.")
QUEUED = _meter.create_gauge("queue_messages", "{message}", "Messages on a queue, hidden ones included.")


def here() -> str | None:
    """The present span as a message carries it (W3C `traceparent`); None where there is none."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def run(name: str, caller: str | None, **attributes: AttributeValue) -> Iterator[Span]:
    """A span around one run of a function.

    `caller` is the `traceparent` of whatever caused it: the span is its child, so that one publish is one trace, and
    linked to it, as OpenTelemetry asks of whoever processes a message. Without one, or with one that cannot be read,
    it is a child of the host's own run, if the worker has told us of it. It is linked to that in any case: the host's
    row of the run is found by the link. What ends it is recorded as type and place; an exception's text is not.
    """
    cause, host = _context_of(caller), trace.get_current_span().get_span_context()
    known = (cause,) if cause == host else (cause, host)
    links = [Link(context) for context in known if context.is_valid]
    parent = trace.set_span_in_context(NonRecordingSpan(cause)) if cause.is_valid else None
    with _span(name, SpanKind.INTERNAL, attributes, parent, links) as span:
        try:
            yield span
        except BaseException as error:
            frames = "".join(traceback.format_tb(error.__traceback__))
            span.add_event("exception", {"exception.type": type(error).__name__, "exception.stacktrace": frames})
            raise


@contextmanager
def call(name: str, server: str, **attributes: AttributeValue) -> Iterator[Span]:
    """A span around a call of another system. `server` is its host's name: no path, which may hold an address.

    No attributes of HTTP's conventions, either: from those, the exporter makes a name and a target of its own.
    """
    with _span(name, SpanKind.CLIENT, {"peer.service": server, **attributes}) as span:
        yield span


def answered(span: Span, status: int | None, failure: str = "") -> None:
    """Notes a call's HTTP status, and why it failed, if it did: a kind or a code, never a text."""
    if status is not None:
        span.set_attribute("status", status)
    if failure:
        span.set_status(Status(StatusCode.ERROR, failure))


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    attributes: Mapping[str, AttributeValue],
    parent: Context | None = None,
    links: list[Link] | None = None,
) -> Iterator[Span]:
    with _tracer.start_as_current_span(
        name, parent, kind, attributes, links, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def _context_of(traceparent: str | None) -> SpanContext:
    found = _PROPAGATOR.extract({"traceparent": traceparent or ""}, Context())
    return trace.get_current_span(found).get_span_context()
