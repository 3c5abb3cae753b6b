"""Points at person-months that a writer should look at: one pointer per person."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import batched

from shared.messages import Pointer, ScheduleMonth
from shared.settings import Settings
from shared.sync.ports import ChangeQueue

AT_ONCE = 16
"""Pointers that are sent side by side."""


async def announce(person_months: Iterable[tuple[str, ScheduleMonth]], settings: Settings, queue: ChangeQueue) -> None:
    """Sends the pointers, but for people whose calendars the go-live settings leave alone."""
    by_person = defaultdict[str, list[ScheduleMonth]](list)
    for person, month in person_months:
        if settings.may_write_to(person):
            by_person[person].append(month)
    await send((Pointer(person, tuple(months)) for person, months in by_person.items()), queue)


async def send(pointers: Iterable[Pointer], queue: ChangeQueue, delay: Callable[[], timedelta] = timedelta) -> None:
    """Sends pointers, some side by side. `delay` is asked for each: how long it stays hidden."""
    for some in batched(pointers, AT_ONCE, strict=False):
        await asyncio.gather(*(queue.announce(pointer, delay()) for pointer in some))
