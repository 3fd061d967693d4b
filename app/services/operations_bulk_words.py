"""What operations mean for reports, counted over many and in short words for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.words import told

Line = tuple[str, datetime | None]
Names = Mapping[str, str]
FEW = 2
"""Timers told one by one; more are counted."""


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


def meaning_of(consequences: Mapping[str, Any], names: Names, recipient: Callable[[str], str]) -> Meaning:
    """Consequences as they are kept (`operations_shape`). `names`: of roles and units by code; `recipient`:
    whom a message reaches."""
    timers = consequences.get("timer", [])
    return Meaning(
        gone=len(consequences.get("gugur", [])), new=len(consequences.get("terbuka", [])),
        handed=len(consequences.get("pindah", [])), held=len(consequences.get("menunggu", [])),
        timers=sum(len(consequences.get(key, ())) for key in ("timer", "batas", "berbunyi"))
        + ("total" in consequences),
        told=len(consequences.get("diberitahu", [])), ended=int("berakhir" in consequences),
        words=(*_of_tasks(consequences, names), *_of_limits(consequences), *_of_timers(timers),
               *_of_others(consequences, recipient)),
    )  # fmt: skip


def _of_tasks(consequences: Mapping[str, Any], names: Names) -> Iterator[Line]:
    for one in consequences.get("pindah", ()):
        who = _desk(one["menjadi"], names)
        yield told("“%(task)s” menjadi tugas %(who)s.", task=one["nama"], who=who), None
    for one in consequences.get("menunggu", ()):
        yield told("“%(task)s” tidak dapat dikerjakan sampai dilanjutkan.", task=one["nama"]), None
    for one in consequences.get("gugur", ()):
        if one.get("isian"):
            yield told("Tugas “%(task)s” hilang, juga isiannya yang belum dikirim.", task=one["nama"]), None
        else:
            yield told("Tugas “%(task)s” hilang.", task=one["nama"]), None
    for one in consequences.get("terbuka", ()):
        if one["batas"]:
            yield told("Tugas “%(task)s” terbuka, batasnya", task=one["nama"]), _at(one["batas"])
        else:
            yield told("Tugas “%(task)s” terbuka.", task=one["nama"]), None


def _of_limits(consequences: Mapping[str, Any]) -> Iterator[Line]:
    for one in consequences.get("batas", ()):
        yield told("Batas “%(task)s” menjadi", task=one["nama"]), _at(one["menjadi"])
    if "total" in consequences:
        yield told("Batas seluruh laporan menjadi"), _at(consequences["total"][1])


def _of_timers(timers: Sequence[Sequence[str | None]]) -> Iterator[Line]:
    for what, (one, many) in _TIMERS.items():
        kept = [timer for timer in timers if timer[0] == what]
        if len(kept) > FEW:
            first = min(filter(None, (_at(new or old) for _what, _name, old, new in kept)), default=None)
            yield told(many, n=len(kept)), first
        else:
            for _what, name, old, new in kept:
                yield told(one, name=name), _at(new or old)


def _of_others(consequences: Mapping[str, Any], recipient: Callable[[str], str]) -> Iterator[Line]:
    for name, due in consequences.get("berbunyi", ()):
        yield told("Pewaktu “%(name)s” langsung berbunyi, jatuh tempo", name=name), _at(due)
    for to in dict.fromkeys(one[0] for one in consequences.get("diberitahu", ())):
        yield told("%(who)s diberi tahu.", who=recipient(to)), None
    for key in consequences.get("dimulai", ()):
        yield told("SOP “%(key)s” dimulai.", key=key.replace("_", " ")), None
    if "berakhir" in consequences:
        yield told("Laporan berakhir."), None


_TIMERS = {
    "hilang": (told("Pewaktu “%(name)s” tidak jadi berbunyi, seharusnya"),
               told("%(n)s pewaktu tidak jadi berbunyi, yang pertama")),
    "baru": (told("Pewaktu “%(name)s” akan berbunyi"), told("%(n)s pewaktu akan berbunyi, yang pertama")),
    "ubah": (told("Pewaktu “%(name)s” bergeser menjadi"),
             told("%(n)s pewaktu bergeser, yang pertama menjadi")),
    "tidur": (told("Pewaktu “%(name)s” tidak berbunyi sebelum dilanjutkan, seharusnya"),
              told("%(n)s pewaktu tidak berbunyi sebelum dilanjutkan, yang pertama")),
}
"""What becomes of timers -> the words for one, and for many."""


def _desk(to: Sequence[str | None], names: Names) -> str:
    """`[role, unit, person]`: who it will be."""
    role, unit, person = to
    return person or ", ".join(names.get(code, code) for code in (role, unit) if code)


def _at(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
