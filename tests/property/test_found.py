"""What the property found, shrunk; and the scenarios by which mutations are caught that the machine seldom meets."""

import pytest

from tests.property.directed import SCENARIOS


@pytest.mark.parametrize("variant", range(2))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_directed(scenario: str, variant: int) -> None:
    """Each scenario requires its own invariants; `read_and_swept_in_one_second` was a livelock once."""
    SCENARIOS[scenario](variant)
