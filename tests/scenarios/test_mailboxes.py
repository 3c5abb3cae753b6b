"""Rule 8: opting out, coming back, changing mailbox; mailboxes that refuse or are gone."""

import asyncio
from datetime import timedelta

from shared.messages import ScheduleMonth
from tests.local.graph.mailboxes import MailboxState
from tests.town import ADA, BEN, CLEO, DAN, DAY, TEMPLATE, Town, mailbox


async def _past_and_future(town: Town) -> None:
    """Shifts of Ada's: one begun yesterday, two to come."""
    for day in (town.today - timedelta(days=1), town.today + timedelta(days=1), town.day(9)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, day)
    await town.publish()


async def test_an_opted_out_person_loses_future_events_and_keeps_past_ones(town: Town) -> None:
    await _past_and_future(town)
    past, *_ = [event.immutable_id for event in town.calendar(ADA)]
    town.graph.journal.clear()
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", "  ")
    await town.publish()
    assert [event.immutable_id for event in town.calendar(ADA)] == [past]
    assert town.writes() == {"DELETE": 2}

    town.graph.journal.clear()
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(ADA))
    await town.publish()
    assert len(town.calendar(ADA)) == 3
    assert town.calendar(ADA)[0].immutable_id == past
    assert town.writes() == {"POST": 2}


async def test_an_opt_out_seen_in_one_month_reaches_the_whole_window(town: Town) -> None:
    await _past_and_future(town)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", None)
    await town.publish(town.next_month)
    assert len(town.calendar(ADA)) == 1


async def test_a_new_id_moves_future_events_and_leaves_history(town: Town) -> None:
    await _past_and_future(town)
    past, *_ = [event.immutable_id for event in town.calendar(ADA)]
    town.graph.journal.clear()
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    await town.publish()
    assert [event.immutable_id for event in town.calendar(ADA)] == [past]
    assert len(town.calendar(DAN)) == 2
    assert town.writes() == {"POST": 2, "DELETE": 2}


async def test_a_typo_in_the_new_id_leaves_the_old_mailbox_served(town: Town) -> None:
    await _past_and_future(town)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", "adda@example.org")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(10))
    await town.publish()
    assert len(town.calendar(ADA)) == 4, "new shifts go to the old mailbox as long as the new one refuses"
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(ADA))
    town.graph.journal.clear()
    await town.publish()
    assert len(town.calendar(ADA)) == 4
    assert town.writes() == {}


async def test_a_renamed_upn_is_the_same_mailbox(town: Town) -> None:
    await _past_and_future(town)
    ids = [event.immutable_id for event in town.calendar(ADA)]
    town.graph.directory.put(mailbox(ADA), addresses=["ada.lovell@example.org"])
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", "Ada.Lovell@example.org")
    town.graph.journal.clear()
    await town.publish()
    assert [event.immutable_id for event in town.graph.events("ada.lovell@example.org")] == ids
    assert town.writes() == {}


async def test_two_people_with_one_mailbox_keep_apart(town: Town) -> None:
    town.lightning_bolt.records.set_person_field(BEN, "unique_id", mailbox(ADA))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    bens = town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds", "Day Rounds"]
    town.lightning_bolt.slots.remove(bens)
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_a_mailbox_out_of_scope_is_asked_once_and_harms_nobody(town: Town) -> None:
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]
    await town.sweep()
    asked = len(town.graph.operations())
    await town.sweep()
    assert len(town.graph.operations()) == asked, "tried once a day"
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OPEN)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(4))
    await town.publish(town.next_month)
    assert town.subjects(ADA) == ["Day Rounds", "Day Rounds"], "at once when desired changes"


async def test_a_mailbox_that_refuses_is_reported_with_graphs_code(town: Town) -> None:
    """Rule 11, a row with a reason: and an entry among the problems, for who does not look at rows."""
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    for person in (ADA, BEN):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(5))
    await town.publish(town.next_month)
    month = ScheduleMonth(str(TEMPLATE), town.next_month)
    row = (await town.app.writer.person_months.of_person(str(ADA), [month]))[month]
    assert row.status.outcome == "mailbox refuses"
    assert "ErrorAccessDenied" in row.status.problem
    (reported,) = (await town.app.ledger.problems(f"person|{ADA}"))["mailbox"]
    assert "ErrorAccessDenied" in reported.reason


async def test_refused_at_every_mailbox_nobody_is_blamed_and_all_goes_on_when_access_is_back(town: Town) -> None:
    """The app's permission is taken away and given back: no mailbox waits a day for it, and `health` tells."""
    people = (ADA, BEN, CLEO)
    for person in people:
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(3))
    await town.publish(town.next_month)
    for person in people:
        town.graph.directory.put(mailbox(person), state=MailboxState.OUT_OF_SCOPE)
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(4))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await _handle_until_refused(town, people)
    assert any("Graph refuses the app itself" in str(reason) for reason in await _reasons(town))
    for person in people:
        assert (await town.app.ledger.problems(f"person|{person}")).get("mailbox", []) == []
        town.graph.directory.put(mailbox(person), state=MailboxState.OPEN)
    await town.drain()
    assert [town.subjects(person) for person in people] == [["Day Rounds", "Day Rounds"]] * 3
    assert await _reasons(town) == []


async def test_the_first_of_all_is_not_blamed_until_another_mailbox_accepts(town: Town) -> None:
    """Before any mailbox has accepted nobody can tell whether one is out of scope, or access is missing altogether."""
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await _handle_until_refused(town, (ADA,))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]
    assert await _outcome(town, ADA) == "mailbox refuses"


async def test_who_refuses_is_asked_of_a_witness_and_not_of_itself(town: Town) -> None:
    """The last to have accepted goes out of scope: an earlier one still accepts, so it is that mailbox's refusal."""
    for day, person in enumerate((ADA, BEN), start=3):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day))
        await town.publish(town.next_month)
        await town.restart()
    town.graph.directory.put(mailbox(BEN), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(8))
    await town.publish(town.next_month)
    assert await _outcome(town, BEN) == "mailbox refuses"
    assert await _reasons(town) == []


async def _handle_until_refused(town: Town, people: tuple[int, ...]) -> None:
    async with asyncio.timeout(20):
        while [await _outcome(town, person) for person in people] != ["installation refused"] * len(people):
            await town.handle_visible()
            await asyncio.sleep(0.05)


async def _outcome(town: Town, person: int) -> str:
    month = ScheduleMonth(str(TEMPLATE), town.next_month)
    rows = await town.app.writer.person_months.of_person(str(person), [month])
    return rows[month].status.outcome if rows else ""


async def _reasons(town: Town) -> list[object]:
    reasons = (await town.app.health()).body["reasons"]
    assert isinstance(reasons, list)
    return reasons
