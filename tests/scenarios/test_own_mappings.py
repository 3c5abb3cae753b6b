"""`MAPPING_SOURCE=table`: the main job with IDs and fields from our own table; Lightning Bolt returns none of them."""

from dataclasses import replace

import pytest

from shared.month import Month
from shared.ops.mapping_file import BadMappingFileError
from shared.ops.mappings import Imported, export_mappings, import_mappings, preview_mappings
from shared.schedule.model import MonthRead
from shared.schedule.own_mappings import FLAGS, Mappings
from shared.settings import View
from shared.state.mappings import StoredMappingTable
from shared.state.tables import AzureTable
from shared.sync.mapped import MappedSchedules
from tests.contract.accounts import until
from tests.contract.test_mapping_table import LostError, Seam
from tests.local.lightning_bolt.model import Options
from tests.town import ADA, BEN, CLEO, DAN, DAY, MEETING, NIGHT, TEMPLATE, VIEW, Town, mailbox

HEADER = f"assign_structure_id,{','.join(FLAGS)}\n"
ASSIGNMENTS = f"{HEADER}301,true,true,false,false\n302,true,true,false,true\n303,true,true,false,false\n"
ALL = (ADA, BEN, CLEO)


def people(*some: int, **others: str) -> str:
    """The file of these people with their own mailboxes, and of others (`p2104="x@example.org"`)."""
    rows = [f"{person},{mailbox(person)}" for person in some]
    rows += [f"{person.removeprefix('p')},{address}" for person, address in others.items()]
    return "\n".join(["emp_id,microsoft_id", *rows, ""])


async def bring(town: Town, content: str, *, replace: bool = False) -> Imported:
    """Imports, and waits until calendars have followed."""
    imported = await import_mappings(content, town.app.mappings, replace=replace)
    await town.drain()
    return imported


async def reasons(town: Town) -> list[str]:
    """Why the app is not healthy."""
    found = (await town.app.health()).body["reasons"]
    assert isinstance(found, list)
    return found


@pytest.fixture
async def mapped(town: Town) -> Town:
    """A town whose Lightning Bolt returns no mapping field; Ada, Ben, Cleo and three assignments are imported."""
    town.lightning_bolt.records.set_options(Options(hide_mappings=True))
    await town.restart(MAPPING_SOURCE="table")
    await bring(town, people(*ALL))
    await bring(town, ASSIGNMENTS)
    town.graph.journal.clear()
    return town


async def a_full_month(town: Town) -> None:
    """Ten shifts each of Ada's, Ben's, Cleo's and Dan's."""
    await bring(town, people(*ALL, DAN))
    for person in (*ALL, DAN):
        for day in range(1, 11):
            town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day))
    await town.publish(town.next_month)
    assert sum(len(town.calendar(person)) for person in (*ALL, DAN)) == 40
    town.graph.journal.clear()


async def test_a_publish_arrives_by_the_table_alone(mapped: Town) -> None:
    for assignment in (DAY, NIGHT, MEETING):
        for person in (ADA, DAN):
            mapped.lightning_bolt.slots.add_slot(TEMPLATE, person, assignment, mapped.day(3), note="Pager 4")
    await mapped.publish(mapped.next_month)
    events = mapped.calendar(ADA)
    assert [(event.values["subject"], event.values["showAs"]) for event in events] == [
        ("Day Rounds", "busy"),
        ("Night Call", "free"),
    ]
    assert [event.body.content.strip() for event in events] == ["Pager 4", "Pager 4"]
    assert mapped.calendar(DAN) == [], "not in the table: opted out"
    assert await reasons(mapped) == []


async def test_until_both_are_imported_nothing_is_used_and_health_says_what_is_missing(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish(town.next_month)
    town.lightning_bolt.records.set_options(Options(hide_mappings=True))
    await town.restart(MAPPING_SOURCE="table")
    town.graph.journal.clear()
    await town.publish(town.next_month)
    assert any("no people and assignments have been imported" in reason for reason in await reasons(town))
    await bring(town, people(ADA))
    assert any("no assignments have been imported" in reason for reason in await reasons(town))
    assert (len(town.calendar(ADA)), town.writes()) == (1, {})
    await bring(town, ASSIGNMENTS)
    assert (len(town.calendar(ADA)), town.writes(), await reasons(town)) == (1, {}, [])


async def test_a_lost_table_removes_nothing(mapped: Town) -> None:
    mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.day(3))
    await mapped.publish(mapped.next_month)
    await mapped.lose_tables("mappings")
    mapped.graph.journal.clear()
    await mapped.sweep()
    assert (len(mapped.calendar(ADA)), mapped.writes()) == (1, {})
    assert any("have been imported" in reason for reason in await reasons(mapped))


async def test_a_changed_id_moves_the_events_and_an_empty_one_takes_them_away(mapped: Town) -> None:
    mapped.graph.add_mailboxes("ada.byrne@example.org")
    for months in (0, 2):
        mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.next_month.plus(months).first)
    await mapped.publish()
    assert len(mapped.calendar(ADA)) == 2
    imported = await bring(mapped, people(p2101="Ada.Byrne@example.org"))
    assert (imported.preview.changed, imported.preview.calendars, imported.views) == (("2101",), ("2101",), (VIEW,))
    assert (len(mapped.calendar(ADA)), len(mapped.graph.events("ada.byrne@example.org"))) == (0, 2)
    imported = await bring(mapped, people(p2101=""))
    assert imported.preview.opted_out == ("2101",)
    assert mapped.graph.events("ada.byrne@example.org") == []


async def test_a_file_that_does_not_name_somebody_changes_nothing_of_theirs(mapped: Town) -> None:
    mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.day(3))
    await mapped.publish(mapped.next_month)
    mapped.graph.journal.clear()
    imported = await bring(mapped, people(BEN))
    assert (imported.stored, imported.preview.total, mapped.writes()) == (False, 3, {})


async def test_a_changed_flag_reaches_every_month_of_the_window(mapped: Town) -> None:
    for months in (0, 2):
        mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.next_month.plus(months).first)
    await mapped.publish()
    mapped.graph.journal.clear()
    imported = await bring(mapped, f"{HEADER}301,true,true,false,true\n304,true,,,\n")
    assert (imported.preview.calendars, imported.preview.begin) == ((str(ADA),), (str(MEETING),))
    assert [event.values["showAs"] for event in mapped.calendar(ADA)] == ["free", "free"]
    assert mapped.writes() == {"PATCH": 2}


async def test_a_replacing_file_without_most_people_is_held_until_they_are_back(mapped: Town) -> None:
    await a_full_month(mapped)
    imported = await bring(mapped, people(ADA), replace=True)
    assert imported.preview.dropped == ("2102", "2103", "2104")
    assert "are held" in imported.preview.warnings[0]
    assert mapped.writes() == {}
    assert any("30 slots (ids)" in reason for reason in await reasons(mapped))
    await bring(mapped, people(*ALL, DAN))
    assert (mapped.writes(), await reasons(mapped)) == ({}, [])


async def test_a_crash_in_the_middle_of_an_import_leaves_the_old_whole(mapped: Town) -> None:
    mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.day(3))
    await mapped.publish(mapped.next_month)
    mapped.graph.journal.clear()
    table = AzureTable(mapped.app.storage.tables.get_table_client("mappings"))
    crashing = replace(mapped.app.mappings, table=StoredMappingTable(Seam(table, lose=lambda write: write == 3)))
    file = people(p2101="", **{f"p{person}": f"p{person}@example.org" for person in range(3_000, 3_250)})
    with pytest.raises(LostError):
        await import_mappings(file, crashing)
    await mapped.sweep()
    assert (len(mapped.calendar(ADA)), mapped.writes()) == (1, {})
    await bring(mapped, file)
    assert mapped.writes() == {"DELETE": 1}


async def test_a_file_with_one_bad_row_among_five_hundred_changes_nothing(mapped: Town) -> None:
    rows = {f"p{person}": f"p{person}@example.org" for person in range(3_000, 3_500)} | {"p3250": "no address"}
    before = (await export_mappings("people", mapped.app.mappings)).text
    with pytest.raises(BadMappingFileError) as caught:
        await import_mappings(people(p2101="", **rows), mapped.app.mappings)
    assert str(caught.value).splitlines() == [
        "nothing was changed: 1 problem in the file",
        "  row 253, microsoft_id: is neither an Entra object id nor a user principal name (name@domain)",
    ]
    assert (await export_mappings("people", mapped.app.mappings)).text == before
    assert await mapped.waiting() == 0


async def test_a_preview_changes_nothing_and_an_export_is_taken_back(mapped: Town) -> None:
    exported = await export_mappings("people", mapped.app.mappings)
    assert (exported.rows, exported.text) == (3, people(*ALL).replace("\n", "\r\n"))
    preview = await preview_mappings(people(p2101=""), mapped.app.mappings)
    assert (preview.opted_out, await mapped.waiting()) == (("2101",), 0)
    assert (await export_mappings("people", mapped.app.mappings)).text == exported.text
    assert not (await bring(mapped, exported.text, replace=True)).stored
    assert not (await bring(mapped, (await export_mappings("assignments", mapped.app.mappings)).text)).stored


async def test_an_unusable_value_in_the_table_is_reported_and_protects(
    mapped: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for person in (ADA, BEN):
        for assignment in (DAY, NIGHT):
            mapped.lightning_bolt.slots.add_slot(TEMPLATE, person, assignment, mapped.day(3))
    await mapped.publish(mapped.next_month)
    mapped.graph.journal.clear()
    table = mapped.app.storage.tables.get_table_client("mappings")
    head = await table.get_entity("!", "!")
    await table.update_entity({"PartitionKey": head["people"], "RowKey": str(ADA), "microsoft_id": "a/b"})
    await table.update_entity({"PartitionKey": head["assignments"], "RowKey": str(NIGHT), "send_to_outlook": "perhaps"})
    await mapped.restart()
    await mapped.sweep()
    assert (len(mapped.calendar(ADA)), len(mapped.calendar(BEN)), mapped.writes()) == (2, 2, {})
    problems = (await mapped.app.ledger.problems(f"view|{VIEW}"))[str(mapped.next_month)]
    assert {("person 2101", "microsoft_id"), ("assignment 302", "send_to_outlook")} <= {
        (problem.row, problem.field) for problem in problems
    }
    caplog.clear()
    with caplog.at_level("INFO"):
        await mapped.sweep()
    assert "mapping_report view=50 people=2 unmapped=0 unusable=1 unreachable=0" in caplog.text


async def test_with_lightning_bolts_own_fields_an_import_is_kept_for_later(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.app.planner.schedules is town.app.lightning_bolt, "the table is not asked"
    imported = await bring(town, people(p2101=""))
    assert imported.views == ()
    assert imported.lines()[-1] == "imported; MAPPING_SOURCE is not table: not used"
    await town.sweep()
    assert len(town.calendar(ADA)) == 1


async def test_an_import_in_the_middle_of_a_long_read_reaches_the_months_that_it_read_with_the_old(
    mapped: Town,
) -> None:
    """The reader has the mappings of its first month. The import's own sweep must not count as done by it."""
    for months in (0, 2):
        mapped.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, mapped.next_month.plus(months).first)
    await mapped.publish()
    app = mapped.app

    class Interrupted:
        """Lightning Bolt; before the second month of a read, somebody imports."""

        reads = 0

        async def read_month(self, view: View, month: Month, own: Mappings | None = None) -> MonthRead:
            self.reads += 1
            if self.reads == 2:
                await import_mappings(f"{HEADER}301,true,true,false,true\n", app.mappings)
                imported_at = (await app.ledger.reads(VIEW)).now

                async def a_second_is_over() -> bool:
                    return (await app.ledger.reads(VIEW)).now > imported_at

                await until(a_second_is_over, 3)
            return await app.lightning_bolt.read_month(view, month, own)

    app.planner = replace(app.planner, schedules=MappedSchedules(Interrupted(), app.mappings.table))
    await mapped.sweep()
    assert [event.values["showAs"] for event in mapped.calendar(ADA)] == ["free", "free"]
