"""The storage account that the app's settings name."""

import logging
from collections.abc import Mapping

from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from tests.local.azurite.process import ACCOUNT, KEY
from tests.local.host.errors import HostError

DEVELOPMENT = (
    f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
    f"BlobEndpoint=http://127.0.0.1:10000/{ACCOUNT};QueueEndpoint=http://127.0.0.1:10001/{ACCOUNT};"
    f"TableEndpoint=http://127.0.0.1:10002/{ACCOUNT};"
)
"""What `UseDevelopmentStorage=true` stands for."""

_quiet = logging.getLogger("host.storage")  # the host's own requests are not the app's, whose SDK logs each at INFO
_quiet.setLevel(logging.WARNING)


def connection_string(settings: Mapping[str, str], connection: str) -> str:
    """The connection string of a trigger's `connection`; raises HostError if it is not set, or is something else."""
    name = next((name for name in (f"AzureWebJobs{connection}", connection) if settings.get(name)), None)
    if name is None:
        raise HostError(
            f"{connection} is not set; the stand-in takes a connection string or UseDevelopmentStorage=true there "
            "(not the identity form with __queueServiceUri)"
        )
    value = settings[name].strip()
    if value.rstrip(";").lower() == "usedevelopmentstorage=true":
        return DEVELOPMENT
    if "AccountName=" not in value and "QueueEndpoint=" not in value:
        raise HostError(f"{name} is neither a connection string nor UseDevelopmentStorage=true")
    return value


def queue_service(connection: str) -> QueueServiceClient:
    """A client whose messages are the text that is stored; it tries thrice, a second or two apart."""
    return QueueServiceClient.from_connection_string(
        connection,
        logger=_quiet,
        retry_total=2,
        initial_backoff=1,
        increment_base=1,
        random_jitter_range=0,
        use_env_settings=False,
    )


def table_service(connection: str) -> TableServiceClient:
    """A client for the host's own table."""
    return TableServiceClient.from_connection_string(connection, logger=_quiet)
