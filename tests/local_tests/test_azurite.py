"""Azurite as a context manager and as a piece: the three services answer, and nothing outlives its parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from tests.local.azurite import AzuriteError, start_azurite
from tests.local.azurite.process import GUARD, Azurite, node
from tests.local.pieces import ROOT, PieceError, piece, start


def _answers(connection_string: str) -> bool:
    with QueueServiceClient.from_connection_string(connection_string) as queues:
        queues.create_queue("a-queue").close()
        names = [queue.name for queue in queues.list_queues()]
    with TableServiceClient.from_connection_string(connection_string) as tables:
        tables.create_table("atable").create_entity({"PartitionKey": "p", "RowKey": "r"})
    return names == ["a-queue"]


def test_context_manager_gives_a_connection_string() -> None:
    with start_azurite() as connection_string:
        assert _answers(connection_string)


async def test_piece_prints_its_connection_string_and_stops_cleanly() -> None:
    async with piece("azurite") as azurite:
        assert await asyncio.to_thread(_answers, azurite.address)
        assert await azurite.stop() == 0


def test_sigint_ends_it_cleanly() -> None:
    async def run() -> int:
        async with piece("azurite") as azurite:
            os.kill(azurite.pid, signal.SIGINT)
            return await azurite.wait()

    assert asyncio.run(run()) == 0


async def test_port_in_use_is_an_error_that_says_so() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(PieceError, match=r"(?s)azurite ended with exit code 1.*EADDRINUSE"),
    ):
        await start("azurite", "--port", str(taken.getsockname()[1]))


def test_late_is_an_error() -> None:
    with pytest.raises(AzuriteError, match="not ready within 0 s"), start_azurite(deadline=0):
        pass


async def test_dies_with_a_killed_parent() -> None:
    code = "from tests.local.azurite.process import Azurite as A; a = A(0); a.connection_string(60); print(a.pid)"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", f"{code}; import time; time.sleep(60)"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await _gone(child)


def test_stopping_twice_is_harmless() -> None:
    azurite = Azurite(0)
    azurite.connection_string(60)
    azurite.stop()
    azurite.stop()


def test_its_sweep_of_message_texts_comes_once_an_hour() -> None:
    """It answers nobody while it sweeps."""
    manager = 'require("azurite/dist/src/queue/gc/QueueGCManager").default'
    interval = _told(f"console.log(new ({manager})(null, null, null, () => {{}}).gcIntervalInMS)")
    assert float(interval) == timedelta(hours=1) / timedelta(milliseconds=1)


def test_its_store_makes_no_index_anew_where_nothing_is_removed() -> None:
    """But removes what there is."""
    script = """
        const store = new (require("lokijs"))("a", { persistenceMethod: "memory" });
        const some = store.addCollection("b", { indices: ["c"] });
        some.insert([{ c: 1 }, { c: 2 }, { c: 3 }]);
        let made = 0;
        const make = some.ensureAllIndexes;
        some.ensureAllIndexes = function (...given) { made += 1; return make.apply(this, given); };
        some.remove([]);
        const before = made;
        some.remove(some.find({ c: { $lte: 2 } }));
        console.log(before, made, some.count());
    """
    assert _told(script) == "0 1 1"


def _told(script: str) -> str:
    """What a script prints in a Node that has the guard, and that ends when the guard sees its input end."""
    asked = subprocess.run(
        [node(), "--require", str(GUARD), "--eval", script],
        stdin=subprocess.PIPE,
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=True,
    )
    return asked.stdout.strip()


async def _gone(pid: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if _zombie(pid):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"process {pid} is still there")


def _zombie(pid: int) -> bool:
    """Dead, but its new parent (a container's first process) has not fetched its exit code."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
