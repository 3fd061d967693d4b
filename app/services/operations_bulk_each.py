"""What an operation over many means for one of its reports: which of its tasks, and that in words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import pushes
from app.db.pushes import LockedInstance
from app.db.queries import operations as open_queries
from app.domain.actor import Actor
from app.domain.postponing import postponed
from app.domain.words import told
from app.services import city
from app.services.operations_plan import planned
from app.services.operations_shape import DEADLINE, REASSIGN, Planned, moment

OF_MANY = ("banyak", "dari", "kepada", "hari")
"""Parameters that speak of all the reports at once."""
Line = tuple[str, datetime | None]
NOTHING_THERE = told("Tidak ada tugas terbuka yang dimaksud pada laporan ini.")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Counted: tasks that disappear (`gone`), open (`new`), change hands (`handed`), are held back or let go
    (`held`); limits and timers that change; messages that go out (`told`); reports that end (`ended`).
    `words`: the same for one report, with the moment each speaks of."""

    gone: int = 0
    new: int = 0
    handed: int = 0
    held: int = 0
    timers: int = 0
    told: int = 0
    ended: int = 0
    words: tuple[Line, ...] = ()

    def __add__(self, other: Meaning) -> Meaning:
        return Meaning(
            self.gone + other.gone, self.new + other.new, self.handed + other.handed, self.held + other.held,
            self.timers + other.timers, self.told + other.told, self.ended + other.ended,
        )  # fmt: skip

    def counted(self) -> Meaning:
        """Without the words."""
        return replace(self, words=())


def own_parameters(
    session: Session, locked: LockedInstance, kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What was asked for all, said of this one, locked or not; None: it has no task that is meant."""
    own = {name: value for name, value in parameters.items() if name not in OF_MANY}
    if kind not in (REASSIGN, DEADLINE):
        return own
    named = _named(session, locked, kind, parameters)
    return {**own, **named} if named["tugas"] else None


def looked_at(
    session: Session,
    instance: uuid.UUID,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Planned:
    """What it would mean for one, without waiting for whoever works on it."""
    locked = pushes.instance(session, instance)
    if locked is None:
        raise LookupError(f"no instance {instance}")
    own = own_parameters(session, locked, kind, parameters)
    if own is None:
        return Planned(locked.id, locked.report_id, locked.number, kind, {}, locked.revision, {},
                       refused=NOTHING_THERE)
    return planned(session, locked, kind, own, actor=actor, now=now)


def _named(
    session: Session, locked: LockedInstance, kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The tasks of this report that are meant, and where they go or until when they have time."""
    items = open_queries.open_items(session, locked.id, locked.report_id)
    holder = parameters.get("dari")
    wanted = [
        item for item in items
        if item.role_code != "pelapor"
        and (holder is None or (item.role_code, item.unit_code) == (holder["peran"], holder["unit"]))
    ]  # fmt: skip
    if kind == REASSIGN:
        return {"tugas": [str(item.id) for item in wanted], **parameters["kepada"]}
    calendar = city.calendar_at(session, pushes.around(session, locked.report_id).calendar)
    days = parameters["hari"]
    limited = [item for item in wanted if item.due_at is not None]
    return {
        "tugas": [str(item.id) for item in limited],
        "sampai": {str(item.id): moment(postponed(item.due_at, days, calendar)) for item in limited},
    }


def meaning_of(consequences: Mapping[str, Any]) -> Meaning:
    """Consequences as they are kept, counted and in words."""
    timers = consequences.get("timer", [])
    return Meaning(
        gone=len(consequences.get("gugur", [])), new=len(consequences.get("terbuka", [])),
        handed=len(consequences.get("pindah", [])), held=len(consequences.get("menunggu", [])),
        timers=len(timers) + len(consequences.get("batas", [])) + ("total" in consequences),
        told=len(consequences.get("diberitahu", [])), ended=int("berakhir" in consequences),
        words=tuple(_words(consequences)),
    )  # fmt: skip


def _words(consequences: Mapping[str, Any]) -> Iterator[Line]:
    for one in consequences.get("pindah", ()):
        yield told("“%(task)s” menjadi tugas %(who)s.", task=one["nama"], who=_desk(one["menjadi"])), None
    for one in consequences.get("menunggu", ()):
        yield told("“%(task)s” tidak dapat dikerjakan sampai dilanjutkan.", task=one["nama"]), None
    for one in consequences.get("gugur", ()):
        if one.get("isian"):
            yield told("Tugas “%(task)s” hilang, juga isiannya yang belum dikirim.", task=one["nama"]), None
        else:
            yield told("Tugas “%(task)s” hilang.", task=one["nama"]), None
    for one in consequences.get("terbuka", ()):
        yield told("Tugas “%(task)s” terbuka.", task=one["nama"]), _at(one["batas"])
    for one in consequences.get("batas", ()):
        yield told("Batas “%(task)s” menjadi", task=one["nama"]), _at(one["menjadi"])
    if "total" in consequences:
        yield told("Batas seluruh laporan menjadi"), _at(consequences["total"][1])
    for what, name, old, new in consequences.get("timer", ()):
        yield told(_OF_TIMERS[what], name=name), _at(new or old)
    for recipient, _message in consequences.get("diberitahu", ()):
        yield told("%(who)s diberi tahu.", who=_RECIPIENTS.get(recipient, recipient)), None
    for key in consequences.get("dimulai", ()):
        yield told("SOP “%(key)s” dimulai.", key=key), None
    if "berakhir" in consequences:
        yield told("Laporan berakhir."), None


_OF_TIMERS = {
    "hilang": told("Pengingat “%(name)s” tidak jadi berbunyi"),
    "baru": told("Pengingat “%(name)s” akan berbunyi"),
    "ubah": told("Pengingat “%(name)s” bergeser menjadi"),
    "tidur": told("Pengingat “%(name)s” diam sampai dilanjutkan; seharusnya"),
}
_RECIPIENTS = {"pelapor": told("Pelapor")}


def _desk(to: Sequence[str | None]) -> str:
    """`[role, unit, name]`: who it will be."""
    role, unit, name = to
    return name or unit or role or ""


def _at(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
