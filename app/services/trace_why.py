"""Why a decision table answered as it did, from what the event kept and the table of that version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.decision_table import DecisionTable
from app.engine.play_decisions import explained
from app.engine.step import DecisionTrace
from app.engine.value_words import shown


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
    if table is None:
        return None
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
        tuple(found["why"]),
        tuple(_tested(found["rows"], rows)),
        frozenset(value for _label, value in answers),
        found["nearest"],
    )


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
    return labels.get(_bare(value), _bare(value))
