"""What a draft of an SOP may hold, whose hands it is in, and what its states are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.domain.words import told

DraftState = Literal["konsep", "diusulkan", "disetujui", "dibuang"]

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}\.(?:bpmn|dmn)")
KEY = re.compile(r"[a-z][a-z0-9_]{2,59}")
"""Of an SOP: what its process is called in data, e.g. `penanganan_banjir`."""
MOST_FILES = 60
MOST_CHARACTERS = 6_000_000
"""All files of a draft together; the engine takes 2 MB of each."""
MOST_SCENARIOS = 400
MOST_SCENARIO_CHARACTERS = 100_000
SILENT = timedelta(seconds=60)
"""Somebody who has not been heard of for so long no longer holds a draft; browsers speak every 20 s."""
VERDICTS = ("benar", "salah")
ORIGINS = ("mesin", "orang")
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has a draft open, since when, and when their browser last spoke."""

    person_id: str
    name: str
    since: datetime
    seen_at: datetime

    def lives(self, now: datetime) -> bool:
        """Whether it still keeps others out."""
        return now - self.seen_at < SILENT


def faults_of_files(files: Mapping[str, str], main: str) -> str | None:
    """Why these cannot be the files of a draft, in words; None when they can. A draft may hold an unfinished
    diagram: what is wrong inside is for the checks to say."""
    if main not in files or not main.endswith(".bpmn"):
        return told("Diagram utama tidak ada di antara berkas konsep ini.")
    if len(files) > MOST_FILES:
        return told("Satu konsep memuat paling banyak %(n)s berkas.", n=MOST_FILES)
    for name, content in files.items():
        if not FILE_NAME.fullmatch(name):
            return told(
                "Nama berkas “%(name)s” tidak dapat dipakai. Pakai huruf, angka, garis bawah, dan akhiran "
                ".bpmn atau .dmn.",
                name=name[:80],
            )
        if _UNPRINTABLE.search(content):
            return told("Berkas %(name)s memuat huruf yang tidak dapat disimpan.", name=name)
    if sum(map(len, files.values())) > MOST_CHARACTERS:
        return told("Seluruh berkas konsep ini terlalu besar; paling banyak 6 MB.")
    return None


def stage(state: DraftState, *, checked: bool) -> str:
    """What its writer reads of a draft's way: `konsep`, `diperiksa`, `diusulkan`, `disetujui`, `dibuang`."""
    return "diperiksa" if state == "konsep" and checked else state
