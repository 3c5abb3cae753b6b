"""What the host's log tells: which functions ran, and how that ended."""

import re
from collections import Counter
from pathlib import Path

_RUN = re.compile(rb"Execut(ing|ed) 'Functions\.(\w+)' \((Succeeded|Failed)?")


class HostLog:
    """Reads the log as it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self.started: Counter[str] = Counter()
        self.succeeded: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def read(self) -> None:
        """Takes in what has come since the last time, whole lines only."""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        for how, name, outcome in _RUN.findall(whole):
            if how == b"ing":
                self.started[name.decode()] += 1
            elif outcome == b"Succeeded":
                self.succeeded[name.decode()] += 1
            elif outcome == b"Failed":
                self.failed[name.decode()] += 1

    def ended(self, name: str) -> int:
        """How many runs of a function have ended, one way or the other."""
        return self.succeeded[name] + self.failed[name]
