"""Whose fault a refusal is: the mailbox's, or the installation's."""

from dataclasses import replace

from shared.outlook.outcome import Kind
from shared.state.ledger import TableLedger
from shared.state.memory import MemoryTable
from shared.sync.witness import LONG_AGO, Witnessed
from tests.contract.accounts import Clock
from tests.unit.desk import NEW, OLD, Desk, Outlook


def _witnessed(desk: Desk) -> None:
    calendars = Witnessed(desk.outlook, desk.ledger, lambda: desk.clock.moment.timestamp())
    desk._ports = replace(desk._ports, calendars=calendars)


async def test_an_app_that_may_read_but_not_write_any_calendar_blames_no_mailbox() -> None:
    """Consent was given for Calendars.Read only, or Calendars.ReadWrite was taken away: refused at every mailbox."""
    desk = Desk()
    _witnessed(desk)
    assert not isinstance(await desk._ports.calendars.marked(NEW, "7", LONG_AGO, LONG_AGO, timeout=9), str)
    for mailbox in (OLD, NEW):
        desk.outlook.fail(mailbox, "POST", "PATCH", "DELETE", status=403, code="ErrorAccessDenied")
    await desk.publish(OLD, 5, wait=3600)
    assert (await desk.row()).status.outcome == "installation refused"
    assert await desk.problems() == []
    desk.outlook.be_well()
    await desk.pass_by(700)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"], "ten minutes after the permission was given"


async def test_health_recovers_when_another_process_is_accepted() -> None:
    """Two processes. One is refused (a token of its own that was bad), the other goes on; then nothing happens."""
    clock = Clock()
    ledger = TableLedger(MemoryTable("schedules", clock), MemoryTable("problems", clock))
    well, ill = Outlook(clock), Outlook(clock)
    ill.fail(OLD, status=401, code="InvalidAuthenticationToken")
    a = Witnessed(well, ledger, lambda: clock.moment.timestamp())
    b = Witnessed(ill, ledger, lambda: clock.moment.timestamp())
    for mailbox in ("x@example.org", "y@example.org", "z@example.org"):
        await a.marked(mailbox, "", LONG_AGO, LONG_AGO, timeout=9)
    clock.pass_by(10)
    await b.marked(OLD, "", LONG_AGO, LONG_AGO, timeout=9)
    clock.pass_by(60)
    await a.marked(OLD, "", LONG_AGO, LONG_AGO, timeout=9)  # the refused person's next attempt, elsewhere
    assert (await ledger.graph_access()).refusal == ""


async def test_a_calendar_that_took_long_to_refuse_does_not_make_it_the_installation() -> None:
    """The budget was used up by the refused request itself (pages, calendars): no witness is asked at all."""
    clock = Clock()
    ledger = TableLedger(MemoryTable("schedules", clock), MemoryTable("problems", clock))
    outlook = Outlook(clock)

    class Slow(Outlook):
        async def marked(self, *given: object, **named: object):  # type: ignore[no-untyped-def]
            clock.pass_by(50 if given[0] == OLD else 0)
            return await outlook.marked(*given, **named)  # type: ignore[arg-type]

    calendars = Witnessed(Slow(clock), ledger, lambda: clock.moment.timestamp())
    await calendars.marked(NEW, "", LONG_AGO, LONG_AGO, timeout=45)
    outlook.fail(OLD, status=403, code="ErrorAccessDenied")
    found = await calendars.marked(OLD, "", LONG_AGO, LONG_AGO, timeout=45)
    assert found.outcome.kind is Kind.NOT_DONE  # type: ignore[union-attr]
