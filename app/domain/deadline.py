"""How a deadline came about, kept beside it: start, rule, legal source, limit, skipped days, pauses, result.

The value is stored as JSON with Indonesian keys: `mulai`, `aturan`, `sumber`, `satuan` (`kerja` for working
time, `jam` for the wall clock), `hari_kerja` (working days counted, the day of the start not), `dilewati`
(pairs of day and reason), `jeda` (pauses), `perpanjangan` and `kalender` (moves), `hasil`. Moments and days
are ISO text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.domain.calendar import BusinessCalendar
from app.domain.spoken import day as say_day
from app.domain.spoken import moment as say_moment
from app.domain.words import told

_WORKING = re.compile(r"\b(hari_kerja|jam_kerja)\s*\(")



class Zoned(Protocol):
    """Any calendar: it knows at least the city's zone."""

    @property
    def zone(self) -> str: ...


def arithmetic(
    rule: str, start: datetime, due: datetime, calendar: Zoned, *, source: str = ""
) -> dict[str, Any]:
    """The arithmetic of one deadline as JSON.

    `rule` is the expression as written in the SOP. Days are named only by a calendar that knows its days off
    and only when the rule counts working time; a limit by the wall clock skips none.
    """
    zone = ZoneInfo(calendar.zone)
    found: dict[str, Any] = {
        "mulai": start.astimezone(zone).isoformat(),
        "aturan": rule,
        "sumber": source,
        "satuan": "kerja" if _WORKING.search(rule) else "jam",
        "dilewati": [],
        "hasil": due.astimezone(zone).isoformat(),
    }
    if found["satuan"] == "kerja" and isinstance(calendar, BusinessCalendar):
        first, last = calendar.local_day(start), calendar.local_day(due)
        found["hari_kerja"] = calendar.count_working_days(first, last)
        found["dilewati"] = [[off.day.isoformat(), off.reason] for off in calendar.skipped(first, last)]
    return found


def explain(
    stored: Mapping[str, Any],
    zone: str,
    *,
    moment: Callable[[datetime], str] | None = None,
    day: Callable[[date], str] = say_day,
    rule: bool = True,
) -> tuple[str, ...]:
    """The stored arithmetic in sentences, in the order in which one would reckon.

    `moment`, `day`: how the reader's language says them. `rule`: with the expression as the SOP has it, which
    says nothing to a citizen.
    """

    def at(key: str, entry: Mapping[str, Any] = stored) -> str:
        when = datetime.fromisoformat(entry[key])
        return moment(when) if moment is not None else say_moment(when, zone)

    said = [told("Mulai %(at)s.", at=at("mulai"))]
    if rule:
        said.append(told("Aturan: %(rule)s.", rule=stored["aturan"]))
    if stored.get("sumber"):
        said.append(told("Dasar: %(source)s.", source=stored["sumber"].rstrip(".")))
    if stored["satuan"] == "jam":
        said.append(told("Dihitung menurut jam biasa, siang dan malam, termasuk hari libur."))
    elif "hari_kerja" in stored:
        said.append(
            told("Dihitung %(n)s hari kerja; hari mulai tidak ikut dihitung.", n=stored["hari_kerja"])
        )
    skipped = [f"{day(date.fromisoformat(off))} ({reason})" for off, reason in stored["dilewati"]]
    if skipped:
        said.append(told("Tidak dihitung: %(days)s.", days="; ".join(skipped)))
    for pause in stored.get("jeda", ()):
        why = f" ({pause['sebab']})" if pause.get("sebab") else ""
        begin, end = at("dari", pause), at("sampai", pause)
        said.append(told("Jeda dari %(begin)s sampai %(end)s%(why)s.", begin=begin, end=end, why=why))
    for move in stored.get("perpanjangan", ()):
        if _is_sooner(move):
            said.append(told("Dimajukan pada %(at)s: dari %(old)s menjadi %(new)s.", **_move(move, at)))
        else:
            said.append(told("Diperpanjang pada %(at)s: dari %(old)s menjadi %(new)s.", **_move(move, at)))
    for move in stored.get("kalender", ()):
        why = f" ({move['sebab']})" if move.get("sebab") else ""
        said.append(
            told(
                "Kalender berubah%(why)s pada %(at)s: dari %(old)s menjadi %(new)s.",
                why=why,
                **_move(move, at),
            )
        )
    said.append(told("Batas: %(at)s.", at=at("hasil")))
    return tuple(said)


def _is_sooner(move: Mapping[str, Any]) -> bool:
    """Whether an officer brought a deadline forward instead of putting it off."""
    old, new = move.get("dari"), move.get("menjadi")
    if not old or not new:
        return False
    return datetime.fromisoformat(new) < datetime.fromisoformat(old)


def _move(move: Mapping[str, Any], at: Callable[..., str]) -> dict[str, str]:
    """A move is `{pada, dari, menjadi}`, one by the calendar also `sebab`."""
    return {"at": at("pada", move), "old": at("dari", move), "new": at("menjadi", move)}
