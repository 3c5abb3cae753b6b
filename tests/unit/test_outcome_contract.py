"""Every recorded or documented error of Graph's, as a batch item's answer and as a read's."""

import json
from typing import Any

import pytest

from shared.outlook.batch import Create, Delete, Update, Write, code_and_id, read_answers
from shared.outlook.outcome import Kind, outcome_of
from tests.contracts import contract
from tests.unit.shifts import event_of, mark

EXPECTED: dict[tuple[int, str], Kind] = {
    (400, "ErrorDuplicateTransactionId"): Kind.DUPLICATE,
    (400, "TimeZoneNotSupportedException"): Kind.EVENT_REFUSED,
    (400, "ErrorPropertyValidationFailure"): Kind.EVENT_REFUSED,
    (400, "RequestBodyRead"): Kind.EVENT_REFUSED,
    (400, "BadRequest"): Kind.EVENT_REFUSED,
    (400, "ErrorInvalidProperty"): Kind.EVENT_REFUSED,
    (403, "ErrorAccessDenied"): Kind.MAILBOX_REFUSED,
    (403, "ErrorQuotaExceeded"): Kind.MAILBOX_REFUSED,
    (403, "ErrorCannotDeleteObject"): Kind.EVENT_REFUSED,  # on a delete: done
    (404, "ErrorItemNotFound"): Kind.MAILBOX_REFUSED,  # on an update: gone; on a delete: done
    (404, "ErrorInvalidUser"): Kind.MAILBOX_GONE,
    (404, "MailboxNotEnabledForRESTAPI"): Kind.MAILBOX_GONE,
    (409, "ConcurrentItemSave"): Kind.NOT_DONE,
    (412, "ErrorIrresolvableConflict"): Kind.NOT_DONE,
    (429, "ApplicationThrottled"): Kind.NOT_DONE,
    (429, ""): Kind.NOT_DONE,
    (500, "ErrorInternalServerError"): Kind.UNKNOWN,
    (500, "InternalServerError"): Kind.UNKNOWN,
    (500, "UnknownError"): Kind.UNKNOWN,
    (503, "MailboxInfoStale"): Kind.UNKNOWN,
    (503, "UnknownError"): Kind.UNKNOWN,
    (503, "ErrorInternalServerTransientError"): Kind.UNKNOWN,
}
"""Of a create."""
UPDATE = {(404, "ErrorItemNotFound"): Kind.GONE, (400, "ErrorDuplicateTransactionId"): Kind.EVENT_REFUSED}
DELETE = {
    (404, "ErrorItemNotFound"): Kind.DONE,
    (403, "ErrorCannotDeleteObject"): Kind.DONE,
    (400, "ErrorDuplicateTransactionId"): Kind.EVENT_REFUSED,
}
READ = {
    (status, code): Kind.MAILBOX_REFUSED
    for (status, code), kind in EXPECTED.items()
    if kind in (Kind.EVENT_REFUSED, Kind.DUPLICATE)
}
WRITES: list[tuple[Write, dict[tuple[int, str], Kind]]] = [
    (Create("a@b.org", event_of(), mark()), {}),
    (Update("a@b.org", "AAMk", event_of(), mark()), UPDATE),
    (Delete("a@b.org", "AAMk"), DELETE),
]

if PATH := contract("graph-answers.json"):
    ANSWERS: list[dict[str, Any]] = json.loads(PATH.read_text())
    ERRORS = [answer for answer in ANSWERS if answer["status"] >= 400]

    def test_there_are_errors_and_all_are_expected() -> None:
        found = {(answer["status"], code_and_id(answer["body"])[0]) for answer in ERRORS}
        assert found == EXPECTED.keys()

    @pytest.mark.parametrize("answer", ERRORS, ids=lambda answer: f"{answer['status']} {answer['what'][:60]}")
    def test_every_error(answer: dict[str, Any]) -> None:
        status, body = answer["status"], answer["body"]
        code, _ = code_and_id(body)
        item = {"id": "1", "status": status, "headers": answer.get("headers", {}), "body": body}
        raw = json.dumps({"responses": [item]}).encode()
        for write, others in WRITES:
            [outcome] = read_answers(raw, [write])
            assert outcome.kind is others.get((status, code), EXPECTED[status, code])
            assert (outcome.status, outcome.code) == (status, code)
        read = outcome_of("GET", status, code)
        assert read.kind is READ.get((status, code), EXPECTED[status, code])

    def test_the_recorded_batch() -> None:
        [recorded] = [answer for answer in ANSWERS if answer["what"].startswith("$batch, 7 POSTs")]
        writes: list[Write] = [Create("a@b.org", event_of(), mark()) for _ in range(7)]
        outcomes = read_answers(json.dumps(recorded["body"]).encode(), writes)
        kinds = [outcome.kind for outcome in outcomes]
        assert kinds == [Kind.UNKNOWN] * 5 + [Kind.NOT_DONE] + [Kind.UNKNOWN]
        assert outcomes[5].retry_after == 1.0

    def test_recorded_creates_are_done() -> None:
        created = [answer["body"] for answer in ANSWERS if answer["status"] == 201 and "id" in answer["body"]]
        assert created
        for body in created:
            raw = json.dumps({"responses": [{"id": "1", "status": 201, "body": body}]}).encode()
            [outcome] = read_answers(raw, [WRITES[0][0]])
            assert (outcome.kind, outcome.event_id) == (Kind.DONE, body["id"])
