"""`adopt` at the terminal, against the app as a process: what an operator is shown, asked and told."""

import json
import re

from tests.local.graph.mailboxes import MailboxState
from tests.ops.served import served
from tests.ops.test_cli import run
from tests.scenarios.test_installation import marks
from tests.town import ADA, BEN, DAY, TEMPLATE, Town, mailbox


async def _published(town: Town) -> None:
    """Ada has two shifts, Ben one, all written under the id `town`."""
    for person, day in ((ADA, 3), (ADA, 4), (BEN, 3)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, person, DAY, town.day(day))
    await town.publish()
    town.graph.journal.clear()


async def test_an_operator_looks_says_no_then_yes(town: Town) -> None:
    await _published(town)
    await town.restart(INSTALLATION_ID="renamed", EARLIER_INSTALLATION_IDS='["town"]')
    async with served(town) as host:
        told = await run(host, "status")
        assert (told.exit_code, "changed from town to renamed" in told.stdout) == (1, True)
        assert (await run(host, "doctor")).exit_code == 1

        refused = await run(host, "adopt", typed="n\n")
        assert refused.exit_code == 1
        assert "From town to renamed:" in refused.stderr
        assert "2 people, 2 months, 3 events are known." in refused.stderr
        assert re.search(rf"person {ADA}: 2 events with the earlier id, 0 with the present one", refused.stderr)
        assert marks(town) == {"town": 3}

        done = await run(host, "adopt", typed="y\n")
        assert (done.exit_code, "2 people done, 0 left, 0 failed." in done.stdout) == (0, True), done.output
        assert (marks(town), town.writes()) == ({"renamed": 3}, {"PATCH": 3})
        assert (await run(host, "status")).exit_code == 0
        assert re.search(r"adopt earlier town", (await run(host, "status")).stdout)

        again = await run(host, "adopt", "--yes", "--json")
        said = json.loads(again.stdout)
        assert (again.exit_code, said["people"], said["left"], said["failed"]) == (0, 2, 0, 0)
        assert town.writes() == {"PATCH": 3}


async def test_what_it_refuses_and_whom_it_could_not_reach(town: Town) -> None:
    await _published(town)
    await town.restart(INSTALLATION_ID="renamed")
    async with served(town) as host:
        refused = await run(host, "adopt", "--yes")
        assert (refused.exit_code, "put town into EARLIER_INSTALLATION_IDS" in refused.stderr) == (2, True)
        assert (await run(host, "audit")).exit_code == 2
    await town.restart(EARLIER_INSTALLATION_IDS='["town"]')
    town.graph.directory.put(mailbox(BEN), state=MailboxState.OUT_OF_SCOPE)
    async with served(town) as host:
        done = await run(host, "adopt", "--yes")
        assert (done.exit_code, "1 people done, 0 left, 1 failed." in done.stdout) == (1, True), done.output
        assert "not all read" in (await run(host, "adopt", typed="n\n")).stderr
    assert marks(town) == {"renamed": 2, "town": 1}
