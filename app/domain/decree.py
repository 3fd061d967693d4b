"""The yearly decree (SKB 3 Menteri) as a table: tanggal, nama, jenis, status, keputusan.

All or nothing: what is wrong is named by line, counted as in the file, the heading included.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.calendar_change import ImportDecree
from app.domain.city_calendar import NATIONAL, DayOff
from app.domain.words import told

COLUMNS: Final = ("tanggal", "nama", "jenis", "status", "keputusan")
STATES: Final = ("ditetapkan", "perkiraan")
MOST_LINES: Final = 200
MOST_FAULTS: Final = 20
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which line."""

    line: int
    text: str


def read_decree(table: str) -> ImportDecree | tuple[Fault, ...]:
    """Read a table with commas, semicolons or tabs between its columns; a heading may stand above it."""
    lines = table.lstrip("\ufeff").splitlines()
    if len(lines) > MOST_LINES:
        return (Fault(MOST_LINES + 1, told("Paling banyak %(n)s baris.", n=MOST_LINES)),)
    mark = max(",;\t", key=lambda each: lines[0].count(each)) if lines else ","
    days: list[DayOff] = []
    faults: list[Fault] = []
    known: dict[date, int] = {}
    for line, cells in enumerate(csv.reader(lines, delimiter=mark), start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (line == 1 and cells[0].lower() in ("tanggal", "date")):
            continue
        found = _day_off(cells)
        if isinstance(found, str):
            faults.append(Fault(line, found))
        elif found.day in known:
            text = told("Tanggal ini sudah ada di baris %(line)s.", line=known[found.day])
            faults.append(Fault(line, text))
        elif days and found.day.year != days[0].day.year:
            faults.append(
                Fault(line, told("Tahunnya bukan %(year)s; satu berkas satu tahun.", year=days[0].day.year))
            )
        else:
            known[found.day] = line
            days.append(found)
    if not days and not faults:
        faults.append(Fault(1, told("Tabel ini tidak berisi satu hari pun.")))
    return tuple(faults[:MOST_FAULTS]) if faults else ImportDecree(days[0].day.year, tuple(days))


def _day_off(cells: list[str]) -> DayOff | str:
    if len(cells) != len(COLUMNS):
        return told(
            "Perlu %(n)s kolom (%(columns)s), di sini ada %(found)s.",
            n=len(COLUMNS), columns=", ".join(COLUMNS), found=len(cells),
        )  # fmt: skip
    day, name, kind, status, decree = cells
    when = _day(day)
    kind, status = kind.lower().replace(" ", "_"), status.lower()
    if when is None:
        return told("“%(value)s” bukan tanggal; tulis misalnya 2027-01-31.", value=day[:40])
    if not 3 <= len(name) <= 120:
        return told("Nama hari perlu 3 sampai 120 huruf.")
    if kind not in NATIONAL:
        known = " / ".join(NATIONAL)
        return told("Jenis “%(value)s” tidak dikenal; tulis %(known)s.", value=kind[:40], known=known)
    if status not in STATES:
        known = " / ".join(STATES)
        return told("Status “%(value)s” tidak dikenal; tulis %(known)s.", value=status[:40], known=known)
    if status == "ditetapkan" and len(decree) < 3:
        return told("Hari yang ditetapkan memerlukan nomor keputusannya.")
    return DayOff(when, kind, name, status, decree[:200])


def _day(text: str) -> date | None:
    match = _DAY_FIRST.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError:
        return None
