"""What the worker's jobs need of the outside, and the unit of work each of them runs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from procrastinate import JobContext
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.adapters.senders import ConsoleSender, Sender, SmtpSender
from app.adapters.storage import PhotoStore
from app.config import Settings
from app.services import notices

QUEUE = "tuntas"
GIVE_UP_KEY = text("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = :id")
log = structlog.get_logger("tuntas.worker")


@dataclass(frozen=True, slots=True)
class World:
    """What jobs need of the outside."""

    settings: Settings
    sessions: sessionmaker[Session]
    storage: PhotoStore
    post: notices.Post


def post_of(settings: Settings) -> notices.Post:
    """The ways out this city has: its mail server, or the console where none is set."""
    mail = settings.mail
    sender: Sender = ConsoleSender()
    if mail.host:
        sender = SmtpSender(mail.host, mail.port, mail.sender, mail.user, mail.password, mail.starttls)
    return notices.Post((sender,), settings.base_url, settings.keys.sealing, settings.city.brand)


def world_of(context: JobContext) -> World:
    world: World = context.additional_context["world"]
    return world


def one_change(context: JobContext, change: Callable[[Session], Any]) -> Any:
    """Run `change` as one unit of work.

    When it fails the job gives up its key before it is tried again: another job with the same key may wait
    by then, and the queue would refuse to put this one back.
    """
    world = world_of(context)
    # What is done may say which report it is about; the job's own line then names it.
    with structlog.contextvars.bound_contextvars(job=context.job.task_name, report="-"):
        try:
            with world.sessions.begin() as session:
                answer = change(session)
        except Exception as error:
            log.warning("job_failed", error=type(error).__name__, attempts=context.job.attempts)
            with world.sessions.begin() as session:
                session.execute(GIVE_UP_KEY, {"id": context.job.id})
            raise
        log.info("job_done")
        return answer
