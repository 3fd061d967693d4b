"""Twenty kills of the kind `make kills` does hundreds of: nothing is lost, nothing happens twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(180)
def test_processes_and_database_are_killed_and_the_city_stays_whole() -> None:
    environment = {**os.environ, "KILLS": "20", "STOPS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.kills"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kills"] >= 20
    assert told["found"] == []
    assert told["unsent"] == 0
