"""The list of terms pairs words that are really used."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TERMS = ROOT / "docs" / "sop" / "istilah.md"


def words_of(folder: str, *patterns: str) -> set[str]:
    files = [file for pattern in patterns for file in (ROOT / folder).rglob(pattern)]
    return {word for file in files for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}


def test_every_word_of_the_list_of_terms_is_used_where_it_says() -> None:
    code = words_of("app", "*.py")
    data = code | words_of("bpmn", "*.bpmn", "*.dmn", "*.yaml")
    lost = []
    for line in TERMS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            lost += [word for word in re.findall(r"`(\w+)`", cells[1]) if word not in data]
            lost += [word for word in re.findall(r"`(\w+)`", cells[2]) if word not in code]
    assert not lost
