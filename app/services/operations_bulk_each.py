"""What an operation over many means for one of its reports, and which of its tasks are meant."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import pushes
from app.db.pushes import LockedInstance
from app.db.queries import operations as open_queries
from app.domain.actor import Actor
from app.domain.postponing import postponed
from app.domain.words import told
from app.services import city
from app.services.operations_plan import planned
from app.services.operations_shape import DEADLINE, REASSIGN, Planned, moment

OF_MANY = ("banyak", "dari", "kepada", "hari")
"""Parameters that speak of all the reports at once."""
NOTHING_THERE = told("Tidak ada tugas terbuka yang dimaksud pada laporan ini.")


def own_parameters(
    session: Session, locked: LockedInstance, kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What was asked for all, said of this one, locked or not; None: it has no task that is meant."""
    own = {name: value for name, value in parameters.items() if name not in OF_MANY}
    if kind not in (REASSIGN, DEADLINE):
        return own
    named = _named(session, locked, kind, parameters)
    return {**own, **named} if named["tugas"] else None


def looked_at(
    session: Session,
    instance: uuid.UUID,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Planned:
    """What it would mean for one, without waiting for whoever works on it."""
    locked = pushes.instance(session, instance)
    if locked is None:
        raise LookupError(f"no instance {instance}")
    own = own_parameters(session, locked, kind, parameters)
    if own is None:
        return Planned(locked.id, locked.report_id, locked.number, kind, {}, locked.revision, {},
                       refused=NOTHING_THERE)
    return planned(session, locked, kind, own, actor=actor, now=now)


def _named(
    session: Session, locked: LockedInstance, kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The tasks of this report that are meant, and where they go or until when they have time."""
    items = open_queries.open_items(session, locked.id, locked.report_id)
    holder = parameters.get("dari")
    wanted = [
        item for item in items
        if item.role_code != "pelapor"
        and (holder is None or (item.role_code, item.unit_code) == (holder["peran"], holder["unit"]))
    ]  # fmt: skip
    if kind == REASSIGN:
        return {"tugas": [str(item.id) for item in wanted], **parameters["kepada"]}
    calendar = city.calendar_at(session, pushes.around(session, locked.report_id).calendar)
    days = parameters["hari"]
    limited = [item for item in wanted if item.due_at is not None]
    return {
        "tugas": [str(item.id) for item in limited],
        "sampai": {str(item.id): moment(postponed(item.due_at, days, calendar)) for item in limited},
    }
