"""Lost tables: one of ours is emptied, at any time."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.schedule.own_mappings import Kind
from tests.property.draws import End, ends, gates, numbers
from tests.property.hosts import MOST_LIVING, Hosts
from tests.property.invariants import require
from tests.property.office import KINDS, begin_import, mend_mappings
from tests.property.peace import TABLES
from tests.property.place import PEOPLE
from tests.property.truth import shown

MOST_EVENTS = 12
losses = st.sampled_from(((), (), (), (), *((table,) for table in TABLES), TABLES, ("mappings",)))
"""Seldom: what comes after one, up to the next peace, proves little."""
kinds = st.sampled_from(KINDS)


class Losses(Hosts):
    """What storage forgets."""

    @rule(tables=losses, part=st.booleans(), number=numbers)
    def lose_at_any_time(self, tables: tuple[str, ...], part: bool, number: int) -> None:
        """In the middle of it all. What is under way then may land unseen; the next audit finds it."""
        if "mappings" in tables:
            self._lose_mappings(part, number)
        elif tables:
            self.lose(*tables)
            for person in PEOPLE:
                self.touched[str(person)] += MOST_EVENTS

    @precondition(lambda self: self.hospital.maps)
    @rule(kind=kinds, count=gates, end=ends)
    def broken_import(self, kind: Kind, count: int, end: End) -> None:
        """An import that may not get far, or meets another."""
        if len(self.hospital.actors.living) < MOST_LIVING:
            self.begin_and_end(begin_import(self.hospital, kind), count, end)

    @precondition(lambda self: self.hospital.maps and self.may_settle)
    @rule(part=st.booleans(), number=numbers, first=kinds)
    def lose_mappings(self, part: bool, number: int, first: Kind) -> None:
        """Nobody opts out for it: nothing is read until both files are there again."""
        self.settle()
        hospital = self.hospital
        have, written = shown(hospital), hospital.net.writes
        self._lose_mappings(part, number)
        hospital.configure()
        hospital.sweep()
        self.audit()
        if not part:
            hospital.run(begin_import(hospital, first))
            hospital.drain()
        same = shown(hospital) == have and hospital.net.writes == written
        require("lost mappings write to no calendar", same, hospital.net.writes - written)
        mend_mappings(hospital)
        self.settle()

    def _lose_mappings(self, part: bool, number: int) -> None:
        partitions = self.hospital.tables["mappings"]._partitions
        if not part:
            partitions.clear()
        elif names := sorted(name for name in partitions if name != "!"):
            partitions.pop(names[number % len(names)])
