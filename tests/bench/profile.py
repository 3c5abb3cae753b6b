"""A sampling profile of the main thread, by CPU time: the signal comes once per so many milliseconds of computing."""

import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType

SECONDS = 0.002
ROOT = str(Path(__file__).parents[2])

SHARES = (
    ("table client: azure-data-tables", ("azure/data/tables",)),
    ("queue client: azure-storage-queue", ("azure/storage/queue",)),
    ("Graph client: msgraph-sdk, kiota, httpx", ("msgraph", "kiota", "httpx", "httpcore", "h11", "opentelemetry")),
    ("our code: what an event is, its JSON and digest", ("shared/outlook",)),
    ("our code: Lightning Bolt's rows", ("shared/schedule",)),
    ("our code: tables and queues", ("shared/state",)),
    ("our code: the engine", ("shared/",)),
    ("azure-core's pipeline", ("azure/core",)),
    ("aiohttp", ("aiohttp", "yarl", "multidict")),
)
"""Who computes: the first frame, from the innermost, in one of these folders."""
REST = "event loop and the rest"


class Profile:
    """Samples from its start to its stop."""

    def __init__(self) -> None:
        self._stacks: Counter[str] = Counter()

    def start(self) -> None:
        """Begins to sample."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)

    def stop(self) -> dict[str, float]:
        """Ends; who computed, by share of all samples."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        return shares(self._stacks)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        files = []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        if files and not files[0].endswith("selectors.py"):
            self._stacks[share_of(files)] += 1


def share_of(files: Iterable[str]) -> str:
    """Whose a stack is, innermost file first."""
    for file in files:
        path = file.removeprefix(f"{ROOT}/")
        name = path.rpartition("site-packages/")[2]
        if found := next((share for share, parts in SHARES if name.startswith(parts)), None):
            return found
    return REST


def shares(samples: Mapping[str, int]) -> dict[str, float]:
    """Shares of all, the largest first."""
    total = sum(samples.values()) or 1
    return {name: count / total for name, count in sorted(samples.items(), key=lambda item: -item[1])}
