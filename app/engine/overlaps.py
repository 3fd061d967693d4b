"""Choices whose conditions can hold together, so that the order in the file decides.

A handful of values stands for all a condition may meet: those it is compared with, one that is none of them,
and what a form offers. Rule: publish checks 1 ("overlapping XOR conditions: the first in the file wins").
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product

from app.engine.declaration import Finding
from app.engine.diagram import Flow, Node, Process
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, ExpressionError, evaluate, parse
from app.engine.found import inside, warning
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.step import Json
from app.engine.survey import Survey
from app.engine.value_words import shown

MOST_CASES = 3_000
_OTHER = "lainnya"

Offers = Mapping[str, tuple[Json, ...]]
"""What forms offer for a name, where that is all it can be."""


def overlaps(process: Process, offers: Offers) -> Iterator[Finding]:
    """A warning for every exclusive gateway at which two conditions can hold together."""
    for node in process.nodes.values():
        if node.kind != "exclusiveGateway":
            continue
        ways = [(flow, expression) for flow in process.outgoing(node.id) if flow.id != node.default
                and (expression := _read(flow.condition)) is not None]
        if len(ways) > 1:
            yield from _at(process, node, ways, offers)


def offers_of(processes: Iterable[Process], survey: Survey) -> Offers:
    """Names that only choices, yes-or-no questions and constants of tables set, with all they can be."""
    offered: dict[str, set[Json]] = {}
    free: set[str] = set()
    for process in processes:
        for node in process.nodes.values():
            for one in node.declared.fields:
                if one.type == "choice" and not one.personal:
                    offered.setdefault(one.id, set()).update(option.value for option in one.options)
                elif one.type == "boolean":
                    offered.setdefault(one.id, set()).update((True, False))
                else:
                    free.add(one.id)
            if node.kind in {"scriptTask", "businessRuleTask"}:
                table = survey.decisions.get(node.decision or "")
                free |= table.sets if table is not None else set()
                free |= {line.partition("=")[0].strip() for line in (node.script or "").splitlines()}
    return {name: tuple(sorted(values, key=str)) for name, values in offered.items() if name not in free}


def _at(process: Process, node: Node, ways: list[tuple[Flow, Expression]],
        offers: Offers) -> Iterator[Finding]:
    names = sorted(set().union(*(expression.names for _flow, expression in ways)))
    values = [_values(name, [expression for _flow, expression in ways], offers) for name in names]
    met: dict[tuple[str, str], dict[str, Json]] = {}
    for case in islice(product(*values), MOST_CASES):
        given = dict(zip(names, case, strict=True))
        holding = [flow for flow, expression in ways if _holds(expression, given)]
        for first, second in combinations(holding, 2):
            met.setdefault((first.id, second.id), given)
    said = {flow.id: flow for flow, _expression in ways}
    for (one, other), given in met.items():
        first, second = said[one], said[other]
        case_words = ", ".join(f"{name} = {shown(value)}" for name, value in given.items())
        yield warning(process, second.id, "syarat-tumpang-tindih",
                      f"Pada {inside(node)}, syarat {_name(first)} dan {_name(second)} dapat sama-sama "
                      f"terpenuhi ({case_words}); yang ditempuh {_name(first)}, karena lebih dahulu "
                      "dalam berkas.",
                      "Persempit salah satu syarat bila bukan itu maksudnya.")


def _values(name: str, expressions: Iterable[Expression], offers: Offers) -> tuple[Json, ...]:
    if name in offers:
        return offers[name]
    constants: dict[tuple[type, Json], Json] = {}
    for expression in expressions:
        if name in expression.names:
            constants.update({(type(node.value), node.value): node.value
                              for node in ast.walk(expression.tree) if isinstance(node, ast.Constant)})
    found: list[Json] = []
    for value in constants.values():
        if isinstance(value, bool) or value is None or isinstance(value, str):
            found.append(value)
        else:
            found.extend((value - 1, value, value + 1))
    if not found or any(isinstance(value, bool) for value in found):
        found.extend((True, False))
    if any(isinstance(value, str) for value in found):
        found.append(_OTHER)
    return tuple({(type(value), value): value for value in found}.values())


def _holds(expression: Expression, given: Mapping[str, Json]) -> bool:
    try:
        return bool(evaluate(expression, given, PLAIN_FUNCTIONS))
    except EvaluationError:
        return False


def _read(text: str | None) -> Expression | None:
    try:
        return parse(text) if text and text.strip() else None
    except ExpressionError:
        return None


def _name(flow: Flow) -> str:
    return f"'{flow.name or flow.condition}'"
