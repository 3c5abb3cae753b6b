"""The recordings, each made once for all tests that ask for it."""

from collections.abc import Iterator

import pytest

from tests.telemetry.recording import Recording
from tests.telemetry.recordings import RUNS, Recorded, record, record_no_read
from tests.telemetry.rows import Tables
from tests.telemetry.workspace import Workspace

NO_READ = "no_read"


class Recordings:
    """Recordings by name: those of `recordings.RUNS`, and `no_read`."""

    def __init__(self, storages: Iterator[str]) -> None:
        self._storages = storages
        self._made: dict[str, Recorded] = {}
        self._no_read: Tables | None = None
        self._workspaces: dict[str, Workspace] = {}

    async def of(self, name: str) -> Recording:
        """What a run exported."""
        return (await self._record(name)).recording

    async def tables(self, name: str) -> Tables:
        """The same as rows of Application Insights' tables."""
        if name != NO_READ:
            return (await self._record(name)).tables
        if self._no_read is None:
            self._no_read = await record_no_read(self._storages)
        return self._no_read

    async def workspace(self, name: str) -> Workspace:
        """The same, to be queried."""
        if name not in self._workspaces:
            self._workspaces[name] = Workspace(await self.tables(name))
        return self._workspaces[name]

    async def _record(self, name: str) -> Recorded:
        if name not in self._made:
            self._made[name] = await record(RUNS[name], next(self._storages))
        return self._made[name]


@pytest.fixture(scope="session")
def recordings(azurite: Iterator[str]) -> Recordings:
    """All recordings."""
    return Recordings(azurite)
