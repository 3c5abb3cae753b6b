"""Mappings of our own, laid over an answer: they replace Lightning Bolt's, and are read like them."""

from collections.abc import Mapping

import pytest

from shared.errors import ScheduleRefusedError
from shared.month import Month
from shared.schedule.mapping import FieldKeys
from shared.schedule.model import MonthRead, Sending, Unreadable
from shared.schedule.own_mappings import Fields, Kind, Mappings
from shared.schedule.parse import parse_month
from shared.settings import View
from shared.sync.mapped import BrokenMappingsError, MappedSchedules, StoredMappings
from tests.unit.lb_answer import CHICAGO, NOVEMBER, Json, answer, assignment, person, reported, slot, utc

AS_OF = utc("2026-11-01T08:00:00")
VIEW = View(view_id=50, time_zone=CHICAGO)
SENT: Fields = {
    "send_to_outlook": True,
    "include_schedule_notes": False,
    "include_assignment_information": True,
    "send_as_free": False,
}
PEOPLE: dict[str, Fields] = {"2102": {"microsoft_id": "jonas@example.org"}, "2103": {"microsoft_id": ""}}


def _parsed(
    whole: Json, people: Mapping[str, Fields] = PEOPLE, assignments: Mapping[str, Fields] | None = None
) -> MonthRead:
    own = Mappings(people, {"302": SENT} if assignments is None else assignments, AS_OF)
    return parse_month(whole, view=50, zone=CHICAGO, month=NOVEMBER, keys=FieldKeys(), own=own)


def _mailboxes(read: MonthRead) -> dict[str, str | None]:
    return {record.person: record.mailbox for record in read.people.values()}


def test_what_the_answer_says_of_mappings_does_not_count() -> None:
    read = _parsed(answer())
    assert _mailboxes(read) == {"2101": None, "2102": "jonas@example.org", "2103": None}
    assert {each.assignment: each.sending for each in read.assignments.values()} == {
        "301": Sending(),
        "302": Sending(send=True, information=True),
    }
    assert (read.problems, read.mapped_at) == ((), AS_OF)


def test_lightning_bolts_own_field_of_the_tables_name_does_not_count() -> None:
    read = _parsed(answer(personnel=[person(2101, "Tessa Marlow", None, microsoft_id="tessa@example.org")]))
    assert _mailboxes(read) == {"2101": None}


def test_a_label_is_looked_up_as_slots_are() -> None:
    read = _parsed(answer(assignments=[assignment(" A label ", "Day")]), assignments={"A label": SENT})
    assert read.assignments["A label"].sending.send


def test_unusable_values_are_reported_and_make_their_slots_unreadable() -> None:
    read = _parsed(
        answer(slot(1, emp_id=2102), slot(2, emp_id=2103, assign_structure_id=302), slot(3), slot(4), slot(5)),
        {"2101": {"microsoft_id": "t@example.org"}, "2102": {"microsoft_id": "a/b"}, "2103": {"microsoft_id": "x@y"}},
        {"301": SENT, "302": {**SENT, "send_as_free": "perhaps"}},
    )
    assert {("person 2102", "microsoft_id"), ("assignment 302", "send_as_free")} <= {*reported(read)}
    assert [*read.unreadable] == [Unreadable("1", "5", "2102", dated=True), Unreadable("2", "5", "2103", dated=True)]


def test_a_table_without_anybody_of_the_view_is_reported() -> None:
    read = _parsed(answer(), {}, {})
    assert {(problem.field, problem.reason) for problem in read.problems} == {
        ("microsoft_id", "no personnel record is in the table of mappings, so everybody counts as opted out"),
        ("send_to_outlook", "no assignment is in the table of mappings, so nothing is sent"),
    }


def test_what_is_no_record_is_reported_as_ever() -> None:
    read = _parsed(answer(personnel=["x", {}, person(2102, "Jonas Quill", None)]))
    assert reported(read)[:2] == [("personnel row 1", "emp_id"), ("personnel row 2", "emp_id")]
    assert _mailboxes(read) == {"2102": "jonas@example.org"}


class Table:
    """See MappingTable; counts."""

    def __init__(self, people: Mapping[str, Fields] | None = PEOPLE, *, broken: bool = False) -> None:
        self.people = people
        self.broken = broken
        self.loads = 0

    async def load(self) -> StoredMappings:
        """See MappingTable."""
        self.loads += 1
        if self.broken:
            raise BrokenMappingsError("the table is broken")
        return StoredMappings(self.people, {"302": SENT}, AS_OF, "etag")

    async def replace(self, kind: Kind, rows: Mapping[str, Fields], *, instead_of: StoredMappings, name: str) -> None:
        """See MappingTable."""
        raise NotImplementedError


class LightningBolt:
    """Answers always the same."""

    async def read_month(self, view: View, month: Month, own: Mappings | None = None) -> MonthRead:
        """See Readable."""
        return parse_month(answer(), view=view.view_id, zone=view.time_zone, month=month, keys=FieldKeys(), own=own)


async def test_the_table_is_asked_once_a_message_and_only_when_something_is_read() -> None:
    table = Table()
    schedules = MappedSchedules(LightningBolt(), table)
    message = schedules.for_one_message()
    assert table.loads == 0
    for months in range(3):
        assert (await message.read_month(VIEW, NOVEMBER.plus(months))).mapped_at == AS_OF
    assert table.loads == 1
    await schedules.for_one_message().read_month(VIEW, NOVEMBER)
    assert table.loads == 2
    table.people = {}
    assert (await schedules.read_month(VIEW, NOVEMBER)).people["2102"].mailbox is None
    assert (await message.read_month(VIEW, NOVEMBER)).people["2102"].mailbox == "jonas@example.org"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (Table(broken=True), "view 50: the table is broken"),
        (Table(None), "view 50: MAPPING_SOURCE is table, but no people have been imported yet: import them"),
    ],
)
async def test_a_table_that_says_nothing_is_no_opt_out(table: Table, reason: str) -> None:
    with pytest.raises(ScheduleRefusedError) as caught:
        await MappedSchedules(LightningBolt(), table).read_month(VIEW, NOVEMBER)
    assert str(caught.value) == reason
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [("view 50", "mappings")]
