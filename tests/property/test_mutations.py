"""What `make mutants` takes out is still there to be taken out."""

import subprocess
import sys

APPLY = "from tests.property.mutations import MUTATIONS\nfor mutate, _ in MUTATIONS.values(): mutate()"


def test_each_mutation_finds_its_part() -> None:
    """In a process of its own: a mutation changes the imported engine."""
    done = subprocess.run([sys.executable, "-c", APPLY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
