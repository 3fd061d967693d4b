"""Random SOPs in the engine and in the oracle: `python scripts/oracle.py [N] [FIRST_SEED]`.

Prints progress; at the first disagreement its seed, what differs, the walk, and the smallest diagram that
still disagrees. Exit 0 when all agree, 1 when not.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.engine.oracle.blocks import Draft, lower
from tests.engine.oracle.compare import Outcome, check
from tests.engine.oracle.generator import grow
from tests.engine.oracle.shrink import shrink
from tests.engine.oracle.xml import bpmn

WALKS = 6
"""How many walks each shrunken diagram is given to disagree again."""


def main(count: int, first: int) -> int:
    began = time.monotonic()
    pushes = ended = faulted = 0
    for number, seed in enumerate(range(first, first + count), start=1):
        draft = grow(seed)
        outcome = check(draft, seed)
        if outcome.unsound is not None:
            print(f"seed {seed}: the generator grew a diagram that cannot run: {outcome.unsound}")
            return 1
        if outcome.problem is not None:
            report(draft, seed, outcome)
            return 1
        pushes += outcome.pushes
        ended += outcome.ended
        faulted += outcome.faulted
        if number % 250 == 0 or number == count:
            print(f"{number} SOPs, {pushes} pushes, {ended} ended, {faulted} cannot go on,"
                  f" {time.monotonic() - began:.0f} s, 0 disagreements", flush=True)
    return 0


def report(draft: Draft, seed: int, outcome: Outcome) -> None:
    print(f"seed {seed}: disagreement after {outcome.pushes} pushes\n  {outcome.problem}")
    print("\n".join(f"  {line}" for line in outcome.story))
    print("looking for the smallest diagram …", flush=True)
    small = shrink(draft, lambda one: disagreement(one, seed) is not None)
    found = disagreement(small, seed)
    if found is not None:
        print(f"smallest: {found.problem}")
        print("\n".join(f"  {line}" for line in found.story))
    print(small.data)
    print(bpmn(lower(small)))


def disagreement(draft: Draft, seed: int) -> Outcome | None:
    for walk in range(WALKS):
        outcome = check(draft, seed + walk * 1_000_003)
        if outcome.problem is not None and outcome.unsound is None:
            return outcome
    return None


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    raise SystemExit(main(*numbers, *(5000, 0)[len(numbers):]))
