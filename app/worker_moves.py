"""The worker's jobs about moving running reports to another version of their SOP, and about impact.

Each goes on slice by slice, every slice one unit of work, until its service says that nothing is left. One
that is killed in between is asked for again and goes on where it stood.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from procrastinate import App, JobContext, RetryStrategy
from sqlalchemy.orm import Session

from app.adapters import clock
from app.services import sop_impact, sop_migration, sop_migration_upkeep, sop_migration_work

QUEUE = "tuntas"
EVERY_NIGHT = "27 18 * * *"
"""UTC; half past two at night in Palu."""
RETRY = RetryStrategy(max_attempts=5, wait=5, exponential_wait=4)

OneChange = Callable[[JobContext, Callable[[Session], Any]], Any]


def register(queue: App, one_change: OneChange) -> None:
    """Make these jobs known. `one_change` runs one unit of work."""

    @queue.task(name=sop_migration.TEST_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def test_move(context: JobContext, move_id: str, round: int) -> None:
        """Judge the reports of a plan."""
        one = uuid.UUID(move_id)
        _all(context, lambda session: sop_migration.test_slice(session, one, round, now=clock.now()))

    @queue.task(name=sop_migration.CARRY_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def carry_move(context: JobContext, move_id: str) -> None:
        """Move the chosen reports of a plan, one transaction each."""
        one = uuid.UUID(move_id)
        _all(context, lambda session: sop_migration_work.carry_next(session, one, now=clock.now()))

    @queue.task(name=sop_migration.UNDO_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def undo_move(context: JobContext, move_id: str) -> None:
        """Take back what a plan moved, one transaction each."""
        one = uuid.UUID(move_id)
        _all(context, lambda session: sop_migration_work.undo_next(session, one, now=clock.now()))

    @queue.task(name=sop_impact.JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def judge_impact(context: JobContext, impact_id: str) -> None:
        """Work out what a draft means for the reports that run."""
        one = uuid.UUID(impact_id)
        _all(context, lambda session: sop_impact.judge_slice(session, one, now=clock.now()))

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="forget_moves", queue=QUEUE, retry=RETRY, pass_context=True)
    def forget_moves(context: JobContext, timestamp: int) -> None:
        """Forget what nobody can use any more."""
        one_change(context, lambda session: sop_migration_upkeep.forget(session, now=clock.now()))

    def _all(context: JobContext, slice_: Callable[[Session], bool]) -> None:
        while one_change(context, slice_):
            continue
