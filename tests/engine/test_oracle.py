"""The engine against the oracle: random SOPs, every push saved, loaded and compared. See `oracle/`."""

from __future__ import annotations

import pytest

from tests.engine.oracle.compare import check
from tests.engine.oracle.generator import grow

SOPS = 200
BATCH = 25


@pytest.mark.parametrize("first", range(0, SOPS, BATCH))
def test_engine_and_oracle_agree_on_random_sops(first: int) -> None:
    for seed in range(first, first + BATCH):
        outcome = check(grow(seed), seed)
        assert outcome.unsound is None, f"seed {seed}: {outcome.unsound}"
        assert outcome.problem is None, f"seed {seed}: run `make oracle N=1` from it: {outcome.problem}"
