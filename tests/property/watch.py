"""What no request to Graph may be, whatever becomes of it: watched as each is sent."""

import json
from datetime import datetime
from typing import Any

from shared.messages import Pointer
from shared.state.memory import MemoryTable
from tests.local.graph.mailboxes import Directory
from tests.property.actors import Actor
from tests.property.place import LEASE

LEFT = LEASE * 3 / 8
"""Seconds of its lease that a writer must still have when it sends a batch: rule 2."""


class Watch:
    """Looks at each batch of writes as it leaves; what it finds wrong is told once the step is over."""

    def __init__(self, directory: Directory, people: MemoryTable) -> None:
        self._directory = directory
        self._people = people
        self.wrong: list[tuple[str, str]] = []
        """An invariant's name, and what broke it."""

    def see(self, actor: Actor | None, body: bytes, now: datetime) -> None:
        """A batch is sent."""
        for item in json.loads(body).get("requests", ()):
            self._see_item(item)
        if actor and actor.message:
            self._see_lease(Pointer.decode(actor.message.body).person, now)

    def _see_item(self, item: dict[str, Any]) -> None:
        used = item.get("body", {}).get("transactionId")
        if used and any(
            event.transaction_id == used for mailbox in self._directory for event in mailbox.events.values()
        ):
            self.wrong.append(("an event created again has a new link id", used))

    def _see_lease(self, person: str, now: datetime) -> None:
        row = self._people._partitions.get(person, {}).get("!")
        if row is None or not row.values["owner"]:
            self.wrong.append(("no batch is sent past its lease", f"{person}: nobody has the lease"))
        elif (now - row.stored_at).total_seconds() > LEASE - LEFT + 1:
            self.wrong.append(("no batch is sent past its lease", f"{person}: too little of it is left"))
