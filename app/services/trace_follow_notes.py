"""What is gathered of one report while its story is read, and what must be remembered until it ends."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.services.trace_follow_times import Took

COUNTS = ("returned", "reopened", "bounced", "escalated", "migrated")


@dataclass(slots=True)
class Run:
    """One SOP of the report. `done`: steps that were completed, with the part they were of; `flows`: sequence
    flows taken; `carried`: the time each element's tokens carry."""

    id: str
    sop: str
    version: str
    main: bool
    ended: bool = False
    done: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    carried: dict[str, Took] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Run:
        return cls(**{**stored, "carried": {key: Took.read(took) for key, *took in stored["carried"]}})

    def told(self) -> dict[str, Any]:
        """As JSON; `carried` as a list, which alone keeps its order in the database."""
        plain = {name: getattr(self, name) for name in ("id", "sop", "version", "main", "ended")}
        carried = [[key, *took.told()] for key, took in self.carried.items()]
        return {**plain, "done": self.done, "flows": self.flows, "carried": carried}


@dataclass(slots=True)
class Notes:
    """What must be remembered while the report runs. `open`: task -> step, instance, 1 for one that was done
    before, flow that led to it; `way`: the main SOP's steps so far; `taken`: when an officer first took it;
    `intake`: the agency that held it from the start, to give it out."""

    runs: list[Run] = field(default_factory=list)
    open: dict[str, list[Any]] = field(default_factory=dict)
    way: list[str] = field(default_factory=list)
    opd: str | None = None
    taken: str | None = None
    intake: str | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Notes:
        if stored is None:
            return cls()
        return cls(**{**stored, "runs": [Run.read(one) for one in stored["runs"]]})

    def told(self) -> dict[str, Any]:
        """As JSON; nothing a person wrote is in it."""
        runs = [one.told() for one in self.runs]
        plain = {name: getattr(self, name) for name in ("open", "way", "opd", "taken", "intake")}
        return {"runs": runs, **plain}


@dataclass(slots=True)
class Gathered:
    """A report's traits on their way back to the table (see `ReportTraits`)."""

    report_id: uuid.UUID
    number: str
    kelurahan: str
    received: datetime
    seq: int
    versions: list[str]
    persons: list[str]
    units: list[str]
    late: bool
    counts: dict[str, int]
    path_id: uuid.UUID | None
    notes: Notes
    ended: bool = False

    @classmethod
    def read(cls, row: Row[Any]) -> Gathered:
        versions, persons = ([str(one) for one in ids or ()] for ids in (row.versions, row.persons))
        return cls(
            row.id, row.number, row.kelurahan_code or "", row.received_at, row.seq, versions, persons,
            list(row.units or ()), bool(row.late), {name: getattr(row, name) or 0 for name in COUNTS},
            row.path_id, Notes.read(row.notes), row.known and row.notes is None,
        )  # fmt: skip

    def told(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "report_id": self.report_id, "seq": self.seq, "versions": self.versions, "persons": self.persons,
            "units": self.units, "late": self.late, **self.counts, "path_id": self.path_id,
            "notes": None if self.ended else self.notes.told(),
        }  # fmt: skip
