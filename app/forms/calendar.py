"""What an admin typed into one of the calendar's forms, as a change; or what is wrong, by field.

`apa` says which form it was: `tutup`, `buka`, `jam`, `musim`, `hapus_musim`, `keputusan`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from app.domain.calendar import Interval
from app.domain.calendar_change import (
    AddClosure,
    AddSpecial,
    Change,
    ImportDecree,
    RemoveClosure,
    RemoveSpecial,
    SetHours,
)
from app.domain.city_calendar import SpecialHours
from app.domain.decree import Fault, read_decree
from app.domain.words import told

FORMS = ("tutup", "buka", "jam", "musim", "hapus_musim", "keputusan")
LONGEST_TABLE = 40_000
_HOURS = re.compile(r"(\d{1,2})[.:](\d{2})\s*[-–]\s*(\d{1,2})[.:](\d{2})")


@dataclass(slots=True)
class Typed:
    """One form as it was sent. `faults`: field -> words; `lines`: what is wrong in which line of a table."""

    fields: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)
    lines: tuple[Fault, ...] = ()

    def change(self) -> Change | None:
        """The change meant; None when there are faults."""
        made = {
            "tutup": self._closure,
            "buka": self._opening,
            "jam": self._hours_from,
            "musim": self._season,
            "hapus_musim": lambda: RemoveSpecial(self.fields.get("id", "")),
            "keputusan": self._decree,
        }[self.fields.get("apa", "buka")]()
        return None if self.faults or self.lines else made

    def _closure(self) -> Change:
        return AddClosure(self._day("tanggal"), self._words("nama", 3, 120), self._words("dasar", 0, 200))

    def _opening(self) -> Change:
        return RemoveClosure(self._day("tanggal"))

    def _hours_from(self) -> Change:
        return SetHours(self._day("mulai"), self._week())

    def _season(self) -> Change:
        name, first, last = self._words("nama", 3, 60), self._day("dari"), self._day("sampai")
        return AddSpecial(SpecialHours(str(uuid.uuid4()), name, first, last, self._week()))

    def _decree(self) -> Change:
        table = self.fields.get("tabel", "")
        if len(table) > LONGEST_TABLE:
            self.faults["tabel"] = told("Tabel ini terlalu panjang.")
            return ImportDecree(0, ())
        found = read_decree(table)
        if isinstance(found, ImportDecree):
            return found
        self.lines = found
        return ImportDecree(0, ())

    def _day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.fields.get(name, "").strip())
        except ValueError:
            self.faults[name] = told("Pilih tanggalnya.")
            return date.min

    def _words(self, name: str, least: int, most: int) -> str:
        words = " ".join(self.fields.get(name, "").split())
        if not least <= len(words) <= most:
            self.faults[name] = told("Tulis %(least)s sampai %(most)s huruf.", least=least, most=most)
        return words

    def _week(self) -> dict[int, tuple[Interval, ...]]:
        week = {}
        for weekday in range(7):
            name = f"jam_{weekday}"
            intervals = self._intervals(name)
            if intervals:
                week[weekday] = intervals
        return week

    def _intervals(self, name: str) -> tuple[Interval, ...]:
        found: list[Interval] = []
        for part in filter(None, (part.strip() for part in self.fields.get(name, "").split(","))):
            interval = _interval(part)
            if interval is None or (found and found[-1][1] > interval[0]):
                self.faults[name] = told("Tulis misalnya 08.00-12.00, 13.00-16.00; kosong berarti libur.")
                return ()
            found.append(interval)
        return tuple(found)


def _interval(text: str) -> Interval | None:
    match = _HOURS.fullmatch(text)
    if match is None:
        return None
    try:
        opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None


def said_hours(intervals: tuple[Interval, ...]) -> str:
    """Opening hours as the form takes them: `08.00-12.00, 13.00-16.00`."""
    return ", ".join(f"{opens:%H.%M}-{closes:%H.%M}" for opens, closes in intervals)
