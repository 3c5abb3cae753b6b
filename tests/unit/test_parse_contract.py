"""The example answer of the contracts folder, read as it stands."""

import json

from shared.schedule.mapping import FieldKeys
from shared.schedule.model import Sending
from tests.contracts import contract
from tests.unit.lb_answer import local, parsed, utc

ANSWER = contract("lightning-bolt-answer.json")

if ANSWER is not None:
    EXAMPLE = json.loads(ANSWER.read_bytes())

    def test_the_example_answer() -> None:
        read = parsed(EXAMPLE)
        # not among them: 48201 is of October, 48206 is OPEN 1's
        assert [(slot.slot, slot.person, slot.assignment) for slot in read.slots] == [
            ("48202", "2101", "301"),
            ("48203", "2102", "302"),
            ("48204", "2101", "301"),
            ("48205", "2103", "303"),
            ("48207", "2102", "301"),  # pending: still its holder's
            ("48208", "2101", "301"),
            ("48209", "2101", "304"),
            ("48210", "2104", "304"),  # structure 305, which assignment 304 is made of
            ("48211", "2101", "306"),
            ("48212", "2103", "303"),
            ("48213", "2104", "303"),
        ]
        assert (read.unreadable, read.problems) == ((), ())
        assert {person: found.mailbox for person, found in read.people.items()} == {
            "2101": "tessa.marlow@riverside.example",
            "2102": "8d1c5f0e-6a2b-4c39-9b7e-2f40d1a6c853",
            "2103": None,
            "2104": None,
        }
        assert {name: found.sending for name, found in read.assignments.items()} == {
            "301": Sending(send=True, notes=True, information=True),
            "302": Sending(send=True, information=True),
            "303": Sending(send=True, notes=True),
            "304": Sending(send=True, information=True, free=True),
            "306": Sending(),
        }
        assert {name: str(found.horizon) for name, found in read.schedules.items()} == {
            "5": "2026-12-31",
            "6": "2026-11-30",
        }
        night = read.slots[1]
        assert (night.start, night.end) == (local("2026-11-01T21:00:00"), local("2026-11-02T07:00:00"))
        assert (night.start_utc, night.end_utc) == (utc("2026-11-02T03:00:00"), utc("2026-11-02T13:00:00"))
        assert read.slots[0].note == "Carry the code pager until noon"
        assert read.slots[4].note == ""  # a request's note is never the schedule's

    def test_the_example_answer_by_custom1() -> None:
        read = parsed(EXAMPLE, keys=FieldKeys(person_id="custom1"))
        assert [found.mailbox for found in read.people.values()] == [None, None, None, "kofi.osei@riverside.example"]
