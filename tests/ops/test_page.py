"""The status page and the command line's output, with texts that would do harm if they were obeyed."""

import json
import re

import pytest
from rich.console import Console

from shared.ops.cli import show
from shared.ops.cli.plain import as_csv, as_html, plain
from shared.ops.overview import BINS, Bin, percentile
from shared.ops.page import bars, seconds
from shared.ops.status_page import PageAnswer
from tests.ops.asking import ask
from tests.town import ADA, BEN, DAY, TEMPLATE, Town

SCRIPT = "<script>alert(1)</script>"
NOTE = ("""It's "quoted" & <b>bold</b> 🩺 """ * 200)[:4990] + "\x1b[31mend"


async def _page(town: Town, **query: str) -> PageAnswer:
    return await town.app.status_page(query, "text/html,application/xhtml+xml")


@pytest.fixture
async def harmful(town: Town) -> Town:
    """Ada's name is a script, and so are her shift's note and the schedule's place."""
    town.lightning_bolt.records.set_person(ADA, display_name=SCRIPT)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3), note=NOTE, locations=(SCRIPT,))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish()
    return town


async def test_the_page_escapes_everything(harmful: Town) -> None:
    for query in ({}, {"person": str(ADA)}, {"search": "script"}, {"search": f'"{SCRIPT}'}, {"person": SCRIPT}):
        page = await _page(harmful, **query, code='"><img src=x>')
        assert page.status == 200
        assert "<script" not in page.body
        assert "<img" not in page.body
        assert "<b>" not in page.body
    person = (await _page(harmful, person=str(ADA))).body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in person
    assert "🩺" in person
    shown = re.search(r'<p class="text">(.*?)</p>', person, re.DOTALL)
    assert shown
    assert shown[1].count("&#34;quoted&#34;") >= 150, "all of the note is there"


async def test_json_holds_it_as_it_is(harmful: Town) -> None:
    answer = await harmful.app.status_page({"person": str(ADA)}, "*/*")
    assert answer.kind == "application/json"
    (month,) = json.loads(answer.body)["person"]["months"]
    assert month["shifts"][0]["note"].startswith("""It's "quoted" & <b>bold</b> 🩺""")
    assert json.loads(answer.body)["person"]["name"] == SCRIPT


async def test_a_terminal_gets_no_control_characters_and_no_markup(harmful: Town) -> None:
    found = await ask(harmful, "status", person=str(ADA))
    found["person"]["name"] = "[bold]Ada[/bold] \x1b[2J\u202e"
    console = Console(width=200, record=True, force_terminal=False)
    with console.capture() as captured:
        show.status(console, found)
    printed = captured.get()
    assert "[bold]Ada[/bold] ·[2J·" in printed
    assert not set(printed) & {"\x1b", "\u202e"}
    assert plain(NOTE, 20) == """It's "quoted" & <b>…"""


def test_a_spreadsheet_gets_no_formula_and_a_page_no_tags() -> None:
    rows = [{"name": "=HYPERLINK(1)", "note": SCRIPT}]
    assert as_csv(("name", "note"), rows).splitlines()[1] == f"'=HYPERLINK(1),{SCRIPT}"
    page = as_html("Report", ("name", "note"), rows)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_headers(town: Town) -> None:
    for accept, kind in (
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("", "application/json"),
    ):
        answer = await town.app.status_page({}, accept)
        assert (answer.status, answer.kind) == (200, kind)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_wrong_questions_are_refused(town: Town) -> None:
    for accept in ("text/html", ""):
        for query in ({"schedule": "99"}, {"search": "x" * 201}):
            answer = await town.app.status_page(query, accept)
            assert answer.status == 400
            assert next(iter(query)) in answer.body


async def test_a_search_finds_people_by_name_address_and_id(harmful: Town) -> None:
    assert [each["person"] for each in (await ask(harmful, "status", search="example.org"))["found"]] == [
        str(ADA),
        str(BEN),
    ]
    for text in ("OKORO", "ben@", str(BEN)):
        assert (await ask(harmful, "status", search=text))["person"]["person"] == str(BEN), text
    assert (await ask(harmful, "status", search="nobody"))["found"] == []
    (said,) = (await ask(harmful, "status", person="2104"))["person"]["words"]
    assert said.startswith("Nothing is stored of this person")


def test_percentiles_bars_and_durations() -> None:
    assert percentile([], 0.5) is None
    assert [percentile([4, 1, 3, 2], share) for share in (0.25, 0.5, 0.95)] == [1, 2, 4]
    drawn = bars([Bin(label, count) for (_, label), count in zip(BINS, (0, 4, 2, 0, 0, 0), strict=True)])
    assert [round(bar.width / drawn[1].width, 2) for bar in drawn[:3]] == [0, 1, 0.5]
    assert [bar.width for bar in bars([Bin("none", 0)])] == [0]
    assert [seconds(value) for value in (None, 4.6, 99.4, 600, 7200)] == ["–", "5 s", "99 s", "10 min", "2 h"]
