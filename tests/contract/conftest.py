"""Both stores behind one fixture: each test of the suite runs on either."""

from collections.abc import AsyncIterator

import pytest

from shared.state.connection import Connection, Storage
from tests.contract.accounts import Account, AzuriteAccount, MemoryAccount


@pytest.fixture(params=["memory", "azurite"])
async def account(request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    """An empty account of either kind."""
    if request.param == "memory":
        yield MemoryAccount()
        return
    storage = Storage(Connection(request.getfixturevalue("storage")))
    await storage.create_if_missing()
    try:
        yield AzuriteAccount(storage)
    finally:
        await storage.aclose()


@pytest.fixture
async def azurite_account(storage: str) -> AsyncIterator[AzuriteAccount]:
    """An empty account on Azurite, for what is about the wire."""
    clients = Storage(Connection(storage))
    await clients.create_if_missing()
    try:
        yield AzuriteAccount(clients)
    finally:
        await clients.aclose()
