"""`RETENTION_MONTHS`: rows of months long past go, events stay."""

from shared.messages import ScheduleMonth
from shared.month import Month
from tests.town import ADA, DAY, TEMPLATE, VIEW, Town


async def test_rows_of_old_months_are_purged_and_their_events_stay(town: Town) -> None:
    present = Month.of(town.today)
    months = [present.plus(number) for number in (-3, -2, -1, 0, 1)]
    await town.restart(MONTHS_BACK="3", AUDIT_SPREAD_MINUTES="0")
    for month in months:
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, month.first)
    await town.publish()
    assert len(town.calendar(ADA)) == 5
    await town.restart(MONTHS_BACK="1", RETENTION_MONTHS="1")
    town.graph.journal.clear()
    await town.sweep()
    await town.app.audit()
    await town.drain()
    assert (len(town.calendar(ADA)), town.writes()) == (5, {})
    app = town.app
    rows, links = app.writer.person_months.keys(), app.writer.shift_events.keys()
    left = {key.month.month async for key in rows if not key.is_head}
    linked = {link.month.month async for link in links}
    assert left == linked == set(months[2:])
    assert (await app.writer.person_months.rows(ScheduleMonth(str(TEMPLATE), months[0]))).head is None
    assert min((await app.ledger.reads(VIEW)).months) == months[2]
