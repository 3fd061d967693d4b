"""The worker: does later what a committed change asked for. Any number of them may run, anywhere.

Run it with `python -m app.worker`. SIGTERM lets the jobs in hand finish. Each job is one unit of work: one
transaction around one service, committed once; a job that fails is tried again, later and later, and after
the last try stays in the queue's table as `failed`, where the admin sees it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import uuid
from datetime import UTC, datetime
from itertools import count

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import logs, worker_slices, worker_trace
from app.adapters import clock, measures
from app.adapters.jobs import Job, defer
from app.adapters.senders import NotSent
from app.adapters.signing import Signer
from app.adapters.storage import open_store
from app.config import Settings, from_environment
from app.db import place
from app.db.session import make_engine, make_sessions
from app.domain.actor import WORKER
from app.services import (
    erasure,
    notices,
    operations_bulk_work,
    photo_removal,
    photos,
    process,
    seal_note,
    seals,
    throttle,
    upkeep,
)
from app.services.seal_files import SEALS, keep_file
from app.services.sop_migration_upkeep import ask_again
from app.worker_world import QUEUE, World, one_change, post_of, world_of

CONCURRENCY = 4
TICK_SECONDS = 1.0
"""How often a worker looks what is due, and for jobs nobody told it of."""
HEARTBEAT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
"""Between losing the database and looking for it again."""
RETRY = RetryStrategy(max_attempts=8, wait=5, exponential_wait=4)
"""Eight more tries, the last about a day after the first."""
EVERY_MINUTE = "* * * * *"
EVERY_MORNING = "0 0 * * 1-5"
"""UTC; eight o'clock in Palu, Monday to Friday."""
EVERY_NIGHT = "17 18 * * *"
"""UTC; two o'clock at night in Palu."""
AFTER_MIDNIGHT = "5 16 * * *"
"""UTC; five past midnight in Palu."""

log = structlog.get_logger("tuntas.worker")
# It warns of tasks named after `__main__`; ours have names of their own.
logging.getLogger("procrastinate").setLevel(logging.ERROR)
queue = App(connector=PsycopgConnector())


@queue.task(name="wake_instance", queue=QUEUE, retry=RETRY, pass_context=True)
def wake_instance(context: JobContext, instance_id: str) -> None:
    """Fire the timers of one running SOP."""
    one_change(
        context,
        lambda session: process.wake(session, uuid.UUID(instance_id), actor=WORKER, now=clock.now()),
    )


@queue.task(name="send_message", queue=QUEUE, retry=RETRY, pass_context=True)
def send_message(context: JobContext, message_id: str) -> None:
    """Send one queued message. What cannot be sent is counted, tried again, and at last a dead letter."""
    one, post = uuid.UUID(message_id), world_of(context).post
    try:
        one_change(
            context, lambda session: notices.send_message(session, one, post, actor=WORKER, now=clock.now())
        )
    except NotSent as failure:
        reason = failure
        one_change(context, lambda session: notices.note_failure(session, one, reason))
        raise


@queue.task(name="notify_new_task", queue=QUEUE, retry=RETRY, pass_context=True)
def notify_new_task(context: JobContext, work_item_id: str) -> None:
    """Tell the officers of an inbox that a task came in."""
    post = world_of(context).post
    one_change(context, lambda session: notices.notify_new_task(session, uuid.UUID(work_item_id), post))


@queue.periodic(cron=EVERY_MORNING)
@queue.task(name="digest", queue=QUEUE, retry=RETRY, pass_context=True)
def digest(context: JobContext, timestamp: int) -> None:
    """The morning digest."""
    post = world_of(context).post
    one_change(context, lambda session: notices.send_digest(session, post, now=clock.now()))


@queue.task(name=photos.PROCESS_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
def process_photo(context: JobContext, photo_id: str) -> None:
    """Make the clean copy of one photo, then forget originals."""
    storage = world_of(context).storage
    one = uuid.UUID(photo_id)
    one_change(
        context, lambda session: photos.process_photo(session, one, storage=storage, now=clock.now())
    )
    one_change(context, lambda session: photos.forget_originals(session, storage=storage))


@queue.periodic(cron=EVERY_MINUTE)
@queue.task(name="sweep", queue=QUEUE, pass_context=True)
def sweep(context: JobContext, timestamp: int) -> None:
    """Ask again for messages that were lost; free what dead workers held."""

    def change(session: Session) -> dict[str, int]:
        now = clock.now()
        return {
            "freed": upkeep.free_stalled_jobs(session),
            "messages": upkeep.send_what_waits(session, now=now),
            "moves": ask_again(session),
            "operations": operations_bulk_work.ask_again(session),
        }

    found = one_change(context, change)
    if any(found.values()):
        log.info("sweep", **found)


@queue.periodic(cron=AFTER_MIDNIGHT)
@queue.task(name="seal", queue=QUEUE, retry=RETRY, pass_context=True)
def seal(context: JobContext, timestamp: int) -> None:
    """Seal the day's events."""
    signer = Signer(world_of(context).settings.keys.audit)

    def change(session: Session) -> None:
        made = seals.seal_trace(session, signer, now=clock.now())
        if made is not None:
            defer(session, [Job("hand_out_seal", {"number": made.seal.number})])

    one_change(context, change)


@queue.task(name="hand_out_seal", queue=QUEUE, retry=RETRY, pass_context=True)
def hand_out_seal(context: JobContext, number: int) -> None:
    """Keep a seal outside the database, and tell the inspectorate."""
    world = world_of(context)
    public = Signer(world.settings.keys.audit).public

    def change(session: Session) -> None:
        made = seals.sealed(session, number)
        keep_file(world.settings.instance / SEALS, made.told(public))
        log.info("sealed", number=number, head=made.seal.head.hex(), events=made.seal.events)
        seal_note.send_note(session, made, world.post, public=public)

    one_change(context, change)


@queue.periodic(cron=EVERY_NIGHT)
@queue.task(name="clean", queue=QUEUE, retry=RETRY, pass_context=True)
def clean(context: JobContext, timestamp: int) -> None:
    """Delete finished jobs, old counters, and uploads whose report was never sent."""
    storage = world_of(context).storage
    one_change(context, lambda session: upkeep.delete_finished_jobs(session, real_now=datetime.now(UTC)))
    one_change(context, lambda session: throttle.forget_old(session, now=clock.now()))
    one_change(
        context, lambda session: photo_removal.sweep_uploads(session, now=clock.now(), storage=storage)
    )
    one_change(
        context,
        lambda session: erasure.erase_what_is_old(session, actor=WORKER, now=clock.now(), storage=storage),
    )


worker_slices.register(queue)
worker_trace.register(queue)


def connector(url: str, role: str | None) -> PsycopgConnector:
    """The queue's own connections: as the application, the same way in as everybody."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = f"-c role={role}" if role else ""
    names = {"options": options, "application_name": "tuntas-worker"}
    return PsycopgConnector(conninfo=address, kwargs=names, min_size=1, max_size=4)


def run(settings: Settings, *, wait: bool = True) -> None:
    """Work until told to stop; with `wait=False` until nothing is left that could be done now."""
    clock.use(clock.Clock(offset=settings.clock_offset, shift_file=settings.clock_file))
    found = place.find(settings.database_url, settings.database_app_url, settings.instance / "pg")
    engine = make_engine(found.app_url, role=found.role, pool_size=CONCURRENCY)
    world = World(settings, make_sessions(engine), open_store(settings.storage_url), post_of(settings))
    if wait and settings.worker_metrics_port is not None:
        measures.show_at(settings.worker_metrics_port)
    try:
        with queue.replace_connector(connector(found.app_url, found.role)) as app:
            asyncio.run(_work_on(app, world) if wait else _work_once(app, world))
    finally:
        engine.dispose()


async def _work_once(app: App, world: World) -> None:
    await asyncio.to_thread(look_at_the_clock, world)
    async with app.open_async():
        await _take_jobs(app, world, wait=False)


async def _work_on(app: App, world: World) -> None:
    """Work until SIGTERM or SIGINT. When the database goes away, wait for it and begin anew."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    until_told = asyncio.create_task(stop.wait())
    clockwork = asyncio.create_task(_keep_time(world))
    while not stop.is_set():
        shift = asyncio.create_task(_one_shift(app, world))
        await asyncio.wait((shift, until_told), return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            shift.cancel()
        try:
            await shift
        except asyncio.CancelledError:
            continue
        except (ConnectorException, psycopg.Error, PoolTimeout) as lost:
            log.warning("database_lost", error=type(lost).__name__)
        await asyncio.wait((until_told,), timeout=PAUSE_SECONDS)
    clockwork.cancel()


async def _one_shift(app: App, world: World) -> None:
    async with app.open_async():
        await _take_jobs(app, world, wait=True)


async def _take_jobs(app: App, world: World, *, wait: bool) -> None:
    await app.run_worker_async(
        queues=[QUEUE],
        wait=wait,
        concurrency=CONCURRENCY,
        fetch_job_polling_interval=TICK_SECONDS,
        shutdown_graceful_timeout=20,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        install_signal_handlers=False,
        additional_context={"world": world},
    )


async def _keep_time(world: World) -> None:
    """Each second ask for what is due; the queue tells all workers of it at once."""
    for tick in count(1):
        await asyncio.sleep(TICK_SECONDS)
        try:
            await asyncio.to_thread(look_at_the_clock, world, trace=tick % worker_trace.TICKS == 1)
        except SQLAlchemyError as lost:
            log.warning("clock_not_kept", error=type(lost).__name__)


def look_at_the_clock(world: World, *, trace: bool = True) -> None:
    """Ask for every timer that is due now to be fired, and for new events to be followed."""
    with world.sessions.begin() as session:
        upkeep.wake_what_is_due(session, now=clock.now())
        if trace:
            worker_trace.ask(session)


def main() -> None:
    settings = from_environment()
    logs.configure()
    logs.write_to_stderr(readable=settings.environment == "demo")
    run(settings)


if __name__ == "__main__":
    main()
