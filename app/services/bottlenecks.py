"""Where an SOP version hurts: its steps and flows with their figures, its months, what to look at first.

Only counts and times are read here, never a report, a person or a text. A step the reporter does is shown but
is nobody's bottleneck: the city's working time is measured without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import bottlenecks as queries
from app.db.queries.bottlenecks import Side
from app.domain.actor import Actor
from app.domain.bottleneck import OFTEN_LATE, Cause, Figures, Measure
from app.domain.calendar import BusinessCalendar
from app.domain.errors import Invalid, NotPermitted
from app.domain.permissions import Permission
from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.step import EngineFault
from app.services import city, sop_versions
from app.services.bottlenecks_places import (
    STEP,
    WHOLE,
    Flow,
    Step,
    figures,
    flows_of,
    printed_steps,
    ranked,
    spent_by_city,
    steps_of,
    worst,
)
from app.services.sop_versions import NoSuchSop

SHOWN_MONTHS = 12


class CannotBeRead(Invalid):
    """An older system ran this version; this one no longer can."""

    text = told("Versi ini ditulis untuk sistem yang lebih lama. Angkanya tidak dapat dibaca lagi di sini.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see. Empty: everything; months by their first day, None: the last
    SHOWN_MONTHS with figures. `place`: whose months are shown, empty for the whole report. Of a unit and a
    kelurahan at once only the unit counts."""

    unit: str = ""
    kelurahan: str = ""
    since: date | None = None
    until: date | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A unit's or a kelurahan's figures of one place; the other code is empty."""

    unit: str
    kelurahan: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Glance:
    """One SOP in the list. `version`: the newest that has figures, else the newest; `whole`: its reports of
    the last SHOWN_MONTHS; `worst`: where most of the time goes, with its `share`; `others`: numbers of other
    versions with figures, the newest first."""

    version: Row[Any]
    whole: Figures | None
    worst: Step | None
    share: float
    others: tuple[int, ...]


@dataclass(frozen=True)
class Bottlenecks:
    """Everything the page shows. `version`, `versions`: rows of `measured_versions`, this one and all of its
    key; `first`, `last`: months there are figures of, None before the first; `total`: the *waktu* of the
    whole as printed; `whole`: the reports that ended; `steps` in the order of the SOP; `months`: of `place`
    (of the whole when it is empty), every month; `parts`: every unit's and kelurahan's of that place, the
    slowest median first, those seen too seldom to judge last; `day`: seconds of an ordinary working day."""

    sop: CompiledSop
    version: Row[Any]
    versions: tuple[Row[Any], ...]
    side: Side | None
    first: date | None
    last: date | None
    units: tuple[str, ...]
    kelurahan: tuple[str, ...]
    total: str
    whole: Figures | None
    steps: tuple[Step, ...]
    flows: tuple[Flow, ...]
    place: str
    months: tuple[tuple[date, Figures | None], ...]
    parts: tuple[Part, ...]
    day: float

    @cached_property
    def spent(self) -> int:
        return spent_by_city(self.steps)

    @cached_property
    def ranked(self) -> tuple[Step, ...]:
        return ranked(self.steps)

    @property
    def places(self) -> tuple[Step | Flow, ...]:
        return (*self.steps, *self.flows)

    @property
    def worst(self) -> Step | None:
        return worst(self.steps)

    @property
    def most_late(self) -> Step | None:
        """The city's step that most often passes its signed limit, when that is often enough to say so."""
        first = next(iter(self.hottest(Measure.LATE)), None)
        return first if first and first.figures.signed_late_share >= OFTEN_LATE else None

    @property
    def causes(self) -> tuple[Cause, ...]:
        return self.worst.figures.causes() if self.worst else ()

    def value(self, step: Step, measure: Measure) -> float:
        return 0.0 if step.by_reporter else step.figures.value(measure, self.spent)

    def hottest(self, measure: Measure) -> tuple[Step, ...]:
        """The city's steps by another measure, the hottest first; none that has nothing of it."""
        own = [step for step in self.ranked if step.figures.enough and self.value(step, measure) > 0]
        return tuple(sorted(own, key=lambda one: -self.value(one, measure)))


def at_a_glance(session: Session, *, actor: Actor) -> tuple[tuple[Glance, ...], float]:
    """Every SOP by its version with figures, the most used first, and the seconds of a working day. Raises
    NotPermitted."""
    if not actor.may(Permission.STATISTICS_READ):
        raise NotPermitted()
    by_key: dict[str, list[Row[Any]]] = {}
    for row in queries.measured_versions(session):
        by_key.setdefault(row.key, []).append(row)
    shown = [next((row for row in rows if row.last), rows[0]) for rows in by_key.values()]
    last = max((row.last for row in shown if row.last), default=None)
    since = None if last is None else months_before(last, SHOWN_MONTHS - 1)
    found: dict[Any, list[Row[Any]]] = {}
    for row in queries.overview(session, [one.id for one in shown], since) if since else ():
        found.setdefault(row.version_id, []).append(row)
    glances = []
    for version in shown:
        rows = found.get(version.id, [])
        steps = _steps(session, version, rows)
        first, whole = worst(steps), next((figures(row) for row in rows if row.kind == WHOLE), None)
        others = [row.version for row in by_key[version.key] if row.last and row.version != version.version]
        share = first.figures.spent / spent_by_city(steps) if first else 0.0
        glances.append(Glance(version, whole, first, share, tuple(others)))
    glances.sort(key=lambda one: (-(one.whole.times if one.whole else 0), one.version.key))
    return tuple(glances), working_day(city.calendar(session))


def _steps(session: Session, version: Row[Any], rows: Sequence[Row[Any]]) -> list[Step]:
    """Nothing of a version that cannot be read: its place in the list stays."""
    try:
        return steps_of(_compiled(session, version), rows) if rows else []
    except CannotBeRead:
        return []


def _compiled(session: Session, version: Row[Any]) -> CompiledSop:
    try:
        return sop_versions.compiled(session, version.id)
    except EngineFault as fault:
        raise CannotBeRead from fault


def where_it_hurts(session: Session, key: str, number: int, asked: Asked, *, actor: Actor) -> Bottlenecks:
    """Raises NotPermitted, NoSuchSop and CannotBeRead. A month, unit or kelurahan without figures gives an
    empty page."""
    if not actor.may(Permission.STATISTICS_READ):
        raise NotPermitted()
    versions = tuple(row for row in queries.measured_versions(session) if row.key == key)
    version = next((row for row in versions if row.version == number), None)
    if version is None:
        raise NoSuchSop
    sop = _compiled(session, version)
    there = queries.extent(session, version.id)
    side = _side(version.id, there, asked)
    rows = queries.places(session, side) if side else ()
    steps = tuple(steps_of(sop, rows))
    place = asked.place if any(step.place == asked.place for step in steps) else ""
    kind = STEP if place else WHOLE
    months = queries.months_of(session, side, kind, place) if side else ()
    parts = _parts(session, side, kind, place, there) if side else ()
    whole = next((figures(row) for row in rows if row.kind == WHOLE), None)
    return Bottlenecks(
        sop, version, versions, side, there.first, there.last, tuple(there.units), tuple(there.kelurahan),
        printed_steps(sop.sources, sop.key)[1], whole, steps, tuple(flows_of(sop, rows)), place,
        _every_month(side, months), parts, working_day(city.calendar(session)),
    )  # fmt: skip


def _parts(session: Session, side: Side, kind: str, place: str, there: Row[Any]) -> tuple[Part, ...]:
    rows = queries.parts_of(session, side, kind, place, units=there.units, kelurahan=there.kelurahan)
    parts = [Part(row.unit, row.kelurahan, figures(row)) for row in rows]
    return tuple(
        sorted(parts, key=lambda one: (not one.figures.enough, -one.figures.median, one.unit, one.kelurahan))
    )


def working_day(calendar: BusinessCalendar) -> float:
    """Working seconds of a day on which the city works, over an ordinary week."""
    days = [hours for hours in calendar.hours.values() if hours]
    return sum(_seconds(end) - _seconds(start) for hours in days for start, end in hours) / len(days)


def _seconds(at: time) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second


def _side(version: Any, there: Row[Any], asked: Asked) -> Side | None:
    if there.last is None:
        return None
    until = min(asked.until or there.last, there.last)
    since = asked.since or max(there.first, months_before(until, SHOWN_MONTHS - 1))
    kelurahan = "" if asked.unit else asked.kelurahan
    return Side(version, max(since, there.first), until, asked.unit, kelurahan)


def months_before(month: date, count: int) -> date:
    """The first day of the month `count` months earlier."""
    years, place = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, place + 1, 1)


def _every_month(side: Side | None, rows: Sequence[Row[Any]]) -> tuple[tuple[date, Figures | None], ...]:
    if side is None:
        return ()
    known = {row.month: figures(row) for row in rows}
    count = (side.until.year - side.since.year) * 12 + side.until.month - side.since.month
    every = [months_before(side.until, back) for back in range(count, -1, -1)]
    return tuple((month, known.get(month)) for month in every)
