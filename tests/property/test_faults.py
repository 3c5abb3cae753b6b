"""Right under every fault: the stateful property over the real handlers, shortly and for longer."""

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machine import Faulty

ROUND = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
ROUNDS = range(100, 121)
"""Seeds."""


def test_right_under_every_fault() -> None:
    """A short run over the same seed every time."""
    run_state_machine_as_test(seed(1)(Faulty), settings=settings(ROUND, max_examples=30, stateful_step_count=25))


@pytest.mark.slow
def test_right_under_every_fault_for_longer(record_property: object) -> None:
    """Rounds of other seeds."""
    for number in ROUNDS:

        class Round(Faulty):
            """Its own, because a seed is kept in the class."""

        run_state_machine_as_test(seed(number)(Round), settings=ROUND)
    if callable(record_property):
        record_property("examples", len(ROUNDS) * ROUND.max_examples)
