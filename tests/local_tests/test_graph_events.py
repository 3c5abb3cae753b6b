"""The Graph stand-in: creating, changing, deleting and finding events."""

from typing import Any

import pytest

from tests.local.graph.client import IMMUTABLE, RawGraph, stand_in

ADA, BEN = "ada@example.org", "ben@example.org"
EVENTS = f"/users/{ADA}/events"
MARK = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Mark"


def shift(subject: str = "Day", **more: Any) -> dict[str, Any]:
    """A body of a create."""
    zone = "Central Standard Time"
    start, end = ({"dateTime": f"2026-11-02T{clock}:00:00", "timeZone": zone} for clock in ("07", "19"))
    return {"subject": subject, "start": start, "end": end, **more}


def marked(value: str) -> list[dict[str, str]]:
    """Our mark, as a create carries it."""
    return [{"id": MARK, "value": value}]


async def found(graph: RawGraph, name: str, value: str) -> list[str]:
    """Ids that the list by extended property finds."""
    condition = f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '{value}')"
    reply = await graph.get(f"{EVENTS}?$filter={condition}")
    assert reply.status == 200
    return [event["id"] for event in reply.body["value"]]


async def test_a_created_event_can_be_read_changed_and_deleted() -> None:
    async with stand_in(ADA) as graph:
        created = await graph.post(EVENTS, shift())
        one = f"{EVENTS}/{created.id}"
        assert created.status == 201
        assert created.headers["location"].endswith(f"/events('{created.id}')")
        assert (await graph.get(one)).body == created.body
        changed = await graph.patch(one, {"subject": "Night", "categories": ["Shift"]})
        assert (changed.status, changed.id, changed.body["subject"]) == (200, created.id, "Night")
        assert changed.body["categories"] == ["Shift"]
        assert changed.body["start"] == created.body["start"]
        assert changed.body["changeKey"] != created.body["changeKey"]
        assert changed.body["@odata.etag"] == f'W/"{changed.body["changeKey"]}"'
        deleted = await graph.delete(one)
        assert (deleted.status, deleted.body) == (204, None)
        assert (await graph.get(one)).code == "ErrorItemNotFound"
        assert (await graph.patch(one, {"subject": "x"})).code == "ErrorItemNotFound"


async def test_defaults_are_outlooks() -> None:
    async with stand_in(ADA) as graph:
        body = (await graph.post(EVENTS, shift())).body
        assert (body["isReminderOn"], body["reminderMinutesBeforeStart"]) == (True, 15)
        assert (body["responseRequested"], body["showAs"], body["sensitivity"]) == (True, "busy", "normal")
        assert body["transactionId"] is None
        again = (await graph.patch(f"{EVENTS}/{body['id']}", {"showAs": "free", "isReminderOn": False})).body
        assert (again["showAs"], again["isReminderOn"]) == ("free", False)
        back = (await graph.patch(f"{EVENTS}/{body['id']}", {"showAs": None})).body
        assert back["showAs"] == "busy"


async def test_a_subject_is_cut_at_255() -> None:
    async with stand_in(ADA) as graph:
        assert (await graph.post(EVENTS, shift("é" * 300))).body["subject"] == "é" * 255


async def test_a_text_body_comes_back_as_html_and_html_rewritten() -> None:
    async with stand_in(ADA) as graph:
        sent = {"contentType": "text", "content": "4 West & ICU\n<b>now</b>"}
        created = await graph.post(EVENTS, shift(body=sent))
        body = created.body["body"]
        assert body["contentType"] == "html"
        assert "4 West &amp; ICU<br>\r\n&lt;b&gt;now&lt;/b&gt;" in body["content"]
        assert created.body["bodyPreview"] == "4 West & ICU\r\n<b>now</b>"
        as_text = await graph.get(f"{EVENTS}/{created.id}", prefer=f'{IMMUTABLE}, outlook.body-content-type="text"')
        assert as_text.body["body"] == {"contentType": "text", "content": sent["content"]}
        assert 'outlook.body-content-type="text"' in as_text.headers["preference-applied"]
        page = {"contentType": "HTML", "content": "<html><body><p>Hello</p></body></html>"}
        rewritten = (await graph.post(EVENTS, shift(body=page))).body
        assert rewritten["body"]["content"] != page["content"]
        assert "<p>Hello</p>" in rewritten["body"]["content"]
        assert rewritten["bodyPreview"] == "Hello"
        assert (await graph.post(EVENTS, shift())).body["body"]["content"] == ""


async def test_the_same_transaction_again_is_the_same_event_and_another_content_a_duplicate() -> None:
    async with stand_in(ADA) as graph:
        body = shift(transactionId="t1", singleValueExtendedProperties=marked("a"))
        first = await graph.post(EVENTS, body)
        again = await graph.post(EVENTS, dict(reversed(body.items())))
        assert (again.status, again.id) == (201, first.id)
        assert [record.changed for record in graph.simulator.journal] == [True, False]
        other = await graph.post(EVENTS, {**body, "subject": "Night"})
        assert (other.status, other.code) == (400, "ErrorDuplicateTransactionId")
        assert "@event.existingEventId" not in other.body["error"]
        graph.simulator.behaviour.duplicate_names_existing = True
        graph.simulator.behaviour.duplicate_status = 409
        other = await graph.post(EVENTS, {**body, "subject": "Night"})
        assert other.status == 409
        assert other.body["error"]["@event.existingEventId"] == first.id
        assert len(graph.simulator.events(ADA)) == 1


@pytest.mark.parametrize(
    ("memory", "repeat", "status"),
    [
        ("mailbox", "duplicate", 400),
        ("mailbox", "deleted_event", 201),
        ("event", "duplicate", 201),
        ("none", "duplicate", 201),
    ],
)
async def test_a_transaction_may_outlive_its_event(memory: Any, repeat: Any, status: int) -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.behaviour.transaction_memory = memory
        graph.simulator.behaviour.repeat_of_deleted = repeat
        first = await graph.post(EVENTS, shift(transactionId="t1"))
        await graph.delete(f"{EVENTS}/{first.id}")
        again = await graph.post(EVENTS, shift(transactionId="t1"))
        assert again.status == status
        anew = memory != "mailbox"
        assert len(graph.simulator.events(ADA)) == anew
        if status == 201:
            assert (again.id != first.id) is anew


async def test_a_transaction_belongs_to_one_mailbox_and_cannot_be_changed() -> None:
    async with stand_in(ADA, BEN) as graph:
        first = await graph.post(EVENTS, shift(transactionId="t1"))
        elsewhere = await graph.post(f"/users/{BEN}/events", shift("Night", transactionId="t1"))
        assert (first.status, elsewhere.status) == (201, 201)
        refused = await graph.patch(f"{EVENTS}/{first.id}", {"transactionId": "t2"})
        assert (refused.status, refused.code) == (400, "ErrorPropertyValidationFailure")
        assert (await graph.patch(f"{EVENTS}/{first.id}", {"transactionId": "t1"})).status == 200


async def test_ids_differ_without_the_immutable_preference_and_change_on_a_move() -> None:
    async with stand_in(ADA) as graph:
        created = await graph.post(EVENTS, shift(), prefer=None)
        assert "preference-applied" not in created.headers
        immutable = await graph.get(f"{EVENTS}/{created.id}")
        assert immutable.headers["preference-applied"] == 'IdType="ImmutableId"'
        assert immutable.id != created.id
        assert graph.simulator.counts().without_immutable_ids == 1
        graph.simulator.owner.move(ADA, immutable.id, "Private")
        assert (await graph.get(f"{EVENTS}/{created.id}")).code == "ErrorItemNotFound"
        moved = await graph.get(f"{EVENTS}/{immutable.id}", prefer=None)
        assert moved.status == 200
        assert moved.id not in (created.id, immutable.id)


async def test_a_second_delete_is_answered_in_two_ways() -> None:
    async with stand_in(ADA) as graph:
        seen = set()
        for number in range(20):
            created = await graph.post(EVENTS, shift(f"{number}"))
            await graph.delete(f"{EVENTS}/{created.id}")
            again = await graph.delete(f"{EVENTS}/{created.id}")
            seen.add((again.status, again.code))
        assert seen == {(404, "ErrorItemNotFound"), (403, "ErrorCannotDeleteObject")}
        graph.simulator.behaviour.second_delete = "cannot_delete"
        assert (await graph.delete(f"{EVENTS}/{created.id}")).code == "ErrorCannotDeleteObject"
        graph.simulator.behaviour.second_delete = "not_found"
        assert (await graph.delete(f"{EVENTS}/{created.id}")).code == "ErrorItemNotFound"
        mutable = await graph.post(EVENTS, shift(), prefer=None)
        await graph.delete(f"{EVENTS}/{mutable.id}", prefer=None)
        assert (await graph.delete(f"{EVENTS}/{mutable.id}", prefer=None)).code == "ErrorItemNotFound"


async def test_a_deleted_event_may_still_be_changed_where_it_lies() -> None:
    async with stand_in(ADA) as graph:
        created = await graph.post(EVENTS, shift())
        graph.simulator.owner.delete(ADA, created.id)
        assert (await graph.patch(f"{EVENTS}/{created.id}", {"subject": "x"})).status == 404
        graph.simulator.behaviour.deleted_items_reachable = True
        changed = await graph.patch(f"{EVENTS}/{created.id}", {"subject": "x"})
        assert (changed.status, changed.body["subject"]) == (200, "x")
        assert graph.simulator.events(ADA) == []
        assert (await graph.get(EVENTS)).body["value"] == []


async def test_extended_properties_are_found_by_name_and_value_and_shown_when_asked_for() -> None:
    async with stand_in(ADA) as graph:
        created = await graph.post(EVENTS, shift(singleValueExtendedProperties=marked("Town:A")))
        await graph.post(EVENTS, shift(singleValueExtendedProperties=marked("town:b")))
        await graph.post(EVENTS, shift())
        assert "singleValueExtendedProperties" not in created.body
        assert await found(graph, MARK, "TOWN:a") == [created.id]
        capitals = "String {66F5A359-4659-4830-9070-00047EC6AC6E} Name Mark"
        assert await found(graph, capitals, "town:a") == [created.id]
        assert await found(graph, MARK.replace("Mark", "mark"), "town:a") == []
        expand = f"$expand=singleValueExtendedProperties($filter=id eq '{MARK}')"
        shown = (await graph.get(f"{EVENTS}/{created.id}?{expand}")).body
        assert shown["singleValueExtendedProperties"] == [{"id": MARK, "value": "Town:A"}]
        other = expand.replace("Mark", "Other")
        assert "singleValueExtendedProperties" not in (await graph.get(f"{EVENTS}/{created.id}?{other}")).body
        both = expand[:-1] + f" or id eq '{MARK.replace('Mark', 'Other')}')"
        extra = [{"id": MARK.replace("Mark", "Other"), "value": "x"}]
        await graph.patch(f"{EVENTS}/{created.id}", {"singleValueExtendedProperties": extra})
        assert len((await graph.get(f"{EVENTS}/{created.id}?{both}")).body["singleValueExtendedProperties"]) == 2
        await graph.patch(f"{EVENTS}/{created.id}", {"singleValueExtendedProperties": [{"id": MARK, "value": None}]})
        assert await found(graph, MARK, "town:a") == []


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"$filter=id eq '{MARK}'", 400, "ErrorInvalidProperty"),
        ("$filter=startswith(subject,'x')", 501, "NotImplemented"),
        ("$expand=singleValueExtendedProperties", 400, "BadRequest"),
        ("$expand=somethingElse", 400, "BadRequest"),
        ("$expand=extensions", 500, "UnknownError"),
        ("$select=subject,nothing", 400, "BadRequest"),
        ("$search=x", 400, "BadRequest"),
        ("$orderby=subject", 501, "NotImplemented"),
    ],
)
async def test_a_query_that_graph_cannot_do_is_refused(query: str, status: int, code: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.get(f"{EVENTS}?{query}")
        assert (reply.status, reply.code) == (status, code)


async def test_location_and_attendees() -> None:
    async with stand_in(ADA) as graph:
        people = [{"emailAddress": {"address": BEN, "name": "Ben"}, "type": "optional"}]
        created = await graph.post(EVENTS, shift(location={"displayName": "4 West"}, attendees=people))
        place = {"displayName": "4 West", "locationType": "default", "uniqueId": "4 West", "uniqueIdType": "private"}
        assert created.body["location"] == place
        assert created.body["locations"] == [place]
        assert created.body["attendees"][0]["emailAddress"] == {"address": BEN, "name": "Ben"}
        assert graph.simulator.journal[-1].mail_to == (BEN,)
        await graph.delete(f"{EVENTS}/{created.id}")
        assert graph.simulator.counts().mails == 2
        without = await graph.post(EVENTS, shift(location={"displayName": ""}, attendees=[]))
        assert (without.body["locations"], without.body["location"]["uniqueIdType"]) == ([], "unknown")
        assert graph.simulator.journal[-1].mail_to == ()


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "BadRequest"),
        (b"{", {}, "BadRequest"),
        (b'{"subject": "x"}', {"Content-Type": "text/plain"}, "BadRequest"),
        (b"[]", {}, "RequestBodyRead"),
        (b"{}", {}, "ErrorPropertyValidationFailure"),
        (b'{"event": {}}', {}, "RequestBodyRead"),
        (b'{"attendees": null}', {}, "RequestBodyRead"),
        (b'{"subject": 5}', {}, "RequestBodyRead"),
        (b'{"@odata.type": "#microsoft.graph.event", "start": null}', {}, "ErrorPropertyValidationFailure"),
    ],
)
async def test_a_body_that_is_no_event_is_refused(body: bytes, headers: dict[str, str], code: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.post(EVENTS, body, headers=headers)
        assert (reply.status, reply.code) == (400, code)
        assert graph.simulator.events(ADA) == []
        assert graph.simulator.journal[-1].code == code


async def test_what_is_not_modelled_is_said() -> None:
    async with stand_in(ADA) as graph:
        extension = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "x"}
        reply = await graph.post(EVENTS, shift(extensions=[extension]))
        assert (reply.status, reply.code) == (501, "NotImplemented")
        assert graph.simulator.events(ADA) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{EVENTS}/!", 400, "ErrorInvalidIdMalformed"),
        ("GET", f"{EVENTS}/AAMkAGnobodyknowsthis=", 404, "ErrorItemNotFound"),
        ("PUT", EVENTS, 405, "Request_BadRequest"),
        ("GET", f"/users/{ADA}/messages", 400, "BadRequest"),
        ("GET", f"//users/{ADA}/events", 400, "BadRequest"),
        ("GET", "/groups/1/events", 400, "BadRequest"),
        ("GET", f"/users/{ADA}/calendars/none/events", 404, "ErrorItemNotFound"),
        ("GET", f"/users/{ADA}/calendarView/delta", 501, "NotImplemented"),
    ],
)
async def test_a_path_that_leads_nowhere(method: str, path: str, status: int, code: str) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.ask(method, path)
        assert (reply.status, reply.code) == (status, code)


async def test_an_event_of_another_mailbox_is_not_found() -> None:
    async with stand_in(ADA, BEN) as graph:
        created = await graph.post(EVENTS, shift())
        assert (await graph.get(f"/users/{BEN}/events/{created.id}")).status == 404
        assert (await graph.delete(f"/users/{BEN}/events/{created.id}")).code == "ErrorItemNotFound"


async def test_headers_of_answers() -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.get(EVENTS, headers={"client-request-id": "mine"})
        assert reply.headers["client-request-id"] == "mine"
        assert reply.headers["request-id"] not in ("", "mine")
        other = await graph.get(EVENTS)
        assert other.headers["client-request-id"] == other.headers["request-id"]
        codes = [(await graph.get(f"{EVENTS}/!", headers={"client-request-id": "c"})).body for _ in range(20)]
        inner = [body["error"]["innerError"] for body in codes if "innerError" in body["error"]]
        assert 0 < len(inner) < len(codes)
        assert {each["client-request-id"] for each in inner} == {"c"}


async def test_the_same_seed_gives_the_same_ids() -> None:
    async def ids(seed: int) -> list[str]:
        async with stand_in(ADA, seed=seed) as graph:
            return [(await graph.post(EVENTS, shift(f"{number}"))).id for number in range(3)]

    assert await ids(1) == await ids(1)
    assert await ids(1) != await ids(2)
