"""What a table can do, whichever store it is: rows by partition, and transactions within one partition."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

type Value = str | int | bool
"""What a property may hold here. Times are ISO text; `""` stands for none, because a merge cannot take away."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read."""

    partition: str
    row: str
    values: Mapping[str, Value]
    etag: str
    stored_at: datetime
    """Storage's time of its last change."""


@dataclass(frozen=True, slots=True)
class Write:
    """One operation of a transaction."""

    kind: Literal["insert", "merge", "replace", "delete"]
    """`insert`: refused where the row exists. `delete`: where there is none. The others, without an etag: never."""
    row: str
    values: Mapping[str, Value] = field(default_factory=dict)
    etag: str | None = None
    """Refused unless the row still has it."""


class Table(Protocol):
    """One table."""

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """One row, and storage's time of the answer."""

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """A partition's rows in order of their keys, and storage's time of the (first) answer."""

    def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """Every row of the table, page by page."""

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """All or nothing. Returns storage's time and the new etags (empty of a delete), in order.

        At most 100 writes and 4 MiB. Raises PreconditionError where a row's etag or absence no longer holds.
        """
