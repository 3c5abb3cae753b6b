"""Starts the pieces of `python -m tests.local` as child processes, for tests and the demo.

    async with piece("graph", "--port", "0") as graph:
        … graph.address …

A piece ends with the process that started it, in whatever way that ends (even by SIGKILL).
"""

import asyncio
import collections
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.local.__main__ import WITH_PARENT

ROOT = Path(__file__).parents[2]

INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
"""All that a piece inherits: settings that happen to be exported in the caller's shell must not reach the app."""

_READY = re.compile(r"^\S+ ready on (\S+)")


class PieceError(RuntimeError):
    """A piece ended before it was ready, or was late; the message ends with what it wrote last."""


class Piece:
    """A running piece: where it listens (`address`), and how to end it."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.address = ""
        self._tail: collections.deque[str] = collections.deque(maxlen=60)
        self._ready = asyncio.Event()
        self._expected = False  # its end, because somebody asked for it or waited for it
        assert process.stdout
        assert process.stderr
        self._readers = [asyncio.create_task(self._read(stream)) for stream in (process.stdout, process.stderr)]

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it is still there."""
        return self.process.returncode is None

    @property
    def tail(self) -> str:
        """The last lines that it wrote to standard output and standard error."""
        return "\n".join(self._tail)

    async def stop(self, grace: float = 15.0) -> int:
        """SIGTERM, and SIGKILL after `grace` seconds; the exit code (-9 if it had to be killed)."""
        return await self._end(signal.SIGTERM, grace)

    async def kill(self) -> int:
        """SIGKILL, as when a machine is lost; the exit code, -9."""
        return await self._end(signal.SIGKILL, None)

    async def wait(self) -> int:
        """Wait until it ends by itself; the exit code."""
        self._expected = True
        code = await self.process.wait()
        await asyncio.wait(self._readers, timeout=5)  # a grandchild may hold the pipes open
        assert self.process.stdin
        self.process.stdin.close()
        for reader in self._readers:
            reader.cancel()
        return code

    async def _end(self, number: signal.Signals, grace: float | None) -> int:
        if self.running:
            self.process.send_signal(number)
            try:
                async with asyncio.timeout(grace):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
        return await self.wait()

    async def leave(self) -> None:
        """Stop it; raises PieceError if it had ended by itself, which whatever went wrong meanwhile may come from."""
        ended = not self.running and not self._expected
        code = await self.stop()
        if ended:
            raise PieceError(f"{self.name} ended by itself with exit code {code}; it wrote last:\n{self.tail}")

    async def _read(self, stream: asyncio.StreamReader) -> None:
        """Read all along, so that the child never waits for a full pipe."""
        rest = b""
        while block := await stream.read(65536):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._line(line.decode(errors="replace"))
        if rest:
            self._line(rest.decode(errors="replace"))

    def _line(self, line: str) -> None:
        self._tail.append(line)
        if not self.address and (found := _READY.match(line)):
            self.address = found[1]
            self._ready.set()

    async def until_ready(self, deadline: float) -> None:
        """Raises PieceError if it ends first or has not said within `deadline` seconds that it is ready."""
        ready, ended = asyncio.create_task(self._ready.wait()), asyncio.create_task(self.process.wait())
        await asyncio.wait((ready, ended), timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, ended):
            task.cancel()
        if self.address:
            return
        late = self.running
        code = await self.kill()
        what = f"was not ready within {deadline:g} s" if late else f"ended with exit code {code} before it was ready"
        raise PieceError(f"{self.name} {what}; it wrote last:\n{self.tail}")


def environment_of(given: Mapping[str, str] | None) -> dict[str, str]:
    """What a piece gets: what INHERITED names, and `given`."""
    return {key: os.environ[key] for key in INHERITED if key in os.environ} | dict(given or {})


async def start(
    name: str, *arguments: str, environment: Mapping[str, str] | None = None, deadline: float = 60.0
) -> Piece:
    """Start a piece and wait for its ready line; the caller stops it.

    Its environment is `environment` and what INHERITED names, nothing else. Raises PieceError if it ends before it is
    ready, or is not within `deadline` seconds.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-u", "-m", "tests.local", WITH_PARENT, name, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment_of(environment),
        start_new_session=True,  # Ctrl-C reaches the parent alone, which stops its pieces in order
    )
    started = Piece(name, process)
    try:
        await started.until_ready(deadline)
    except asyncio.CancelledError:
        await started.kill()
        raise
    return started


@asynccontextmanager
async def piece(
    name: str, *arguments: str, environment: Mapping[str, str] | None = None, deadline: float = 60.0
) -> AsyncIterator[Piece]:
    """A piece for the time of an `async with`: started, ready, and stopped at the end.

    Raises PieceError at the end if it had ended by itself.
    """
    started = await start(name, *arguments, environment=environment, deadline=deadline)
    try:
        yield started
    finally:
        await started.leave()
