"""The demonstration, run whole: what it prints, sends and logs."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.contracts import contract
from tests.local.pieces import ROOT, environment_of

_EVENT = contract("graph-event.schema.json")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    code: int
    printed: str
    log: str
    journal: list[dict[str, Any]]
    private: dict[str, list[str]]

    @property
    def bodies(self) -> list[Any]:
        """Events that were sent."""
        return [
            record["body"] for record in self.journal if record["operation"] and record["method"] in ("POST", "PATCH")
        ]


async def run(folder: Path, *arguments: str) -> Run:
    """Runs the demonstration as somebody at a terminal would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.local", "demo", "--folder", str(folder), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=environment_of(None),
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    journal, private = folder / "journal.json", folder / "private.json"
    return Run(
        process.returncode,
        printed.decode(),
        (folder / "host.log").read_text(),
        json.loads(journal.read_text()) if journal.exists() else [],
        json.loads(private.read_text()) if private.exists() else {},
    )


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run, for all tests of this file; with so many people that the log has its thousand records."""
    return await run(tmp_path_factory.mktemp("demo"), "--people", "64")


async def test_it_ends_well(whole: Run) -> None:
    assert whole.code == 0, whole.printed
    assert whole.printed.rstrip().endswith("All calendars are right.")
    assert whole.printed.count("and nothing else changed") == 3
    assert whole.printed.count("/calendar/") == 3


async def test_more_than_a_thousand_events_arrive(whole: Run) -> None:
    created = [
        record for record in whole.journal if record["method"] == "POST" and record["operation"] and record["changed"]
    ]
    assert len(created) >= 1000


async def test_every_request_asks_for_immutable_ids(whole: Run) -> None:
    assert all(record["immutable_ids"] for record in whole.journal if record["operation"])


def found_in(log: str, private: dict[str, list[str]]) -> set[tuple[str, str]]:
    """What of it stands in a log."""
    lower = log.lower()
    return {
        (kind, text)
        for kind, texts in private.items()
        for text in texts
        if (text.lower() in lower if kind == "mailboxes" else text in log)
    }


async def test_the_log_holds_no_private_word(whole: Run) -> None:
    assert len(whole.log.splitlines()) >= 1000
    assert {kind: len(texts) > 5 for kind, texts in whole.private.items() if kind != "tokens"} == dict.fromkeys(
        ("names", "notes", "subjects", "mailboxes"), True
    )
    assert len(whole.private["tokens"]) >= 3
    assert found_in(whole.log, whole.private) == set()


async def test_a_planted_word_would_be_found(whole: Run) -> None:
    for kind in whole.private:
        word = whole.private[kind][-1]
        assert (kind, word) in found_in(f"{whole.log}\n{word}", whole.private)


@pytest.mark.slow  # one more demo
async def test_a_tampered_event_is_named(tmp_path: Path) -> None:
    tampered = await run(tmp_path, "--tamper", "--people", "12", "--shifts", "4")
    assert tampered.code == 1, tampered.printed
    [line] = [line for line in tampered.printed.splitlines() if "✗" in line]
    assert "show_as is 'oof'" in line
    assert "@riverside.example: wrong: '" in line
    assert "was changed by hand" in tampered.printed
    assert tampered.printed.rstrip().endswith("Not all calendars are right.")


if _EVENT is not None:
    _VALIDATOR = jsonschema.Draft202012Validator(json.loads(_EVENT.read_text()))

    async def test_every_body_is_one_that_graph_accepts(whole: Run) -> None:
        assert len(whole.bodies) >= 1000
        assert [error.message for body in whole.bodies for error in _VALIDATOR.iter_errors(body)] == []

    async def test_a_corrupted_body_is_not(whole: Run) -> None:
        assert not _VALIDATOR.is_valid({**whole.bodies[0], "showAs": "maybe"})
