"""`python -m tests.local lightning-bolt`: the stand-in as a process of its own."""

import argparse
import asyncio
import signal
from pathlib import Path

from pydantic import TypeAdapter

from tests.local.lightning_bolt.model import Setup
from tests.local.lightning_bolt.server import LightningBolt


def main(arguments: list[str]) -> int:
    """Runs until SIGTERM or SIGINT; then 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.local lightning-bolt",
        description="Lightning Bolt's stand-in on 127.0.0.1. Control: POST /_sim/<verb>.",
    )
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--time-zone", default="America/Chicago", help="of the organisation's wall clock")
    parser.add_argument("--client-id", default="local")
    parser.add_argument("--client-secret", default="local-secret")
    parser.add_argument("--callback", help="address that each publish is announced to")
    parser.add_argument("--callback-key", help="sent there as x-functions-key")
    parser.add_argument("--callback-secret", help="signs what is sent there")
    parser.add_argument("--load", type=Path, help="JSON of a whole Lightning Bolt (model.Setup), all of it drafts")
    options = parser.parse_args(arguments)
    simulator = LightningBolt(options.port, options.time_zone)
    simulator.records.set_account(options.client_id, options.client_secret)
    simulator.announce_to(options.callback, options.callback_key, options.callback_secret)
    if options.load:
        simulator.world.load(TypeAdapter(Setup).validate_json(options.load.read_bytes()))
    asyncio.run(_serve(simulator))
    return 0


async def _serve(simulator: LightningBolt) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with simulator:
        print(f"lightning-bolt ready on {simulator.url}", flush=True)
        await stop.wait()
