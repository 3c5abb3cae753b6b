"""The demonstration with the app's own table of mappings: imported, and Lightning Bolt returns none of them."""

from pathlib import Path

import pytest

from tests.local_tests.test_demo_run import found_in, run


@pytest.mark.slow  # a whole demo
async def test_it_ends_well_without_any_mapping_of_lightning_bolts(tmp_path: Path) -> None:
    ended = await run(tmp_path, "--mapping-source", "table", "--people", "12", "--shifts", "4")
    assert ended.code == 0, ended.printed
    assert ended.printed.rstrip().endswith("All calendars are right.")
    assert ended.printed.count("and nothing else changed") == 3
    assert "12 people in the file, 12 afterwards; calendars of 11 people change" in ended.printed
    assert "11 assignments in the file, 11 afterwards" in ended.printed
    assert found_in(ended.log, ended.private) == set()
