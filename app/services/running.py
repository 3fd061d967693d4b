"""Whether this installation can serve, and the figures of how it runs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.adapters.storage import PhotoStore
from app.db import migrate
from app.db.queries.running import running_figures, signs_of_life
from app.domain.words import told
from app.services.upkeep import SILENT_WORKER

FINE = told("baik")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each part with its state in words; no address, no name of a file, no secret."""

    ready: bool
    parts: Mapping[str, str]


def readiness(session: Session, storage: PhotoStore) -> Readiness:
    """Ask every part once. Never raises for a part that is away."""
    parts = {**_database(session), "penyimpanan": _storage(storage)}
    return Readiness(all(words == FINE for words in parts.values()), parts)


def figures(session: Session, *, now: datetime) -> dict[str, tuple[str, float]]:
    """Gauges for Prometheus: name -> (meaning, value); one statement."""
    row = running_figures(session, now=now, silent=SILENT_WORKER)
    return {
        "tuntas_queue_age_seconds": ("How long the oldest job that may run has waited.", row.queue_age),
        "tuntas_queue_jobs": ("Jobs that may run now and wait.", row.queue_length),
        "tuntas_wake_lateness_seconds": ("How long the oldest due timer has been due.", row.wake_lateness),
        "tuntas_incidents_open": ("Incidents that wait for somebody.", row.incidents),
        "tuntas_dead_jobs": ("Jobs given up after their last try.", row.dead_jobs),
        "tuntas_dead_messages": ("Messages given up after their last try.", row.dead_messages),
        "tuntas_reports_received": ("Reports ever received.", row.received),
        "tuntas_reports_open": ("Reports not closed yet.", row.open),
        "tuntas_workers_alive": ("Workers with a sign of life within a minute.", row.workers),
    }


def _database(session: Session) -> dict[str, str]:
    try:
        signs = signs_of_life(session)
    except SQLAlchemyError:
        session.rollback()
        unknown = told("tidak diketahui selama basis data tidak terjangkau")
        return {"basis_data": told("tidak terjangkau"), "tabel": unknown, "pekerja": unknown}
    fresh = signs.silence is not None and signs.silence <= SILENT_WORKER
    return {
        "basis_data": FINE,
        "tabel": FINE if signs.version == _newest() else told("bukan versi program ini; jalankan db upgrade"),
        "pekerja": FINE if fresh else told("tidak ada tanda hidup dalam semenit terakhir"),
    }


@cache
def _newest() -> str | None:
    return migrate.head()


def _storage(storage: PhotoStore) -> str:
    key = f"health/{uuid.uuid4()}"
    # Whatever a store of any kind says: it cannot be written.
    try:
        storage.put(key, b"x")
        storage.delete(key)
    except Exception as away:
        return told("tidak dapat ditulisi (%(kind)s)", kind=type(away).__name__)
    return FINE
