"""Writes as the items of a batch, and the answers to it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outlook.batch import (
    BATCH_BYTES,
    Create,
    Delete,
    Update,
    Write,
    batches,
    body_of,
    method_of,
    read_answers,
    request_body,
)
from shared.outlook.mark import MARK_ID
from shared.outlook.outcome import Kind
from shared.outlook.render import render
from tests.unit.shifts import event_of, mark, unhurried

CREATE = Create("a@b.org", event_of(), mark())
UPDATE = Update("a@b.org", "AAMk2", event_of(), mark())
DELETE = Delete("a@b.org", "AAMk3")
PROPERTY = {"singleValueExtendedProperties": [{"id": MARK_ID, "value": mark().text()}]}


def test_methods_and_bodies() -> None:
    assert [method_of(write) for write in (CREATE, UPDATE, DELETE)] == ["POST", "PATCH", "DELETE"]
    assert body_of(CREATE) == {**render(event_of()), "transactionId": mark().link, **PROPERTY}
    assert body_of(UPDATE) == {**render(event_of()), **PROPERTY}
    assert body_of(DELETE) is None


def test_the_request() -> None:
    raw = request_body([CREATE, DELETE], ["/users/a/events", "/users/a/events/AAMk3"], [{"P": "1"}, {"P": "2"}])
    assert json.loads(raw) == {
        "requests": [
            {
                "id": "1",
                "method": "POST",
                "url": "/users/a/events",
                "headers": {"P": "1", "Content-Type": "application/json"},
                "body": body_of(CREATE),
            },
            {"id": "2", "method": "DELETE", "url": "/users/a/events/AAMk3", "headers": {"P": "2"}},
        ]
    }


def test_the_request_is_utf8_whatever_a_setting_holds() -> None:
    event = replace(event_of(), subject="Médecine 🏥", category="\ud800")
    raw = request_body([replace(CREATE, event=event)], ["/"], [{}])
    body = json.loads(raw)["requests"][0]["body"]
    assert (body["subject"], body["categories"]) == ("Médecine 🏥", ["?"])


def delete(mailbox: str, number: int) -> Write:
    return Delete(mailbox, str(number))


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (20, [20]), (21, [20, 1]), (45, [20, 20, 5])])
def test_batches_of_twenty(count: int, sizes: list[int]) -> None:
    writes = [delete("a", number) for number in range(count)]
    cut = list(batches(writes))
    assert [len(batch) for batch in cut] == sizes
    assert [write for batch in cut for write in batch] == writes


def test_a_batch_is_for_one_mailbox() -> None:
    writes = [delete("ab"[number % 2], number) for number in range(30)]
    cut = list(batches(writes))
    assert [{write.mailbox for write in batch} for batch in cut] == [{"a"}, {"b"}]
    assert [len(batch) for batch in cut] == [15, 15]


@unhurried
@given(lengths=st.lists(st.integers(0, 32_000), max_size=45), letter=st.sampled_from('x\n"é🏥\x01'))
def test_batches_stay_under_the_byte_limit(lengths: list[int], letter: str) -> None:
    writes: list[Write] = [replace(CREATE, event=replace(event_of(), body=letter * length)) for length in lengths]
    cut = list(batches(writes))
    assert [write for batch in cut for write in batch] == writes
    for batch in cut:
        raw = request_body(batch, ["/users/" + "u" * 200] * len(batch), [{"P": "x" * 100}] * len(batch))
        assert len(raw) <= BATCH_BYTES
        assert 1 <= len(batch) <= 20


def test_an_item_over_the_limit_goes_alone() -> None:
    huge = replace(CREATE, event=replace(event_of(), body="x" * BATCH_BYTES))
    assert list(batches([DELETE, huge, DELETE])) == [[DELETE], [huge], [DELETE]]


def answer(*responses: Any) -> bytes:
    return json.dumps({"responses": responses}).encode()


def kinds(raw: bytes, writes: list[Write]) -> list[Kind]:
    return [outcome.kind for outcome in read_answers(raw, writes)]


OK = [
    {"id": "1", "status": 201, "body": {"id": "AAMk1"}},
    {"id": "2", "status": 200, "body": {"id": "AAMk2"}},
    {"id": "3", "status": 204},
]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_answers_in_any_order(order: tuple[int, ...]) -> None:
    outcomes = read_answers(answer(*(OK[index] for index in order)), [CREATE, UPDATE, DELETE])
    assert [(outcome.kind, outcome.event_id) for outcome in outcomes] == [
        (Kind.DONE, "AAMk1"),
        (Kind.DONE, "AAMk2"),
        (Kind.DONE, None),
    ]


def test_an_update_without_a_body_keeps_its_id() -> None:
    [outcome] = read_answers(answer({"id": "1", "status": 204}), [UPDATE])
    assert (outcome.kind, outcome.event_id) == (Kind.DONE, "AAMk2")


@pytest.mark.parametrize(
    "responses",
    [
        [],
        [OK[1]],
        [{"id": "1"}],
        [{"id": "1", "status": "201", "body": {"id": "AAMk1"}}],
        [{"id": "1", "status": True, "body": {"id": "AAMk1"}}],
        [{"id": "1", "status": 201}],
        [{"id": "1", "status": 201, "body": "PGh0bWw+"}],
        [{"id": "1", "status": 201, "body": {"id": 7}}],
        [OK[0], {"id": "1", "status": 429}],
        [OK[0], {"id": "1", "status": 201, "body": {"id": "AAMk9"}}],
        ["nonsense", None, 7],
    ],
    ids=json.dumps,
)
def test_what_leaves_an_item_unknown(responses: list[Any]) -> None:
    assert kinds(answer(*responses), [CREATE]) == [Kind.UNKNOWN]


def test_the_same_answer_twice_is_one() -> None:
    assert kinds(answer(OK[0], OK[0]), [CREATE]) == [Kind.DONE]


def test_foreign_answers_are_passed_over_and_a_number_is_as_good_as_its_text() -> None:
    assert kinds(answer({"id": "9", "status": 500}, {**OK[0], "id": 1}), [CREATE]) == [Kind.DONE]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html><body>Service unavailable</body></html>",
        b'{"responses": [{"id": "1", "status": 201, "body": {"id": "AAM',
        b"null",
        b"[]",
        b'"responses"',
        b'{"value": []}',
        b'{"responses": {"1": 201}}',
        b'{"responses": null}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_an_answer_that_cannot_be_read_leaves_all_unknown(raw: bytes) -> None:
    assert kinds(raw, [CREATE, UPDATE, DELETE]) == [Kind.UNKNOWN] * 3


def test_errors_of_items() -> None:
    raw = answer(
        {"id": "1", "status": 400, "body": {"error": {"code": "ErrorInvalidRequest", "message": "person@b.org"}}},
        {"id": "2", "status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}},
        {"id": "3", "status": 403, "body": {"error": {"code": "ErrorCannotDeleteObject"}}},
    )
    outcomes = read_answers(raw, [CREATE, UPDATE, DELETE])
    assert [outcome.kind for outcome in outcomes] == [Kind.EVENT_REFUSED, Kind.GONE, Kind.DONE]
    assert "person@b.org" not in repr(outcomes)


def test_retry_after_of_an_item_in_any_case_and_form() -> None:
    date = "Tue, 30 Jun 2026 16:14:48 GMT"
    raw = answer(
        {"id": "1", "status": 429, "headers": {"retry-after": "2.5"}},
        {"id": "2", "status": 429, "headers": {"RETRY-AFTER": 3}},
        {"id": "3", "status": 429, "headers": {"Retry-After": "Tue, 30 Jun 2026 16:15:00 GMT"}},
    )
    outcomes = read_answers(raw, [CREATE, UPDATE, DELETE], date)
    assert [outcome.retry_after for outcome in outcomes] == [2.5, 3.0, 12.0]
    assert read_answers(raw, [CREATE, UPDATE, DELETE])[2].retry_after is None


def test_a_duplicate_may_name_the_event_that_has_the_id() -> None:
    error = {"code": "ErrorDuplicateTransactionId", "@event.existingEventId": "AAMk7"}
    [outcome] = read_answers(answer({"id": "1", "status": 409, "body": {"error": error}}), [CREATE])
    assert (outcome.kind, outcome.event_id) == (Kind.DUPLICATE, "AAMk7")


@unhurried
@given(raw=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["responses", "id", "status", "headers", "body", "error", "code"]), inner),
    max_leaves=20,
).map(lambda value: json.dumps({"responses": [value]}).encode()))  # fmt: skip
def test_no_answer_breaks_it(raw: bytes) -> None:
    assert len(read_answers(raw, [CREATE, DELETE])) == 2
