"""The worker's jobs that follow the trace: what is new as soon as the clockwork sees it, and every night what
was missed. A slice is one unit of work; one that is killed in between is taken in by whoever follows next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from procrastinate import App, JobContext
from sqlalchemy.orm import Session

from app.services import trace_follow

QUEUE = "tuntas"
TICKS = 10
"""Of the worker's clock between two looks for new events."""
EVERY_NIGHT = "37 18 * * *"
"""UTC; twenty to three at night in Palu."""

log = structlog.get_logger("tuntas.worker")
OneChange = Callable[[JobContext, Callable[[Session], Any]], Any]
ask = trace_follow.ask


def register(queue: App, one_change: OneChange) -> None:
    """Make these jobs known. `one_change` runs one unit of work."""

    @queue.task(name=trace_follow.JOB, queue=QUEUE, pass_context=True)
    def follow_trace(context: JobContext) -> None:
        """Gather what is new in the trace. What fails is asked for again by the clockwork."""
        while one_change(context, trace_follow.follow):
            continue

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="catch_missed_trace", queue=QUEUE, pass_context=True)
    def catch_missed_trace(context: JobContext, timestamp: int) -> None:
        """Compare every report's trace with what was gathered of it."""
        while missed := one_change(context, trace_follow.catch_missed):
            log.warning("trace_caught_up", reports=missed)
