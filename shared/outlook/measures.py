"""What Graph's answers add to metrics and spans: counts, and the ids by which Microsoft's support finds a request."""

from collections import Counter as Tally
from collections.abc import Sequence

from opentelemetry.metrics import Counter
from opentelemetry.trace import Span

from shared import telemetry
from shared.outlook.batch import Create, Delete, Update, Write
from shared.outlook.outcome import Kind, Outcome

_DONE: dict[type[Write], Counter] = {
    Create: telemetry.CREATED,
    Update: telemetry.UPDATED,
    Delete: telemetry.DELETED,
}


def measure_writes(
    span: Span, writes: Sequence[Write], request_ids: Sequence[str], outcomes: Sequence[Outcome]
) -> None:
    """Of a batch: what was asked, throttled and done; on its span, how many failed and their `client-request-id`s."""
    measure_requests(outcomes)
    for kind, count in Tally(type(w) for w, o in zip(writes, outcomes, strict=True) if o.kind is Kind.DONE).items():
        _DONE[kind].add(count)
    failed = [each for each, outcome in zip(request_ids, outcomes, strict=True) if outcome.kind is not Kind.DONE]
    span.set_attribute("failed", len(failed))
    if failed:
        span.set_attribute("failed_request_ids", failed)


def measure_requests(outcomes: Sequence[Outcome]) -> None:
    """Counts those that went out, and those that were answered 429."""
    asked = sum(outcome.status is not None or outcome.kind is Kind.UNKNOWN for outcome in outcomes)
    throttled = sum(outcome.status == 429 for outcome in outcomes)
    if asked:
        telemetry.REQUESTS.add(asked)
    if throttled:
        telemetry.THROTTLES.add(throttled)
