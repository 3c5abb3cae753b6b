"""`python -m tests.local host`: an app on this machine, with the settings of this process's environment.

SIGTERM or SIGINT drains: no message is fetched any more, and what is at work ends and is deleted. Ctrl-C once more
ends it at once.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from tests.local.host.errors import HostError
from tests.local.host.keys import Keys
from tests.local.host.logs import log_to
from tests.local.host.run import ROOT, Host, Options


def main(arguments: list[str]) -> NoReturn:
    """Run the host until it is told to stop; ends the process itself, without clean-up by the app, as in Azure."""
    parser = argparse.ArgumentParser(prog="python -m tests.local host", description=__doc__)
    parser.add_argument("--app", type=Path, default=ROOT / "function_app.py", help="the app's function_app.py")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--key", default="local", help="function key, sent as x-functions-key or ?code=")
    parser.add_argument("--master-key", help="opens /admin as well (default: the function key)")
    parser.add_argument("--hold-seconds", type=int, default=600, help="how long a message at work stays hidden")
    parser.add_argument("--timer-lease-seconds", type=float, default=60, help="how long a killed host's timers rest")
    parser.add_argument("--grace-seconds", type=float, default=3600, help="how long a drain may last")
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one, as instances of Flex Consumption run one or a group (may be repeated; default: all)",
    )
    parser.add_argument("--log", type=Path, help="a file in place of standard error")
    options = parser.parse_args(arguments)
    if options.hold_seconds < 1:
        parser.error("--hold-seconds must be at least 1")
    log_to(options.log)
    code = asyncio.run(
        _run(
            Options(
                app=options.app.resolve(),
                port=options.port,
                keys=Keys(options.key, options.master_key or options.key),
                hold_seconds=options.hold_seconds,
                timer_lease=timedelta(seconds=options.timer_lease_seconds),
                functions=options.function,
            ),
            options.grace_seconds,
        )
    )
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _run(options: Options, grace: float) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _signalled, number, stopping)
    try:
        host = Host(options, os.environ)
        await host.start()
    except HostError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    print(f"host ready on {host.address}", flush=True)
    failing = asyncio.create_task(host.failed())
    await asyncio.wait((asyncio.create_task(stopping.wait()), failing), return_when=asyncio.FIRST_COMPLETED)
    if failing.done():
        print(f"error: {failing.result()}", file=sys.stderr)
        return 1
    try:
        await host.drained(grace)
    except TimeoutError:
        print("error: what was at work did not end in time", file=sys.stderr)
        return 1
    return 0


def _signalled(number: signal.Signals, stopping: asyncio.Event) -> None:
    if stopping.is_set() and number is signal.SIGINT:
        os._exit(1)
    stopping.set()
