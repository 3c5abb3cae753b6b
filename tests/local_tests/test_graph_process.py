"""The Graph stand-in as a process of its own."""

import signal
import socket
from typing import Any

import pytest

from tests.local.graph.cli import main
from tests.local.graph.control import GraphControl
from tests.local.pieces import piece

ADA = "ada@example.org"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_that_it_is_ready_and_ends_when_told_to(number: signal.Signals) -> None:
    async with piece("graph", "--port", "0", "--mailbox", ADA, "--latency-ms", "1", "--require-token") as graph:
        async with GraphControl(graph.address) as control:
            assert [each.address for each in await control.mailboxes()] == [ADA]
            behaviour = await control.behaviour()
            assert (behaviour["latency"], behaviour["require_token"]) == (0.001, True)
        graph.process.send_signal(number)
        assert await graph.wait() == 0
        assert graph.tail == f"graph ready on {graph.address}"


def test_help_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--port" in capsys.readouterr().out


def test_a_port_that_is_taken_is_said(capsys: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "error: port" in capsys.readouterr().err
