"""A check of all mailboxes, in numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.local.demo.checker import Difference


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the mailboxes hold, against what they must."""

    expected: int
    found: int
    differences: Sequence[Difference]

    def count(self, *kinds: str) -> int:
        """Differences of some kinds."""
        of = Counter(difference.what for difference in self.differences)
        return sum(count for kind, count in of.items() if kind in kinds)

    def __str__(self) -> str:
        """Printed at the end of a run."""
        return (
            f"events expected {self.expected}, found {self.found}, duplicates {self.count('duplicate', 'same link')}, "
            f"missing {self.count('missing')}, wrong {self.count('wrong')}, extra {self.count('extra')}, "
            f"foreign events changed {self.count('foreign changed', 'foreign gone', 'foreign new')}"
        )

    @property
    def words(self) -> str:
        """The first differences, for a failed assertion."""
        return "\n".join([str(self), *map(str, self.differences[:20])])
