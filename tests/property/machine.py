"""The adversary: everything that schedulers, users, networks, hosts and clocks may do, in any order, at any await."""

from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from shared.outlook.mark import MARK_ID
from tests.local.graph.behaviour import Behaviour
from tests.property.draws import behaviours
from tests.property.everyday import Everyday
from tests.property.hands import Hands
from tests.property.hospital import Hospital
from tests.property.leaving import Leaving
from tests.property.losses import Losses
from tests.property.office import mend_mappings
from tests.property.peace import Peace
from tests.property.place import DAY, DAYS, LATER, NIGHT, PEOPLE, SECOND_VIEW, START, VIEW
from tests.property.stories import Stories

STRANGERS = (
    None,
    "other:5b0d6f7e-31c5-4a49-9f0a-6a1f0cfb1f4a:2101:5:2026-11:0123456789abcdef0123",
    "town:5b0d6f7e-31c5-4a49-9f0a-6a1f0cfb1f4b:9999:5:2026-11:0123456789abcdef0123",
)
"""Marks of events that are none of ours: none at all, another installation's, another person's."""


class Faulty(Everyday, Hands, Leaving, Losses, Peace, Stories):
    """All of it."""

    @initialize(
        seed=st.integers(0, 3),
        behaviour=behaviours,
        shifts=st.integers(1, 6),
        applied=st.booleans(),
        start=st.sampled_from((START, START, LATER)),
        views=st.sampled_from(((VIEW,), (VIEW,), (VIEW, SECOND_VIEW))),
        mappings=st.sampled_from(("lightning_bolt", "lightning_bolt", "table")),
    )
    def begin(
        self,
        seed: int,
        behaviour: Behaviour,
        shifts: int,
        applied: bool,
        start: datetime,
        views: tuple[int, ...],
        mappings: str,
    ) -> None:
        """A published schedule, applied already or not; others' events lie about."""
        self.hospital.close()
        self.hospital = Hospital(seed, behaviour, start=start, views=views, MAPPING_SOURCE=mappings)
        mend_mappings(self.hospital)
        self._strangers()
        for number in range(shifts):
            self.hospital.slots.add_slot(
                5, PEOPLE[number % 3], (DAY, NIGHT)[number // 3 % 2], DAYS[number * 2 % len(DAYS)]
            )
        self.hospital.publish()
        if applied:
            self.hospital.drain()

    def _strangers(self) -> None:
        for mailbox in self.hospital.graph.directory:
            for mark in STRANGERS:
                body: dict[str, object] = {
                    "subject": "Day Rounds",
                    "start": {"dateTime": "2026-11-20T07:00:00", "timeZone": "Central Standard Time"},
                    "end": {"dateTime": "2026-11-20T17:00:00", "timeZone": "Central Standard Time"},
                }
                if mark:
                    body["singleValueExtendedProperties"] = [{"id": MARK_ID, "value": mark}]
                self.hospital.graph.owner.add(mailbox.address, body)
        self.foreign = self.foreign_events()

    def teardown(self) -> None:
        """The end: all must be well."""
        try:
            self.settle()
            self.audit_once_more()
        finally:
            self.hospital.close()
