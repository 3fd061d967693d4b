"""Whether the limits of an SOP keep within those of the law, task by task.

A limit is read from its text; names in it are filled with the rows of the decision tables and the constants
of the scripts of the same SOP, each row by itself. What cannot be known beforehand is not judged.
Rule: publish checks 3; `app/domain/sop_rules.py` holds the limits with their sources.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.sop_rules import UNIT_WORDS, Rule
from app.engine.assembly import enclosing_role
from app.engine.decision_table import DecisionTable
from app.engine.declaration import Finding
from app.engine.diagram import Node, Process
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, ExpressionError, evaluate, parse, parse_script
from app.engine.found import Fix, error, extension, fix, inside, warning
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.matching import Constant, constants_of
from app.engine.step import Json
from app.engine.survey import Survey
from app.engine.timers import TimerError, parse_duration
from app.engine.ways import Ways

KOMINFO = frozenset({"admin_kominfo", "verifikator"})
UNITS = frozenset({"operator_opd", "kepala_opd"})
PLANS = frozenset({"pemantauan_rencana"})
"""What begins when a report has ended in the city's plan: no report waits for it any more."""
_SOPS = PLANS | {"pengaduan", "aspirasi", "permintaan_informasi"}
"""Kinds of reports that a table may tell apart, each with an SOP of that key."""
_KINDS = {"permintaan_informasi": "penyelesaian_informasi", "aspirasi": "penyelesaian_aspirasi",
          "normatif": "penyelesaian_normatif", "tidak_berkadar": "penyelesaian_tidak_berkadar",
          "berkadar": "penyelesaian_berkadar"}
_LONGEST = "penyelesaian_berkadar"
_VERIFIES = re.compile(r"verifikasi(?:_(?:awal|laporan|aduan|pengaduan))?")
"""Ids of the first look at a report; a later verification, of proof or in the field, is another matter."""
_FIRST_ANSWER_ONLY = frozenset({"penyelesaian_aspirasi"})
"""The law limits the answer, not the end: a longer total is only doubtful."""
_ANSWERS = re.compile(r"respon|jawab|tanggap", re.IGNORECASE)
_SPAN = re.compile(r"(?P<unit>hari|kerja) (?P<count>[\d.]+)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as written: working days or calendar days."""

    count: float
    working: bool

    def exceeds(self, rule: Rule) -> bool:
        """Whether it can be longer than the rule allows, whatever day it begins on; holidays left out."""
        if self.working == (rule.unit == "hari_kerja"):
            return self.count > rule.value
        weeks, rest = divmod(self.count, 5 if self.working else 7)
        return (weeks * 7 + rest if self.working else weeks * 5 + min(rest, 5)) > rule.value

    @property
    def words(self) -> str:
        return f"{self.count:g} {'hari kerja' if self.working else 'hari'}"


@dataclass(frozen=True, slots=True)
class _Case:
    """Values names may have together. `row`: where they come from; `kinds`: what the row is for."""

    values: Mapping[str, Json]
    row: str | None = None
    kinds: frozenset[str] = frozenset()

    def concerns(self, sop: str) -> bool:
        """Whether the row is not for another SOP."""
        return sop not in _SOPS or sop in self.kinds or not self.kinds & _SOPS


def too_long(process: Process, survey: Survey, ways: Ways, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Errors for limits longer than the law's; a warning where it is not certain that they are meant."""
    if process.key in PLANS:
        return
    limits = {rule.key: rule for rule in rules}
    cases = [case for case in _cases(ways, survey) if case.concerns(process.key)]
    firsts = _firsts(ways)
    for node in ways.elements:
        owner = ways.processes[node.process]
        expression = _read(node.declared.task.get("deadline")) if node.kind == "userTask" else None
        kind = _kind(node, owner, firsts) if expression is not None else None
        if expression is not None and kind is not None and kind[0] in limits:
            yield from _judged(owner, node, expression, limits[kind[0]], kind[1], cases)
    total = _read(process.total)
    if total is not None:
        yield from _total(process, total, limits, cases)


def _judged(process: Process, node: Node, expression: Expression, rule: Rule, certain: bool,
            cases: Sequence[_Case]) -> Iterator[Finding]:
    for case in cases:
        span = span_of(expression, case.values)
        if span is None or not span.exceeds(rule):
            continue
        say = error if certain else warning
        repair: Fix | None = None
        if not expression.names:
            written = f"{rule.unit}({rule.value})"
            repair = fix(f"Jadikan {rule.value} {UNIT_WORDS[rule.unit]}",
                         extension(node.id, "sop:task", "deadline", written))
        yield say(process, node.id, f"batas-{rule.key.replace('_', '-')}",
                  f"Batas waktu {inside(node)} {span.words}{_from(case, expression)}, lebih lama daripada "
                  f"{rule.value} {UNIT_WORDS[rule.unit]} menurut {rule.source}.",
                  f"Jadikan paling lama {rule.value} {UNIT_WORDS[rule.unit]}.", repair)
        return


def _total(process: Process, expression: Expression, limits: Mapping[str, Rule],
           cases: Sequence[_Case]) -> Iterator[Finding]:
    for case in cases:
        span = span_of(expression, case.values)
        keys = [key for kind, key in _KINDS.items() if kind in {*case.kinds, process.key}]
        if span is None or case.kinds & PLANS:
            continue
        for key in keys or [_LONGEST]:
            rule = limits.get(key)
            if rule is not None and span.exceeds(rule):
                say = warning if key in _FIRST_ANSWER_ONLY else error
                words = f"{rule.value} {UNIT_WORDS[rule.unit]}"
                yield say(process, process.key, "batas-penyelesaian",
                          f"Batas total {span.words}{_from(case, expression)}, lebih lama daripada "
                          f"{words} menurut {rule.source}.", f"Jadikan paling lama {words}.",
                          None if expression.names else fix(f"Jadikan {words}", extension(
                              process.key, "sop:process", "total", f"{rule.unit}({rule.value})")))
                return


def span_of(expression: Expression, values: Mapping[str, Json]) -> Span | None:
    """The length an expression means with these values; None where it cannot be told or is a moment."""
    functions = {
        **PLAIN_FUNCTIONS,
        "hari_kerja": lambda n: f"kerja {float(n)}", "jam_kerja": lambda n: f"kerja {float(n) / 8}",
        "hari": lambda n: f"hari {float(n)}", "jam": lambda n: f"hari {float(n) / 24}",
        "menit": lambda n: f"hari {float(n) / 1440}",
    }
    try:
        value = evaluate(expression, values, functions)
    except (EvaluationError, TypeError, ValueError):
        return None
    if not isinstance(value, str):
        return None
    match = _SPAN.fullmatch(value)
    if match is not None:
        return Span(float(match["count"]), match["unit"] == "kerja")
    try:
        duration = parse_duration(value)
    except TimerError:
        return None
    return Span(duration.months * 30 + duration.seconds / 86_400, working=False)


def _kind(node: Node, process: Process, firsts: frozenset[str]) -> tuple[str, bool] | None:
    """(rule that limits a task, whether that is certain)."""
    role = enclosing_role(node, process)
    task = node.declared.task
    if role in KOMINFO and not task.get("verifies"):
        if _VERIFIES.fullmatch(node.id) or node.id in firsts:
            return "verifikasi", True
        return None
    if role in UNITS and node.id in firsts:
        certain = task.get("status") == "didisposisikan" or bool(
            _ANSWERS.search(node.id) or _ANSWERS.search(node.name))
        return "jawaban_awal", certain
    return None


def _firsts(ways: Ways) -> frozenset[str]:
    """Ids of the first tasks of people, and of the first tasks of units, on the main way."""
    return _first(ways, lambda node: node.kind == "userTask") | _first(ways, lambda node: (
        node.kind == "userTask" and enclosing_role(node, ways.processes[node.process]) in UNITS))


def _first(ways: Ways, wanted: Callable[[Node], bool]) -> frozenset[str]:
    before = ways.reach(ways.starts, lambda node: wanted(node) or (
        node.kind == "boundaryEvent" and not node.interrupting), joins=False)
    return frozenset(ways.nodes[step].id for place in before for step in ways.steps[place]
                     if wanted(ways.nodes[step]))


def _cases(ways: Ways, survey: Survey) -> list[_Case]:
    """One for each row of each table, with the constants scripts set; one for these alone."""
    constants: dict[str, Json] = {}
    for node in ways.elements:
        for name, line in _script_lines(node):
            if isinstance(line.tree, ast.Constant):
                constants[name] = line.tree.value
    tables = {node.decision: survey.decisions[node.decision] for node in ways.elements
              if node.decision is not None and node.decision in survey.decisions}
    rows = [_row(table, number, constants) for table in tables.values() for number in range(len(table.rules))]
    return [*rows, _Case(constants)]


def _row(table: DecisionTable, number: int, constants: Mapping[str, Json]) -> _Case:
    rule = table.rules[number]
    values = dict(constants)
    values.update({output.name: cell.content.value
                   for output, cell in zip(table.outputs, rule.outputs, strict=True)
                   if isinstance(cell.content, Constant)})
    kinds = {str(constant.value) for cell in rule.tests for constant in constants_of(cell.test)
             if constant.kind == "text"}
    return _Case(values, f"baris {rule.number} tabel {table.name}", frozenset(kinds))


def _script_lines(node: Node) -> tuple[tuple[str, Expression], ...]:
    try:
        return parse_script(node.script).assignments if node.script else ()
    except ExpressionError:
        return ()


def _from(case: _Case, expression: Expression) -> str:
    return f" ({case.row})" if case.row and expression.names else ""


def _read(text: str | None) -> Expression | None:
    try:
        return parse(text) if text and text.strip() else None
    except ExpressionError:
        return None
