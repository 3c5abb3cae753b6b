"""How we show Graph who we are: tokens of a managed identity, asked for without stopping the event loop.

Source: https://learn.microsoft.com/python/api/overview/azure/identity-readme
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

type CredentialFactory = Callable[[], "AsyncTokenCredential"]

_TALKATIVE = ("httpx", "httpcore", "azure", "msal", "urllib3", "hpack", "kiota_http", "msgraph_core")


class NoTokenError(Exception):
    """No token could be had, so nothing was sent. Says which error it was, and nothing of its text."""


def default_credential() -> "AsyncTokenCredential":
    """The managed identity in Azure (`AZURE_CLIENT_ID` names a user-assigned one), a developer's sign-in elsewhere."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential()


def scope_of(url: str) -> str:
    """The scope of the cloud that an address belongs to: a token is never good for any other host.

    `https://graph.microsoft.com/.default`, and the same form for the national clouds.
    Source: https://learn.microsoft.com/graph/deployments
    """
    return f"https://{urlsplit(url).hostname}/.default"


class Tokens:
    """A credential whose tokens can be thrown away: Graph may refuse one that, by its date, is still good.

    azure-identity keeps tokens inside the credential and has no call to drop them (a managed identity's ignores
    claims), so a new credential takes the old one's place. One per event loop.
    """

    def __init__(self, make: CredentialFactory) -> None:
        self._make = make
        self._credential: AsyncTokenCredential | None = None
        self._lock = asyncio.Lock()
        self.generation = 0
        """Counts renewals: who was refused names the generation whose token it had sent."""

    async def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """A token, kept or new. Raises NoTokenError."""
        from azure.core.exceptions import AzureError

        async with self._lock:
            try:
                self._credential = self._credential or self._make()
                return await self._credential.get_token(*scopes, **options)
            except (AzureError, ValueError) as error:
                raise NoTokenError(type(error).__name__) from None

    async def renew(self, generation: int) -> None:
        """Throws the tokens of that generation away; does nothing if somebody else has already."""
        async with self._lock:
            if generation == self.generation:
                self.generation += 1
                await self._drop()

    async def close(self) -> None:
        """Closes the credential's own connections."""
        async with self._lock:
            await self._drop()

    async def __aenter__(self) -> "Tokens":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _drop(self) -> None:
        credential, self._credential = self._credential, None
        if credential is not None:
            await credential.close()


def quiet_loggers() -> None:
    """Keeps libraries from logging addresses at INFO: Graph's hold mailboxes' names (rule 10). Call once at start."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
