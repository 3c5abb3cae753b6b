"""One publish as one trace: `python -m tests.telemetry.trace` publishes a few shifts and prints the spans as a tree."""

import asyncio
from collections.abc import Iterable

from opentelemetry.sdk.trace import ReadableSpan

from tests.local.azurite.process import start_azurite
from tests.telemetry.recording import Recording, recorded
from tests.town import ADA, BEN, DAY, LEAVE, NIGHT, TEMPLATE, Town

_SHOWN = ("view", "month", "reason", "months", "person", "items", "failed", "status")


async def publish_a_few(town: Town) -> None:
    """Two people's shifts of next month, published and written."""
    add = town.lightning_bolt.slots.add_slot
    add(TEMPLATE, ADA, DAY, town.day(5), note="Bring the pager")
    add(TEMPLATE, ADA, NIGHT, town.day(7))
    add(TEMPLATE, BEN, LEAVE, town.day(9))
    await town.publish(town.next_month)


async def record_a_publish(storage: str) -> Recording:
    """The telemetry of one publish."""
    async with Town.open(storage) as town:
        with recorded() as recording:
            town.around = recording.around
            await publish_a_few(town)
    return recording


def tree(spans: Iterable[ReadableSpan]) -> str:
    """Spans by parent and start, a line each: times since the first in milliseconds, attributes, links."""
    ordered = sorted(spans, key=lambda span: span.start_time or 0)
    ids = {span.context.span_id for span in ordered if span.context}
    first = ordered[0].start_time or 0
    lines: list[str] = []

    def show(parent: int | None, depth: int) -> None:
        for span in ordered:
            above = span.parent.span_id if span.parent and span.parent.span_id in ids else None
            if above != parent or span.context is None:
                continue
            lines.append(_line(span, depth, first))
            show(span.context.span_id, depth + 1)

    show(None, 0)
    return "\n".join(lines)


def _line(span: ReadableSpan, depth: int, first: int) -> str:
    start, end = ((moment or 0) - first for moment in (span.start_time, span.end_time))
    attributes = span.attributes or {}
    shown = " ".join(f"{name}={attributes[name]!s}" for name in _SHOWN if name in attributes)
    links = ", ".join(f"{link.context.trace_id:032x}"[:6] + f":{link.context.span_id:016x}"[:7] for link in span.links)
    assert span.context is not None
    own = f"{span.context.trace_id:032x}"[:6] + f":{span.context.span_id:016x}"[:7]
    name = f"{'  ' * depth}{span.name}"
    text = f"{own}  {name:<28} {start / 1e6:7.1f} … {end / 1e6:7.1f} ms  {shown}"
    return f"{text}  links: {links}" if links else text


async def main() -> None:
    """Prints it."""
    with start_azurite() as storage:
        recording = await record_a_publish(storage)
    print(tree(recording.spans))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
