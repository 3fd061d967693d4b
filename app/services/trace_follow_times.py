"""How long something took, and how often: what is counted into `step_times` from one slice of the trace."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from app.domain.calendar import BusinessCalendar
from app.domain.durations import bucket

Key = tuple[str, str, str, date, str, str, int]
_SUMS = ("times", "late", "signed_late", "again", "dropped", "waiting", "working", "elapsed")


@dataclass(frozen=True, slots=True)
class Took:
    """One time (see `StepTime`). `waiting`, `working`: seconds of working time; `elapsed`: on the wall."""

    waiting: float = 0.0
    working: float = 0.0
    elapsed: float = 0.0
    late: bool = False
    signed_late: bool = False
    again: bool = False
    dropped: bool = False

    @classmethod
    def between(
        cls, calendar: BusinessCalendar, opened: datetime, taken: datetime | None, closed: datetime, *,
        due: datetime | None, promised: datetime | None, again: bool = False, dropped: bool = False,
    ) -> Took:  # fmt: skip
        """What nobody took waited until it ended."""
        closed = max(opened, closed)
        turned = closed if taken is None else min(max(opened, taken), closed)
        return cls(
            waiting=calendar.working_seconds(opened, turned),
            working=calendar.working_seconds(turned, closed),
            elapsed=(closed - opened).total_seconds(),
            late=due is not None and closed > due,
            signed_late=promised is not None and closed > promised,
            again=again,
            dropped=dropped,
        )

    def passed(self, *, again: bool) -> Took:
        """The same time, for a flow that was taken when it was over."""
        return replace(self, again=again)


@dataclass(slots=True)
class Tally:
    """Everything one slice counts."""

    times: dict[Key, list[int]] = field(default_factory=dict)
    ways: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)

    def count(
        self, version: str, unit: str, kelurahan: str, month: date, kind: str, place: str, took: Took
    ) -> None:
        """Once for all, once for its unit, once for its kelurahan."""
        found = bucket(took.waiting + took.working)
        sums = (
            1, took.late, took.signed_late, took.again, took.dropped,
            round(took.waiting), round(took.working), round(took.elapsed),
        )  # fmt: skip
        sides = [("", ""), *([(unit, "")] if unit else []), *([("", kelurahan)] if kelurahan else [])]
        for one, other in sides:
            known = self.times.setdefault((version, one, other, month, kind, place, found), [0] * len(sums))
            for position, more in enumerate(sums):
                known[position] += more

    def end_way(self, way: uuid.UUID, sop_key: str, steps: Sequence[str]) -> None:
        """One report went this way to its end."""
        known = self.ways.setdefault(way, {"id": way, "sop_key": sop_key, "steps": [*steps], "reports": 0})
        known["reports"] += 1

    def rows(self) -> list[dict[str, Any]]:
        """For `step_times`, in the order of its key."""
        names = ("version_id", "unit", "kelurahan", "month", "kind", "place", "bucket")
        return [
            {**dict(zip(names, key, strict=True)), "month": key[3].isoformat(),
             **dict(zip(_SUMS, sums, strict=True))}
            for key, sums in sorted(self.times.items(), key=lambda one: one[0])
        ]  # fmt: skip
