"""Differences of the form of one task: questions and their choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as attributes_of

from app.engine.declaration import Field, Option
from app.engine.difference_changes import Notes, Section, State
from app.engine.difference_flows import same_expression

_WORDS: Mapping[str, str] = {
    "type": "jenis", "label": "pertanyaan", "required": "wajib diisi", "required_when": "wajib bila",
    "visible_when": "tampil bila", "default": "isi awal", "min": "paling sedikit", "max": "paling banyak",
    "min_length": "huruf paling sedikit", "max_length": "huruf paling banyak", "pattern": "bentuk",
    "help": "petunjuk", "public": "tampil untuk umum", "reporter": "tampil untuk pelapor",
    "personal": "data pribadi",
}
_EXPRESSIONS = frozenset({"required_when", "visible_when", "default"})


def compare_forms(old: Sequence[Field], new: Sequence[Field], host: str, process: str, element: str,
                  notes: Notes) -> None:
    """`host`: the task in words. A question with another id but the same words is the same question."""
    if old == new:
        return

    def say(sentence: str, before: str = "", after: str = "", state: State = "changed") -> None:
        notes.say(Section.FORMS, process, element, sentence, before, after, state)
        notes.mark(process, element, "changed")

    pairs = _pairs(old, new)
    back = {there: here for here, there in pairs.items()}
    for field in old:
        if field.id not in pairs:
            say(f"isian “{_title(field)}” pada {host} dihapus", _title(field), "", "removed")
    for place, field in enumerate(new):
        if field.id not in back:
            where = f" setelah “{_title(new[place - 1])}”" if place else " di awal"
            must = ", wajib diisi" if field.required else ""
            say(f"isian “{_title(field)}” ditambahkan pada {host}{where}{must}", "", _title(field), "added")
    known = {field.id: field for field in new}
    for field in old:
        if field.id in pairs:
            _compare(field, known[pairs[field.id]], host, say)
    before = [pairs[field.id] for field in old if field.id in pairs]
    after = [field.id for field in new if field.id in back]
    for name in moved(before, after):
        place = [field.id for field in new].index(name)
        where = f"ke setelah “{_title(new[place - 1])}”" if place else "ke awal"
        say(f"isian “{_title(known[name])}” pada {host} dipindah {where}")


def _pairs(old: Sequence[Field], new: Sequence[Field]) -> dict[str, str]:
    """Old id -> new id."""
    here, there = {field.id for field in old}, {field.id for field in new}
    pairs = {field.id: field.id for field in old if field.id in there}
    free = [field for field in new if field.id not in here]
    for field in old:
        if field.id in pairs:
            continue
        alike = [one for one in free if (one.type, one.label) == (field.type, field.label)]
        if len(alike) == 1:
            pairs[field.id] = alike[0].id
            free.remove(alike[0])
    return pairs


def _compare(old: Field, new: Field, host: str, say: Callable[..., None]) -> None:
    name = f"isian “{_title(new)}” pada {host}"
    if old.id != new.id:
        say(f"{name}: id {old.id} → {new.id}", old.id, new.id)
    for attribute in attributes_of(Field):
        word = _WORDS.get(attribute.name)
        before, after = getattr(old, attribute.name), getattr(new, attribute.name)
        if word is None or before == after:
            continue
        if attribute.name in _EXPRESSIONS and same_expression(before, after):
            continue
        say(f"{name}: {word} {_value(before)} → {_value(after)}", _value(before), _value(after))
    _compare_options(old.options, new.options, name, say)


def _compare_options(old: Sequence[Option], new: Sequence[Option], name: str,
                     say: Callable[..., None]) -> None:
    before, after = {one.value: one for one in old}, {one.value: one for one in new}
    for value, option in before.items():
        if value not in after:
            say(f"{name}: pilihan “{option.label}” dihapus", option.label, "")
        elif option.label != after[value].label:
            say(f"{name}: pilihan “{option.label}” → “{after[value].label}”", option.label,
                after[value].label)
    for value, option in after.items():
        if value not in before:
            say(f"{name}: pilihan “{option.label}” ditambahkan", "", option.label)
    kept_before = [value for value in before if value in after]
    kept_after = [value for value in after if value in before]
    if kept_before != kept_after:
        say(f"{name}: urutan pilihan berubah", ", ".join(before[value].label for value in kept_before),
            ", ".join(after[value].label for value in kept_after))


def moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest that must be moved to turn one order into the other (all but a longest common order)."""
    place = {name: at for at, name in enumerate(before)}
    chains: list[list[str]] = []
    for name in after:
        reaching = [chain for chain in chains if place[chain[-1]] < place[name]]
        chains.append([*_longest(reaching), name])
    kept = set(_longest(chains))
    return [name for name in after if name not in kept]


def _longest(chains: Sequence[list[str]]) -> list[str]:
    return max(chains, key=lambda chain: len(chain)) if chains else []


def _title(field: Field) -> str:
    text = field.label or field.id
    return text if len(text) <= 60 else text[:59] + "…"


def _value(value: object) -> str:
    match value:
        case None | "":
            return "tidak ada"
        case bool():
            return "ya" if value else "tidak"
        case str():
            return f"“{value}”"
    return str(value)
