"""How a deadline came about, kept beside it: start, rule, legal source, limit, skipped days, pauses, result.

The value is stored as JSON with Indonesian keys: `mulai`, `aturan`, `sumber`, `satuan` (`kerja` for working
time, `jam` for the wall clock), `hari_kerja` (working days counted, the day of the start not), `dilewati`
(pairs of day and reason), `jeda` (pauses), `perpanjangan` and `kalender` (moves), `hasil`. Moments and days
are ISO text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.domain.calendar import BusinessCalendar
from app.domain.spoken import day as say_day
from app.domain.spoken import moment as say_moment

MOVES = {"perpanjangan": "Diperpanjang", "kalender": "Kalender berubah"}
"""What moves a running deadline, beside pauses: each an entry `{pada, dari, menjadi}`."""
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


def explain(stored: Mapping[str, Any], zone: str) -> tuple[str, ...]:
    """The stored arithmetic in Indonesian sentences, in the order in which one would reckon."""

    def at(key: str, entry: Mapping[str, Any] = stored) -> str:
        return say_moment(datetime.fromisoformat(entry[key]), zone)

    said = [f"Mulai {at('mulai')}."]
    rule = f"Aturan: {stored['aturan']}"
    said.append(f"{rule} ({stored['sumber']})." if stored.get("sumber") else f"{rule}.")
    if stored["satuan"] == "jam":
        said.append("Dihitung menurut jam biasa, siang dan malam, termasuk hari libur.")
    elif "hari_kerja" in stored:
        said.append(f"Dihitung {stored['hari_kerja']} hari kerja; hari mulai tidak ikut dihitung.")
    skipped = [f"{say_day(date.fromisoformat(off))} ({reason})" for off, reason in stored["dilewati"]]
    if skipped:
        said.append(f"Tidak dihitung: {'; '.join(skipped)}.")
    for pause in stored.get("jeda", ()):
        why = f" ({pause['sebab']})" if pause.get("sebab") else ""
        said.append(f"Jeda dari {at('dari', pause)} sampai {at('sampai', pause)}{why}.")
    for kind, words in MOVES.items():
        for move in stored.get(kind, ()):
            said.append(
                f"{words} pada {at('pada', move)}: dari {at('dari', move)} menjadi {at('menjadi', move)}."
            )
    said.append(f"Batas: {at('hasil')}.")
    return tuple(said)
