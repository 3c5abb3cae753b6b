"""The journal: one record per HTTP request and per item of a batch."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.local.graph.answers import Answer, Json
from tests.local.graph.call import NO_BODY, UNREADABLE, Call

BATCH = "/$batch"
HEADERS = ("prefer", "client-request-id", "content-type", "if-match", "authorization")


@dataclass(slots=True)
class Record:
    """One request or item."""

    sequence: int
    at: datetime
    method: str
    path: str
    """After `/v1.0`, with the query, as it came."""
    mailbox: str | None
    """The mailbox's main address, or the name that was asked for where there is no such mailbox."""
    headers: dict[str, str]
    """Those of HEADERS that came; of a token only that there was one."""
    body: Any = None
    batch: int | None = None
    """Sequence of the batch's own record, for an item."""
    item: str | None = None
    """Id within the batch."""
    immutable_ids: bool = False
    """Whether it asked for immutable ids."""
    status: int = 0
    """0: not performed, or not yet."""
    code: str = ""
    """Graph's error code."""
    changed: bool = False
    """Whether a mailbox was changed by it, by now."""
    answered: bool = True
    """False: this answer reached nobody (a cut connection, or a batch whose answer was lost)."""
    late: bool = False
    """It takes effect, or took, after its answer or its connection had gone."""
    fault: str = ""
    """Name of the fault that struck it."""
    event_id: str = ""
    """Immutable id of the event it was about."""
    mail_to: tuple[str, ...] = ()
    """To whom Outlook would have sent mail."""

    @property
    def operation(self) -> bool:
        """Whether it is an operation of its own: all but batches' own requests."""
        return self.item is not None or self.path != BATCH

    def settle(self, answer: Answer) -> None:
        """Write down how it ended."""
        self.status, self.code, self.changed = answer.status, answer.code, answer.changed
        self.event_id, self.mail_to = answer.event_id, answer.mail_to

    def as_json(self) -> Json:
        """For reading over HTTP."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "mailbox": self.mailbox,
            "headers": self.headers,
            "body": self.body,
            "batch": self.batch,
            "item": self.item,
            "immutable_ids": self.immutable_ids,
            "status": self.status,
            "code": self.code,
            "changed": self.changed,
            "answered": self.answered,
            "late": self.late,
            "fault": self.fault,
            "event_id": self.event_id,
            "mail_to": list(self.mail_to),
            "operation": self.operation,
        }


@dataclass(slots=True)
class Counts:
    """Sums over the journal."""

    requests: int = 0
    """HTTP requests; a batch is one."""
    items: int = 0
    """Operations: plain requests and items of batches."""
    changed: int = 0
    """Operations that changed a mailbox."""
    unanswered: int = 0
    """HTTP requests whose connection was cut."""
    without_immutable_ids: int = 0
    """Operations that did not ask for immutable ids."""
    mails: int = 0
    """Messages to attendees that Outlook would have sent."""
    methods: dict[str, int] = field(default_factory=dict)
    """Operations by method."""
    mailboxes: dict[str, int] = field(default_factory=dict)
    """Operations by mailbox."""
    statuses: dict[str, int] = field(default_factory=dict)
    """Operations by status, `0` for those not performed."""
    codes: dict[str, int] = field(default_factory=dict)
    """Operations by error code."""

    def as_json(self) -> Json:
        """For reading over HTTP."""
        return {name: getattr(self, name) for name in Counts.__annotations__}


class Journal(Sequence[Record]):
    """All records, oldest first."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: Any) -> Any:
        return self._records[index]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def open(self, call: Call, at: datetime, mailbox: str | None, batch: Record | None = None) -> Record:
        """Begin the record of a call."""
        self._sequence += 1
        headers = {name: value for name in HEADERS if (value := call.headers.get(name)) is not None}
        if "authorization" in headers:
            headers["authorization"] = "present"
        record = Record(
            self._sequence,
            at,
            call.method,
            f"{call.path}?{call.query}" if call.query else call.path,
            mailbox,
            headers,
            None if call.body is NO_BODY or call.body is UNREADABLE else call.body,
            batch.sequence if batch else None,
            call.item,
            call.prefer.immutable_ids,
        )
        self._records.append(record)
        return record

    @property
    def operations(self) -> list[Record]:
        """The records of operations: without batches' own."""
        return [record for record in self._records if record.operation]

    def counts(self) -> Counts:
        """Count all there is."""
        operations = self.operations
        mailboxes = Counter(record.mailbox for record in operations if record.mailbox is not None)
        return Counts(
            requests=sum(record.item is None for record in self._records),
            items=len(operations),
            changed=sum(record.changed for record in operations),
            unanswered=sum(not record.answered for record in self._records if record.item is None),
            without_immutable_ids=sum(not record.immutable_ids for record in operations),
            mails=sum(len(record.mail_to) for record in operations if record.changed),
            methods=dict(Counter(record.method for record in operations)),
            mailboxes=dict(mailboxes),
            statuses=dict(Counter(str(record.status) for record in operations)),
            codes=dict(Counter(record.code for record in operations if record.code)),
        )

    def clear(self) -> None:
        """Forget all records; sequence numbers go on."""
        self._records.clear()
