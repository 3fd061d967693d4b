"""The worker's jobs that follow the trace: what is new as soon as the clockwork sees it, and every night what
was missed. A slice is one unit of work; one that is killed in between is taken in by whoever follows next.
"""

from __future__ import annotations

from functools import partial

from procrastinate import App, JobContext

from app.services import trace_follow
from app.worker_world import QUEUE, one_change

TICKS = 10
"""Of the worker's clock between two looks for new events."""
EVERY_NIGHT = "37 18 * * *"
"""UTC; twenty to three at night in Palu."""

SLICES = 3
"""In one job; then another is asked for, so that a worker that is to stop need not wait for the whole."""

ask = trace_follow.ask


def register(queue: App) -> None:
    """Make these jobs known."""

    @queue.task(name=trace_follow.JOB, queue=QUEUE, pass_context=True)
    def follow_trace(context: JobContext) -> None:
        """Gather what is new in the trace. What fails is asked for again by the clockwork."""
        for _ in range(SLICES):
            if not one_change(context, trace_follow.follow):
                return
        one_change(context, trace_follow.ask)

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="catch_missed_trace", queue=QUEUE, pass_context=True)
    def catch_missed_trace(context: JobContext, timestamp: int) -> None:
        """Compare every report's trace with what was gathered of it."""
        last = None
        while last := one_change(context, partial(trace_follow.catch_missed, after=last)):
            continue
