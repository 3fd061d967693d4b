"""What something costs to compute, in a measure that is the same on every machine and however busy it is."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

ROUNDS = 3


def effort(act: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """How many times as much `act` computes as a fixed piece of work done right before and after it: the
    least of some rounds. The piece takes about 10 ms on a quiet machine of today, so 100 is about a second
    there; other processes, a slow processor or a full heap weigh on both alike."""
    gc.collect()
    gc.disable()
    try:
        return min(_one(act) for _ in range(rounds))
    finally:
        gc.enable()


def _one(act: Callable[[], object]) -> float:
    before = _computed(_piece)
    took = _computed(act)
    return took * 2 / (before + _computed(_piece))


def _computed(act: Callable[[], object]) -> float:
    begun = time.thread_time()
    act()
    return time.thread_time() - begun


def _piece() -> None:
    """Dictionaries, texts and calls, as most of the work measured with it."""
    seen: dict[str, tuple[int, str]] = {}
    for n in range(60_000):
        key = str(n % 700)
        seen[key] = (len(seen), key.upper())
