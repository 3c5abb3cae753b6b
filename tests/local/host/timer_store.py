"""Timers' statuses and locks, kept between runs of the host and between hosts: a table of the app's storage."""

import contextlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

TABLE = "azurewebjobshosttimers"


@dataclass(frozen=True)
class Status:
    """When a timer last ran, when it is due next, and from when that was worked out."""

    last: datetime | None
    next: datetime
    updated: datetime


class TimerStore:
    """One row of status and one of lock per function; another app's functions of the same names have their own."""

    def __init__(self, service: TableServiceClient, host_id: str) -> None:
        self._table: TableClient = service.get_table_client(TABLE)
        self._me = str(uuid.uuid4())
        self._status, self._lock = f"{host_id}-status", f"{host_id}-lock"

    async def start(self) -> None:
        """Make the table if it is not there."""
        with contextlib.suppress(ResourceExistsError):
            await self._table.create_table()

    async def status(self, name: str) -> Status | None:
        """A timer's status; None if it never had one."""
        try:
            row = await self._table.get_entity(self._status, name)
        except ResourceNotFoundError:
            return None
        last = str(row["last"])
        return Status(_time(last) if last else None, _time(row["next"]), _time(row["updated"]))

    async def save(self, name: str, status: Status) -> None:
        """Replace a timer's status."""
        last = status.last.isoformat() if status.last else ""
        row = {"last": last, "next": status.next.isoformat(), "updated": status.updated.isoformat()}
        await self._upsert(self._status, name, row)

    async def acquire(self, name: str, lease: timedelta) -> bool:
        """Take or renew the lock of a timer; False if another host holds it."""
        until = (datetime.now(UTC) + lease).isoformat()
        row = {"PartitionKey": self._lock, "RowKey": name, "owner": self._me, "until": until}
        try:
            held = await self._table.get_entity(self._lock, name)
            if held["owner"] != self._me and _time(held["until"]) > datetime.now(UTC):
                return False
            await self._table.update_entity(
                row,
                mode=UpdateMode.REPLACE,
                etag=held.metadata["etag"],
                match_condition=MatchConditions.IfNotModified,
            )
        except ResourceNotFoundError:
            try:
                await self._table.create_entity(row)
            except HttpResponseError:
                return False
        except HttpResponseError as problem:
            if problem.status_code == 412:
                return False
            raise
        return True

    async def release(self, name: str) -> None:
        """Give the lock up, so that another host can have it at once."""
        await self._upsert(self._lock, name, {"owner": "", "until": datetime.now(UTC).isoformat()})

    async def _upsert(self, partition: str, name: str, row: dict[str, str]) -> None:
        await self._table.upsert_entity({"PartitionKey": partition, "RowKey": name, **row}, mode=UpdateMode.REPLACE)


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
