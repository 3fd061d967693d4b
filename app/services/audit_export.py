"""Who took which event log away stands in the city's own trace."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.queries.event_stream import Selection
from app.domain.actor import Actor
from app.domain.errors import NotPermitted
from app.domain.permissions import Permission
from app.services import city, trail


def note_export(
    session: Session, chosen: Selection, form: str, *, plain: bool, actor: Actor, now: datetime
) -> None:
    """Record an export before it begins. Raises NotPermitted."""
    if not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    asked = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(chosen).items()
        if value is not None
    }
    log = trail.begin_stream(session, city.stream_of_city(), "kota")
    log.add("EventsExported", {"bentuk": form, "pilihan": asked, "nomor": plain})
    log.write(session, origin=actor.origin(), now=now)
