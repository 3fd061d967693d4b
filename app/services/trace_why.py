"""Why a decision table answered as it did, from what the event kept and the table of that version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.decision_table import DecisionTable
from app.engine.play_decisions import explained
from app.engine.step import DecisionTrace
from app.engine.value_words import shown

ANYTHING = "-"
"""A cell that lets every value pass."""
Pairs: TypeAlias = Sequence[tuple[str, str]]
"""What columns are called, and what was asked of them."""
_ONE_VALUE = re.compile(r'"[^"]*"|-?[0-9.]+|true|false')
_QUOTED = re.compile(r'"([^"]*)"')
_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Why:
    """One decision. `file`: name of the table's file in that version; `asked`, `answered`: pairs of a column
    and its value; `said`: which row fitted, which came nearest (its number: `nearest`)."""

    table: str
    file: str
    rows: tuple[int, ...]
    asked: tuple[tuple[str, str], ...]
    answered: tuple[tuple[str, str], ...]
    said: tuple[str, ...]
    tested: tuple[int, ...] = ()
    """Places of the columns that the rows hit look at, from 0."""
    codes: frozenset[str] = frozenset()
    """What it answered, as codes."""
    nearest: int | None = None

    def sent(self, unit: str) -> str:
        """The answer to "why did it go there?", `unit` in words."""
        looked = [self.asked[place] for place in self.tested]
        values = {
            "unit": unit,
            "rows": ", ".join(str(row) for row in self.rows),
            "because": ", ".join(f"{label} = {value}" for label, value in looked),
        }
        if self.nearest is None:
            return told("Dikirim ke %(unit)s karena baris %(rows)s: %(because)s.", **values)
        return told(
            "Dikirim ke %(unit)s karena baris %(rows)s: %(because)s;"
            " baris terdekat yang tidak cocok: %(row)s.",
            row=self.nearest,
            **values,
        )


def why(sop: CompiledSop, made: Mapping[str, Any], labels: Mapping[str, str]) -> Why | None:
    """Of one entry of `keputusan`; None when the version has no such table. `labels`: code -> name."""
    table = sop.decisions.get(str(made["tabel"]))
    return None if table is None else why_of(table, made, labels)


def why_of(table: DecisionTable, made: Mapping[str, Any], labels: Mapping[str, str]) -> Why:
    """The same of the very table that was asked."""
    rows = tuple(made["baris"])
    trace = DecisionTrace(
        str(made.get("langkah", "")), table.key, table.policy, made["masukan"], rows, made.get("keluaran", {})
    )
    found: Any = explained(table, trace)
    answers = _answers(table, made, rows)
    return Why(
        table.name,
        table.file,
        rows,
        tuple((label, _named(value, labels)) for label, value in found["inputs"]),
        tuple((label, _named(value, labels)) for label, value in answers),
        tuple(_said(found, labels)),
        tuple(_tested(found["rows"], rows)),
        frozenset(value for _label, value in answers),
        found["nearest"],
    )


def _said(found: Mapping[str, Any], labels: Mapping[str, str]) -> Sequence[str]:
    """The rows in sentences, codes by their names; the engine's own words where a row lies too far down."""
    cells = {row["number"]: row["cells"] for row in found["rows"]}
    if not {*found["hit"], *([found["nearest"]] if found["nearest"] else [])} <= set(cells):
        return tuple(found["why"])
    given = [(label, _named(value, labels)) for label, value in found["inputs"]]
    said = [_fitted(number, given, cells[number], labels) for number in found["hit"]]
    if found["default"]:
        said.append(told("Tidak ada baris yang cocok; nilai bawaan tabel dipakai."))
    passed = (row["number"] for row in found["rows"] if all(ok for _text, ok in row["cells"]))
    rows = ", ".join(str(number) for number in passed if number not in found["hit"])
    if rows:
        said.append(
            told("Baris %(rows)s juga cocok, tetapi kalah menurut daftar keluaran.", rows=rows)
            if found["policy"] == "PRIORITY"
            else told("Baris %(rows)s juga cocok, tetapi kalah menurut urutan baris.", rows=rows)
        )
    if found["nearest"] is not None:
        said.append(_missed(found["nearest"], given, cells[found["nearest"]], labels))
    return said


def _fitted(
    number: int, given: Pairs, cells: Sequence[tuple[str, bool]], labels: Mapping[str, str]
) -> str:
    looked = [
        f"{label} = {value}" if _ONE_VALUE.fullmatch(cell) else f"{label} = {value} ({_cell(cell, labels)})"
        for (label, value), (cell, _ok) in zip(given, cells, strict=True)
        if cell != ANYTHING
    ]
    if not looked:
        return told("Baris %(row)s cocok: berlaku untuk apa pun.", row=number)
    return told("Baris %(row)s cocok: %(because)s.", row=number, because="; ".join(looked))


def _missed(
    number: int, given: Pairs, cells: Sequence[tuple[str, bool]], labels: Mapping[str, str]
) -> str:
    away = [
        (label, value, cell) for (label, value), (cell, ok) in zip(given, cells, strict=True) if not ok
    ]
    return told(
        "Baris terdekat yang tidak cocok: %(row)s. Di sana %(there)s; di sini %(here)s.",
        row=number,
        there=", ".join(
            f"{label} {'= ' if _ONE_VALUE.fullmatch(cell) else ''}{_cell(cell, labels)}"
            for label, _value, cell in away
        ),
        here=", ".join(value if len(away) == 1 else f"{label} = {value}" for label, value, _cell in away),
    )


def _cell(text: str, labels: Mapping[str, str]) -> str:
    """What a cell asks for, codes by their names."""
    return _QUOTED.sub(lambda quoted: _named(quoted[1], labels), text.replace('","', '", "'))


def _tested(table: list[Any], rows: tuple[int, ...]) -> list[int]:
    hit = [row["cells"] for row in table if row["number"] in rows]
    width = len(hit[0]) if hit else 0
    return [place for place in range(width) if any(cells[place][0] != "-" for cells in hit)]


def _answers(table: DecisionTable, made: Mapping[str, Any], rows: tuple[int, ...]) -> list[tuple[str, str]]:
    """Kept with the event, or as it stands in the rows of the immutable table."""
    if "keluaran" in made:
        kept = made["keluaran"]
        given = kept if isinstance(kept, list) else [kept]
        return [
            (column.label, ", ".join(_bare(shown(one.get(column.name))) for one in given))
            for column in table.outputs
            if all(isinstance(one, Mapping) for one in given)
        ]
    hit = [rule for rule in table.rules if rule.number in rows]
    return [
        (column.label, ", ".join(_bare(rule.outputs[place].text) for rule in hit))
        for place, column in enumerate(table.outputs)
    ]


def _bare(text: str) -> str:
    return text.strip().strip("'\"")


def _named(value: str, labels: Mapping[str, str]) -> str:
    """A code by its name, one that has none with its words apart."""
    bare = _bare(value)
    return labels.get(bare, bare.replace("_", " ") if _CODE.fullmatch(bare) else bare)
