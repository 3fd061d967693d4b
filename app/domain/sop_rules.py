"""Limits of law that an SOP may not exceed, as data: a number, its unit, and where it is written.

They are judged task by task by their kind, never summed along a path. A city keeps its own list (its
regulations may be stricter, or change); these are what it begins with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["hari_kerja", "hari"]
UNIT_WORDS: Mapping[str, str] = {"hari_kerja": "hari kerja", "hari": "hari kalender"}


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` says what is limited; `value` counts `unit`; `source` is shown beside every finding; `text` says
    in Indonesian what the rule asks."""

    key: str
    value: int
    unit: Unit
    source: str
    text: str


_SP4N = "Tata kelola SP4N-LAPOR! (Permen PANRB 62/2018, kini Permen PANRB 5/2025)"
_STANDARD = "Standar pelayanan pengaduan (SIPPN 8304801 dan 7989838)"

DEFAULT_RULES: tuple[Rule, ...] = (
    Rule("verifikasi", 3, "hari_kerja", _SP4N, "Admin memeriksa dan meneruskan laporan."),
    Rule("jawaban_awal", 5, "hari_kerja", _SP4N, "Perangkat daerah memberi jawaban pertama."),
    Rule("penyelesaian_informasi", 5, "hari_kerja", _STANDARD, "Permintaan informasi selesai."),
    Rule("penyelesaian_aspirasi", 5, "hari_kerja", _STANDARD, "Aspirasi mendapat jawaban."),
    Rule("penyelesaian_normatif", 5, "hari_kerja", _STANDARD, "Pengaduan normatif selesai."),
    Rule("penyelesaian_tidak_berkadar", 14, "hari_kerja", _STANDARD,
         "Pengaduan tidak berkadar pengawasan selesai."),
    Rule("penyelesaian_berkadar", 60, "hari", "Perpres 76/2013",
         "Pengaduan berkadar pengawasan selesai sejak berkas lengkap."),
)
"""Sources: `docs/pemeriksaan-sop.md`. To be compared with the texts of the regulations before go-live."""
