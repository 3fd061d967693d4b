"""The worker's jobs about one operation over many reports.

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
from app.services import operations_bulk, operations_bulk_work

QUEUE = "tuntas"
EVERY_NIGHT = "47 18 * * *"
"""UTC; ten to three at night in Palu."""
RETRY = RetryStrategy(max_attempts=5, wait=5, exponential_wait=4)

OneChange = Callable[[JobContext, Callable[[Session], Any]], Any]


def register(queue: App, one_change: OneChange) -> None:
    """Make these jobs known. `one_change` runs one unit of work."""

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

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="forget_operations", queue=QUEUE, retry=RETRY, pass_context=True)
    def forget_operations(context: JobContext, timestamp: int) -> None:
        """Withdraw what was worked out and never asked for."""
        one_change(context, lambda session: operations_bulk.forget(session, now=clock.now()))

    def _all(context: JobContext, slice_: Callable[[Session], bool]) -> None:
        while one_change(context, slice_):
            continue
