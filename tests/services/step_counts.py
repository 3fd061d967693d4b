"""Visits of steps counted into `step_times` as they would stand there, without reports."""

import uuid
from collections import Counter, defaultdict
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.durations import bucket

MARCH = date(2026, 3, 1)
COUNTED = ("times", "late", "signed_late", "again", "dropped", "waiting", "working", "elapsed")
INSERT = text(
    "INSERT INTO step_times (version_id, unit, kelurahan, month, kind, place, bucket, times, late,"
    " signed_late, again, dropped, waiting, working, elapsed) VALUES (:version, :unit, :kelurahan, :month,"
    " :kind, :place, :bucket, :times, :late, :signed_late, :again, :dropped, :waiting, :working, :elapsed)"
)


class Counts:
    """Visits, each of which counts for the whole city, its unit and its kelurahan."""

    def __init__(self, version: uuid.UUID) -> None:
        self.version = version
        self.rows: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)

    def visit(
        self, place: str, seconds: float, *, kind: str = "langkah", month: date = MARCH, unit: str = "DPU",
        kelurahan: str = "72.71.02.1007", waiting: float = 0, times: int = 1, late: bool = False,
        signed_late: bool = False, again: bool = False,
    ) -> None:  # fmt: skip
        """`seconds` of working time, of which `waiting` before it was taken; `times` such visits."""
        for side in (("", ""), (unit, ""), ("", kelurahan)):
            row = self.rows[(*side, month, kind, place, bucket(seconds))]
            row["times"] += times
            row["late"] += times * late
            row["signed_late"] += times * signed_late
            row["again"] += times * again
            row["waiting"] += times * round(waiting)
            row["working"] += times * round(seconds - waiting)
            row["elapsed"] += times * round(seconds * 3)

    def write(self, session: Session) -> None:
        """Add them and commit."""
        self.add_to(session)
        session.commit()

    def add_to(self, session: Session) -> None:
        names = ("unit", "kelurahan", "month", "kind", "place", "bucket")
        rows = [
            {"version": self.version, **dict(zip(names, key, strict=True)), **{n: row[n] for n in COUNTED}}
            for key, row in self.rows.items()
        ]
        session.execute(INSERT, rows)
