"""The city brings its own outline, which then decides alone what lies inside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db.models import CitySetting
from app.domain.actor import Actor
from app.domain.event import canonical
from app.domain.geo import read_boundary
from app.services import trail
from app.services.city import stream_of_city
from app.services.geography import BOUNDARY


def import_boundary(session: Session, document: Mapping[str, Any], *, actor: Actor, now: datetime) -> int:
    """Keep a GeoJSON document with the city's polygons; how many. Raises BoundaryInvalid."""
    boundary = read_boundary(document)
    session.merge(CitySetting(key=BOUNDARY, value=dict(document)))
    session.flush()
    events = trail.begin_stream(session, stream_of_city(), "kota")
    digest = hashlib.sha256(canonical(document)).hexdigest()
    events.add("BoundaryImported", {"sidik": digest, "poligon": len(boundary.polygons)})
    events.write(session, origin=actor.origin(), now=now)
    return len(boundary.polygons)
