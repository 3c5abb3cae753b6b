"""`python -m tests.local NAME …`: one local stand-in, or the demo, as a process of its own.

Each prints one line when it is ready and stops cleanly on SIGTERM or SIGINT. `--help` after a name lists its options.
"""

import importlib
import os
import signal
import sys
import threading

PIECES = {
    "azurite": "Microsoft's storage emulator: blobs, queues, tables",
    "lightning-bolt": "Lightning Bolt: token endpoint, viewerapi, publish callback",
    "graph": "Microsoft Graph: calendars, $batch, a calendar page per mailbox",
    "host": "the Functions host: runs function_app.py",
    "demo": "the main job, end to end",
}

WITH_PARENT = "--with-parent"
"""First argument of a piece that another process started: it ends as soon as its standard input closes."""


def main(arguments: list[str]) -> int:
    """Run the piece that is named first, with the arguments after it; its exit code, or 2 for an unknown name."""
    if arguments[:1] == [WITH_PARENT]:
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        arguments = arguments[1:]
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name in ("-h", "--help"):
        print(_usage())
        return 0
    if name not in PIECES:
        print(f"error: {'no piece named' if not name else f'unknown piece {name!r}'}\n\n{_usage()}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"tests.local.{name.replace('-', '_')}.cli")
    code: int = module.main(rest)
    return code


def _usage() -> str:
    lines = "\n".join(f"  {name:16}{meaning}" for name, meaning in PIECES.items())
    return f"usage: python -m tests.local NAME [options]\n\n{lines}\n\n`--help` after a name lists its options."


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; it closes when the parent ends, in whatever way."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
