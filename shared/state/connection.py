"""Where queues and tables are: `AzureWebJobsStorage`, as a connection string or as an identity's addresses.

Source: https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from shared.errors import SettingsError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.queue.aio import QueueClient, QueueServiceClient

TABLES = ("personmonths", "shiftevents", "schedules", "problems", "mappings")
QUEUES = (SCHEDULE_CHANGES, CALENDAR_CHANGES)

NAME = "AzureWebJobsStorage"
_DEVELOPMENT = "UseDevelopmentStorage=true"
_AZURITE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
    # Azurite's well-known key, the same on every machine: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)
_PATIENCE: dict[str, Any] = {
    "retry_total": 3,
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 3,
    "connection_timeout": 5,
    "read_timeout": 15,
    "use_env_settings": False,
}
"""Seconds. Far less in all than a lease: who cannot store must learn it in time. The environment's proxies and the
user's netrc are left alone: aiohttp would look for both, in a thread, at every request.
"""


@dataclass(frozen=True, slots=True)
class Connection:
    """An account, by connection string or by identity."""

    text: str = ""
    table_uri: str = ""
    queue_uri: str = ""
    client_id: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """From the environment. Raises SettingsError."""
        text = environment.get(NAME, "")
        if text.lower() == _DEVELOPMENT.lower():
            return cls(_AZURITE)
        if text and not {"accountkey", "sharedaccesssignature"} & {
            part.partition("=")[0].strip().lower() for part in text.split(";")
        }:
            raise SettingsError([f"{NAME}: is no connection string (AccountName=…;AccountKey=…;…)"])
        if text:
            return cls(text)
        table_uri = environment.get(f"{NAME}__tableServiceUri", "")
        queue_uri = environment.get(f"{NAME}__queueServiceUri", "")
        if table_uri and queue_uri:
            return cls("", table_uri, queue_uri, environment.get(f"{NAME}__clientId") or None)
        raise SettingsError(
            [f"{NAME}: is not set, nor are {NAME}__tableServiceUri and {NAME}__queueServiceUri, which take its place"]
        )


class Storage:
    """The clients of one account, made at their first use. One per event loop; `aclose` at the end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._closing = AsyncExitStack()
        self._credential: AsyncTokenCredential | None = None
        self._making = asyncio.Lock()
        self._made: set[str] = set()

    def queue(self, name: str) -> "QueueClient":
        """A queue whose messages are base64 text, as the Functions host wants them: it sends all others to poison."""
        from azure.storage.queue import TextBase64EncodePolicy

        return self.queues.get_queue_client(name, message_encode_policy=TextBase64EncodePolicy())

    async def create_if_missing(self) -> None:
        """Makes tables and queues where a connection string gives the right to; in Azure, Bicep has made them."""
        await self._make("tables", self._create_tables)
        await self.create_queues()

    async def create_queues(self) -> None:
        """The same for queues alone."""
        await self._make("queues", self._create_queues)

    async def _make(self, what: str, create: Callable[[], Awaitable[None]]) -> None:
        """Once per process."""
        if what in self._made or not self._connection.text:
            return
        async with self._making:
            if what not in self._made:
                await create()
                self._made.add(what)

    async def _create_tables(self) -> None:
        await asyncio.gather(*(self.tables.create_table_if_not_exists(name) for name in TABLES))

    async def _create_queues(self) -> None:
        await asyncio.gather(*(self._create_queue(name) for name in QUEUES))

    async def aclose(self) -> None:
        """Closes connections."""
        await self._closing.aclose()

    async def _create_queue(self, name: str) -> None:
        from azure.core.exceptions import ResourceExistsError

        try:
            await self.queues.create_queue(name)
        except ResourceExistsError:
            return

    def _identity(self) -> "AsyncTokenCredential":
        from azure.identity.aio import DefaultAzureCredential

        if self._credential is None:
            self._credential = DefaultAzureCredential(managed_identity_client_id=self._connection.client_id)
            self._closing.push_async_callback(self._credential.close)
        return self._credential

    @cached_property
    def tables(self) -> "TableServiceClient":
        """The account's tables."""
        from azure.data.tables.aio import TableServiceClient

        client = (
            TableServiceClient.from_connection_string(self._connection.text, **_PATIENCE)
            if self._connection.text
            else TableServiceClient(self._connection.table_uri, credential=self._identity(), **_PATIENCE)
        )
        self._closing.push_async_callback(client.close)
        return client

    @cached_property
    def queues(self) -> "QueueServiceClient":
        """The account's queues. Its clients send plain text: use `queue`."""
        from azure.storage.queue.aio import QueueServiceClient

        client = (
            QueueServiceClient.from_connection_string(self._connection.text, **_PATIENCE)
            if self._connection.text
            else QueueServiceClient(self._connection.queue_uri, credential=self._identity(), **_PATIENCE)
        )
        self._closing.push_async_callback(client.close)
        return client
