"""The worker's jobs that go over many reports: moving them to another version of their SOP, what a draft
means for them, one operation over them.

Each goes on slice by slice, every slice one unit of work, until its service says that nothing is left. One
that is killed in between is asked for again and goes on where it stood.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from procrastinate import App, JobContext, RetryStrategy
from sqlalchemy.orm import Session

from app.adapters import clock
from app.services import (
    operations_bulk,
    operations_bulk_work,
    operations_lapse,
    sop_impact,
    sop_migration,
    sop_migration_upkeep,
    sop_migration_work,
)
from app.worker_world import QUEUE, one_change

EVERY_NIGHT = "27 18 * * *"
"""UTC; half past two at night in Palu."""
RETRY = RetryStrategy(max_attempts=5, wait=5, exponential_wait=4)


def register(queue: App) -> None:
    """Make these jobs known."""

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

    @queue.task(name=operations_bulk.JUDGE_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def judge_operation(context: JobContext, operation_id: str) -> None:
        """Work out what an operation would mean for each of its reports."""
        one = uuid.UUID(operation_id)
        _all(context, lambda session: operations_bulk.judge_slice(session, one, now=clock.now()))

    @queue.task(name=operations_bulk.CARRY_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def carry_operation(context: JobContext, operation_id: str) -> None:
        """Carry an operation out, one report in one transaction."""
        one = uuid.UUID(operation_id)
        _all(context, lambda session: operations_bulk_work.carry_next(session, one, now=clock.now()))

    @queue.task(name=operations_lapse.END_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
    def end_lapsed_operation(context: JobContext, operation_id: str) -> None:
        """End an operation all of whose reports ended before a second person decided."""
        one = uuid.UUID(operation_id)
        one_change(context, lambda session: operations_bulk.lapse(session, one, now=clock.now()))

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="forget_plans", queue=QUEUE, retry=RETRY, pass_context=True)
    def forget_plans(context: JobContext, timestamp: int) -> None:
        """Forget plans that nobody can use any more; withdraw operations that nobody asked for, and let those
        lapse whose report ended while somebody was deciding."""
        one_change(context, lambda session: sop_migration_upkeep.forget(session, now=clock.now()))
        one_change(context, lambda session: operations_bulk.forget(session, now=clock.now()))
        one_change(context, lambda session: operations_lapse.lapse_missed(session, now=clock.now()))


def _all(context: JobContext, slice_: Callable[[Session], bool]) -> None:
    while one_change(context, slice_):
        continue
