"""Decision tables: which rows hit, what they give, and why there is no answer.

What an answer is (the contract leaves it open, so it is fixed here):

* UNIQUE, FIRST, ANY, PRIORITY and COLLECT with an aggregation give one object `{output name: value}`; each
  output becomes the variable of its name.
* COLLECT without aggregation and RULE ORDER give a list of such objects, in the order of the table, also when
  one row hits; each output becomes a list. What a variable is thus depends on the table, never on the data.
* `rows` are the rows that gave the answer: one for UNIQUE, FIRST and PRIORITY, all that hit otherwise; none
  when the default was taken.
* No hit without a default is an error under every policy, COUNT included; so are two hits under UNIQUE and
  different outputs under ANY.
* An input that reads data not filled in yet is an error only where a row could still hit because of it.

Rule: section "Decisions" of the SOP file contract; DMN 1.3, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.engine.decision_checks import check_table
from app.engine.decision_reader import DmnFile, read_dmn
from app.engine.decision_table import Aggregation, DecisionTable, Input, Output, OutputCell, Rule
from app.engine.declaration import Finding
from app.engine.evaluator import check_scalar
from app.engine.expressions import EvaluationError, evaluate
from app.engine.matching import KIND_WORDS, Anything, Constant, KindMismatch, as_kind
from app.engine.step import Json
from app.engine.value_words import shown

__all__ = [
    "Decision", "DecisionError", "DecisionInvalid", "DecisionTable", "compile_dmn", "decide", "dmn_findings",
]

Functions = Mapping[str, Callable[..., Json]]
Answer = dict[str, Json]


class DecisionInvalid(Exception):
    """The file is no decision table of the contract; `findings` say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings


class DecisionError(Exception):
    """The table has no single answer for these data. `text` is Indonesian; `names` are the data involved."""

    def __init__(self, text: str, *, rows: tuple[int, ...] = (), names: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.rows = rows
        self.names = names


@dataclass(frozen=True, slots=True)
class Decision:
    outputs: Json
    """`{name: value}`, or a list of them (see above)."""
    rows: tuple[int, ...]
    """Counted from 1; empty when the default was taken."""
    policy: str
    inputs: Mapping[str, Json]
    """Text of each input expression that was read -> its value."""
    variables: Mapping[str, Json]
    """What a process assigns: each output name, whole."""


def compile_dmn(source: DmnFile) -> DecisionTable:
    """Read a DMN file. Raises `DecisionInvalid` with everything wrong; doubts are not errors here."""
    table, found = read_dmn(source)
    if table is None:
        raise DecisionInvalid(tuple(finding for finding in found if finding.severity == "error"))
    return table


def dmn_findings(source: DmnFile) -> tuple[Finding, ...]:
    """All errors and warnings of a DMN file, overlaps and gaps included. Never raises."""
    table, found = read_dmn(source)
    return found if table is None else (*found, *check_table(table))


def decide(table: DecisionTable, variables: Mapping[str, Json], functions: Functions) -> Decision:
    """Ask the table. Raises `DecisionError` when it has no answer, or more than one."""
    return _Question(table, variables, functions).answer()


class _Question:
    """One table, one set of data; reads each input at most once."""

    def __init__(self, table: DecisionTable, variables: Mapping[str, Json], functions: Functions) -> None:
        self._table = table
        self._variables = variables
        self._functions = functions
        self._values: dict[int, Json] = {}
        self._missing: dict[int, EvaluationError] = {}

    def answer(self) -> Decision:
        hits = self._hits()
        if not hits:
            return self._default()
        match self._table.policy:
            case "UNIQUE":
                return self._unique(hits)
            case "ANY":
                return self._any(hits)
            case "PRIORITY":
                return self._priority(hits)
            case "COLLECT" if self._table.aggregation is not None:
                return self._aggregate(hits, self._table.aggregation)
            case "FIRST":
                return self._decision(self._outputs(hits[0]), hits[:1])
        return self._decision([self._outputs(rule) for rule in hits], hits)

    def _hits(self) -> list[Rule]:
        hits = []
        for rule in self._table.rules:
            if self._hit(rule):
                hits.append(rule)
                if self._table.policy == "FIRST":
                    break
        return hits

    def _hit(self, rule: Rule) -> bool:
        unknown: int | None = None
        for index, cell in enumerate(rule.tests):
            if isinstance(cell.test, Anything):
                continue
            if not self._read(index):
                unknown = index if unknown is None else unknown
                continue
            try:
                if not cell.test.matches(self._values[index]):
                    return False
            except KindMismatch as error:
                raise self._error(
                    f"'{self._table.inputs[index].label}' {error} menurut baris {rule.number}, "
                    f"tetapi isinya {shown(self._values[index])}.", [rule]
                ) from error
        if unknown is None:
            return True
        label, cause = self._table.inputs[unknown].label, self._missing[unknown]
        raise self._error(f"baris {rule.number} memerlukan '{label}': {cause.text}", [rule]) from cause

    def _read(self, index: int) -> bool:
        """Evaluate an input; False when data it reads are missing."""
        if index in self._values:
            return True
        if index in self._missing:
            return False
        column = self._table.inputs[index]
        try:
            value = evaluate(column.expression, self._variables, self._functions)
        except EvaluationError as error:
            if error.missing is None:
                raise self._error(f"masukan '{column.label}': {error.text}") from error
            self._missing[index] = error
            return False
        self._check_kind(column, value, f"masukan '{column.label}'")
        self._values[index] = value
        return True

    def _unique(self, hits: list[Rule]) -> Decision:
        if len(hits) > 1:
            raise self._error(
                f"baris {_numbers(hits)} sama-sama cocok untuk {self._shown_inputs()}, "
                "padahal tabel UNIQUE hanya boleh satu.", hits
            )
        return self._decision(self._outputs(hits[0]), hits)

    def _any(self, hits: list[Rule]) -> Decision:
        first = self._outputs(hits[0])
        if any(not _same(self._outputs(rule), first) for rule in hits[1:]):
            raise self._error(
                f"baris {_numbers(hits)} cocok untuk {self._shown_inputs()} dengan hasil berbeda, "
                "padahal tabel ANY menuntut hasil yang sama.", hits
            )
        return self._decision(first, hits)

    def _priority(self, hits: list[Rule]) -> Decision:
        ranked = [(self._rank(rule, outputs := self._outputs(rule)), rule, outputs) for rule in hits]
        _, rule, outputs = min(ranked, key=lambda entry: (entry[0], entry[1].number))
        return self._decision(outputs, [rule])

    def _rank(self, rule: Rule, outputs: Answer) -> tuple[int, ...]:
        """Places of a row's outputs in the lists of output values; the smallest wins."""
        ranks = []
        for column in self._table.outputs:
            if not column.values:
                continue
            listed = [constant.value for constant in column.values]
            if outputs[column.name] not in listed:
                raise self._error(
                    f"hasil '{column.label}' pada baris {rule.number} ({shown(outputs[column.name])}) "
                    "tidak ada dalam daftar urutan.", [rule]
                )
            ranks.append(listed.index(outputs[column.name]))
        return tuple(ranks)

    def _aggregate(self, hits: list[Rule], aggregation: Aggregation) -> Decision:
        column = self._table.outputs[0]
        if aggregation == "COUNT":
            return self._decision({output.name: len(hits) for output in self._table.outputs}, hits)
        values = [self._outputs(rule)[column.name] for rule in hits]
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
            raise self._error(f"{aggregation} memerlukan angka di '{column.label}'.", hits)
        try:
            total = _aggregated(aggregation, values)
        except EvaluationError as error:
            raise self._error(f"{aggregation}: {error.text}", hits) from error
        return self._decision({column.name: total}, hits)

    def _default(self) -> Decision:
        if any(output.default is None for output in self._table.outputs):
            raise self._error(
                f"tidak ada baris yang cocok untuk {self._shown_inputs()}, "
                "dan tabel tidak mempunyai nilai bawaan."
            )
        outputs = {
            column.name: self._cell(column, column.default, "nilai bawaan")
            for column in self._table.outputs if column.default is not None
        }
        return self._decision([outputs] if self._table.several else outputs, [])

    def _outputs(self, rule: Rule) -> Answer:
        pairs = zip(self._table.outputs, rule.outputs, strict=True)
        return {column.name: self._cell(column, cell, f"baris {rule.number}") for column, cell in pairs}

    def _cell(self, column: Output, cell: OutputCell, where: str) -> Json:
        if isinstance(cell.content, Constant):
            return cell.content.value
        try:
            value = evaluate(cell.content, self._variables, self._functions)
        except EvaluationError as error:
            raise self._error(f"keluaran '{column.label}' pada {where}: {error.text}") from error
        self._check_kind(column, value, f"keluaran '{column.label}' pada {where}")
        return value

    def _check_kind(self, column: Input | Output, value: Json, what: str) -> None:
        if value is None or column.kind is None:
            return
        kinds = ("moment", "date") if column.kind == "moment" else (column.kind,)
        if all(as_kind(kind, value) is None for kind in kinds):
            raise self._error(f"{what} seharusnya {KIND_WORDS[column.kind]}, tetapi isinya {shown(value)}.")

    def _decision(self, outputs: Answer | list[Answer], hits: Iterable[Rule]) -> Decision:
        if isinstance(outputs, list):
            variables = {
                column.name: [row[column.name] for row in outputs] for column in self._table.outputs
            }
        else:
            variables = dict(outputs)
        rows = tuple(rule.number for rule in hits)
        return Decision(outputs, rows, self._table.policy, self._inputs(), variables)

    def _inputs(self) -> dict[str, Json]:
        """Every input that can be read, in the order of the columns, also those no row needed."""
        for index in range(len(self._table.inputs)):
            self._read(index)
        return {self._table.inputs[i].expression.text.strip(): self._values[i] for i in sorted(self._values)}

    def _shown_inputs(self) -> str:
        known = [f"{text} = {shown(value)}" for text, value in self._inputs().items()]
        absent = [self._table.inputs[index].expression.text.strip() for index in sorted(self._missing)]
        missing = [f"{text} belum diisi" for text in absent]
        return ", ".join([*known, *missing])

    def _error(self, text: str, hits: Iterable[Rule] = ()) -> DecisionError:
        names = sorted({name for column in self._table.inputs for name in column.expression.names})
        rows = tuple(rule.number for rule in hits)
        return DecisionError(f"Tabel keputusan '{self._table.name}': {text}", rows=rows, names=tuple(names))


def _aggregated(aggregation: Aggregation, values: list[Json]) -> Json:
    if aggregation == "SUM":
        total = sum(values)
        check_scalar(total)
        return total
    return min(values) if aggregation == "MIN" else max(values)


def _same(one: Answer, other: Answer) -> bool:
    return one == other and [type(value) for value in one.values()] == [type(v) for v in other.values()]


def _numbers(rules: list[Rule]) -> str:
    numbers = [str(rule.number) for rule in rules[:10]]
    return f"{', '.join(numbers[:-1])} dan {numbers[-1]}"
