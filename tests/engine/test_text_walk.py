"""An SOP can be followed without its picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.engine.compiled import Source
from app.engine.document import sop_document
from app.engine.text_walk import text_walk

BPMN = Path(__file__).parents[2] / "bpmn"


def shipped(key: str) -> list[Source]:
    return [Source(name, (BPMN / name).read_bytes())
            for name in (f"{key}.bpmn", "tenggat.dmn", "rute_opd.dmn")]


def test_a_step_says_who_what_how_long_and_what_comes_then() -> None:
    lines = text_walk(shipped("pengaduan"), "pengaduan")
    at = next(place for place, line in enumerate(lines) if line.element == "verifikasi")
    assert lines[at].depth == 1
    assert lines[at].text == "5. Admin Kominfo: Memverifikasi laporan, paling lama 3 hari kerja (Lampiran 1)."
    below = []
    for line in lines[at + 1:]:
        if line.depth < 2:
            break
        below.append(line.text)
    assert "Diputuskan: Putusan?" in below
    assert "Jika Diterima: ke langkah 6." in below
    assert any(re.fullmatch(r"Jika Ditolak: ke langkah \d+\.", text) for text in below)


@pytest.mark.parametrize("key", ["pengaduan", "aspirasi", "permintaan_informasi", "pemantauan_rencana"])
def test_every_step_that_is_named_is_there_and_every_step_is_led_to(key: str) -> None:
    lines = text_walk(shipped(key), key)
    numbers = {line.text.partition(".")[0] for line in lines if line.depth == 1}
    led_to = {number for line in lines if line.depth == 2
              for number in re.findall(r"(?<=langkah )\d+[a-z]?(?:, \d+[a-z]?)*", line.text)}
    named = {number for found in led_to for number in found.split(", ")}
    assert named <= numbers
    part = sop_document(shipped(key), key).parts[0]
    openings = {row.number for place, row in enumerate(part.rows)
                if not any(way.target == place for way in part.ways)}
    assert numbers - named <= openings


def test_nothing_readable_gives_no_lines() -> None:
    assert text_walk([Source("a.bpmn", b"<x/>")]) == []
