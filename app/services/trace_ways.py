"""The ways reports took through an SOP, told beside the way that most of them take."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import trace_ways as queries
from app.db.queries.trace_search import RARE
from app.domain.actor import Actor
from app.domain.errors import NotPermitted
from app.domain.permissions import Permission
from app.domain.traits import ENDED
from app.services import sop_versions

SIZE = 30

Place = Literal["same", "other", "missing"]


@dataclass(frozen=True, slots=True)
class WayStep:
    """A step, or with `end` how it ended (`words` is the reason's code). `place`: against the usual way; what
    is `missing` stands only there."""

    words: str
    place: Place
    end: bool


@dataclass(frozen=True, slots=True)
class Way:
    """`share`: per cent of the SOP's ended reports that took it; `rare`: unusual."""

    id: uuid.UUID
    reports: int
    share: float
    rare: bool
    steps: tuple[WayStep, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """A page of ways of one SOP. `usual`: the one most reports took; `more`: there are further ones."""

    sop: Row[Any]
    usual: Way
    ways: tuple[Way, ...]
    more: bool


def ways(
    session: Session,
    sop: Row[Any],
    *,
    rarest_first: bool = True,
    after: uuid.UUID | None = None,
    actor: Actor,
) -> Ways:
    """`sop`: of `sops_with_ways`; `after`: the way before this page. Raises NotPermitted."""
    if not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    rows = queries.ways_of(session, sop.sop_key, rarest_first=rarest_first, after=after, most=SIZE + 1)
    usual, shown = _told(session, sop, rows[:SIZE])
    return Ways(sop, usual, shown, len(rows) > SIZE)


def one_way(session: Session, way_id: uuid.UUID, *, actor: Actor) -> tuple[Row[Any], Way] | None:
    """A way with its SOP (of `sops_with_ways`); None when no report took it. Raises NotPermitted."""
    if not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    row = queries.way_named(session, way_id)
    sop = next((one for one in queries.sops_with_ways(session) if row and one.sop_key == row.sop_key), None)
    if row is None or sop is None:
        return None
    _usual, (way,) = _told(session, sop, [row])
    return sop, way


def _told(session: Session, sop: Row[Any], rows: Sequence[Row[Any]]) -> tuple[Way, tuple[Way, ...]]:
    """The usual way, and these beside it."""
    (usual,) = queries.ways_of(session, sop.sop_key, rarest_first=False, after=None, most=1)
    names = _names(session, sop.sop_key, {step for row in (usual, *rows) for step in row.steps})

    def told(row: Row[Any]) -> Way:
        rare = row.reports * 100 <= sop.ended * RARE
        steps = tuple(_beside(usual.steps, row.steps, names))
        return Way(row.id, row.reports, row.reports * 100 / sop.ended, rare, steps)

    return told(usual), tuple(told(row) for row in rows)


def _beside(usual: Sequence[str], own: Sequence[str], names: Mapping[str, str]) -> Iterable[WayStep]:
    """The steps of a way in order, between them those of the usual one that it left out."""
    for kind, from_, to, own_from, own_to in SequenceMatcher(None, usual, own, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (_step(one, "missing", names) for one in usual[from_:to] if not one.startswith(ENDED))
        place: Place = "same" if kind == "equal" else "other"
        yield from (_step(one, place, names) for one in own[own_from:own_to])


def _step(step: str, place: Place, names: Mapping[str, str]) -> WayStep:
    if step.startswith(ENDED):
        return WayStep(step.removeprefix(ENDED), place, end=True)
    return WayStep(names.get(step, step), place, end=False)


def _names(session: Session, key: str, steps: set[str]) -> dict[str, str]:
    """What steps are called, in the newest version that has each."""
    found: dict[str, str] = {}
    wanted = {step for step in steps if not step.startswith(ENDED)}
    for version in queries.versions_of(session, key):
        if wanted <= found.keys():
            break
        sop = sop_versions.compiled(session, version)
        for (process, element), task in sop.tasks.items():
            found.setdefault(sop.key_of(process, element), task.name or element)
    return found
