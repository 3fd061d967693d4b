"""Limits of one SOP in words, with the annex whose table sets them. The words are made from the expression
that runs; where a variable comes from a decision table, from the rows that hold for this SOP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.engine.decision_table import DecisionTable
from app.engine.diagram import Process
from app.engine.expressions import ExpressionError, parse
from app.engine.matching import Constant
from app.engine.step import Json
from app.engine.time_words import Span, joined, limit_words, limits

KIND = "jenis"
"""What a report says it is; the SOP that handles it has this key. Rows for other kinds do not concern it."""


class Limits:
    """`annexes`: decision key -> number of its annex."""

    def __init__(self, process: Process, tables: Mapping[str, DecisionTable],
                 annexes: Mapping[str, int]) -> None:
        used = dict.fromkeys(node.decision for node in process.nodes.values() if node.decision)
        self._tables = [tables[key] for key in used if key in tables]
        self._annexes = annexes
        self._key = process.key
        self._fields = {field.id: field.label or field.id
                        for node in process.nodes.values() for field in node.declared.fields}

    def words(self, text: str) -> str:
        """`3 hari kerja (Lampiran 1)`."""
        try:
            names = parse(text).names
        except ExpressionError:
            return " ".join(text.split())
        table = self._table(names)
        if table is None:
            return self._unset(text, sorted(names))
        words = limit_words(text, self._rows(table))
        number = self._annexes.get(table.key)
        return f"{words} (Lampiran {number})" if number else words

    def spans(self, text: str) -> tuple[Span | str, ...]:
        """Every limit it may give here."""
        try:
            table = self._table(parse(text).names)
        except ExpressionError:
            return ()
        return limits(text, self._rows(table) if table else ())

    def _table(self, names: frozenset[str]) -> DecisionTable | None:
        return next((table for table in self._tables if names and names <= table.sets), None)

    def _rows(self, table: DecisionTable) -> list[Mapping[str, Json]]:
        return [{output.name: cell.content.value for output, cell in zip(table.outputs, rule.outputs,
                                                                        strict=True)
                 if isinstance(cell.content, Constant)}
                for rule in table.rules if self._holds(table, rule.tests)]

    def _holds(self, table: DecisionTable, tests: Sequence[object]) -> bool:
        return all(column.expression.text.strip() != KIND or getattr(test, "test").matches(self._key)  # noqa: B009
                   for column, test in zip(table.inputs, tests, strict=True))

    def _unset(self, text: str, names: Sequence[str]) -> str:
        """A variable no table sets: the question of a form that asks for it, else the calculation."""
        told = limits(text)
        span = told[0] if len(told) == 1 else None
        if not names or not isinstance(span, Span) or not isinstance(span.count, str):
            return joined(told) if told else " ".join(text.split())
        if span.count in self._fields:
            return f"{span.unit} menurut isian “{self._fields[span.count]}”"
        return f"{span.unit} menurut perhitungan"
