"""What is large: notes, schedules of many people, reports of thousands of rows. It is trouble for nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.schedule.model import Problem
from shared.state.entities import transactions
from shared.state.personmonths import PersonMonthTable
from shared.state.table import Write
from shared.state.tables import AzureTable
from shared.sync.announce import AT_ONCE
from tests.local.lightning_bolt.model import Person
from tests.scenarios.ports import Interfered
from tests.town import ADA, BEN, DAY, TEMPLATE, VIEW, Town

LARGE = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
"""aiohttp's word on bodies of more than 1 MiB."""


@LARGE
async def test_a_person_month_that_fits_no_row_is_that_persons_problem_only(town: Town) -> None:
    for day in range(1, 21):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day), note="x" * 31_000)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish(town.next_month)
    assert (town.subjects(ADA), town.subjects(BEN)) == ([], ["Day Rounds"])
    (problem,) = (await town.app.ledger.problems(f"view|{VIEW}"))[str(town.next_month)]
    assert (problem.row, problem.field) == (f"person {ADA}", "note")


async def test_long_notes_of_characters_that_take_two_units_each(town: Town) -> None:
    """Storage counts UTF-16 units, of which an emoji takes two: 64 KiB in a property."""
    for day in (3, 4):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day), note="\N{PILL}" * 15_000)
    await town.publish(town.next_month)
    assert [event.body.content.strip() for event in town.calendar(ADA)] == ["\N{PILL}" * 15_000] * 2


@LARGE
async def test_a_transaction_stays_below_the_limit_as_it_is_sent(town: Town) -> None:
    """The SDK escapes what is not ASCII: a letter that is two bytes in UTF-8 takes six in the request."""
    values = {f"desired_{number}": "\N{LATIN SMALL LETTER E WITH ACUTE}" * 30_000 for number in range(5)}
    client = town.app.storage.tables.get_table_client("personmonths")
    bodies: list[int] = []

    def hear(request: Any) -> None:
        bodies.append(len(request.http_request.body or b""))

    for batch in transactions([Write("merge", str(person), values) for person in range(12)]):
        operations = [("upsert", {"PartitionKey": "5|2026-12", "RowKey": write.row, **write.values}) for write in batch]
        await client.submit_transaction(operations, raw_request_hook=hear)
    assert max(bodies) < 4 * 1024 * 1024


@LARGE
async def test_thousands_of_bad_rows_stop_nobody(town: Town) -> None:
    """All of them in one row of the report would be more than the 1 MiB that a row holds."""
    for number in range(14_000):
        slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1 + number % 28))
        if number % 2:
            town.lightning_bolt.slots.spoil(slot, "wrong_utc")
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.restart(PILOT_PEOPLE=f"[{BEN}]")
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]
    assert (await town.app.ledger.problems(f"view|{VIEW}"))[str(town.next_month)]


async def test_a_report_of_long_reasons_is_cut_to_what_a_row_holds(town: Town) -> None:
    """Reasons quote what Lightning Bolt sent, of any length and in any script."""
    problems = [Problem(f"slot {number}", "start_time", "\N{PILL}" * 1_000) for number in range(5_000)]
    await town.app.ledger.report_person(str(ADA), "mailbox", problems)
    kept = (await town.app.ledger.problems(f"person|{ADA}"))["mailbox"]
    assert [problem.row for problem in kept] == [problem.row for problem in problems[: len(kept)]]
    assert len(kept) >= 20


async def test_what_was_stored_before_a_refusal_is_announced_at_once(town: Town) -> None:
    """More people than one transaction takes, and the second one is refused, because somebody else stored meanwhile.

    The first ones are as desired from then on: no read finds them changed any more, so nobody else would point at them.
    """
    for number in range(3_001, 3_121):
        fields = {"unique_id": f"p{number}@example.org"}
        town.lightning_bolt.records.put_person(Person(number, "A", "B", f"P {number}", "AB", (10,), fields=fields))
        town.lightning_bolt.slots.add_slot(TEMPLATE, number, DAY, town.day(3))
    table = Interfered(AzureTable(town.app.storage.tables.get_table_client("personmonths")), nth=2)
    town.app.planner = replace(town.app.planner, person_months=PersonMonthTable(table))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible(SCHEDULE_CHANGES)
    pointers = town.app.storage.queues.get_queue_client(CALENDAR_CHANGES)
    assert (await pointers.get_queue_properties()).approximate_message_count == AT_ONCE
