"""*Coba lagi*: do the push again that could not be done, as the person who wanted it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.queries.people import account_of
from app.domain.actor import Actor
from app.domain.errors import Conflict, NotFound
from app.services import process, task_work
from app.services.incidents import REPORTER
from app.services.outcome import Faulted, Outcome, Pushed
from app.services.trail import open_stream, record

_INSTANCE = text("SELECT instance_id FROM incidents WHERE id = :id")
_LOCK = text("""
SELECT n.id, n.instance_id, n.report_id, n.sop_key, n.action, n.resolved_at
FROM incidents n WHERE n.id = :id FOR UPDATE
""")
_RESOLVE = text("""
UPDATE incidents n SET resolved_at = coalesce(n.resolved_at, :now), resolved_by = CAST(:by AS uuid)
FROM (SELECT id, resolved_at IS NULL AS was_open FROM incidents WHERE id = :id FOR UPDATE) before
WHERE n.id = before.id RETURNING before.was_open
""")
_AGAIN = text(
    "UPDATE incidents SET attempts = attempts + 1, last_tried_at = :now, cause = :cause WHERE id = :id"
)
_DUPLICATE = text("DELETE FROM incidents WHERE id = :new AND id <> :id")
_DRAFT = text("SELECT answers FROM drafts WHERE work_item_id = :item AND person_id = :person")


def try_again(session: Session, incident_id: uuid.UUID, *, actor: Actor, now: datetime) -> Outcome | None:
    """Try the incident's push once more. Returns its outcome; None when the matter settled itself meanwhile
    (the timer fired, the task was done otherwise). Raises NotFound, Conflict when it is resolved already,
    or its report is held back."""
    instance_id = session.execute(_INSTANCE, {"id": incident_id}).scalar_one_or_none()
    if instance_id is not None:
        # A push that fails takes the instance first and then its incident; so does this.
        locked = pushes.lock_instance(session, instance_id)
        if locked is not None and locked.suspended_at is not None:
            raise Conflict("Penanganan laporan ini sedang ditangguhkan. Lanjutkan dahulu, lalu coba lagi.")
    incident = session.execute(_LOCK, {"id": incident_id}).one_or_none()
    if incident is None:
        raise NotFound()
    if incident.resolved_at is not None:
        raise Conflict("Gangguan ini sudah selesai.")
    outcome = _push_again(session, incident, actor=actor, now=now)
    if isinstance(outcome, Faulted):
        # A start that fails again would stand as a second incident: this one goes on standing for it.
        session.execute(_DUPLICATE, {"new": outcome.incident_id, "id": incident.id})
        if outcome.incident_id != incident.id:
            session.execute(_AGAIN, {"id": incident.id, "now": now, "cause": outcome.text})
        return outcome
    if outcome is None or isinstance(outcome, Pushed):
        resolved = {"id": incident.id, "now": now, "by": actor.person_id}
        # The push itself may have settled it already, and said so.
        if session.execute(_RESOLVE, resolved).scalar_one() and incident.report_id is not None:
            facts = {"insiden": str(incident.id)}
            record(session, incident.report_id, "IncidentResolved", facts, actor=actor, now=now)
    return outcome


def _push_again(session: Session, incident: Row[Any], *, actor: Actor, now: datetime) -> Outcome | None:
    action = incident.action
    if action["verb"] == "start":
        return process.begin(
            session,
            sop_key=incident.sop_key,
            trail=open_stream(session, incident.report_id),
            report_id=incident.report_id,
            number=action.get("number"),
            data=action["data"],
            actor=actor,
            now=now,
            main=bool(action.get("main", True)),
        )
    if action["verb"] == "wake":
        return process.wake(session, incident.instance_id, actor=actor, now=now)
    if action["verb"] == "deliver":
        by = Actor(kind="pelapor", source=actor.source, report_id=str(incident.report_id))
        return process.deliver(
            session, incident.instance_id, action["message"], action["data"], actor=by, now=now
        )
    return _complete_again(session, incident, actor=actor, now=now)


def _complete_again(session: Session, incident: Row[Any], *, actor: Actor, now: datetime) -> Outcome | None:
    item = uuid.UUID(incident.action["work_item_id"])
    person = incident.action.get("person_id")
    answers = session.execute(
        _DRAFT, {"item": item, "person": uuid.UUID(person) if person else REPORTER}
    ).scalar_one_or_none()
    if answers is None:
        return None
    if person is None:
        by = Actor(kind="pelapor", source=actor.source, report_id=str(incident.report_id))
    else:
        account = account_of(session, uuid.UUID(person))
        if account is None or not account.active:
            raise Conflict("Akun yang mengisi tugas ini sudah tidak ada. Minta rekannya mengisi kembali.")
        by = account.actor(actor.source)
    return task_work.complete(session, item, answers, actor=by, now=now)
