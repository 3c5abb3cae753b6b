"""The error table, line by line: DESIGN.md's and FACTS.md's."""

import pytest

from shared.outlook.outcome import Kind, Method, outcome_of, outcome_of_batch, seconds_to_wait

DONE, GONE, NOT_DONE, UNKNOWN = Kind.DONE, Kind.GONE, Kind.NOT_DONE, Kind.UNKNOWN
DUPLICATE, EVENT, MAILBOX = Kind.DUPLICATE, Kind.EVENT_REFUSED, Kind.MAILBOX_REFUSED
NO_MAILBOX, OURS = Kind.MAILBOX_GONE, Kind.INSTALLATION_REFUSED

METHODS: tuple[Method, ...] = ("POST", "PATCH", "DELETE", "GET")
TABLE: list[tuple[int | None, str, tuple[Kind, Kind, Kind, Kind]]] = [
    # status, code: create, update, delete, read
    (400, "ErrorInvalidRequest", (EVENT, EVENT, EVENT, MAILBOX)),
    (400, "TimeZoneNotSupportedException", (EVENT, EVENT, EVENT, MAILBOX)),
    (400, "ErrorInvalidIdMalformed", (EVENT, EVENT, EVENT, MAILBOX)),
    (400, "", (EVENT, EVENT, EVENT, MAILBOX)),
    (400, "ErrorDuplicateTransactionId", (DUPLICATE, EVENT, EVENT, MAILBOX)),
    (409, "ErrorDuplicateTransactionId", (DUPLICATE, NOT_DONE, NOT_DONE, NOT_DONE)),
    (401, "InvalidAuthenticationToken", (OURS, OURS, OURS, OURS)),
    (401, "", (OURS, OURS, OURS, OURS)),
    (403, "ErrorAccessDenied", (MAILBOX, MAILBOX, MAILBOX, MAILBOX)),
    (403, "ErrorCannotDeleteObject", (EVENT, EVENT, DONE, MAILBOX)),
    (403, "ErrorQuotaExceeded", (MAILBOX, MAILBOX, MAILBOX, MAILBOX)),
    (403, "ErrorWhateverElse", (EVENT, EVENT, EVENT, MAILBOX)),
    (403, "", (EVENT, EVENT, EVENT, MAILBOX)),
    (404, "ErrorItemNotFound", (MAILBOX, GONE, DONE, MAILBOX)),
    (404, "MailboxNotEnabledForRESTAPI", (NO_MAILBOX,) * 4),
    (404, "ErrorInvalidUser", (NO_MAILBOX,) * 4),
    (404, "Request_ResourceNotFound", (NO_MAILBOX,) * 4),
    (404, "ErrorWhateverElse", (MAILBOX, GONE, UNKNOWN, MAILBOX)),
    (404, "", (UNKNOWN, GONE, UNKNOWN, UNKNOWN)),
    (409, "ErrorIrresolvableConflict", (NOT_DONE,) * 4),
    (409, "ConcurrentItemSave", (NOT_DONE,) * 4),
    (412, "ErrorIrresolvableConflict", (NOT_DONE,) * 4),
    (423, "", (NOT_DONE,) * 4),
    (424, "FailedDependency", (NOT_DONE,) * 4),
    (429, "ApplicationThrottled", (NOT_DONE,) * 4),
    (429, "TooManyRequests", (NOT_DONE,) * 4),
    (429, "", (NOT_DONE,) * 4),
    (408, "", (UNKNOWN,) * 4),
    (413, "", (EVENT, EVENT, EVENT, MAILBOX)),
    (500, "ErrorInternalServerError", (UNKNOWN,) * 4),
    (503, "ConcurrentItemSave", (UNKNOWN,) * 4),
    (503, "", (UNKNOWN,) * 4),
    (507, "ErrorQuotaExceeded", (MAILBOX,) * 4),
    (507, "", (UNKNOWN,) * 4),
    (302, "", (UNKNOWN,) * 4),
    (202, "", (UNKNOWN,) * 4),
    (0, "", (UNKNOWN,) * 4),
    (None, "", (UNKNOWN,) * 4),
]
CASES = [
    pytest.param(method, status, code, kind, id=f"{method} {status} {code}")
    for status, code, kinds in TABLE
    for method, kind in zip(METHODS, kinds, strict=True)
]


@pytest.mark.parametrize(("method", "status", "code", "kind"), CASES)
def test_every_line(method: Method, status: int | None, code: str, kind: Kind) -> None:
    outcome = outcome_of(method, status, code)
    assert (outcome.kind, outcome.status, outcome.code) == (kind, status, code)
    assert outcome.event_id is None
    assert outcome_of(method, status, code.lower()).kind is kind


@pytest.mark.parametrize(
    ("method", "status", "event_id", "kind", "kept"),
    [
        ("POST", 201, "AAMk", DONE, "AAMk"),
        ("POST", 200, "AAMk", DONE, "AAMk"),
        ("POST", 201, None, UNKNOWN, None),
        ("POST", 201, "", UNKNOWN, None),
        ("POST", 204, "AAMk", UNKNOWN, None),
        ("PATCH", 200, "AAMk", DONE, "AAMk"),
        ("PATCH", 204, "AAMk", DONE, "AAMk"),
        ("PATCH", 201, "AAMk", UNKNOWN, None),
        ("DELETE", 204, None, DONE, None),
        ("DELETE", 200, "AAMk", DONE, None),
        ("DELETE", 201, None, UNKNOWN, None),
        ("GET", 200, None, DONE, None),
        ("GET", 204, None, UNKNOWN, None),
    ],
)
def test_successes(method: Method, status: int, event_id: str | None, kind: Kind, kept: str | None) -> None:
    outcome = outcome_of(method, status, event_id=event_id)
    assert (outcome.kind, outcome.event_id) == (kind, kept)


def test_a_duplicate_may_name_the_event() -> None:
    assert outcome_of("POST", 400, "ErrorDuplicateTransactionId", event_id="AAMk").event_id == "AAMk"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "ApplicationThrottled", NOT_DONE),
        (409, "", NOT_DONE),
        (424, "", NOT_DONE),
        (401, "InvalidAuthenticationToken", OURS),
        (403, "ErrorAccessDenied", OURS),  # not a mailbox's: a batch is nobody's
        (404, "ErrorItemNotFound", OURS),
        (405, "", OURS),
        (400, "BadRequest", EVENT),
        (413, "", EVENT),
        (408, "", UNKNOWN),
        (500, "", UNKNOWN),
        (503, "MailboxInfoStale", UNKNOWN),
        (507, "ErrorQuotaExceeded", UNKNOWN),
        (204, "", UNKNOWN),
        (302, "", UNKNOWN),
    ],
)
def test_a_batch_that_fails_as_a_whole(status: int, code: str, kind: Kind) -> None:
    outcome = outcome_of_batch(status, code, "7", None)
    assert (outcome.kind, outcome.status, outcome.code, outcome.retry_after) == (kind, status, code, 7.0)


DATE = "Tue, 30 Jun 2026 16:14:48 GMT"


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("1", None, 1.0),
        ("0", None, 0.0),
        (" 12 ", None, 12.0),
        ("3.517", None, 3.517),
        (3.5, None, 3.5),
        (4, None, 4.0),
        ("-5", None, 0.0),
        ("1e300", None, 86_400.0),
        ("Tue, 30 Jun 2026 16:14:58 GMT", DATE, 10.0),
        ("Tue, 30 Jun 2026 16:14:58 -0000", DATE, 10.0),
        ("Tue, 30 Jun 2026 18:14:58 +0200", DATE, 10.0),
        ("Tue, 30 Jun 2026 16:14:38 GMT", DATE, 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DATE, 86_400.0),
        ("Tue, 30 Jun 2026 16:14:58 GMT", None, None),
        ("Tue, 30 Jun 2026 16:14:58 GMT", "yesterday", None),
        ("soon", DATE, None),
        ("", DATE, None),
        ("nan", None, None),
        ("inf", None, None),
        (True, None, None),
        (None, DATE, None),
    ],
)
def test_retry_after(header: str | float | None, date: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, date) == seconds
    assert outcome_of("POST", 429, "TooManyRequests", retry_after=header, date=date).retry_after == seconds
