"""The nightly audit: what people did to their calendars by hand is put right, and nothing else is touched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.month import Month
from tests.local.graph.event import Event
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt import model
from tests.town import ADA, BEN, DAY, NIGHT, TEMPLATE, Town, mailbox

GOLF = {
    "subject": "Golf",
    "start": {"dateTime": "2026-12-02T15:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-02T17:00:00", "timeZone": "UTC"},
}
AT_GOLF = {key: GOLF[key] for key in ("start", "end")}


@pytest.fixture
async def published(town: Town) -> Town:
    """Ada has two shifts and an appointment of her own, Ben has one shift."""
    await town.restart(AUDIT_SPREAD_MINUTES="0")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3), note="Bring the pager")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish(town.next_month)
    town.graph.owner.add(mailbox(ADA), GOLF)
    town.graph.journal.clear()
    return town


async def audit(town: Town) -> None:
    """A night passes."""
    await town.app.audit()
    await town.drain()


def shown(town: Town) -> list[tuple[object, ...]]:
    """Ada's calendar as it looks."""
    return [
        (event.values["subject"], event.times.first.local, event.times.last.local, event.values["showAs"])
        for event in town.calendar(ADA)
    ]


def first(town: Town) -> Event:
    """Ada's first shift."""
    return next(event for event in town.calendar(ADA) if event.values["subject"] == "Day Rounds")


async def test_an_untouched_calendar_costs_one_read_and_no_write(published: Town) -> None:
    await audit(published)
    assert (published.requests("GET"), published.writes()) == (2, {})
    await published.sweep()
    assert (published.requests("GET"), published.writes()) == (2, {}), "and nothing is due after it"


@pytest.mark.parametrize(
    ("what", "costs"),
    [
        (lambda town, event: town.graph.owner.delete(mailbox(ADA), event), {"POST": 1}),
        (lambda town, event: town.graph.owner.purge(mailbox(ADA), event), {"POST": 1}),
        (lambda town, event: town.graph.owner.edit(mailbox(ADA), event, {"subject": "Lunch"}), {"PATCH": 1}),
        (lambda town, event: town.graph.owner.edit(mailbox(ADA), event, {"showAs": "oof"}), {"PATCH": 1}),
        (
            lambda town, event: town.graph.owner.edit(
                mailbox(ADA), event, {key: GOLF[key] for key in ("start", "end")}
            ),
            {"PATCH": 1},
        ),
        (lambda town, event: town.graph.owner.copy(mailbox(ADA), event), {"DELETE": 1}),
    ],
    ids=["deleted", "purged", "renamed", "shown otherwise", "dragged", "copied"],
)
async def test_what_was_done_by_hand_is_put_right(
    published: Town, what: Callable[[Town, str], object], costs: dict[str, int]
) -> None:
    before = shown(published)
    what(published, first(published).immutable_id)
    assert shown(published) != before
    await audit(published)
    assert shown(published) == before
    assert published.writes() == costs
    published.graph.journal.clear()
    await audit(published)
    assert (published.requests("GET"), published.writes()) == (2, {}), "once"


async def test_an_event_that_was_moved_to_another_calendar_stays_there_and_is_kept_up_to_date(published: Town) -> None:
    event = first(published).immutable_id
    published.graph.owner.move(mailbox(ADA), event, "Clinic")
    await audit(published)
    assert published.writes() == {}
    await _change_the_note(published)
    assert published.writes() == {"PATCH": 1}
    published.graph.owner.delete(mailbox(ADA), event)
    await audit(published)
    assert published.writes() == {"PATCH": 1, "POST": 1}, "in Deleted Items it counts as gone"


async def test_in_report_mode_nothing_is_written(published: Town, caplog: pytest.LogCaptureFixture) -> None:
    await published.restart(DRIFT="report")
    published.graph.owner.delete(mailbox(ADA), first(published).immutable_id)
    published.graph.owner.edit(mailbox(BEN), published.calendar(BEN)[0].immutable_id, {"subject": "Lunch"})
    with caplog.at_level("INFO"):
        await audit(published)
    await published.sweep()
    assert published.writes() == {}
    told = sorted(line for line in caplog.messages if line.startswith("calendar_audited"))
    assert told == [
        f"calendar_audited person={ADA} months=1 missing=1 changed=0 surplus=0 drift=report",
        f"calendar_audited person={BEN} months=1 missing=0 changed=1 surplus=0 drift=report",
    ]


async def test_tables_of_links_that_were_lost_are_made_anew(published: Town) -> None:
    """No publish and no sweep sees it: every month is in step."""
    await published.lose_tables("shiftevents")
    before = [event.immutable_id for event in published.calendar(ADA)]
    await audit(published)
    assert published.writes() == {}
    await _change_the_note(published)
    assert published.writes() == {"PATCH": 1}
    assert [event.immutable_id for event in published.calendar(ADA)] == before


async def test_a_mailbox_that_refuses_is_left_alone(published: Town) -> None:
    published.graph.owner.delete(mailbox(ADA), first(published).immutable_id)
    published.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    await audit(published)
    assert published.writes() == {}
    (problem,) = (await published.app.ledger.problems(f"person|{ADA}"))["mailbox"]
    assert "ErrorAccessDenied" in problem.reason


async def _change_the_note(town: Town) -> None:
    slots = town.lightning_bolt.world.drafts().slots
    first_of_adas = next(slot for slot in slots if slot.emp_id == ADA)
    town.lightning_bolt.slots.set_notes(first_of_adas.slot_id, "Bring both pagers")
    await town.publish(town.next_month)


async def night(town: Town) -> None:
    """A night passes; what it costs is counted anew."""
    town.graph.journal.clear()
    await audit(town)


async def two_shifts(town: Town) -> None:
    """Of Ada's, next month."""
    await town.restart(AUDIT_SPREAD_MINUTES="0")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    await town.publish()


async def test_from_a_upn_to_the_object_id_of_the_same_mailbox_the_audit_writes_nothing(town: Town) -> None:
    """Ada is lent from another department: answers list her only in months in which she has shifts."""
    town.lightning_bolt.records.put_person(replace(_ada(town), departments=(20,)))
    await town.restart(AUDIT_SPREAD_MINUTES="0")
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(1).first + timedelta(days=14))
    taken_back = town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(10))
    await town.publish()
    town.lightning_bolt.slots.remove(taken_back)
    await town.publish()
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", town.graph.owner.mailbox(mailbox(ADA)).id)
    town.graph.journal.clear()
    await town.publish()
    assert town.writes() == {}
    nights = []
    for _ in range(3):
        await night(town)
        nights.append(town.writes())
    assert nights == [{}, {}, {}]


def _ada(town: Town) -> model.Person:
    return town.lightning_bolt.world.people[ADA]


HOURS = (("start", 15), ("end", 17))


async def test_an_event_that_was_dragged_out_of_the_window_is_not_left_there(town: Town) -> None:
    await two_shifts(town)
    event = town.calendar(ADA)[0].immutable_id
    far = {key: {"dateTime": f"2029-05-02T{hour}:00:00", "timeZone": "UTC"} for key, hour in HOURS}
    town.graph.owner.edit(mailbox(ADA), event, far)
    await night(town)
    await night(town)
    assert [found.times.first.instant.year for found in town.calendar(ADA)] == [town.day(3).year, town.day(5).year]


async def test_many_events_that_were_dragged_out_of_the_window_are_found_at_once(town: Town) -> None:
    await town.restart(AUDIT_SPREAD_MINUTES="0")
    for day in range(3, 12):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day))
    await town.publish()
    published = [(found.immutable_id, found.times) for found in town.calendar(ADA)]
    for number, (event, _) in enumerate(published[:8]):
        times = {key: {"dateTime": f"2028-06-{number + 1:02}T{hour}:00:00", "timeZone": "UTC"} for key, hour in HOURS}
        town.graph.owner.edit(mailbox(ADA), event, times)
    town.graph.journal.clear()
    await night(town)
    assert [(found.immutable_id, found.times) for found in town.calendar(ADA)] == published
    assert town.writes() == {"PATCH": 8}
    reads = [record.path for record in town.graph.journal if record.method == "GET"]
    assert len(reads) <= 8, reads  # two looks: the view, the calendars, theirs, one wide view


async def test_an_event_in_another_calendar_is_not_doubled_when_the_address_changes(town: Town) -> None:
    await two_shifts(town)
    town.graph.owner.move(mailbox(ADA), town.calendar(ADA)[0].immutable_id, "Clinic")
    await night(town)
    before = [found.immutable_id for found in town.calendar(ADA)]
    assert (len(before), town.writes()) == (2, {})
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", town.graph.owner.mailbox(mailbox(ADA)).id)
    await town.publish()
    await night(town)
    assert [found.immutable_id for found in town.calendar(ADA)] == before


async def test_an_event_that_was_deleted_from_a_month_that_is_past_costs_no_looks_every_night(town: Town) -> None:
    """Its link stays until the row is purged: each night all her calendars are searched for it."""
    present = Month.of(town.today)
    await town.restart(MONTHS_BACK="3", AUDIT_SPREAD_MINUTES="0")
    for number in (-3, 1):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, present.plus(number).first)
    await town.publish()
    await town.restart(MONTHS_BACK="1")
    for name in ("Birthdays", "Holidays", "Clinic"):
        town.graph.directory.add_calendar(town.graph.owner.mailbox(mailbox(ADA)), name)
    await night(town)
    quiet = town.requests("GET")
    town.graph.owner.delete(mailbox(ADA), town.calendar(ADA)[0].immutable_id)
    nights = []
    for _ in range(3):
        await night(town)
        nights.append(town.requests("GET"))
    assert nights[1:] == [quiet, quiet]
