"""What the parts of one simulator share."""

import random
from collections.abc import Callable
from datetime import datetime

from tests.local.graph.behaviour import Behaviour
from tests.local.graph.ids import Ids
from tests.local.graph.mailboxes import Directory

Clock = Callable[[], datetime]


class State:
    """Mailboxes, switches, ids, the seeded random source and the clock (aware, UTC)."""

    def __init__(self, seed: int, clock: Clock, behaviour: Behaviour) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        """Decides what matters: which fault strikes, which answer of two comes."""
        self.flavour = random.Random(f"flavour {seed}")
        """Decides what must not matter: orders, and parts that Graph often leaves out."""
        self.clock = clock
        self.behaviour = behaviour
        self.ids = Ids(random.Random(f"ids {seed}"))
        self.directory = Directory(self.ids)
