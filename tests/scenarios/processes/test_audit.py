"""A night after 200 people have meddled with their calendars; tables that are lost in the middle of a month."""

import asyncio
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.scenarios.processes.by_hand import COPIED, DELETED, EDITED, MOVED, PURGED, meddle
from tests.scenarios.processes.site import Site, open_site, until

pytestmark = pytest.mark.slow

SEED = 20266
PEOPLE = 200
AUDITED = re.compile(r"calendar_audited .*? missing=(\d+) changed=(\d+) surplus=(\d+)")


async def test_one_audit_puts_200_calendars_right_and_lost_tables_cost_only_reads(tmp_path: Path, tell: Tell) -> None:
    """What `report` counts is what `repair` then does; foreign events are untouched, moved ones not doubled."""
    source = random.Random(SEED)
    settings = {"AUDIT_SPREAD_MINUTES": "0"}
    async with (
        asyncio.timeout(280),
        open_site(tmp_path, people=PEOPLE, shifts_per_month=5, seed=SEED, **settings) as site,
    ):
        await site.start_host()
        await site.publish()
        first = await site.right(120)
        tell(str(first))
        assert not first.differences, first.words
        done = await meddle(site, source)
        tell(f"by hand: {dict(done)}")

        reported = await _audit(site, "report")
        await site.still(30)
        assert (await site.graph.counts()).changed == 0
        tell(f"report: {dict(reported)}; Graph {(await site.graph.counts()).methods}")

        repaired = await _audit(site, "repair")
        numbers = await site.right(60, sweeping=False)
        counts = await site.graph.counts()
        tell(f"repair: {dict(repaired)}; Graph {counts.methods}, requests {counts.requests}; {numbers}")
        assert not numbers.differences, numbers.words
        assert repaired == reported
        assert reported["missing"] >= done[DELETED] + done[PURGED]
        assert reported["surplus"] >= done[COPIED]
        assert reported["missing"] + reported["changed"] + reported["surplus"] >= sum(done.values()) - done[MOVED]
        assert counts.methods["POST"] == reported["missing"]
        assert counts.methods["DELETE"] == reported["surplus"]
        assert counts.methods["PATCH"] == reported["changed"]
        assert done[EDITED] and done[MOVED]

        again = await _audit(site, "repair")
        await site.still(30)
        counts = await site.graph.counts()
        assert (again.total(), counts.changed) == (0, 0)
        tell(f"untouched: Graph {counts.methods}, requests {counts.requests}")

        await _lose_tables(site, tell)


async def test_lost_tables_of_200_people_whose_slots_were_renumbered_meanwhile_cost_only_reads(
    tmp_path: Path, tell: Tell
) -> None:
    """No slot id that Lightning Bolt answers is in any mark or table: events are known by what they show."""
    async with asyncio.timeout(280), open_site(tmp_path, people=PEOPLE, shifts_per_month=5, seed=SEED) as site:
        await site.start_host()
        await site.publish()
        first = await site.right(120)
        tell(str(first))
        assert not first.differences, first.words
        before = await site.mailboxes()

        renumbered = await _renumber(site)
        await site.storage.lose_tables()
        await site.graph.clear_journal()
        await site.sweep()
        numbers = await site.right(60, sweeping=False)
        counts = await site.graph.counts()
        said = f"Graph {counts.methods}, requests {counts.requests}; {numbers}"
        tell(f"tables lost, {len(renumbered)} slots renumbered, one sweep: {said}")
        assert not numbers.differences, numbers.words
        assert counts.changed == 0
        assert counts.methods.keys() == {"GET"}
        assert await site.mailboxes() == before
        linked = await site.storage.linked_slots()
        assert len(linked) == numbers.found
        assert linked <= {str(new) for new in renumbered.values()}


async def _renumber(site: Site) -> dict[int, int]:
    """Every slot gets another id in Lightning Bolt's answers. Old to new; no id is among both."""
    old = [slot.slot_id for slot in (await site.lightning_bolt.published()).slots]
    renumbered = await site.lightning_bolt.renumber(old, live=True)
    shown = {slot.slot_id for slot in (await site.lightning_bolt.published()).slots}
    assert shown == set(renumbered.values())
    assert shown.isdisjoint(old)
    return renumbered


async def _audit(site: Site, drift: str) -> Counter[str]:
    """Another host with that setting, and a night. What its log counts."""
    await site.hosts[-1].piece.stop()
    site.settings = {**site.settings, "DRIFT": drift}
    host = await site.start_host()
    await site.graph.clear_journal()
    await site.sweep("audit")

    async def is_over() -> bool:
        return "audit_enqueued" in host.text and await site.queues.waiting() == 0

    await until(is_over, 90, "every calendar is audited")
    counts = Counter[str]()
    for missing, changed, surplus in AUDITED.findall(host.text):
        counts.update(missing=int(missing), changed=int(changed), surplus=int(surplus))
    return counts


async def _lose_tables(site: Site, tell: Tell) -> None:
    """All tables: one sweep finds every event by its mark."""
    moved = [
        (mailbox.address, event)
        for mailbox in await site.graph.mailboxes()
        if "Clinic" in mailbox.calendars
        for event in await site.graph.events(mailbox.address, calendar="Clinic")
    ]
    for address, event in moved:  # Outlook's owner puts them back: without tables nobody knows of other calendars
        await site.graph.move_event(address, event.id, "Calendar")
    await site.storage.lose_tables()
    await site.graph.clear_journal()
    await site.sweep()
    numbers = await site.right(60, sweeping=False)
    counts = await site.graph.counts()
    tell(f"tables lost, one sweep: Graph {counts.methods}, requests {counts.requests}; {numbers}")
    assert not numbers.differences, numbers.words
    assert counts.changed == 0
    assert counts.methods.keys() == {"GET"}
