"""Why a decision table answered as it did: which rows hit, and which row came nearest without hitting."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.decision_table import DecisionTable, Rule
from app.engine.matching import Anything, KindMismatch
from app.engine.step import DecisionTrace, Json
from app.engine.value_words import shown

MOST_ROWS = 80


def explained(table: DecisionTable, trace: DecisionTrace) -> dict[str, Json]:
    """The table as it was asked: `inputs`, `outputs` as pairs of label and value, `rows` with every cell and
    whether it let the value pass, `nearest`: number of the row that came nearest, `why` in sentences."""
    given = {column.id or str(at): trace.inputs.get(column.expression.text.strip())
             for at, column in enumerate(table.inputs)}
    values = list(given.values())
    marks = {rule.number: _cells(rule, values) for rule in table.rules}
    shown_rows = table.rules[:MOST_ROWS]
    nearest = _nearest(table, trace, marks)
    return {
        "element": trace.element, "decision": table.key, "table": table.name, "policy": table.policy,
        "hit": list(trace.rows), "default": not trace.rows,
        "inputs": [[column.label, shown(value)] for column, value in zip(table.inputs, values, strict=True)],
        "outputs": _outputs(table, trace.outputs),
        "columns": [[column.label for column in table.inputs], [column.label for column in table.outputs]],
        "rows": [
            {"number": rule.number, "hit": rule.number in trace.rows,
             "cells": [[cell.text or "-", ok]
                       for cell, ok in zip(rule.tests, marks[rule.number], strict=True)],
             "outputs": [cell.text for cell in rule.outputs]}
            for rule in shown_rows
        ],
        "nearest": nearest.number if nearest is not None else None,
        "why": _why(table, trace, values, marks, nearest),
    }


def _cells(rule: Rule, values: list[Json]) -> list[bool]:
    passed = []
    for cell, value in zip(rule.tests, values, strict=True):
        try:
            passed.append(cell.test.matches(value))
        except KindMismatch:
            passed.append(False)
    return passed


def _outputs(table: DecisionTable, outputs: Json) -> list[list[str]]:
    rows = outputs if isinstance(outputs, list) else [outputs]
    return [
        [column.label, ", ".join(shown(row.get(column.name)) for row in rows if isinstance(row, Mapping))]
        for column in table.outputs
    ]


def _why(table: DecisionTable, trace: DecisionTrace, values: list[Json],
         marks: Mapping[int, list[bool]], nearest: Rule | None) -> list[str]:
    said = [_hit(table, rule, values) for rule in table.rules if rule.number in trace.rows]
    if not trace.rows:
        said.append("Tidak ada baris yang cocok; nilai bawaan tabel dipakai.")
    passed_over = [rule for rule in table.rules if rule.number not in trace.rows and all(marks[rule.number])]
    if passed_over:
        numbers = ", ".join(str(rule.number) for rule in passed_over)
        order = "daftar keluaran" if table.policy == "PRIORITY" else "urutan baris"
        said.append(f"Baris {numbers} juga cocok, tetapi kalah menurut {order}.")
    if nearest is not None:
        said.append(_missed(table, nearest, values, marks[nearest.number]))
    return said


def _hit(table: DecisionTable, rule: Rule, values: list[Json]) -> str:
    looked = [
        f"{column.label} {shown(value)} sesuai {cell.text}"
        for column, cell, value in zip(table.inputs, rule.tests, values, strict=True)
        if not isinstance(cell.test, Anything)
    ]
    return f"Baris {rule.number} cocok: {'; '.join(looked) or 'berlaku untuk apa pun'}."


def _nearest(table: DecisionTable, trace: DecisionTrace, marks: Mapping[int, list[bool]]) -> Rule | None:
    """The row with the fewest cells in the way; among equals one where a cell that asks something passed,
    then the first."""

    def distance(rule: Rule) -> tuple[int, int, int]:
        passed = marks[rule.number]
        asked = sum(ok and not isinstance(cell.test, Anything)
                    for cell, ok in zip(rule.tests, passed, strict=True))
        return passed.count(False), -asked, rule.number

    missed = [rule for rule in table.rules
              if rule.number not in trace.rows and not all(marks[rule.number])]
    return min(missed, key=distance, default=None)


def _missed(table: DecisionTable, rule: Rule, values: list[Json], passed: list[bool]) -> str:
    wanted = [
        f"{column.label} harus {cell.text}, sedangkan isinya {shown(value)}"
        for column, cell, value, ok in zip(table.inputs, rule.tests, values, passed, strict=True) if not ok
    ]
    return f"Yang paling dekat tetapi tidak cocok: baris {rule.number}, karena {'; '.join(wanted)}."
