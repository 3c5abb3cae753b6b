"""How values are written into a row's properties and read back, whichever table it is."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.cut import cut
from shared.state.table import Value, Write

LONGEST_PROPERTY = 30_000
"""Characters, all of them ASCII. A property holds 64 KiB of UTF-16."""

LARGEST_ROW = 1_000_000
"""Bytes, of the 1 MiB that a row may have."""

LARGEST_TRANSACTION = 3_500_000
"""Bytes, of the 4 MiB that a transaction may have."""

MOST_WRITES = 100
"""In one transaction."""

HEAD = "!"
"""Row key of a partition's own row; sorts before all others."""


def split(name: str, value: object) -> dict[str, Value]:
    """JSON over as many numbered properties as it takes: `name`_0, `name`_1, …, and their number as `name`_parts.

    In ASCII, so that a character is one everywhere: storage counts UTF-16 units, the SDK escapes what is not ASCII.
    """
    text = json.dumps(value, separators=(",", ":"))
    parts = [text[start : start + LONGEST_PROPERTY] for start in range(0, len(text), LONGEST_PROPERTY)]
    return {f"{name}_parts": len(parts), **{f"{name}_{number}": part for number, part in enumerate(parts)}}


def join(name: str, values: Mapping[str, Value]) -> Any:
    """What `split` wrote; None where nothing was."""
    count = int(values.get(f"{name}_parts", 0))
    return json.loads("".join(str(values[f"{name}_{number}"]) for number in range(count))) if count else None


def time_text(moment: datetime | None) -> str:
    """A time as text; `""` for none, because a merge cannot take a property away."""
    return moment.isoformat() if moment else ""


def time_of(value: Value | None) -> datetime | None:
    """What `time_text` wrote."""
    return datetime.fromisoformat(str(value)) if value else None


def transactions(
    writes: Iterable[Write], first: Write | None = None, *, begin: int | None = None
) -> Iterator[list[Write]]:
    """Cuts writes by bytes and count, one run for no writes; `first` (a head to assert) has room at each start.

    `begin`: so many writes at most in the first run. Takes no more of `writes` at a time than a run and the next one:
    they may be made one by one.
    """
    most = MOST_WRITES - (first is not None)
    runs = cut(writes, size_of, most=most, largest=LARGEST_TRANSACTION, begin=begin)
    yield next(runs, [])
    yield from runs


def size_of(write: Write) -> int:
    """An upper bound of what a write takes in a transaction's body, in bytes: the SDK writes JSON in ASCII."""
    return 1_000 + len(json.dumps(dict(write.values))) + 40 * len(write.values)


def fits(write: Write) -> bool:
    """Whether a row of these values is one that storage takes."""
    return (
        sum(
            8 + 2 * len(name) + (len(value.encode("utf-16-le", "surrogatepass")) if isinstance(value, str) else 8)
            for name, value in write.values.items()
        )
        < LARGEST_ROW
    )
