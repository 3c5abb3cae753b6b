"""Reproductions of planner bugs, by the reviewer. Each fails on today's code."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest

import function_app
import shared.app
from shared.errors import SettingsError
from shared.month import Month
from shared.outlook.event import EventOptions
from shared.schedule.model import Assignment as ScheduleAssignment
from shared.schedule.model import MonthRead, Schedule, Sending, Slot, Unreadable
from shared.schedule.model import Person as SchedulePerson
from shared.settings import read_settings
from shared.state.entities import HEAD, transactions
from shared.state.personmonths import PersonMonthTable
from shared.state.table import Table, Write
from shared.state.tables import AzureTable
from shared.sync.desired import desired_slot
from shared.sync.publish_callback import receive
from shared.sync.records import Desired
from shared.sync.unreadable import Stored, keep_unreadable
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.local.lightning_bolt.model import Person
from tests.town import ADA, BEN, CLEO, DAY, NIGHT, TEMPLATE, VIEW, Town


def spoilt_month(town: Town, month: Month) -> list[int]:
    """A month with four slots of Ben's, three of them bad: more bad rows than good ones."""
    slots = [town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, month.first + timedelta(days=n)) for n in range(4)]
    for slot in slots[1:]:
        town.lightning_bolt.slots.spoil(slot, "bad_start")
    return slots


async def test_a_month_that_is_refused_does_not_stop_the_months_after_it(town: Town) -> None:
    """plan_schedule.run: ScheduleRefusedError of one month ends the message: later months are never read, by no sweep."""
    spoilt_month(town, town.next_month.plus(1))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(3).first)
    await town.publish()
    for _ in range(3):
        await town.sweep()
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_the_rotation_does_not_stick_at_a_month_that_is_refused(town: Town) -> None:
    """near_months: the oldest *finished* read comes first; a month that never finishes is asked for for ever."""
    spoilt_month(town, town.next_month.plus(1))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(12):
        await town.app.sweep()
        await town.drain()
    months = (await town.app.ledger.reads(VIEW)).months
    assert town.next_month.plus(4) in {month for month, reads in months.items() if reads.finished}


async def test_the_rotation_does_not_stick_at_a_month_that_lightning_bolt_cannot_give(town: Town) -> None:
    """The same where Lightning Bolt fails for one month only (a month too large for it, say)."""
    town.lightning_bolt.faults.add(Fault(Kind.CUT_JSON, month=str(town.next_month.plus(1))))
    await town.lightning_bolt.publishing.publish(callback=False)
    for _ in range(12):
        await town.app.sweep()
        await town.drain()
    months = (await town.app.ledger.reads(VIEW)).months
    assert town.next_month.plus(4) in {month for month, reads in months.items() if reads.finished}


async def test_health_goes_on_telling_of_a_refused_month(town: Town) -> None:
    """ledger.finished empties the view's one `refusal` whichever month was read: the next callback hides it."""
    spoilt_month(town, town.next_month)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(2).first)
    await town.publish(town.next_month)
    assert (await town.app.health()).body["status"] == "degraded"
    await town.publish(town.next_month.plus(2))
    assert (await town.app.health()).body["status"] == "degraded"


class Interfered:
    """Table personmonths, where another plan run stores between the first and the second transaction of a store."""

    def __init__(self, real: Table) -> None:
        self._real = real
        self._stores = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        self._stores += len(writes) > 1
        if self._stores == 2:
            self._stores += 1
            await self._real.write(partition, [Write("merge", HEAD, {"schema": 1})])
        return await self._real.write(partition, writes)


async def test_what_was_stored_in_part_is_announced_at_once(town: Town) -> None:
    """_store_schedule cut into several transactions: the second is refused, the first 99 people are never pointed at.

    The message is put back; by then those rows are as desired and "just stored": nobody points at them until a sweep
    later than LEASE_SECONDS, ten minutes instead of seconds.
    """
    await town.restart(LEASE_SECONDS="120")
    people = range(3000, 3120)
    town.graph.add_mailboxes(*(f"p{person}@example.org" for person in people))
    for person in people:
        fields = {"unique_id": f"p{person}@example.org"}
        town.lightning_bolt.records.put_person(Person(person, "A", "B", f"P {person}", "AB", (10,), fields=fields))
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(3))
    town.app.planner = replace(
        town.app.planner,
        person_months=PersonMonthTable(
            Interfered(AzureTable(town.app.storage.tables.get_table_client("personmonths")))
        ),
    )
    await town.publish(town.next_month)
    missing = [person for person in people if not town.graph.events(f"p{person}@example.org")]
    assert not missing, len(missing)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_a_person_month_that_fits_no_row_is_that_persons_problem_only(town: Town) -> None:
    """DESIGN, Tables: "a row that does not fit is that person's problem only". Today it stops its schedule for everybody."""
    for day in range(1, 29):
        for assignment in (DAY, NIGHT):
            town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, assignment, town.day(day), note="x" * 31_000)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(3))
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]
    assert town.subjects(CLEO) == ["Day Rounds"]


async def test_notes_outside_the_basic_plane(town: Town) -> None:
    """entities.split counts characters, storage counts UTF-16 units (64 KiB): a note of emoji stops its whole schedule."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3), note="\N{PILL}" * 15_000)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(4), note="\N{PILL}" * 15_000)
    await town.publish(town.next_month)
    assert len(town.calendar(ADA)) == 2


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_a_transaction_of_accented_notes_stays_below_the_limit(town: Town) -> None:
    """entities.size_of is no upper bound: azure-data-tables escapes every character beyond ASCII (6 bytes for 2)."""
    notes = "\u00e9" * 30_000
    writes = [Write("merge", str(person), {f"desired_{n}": notes for n in range(5)}) for person in range(60)]
    bodies = []
    client = town.app.storage.tables.get_table_client("personmonths")

    def hear(request: Any) -> None:
        bodies.append(len(request.http_request.body or b"") if request.http_request.body else 0)

    for batch in transactions(writes):
        operations = [("upsert", {"PartitionKey": "9|2026-12", "RowKey": write.row, **write.values}) for write in batch]
        await client.submit_transaction(operations, raw_request_hook=hear)
    assert max(bodies) < 4 * 1024 * 1024, bodies


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_thousands_of_bad_rows_are_reported(town: Town) -> None:
    """ledger._report writes all problems into one row of at most 1 MiB: with some 4,000 bad rows every read fails."""
    for number in range(9_000):
        slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(1 + number % 28))
        if number % 2:
            town.lightning_bolt.slots.spoil(slot, "wrong_utc")
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.restart(PILOT_PEOPLE="[2102]")
    await town.publish(town.next_month)
    assert town.subjects(BEN) == ["Day Rounds"]


async def test_a_retry_after_of_weeks(town: Town) -> None:
    """plan_schedule waits as long as Lightning Bolt asks: beyond 7 days the queue refuses, and the message falls to poison."""
    town.lightning_bolt.faults.add(Fault(Kind.STATUS, status=503, retry_after="1000000", count=1))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible()
    assert await town.waiting() == 1


SETTINGS = {
    "LIGHTNING_BOLT_URL": "https://lb.example",
    "LIGHTNING_BOLT_TOKEN_URL": "https://lb.example/token",
    "LIGHTNING_BOLT_CLIENT_ID": "id",
    "LIGHTNING_BOLT_CLIENT_SECRET": "secret",
    "LIGHTNING_BOLT_VIEWS": '[{"view_id": 50, "time_zone": "America/Chicago"}]',
    "INSTALLATION_ID": "town",
}


def test_pilot_people_that_are_no_json_are_named_with_all_other_problems() -> None:
    """_pilot_ids_as_text raises in a before-validator: one line that names no setting, every other problem hidden."""
    with pytest.raises(SettingsError) as raised:
        read_settings(SETTINGS | {"PILOT_PEOPLE": "2101, 2102", "MONTHS_BACK": "x"})
    assert [problem.partition(":")[0] for problem in sorted(raised.value.problems)] == ["MONTHS_BACK", "PILOT_PEOPLE"]


def test_problems_between_settings_are_reported_with_the_others() -> None:
    """_consistent is an after-validator: it does not run while any field is wrong."""
    with pytest.raises(SettingsError) as raised:
        read_settings(SETTINGS | {"MONTHS_BACK": "x", "LIGHTNING_BOLT_FIELDS": '{"uniqe_id": "a"}'})
    assert len(raised.value.problems) == 2, raised.value.problems


def test_a_publish_secret_without_a_secret_is_refused() -> None:
    """PUBLISH_SECRET="," leaves no key: signatures are silently not asked for."""
    with pytest.raises(SettingsError):
        read_settings(SETTINGS | {"PUBLISH_SECRET": ","})


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_publish_time_at_the_end_of_the_calendar(at: str) -> None:
    """`published_at.astimezone(UTC)` overflows (Lightning Bolt writes year 1 for "never"): 500 instead of an answer."""
    body = f'{{"view_id": 50, "published_at": "{at}"}}'.encode()
    assert receive(body, {}, read_settings(SETTINGS), datetime.now(UTC)).status in (202, 400)


@pytest.mark.parametrize("field", ["start_date", "end_date", "published_at"])
def test_a_number_is_no_date(field: str) -> None:
    """Wrong types: 400 naming the field. Numbers count as seconds since 1970."""
    answer = receive(
        f'{{"view_id": 50, "{field}": 1798675200}}'.encode(), {}, read_settings(SETTINGS), datetime.now(UTC)
    )
    assert (answer.status, answer.body.get("field")) == (400, field)


async def test_tidying_leaves_what_cannot_be_read(town: Town) -> None:
    """tidy empties a person-month without a row, though its slot is in the answer: it only cannot be read (rule 7).

    New storage (or lost tables) while a row is bad: the mark becomes a link, no row is made, and at night the event goes.
    """
    bad = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(4))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.next_month.plus(1).first)
    for day in range(8, 14):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(day))
    await town.publish()
    assert len(town.calendar(ADA)) == 2
    await town.lose_tables("personmonths", "shiftevents", "schedules", "problems")
    town.lightning_bolt.slots.spoil(bad, "wrong_utc")
    await town.publish()
    assert len(town.calendar(ADA)) == 2
    for _ in range(4):
        await asyncio.sleep(1.1)
        await town.sweep()
    assert len(town.calendar(ADA)) == 2


async def test_a_callback_for_a_month_that_stays_in_the_window_is_not_ignored(town: Town) -> None:
    """publish_callback judges by the settings alone; a month that has rows stays in the window until it is past."""
    far = town.next_month.plus(4)
    slot = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, far.first)
    await town.publish()
    await town.restart(MONTHS_AHEAD="2")
    town.lightning_bolt.slots.remove(slot)
    await town.publish(far)
    assert town.calendar(ADA) == []


async def test_answers_that_lag_do_not_make_reads_chase_each_other(town: Town) -> None:
    """_follow_mappings: two months whose answers disagree about a mapping (one lags) hint at each other without a pause.

    Each read of one month "changes" the mapping and has all the others read, at once, again and again.
    """
    one, other = town.next_month, town.next_month.plus(1)
    await town.restart(MONTHS_BACK="0", MONTHS_AHEAD="2")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, one.first)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, other.first)
    await town.publish()

    class Lagging:
        """Lightning Bolt, whose answers for all months but one still show the old ID."""

        def __init__(self, real: Any) -> None:
            self._real = real
            self.reads = 0

        async def read_month(self, view: Any, month: Month) -> MonthRead:
            self.reads += 1
            read = await self._real.read_month(view, month)
            if month == one:
                return read
            ada = replace(read.people[str(ADA)], mailbox="ada@example.org")
            return replace(read, people={**read.people, str(ADA): ada})

    lagging = Lagging(town.app.planner.schedules)
    town.app.planner = replace(town.app.planner, schedules=lagging)
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", "ben@example.org")
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(one)
    for _ in range(3):
        await town.handle_visible()
    assert lagging.reads <= 9, lagging.reads


async def test_health_says_down_where_storage_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """App.connect raises AzureError outside of health's own try: 500 and no body in place of 503."""
    closed = "http://127.0.0.1:9/account1"
    environment = SETTINGS | {
        "GRAPH_AUTH": "none", "GRAPH_URL": "http://127.0.0.1:9/v1.0",
        "AzureWebJobsStorage": f"AccountName=account1;AccountKey=a2V5;QueueEndpoint={closed};TableEndpoint={closed};",
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(shared.app, "_app", None)
    answer = await function_app.health(func.HttpRequest("GET", "/api/health", body=b""))
    assert answer.status_code == 503


def test_a_shift_of_another_view_does_not_account_for_a_protected_one() -> None:
    """_protected: `rows` are all that the answer shows, `stored` only what this view owns.

    Ada has two shifts at the same times, on schedule 5 (this view's) and on 6 (shown here, owned by another view). The
    row on 5 is renumbered and cannot be read; the row on 6, which its own stored slot should account for, is taken for
    the one on 5, whose event goes. (The model judges over the stored slots of all that the answer shows.)
    """
    start, end = datetime(2026, 12, 4, 13, tzinfo=UTC), datetime(2026, 12, 4, 23, tzinfo=UTC)
    day, local = start.date(), datetime(2026, 12, 4, 7)
    shown = Slot("2", "6", "1", "9", day, local, local + timedelta(hours=10), start, end, "")
    read = MonthRead(
        view=50,
        zone="America/Chicago",
        month=Month(2026, 12),
        schedules={id_: Schedule(id_, id_, day + timedelta(days=60)) for id_ in ("5", "6")},
        people={"1": SchedulePerson("1", "", "ada@example.org")},
        assignments={"9": ScheduleAssignment("9", "Call", "C", Sending(send=True))},
        slots=(shown,),
        unreadable=(Unreadable("77", "5", "1", dated=True),),
    )
    stored = Stored("5", "1", desired_slot(read, replace(shown, slot="1", schedule="5"), EventOptions()))
    other = Stored("6", "1", desired_slot(read, shown, EventOptions()))
    desired = {"5": {"1": Desired("ada@example.org", "", ())}}
    assert keep_unreadable(read, desired, [stored, other])["5"]["1"].slots == (stored.slot,)
