"""`make bench-full`: everything `make bench` measures, and what waiting and waking cost.

Prints progress to stderr and one JSON object as its last line. `BENCH_N` sets how many reports are walked,
`BENCH_TIMERS` (10000) how many timers fall due within a minute.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from app.db.embedded import EmbeddedServer
from scripts.bench import _bench
from scripts.bench_timers import measure_timers


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tuntas-bench-") as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "pg", delete_after=True)
        try:
            result = _bench(server, folder)
            print(json.dumps({**result, **measure_timers(server, folder)}))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
