"""The command line against the app as a process: what it prints, its exit codes, and what it says when it cannot."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from shared.messages import CALENDAR_CHANGES
from shared.ops.cli.commands import app
from tests.local.lightning_bolt.faults import Fault, Kind
from tests.local.pieces import Piece
from tests.local_tests.host_fixtures import until
from tests.ops.served import KEY, served
from tests.town import ADA, BEN, DAN, DAY, NIGHT, TEMPLATE, Town, mailbox


@pytest.fixture
async def host(town: Town) -> AsyncIterator[Piece]:
    """The app, with shifts of Ada's and Ben's next month that nobody has read yet."""
    for day in range(1, 13):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(day))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, NIGHT, town.day(3), note="Bring the pager")
    town.lightning_bolt.slots.add_slot(TEMPLATE, DAN, DAY, town.day(3))
    await town.lightning_bolt.publishing.publish(callback=False)
    async with served(town) as started:
        yield started


async def run(host: Piece | str, *arguments: str, key: str = KEY, typed: str = "") -> Result:
    """As typed at a terminal, in a thread: Lightning Bolt and Graph are served by this one's loop."""
    address = host if isinstance(host, str) else host.address
    line = ["--app", address, "--key", key, *arguments]
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, line, input=typed, env={"COLUMNS": "200"}))


async def test_preview_sync_and_status(town: Town, host: Piece) -> None:
    previewed = json.loads((await run(host, "preview", "--json")).stdout)["totals"]
    assert previewed == {"create": 13, "update": 0, "delete": 0, "move": 0, "hold": 0}
    table = await run(host, "preview", "--person", str(BEN))
    assert table.exit_code == 0
    assert re.search(rf"create\s*│ {town.day(3)} .*Night Call", table.stdout)
    assert "Nothing was written" in table.stdout
    assert town.calendar(BEN) == []

    synced = await run(host, "sync", "--month", str(town.next_month), "--wait")
    assert synced.exit_code == 0, synced.output
    assert re.search(r"│\s*13 │\s*0 │\s*0 │\s*0 │\s*0 │", synced.stdout), synced.stdout
    assert len(town.calendar(ADA)) == 12

    told = await run(host, "status")
    assert (told.exit_code, told.stdout.splitlines()[0].strip()) == (0, "Healthy")
    person = await run(host, "status", "--person", str(BEN))
    assert "Bring the pager" in person.stdout
    assert "in the calendar" in person.stdout
    found = await run(host, "status", "--search", "example.org")
    assert "Okoro, Ben MD" in found.stdout
    named = await run(host, "status", "--person", "Okoro")
    assert "Bring the pager" in named.stdout
    assert "would change nothing" in (await run(host, "preview", "--month", str(town.next_month))).stdout


async def test_doctor_and_report(town: Town, host: Piece, tmp_path: Path) -> None:
    doctor = await run(host, "doctor", "--people", "1")
    assert (doctor.exit_code, doctor.stderr) == (0, "")
    assert "✓" in doctor.stdout
    assert "0 wrong" in doctor.stdout
    report = await run(host, "report")
    assert "opted out: 1" in report.stdout
    assert "Pike, Dan MD" in report.stdout
    csv, page = tmp_path / "report.csv", tmp_path / "report.html"
    written = await run(host, "report", "--csv", str(csv), "--html", str(page))
    assert (written.exit_code, written.stdout) == (0, "")
    assert csv.read_text().splitlines() == ["category,id,name,where,detail", 'opted out,2104,"Pike, Dan MD",HM MD,']
    assert "<td>Pike, Dan MD</td>" in page.read_text()
    assert (await run(host, "report", "--csv", "-")).stdout.startswith("category,id,")
    town.lightning_bolt.records.set_account(is_admin=True)
    wrong = await run(host, "doctor")
    assert wrong.exit_code == 1
    assert "administrator rights" in wrong.stdout


async def test_holds_failures_and_poison(town: Town, host: Piece) -> None:
    await run(host, "sync", "--wait")
    ben = town.graph.directory.find(mailbox(BEN))
    assert ben
    town.graph.directory.remove(ben)
    slots = [slot for slot in town.lightning_bolt.world.drafts().slots if slot.emp_id == ADA]
    for slot in slots:
        town.lightning_bolt.slots.remove(slot.slot_id)
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, NIGHT, town.day(20))
    await town.lightning_bolt.publishing.publish(callback=False)
    synced = await run(host, "sync", "--wait", "--json")
    assert synced.exit_code == 1
    assert (json.loads(synced.stdout)["held"], json.loads(synced.stdout)["failed"]) == (12, 1)
    assert (await run(host, "status")).exit_code == 1

    held = await run(host, "hold", "list")
    assert "12 shifts" in held.stdout
    hold = re.findall(r"Hold (\S+)", held.stdout)[0]
    assert (await run(host, "hold", "release", hold, typed="n\n")).exit_code == 1
    assert len(town.calendar(ADA)) == 12
    assert (await run(host, "hold", "release", hold, "--yes")).exit_code == 0
    await until(lambda: town.calendar(ADA) == [], 30)
    assert "Nothing is held." in (await run(host, "hold", "list")).stdout

    assert "mailbox refuses" in (await run(host, "failures", "list")).stdout
    assert "1 months of 1 people" in (await run(host, "failures", "retry", "--person", str(BEN))).stdout
    assert "Nothing has failed for good." in (await run(host, "poison", "list")).stdout
    queue = town.app.storage.queues.get_queue_client(f"{CALENDAR_CHANGES}-poison")
    async with queue:
        await queue.create_queue()
        number = (await queue.send_message(base64.b64encode(b"{}").decode())).id
    assert "no message of ours" in (await run(host, "poison", "list")).stdout
    refused = await run(host, "poison", "requeue", CALENDAR_CHANGES, str(number))
    assert (refused.exit_code, "poison drop" in refused.stderr) == (2, True)
    assert "Deleted" in (await run(host, "poison", "drop", CALENDAR_CHANGES, str(number), "--yes")).stdout
    assert "hold_release" in (await run(host, "status")).stdout


async def test_what_it_says_when_it_cannot(host: Piece) -> None:
    wrong_key = await run(host, "doctor", key="wrong")
    assert (wrong_key.exit_code, "not accepted" in wrong_key.stderr) == (4, True)
    no_key = await run(host, "doctor", key="")
    assert (no_key.exit_code, "give --key" in no_key.stderr) == (4, True)
    nobody = await run("http://127.0.0.1:9", "doctor")
    assert (nobody.exit_code, "cannot reach" in nobody.stderr) == (3, True)
    no_address = await run("nonsense", "doctor")
    assert (no_address.exit_code, "cannot reach" in no_address.stderr) == (3, True)
    bad = await run(host, "preview", "--view", "7")
    assert (bad.exit_code, bad.stderr.split(": ", 1)[1].startswith("view 7 is none")) == (2, True)
    assert (await run(host, "hold", "release", "x", "--yes")).exit_code == 2
    assert (await run(host, "no-such-command")).exit_code == 2


@pytest.fixture
async def older() -> AsyncIterator[str]:
    """An app from before `operate`, and one (under /verbs) that knows it, but not every verb."""
    application = web.Application()

    async def unknown(_: web.Request) -> web.Response:
        return web.json_response({"status": "refused", "field": "verb", "error": "verb 'x' is none of y"}, status=404)

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500, text="<html>")

    application.router.add_post("/verbs/api/operate/{verb}", unknown)
    application.router.add_post("/broken/api/operate/{verb}", broken)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_older_app_is_told_from_a_wrong_address(older: str) -> None:
    for path, words in (("", "another address, or an older app"), ("/verbs", "older than this"), ("/broken", "500")):
        failed = await run(f"{older}{path}", "doctor")
        assert failed.exit_code == 5
        assert words in failed.stderr, failed.stderr


async def test_a_read_that_fails_ends_the_wait(town: Town, host: Piece) -> None:
    town.lightning_bolt.faults.add(Fault(Kind.MISSING_KEY))
    ended = await run(host, "sync", "--wait")
    assert ended.exit_code == 1
    assert "Lightning Bolt could not be read" in ended.stdout
    timed_out = await run(host, "sync", "--wait", "--timeout", "0")
    assert (timed_out.exit_code, "It goes on by itself" in timed_out.stderr) == (3, True)


def test_help_is_there_for_every_command() -> None:
    runner = CliRunner()
    for path in ([], ["hold"], ["failures"], ["poison"]):
        listed = runner.invoke(app, [*(["--app", "x"] if path else []), *path, "--help"])
        assert listed.exit_code == 0
        assert "--help" in listed.stdout


async def test_mappings_go_out_and_come_back(town: Town, host: Piece, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text(f"emp_id,microsoft_id\n{ADA},{mailbox(ADA)}\n{BEN},nobody\n")
    refused = await run(host, "mappings", "import", str(bad), "--yes")
    assert refused.exit_code == 2
    assert "row 3, microsoft_id" in refused.stderr
    good.write_text(f"emp_id,microsoft_id\n{ADA},{mailbox(ADA)}\n{BEN},{mailbox(BEN)}\n")
    previewed = await run(host, "mappings", "preview", str(good))
    assert (previewed.exit_code, "2 people in the file" in previewed.stdout) == (0, True)
    asked = await run(host, "mappings", "import", str(good), typed="y\n")
    assert (asked.exit_code, "imported" in asked.stdout) == (0, True), asked.output
    exported = await run(host, "mappings", "export", "people")
    assert sorted(exported.stdout.splitlines()[1:]) == [f"{ADA},{mailbox(ADA)}", f"{BEN},{mailbox(BEN)}"]
    assert (await run(host, "mappings", "export", "shoes")).exit_code == 2


async def test_an_audit_at_once(town: Town, host: Piece) -> None:
    await run(host, "sync", "--wait")
    town.graph.owner.delete(mailbox(BEN), town.calendar(BEN)[0].immutable_id)
    asked = await run(host, "audit", "--person", str(BEN))
    assert (asked.exit_code, asked.stdout.strip()) == (0, "1 calendars are looked at now.")
    await until(lambda: len(town.calendar(BEN)) == 1)


async def test_removal_is_refused_until_it_would_last_and_then_followed_to_its_end(town: Town, host: Piece) -> None:
    await run(host, "sync", "--wait")
    refused = await run(host, "remove", "--person", str(ADA), "--yes")
    assert (refused.exit_code, "still has an ID" in refused.stderr) == (2, True)
    assert (await run(host, "remove", "--yes")).exit_code == 2, "of whom?"
    town.lightning_bolt.records.set_person_field(ADA, "unique_id", None)
    await run(host, "sync", "--wait")
    done = await run(host, "remove", "--person", str(ADA), "--begun", typed="y\n")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "1 people done, 0 left."), done.output
    assert (town.calendar(ADA), len(town.calendar(BEN))) == ([], 1)
