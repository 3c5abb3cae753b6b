"""Reproductions of a review of the writer. Each fails as long as its bug is there."""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from shared.messages import SCHEDULE_CHANGES, Pointer, ScheduleMonth
from shared.state.entities import size_of, split
from shared.state.table import Write
from shared.sync import refusals
from shared.sync.lease import Lease
from shared.sync.records import Link, PersonState, Refusal
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.scenarios.test_main_job import publish_a_week
from tests.town import ADA, DAN, DAY, TEMPLATE, Town, mailbox


async def _age_refusals(town: Town, person: int, days: int) -> None:
    """As if what the person's mailboxes refused had been refused so many days earlier."""
    table = town.app.storage.tables.get_table_client("shiftevents")
    row = await table.get_entity(str(person), "!")
    inside = json.loads(row["person_0"])
    assert inside["refusals"], "nothing was refused"
    for refusal in inside["refusals"].values():
        for position in (0, 1):
            refusal[position] = (datetime.fromisoformat(refusal[position]) - timedelta(days=days)).isoformat()
    row["person_0"] = json.dumps(inside, separators=(",", ":"))
    await table.update_entity(row)


async def test_an_old_refusal_of_a_mailbox_that_accepts_again_makes_no_duplicates(town: Town) -> None:
    """A refusal that nothing withdrew (the shift that was refused was withdrawn, so no later write succeeded) is 31 days
    old; the mailbox accepts again. The next change lets go of all its links BEFORE anything is asked of the mailbox, and
    then creates every event of the month again, unobserved."""
    await publish_a_week(town)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.FULL)
    extra = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(12))
    await town.publish(town.next_month)
    town.lightning_bolt.slots.remove(extra)
    await town.publish(town.next_month)
    await _age_refusals(town, ADA, 31)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OPEN)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(14))
    await town.publish(town.next_month)
    await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds", "Night Call", "Day Rounds"]


async def test_a_mailbox_that_accepts_again_on_the_thirtieth_day_gets_no_duplicates(town: Town) -> None:
    """The same without any withdrawal: the daily try after which the 30 days are over finds the mailbox open again."""
    await publish_a_week(town)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(12))
    await town.publish(town.next_month)
    await _age_refusals(town, ADA, 31)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OPEN)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(14))
    await town.publish(town.next_month)
    await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds", "Night Call", "Day Rounds", "Day Rounds"]


async def test_an_open_month_whose_old_mailbox_refuses_is_not_asked_every_two_seconds(town: Town) -> None:
    """A create had an unknown outcome, then its mailbox went out of scope and the person got another. The month cannot
    be closed (its old mailbox is blind) and is not `hindered` (no link is there), so its `second look` is in the past:
    the pointer comes back every two seconds, each time with a read of the new calendar, for 30 days."""
    town.graph.fault(Fault("cut_before", mailbox=mailbox(ADA), method="POST", times=1))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible()
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    with contextlib.suppress(TimeoutError):
        await town.drain(within=25)
    assert town.subjects(DAN) == ["Day Rounds"]
    reads = town.requests("GET")
    for _ in range(40):
        await town.handle_visible()
        await asyncio.sleep(0.25)
    assert town.requests("GET") - reads <= 1, town.requests("GET") - reads


async def test_a_second_look_does_not_wait_a_day_for_another_mailbox_that_refuses(town: Town) -> None:
    """Rule 1: the second look is due at `look_again_at`. Where any mailbox of the month refuses it is put off for a
    day, and the create that landed late stays as a duplicate for that day."""
    await town.restart(LOOK_AGAIN_SECONDS="3")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.publish(town.next_month)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    town.graph.fault(Fault("late", mailbox=mailbox(DAN), method="POST", times=1, seconds=5))
    await town.publish(town.next_month)
    await asyncio.sleep(9)
    await town.sweep()
    assert town.subjects(DAN) == ["Day Rounds"]


async def test_drift_that_does_not_end_is_tried_ever_more_slowly(town: Town) -> None:
    """An update that answers 404 for an event that a read still shows: `drifted` waits one second however often it
    happens, so the person costs a read and a write every two seconds for ever."""
    slots = await publish_a_week(town)
    town.graph.fault(Fault("error", status=404, mailbox=mailbox(ADA), method="PATCH"))
    town.lightning_bolt.slots.set_notes(slots["ada day"], "Other")
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    town.graph.journal.clear()
    for _ in range(120):
        await town.handle_visible()
        await asyncio.sleep(0.25)
    assert town.requests("PATCH") <= 6, town.requests("PATCH")


async def test_events_that_are_right_in_a_full_mailbox_are_not_copied_to_the_old_one(town: Town) -> None:
    """Rule 8: as long as the new mailbox refuses, updates and NEW shifts go to the old one. Shifts that are right in the
    new one already are created in the old one as well, because the old one still holds a begun event of the month."""
    for day in (town.today - timedelta(days=1), town.today + timedelta(days=1), town.today + timedelta(days=2)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, day)
    await town.publish()
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", mailbox(DAN))
    await town.publish()
    assert (len(town.calendar(ADA)), len(town.calendar(DAN))) == (1, 2)
    town.graph.directory.put(mailbox(DAN), state=MailboxState.FULL)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.today + timedelta(days=3))
    await town.publish()
    assert (len(town.calendar(ADA)), len(town.calendar(DAN))) == (2, 2)


async def _one_pointer_for_two_months(town: Town) -> None:
    """A shift of Ada's in each of two months, both due in one pointer."""
    months = (town.next_month, town.next_month.plus(1))
    for month in months:
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, month.first)
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback()
    await town.handle_visible(SCHEDULE_CHANGES)
    await town.lose_messages()
    pointer = Pointer(str(ADA), tuple(ScheduleMonth(str(TEMPLATE), month) for month in months))
    await town.app.planner.queue.announce(pointer)


async def test_a_month_that_waits_longer_than_its_neighbour_is_not_forgotten(town: Town) -> None:
    """One pointer goes back for all months that miss something, at the soonest of their times; a month whose own time
    comes later is dropped from it as not due, and nobody points at it again until a sweep (ten minutes)."""
    town.graph.fault(Fault("unavailable", mailbox=mailbox(ADA), method="POST", times=1))
    town.graph.fault(Fault("throttled", mailbox=mailbox(ADA), method="POST", times=1, retry_after=8))
    await _one_pointer_for_two_months(town)
    for _ in range(80):
        await town.handle_visible()
        await asyncio.sleep(0.25)
    assert len(town.calendar(ADA)) == 2


async def test_retry_after_is_kept_where_another_outcome_is_unknown(town: Town) -> None:
    """Error table: after a 429 the rest again after `Retry-After`. An unknown outcome beside it wins, and the mailbox is
    asked again after two seconds."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(6))
    town.graph.fault(Fault("unavailable", mailbox=mailbox(ADA), method="POST", times=1))
    town.graph.fault(Fault("throttled", mailbox=mailbox(ADA), method="POST", times=1, retry_after=30))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    for _ in range(4):
        await town.handle_visible()
    assert len(town.graph.operations()) == 3, "a look, two creates"
    for _ in range(32):
        await town.handle_visible()
        await asyncio.sleep(0.25)
    assert len(town.graph.operations()) == 3


def test_a_property_is_cut_by_utf_16_units() -> None:
    """Azure's 64 KiB per property are UTF-16: 30,000 characters outside the basic plane (emoji in notes) are 120,000
    bytes, the row is refused, and with it the whole plan of the month."""
    parts = split("desired", ["\N{HOSPITAL}" * 16_000] * 3)
    assert max(len(str(part).encode("utf-16-le")) for part in parts.values()) <= 65_536


def test_the_size_of_a_write_is_an_upper_bound() -> None:
    """The SDK writes JSON in ASCII: a letter of two bytes in UTF-8 (Cyrillic, accents) takes six in the request."""
    write = Write("merge", "2101", split("desired", ["\N{CYRILLIC SMALL LETTER ZHE}" * 20_000] * 10))
    assert size_of(write) >= len(json.dumps(dict(write.values)))


async def test_a_refused_event_that_went_through_is_no_longer_reported(town: Town) -> None:
    """What is reported of a month is withdrawn only where the row's last outcome was `event refused`; with a 429 beside it
    the outcome was `again`, and the report stays for ever."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(6))
    town.graph.fault(
        Fault("error", status=400, code="ErrorInvalidRequest", mailbox=mailbox(ADA), method="POST", times=1)
    )
    town.graph.fault(Fault("throttled", mailbox=mailbox(ADA), method="POST", times=1, retry_after=1))
    await town.publish(town.next_month)
    await town.sweep()
    assert len(town.calendar(ADA)) == 2
    assert [line for lines in (await town.app.ledger.problems(f"person|{ADA}")).values() for line in lines] == []


async def test_a_mailbox_that_is_back_is_no_longer_reported(town: Town) -> None:
    """The report of a mailbox that was let go of is never withdrawn."""
    await publish_a_week(town)
    town.graph.directory.put(mailbox(ADA), state=MailboxState.NOT_FOUND)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(12))
    await town.publish(town.next_month)
    assert (await town.app.ledger.problems(f"person|{ADA}"))["mailbox"]
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OPEN)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(13))
    await town.publish(town.next_month)
    assert len(town.calendar(ADA)) == 4
    assert (await town.app.ledger.problems(f"person|{ADA}"))["mailbox"] == []


async def test_a_mailbox_that_refuses_is_reported_with_its_code(town: Town) -> None:
    """Error table: reported once; rule 11: a row with a reason. `problem` is empty and `problems` has nothing."""
    town.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(5))
    await town.publish(town.next_month)
    month = ScheduleMonth(str(TEMPLATE), town.next_month)
    row = (await town.app.writer.person_months.of_person(str(ADA), [month]))[month]
    reported = (await town.app.ledger.problems(f"person|{ADA}")).get("mailbox", [])
    assert row.status.outcome == "mailbox refuses"
    assert "ErrorAccessDenied" in row.status.problem + str(reported)


def test_a_refusal_too_far_ahead_counts_as_come() -> None:
    """Rules' last sentence but one: a time further ahead than the longest delay counts as come. `refusing` (and the
    second look in `write_calendar`) compare without that."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    state = PersonState("2101", None, refusals={"a": Refusal(now, now + timedelta(days=400), gone=False)})
    assert refusals.refusing(state, now) == set()


class _SlowTable:
    """`shiftevents`, whose answer to a renewal reaches a process that stood still for `pause` seconds."""

    def __init__(self) -> None:
        self.clock, self.pause, self.stores = 0.0, 0.0, 0

    async def store(
        self, state: PersonState, links: Mapping[ScheduleMonth, Sequence[Link]], *, owner: str | None
    ) -> datetime:
        del links
        now = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self.clock)
        state.owner, state.leased_at, state.etag = owner, now, str(self.clock)
        self.stores += 1
        self.clock, self.pause = self.clock + self.pause, 0.0
        return now


async def test_a_renewal_that_took_too_long_is_no_leave_to_send(town: Town) -> None:
    """`cover_next_request` renews once and looks no more (the model: `while`). Where the renewal's answer is handled late (the
    process stood still, storage was slow), the next batch is sent when the lease has run out and may be another's."""
    table = _SlowTable()
    settings = town.app.settings  # 4 s, 1.5 s of it for a request
    state = PersonState("2101", None)
    lease = Lease(table, state, town.now, settings, lambda: table.clock)  # type: ignore[arg-type]
    await lease.claim("me")
    table.clock, table.pause = 3.0, 30.0
    await lease.cover_next_request()
    assert state.leased_at is not None
    age = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=table.clock) - state.leased_at
    assert age <= timedelta(seconds=settings.lease_seconds - lease.budget)
