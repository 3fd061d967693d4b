"""Keeps workers and web processes of a town running, kills them, and starts others in their place."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app import worker
from app.db.session import make_engine, make_sessions
from app.services import invariants, trace_follow
from tests.kills import crash
from tests.kills.crash import Crash
from tests.kills.town import Town, live_by_pages, live_by_services

WORKERS, SERVICES, PAGES = 3, 2, 1
PLANNED = 0.7
"""Share of the processes that are going to die at a chosen step; the others are killed at any moment."""
SPARED = {"worker": 3, "services": 15, "pages": 5}
"""How often, at most, the chosen step may pass first, so that work gets done."""
LONGEST = 6.0
"""Seconds a process may wait for its chosen step to come by."""
BETWEEN = 0.15
"""Seconds between two kills at any moment."""


@dataclass(slots=True)
class Living:
    kind: str
    since: float
    crash: Crash | None


@dataclass(slots=True)
class Yard:
    """`tally` counts the dead by kind and way; `faults` are processes that ended by themselves."""

    town: Town
    application: Flask
    log: Path
    chance: random.Random
    living: dict[int, Living] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _for_workers: Iterator[Crash] | None = None
    _for_web: Iterator[Crash] | None = None
    _last: float = 0.0

    @property
    def killed(self) -> int:
        return sum(self.tally.values())

    def run(self, until: int) -> None:
        """Keep everything running until so many have been killed."""
        while self.killed < until and not self.faults:
            self._fill()
            self._reap()
            self._kill_one()
            time.sleep(0.01)

    def rest(self, seconds: float) -> None:
        """Let the load go on without killing anybody."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._fill(planned=0)
            self._reap()
            time.sleep(0.02)

    def stop(self) -> None:
        """End the load; nobody is left."""
        for pid in self.living:
            os.kill(pid, signal.SIGKILL)
        for pid in list(self.living):
            os.waitpid(pid, 0)
        self.living.clear()

    def drain(self) -> None:
        """As after the minute in which the queue notices its dead: one worker does what is left."""
        owner = make_engine(self.town.urls.owner)
        left = text(
            "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            "          AND (scheduled_at IS NULL OR scheduled_at < now() + interval '1 minute'))"
            " + (SELECT count(*) FROM outbox_messages WHERE state = 'menunggu')"
            " + (SELECT count(*) FROM instances WHERE next_wake < now())"
            " + (SELECT count(*) FROM operations WHERE state IN ('menghitung', 'berjalan'))"
        )
        for _turn in range(20):
            with owner.begin() as connection:
                connection.execute(text("DELETE FROM procrastinate_workers"))
                connection.execute(text(
                    "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, queueing_lock = NULL,"
                    " scheduled_at = NULL WHERE status = 'doing'"
                ))
                connection.execute(
                    text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
                )
                if not connection.execute(left).scalar_one():
                    break
            owner.dispose()
            pid = self._fork(lambda: worker.run(self.town.settings, wait=False))
            if os.waitpid(pid, 0)[1]:
                self.faults.append("the last worker failed")
                break
        owner.dispose()

    def offences(self) -> list[str]:
        """What the checker finds now, and promises that were not kept."""
        # Promises first: what is promised after the look at the database may be true after it only.
        promised = self.town.ledger.read_text().splitlines()
        engine = make_engine(self.town.urls.app)
        with make_sessions(engine)() as session:
            found = [
                f"{one.number} {one.what}: {one.detail} [{one.rule}]"
                for one in invariants.offences(session, now=datetime.now(UTC))
            ]
            kept = {f"masuk {one}" for one in session.scalars(text("SELECT id FROM reports"))}
            done = "SELECT id FROM work_items WHERE outcome = 'completed'"
            kept |= {f"selesai {one}" for one in session.scalars(text(done))}
            found += [f"promised and lost: {one}" for one in promised if one not in kept]
            incidents = text("SELECT cause FROM incidents")
            found += [f"incident: {cause}" for cause in session.scalars(incidents)]
        with make_sessions(engine)() as session:
            found += [f"{table} is not what the trace says" for table in trace_follow.differing(session)]
        engine.dispose()
        return found

    def _fill(self, planned: float = PLANNED) -> None:
        have = Counter(one.kind for one in self.living.values())
        for kind, wanted in (("worker", WORKERS), ("services", SERVICES), ("pages", PAGES)):
            for _ in range(wanted - have[kind]):
                self._start(kind, self._next(kind) if self.chance.random() < planned else None)

    def _next(self, kind: str) -> Crash:
        plans = self._for_workers if kind == "worker" else self._for_web
        chosen = None if plans is None else next(plans, None)
        if chosen is None:
            of_workers = (crash.PUSH, crash.SEND, crash.TICK, crash.FOLLOW)
            markers = of_workers if kind == "worker" else (crash.PUSH, crash.SUBMIT)
            every = list(crash.crashes(*markers))
            self.chance.shuffle(every)
            if kind == "worker":
                self._for_workers = plans = iter(every)
            else:
                self._for_web = plans = iter(every)
            chosen = next(plans)
        spared = self.chance.randrange(SPARED[kind])
        marker = crash.PUSH if kind == "pages" else chosen.marker
        return replace(chosen, marker=marker, spared=spared)

    def _start(self, kind: str, chosen: Crash | None) -> None:
        work: dict[str, Callable[[], None]] = {
            "worker": lambda: worker.run(self.town.settings),
            "services": lambda: live_by_services(self.town),
            "pages": lambda: live_by_pages(self.town, self.application),
        }
        self.living[self._fork(work[kind], chosen)] = Living(kind, time.monotonic(), chosen)

    def _fork(self, work: Callable[[], None], chosen: Crash | None = None) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            with self.log.open("a") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            if chosen is not None:
                crash.install(chosen)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while self.living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            one = self.living.pop(pid, None)
            if one is None:
                continue  # a database that was stopped
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
                way = "any moment" if one.crash is None else "chosen step"
                self.tally[f"{one.kind}, {way}"] += 1
            else:
                self.faults.append(f"{one.kind} ended by itself ({status}); see {self.log}")

    def _kill_one(self) -> None:
        now = time.monotonic()
        if now - self._last < BETWEEN:
            return
        ripe = [
            pid for pid, one in self.living.items()
            if now - one.since > (LONGEST if one.crash else self.chance.uniform(0.2, 2.0))
        ]  # fmt: skip
        if ripe:
            pid = self.chance.choice(ripe)
            self.living[pid].crash = None
            os.kill(pid, signal.SIGKILL)
            self._last = now
