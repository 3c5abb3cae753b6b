"""The numbers that these scenarios come to are shown at the end of a run, whether they passed or not."""

from collections.abc import Callable
from typing import Any

import pytest

NUMBERS = "numbers"

type Tell = Callable[[str], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Takes a line for the end of the run."""
    return lambda line: record_property(NUMBERS, line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Shows the lines, by test."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            lines = [value for key, value in getattr(report, "user_properties", ()) if key == NUMBERS]
            if lines and report.when == "call":
                terminalreporter.section(f"{report.nodeid.rpartition('::')[2]}: {report.duration:.0f} s", sep="-")
                for line in lines:
                    terminalreporter.line(line)
