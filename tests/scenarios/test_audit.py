"""The nightly audit: what people did to their calendars by hand is put right, and nothing else is touched."""

from collections.abc import Callable

import pytest

from tests.local.graph.event import Event
from tests.local.graph.mailboxes import MailboxState
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
