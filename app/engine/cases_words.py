"""What a case is about, in the words a person would use for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.declaration import Task
from app.engine.step import Json, Timer
from app.engine.titles import capital

MOST_PHRASES = 4
LONG_ENOUGH = 8
"""Letters with which an option says what it means without its question."""
MESSAGES: Mapping[str, str] = {
    "balasan_pelapor": "pelapor membalas", "keberatan": "pelapor keberatan", "penarikan": "laporan ditarik",
}
ENDS: Mapping[str, str] = {
    "selesai": "selesai", "ditolak": "ditolak", "bukan_wewenang": "bukan wewenang", "duplikat": "duplikat",
    "diarsipkan": "diarsipkan", "dibatalkan": "dibatalkan", "masuk_rencana": "masuk rencana",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that happened. `weight`: how much it says of a case. `part`: one of several of the same kind
    (moments at one task), told together."""

    text: str
    weight: int = 1
    part: str = ""


def answered(task: Task, answers: Mapping[str, Json], wanted: Mapping[str, Any]) -> Iterator[Phrase]:
    """What was decided in a task: its choices and yes-or-no answers that the plan asked for."""
    for field in task.fields:
        value = answers.get(field.id)
        if field.id not in wanted or value is None:
            continue
        if field.type == "choice":
            label = next((one.label for one in field.options if one.value == value), str(value))
            alone = len(_short(label)) >= LONG_ENOUGH
            yield Phrase(_short(label) if alone else f"{_short(field.label)}: {_short(label)}", 2)
        elif field.type == "boolean":
            yield Phrase(f"{_short(field.label)}: {'ya' if value else 'tidak'}", 2)


def message_came(name: str) -> Phrase:
    return Phrase(MESSAGES.get(name, told("pesan %(name)s", name=name.replace("_", " "))), 3)


def moment_passed(compiled: CompiledSop, timer: Timer) -> Phrase:
    """A timer's moment: what it is called, at which task where that alone says little."""
    label = compiled.elements.get((timer.process, timer.element), ("", ""))[1] or timer.element
    host = compiled.elements.get((timer.process, timer.host or ""), ("", ""))[1]
    if host and label[:1].isdigit():
        return Phrase(told("%(task)s lewat waktu", task=_short(host)), 3, label)
    return Phrase(_short(label), 3)


def title_of(phrases: Sequence[Phrase], end: str | None, common: Counter[str], cases: int) -> str:
    """The rarest things that happened, in their order, and how it ended; what happens in most of the cases
    says nothing of one, unless there is nothing else to say."""
    seen: dict[str, Phrase] = {}
    for phrase in phrases:
        seen.setdefault(phrase.text, phrase)
    rarest = sorted(seen.values(), key=lambda one: (common[one.text], -one.weight))[:MOST_PHRASES]
    telling = [one for one in rarest if common[one.text] * 2 <= cases] or rarest[:1]
    words = [_counted(text, phrases) for text, one in seen.items() if one in telling]
    last = ENDS.get(end, end.replace("_", " ")) if end is not None else told("masih berjalan")
    if not words or not words[-1].endswith(last):
        words.append(last)
    between = "; " if any(", " in word and not word.endswith(")") for word in words) else ", "
    return capital(between.join(words))


def _counted(text: str, phrases: Sequence[Phrase]) -> str:
    """With its parts, or how often."""
    same = [one for one in phrases if one.text == text]
    parts = list(dict.fromkeys(one.part for one in same if one.part))
    if parts:
        return f"{text} ({', '.join(parts)})"
    return told("%(what)s (%(n)s kali)", what=text, n=len(same)) if len(same) > 1 else text


def _short(text: str) -> str:
    """In the middle of a sentence, without what is explained behind a colon or in brackets; what is written
    in capitals stays."""
    text = text.split(" (")[0].split(": ")[0].strip().rstrip(".?:")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
