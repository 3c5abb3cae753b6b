"""The whole suite with a few people: that it runs, not how fast."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import PARTS
from tests.local.pieces import ROOT

BOUND = 240.0
"""Seconds; on an idle machine it takes a quarter of that."""


@pytest.mark.slow
async def test_every_measurement_runs(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench", "--tiny", "--out", str(tmp_path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(BOUND):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, out.decode()[-3000:]
    results = json.loads((tmp_path / "bench-results.json").read_text())
    assert set(results["parts"]) == set(PARTS)
    assert all(part["figures"] for part in results["parts"].values())
    assert (tmp_path / "bench-results.svg").read_text().startswith("<svg")
