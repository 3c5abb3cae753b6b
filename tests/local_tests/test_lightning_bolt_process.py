"""The Lightning Bolt stand-in as a process."""

import json
import signal
from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from tests.local.lightning_bolt.cli import main
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.lightning_bolt.model import Setup
from tests.local.pieces import piece
from tests.local_tests.lightning_bolt_fixtures import day_slot, small


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_that_it_is_ready_and_stops_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    setup = tmp_path / "setup.json"
    setup.write_bytes(TypeAdapter(Setup).dump_json(small(day_slot(1, date(2026, 12, 10)))))
    async with piece("lightning-bolt", "--port", "0", "--load", str(setup)) as lightning_bolt:
        assert lightning_bolt.tail == f"lightning-bolt ready on {lightning_bolt.address}"
        async with LightningBoltControl(lightning_bolt.address) as control:
            assert [slot.slot_id for slot in (await control.drafts()).slots] == [1]
            assert (await control.published()).slots == ()
        lightning_bolt.process.send_signal(number)
        assert await lightning_bolt.wait() == 0


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--callback" in capsys.readouterr().out


def test_a_setup_survives_its_json() -> None:
    adapter = TypeAdapter(Setup)
    setup = small(day_slot(1, date(2026, 12, 10), raw={"note": [1, None]}, absent=("template",)))
    assert adapter.validate_json(adapter.dump_json(setup)) == setup
    assert json.loads(adapter.dump_json(setup))["time_zone"] == "America/Chicago"
