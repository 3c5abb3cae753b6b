"""`poison_list`, `poison_requeue`, `poison_drop`: messages that failed for good (rule 11)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from shared.errors import BadMessageError
from shared.messages import Pointer
from shared.ops.asked import Asked, BadRequestError, OfMessage
from shared.ops.ports import OpsPorts
from shared.sync.poison import KINDS
from shared.sync.ports import Fallen

HIDDEN = "is not there, or was looked at within the last minute: `poison list` shows what there is; then try again"


@dataclass(frozen=True, slots=True)
class PoisonLine:
    """One message."""

    queue: str
    message: str
    """Storage's id of it."""
    about: str
    """What it asks for, by ids."""
    problem: str
    readable: bool
    """Whether it can be sent once more."""


async def poison_list(asked: Asked, ports: OpsPorts) -> list[PoisonLine]:
    """Up to 32 messages of each queue; one that a sweep looks at is not shown for a minute."""
    del asked
    return [_line(queue, message) for queue in KINDS for message in await ports.poison.peek(queue)]


async def poison_requeue(asked: OfMessage, ports: OpsPorts) -> PoisonLine:
    """Sends it once more, marked, so that another fall stays. Raises BadRequestError."""
    async with _taken(asked, ports) as message:
        line = _line(asked.queue, message)
        if not line.readable:
            raise BadRequestError("message", "is no message of ours, so nobody can handle it; `poison drop` deletes it")
        change = KINDS[asked.queue].decode(message.body)
        await ports.poison.requeue(asked.queue, message, replace(change, requeued=True).encode())
    await _withdraw(asked, ports)
    return line


async def poison_drop(asked: OfMessage, ports: OpsPorts) -> PoisonLine:
    """Deletes it. Nothing is lost by it: the sweeps find what it was about. Raises BadRequestError."""
    async with _taken(asked, ports) as message:
        await ports.poison.drop(asked.queue, message)
    await _withdraw(asked, ports)
    return _line(asked.queue, message)


@asynccontextmanager
async def _taken(asked: OfMessage, ports: OpsPorts) -> AsyncIterator[Fallen]:
    """The message, hidden from others; whatever else was taken with it is shown again at once."""
    if asked.queue not in KINDS:
        raise BadRequestError("queue", f"is none of {', '.join(KINDS)}")
    fallen = await ports.poison.fallen(asked.queue)
    wanted = next((message for message in fallen if message.number == asked.message), None)
    for message in fallen:
        if message is not wanted:
            await ports.poison.give_back(asked.queue, message)
    if wanted is None:
        raise BadRequestError("message", HIDDEN)
    try:
        yield wanted
    except BadRequestError:
        await ports.poison.give_back(asked.queue, wanted)
        raise


async def _withdraw(asked: OfMessage, ports: OpsPorts) -> None:
    """What was reported of the message."""
    known = (await ports.ledger.problems("queue")).get(asked.queue, [])
    left = [problem for problem in known if problem.row != f"message {asked.message}"]
    await ports.ledger.report_queue(asked.queue, left)


def _line(queue: str, message: Fallen) -> PoisonLine:
    try:
        change = KINDS[queue].decode(message.body)
    except BadMessageError as error:
        return PoisonLine(queue, message.number, "", f"no message of ours: {error}", readable=False)
    if isinstance(change, Pointer):
        about = f"person {change.person}: {', '.join(str(month) for month in change.months)}"
    else:
        about = f"view {change.view}, {change.reason}: {', '.join(str(month) for month in change.months)}"
    problem = "failed again after it was sent once more" if change.requeued else "failed; a sweep sends it once more"
    return PoisonLine(queue, message.number, about, problem, readable=True)
