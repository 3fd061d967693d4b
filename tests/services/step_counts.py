"""Visits of steps counted into `step_times` as they would stand there, without reports."""

from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import text

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

    def __init__(self, version):
        self.version = version
        self.rows = defaultdict(Counter)

    def visit(self, place, seconds, *, kind="langkah", month=MARCH, unit="DPU", kelurahan="72.71.02.1007",
              waiting=0, times=1, late=False, signed_late=False, again=False):  # fmt: skip
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

    def write(self, session):
        """Add them and commit."""
        names = ("unit", "kelurahan", "month", "kind", "place", "bucket")
        rows = [
            {"version": self.version, **dict(zip(names, key, strict=True)), **{n: row[n] for n in COUNTED}}
            for key, row in self.rows.items()
        ]
        session.execute(INSERT, rows)
        session.commit()
