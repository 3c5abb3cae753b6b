"""Fixtures that every test may use: a storage account of its own on one Azurite, and a town around the app."""

import base64
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contracts import contract
from tests.local.azurite.process import ACCOUNT, KEY, start_azurite
from tests.town import Town

ACCOUNTS = 400


def pytest_report_header() -> str:
    """Says whether the other sides' contracts are held to."""
    if contract("graph-event.schema.json"):
        return "contracts: beside this checkout; the tests that hold the stand-ins to them run"
    return "contracts: NOT beside this checkout; the tests that hold the stand-ins to them are left out"


@pytest.fixture(scope="session")
def azurite() -> Iterator[Iterator[str]]:
    """Connection strings of fresh, empty storage accounts, one after the other."""
    names = [f"account{number}" for number in range(ACCOUNTS)]
    key = base64.b64encode(secrets.token_bytes(64)).decode()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AZURITE_ACCOUNTS", ";".join([f"{ACCOUNT}:{KEY}", *(f"{name}:{key}" for name in names)]))
        with start_azurite() as connection:
            yield iter([connection.replace(ACCOUNT, name).replace(KEY, key) for name in names])


@pytest.fixture
def storage(azurite: Iterator[str]) -> str:
    """The connection string of an empty storage account."""
    return next(azurite)


@pytest.fixture
async def town(storage: str) -> AsyncIterator[Town]:
    """Lightning Bolt, Graph and storage on this machine, and the app between them."""
    async with Town.open(storage) as opened:
        yield opened
