"""Azure Table Storage behind `Table`."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import EntityProperty, TableEntity, TransactionOperation, UpdateMode
from azure.data.tables.aio import TableClient

from shared.errors import PreconditionError
from shared.state.table import Row, Value, Write

_REFUSED = (404, 409, 412)
"""Not found (a row to be changed is gone), exists already, etag no longer stands."""


class AzureTable:
    """One table of a storage account (or of Azurite)."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """See Table."""
        clock = _Clock()
        handled = sys.exception()
        try:
            entity = await self._client.get_entity(partition, row, raw_response_hook=clock.hear)
        except ResourceNotFoundError as error:
            if _code(error) == "TableNotFound":
                raise
            _let_go(error, handled)
            return clock.time, None
        return clock.time, _row(entity)

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """See Table."""
        clock = _Clock()
        pages = self._client.query_entities(
            "PartitionKey eq @partition",
            parameters={"partition": partition},
            select=None if select is None else ["PartitionKey", "RowKey", "Timestamp", *select],
            raw_response_hook=clock.hear,
        )
        rows = [_row(entity) async for entity in pages]
        return clock.time, rows

    async def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """See Table."""
        async for entity in self._client.list_entities(select=["PartitionKey", "RowKey", "Timestamp", *select]):
            yield _row(entity)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """See Table."""
        clock = _Clock()
        operations = [_operation(partition, write) for write in writes]
        try:
            if len(operations) == 1:
                done = [await self._single(operations[0], clock)]
            else:
                done = await self._client.submit_transaction(operations, raw_response_hook=clock.hear)
        except HttpResponseError as error:
            if error.status_code in _REFUSED and _code(error) != "TableNotFound":
                raise PreconditionError(f"{self._client.table_name}: {_code(error)}") from None
            raise
        return clock.time, [str(answer.get("etag", "")) for answer in done]

    async def _single(self, write: Any, clock: "_Clock") -> Mapping[str, Any]:
        """One write by itself: the same as a transaction of one, whose MIME parts take most of its computing."""
        operation, entity, options = write
        if operation is TransactionOperation.CREATE:
            return await self._client.create_entity(entity, raw_response_hook=clock.hear)
        if operation is TransactionOperation.UPSERT:
            return await self._client.upsert_entity(entity, **options, raw_response_hook=clock.hear)
        if operation is TransactionOperation.UPDATE:
            return await self._client.update_entity(entity, **options, raw_response_hook=clock.hear)
        (answer,) = await self._client.submit_transaction([write], raw_response_hook=clock.hear)
        return answer


class _Clock:
    """Hears storage's time: the `Date` of the first answer to a call."""

    def __init__(self) -> None:
        self._heard: datetime | None = None

    def hear(self, answer: Any) -> None:
        """Takes an answer of azure-core's pipeline."""
        date = answer.http_response.headers.get("Date")
        if self._heard is None and date:
            self._heard = parsedate_to_datetime(date)

    @property
    def time(self) -> datetime:
        """Raises RuntimeError where storage did not tell the time: no rule may rest on another clock."""
        if self._heard is None:
            raise RuntimeError("storage's answer has no Date header")
        return self._heard


def _row(entity: TableEntity) -> Row:
    etag, stored_at = (
        entity.metadata["etag"],
        entity.metadata["timestamp"],
    )  # of a class that knows a tenth of a microsecond; ours need not
    if etag is None or stored_at is None:
        raise RuntimeError("storage's answer has no etag or timestamp")
    return Row(
        partition=entity["PartitionKey"],
        row=entity["RowKey"],
        values={
            name: value.value if isinstance(value, EntityProperty) else value
            for name, value in entity.items()
            if name not in ("PartitionKey", "RowKey", "Timestamp")
            and value is not None  # Azure: selected, but not there
        },
        etag=etag,
        stored_at=datetime.fromtimestamp(stored_at.timestamp(), UTC),
    )


def _let_go(error: BaseException | None, handled: BaseException | None) -> None:
    """Of the frames. The SDK leaves a circle of them and the error, which holds whatever callers have in hand (of a
    planner, a whole month) until the collector comes. `handled`: what a caller was handling before; its own are kept.
    """
    while error is not None and error is not handled:
        error.__traceback__, error = None, error.__context__


def _code(error: HttpResponseError) -> str:
    return str(getattr(error, "error_code", ""))


def _operation(partition: str, write: Write) -> Any:
    entity: dict[str, Value] = {"PartitionKey": partition, "RowKey": write.row, **write.values}
    conditions: dict[str, object] = {}
    if write.etag is not None:
        conditions = {"etag": write.etag, "match_condition": MatchConditions.IfNotModified}
    return _OPERATIONS[write.kind, write.etag is not None](entity, conditions)


def _update(
    mode: UpdateMode, operation: TransactionOperation
) -> Callable[[Mapping[str, Value], dict[str, object]], Any]:
    return lambda entity, conditions: (operation, entity, {"mode": mode, **conditions})


_OPERATIONS: dict[tuple[str, bool], Callable[[Mapping[str, Value], dict[str, object]], Any]] = {
    ("insert", False): lambda entity, conditions: (TransactionOperation.CREATE, entity, conditions),
    ("merge", False): _update(UpdateMode.MERGE, TransactionOperation.UPSERT),
    ("merge", True): _update(UpdateMode.MERGE, TransactionOperation.UPDATE),
    ("replace", False): _update(UpdateMode.REPLACE, TransactionOperation.UPSERT),
    ("replace", True): _update(UpdateMode.REPLACE, TransactionOperation.UPDATE),
    ("delete", False): lambda entity, conditions: (TransactionOperation.DELETE, entity, conditions),
    ("delete", True): lambda entity, conditions: (TransactionOperation.DELETE, entity, conditions),
}
