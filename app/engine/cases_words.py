"""What a case is about, in the words a person would use for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.declaration import Task
from app.engine.step import Json
from app.engine.titles import capital

MOST_PHRASES = 4
MESSAGES: Mapping[str, str] = {
    "balasan_pelapor": "pelapor membalas", "keberatan": "pelapor keberatan", "penarikan": "laporan ditarik",
}
ENDS: Mapping[str, str] = {
    "selesai": "selesai", "ditolak": "ditolak", "bukan_wewenang": "bukan wewenang", "duplikat": "duplikat",
    "diarsipkan": "diarsipkan", "dibatalkan": "dibatalkan", "masuk_rencana": "masuk rencana",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that happened. `weight`: how much it says of a case; what happens in many says less."""

    text: str
    weight: int = 1


def answered(task: Task, answers: Mapping[str, Json], wanted: Mapping[str, Any]) -> Iterator[Phrase]:
    """What was decided in a task: its choices and yes-or-no answers that the plan asked for."""
    for field in task.fields:
        value = answers.get(field.id)
        if field.id not in wanted or value is None:
            continue
        if field.type == "choice":
            label = next((one.label for one in field.options if one.value == value), str(value))
            yield Phrase(f"{_lower(field.label)}: {_lower(label)}", 2)
        elif field.type == "boolean":
            yield Phrase(f"{_lower(field.label)}: {'ya' if value else 'tidak'}", 2)


def happened(compiled: CompiledSop, kind: str, name: str, process: str | None = None) -> Phrase:
    """A message that came, or a moment that passed."""
    if kind == "message":
        return Phrase(MESSAGES.get(name, f"pesan {name.replace('_', ' ')}"), 3)
    label = compiled.elements.get((process or compiled.key, name), ("", name))[1] or name
    return Phrase(_lower(label) if not label[:1].isdigit() else told("lewat %(share)s waktu", share=label), 3)


def title_of(phrases: Sequence[Phrase], end: str | None, common: Counter[str]) -> str:
    """The rarest things that happened, in their order, and how it ended."""
    seen: dict[str, Phrase] = {}
    for phrase in phrases:
        seen.setdefault(phrase.text, phrase)
    telling = sorted(seen.values(), key=lambda one: (common[one.text], -one.weight))[:MOST_PHRASES]
    words = [text for text, one in seen.items() if one in telling]
    counted = Counter(one.text for one in phrases)
    words = [f"{text} ({counted[text]} kali)" if counted[text] > 1 else text for text in words]
    if end is not None:
        words.append(ENDS.get(end, end.replace("_", " ")))
    else:
        words.append("masih berjalan")
    return capital(", ".join(dict.fromkeys(words)))


def _lower(text: str) -> str:
    """In the middle of a sentence; what is written in capitals stays."""
    text = text.strip().rstrip(".?:")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
