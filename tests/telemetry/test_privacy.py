"""Rule 10: what a hospital's run exports is searched for every name, note, subject, address and token of it."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from azure.core.exceptions import HttpResponseError

from shared.errors import BadMessageError
from shared.sync.publish_callback import sign
from tests.local.graph.faults import Fault as GraphFault
from tests.local.graph.mailboxes import MailboxState
from tests.local.hospital import make_hospital
from tests.local.hospital.people import Mail
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.telemetry.recording import Recording, recorded
from tests.telemetry.recordings import sweeps
from tests.town import VIEW, ZONE, Town

SECRET = "a secret for signatures"
KINDS = ("names", "notes", "subjects", "addresses", "tokens")


@dataclass(frozen=True, slots=True)
class Searched:
    """A run's telemetry in whole, and what must not be in it, by kind."""

    text: str
    private: dict[str, set[str]]

    def found(self, more: str = "") -> set[tuple[str, str]]:
        """What of it stands there, in any case of letters."""
        text = f"{self.text}\n{more}".lower()
        return {(kind, word) for kind, words in self.private.items() for word in words if word.lower() in text}


def everything(recording: Recording) -> str:
    """All that a recording holds: as it would be sent, and as the SDK has it."""
    parts: Iterable[object] = (
        *recording.envelopes(),
        *(span.to_json() for span in recording.spans),
        *((str(record.log_record.body), dict(record.log_record.attributes or {})) for record in recording.logs),
    )
    return "\n".join(json.dumps(part, ensure_ascii=False, default=str) for part in parts)


async def hard_times(town: Town) -> None:
    """A publish, and everything that can go wrong with what follows."""
    body = f'{{"view_id": {VIEW}}}'.encode()
    now = int(town.now.timestamp())
    for secret in ("a guess", SECRET):
        headers = {"x-signature": sign(body, secret, now)}
        await town.around("publish_callback", town.app.publish_callback(body, headers))
    town.graph.fault(GraphFault("throttled", method="POST", times=3, retry_after=1))
    town.graph.fault(GraphFault("error", method="POST", times=3, skip=6, status=400, code="ErrorInvalidRequest"))
    town.graph.fault(GraphFault("cut_after", times=2, skip=12))
    await town.drain(60)
    town.lightning_bolt.faults.add(Fault(Kind.NO_SLOTS))
    await town.sweep()
    await sweeps(town, 1)
    with suppress(BadMessageError):
        await town.around("write_calendar", town.app.write_calendar(b'{"schema": 1, "change": {"person": 7}}'))
    await town.app.storage.tables.delete_table("personmonths")
    await town.around("sweep", town.app.sweep())
    with suppress(HttpResponseError):
        await town.drain()


@pytest.fixture(scope="module")
async def run(azurite: Iterable[str]) -> Searched:
    """A hospital's hard times, recorded."""
    async with Town.open(next(iter(azurite)), PUBLISH_SECRET=SECRET, MONTHS_BACK="0", MONTHS_AHEAD="1") as town:
        hospital = make_hospital([town.next_month.first], people=24, shifts_per_month=6, time_zone=ZONE)
        town.lightning_bolt.world.load(hospital.setup)
        for plan in hospital.mailboxes:
            if plan.mail is not Mail.ABSENT:
                state = MailboxState.OUT_OF_SCOPE if plan.mail is Mail.OUT_OF_SCOPE else MailboxState.OPEN
                town.graph.directory.put(plan.address, mailbox_id=plan.object_id, name=plan.name, state=state)
        await town.lightning_bolt.publishing.publish(callback=False)
        with recorded() as recording:
            town.around = recording.around
            await hard_times(town)
        setup = hospital.setup
        people = [person for person in setup.people if not person.is_placeholder]
        private = {
            "names": {
                name
                for person in people
                for name in (person.display_name, f"{person.first_name} {person.last_name}", person.compact_name)
            },
            "notes": {
                line
                for slot in setup.slots
                for line in f"{slot.note or ''}\n{slot.request_note or ''}".splitlines()
                if line
            },
            "subjects": {kind.display_name for kind in setup.assignments},
            "addresses": {text for plan in hospital.mailboxes for text in (plan.address, plan.object_id)},
            "tokens": {
                *town.lightning_bolt.tokens.issued,
                town.environment["LIGHTNING_BOLT_CLIENT_SECRET"],
                SECRET,
            },
        }
    assert recording.total("events_created") > 50
    for event in ("calendar_written", "write_failed", "calendar_unread", "held", "mapping_report"):
        assert recording.events(event), f"{event} was not among what went wrong"
    assert [each.success for each in recording.runs].count(False) >= 2
    return Searched(everything(recording), private)


def test_telemetry_holds_no_private_word(run: Searched) -> None:
    assert {kind: bool(run.private[kind]) for kind in KINDS} == dict.fromkeys(KINDS, True)
    assert len(run.private["names"]) > 60
    assert run.found() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_word_would_be_found(run: Searched, kind: str) -> None:
    for word in run.private[kind]:
        assert (kind, word) in run.found(f"reason={word.upper()},")
