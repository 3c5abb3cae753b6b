"""`python -m tests.local graph`: the stand-in for Microsoft Graph as a process of its own."""

import argparse
import asyncio
import gc
import signal
import sys

from tests.local.graph.behaviour import Behaviour
from tests.local.graph.simulator import GraphSimulator

COLLECTED_AFTER = (100_000, 20, 50)
"""Python looks so seldom for garbage among all that it keeps: with tens of thousands of events that takes a third of a
second, in which Graph would answer."""


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0; 1 if the port is taken."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.local graph",
        description="A stand-in for Microsoft Graph's calendars on 127.0.0.1: /v1.0 as Graph, /_sim to control it "
        "(GET /_sim lists how), /calendar to look at calendars.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default 0: a free one)")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random (default 0)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="time that every operation takes (default 0)")
    parser.add_argument(
        "--mailbox", action="append", default=[], metavar="ADDRESS", help="make this mailbox (may be repeated)"
    )
    parser.add_argument("--any-mailbox", action="store_true", help="make a mailbox for every address that is asked for")
    parser.add_argument("--require-token", action="store_true", help="answer 401 to requests without a bearer token")
    options = parser.parse_args(arguments)
    behaviour = Behaviour(
        latency=options.latency_ms / 1000, any_mailbox=options.any_mailbox, require_token=options.require_token
    )
    simulator = GraphSimulator(seed=options.seed, behaviour=behaviour)
    simulator.add_mailboxes(*options.mailbox)
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        asyncio.run(_serve(simulator, options.port))
    except OSError as error:
        print(f"error: port {options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


async def _serve(simulator: GraphSimulator, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with simulator.serve(port) as server:
        print(f"graph ready on {server.url}", flush=True)
        await stop.wait()
