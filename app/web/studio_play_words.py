"""The picture of a try in the words of its page: who gets what until when, what happened, what waits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.spoken import Remaining, remaining
from app.engine.value_words import shown
from app.forms.diagram import DiagramForm
from app.i18n import translated
from app.services.sop_play import Holder, Tried
from app.web.reckoning import reckoned

_BLANK = re.compile(r"\{([a-z_]+)\}")
HIDDEN = frozenset({"diterima", "nomor"})


@dataclass(frozen=True, slots=True)
class TaskCard:
    """An open task. `key` tells it from the others on the page; `persons`: whom one can act as, the usual
    one first; `rule`: the deadline's arithmetic."""

    key: str
    task: str
    of: Any
    has_of: bool
    element: str
    name: str
    item: str
    holder: Holder
    who: str
    due: Remaining | None
    rule: tuple[str, ...]
    form: DiagramForm
    persons: tuple[str, ...]
    barred: tuple[str, ...]
    verifies: bool
    documentation: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `decision`: the whole table, as `explained` tells it."""

    icon: str
    text: str
    kind: str = ""
    decision: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the try: number 0 is the report coming in."""

    number: int
    kind: str
    icon: str
    text: str
    at: datetime
    details: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...] = ()
    path: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer that waits, or a message that may come."""

    name: str
    due: datetime
    text: str
    element: str
    left: Remaining | None = field(default=None)


ICONS = {
    "mulai": "megaphone", "complete": "check", "deliver": "message-circle", "advance": "clock",
    "expect": "clipboard-check", "refuse": "ban",
}  # fmt: skip


def cards(tried: Tried, forms: Mapping[tuple[str, str], DiagramForm]) -> list[TaskCard]:
    """Every open task, ready to be filled in."""
    now = datetime.fromisoformat(tried.picture["now"])
    found = []
    for number, one in enumerate(tried.picture["open"]):
        holder, opened = tried.holders[one["task"]], datetime.fromisoformat(one["opened"])
        due = datetime.fromisoformat(one["due"]) if one["due"] else None
        found.append(
            TaskCard(
                key=str(number), task=one["task"], of=one["of"], has_of=one["has_of"],
                element=one["element"], name=one["name"],
                item=_label(tried, one["item"]) if one["item"] is not None else "",
                holder=holder, who=_who(holder),
                due=remaining(opened, due, now=now, calendar=tried.calendar) if due else None,
                rule=reckoned(one["arithmetic"]) if one["arithmetic"] else (),
                form=forms[one["task"], str(one["of"])],
                persons=_persons(one["role"], holder), barred=tuple(one["barred"]),
                verifies=bool(one["declared"]["verifies"]),
                documentation=one["declared"]["documentation"],
            )
        )
    return found


def entries(tried: Tried) -> list[Entry]:
    """What happened, step by step, the first first."""
    found = []
    for number, entry in enumerate(tried.picture["log"]):
        pushes = entry["pushes"]
        visits = [visit for push in pushes for visit in push["visited"]]
        lines = [line for push in pushes for line in _lines(tried, push)]
        if entry["skipped"]:
            said = "; ".join(f"{_day(day)} ({reason})" for day, reason in entry["skipped"])
            lines.insert(0, Line("calendar-days", _("Melewati hari libur: %(days)s.", days=said), "holiday"))
        if entry["note"]:
            lines.append(Line("ban", translated(entry["note"])))
        found.append(
            Entry(
                number, entry["kind"], ICONS.get(entry["kind"], "circle"), entry["text"],
                datetime.fromisoformat(entry["now"]),
                tuple((str(a), str(b)) for a, b in entry["details"]), tuple(lines),
                tuple(_path(visits)), tuple(entry["unmet"]),
                tuple(part for visit in visits for part in (visit["flow"], visit["element"]) if part),
            )
        )
    return found


def timers(tried: Tried) -> list[Waiting]:
    """What rings by itself, the earliest first."""
    now = datetime.fromisoformat(tried.picture["now"])
    found = []
    for one in sorted(tried.picture["timers"], key=lambda one: str(one["due"])):
        due = datetime.fromisoformat(one["due"])
        if one["host_name"] is None:
            text = _("menunggu di alur")
        elif one["interrupting"]:
            text = _("menghentikan “%(name)s”", name=one["host_name"])
        else:
            text = _("di samping “%(name)s”, yang tetap berjalan", name=one["host_name"])
        left = remaining(now, due, now=now, calendar=tried.calendar)
        found.append(Waiting(one["name"], due, text, one["element"], left))
    return found


def variables(tried: Tried) -> list[tuple[str, str, str]]:
    """(name, what it is called on forms, value) of everything the SOP knows by now."""
    labels = tried.picture["labels"]
    return [
        (name, labels.get(name, ""), _label(tried, value) if isinstance(value, str) else shown(value))
        for name, value in sorted(tried.picture["variables"].items())
        if name not in HIDDEN and value is not None
    ]


def _lines(tried: Tried, push: Mapping[str, Any]) -> Iterator[Line]:
    for one in push["fired"]:
        at = current_app.jinja_env.filters["moment"](datetime.fromisoformat(one["due"]))
        more = f" ({one['count']}×)" if one["count"] > 1 else ""
        yield Line("bell", _("Pengatur waktu “%(name)s” berbunyi: %(at)s", name=one["name"], at=at) + more)
    for one in push["decisions"]:
        text = _("Tabel “%(name)s”", name=one["table"])
        yield Line("list", text, "decision", one)
    for one in push["closed"]:
        if one["reason"] == "cancelled":
            yield Line("x", _("Tugas “%(name)s” ditutup oleh “%(cause)s”", name=one["name"],
                              cause=one["cause"] or "?"))  # fmt: skip
    for one in push["effects"]:
        yield _effect(tried, one)
    for one in push["messages"]:
        to = _label(tried, one["to"])
        text = _filled(tried, tried.messages.get(one["key"]) or one["text"] or one["key"], one, push)
        yield Line("mail", _("Pesan ke %(to)s: “%(text)s”", to=to, text=_short(text)), "message")
    if push["status"]:
        yield Line("flag", _("Status laporan: %(status)s", status=_label(tried, push["status"])), "status")
    for one in push["opened"]:
        yield Line("arrow-right", _("Tugas “%(name)s” terbuka", name=one["name"]), "opened")


def _filled(tried: Tried, text: str, one: Mapping[str, Any], push: Mapping[str, Any]) -> str:
    """The city's words with what they stand for; what only a real report has stays open."""
    due = next((task["due"] for task in push["opened"] if task["due"]), None)
    moment = current_app.jinja_env.filters["moment"]
    values = {
        "nomor": tried.picture["variables"].get("nomor", "LW-…"),
        "batas": moment(datetime.fromisoformat(due)) if due else _("secepatnya"),
        "tautan": _("(tautan laporan)"),
        "teks": one["text"] or "…",
    }
    return _BLANK.sub(lambda found: str(values.get(found[1], "…")), text)


def _effect(tried: Tried, one: Mapping[str, Any]) -> Line:
    given = {name: _label(tried, value) if isinstance(value, str) else shown(value)
             for name, value in one["parameters"].items()}  # fmt: skip
    if one["operation"] == "tetapkan_opd":
        return Line("landmark", _("Unit pelaksana: %(unit)s", unit=given.get("opd", "–")), "effect")
    if one["operation"] == "status":
        return Line("flag", _("Status ditetapkan: %(status)s", status=given.get("nilai", "–")), "effect")
    if one["operation"] == "catat":
        return Line("pencil", _("Catatan di jejak: %(text)s", text=_short(given.get("teks", ""))), "effect")
    if one["operation"] == "mulai_sop":
        return Line("route", _("SOP “%(key)s” akan dimulai", key=given.get("kunci", "?")), "effect")
    if one["operation"] == "perpanjang":
        return Line("clock", _("Batas waktu “%(task)s” diperpanjang", task=given.get("tugas", "?")), "effect")
    said = ", ".join(f"{name}: {value}" for name, value in given.items())
    return Line("settings", f"{one['operation'].replace('_', ' ')} ({said})", "effect")


def _who(holder: Holder) -> str:
    if holder.fallen:
        return str(_("Unitnya belum ditentukan, jadi tugas ini akan jatuh ke Admin Kominfo."))
    if not holder.unit and holder.count == 0 and not holder.names:
        return ""
    if holder.count == 0:
        return str(_("Belum ada petugas yang memegang peran ini. Tunjuk dahulu sebelum SOP berlaku."))
    names = ", ".join(holder.names)
    more = holder.count - len(holder.names)
    if more:
        return str(ngettext("%(names)s dan %(num)s lainnya", "%(names)s dan %(num)s lainnya", more,
                            names=names))  # fmt: skip
    return names


def _persons(role: str, holder: Holder) -> tuple[str, ...]:
    if role == "pelapor":
        return ("pelapor",)
    return tuple(f"{holder.role} {number}" for number in (1, 2, 3))


def _path(visits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Names of what was passed; of a gateway with the way that was taken there."""
    for visit in visits:
        if not visit["kind"].endswith("Gateway"):
            yield visit["name"]
            continue
        if visit["ways"] and visit["name"] != visit["element"]:
            yield f"{visit['name']} {' + '.join(visit['ways'])}"


def _label(tried: Tried, value: Any) -> str:
    return translated(tried.labels.get(str(value), str(value)))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159]}…"


def _day(text: str) -> str:
    said: str = current_app.jinja_env.filters["day"](date.fromisoformat(text))
    return said
