"""What operators do: releasing holds, trying failures again, poison queues; and that it is known who did."""

import asyncio
import base64
import json
import logging
import time
from datetime import UTC, datetime

import pytest

from shared.messages import CALENDAR_CHANGES, Pointer, ScheduleMonth
from shared.sync.poison import KINDS
from shared.sync.reads import Operation
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.ops.asking import answer, ask, settle
from tests.town import ADA, BEN, CLEO, DAY, TEMPLATE, VIEW, Town, mailbox

OBJECT_ID = "7f0c2f1e-1b7a-4f0e-9a67-0d3e6a1b2c3d"


async def _hold(town: Town) -> str:
    """Twelve shifts of Ada's wait; gives the hold's id."""
    slots = [town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day)) for day in range(1, 13)]
    await town.publish()
    for slot in slots:
        town.lightning_bolt.slots.remove(slot)
    await town.publish()
    (line,) = await ask(town, "hold_list")
    assert (line["count"], line["cause"], line["view"], line["schedule"]) == (12, "shrink", VIEW, str(TEMPLATE))
    assert [(each["person"], len(each["days"])) for each in line["people"]] == [(str(ADA), 12)]
    return str(line["hold"])


async def test_a_released_hold_lets_the_shifts_go_and_tells_who_did_it(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    hold = await _hold(town)
    assert len(town.calendar(ADA)) == 12
    with caplog.at_level(logging.INFO):
        headers = {"x-ms-client-principal-id": OBJECT_ID, "x-ms-client-principal-name": "ada@example.org"}
        said = await town.app.operate("hold_release", json.dumps({"hold": hold}).encode(), headers, signed_in=True)
    assert said.status == 200
    await town.drain()
    assert town.calendar(ADA) == []
    assert await ask(town, "hold_list") == []
    assert f"operated verb=hold_release who={OBJECT_ID}" in caplog.text
    assert "ada@example.org" not in caplog.text
    (operation,) = (await ask(town, "status"))["overview"]["operations"]
    assert (operation["who"], operation["verb"], operation["about"]) == (OBJECT_ID, "hold_release", {"hold": hold})


async def test_without_a_sign_in_the_header_is_a_claim_only(town: Town) -> None:
    headers = {"x-ms-client-principal-id": OBJECT_ID}
    await town.app.operate("sync", b"{}", headers, signed_in=False)
    await town.app.operate("sync", b"{}", {"x-ms-client-principal-id": "Ada <script>"}, signed_in=True)
    who = [each["who"] for each in (await ask(town, "status"))["overview"]["operations"]]
    assert who == ["function key", f"function key, saying {OBJECT_ID}"]


async def test_a_hold_that_is_gone_cannot_be_released(town: Town) -> None:
    status, body = await answer(town, "hold_release", hold="nothing")
    assert (status, body["field"]) == (400, "hold")
    assert (await ask(town, "status"))["overview"]["operations"] == []


async def test_a_failure_is_listed_with_its_remedy_and_tried_again_at_once(town: Town) -> None:
    ada = town.graph.directory.find(mailbox(ADA))
    assert ada
    town.graph.directory.remove(ada)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    (line,) = await ask(town, "failures_list")
    assert (line["person"], line["outcome"]) == (str(ADA), "mailbox refuses")
    assert "failures retry" in line["remedy"]
    assert await ask(town, "failures_list", person=str(BEN)) == []
    town.graph.add_mailboxes(mailbox(ADA))
    await town.sweep()
    assert town.calendar(ADA) == [], "a mailbox that refused waits a day by itself"
    assert await ask(town, "failures_retry", person=str(ADA)) == {"months": 1, "people": 1, "busy": 0}
    await town.drain()
    assert len(town.calendar(ADA)) == 1
    assert await ask(town, "failures_list") == []


async def _fall(town: Town, *contents: str) -> list[str]:
    """Messages on the poison queue of `calendar-changes`; gives their ids."""
    queue = town.app.storage.queues.get_queue_client(f"{CALENDAR_CHANGES}-poison")
    async with queue:
        await queue.create_queue()
        return [str((await queue.send_message(content)).id) for content in contents]


def _encoded(*, requeued: bool) -> str:
    pointer = Pointer(str(ADA), (), requeued=requeued)
    return base64.b64encode(pointer.encode().encode()).decode()


async def test_poison_messages_are_listed_sent_again_and_dropped(town: Town) -> None:
    fallen, nonsense, other = await _fall(town, _encoded(requeued=True), "not base64", _encoded(requeued=False))
    found = {line["message"]: line for line in await ask(town, "poison_list")}
    assert {number: line["readable"] for number, line in found.items()} == {fallen: True, nonsense: False, other: True}
    assert found[fallen]["about"] == f"person {ADA}: "

    asked = {"queue": CALENDAR_CHANGES}
    assert (await ask(town, "poison_requeue", **asked, message=fallen))["message"] == fallen
    (message,) = [
        message async for message in town.app.storage.queues.get_queue_client(CALENDAR_CHANGES).receive_messages()
    ]
    assert Pointer.decode(base64.b64decode(message.content)).requeued, "a second fall stays"
    status, body = await answer(town, "poison_requeue", **asked, message=nonsense)
    assert (status, body["field"]) == (400, "message")
    await ask(town, "poison_drop", **asked, message=nonsense)
    assert [line["message"] for line in await ask(town, "poison_list")] == [other]
    assert (await answer(town, "poison_drop", **asked, message=nonsense))[0] == 400
    assert (await answer(town, "poison_drop", queue="mine", message=other))[1]["field"] == "queue"


async def test_what_was_reported_of_a_message_goes_with_it(town: Town) -> None:
    (number,) = await _fall(town, _encoded(requeued=True))
    await town.app.sweep()
    assert (await town.app.health()).body["poison"] == 1
    hidden, _ = await answer(town, "poison_drop", queue=CALENDAR_CHANGES, message=number)
    assert hidden == 400, "a sweep has just looked at it"
    queue = town.app.storage.queues.get_queue_client(f"{CALENDAR_CHANGES}-poison")
    await queue.clear_messages()
    (again,) = [str((await queue.send_message(_encoded(requeued=True))).id)]
    await ask(town, "poison_drop", queue=CALENDAR_CHANGES, message=again)
    assert KINDS.keys() >= (await town.app.ledger.fallen()).keys()


async def _pointers(town: Town) -> list[Pointer]:
    """As soon as there are some: they come a moment later."""
    queue = town.app.storage.queues.get_queue_client(CALENDAR_CHANGES)
    end = time.monotonic() + 10
    while not (found := await queue.peek_messages(max_messages=32)):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    return [Pointer.decode(base64.b64decode(each.content)) for each in found]


async def test_a_sync_of_one_person_points_at_once_and_reads_the_views_that_show_them(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.publish()
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(4))
    await town.lightning_bolt.publishing.publish(callback=False)
    started = await ask(town, "sync", person=str(ADA))
    assert [each["view"] for each in started["views"]] == [VIEW]
    assert [each.months for each in await _pointers(town)] == [(ScheduleMonth(str(TEMPLATE), town.next_month),)]
    assert (await settle(town, started))["created"] == 1
    assert (await answer(town, "sync", person="999"))[1]["field"] == "person"
    assert (await answer(town, "sync", schedule="999"))[1]["field"] == "schedule"
    assert [each["view"] for each in (await ask(town, "sync", schedule=str(TEMPLATE)))["views"]] == [VIEW]


async def test_progress_says_what_could_not_be_read(town: Town) -> None:
    town.lightning_bolt.faults.add(Fault(Kind.MISSING_KEY))
    ended = await settle(town, await ask(town, "sync", months=[str(town.next_month)]))
    assert (ended["read"], ended["done"]) == (0, True)
    assert "not whole" in ended["refused"][0]
    everything = await settle(town, await ask(town, "sync"))
    assert everything["stuck"], "after two months without an answer, the rest is not asked for"


async def test_the_newest_fifty_operations_are_kept(town: Town) -> None:
    for number in range(52):
        await town.app.ledger.note_operation(Operation(datetime.now(UTC), "function key", "sync", {"n": str(number)}))
    known = await town.app.ledger.operations()
    assert (len(known), known[0].about, known[-1].about) == (50, {"n": "51"}, {"n": "2"})


async def test_a_sync_of_one_person_points_only_at_months_that_there_are(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, DAY, town.day(3))
    await town.publish()
    await ask(town, "sync", person=str(CLEO), months=[str(town.next_month.plus(1))])
    assert [each.months for each in await _pointers(town)] == [()]
