"""One publish is one trace, from the callback through both queues to Graph; it travels inside the messages."""

import json

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from shared import telemetry
from shared.messages import Pointer, ScheduleChange, ScheduleMonth
from shared.month import Month
from tests.telemetry.recording import Recording, recorded
from tests.telemetry.trace import record_a_publish, tree
from tests.town import ADA, BEN, TEMPLATE, Town

MONTH = Month.parse("2026-12")
CHANGE = ScheduleChange(50, (MONTH,), "callback")
POINTER = Pointer("2101", (ScheduleMonth("5", MONTH),))
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BROKEN = ("", "nonsense", "00-0-0-00", TRACE + "-more", "zz" + TRACE[2:], "00-" + "0" * 32 + "-" + "0" * 16 + "-01")


def _named(recording: Recording, name: str) -> list[ReadableSpan]:
    return [span for span in recording.spans if span.name == name]


def _ids(span: ReadableSpan) -> tuple[int, int]:
    assert span.context
    return span.context.trace_id, span.context.span_id


def _parent(span: ReadableSpan) -> tuple[int, int]:
    assert span.parent
    return span.parent.trace_id, span.parent.span_id


def _links(span: ReadableSpan) -> list[tuple[int, int]]:
    return [(link.context.trace_id, link.context.span_id) for link in span.links]


async def test_one_publish_is_one_trace(storage: str) -> None:
    recording = await record_a_publish(storage)
    [callback] = _named(recording, "publish_callback")
    [plan] = _named(recording, "plan_schedule")
    [read] = _named(recording, "read_month")
    hosts = {run.function: (run.context.trace_id, run.context.span_id) for run in recording.runs}
    assert _parent(callback) == hosts["publish_callback"], "the host's own run comes first"
    assert (_parent(plan), _links(plan)) == (_ids(callback), [_ids(callback), hosts["plan_schedule"]])
    assert _parent(read) == _ids(plan)
    writers = _named(recording, "write_calendar")
    assert {(span.attributes or {})["person"] for span in writers} == {str(ADA), str(BEN)}
    for writer in writers:
        assert (_parent(writer), _links(writer)[0]) == (_ids(plan), _ids(plan))
        [observe] = [span for span in _named(recording, "observe") if _parent(span) == _ids(writer)]
        [batch] = [span for span in _named(recording, "graph_batch") if _parent(span) == _ids(writer)]
        assert (observe.end_time or 0) <= (batch.start_time or 0)
    assert {_ids(span)[0] for span in recording.spans} == {_ids(callback)[0]}
    assert len(recording.spans) == 9, "no library adds any of its own"
    assert {span.kind for span in (callback, plan, *writers)} == {SpanKind.INTERNAL}
    print(f"\n{tree(recording.spans)}")  # noqa: T201


async def test_the_host_s_own_run_is_the_callback_s_parent(town: Town) -> None:
    with recorded() as recording:
        await town.app.publish_callback(b'{"view_id": 50}', {}, TRACE)
    [callback] = _named(recording, "publish_callback")
    assert [f"{part:x}" for part in _parent(callback)] == [part.lstrip("0") for part in TRACE.split("-")[1:3]]


async def test_log_records_are_of_the_trace_that_they_belong_to(storage: str) -> None:
    recording = await record_a_publish(storage)
    [callback] = _named(recording, "publish_callback")
    assert {record.log_record.trace_id for record in recording.logs} == {_ids(callback)[0]}


async def test_graph_s_requests_can_be_found_by_their_ids(town: Town) -> None:
    with recorded() as recording:
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, 301, town.day(5))
        await town.publish(town.next_month)
    sent = {record.headers["client-request-id"] for record in town.graph.journal if not record.operation}
    told = {(span.attributes or {}).get("client_request_id") for span in recording.spans}
    assert sent
    assert sent <= told


@pytest.mark.parametrize("message", [CHANGE, POINTER], ids=lambda message: type(message).__name__)
def test_messages_without_a_trace_are_understood(message: ScheduleChange | Pointer) -> None:
    assert "trace" not in json.loads(message.encode())["change"]
    assert type(message).decode(message.encode().encode()).trace is None


@pytest.mark.parametrize("message", [CHANGE, POINTER], ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("trace", [*BROKEN, 7, None, ["x"]])
def test_a_trace_that_cannot_be_read_is_no_reason_to_refuse_a_message(
    message: ScheduleChange | Pointer, trace: object
) -> None:
    body = json.loads(message.encode())
    body["change"]["trace"] = trace
    decoded = type(message).decode(json.dumps(body).encode())
    assert decoded == message
    with recorded() as recording, telemetry.run("plan_schedule", decoded.trace):
        pass
    [span] = recording.spans
    assert (span.parent, list(span.links)) == (None, [])


def test_a_caller_that_is_not_sampled_is_recorded_all_the_same() -> None:
    with recorded() as recording, telemetry.run("publish_callback", TRACE.removesuffix("1") + "0"):
        assert (telemetry.here() or "").startswith("00-0af7651916cd43dd8448eb211c80319c-")
    [span] = recording.spans
    assert f"{_ids(span)[0]:032x}" == TRACE.split("-")[1]


def test_outside_of_any_span_there_is_nothing_to_take_along() -> None:
    assert telemetry.here() is None
