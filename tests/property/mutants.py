"""`make mutants`: the engine without each part of the protocol, until a named invariant fails; and with all of them.

    python -m tests.property.mutants [--examples 150] [--seed 1] [--only NAME]

Each runs in a process of its own: the state machine over the same seeds, then every directed scenario. The unmutated
control must stay green over all of it.
"""

import argparse
import json
import logging
import subprocess
import sys
import time
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.directed import SCENARIOS
from tests.property.invariants import Broken
from tests.property.machine import Faulty
from tests.property.mutations import MUTATIONS

CONTROL = "(none: the control)"
STEPS = 40


def main() -> int:
    """Exit code 1 where a mutation is not caught, or the control is."""
    parser = argparse.ArgumentParser(prog="python -m tests.property.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one mutation, by its name")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        _say(json.dumps(_one(given.child, given.examples, given.seed)))
        return 0
    names = [given.only] if given.only else [CONTROL, *MUTATIONS]
    _say(f"seed {given.seed}; up to {given.examples} examples of {STEPS} steps each, then the directed scenarios\n")
    _say(f"{'mutation':45} {'caught by':42} {'after':>22}   directed scenarios")
    wrong = 0
    for name in names:
        result = _child(name, given.examples, given.seed)
        caught = bool(result["machine"] or result["directed"])
        wrong += caught if name == CONTROL else not caught
        after = (
            f"{result['examples']} examples, {result['seconds']:.0f} s" if result["machine"] else "the machine: never"
        )
        if name == CONTROL:
            after = f"{result['examples']} examples, {result['seconds']:.0f} s"
        first = result["machine"] or next(iter(result["directed"].values()), "–")
        told = ", ".join(f"{each} ({why})" for each, why in result["directed"].items()) or "–"
        _say(f"{name:45} {first:42} {after:>22}   {told}")
    return 1 if wrong else 0


def _child(name: str, examples: int, number: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.property.mutants", "--child", name]
    command += ["--examples", str(examples), "--seed", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _one(name: str, examples: int, number: int) -> dict[str, Any]:
    logging.disable(logging.CRITICAL)
    if name != CONTROL:
        MUTATIONS[name][0]()
    count = 0

    class Counted(Faulty):
        def __init__(self) -> None:
            super().__init__()
            nonlocal count
            count += 1

    began = time.monotonic()
    bounded = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    machine = _broken(lambda: run_state_machine_as_test(seed(number)(Counted), settings=bounded))
    seconds = time.monotonic() - began
    directed: dict[str, str] = {}
    for each, scenario in SCENARIOS.items():
        for variant in range(2):
            if broken := _broken(lambda scenario=scenario, variant=variant: scenario(variant)):
                directed.setdefault(each, broken)
    return {"machine": machine, "examples": count, "seconds": seconds, "directed": directed}


def _broken(run: Any) -> str:
    """The name of the invariant that failed. An exception of any other kind is none, and is let out."""
    try:
        run()
    except Broken as broken:
        return broken.name
    return ""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
