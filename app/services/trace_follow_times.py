"""How long something took, and how often: what is counted into `step_times` from one slice of the trace."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.domain.calendar import BusinessCalendar
from app.domain.durations import bucket

Key = tuple[str, str, str, date, str, str, int]
_SUMS = ("times", "late", "signed_late", "again", "dropped", "waiting", "working", "elapsed")


@dataclass(frozen=True, slots=True)
class Took:
    """One time (see `StepTime`). `waiting`, `working`: seconds of working time; `elapsed`: on the wall."""

    waiting: int = 0
    working: int = 0
    elapsed: int = 0
    late: bool = False
    signed_late: bool = False
    dropped: bool = False

    @classmethod
    def between(
        cls, calendar: BusinessCalendar, opened: datetime, taken: datetime | None, closed: datetime, *,
        due: datetime | None, promised: datetime | None, dropped: bool = False,
    ) -> Took:  # fmt: skip
        """What nobody took waited until it ended."""
        closed = max(opened, closed)
        turned = closed if taken is None else min(max(opened, taken), closed)
        return cls(
            waiting=round(calendar.working_seconds(opened, turned)),
            working=round(calendar.working_seconds(turned, closed)),
            elapsed=round((closed - opened).total_seconds()),
            late=due is not None and closed > due,
            signed_late=promised is not None and closed > promised,
            dropped=dropped,
        )

    @classmethod
    def read(cls, stored: Sequence[int]) -> Took:
        """What `told` gave."""
        waiting, working, elapsed, *flags = stored
        return cls(waiting, working, elapsed, *(bool(one) for one in flags))

    def told(self) -> list[int]:
        """As JSON."""
        flags = (int(self.late), int(self.signed_late), int(self.dropped))
        return [self.waiting, self.working, self.elapsed, *flags]


NO_TIME = Took()
"""Of what no step came before."""


@dataclass(slots=True)
class Tally:
    """Everything one slice counts. `times`: with unit and kelurahan side by side."""

    times: dict[Key, list[int]] = field(default_factory=dict)
    ways: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)

    def count(
        self, version: str, unit: str, kelurahan: str, month: date, kind: str, place: str, took: Took, *,
        again: bool,
    ) -> None:  # fmt: skip
        """One time; `again`: not the first of its report."""
        waiting, working = took.waiting, took.working
        key = (version, unit, kelurahan, month, kind, place, bucket(waiting + working))
        known = self.times.get(key)
        if known is None:
            known = self.times[key] = [0] * len(_SUMS)
        known[0] += 1
        known[1] += took.late
        known[2] += took.signed_late
        known[3] += again
        known[4] += took.dropped
        known[5] += waiting
        known[6] += working
        known[7] += took.elapsed

    def end_way(self, way: uuid.UUID, sop_key: str, steps: Sequence[str]) -> None:
        """One report went this way to its end."""
        known = self.ways.setdefault(way, {"id": way, "sop_key": sop_key, "steps": [*steps], "reports": 0})
        known["reports"] += 1

    def add(self, other: Tally) -> None:
        """Count on what another counted."""
        for key, sums in other.times.items():
            known = self.times.setdefault(key, [0] * len(_SUMS))
            for place, more in enumerate(sums):
                known[place] += more
        for way in other.ways.values():
            self.end_way(way["id"], way["sop_key"], way["steps"])

    def rows(self) -> list[dict[str, Any]]:
        """For `step_times`, in the order of its key: each time once for all, once for its unit, once for its
        kelurahan."""
        sides: dict[Key, list[int]] = {}
        for (version, unit, kelurahan, *rest), sums in self.times.items():
            for one, other in {("", ""), (unit, ""), ("", kelurahan)}:
                known = sides.setdefault((version, one, other, *rest), [0] * len(_SUMS))  # type: ignore[arg-type]
                for place, more in enumerate(sums):
                    known[place] += more
        names = ("version_id", "unit", "kelurahan", "month", "kind", "place", "bucket")
        return [
            {**dict(zip(names, key, strict=True)), "month": key[3].isoformat(),
             **dict(zip(_SUMS, sums, strict=True))}
            for key, sums in sorted(sides.items(), key=lambda one: one[0])
        ]  # fmt: skip
