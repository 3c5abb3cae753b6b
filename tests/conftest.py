"""Fixtures that every test may use: a storage account of its own on one Azurite, a town around the app, a last word."""

import base64
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.contracts import contract
from tests.local.azurite.process import ACCOUNT, KEY, start_azurite
from tests.town import Town

ACCOUNTS = 400
NUMBERS = "numbers"

type Tell = Callable[[str], None]


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


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Takes a line for the end of the run: the numbers that a test came to, whether it passed or not."""
    return lambda line: record_property(NUMBERS, line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Shows the lines, by test."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            lines = [value for key, value in getattr(report, "user_properties", ()) if key == NUMBERS]
            if lines and report.when == "call":
                terminalreporter.section(f"{report.nodeid.rpartition('::')[2]}: {report.duration:.0f} s", sep="-")
                for line in lines:
                    terminalreporter.line(line)
