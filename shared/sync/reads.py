"""What the engine remembers of reads, of access and of operators, as values: rows of `schedules` without their form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.month import Month


@dataclass(frozen=True, slots=True)
class ScheduleOwner:
    """Which view answers for a schedule: the first in settings' order whose answer lists it."""

    schedule: str
    name: str
    view: int
    listed: bool
    """Whether the view's last answer listed it."""
    etag: str


@dataclass(frozen=True, slots=True)
class MonthReads:
    """What is known of a view's reads of one month."""

    asked: datetime | None = None
    """When it was last asked for."""
    finished: datetime | None = None
    """When the last finished read of it started."""
    unreadable: int = 0
    """Rows that that read could not understand."""
    holds: tuple[str, ...] = ()
    """In words, the holds on the view's schedules that month."""
    problems: str = ""
    """Digest of what is reported of it."""
    mappings: str = ""
    """Digest of the mappings that it showed."""
    refusal: str = ""
    """Why the last read gave nothing to use; empty where it did."""
    again_at: datetime | None = None
    """The latest repeat that is on its way."""


@dataclass(frozen=True, slots=True)
class GraphAccess:
    """What is known of our access to Graph."""

    witnesses: tuple[str, ...] = ()
    """Mailboxes that accepted lately, the latest first."""
    refusal: str = ""
    """Status and code of the last refusal of the installation itself; empty once a mailbox has accepted again."""
    trouble: str = ""
    """Why Graph gave no answer to the last request that got none; empty once a mailbox has accepted again."""
    noted_at: datetime | None = field(default=None, compare=False)
    """When this was last stored, by storage's clock."""


@dataclass(frozen=True, slots=True)
class DueWork:
    """What a sweep of a view found still to be done."""

    count: int
    """Person-months that a writer should work on."""
    oldest: datetime
    """Since when the oldest of them has been due; `noted_at`, where nothing was."""
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operator did."""

    at: datetime
    who: str
    """The object id that Entra gives, or which kind of key; never a name."""
    verb: str
    about: Mapping[str, str]
    """What it was done to: ids, months and counts."""


@dataclass(slots=True)
class ReaderState:
    """The row that one reader per view holds a lease on: its own copy, changed in place and stored under the lease."""

    view: int
    etag: str | None = None
    owner: str | None = None
    leased_at: datetime | None = None
    number: int = 0
    """Raised by whoever takes over an expired lease; the heads of what it reads are brought to it (rule 3)."""


@dataclass(slots=True)
class ViewReads:
    """What is known of a view's reads, and of who answers for which schedule; by storage's clock."""

    now: datetime
    reader: ReaderState
    months: dict[Month, MonthReads]
    owners: dict[str, ScheduleOwner]
    """Of every known schedule."""
    due: DueWork | None = None
    """Of the view's last sweep."""
    installation: str | None = None
    """The id that calendars were last written under; None: none is noted."""

    def of(self, month: Month) -> MonthReads:
        """Of one month."""
        return self.months.get(month, MonthReads())
