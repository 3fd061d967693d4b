"""Which photos a task's form takes, and from whom."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.models import Instance
from app.domain.actor import Actor
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.engine.declaration import Field
from app.services import sop_versions
from app.services.task_work import may_work_on

LIMIT = 10
"""Photos of a field whose diagram sets no maximum."""


def limit_of(declared: Field) -> int:
    """How many photos the field takes in all."""
    return int(declared.max or LIMIT)


def photo_field(session: Session, task_id: uuid.UUID, field_id: str, *, actor: Actor) -> Field:
    """The photo field of an open task that is this actor's.

    Raises NotFound (also when the form has no such photo field), NotPermitted, Conflict.
    """
    item = pushes.work_item(session, task_id)
    if item is None:
        raise NotFound
    if not may_work_on(item, actor):
        raise NotPermitted("Tugas ini bukan untuk peran atau unit Anda.")
    if item.closed_at is not None:
        raise Conflict("Tugas ini sudah diselesaikan.")
    version_id = session.scalars(select(Instance.sop_version_id).where(Instance.id == item.instance_id)).one()
    task = sop_versions.compiled(session, version_id).task(item.process, item.element)
    declared = next((each for each in task.fields if each.id == field_id and each.type == "photo"), None)
    if declared is None:
        raise NotFound("Tugas ini tidak meminta foto itu.")
    return declared
