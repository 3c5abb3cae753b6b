"""`python -m tests.local azurite`: Azurite alone, until SIGTERM or SIGINT."""

import argparse
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from tests.local.azurite.process import Azurite, AzuriteError


def main(arguments: list[str]) -> int:
    """Run Azurite until it is told to stop (0) or fails (1)."""
    parser = argparse.ArgumentParser(prog="python -m tests.local azurite", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="blob's port; queue and table take the next two (0: free)")
    options = parser.parse_args(arguments)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _leave)
    try:
        azurite = Azurite(options.port)
        try:
            print(f"azurite ready on {azurite.connection_string(deadline=60)}", flush=True)
            while not azurite.ended():
                time.sleep(0.2)
            raise AzuriteError(f"Azurite ended by itself:\n{azurite.tail()}")
        finally:
            azurite.stop()
    except AzuriteError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Unwind to the end; a second signal does not disturb that."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    sys.exit(0)
