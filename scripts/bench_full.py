"""`make bench-full`: all that `make bench` measures, what waiting and waking cost, and an auditor's searches
in a city with more than a million events.

Prints progress to stderr and one JSON object as its last line. `BENCH_N` sets how many reports are walked,
`BENCH_TIMERS` (10000) how many timers fall due within a minute, `BENCH_REPORTS` (100000) how many reports are
searched; `python -m scripts.bench_million` measures that alone.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from app.db.embedded import EmbeddedServer
from scripts.bench import _bench
from scripts.bench_million import measure_million
from scripts.bench_timers import measure_timers


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tuntas-bench-") as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "pg", delete_after=True)
        try:
            result = _bench(server, folder)
            result |= measure_timers(server, folder)
            print(json.dumps({**result, "million": measure_million(server, folder)}))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
