"""The panel of the studio speaks Indonesian, and English where the page does: nothing is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUDIO = ROOT / "frontend" / "studio"
SAID = re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*")')
KIND = re.compile(r'kind\(("[^"]+"), ("[^"]+")')
PAIR = re.compile(r'^ {2}("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*"),$', re.MULTILINE)
PART = re.compile(r"\{(\w+)\}")


def said() -> set[str]:
    found = set()
    for path in [STUDIO / "panel.js", *(STUDIO / "panel").glob("*.js")]:
        text = path.read_text()
        found |= {json.loads(one) for one in SAID.findall(text)}
        found |= {json.loads(one) for pair in KIND.findall(text) for one in pair}
    return found


def english() -> dict[str, str]:
    text = (STUDIO / "panel" / "english.js").read_text()
    return {json.loads(key): json.loads(words) for key, words in PAIR.findall(text)}


def test_every_sentence_has_its_english() -> None:
    known = english()
    assert len(known) > 300
    assert sorted(said() - known.keys()) == []


def test_no_english_is_left_over() -> None:
    assert sorted(english().keys() - said() - {"minggu", "jam", "menit", "hari"}) == []


def test_both_say_the_same_parts() -> None:
    for key, words in english().items():
        assert set(PART.findall(key)) == set(PART.findall(words)), key
