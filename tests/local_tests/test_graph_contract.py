"""The Graph stand-in holds itself to Graph's metadata and to recorded answers."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema

from tests.contracts import contract
from tests.local.graph.client import RawGraph, Reply, stand_in, write
from tests.local.graph.event_types import ENUMS, TYPES
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState

ADA = "ada@example.org"
EVENTS = f"/users/{ADA}/events"
VIEW = f"/users/{ADA}/calendarView"
ZONED = {"dateTime": "2026-11-02T07:00:00", "timeZone": "UTC"}
BODY: dict[str, Any] = {"subject": "x", "start": ZONED, "end": ZONED}

ODDITIES: list[Any] = [
    *(None, 5, -7.5, 2**40, True, "odd", "", {}, [], [None], [5], ["odd"], [{}]),
    *({"odd": 1}, [{"odd": 1}], {"dateTime": 5}, {"dateTime": None}, {"timeZone": 5}, {"contentType": "rtf"}),
    *({"content": 5}, {"displayName": 5}, {"locationType": "odd"}, {"address": {"city": 5}}, {"response": "odd"}),
    *({"emailAddress": {"address": 5}}, [{"emailAddress": {"address": 5}}], [{"type": "odd"}], [{"id": 5}]),
    *([{"id": None}], [{"id": "String {x}", "value": 5}], {"coordinates": {"latitude": "x"}}, {"time": "yesterday"}),
    *({"pattern": {"interval": "x"}}, {"range": {"startDate": "soon"}}, {"phones": None}, {"phones": [{"type": "x"}]}),
    *("2026-11-02", "2026-11-02T07:00:00Z", {"@odata.type": "#microsoft.graph.anything"}),
]
"""Values of every kind, to be put in place of every property."""

UNRECORDED = {
    (400, "ErrorInvalidParameter"): "calendarView without its range, as others report it",
    (400, "ErrorInvalidRequest"): "FACTS.md's table; seen for all-day events and for ranges over 1825 days",
    (400, "ErrorInvalidIdMalformed"): "FACTS.md's table",
    (409, "ErrorDuplicateTransactionId"): "FACTS.md: some see 409",
    (401, "InvalidAuthenticationToken"): "FACTS.md's table",
    (404, "Request_ResourceNotFound"): "FACTS.md's table",
    (424, "FailedDependency"): "FACTS.md's table has the status",
    (507, "ErrorQuotaExceeded"): "FACTS.md's table",
    (501, "NotImplemented"): "the stand-in's own: what it does not model",
}
"""Errors of which no recording is known, and why the stand-in gives them."""

NOT_MODELLED = {"attachments", "calendar", "exceptionOccurrences", "extensions", "instances"} | {
    "multiValueExtendedProperties"
}
"""Refused whatever is inside them."""

_SCHEMA = contract("graph-event.schema.json")
_ANSWERS = contract("graph-answers.json")


def events(given: Any) -> Iterator[dict[str, Any]]:
    """All complete events in a recorded body."""
    if isinstance(given, dict):
        if {"iCalUId", "start", "onlineMeetingProvider", "organizer"} <= given.keys():
            yield given
        for each in given.values():
            yield from events(each)
    elif isinstance(given, list):
        for each in given:
            yield from events(each)


def errors(recorded: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Status and code of all errors in a recorded answer."""
    body = recorded["body"]
    if isinstance(body, dict) and "error" in body:
        yield recorded["status"], body["error"]["code"]
    for item in (body or {}).get("responses", []):
        if "error" in (item.get("body") or {}):
            yield item["status"], item["body"]["error"]["code"]


async def provoked() -> list[Reply]:
    """Every kind of error that the simulator can give."""
    async with stand_in(ADA) as graph:
        simulator = graph.simulator
        one = f"{EVENTS}/{(await graph.post(EVENTS, BODY | {'transactionId': 't'})).id}"
        simulator.behaviour.second_delete = "cannot_delete"
        replies = [
            await graph.post(EVENTS, b""),
            await graph.post(EVENTS, b"{"),
            await graph.post(EVENTS, {"event": {}}),
            await graph.post(EVENTS, {}),
            await graph.post(EVENTS, BODY | {"end": ZONED | {"dateTime": "2026-11-01T00:00:00"}}),
            await graph.post(EVENTS, BODY | {"end": ZONED | {"timeZone": "America/Detroit"}}),
            await graph.post(EVENTS, BODY | {"isAllDay": True}),
            await graph.post(EVENTS, BODY | {"transactionId": "t", "subject": "y"}),
            await graph.post(EVENTS, BODY | {"recurrence": {"range": {}}}),
            await graph.post(EVENTS, BODY | {"singleValueExtendedProperties": [{"id": "x", "value": "y"}]}),
            await graph.get(f"{EVENTS}/!"),
            await graph.get(f"{one}AAAA"),
            await graph.get(f"{EVENTS}?$filter=id eq 'x'"),
            await graph.get(f"{EVENTS}?$select=odd"),
            await graph.get(f"{EVENTS}?$expand=extensions"),
            await graph.get(VIEW),
            await graph.get(f"{VIEW}?startDateTime=2020-01-01&endDateTime=2026-01-01"),
            await graph.get(
                f"{VIEW}?startDateTime=2025-12-01&endDateTime=2026-01-01&$filter=singleValueExtendedProperties"
            ),
            await graph.ask("PUT", EVENTS, BODY),
            await graph.get("/nothing"),
            await graph.batch([]),
        ]
        simulator.behaviour.duplicate_status = 409
        replies.append(await graph.post(EVENTS, BODY | {"transactionId": "t", "subject": "y"}))
        await graph.delete(one)
        replies.append(await graph.delete(one))
        for state in MailboxState:
            if state is not MailboxState.OPEN:
                simulator.directory.put(ADA, state=state)
                replies.append(await graph.post(EVENTS, BODY))
        simulator.directory.put(ADA, state=MailboxState.OPEN)
        for status in (401, 409, 412, 424, 500, 503):
            simulator.faults.put([Fault("error", status=status)])
            replies += [await graph.get(EVENTS), await _item(graph)]
        simulator.faults.put([Fault("throttled", retry_after=1)])
        replies += [await graph.get(EVENTS), await _item(graph)]
        simulator.faults.put([])
        simulator.behaviour.concurrency = 0
        replies += [await graph.get(EVENTS), await _item(graph)]
        simulator.behaviour.require_token = True
        replies.append(await graph.get(EVENTS))
    return replies


async def _item(graph: RawGraph) -> Reply:
    return (await graph.items([write("1", "GET", EVENTS)]))["1"]


if _SCHEMA is not None and _ANSWERS is not None:
    _FORM = json.loads(_SCHEMA.read_text())
    _RECORDED = json.loads(_ANSWERS.read_text())
    _EVENT = jsonschema.Draft202012Validator(_FORM)
    _ERROR = jsonschema.Draft202012Validator(_FORM["$defs"]["odata.error"])

    def test_names_and_types_are_those_of_graphs_metadata() -> None:
        definitions = {name.removeprefix("microsoft.graph."): each for name, each in _FORM["$defs"].items()}
        for name, members in ENUMS.items():
            assert members == set(definitions[name]["enum"]), name
        for name, properties in TYPES.items():
            assert properties.keys() == definitions[name]["properties"].keys(), name

    async def test_what_the_schema_refuses_is_refused_and_nothing_else_is_for_its_type() -> None:
        async with stand_in(ADA) as graph:
            tried = {True: 0, False: 0}
            for name in _FORM["$defs"]["microsoft.graph.event"]["properties"]:
                for value in ODDITIES:
                    body = BODY | {name: value}
                    fits = _EVENT.is_valid(body)
                    tried[fits] += 1
                    reply = await graph.post(EVENTS, body)
                    code = "" if reply.status == 201 else reply.code
                    if fits:
                        assert code != "RequestBodyRead", (name, value, reply)
                    else:
                        wanted = {"RequestBodyRead", "NotImplemented"} if name in NOT_MODELLED else {"RequestBodyRead"}
                        assert code in wanted, (name, value, reply)
            assert tried[True] > 100
            assert tried[False] > 1000

    async def test_what_the_schema_refuses_is_refused_of_a_change_too() -> None:
        async with stand_in(ADA) as graph:
            one = f"{EVENTS}/{(await graph.post(EVENTS, BODY)).id}"
            for value in ODDITIES:
                for name in ("categories", "showAs", "start", "singleValueExtendedProperties", "unknownName"):
                    if not _EVENT.is_valid({name: value}):
                        reply = await graph.patch(one, {name: value})
                        assert (reply.status, reply.code) == (400, "RequestBodyRead"), (name, value)

    async def test_every_error_is_a_known_one() -> None:
        known = {each for recorded in _RECORDED for each in errors(recorded)}
        seen = set()
        for reply in await provoked():
            assert reply.status >= 400, reply
            assert list(_ERROR.iter_errors(reply.body)) == [], reply
            seen.add((reply.status, reply.code))
        assert seen - known - UNRECORDED.keys() == set()
        assert not known & UNRECORDED.keys()
        assert len(seen) >= 25

    async def test_answers_have_the_keys_of_recorded_ones() -> None:
        recorded = [each for answer in _RECORDED if not answer.get("partial") for each in events(answer["body"])]
        assert len(recorded) >= 6
        always = set.intersection(*(set(each) for each in recorded))
        ever = set.union(*(set(each) for each in recorded))
        newest = next(
            each for answer in _RECORDED if answer["source"].endswith("event_by_id.yml") for each in events(answer)
        )
        async with stand_in(ADA) as graph:
            mark = [{"id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name X", "value": "y"}]
            for more in ({}, {"isAllDay": True}, {"attendees": [{"emailAddress": {"address": ADA}}]}):
                end = {
                    "end": ZONED | {"dateTime": "2026-11-03T00:00:00"},
                    "start": ZONED | {"dateTime": "2026-11-02T00:00:00"},
                }
                made = (await graph.post(EVENTS, BODY | end | more | {"singleValueExtendedProperties": mark})).body
                assert always <= made.keys()
                assert made.keys() <= ever
                assert {key for key in newest if "calendar@" not in key} == made.keys()
                assert list(_EVENT.iter_errors({key: value for key, value in made.items() if key not in _NEWER})) == []
            listed = (await graph.get(f"{VIEW}?startDateTime=2026-11-01&endDateTime=2026-12-01")).body
            assert listed.keys() == {"@odata.context", "value"}
            assert listed["value"][0].keys() == made.keys() - {"@odata.context"}

    _NEWER = {"uid", "occurrenceId"}
    """In answers of 2024 and later, yet not in the metadata's subset."""
