"""What a step did, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.local.demo.checker import Difference
from tests.local.graph.journal import Record
from tests.local.lightning_bolt.journal import Reads


@dataclass(slots=True)
class Outcome:
    """One step."""

    title: str
    shifts: int
    """Events that all calendars together must show."""
    mailboxes: int
    """How many were checked."""
    operations: Sequence[Record] = ()
    requests: int = 0
    """HTTP requests to Graph; a batch is one."""
    pointers: int = 0
    """Messages that came through `calendar-changes`."""
    failed_runs: int = 0
    reads: Sequence[Reads] = ()
    """Of Lightning Bolt, per view and month."""
    called_at: datetime | None = None
    """When the first callback was sent."""
    seconds: float = 0
    """How long the step took until all was seen to be done."""
    differences: Sequence[Difference] = ()
    problems: list[str] = field(default_factory=list)
    """What is wrong with the step apart from calendars."""

    def changed(self, method: str) -> int:
        """Operations of a method that changed a mailbox."""
        return self._changed[method]

    @property
    def _changed(self) -> Counter[str]:
        return Counter(record.method for record in self.operations if record.changed)

    @property
    def last_write(self) -> float | None:
        """Seconds from the callback to the last change of a mailbox."""
        writes = [record.at for record in self.operations if record.changed]
        return (max(writes) - self.called_at).total_seconds() if writes and self.called_at else None

    @property
    def right(self) -> bool:
        """Whether the step went as it must."""
        return not self.differences and not self.problems
