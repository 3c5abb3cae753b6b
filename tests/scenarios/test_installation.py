"""A change of `INSTALLATION_ID`: nothing is written until it is put back or the earlier id's events are adopted."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.messages import CALENDAR_CHANGES
from shared.ops.removal import Scope, left, start
from shared.outlook.mark import MARK_ID, Mark
from shared.state.ledger import INSTALLATION, READS
from shared.state.personmonths import PersonMonthTable
from shared.state.tables import AzureTable
from shared.sync.records import PersonMonthRow, Status
from tests.local.graph.event import Event
from tests.local.graph.mailboxes import MailboxState
from tests.ops.asking import answer, ask
from tests.scenarios.ports import Killed
from tests.scenarios.test_audit import GOLF
from tests.scenarios.test_removal import ports
from tests.town import ADA, BEN, CLEO, DAY, LEAVE, NIGHT, TEMPLATE, Town, mailbox

ALL_TABLES = ("personmonths", "shiftevents", "schedules", "problems")
OURS = 6
"""Events of ours: Ada's four, Ben's two."""


@pytest.fixture
async def published(town: Town) -> Town:
    """Ada has a begun shift, a leave and two to come; Ben two. Beside them: golf, and another installation's event."""
    await town.restart(AUDIT_SPREAD_MINUTES="0")
    for day in (town.today - timedelta(days=2), town.day(3)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, day)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, LEAVE, town.day(9))
    for number in (3, 4):
        town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(number))
    await town.publish()
    mark = Mark("elsewhere", "0" * 32, str(ADA), str(TEMPLATE), town.next_month, "0" * 20)
    other = {"singleValueExtendedProperties": [{"id": MARK_ID, "value": mark.text()}]}
    town.graph.owner.add(mailbox(ADA), GOLF)
    town.graph.owner.add(mailbox(ADA), GOLF | other)
    town.graph.journal.clear()
    return town


def marks(town: Town) -> Counter[str]:
    """How many events of the town carry whose mark."""
    events = [event for person in (ADA, BEN, CLEO) for event in town.calendar(person)]
    return Counter(mark.installation for event in events if (mark := mark_of(event)))


def mark_of(event: Event) -> Mark | None:
    """What the event's mark says."""
    values = [prop.value for prop in event.extended.values() if prop.id == MARK_ID]
    return Mark.parse(values[0]) if values else None


def content(town: Town) -> list[tuple[object, ...]]:
    """Everything but marks, and who the events are."""
    return [
        (person, event.immutable_id, event.values["subject"], event.times.first.instant, event.times.last.instant)
        for person in (ADA, BEN)
        for event in town.calendar(person)
    ]


async def nights(town: Town) -> dict[str, int]:
    """What one more sweep and one more audit write."""
    town.graph.journal.clear()
    await town.sweep()
    await town.app.audit()
    await town.drain()
    return dict(town.writes())


async def written_under(town: Town) -> str | None:
    """What table `schedules` has."""
    _, row = await town.app.ledger._schedules.get(READS, INSTALLATION)
    return str(row.values["id"]) if row else None


async def test_a_changed_id_writes_nothing_and_putting_it_back_goes_on(
    published: Town, caplog: pytest.LogCaptureFixture
) -> None:
    before = content(published)
    await published.restart(INSTALLATION_ID="renamed")
    published.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, published.day(3))
    with caplog.at_level("INFO"):
        await published.publish()
        await published.app.audit()
        await published.drain()
    assert f"calendar_left person={CLEO} reason=installation_id_changed" in caplog.text
    assert (published.graph.operations(), content(published)) == ([], before)

    health = await published.app.health()
    assert (health.status, health.body["status"]) == (503, "degraded")
    assert isinstance(health.body["reasons"], list)
    reason: str = health.body["reasons"].pop()
    assert health.body["reasons"] == []
    assert re.match("INSTALLATION_ID changed from town to renamed: put it back, or, .*run `adopt`", reason)
    assert "put town into EARLIER_INSTALLATION_IDS" in reason
    (check,) = [check for check in (await ask(published, "doctor"))["checks"] if check["about"] == "INSTALLATION_ID"]
    assert (check["result"], check["what"] in reason) == ("fail", True)
    glance = (await ask(published, "status"))["overview"]
    (trouble,) = [trouble for trouble in glance["troubles"] if trouble["about"] == "INSTALLATION_ID"]
    assert (glance["healthy"], trouble["what"] in reason) == (False, True)

    await published.restart(INSTALLATION_ID="town")
    await published.sweep_until(lambda: published.subjects(CLEO) == ["Day Rounds"])
    assert published.writes() == {"POST": 1}
    assert (await published.app.health()).status == 200
    assert marks(published) == {"town": OURS + 1, "elsewhere": 1}


async def test_adopting_marks_every_event_anew_by_one_update_each_and_touches_no_other(published: Town) -> None:
    before = content(published)
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["older", "town"]')
    await published.sweep()
    assert published.graph.operations() == []
    shown = await ask(published, "adopt_preview")
    assert {key: shown[key] for key in ("earlier", "installation", "people", "events")} == {
        "earlier": "town",
        "installation": "renamed",
        "people": 2,
        "events": OURS,
    }
    assert [(each["person"], each["earlier"], each["present"]) for each in shown["sample"]] == [
        (str(ADA), 4, 0),
        (str(BEN), 2, 0),
    ]
    published.graph.journal.clear()
    assert (await ask(published, "adopt"))["people"] == 2
    await published.drain()
    assert published.writes() == {"PATCH": OURS}
    assert marks(published) == {"renamed": OURS, "elsewhere": 1}
    assert content(published) == before
    assert (await published.app.health()).body["reasons"] == []
    assert await nights(published) == {}
    assert (await ask(published, "adopt"))["people"] == 2, "once more, in case it was interrupted"
    await published.drain()
    assert published.writes() == {}


async def test_a_process_that_saw_the_change_notices_that_it_was_adopted(published: Town) -> None:
    """Another process of the app served the operator."""
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    writer = published.app.writer
    assert await writer.ledger.written_under("renamed") == "town"
    elsewhere = type(published.app.ledger)(published.app.ledger._schedules, published.app.ledger._problems)
    await elsewhere.write_under("renamed")
    published.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, published.day(3))
    await published.publish()
    assert published.subjects(CLEO) == ["Day Rounds"]


async def test_the_id_is_asked_for_once_per_process(published: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await published.restart()
    table, asked = published.app.ledger._schedules, list[str]()
    get = table.get

    async def noted(partition: str, row: str) -> object:
        asked.append(row)
        return await get(partition, row)

    monkeypatch.setattr(table, "get", noted)
    for day in (3, 4):
        published.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, published.day(day))
        await published.publish()
    assert asked.count(INSTALLATION) == 1


@pytest.mark.parametrize("tables", [ALL_TABLES, ("schedules",), ()])
async def test_with_the_earlier_id_known_from_the_start_first_contact_adopts(
    published: Town, tables: tuple[str, ...]
) -> None:
    """Another subscription: full calendars, new tables, no command. Also where the id was changed with nobody told."""
    before = content(published)
    await published.lose_tables(*tables)
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    if not tables:
        await published.app.ledger.write_under("renamed")
    await published.publish()
    await published.app.audit()
    await published.drain()
    assert published.writes() == {"PATCH": OURS}
    assert marks(published) == {"renamed": OURS, "elsewhere": 1}
    assert content(published) == before
    assert await written_under(published) == "renamed"
    assert await nights(published) == {}


async def test_what_is_no_longer_wanted_goes_though_an_earlier_id_wrote_it(published: Town) -> None:
    await published.lose_tables(*ALL_TABLES)
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    slot = next(slot for slot in published.lightning_bolt.world.drafts().slots if slot.emp_id == BEN)
    published.lightning_bolt.slots.remove(slot.slot_id)
    await published.publish()
    assert published.writes() == {"PATCH": OURS - 1, "DELETE": 1}
    assert len(published.calendar(BEN)) == 1


async def test_copies_under_both_ids_collapse_to_one(published: Town) -> None:
    """Somebody changed the id with new tables and did not say which was the earlier one: every shift is there twice."""
    await published.lose_tables(*ALL_TABLES)
    await published.restart(INSTALLATION_ID="renamed")
    await published.publish()
    assert marks(published) == {"town": OURS, "renamed": OURS, "elsewhere": 1}
    await published.restart(EARLIER_INSTALLATION_IDS='["town"]')
    published.graph.journal.clear()
    await ask(published, "adopt")
    await published.drain()
    assert published.writes() == {"DELETE": OURS}
    assert marks(published) == {"renamed": OURS, "elsewhere": 1}
    assert await nights(published) == {}


async def test_adopting_works_where_the_audit_only_reports_and_months_were_due(published: Town) -> None:
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]', DRIFT="report")
    published.lightning_bolt.slots.add_slot(TEMPLATE, BEN, NIGHT, published.day(20))
    await published.publish()
    await ask(published, "adopt")
    await published.drain()
    assert published.writes() == {"POST": 1, "PATCH": OURS}
    assert marks(published) == {"renamed": OURS + 1, "elsewhere": 1}
    assert await nights(published) == {}


async def test_a_writer_that_dies_while_it_adopts_is_followed_by_one_that_ends_it(published: Town) -> None:
    """Between the two things that it stores: what it knows of the person, and that the months are due."""
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    await ask(published, "adopt")
    table = AzureTable(published.app.storage.tables.get_table_client("personmonths"))
    published.app.writer = replace(published.app.writer, person_months=KilledAtStatus(table))
    with pytest.raises(Killed):
        await published.drain()
    await published.restart()
    await published.drain()
    assert published.writes() == {"PATCH": OURS}
    assert marks(published) == {"renamed": OURS, "elsewhere": 1}


class KilledAtStatus(PersonMonthTable):
    """For a writer that is killed before it stores a status."""

    async def store_status(self, row: PersonMonthRow, status: Status) -> None:
        """Dies."""
        raise Killed


async def test_a_mailbox_that_refuses_is_adopted_once_it_accepts(published: Town) -> None:
    published.graph.directory.put(mailbox(BEN), state=MailboxState.OUT_OF_SCOPE)
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    started = await ask(published, "adopt")
    await published.drain()
    assert await ask(published, "adopt_left", since=started["since"]) == {"left": 0, "failed": 1}
    published.graph.directory.put(mailbox(BEN), state=MailboxState.OPEN)
    await ask(published, "failures_retry")
    await published.drain()
    assert await ask(published, "adopt_left", since=started["since"]) == {"left": 0, "failed": 0}
    assert published.writes() == {"PATCH": OURS}
    assert marks(published) == {"renamed": OURS, "elsewhere": 1}


async def test_an_audit_or_a_removal_waits_too(published: Town) -> None:
    """A removal that was on its queue when the id changed is carried out once it is put back, or adopted."""
    await start(Scope("all"), "all", ports(await paused(published)))
    await published.restart(INSTALLATION_ID="renamed")
    await published.handle_visible(CALENDAR_CHANGES)
    assert (published.graph.operations(), await published.waiting()) == ([], 2)
    for verb, asked in (("audit", {}), ("remove", {"everything": True}), ("remove_preview", {"everything": True})):
        status, body = await answer(published, verb, **asked)
        assert (status, body["field"], "changed from town" in body["error"]) == (400, "INSTALLATION_ID", True)
    await published.lose_messages()
    await published.restart(EARLIER_INSTALLATION_IDS='["town"]')
    await published.app.ledger.write_under("renamed")
    await start(Scope("all"), "all", ports(published))
    await published.drain()
    assert published.writes() == {"DELETE": OURS}
    assert (await left(Scope("all"), ports(published)), marks(published)) == (0, {"elsewhere": 1})


async def paused(town: Town) -> Town:
    """Nothing but a removal is written."""
    await town.restart(PAUSED="true")
    return town


async def test_events_of_earlier_ids_are_no_strangers(published: Town) -> None:
    async def strange() -> list[str]:
        checks = (await ask(published, "doctor"))["checks"]
        return [check["what"] for check in checks if "look like published shifts" in check["what"]]

    slots = published.lightning_bolt.slots
    slots.add_slot(TEMPLATE, CLEO, DAY, published.today)
    await published.publish()
    await published.restart(INSTALLATION_ID="renamed")
    assert len(await strange()) >= 1
    await published.restart(EARLIER_INSTALLATION_IDS='["town"]')
    assert await strange() == []


async def test_adopting_refuses_and_says_what_to_do(published: Town) -> None:
    async def refused(verb: str, **asked: object) -> str:
        status, body = await answer(published, verb, **asked)
        assert status == 400, body
        return str(body["error"])

    nothing = "EARLIER_INSTALLATION_IDS is empty"
    assert [(await refused(verb)).startswith(nothing) for verb in ("adopt_preview", "adopt")] == [True, True]
    await published.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["another"]')
    for verb in ("adopt_preview", "adopt"):
        assert "put town into EARLIER_INSTALLATION_IDS and run `adopt`" in await refused(verb)
    await published.restart(EARLIER_INSTALLATION_IDS='["town"]', PAUSED="true")
    assert "set it to false" in await refused("adopt")
    await published.restart(PAUSED="false")
    assert "is another" in await refused("adopt", earlier="another")
    assert await written_under(published) == "town"
    await ask(published, "adopt", earlier="town")
    assert await written_under(published) == "renamed"
    (operation,) = (await ask(published, "status"))["overview"]["operations"]
    assert (operation["verb"], operation["about"]) == ("adopt", {"earlier": "town"})
