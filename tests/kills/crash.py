"""A process that kills itself at one step of its work. Installed by the test's own processes, never by the
application: it listens to what SQLAlchemy tells anybody."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

Point = Literal["before", "after", "commit", "committed"]

PUSH = "FOR UPDATE OF i, s"
"""The statement a push begins with: it takes the instance."""
SUBMIT = "pg_advisory_xact_lock"
SEND = "FOR UPDATE OF m SKIP LOCKED"
"""The statement the sending of a message begins with."""
TICK = "i.next_wake <="
FOLLOW = "FROM trace_readers t"
"""The statement a slice of following the trace begins with."""
STEPS = {PUSH: 10, SUBMIT: 14, SEND: 5, TICK: 2, FOLLOW: 13}
"""How many statements are tried each; a transaction with fewer dies at its COMMIT."""


@dataclass(frozen=True, slots=True)
class Crash:
    """Die in the transaction with the statement `marker` (after letting `spared` of them pass): before or
    after its statement `step` from there on (1: the marker itself), right before COMMIT, or right after it,
    before anybody hears of it."""

    marker: str
    point: Point
    step: int = 0
    spared: int = 0


def crashes(*markers: str) -> Iterator[Crash]:
    """Every step of what begins with these statements."""
    for marker in markers:
        for step in range(1, STEPS[marker] + 1):
            yield Crash(marker, "before", step)
            yield Crash(marker, "after", step)
        yield Crash(marker, "commit")
        yield Crash(marker, "committed")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def install(crash: Crash) -> None:
    """From now on this process is going to die there."""
    here = threading.local()
    left = crash.spared

    @event.listens_for(Engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.info.pop("steps", None)

    @event.listens_for(Engine, "before_cursor_execute")
    def _before(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
        info = connection.info
        if "steps" not in info and crash.marker not in statement:
            return
        nonlocal left
        if "steps" not in info and left > 0:
            left -= 1
            return
        info["steps"] = info.get("steps", 0) + 1
        if crash.point == "before" and info["steps"] == crash.step:
            die()

    @event.listens_for(Engine, "after_cursor_execute")
    def _after(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
        if crash.point == "after" and connection.info.get("steps") == crash.step:
            die()

    @event.listens_for(Engine, "commit")
    def _commit(connection: Connection) -> None:
        if "steps" not in connection.info:
            return
        if crash.point != "committed":
            die()
        here.committing = True

    @event.listens_for(Session, "after_commit")
    def _committed(session: Session) -> None:
        if getattr(here, "committing", False):
            die()
