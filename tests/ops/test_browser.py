"""The status page in a real browser: what it looks like, whether it can be used, and whether it shuts anybody out.

Chromium is the system's (Debian: `apt-get install chromium`); axe-core comes with `make setup`. Screenshots go to
`.local/screens`.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import Tell
from tests.local.pieces import ROOT, Piece
from tests.ops.served import KEY, served
from tests.town import ADA, BEN, CLEO, DAN, DAY, NIGHT, TEMPLATE, Town, mailbox

pytestmark = pytest.mark.slow

SCREENS = ROOT / ".local" / "screens"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found, "no Chromium on this machine: install it (Debian and Ubuntu: apt-get install chromium)"
    return found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium. Fails, with what to do, where there is none."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture
async def host(town: Town) -> AsyncIterator[Piece]:
    """The app, and a month that has been published and written."""
    for person in (ADA, BEN, CLEO):
        for day in range(1, 16):
            kind, note = (DAY, "Bring the pager. " * 12 if day == 2 else "") if day % 3 else (NIGHT, "")
            town.lightning_bolt.slots.add_slot(
                TEMPLATE, person, kind, town.day(day), note=note, locations=("North wing",)
            )
    await town.publish(town.next_month)
    async with served(town) as started:
        yield started


async def _open(browser: Browser, width: int, height: int) -> Page:
    """A page on which nothing may fail: no script, no refused style, no error in the console."""
    context = await browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=True)
    page = await context.new_page()
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


async def _shoot(page: Page, name: str) -> Path:
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    await page.screenshot(path=path, full_page=True)
    return path


async def _barriers(page: Page) -> list[tuple[str, str, int]]:
    """What axe finds that is serious or critical: rule, impact, how many elements."""
    assert AXE.exists(), "axe-core is missing: run `make setup`"
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    return [
        (rule["id"], rule["impact"], len(rule["nodes"]))
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]


async def _fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways but tables that say so."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def _trouble(town: Town) -> None:
    """A hold, a mailbox that refuses, somebody without an ID, a row that cannot be read."""
    cleo = town.graph.directory.find(mailbox(CLEO))
    assert cleo
    town.graph.directory.remove(cleo)
    for slot in [slot for slot in town.lightning_bolt.world.drafts().slots if slot.emp_id == ADA]:
        town.lightning_bolt.slots.remove(slot.slot_id)
    town.lightning_bolt.slots.add_slot(TEMPLATE, CLEO, NIGHT, town.day(20))
    town.lightning_bolt.slots.add_slot(TEMPLATE, DAN, DAY, town.day(21))
    bad = town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(22))
    await town.lightning_bolt.publishing.publish(callback=False)
    town.lightning_bolt.slots.set_raw(bad, {"stop_time": "soon"}, live=True)
    await town.callback(town.next_month)
    await town.drain()


async def test_the_page_is_seen_used_and_open_to_everybody(
    town: Town, host: Piece, browser: Browser, tell: Tell
) -> None:
    address = f"{host.address}/api/status?code={KEY}"
    found = []
    for state in ("healthy", "trouble"):
        if state == "trouble":
            await _trouble(town)
        for name, (width, height) in WIDTHS.items():
            page = await _open(browser, width, height)
            answer = await page.goto(address)
            assert answer
            assert answer.status == 200
            heading = await page.locator("#verdict").inner_text()
            assert heading == ("Healthy" if state == "healthy" else "Not healthy")
            assert await _fits(page)
            await _shoot(page, f"{state}-{name}")
            found += await _barriers(page)
            if state == "trouble":
                text = await page.locator("main").inner_text()
                for words in (
                    "Removals are held",
                    "no such mailbox",
                    "without a Microsoft ID: 1",
                    "stop_time",
                ):
                    assert words in text, words

            await page.get_by_role("searchbox").fill("okoro")
            await page.get_by_role("button", name="Search").click()
            assert "Okoro, Ben MD" in await page.locator("#person").inner_text()
            await page.get_by_role("searchbox").fill("example.org")
            await page.keyboard.press("Enter")
            await page.get_by_role("link", name="Byrne, Ada MD").click()
            assert "emp_id 2101" in await page.locator("#person").inner_text()
            assert await page.locator("tbody tr").count() == 15
            assert await _fits(page)
            await page.locator("summary").first.click()
            await _shoot(page, f"{state}-person-{name}")
            found += await _barriers(page)
            await page.get_by_role("link", name="Lightning Bolt → Outlook").click()
            assert await page.locator("#verdict").count() == 1
            await page.context.close()
    tell(f"axe-core: {found or 'nothing serious or critical'} on 8 pages; screenshots in {SCREENS.relative_to(ROOT)}")
    assert found == []


async def test_without_the_key_there_is_no_page(host: Piece, browser: Browser) -> None:
    page = await (await browser.new_context()).new_page()
    assert (await page.request.get(f"{host.address}/api/status")).status == 401
