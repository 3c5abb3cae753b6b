"""Pieces as child processes: ready lines, deadlines, clear errors, and no orphans."""

import asyncio
import os
import re
import signal
import sys
import time

import pytest

from tests.local.__main__ import PIECES, main
from tests.local.pieces import ROOT, PieceError, environment_of, piece, start


def test_unknown_piece_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert main([]) == 2
    assert "unknown piece 'nonsense'" in capsys.readouterr().err


def test_help_lists_every_piece(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in PIECES if f"  {name} " not in shown] == []


async def test_ended_before_ready_gives_the_code_and_the_end_of_its_errors() -> None:
    with pytest.raises(PieceError, match=r"(?s)nonsense ended with exit code 2.*unknown piece 'nonsense'"):
        await start("nonsense")


async def test_late_is_killed() -> None:
    with pytest.raises(PieceError, match=r"azurite was not ready within 0\.01 s"):
        await start("azurite", deadline=0.01)


async def test_killed() -> None:
    async with piece("azurite") as azurite:
        assert azurite.running
        assert await azurite.kill() == -9
        assert not azurite.running


def test_inherits_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "somebody's own")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert environment_of({"GIVEN": "1"}).items() >= {("GIVEN", "1"), ("HOME", "/home/somebody")}
    assert "AzureWebJobsStorage" not in environment_of(None)


async def test_piece_and_its_child_die_with_a_killed_parent() -> None:
    code = (
        "import asyncio; from tests.local.pieces import piece\n"
        "async def main():\n"
        "    async with piece('azurite') as azurite:\n"
        "        print(azurite.address)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", code), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)/", (await parent.stdout.readline()).decode())]
    assert [await _listening(port) for port in ports] == [True, True, True]
    parent.kill()
    await parent.wait()
    end = time.monotonic() + 10
    while any([await _listening(port) for port in ports]):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def _listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


async def test_ended_by_itself_is_an_error_that_shows_what_it_wrote() -> None:
    azurite = await start("azurite")
    os.kill(azurite.pid, signal.SIGKILL)
    await azurite.process.wait()
    with pytest.raises(PieceError, match=r"azurite ended by itself with exit code -9; it wrote last:\nazurite ready"):
        await azurite.leave()
