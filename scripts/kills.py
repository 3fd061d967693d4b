"""`make kills`: a city at work whose workers and web processes are killed, and its database too; is it whole?

Three workers, two clients and a web process run a load of reports. They are killed with SIGKILL at every step
of a push and of the sending of a message, and at any moment; the database is stopped at once and started
again. In between and at the end the invariants are checked. `KILLS` (200) and `STOPS` (3) set how many.
Prints one JSON object as its last line; exits with 1 when anything was found.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.db.embedded import EmbeddedServer
from app.db.session import make_engine
from app.factory import create_app
from tests.kills.town import Town, found_town
from tests.kills.yard import Yard

KILLS = int(os.environ.get("KILLS", "200"))
STOPS = int(os.environ.get("STOPS", "3"))
CHECKS = 4
"""How often everything is checked while the load goes on."""
DOWN = 1.5
"""Seconds the database stays away."""
PATIENCE = 100
"""How often it is asked whether it is back."""


def main() -> int:
    seed = int(os.environ.get("KILLS_SEED", str(random.SystemRandom().randrange(10**6))))
    _say(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="tuntas-kills-") as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "pg")
        try:
            town = found_town(server.database("kills"), folder)
            chance = random.Random(seed)  # noqa: S311 (chance, no secret)
            yard = Yard(town, create_app(town.settings), folder / "log", chance)
            began = time.monotonic()
            found = _kill(yard, folder / "pg")
            result = {
                "seed": seed, "kills": yard.killed, "by": dict(sorted(yard.tally.items())), "stops": STOPS,
                "seconds": round(time.monotonic() - began, 1), **_figures(town), "found": found,
            }  # fmt: skip
            if found:
                _say((folder / "log").read_text()[-6000:])
            print(json.dumps(result, ensure_ascii=False))
            return 1 if found else 0
        finally:
            server.stop()


def _kill(yard: Yard, data: Path) -> list[str]:
    """Everything that was found wrong."""
    try:
        for turn in range(1, CHECKS + 1):
            yard.run(until=KILLS * turn // CHECKS)
            found = yard.faults or yard.offences()
            _say(f"{yard.killed} killed, {len(found)} found")
            if found:
                return found
            if turn <= STOPS:
                _stop_and_start(data, yard)
        for _more in range(STOPS - CHECKS):
            _stop_and_start(data, yard)
        yard.rest(2)
    finally:
        yard.stop()
    yard.drain()
    return [*yard.faults, *yard.offences()]


def _stop_and_start(data: Path, yard: Yard) -> None:
    """The database dies as in a power cut, under load, and comes back."""
    command = shlex.split((data / "postmaster.opts").read_text())
    process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    process.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown: nothing is written any more.
    yard.rest(DOWN)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)
    owner = data.stat().st_uid
    user = {"user": owner, "group": data.stat().st_gid} if owner != os.getuid() else {}
    with (data.parent / "postgres.log").open("a") as log:
        subprocess.Popen(command, cwd=data, start_new_session=True, stdout=log, stderr=log, **user)
    yard.rest(DOWN)
    _until_up(yard)
    _say("database stopped and started")


def _until_up(yard: Yard) -> None:
    """On a busy machine a database takes its time to read its log again."""
    engine = make_engine(yard.town.urls.app)
    for left in range(PATIENCE, -1, -1):
        try:
            with engine.connect():
                break
        except OperationalError:
            if left == 0:
                raise
            yard.rest(0.3)
    engine.dispose()


def _figures(town: Town) -> dict[str, int]:
    engine = make_engine(town.urls.app)
    with engine.connect() as connection:
        row = connection.execute(text(
            "SELECT (SELECT count(*) FROM reports) AS reports,"
            " (SELECT count(*) FROM reports WHERE closed_at IS NOT NULL) AS closed,"
            " (SELECT count(*) FROM events) AS events,"
            " (SELECT count(*) FROM events WHERE type = 'TimersFired') AS timers,"
            " (SELECT count(*) FROM events WHERE type = 'OperationDone') AS operations,"
            " (SELECT count(*) FROM outbox_messages WHERE state = 'terkirim') AS sent,"
            " (SELECT count(*) FROM outbox_messages WHERE state = 'menunggu') AS unsent"
        )).one()
    engine.dispose()
    return dict(row._mapping)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
