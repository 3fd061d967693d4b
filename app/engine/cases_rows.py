"""Data with which one row of a decision table is the answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from app.engine.decision_table import DecisionTable, Input, Rule
from app.engine.decisions import DecisionError, decide
from app.engine.evaluator import EvaluationError
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.matching import Anything, KindMismatch, Test, constants_of
from app.engine.step import Json

MOST_TRIED = 400


def data_for(table: DecisionTable, rule: Rule, given: Mapping[str, Json],
             offered: Mapping[str, Sequence[Json]]) -> Iterator[dict[str, Json]]:
    """Values of the names this row asks for that make it hit, the likeliest first; what it does not ask for
    is as `given`, or anything. `offered`: what a name may hold in this SOP at all, where that is known.
    Nothing where an input is more than a name."""
    names = [name_read(column) for column in table.inputs]
    asked = [index for index, cell in enumerate(rule.tests) if not isinstance(cell.test, Anything)]
    if any(names[index] is None for index in asked):
        return
    values = [_values(names[index] or "", index, table, rule.tests[index].test, given, offered)
              for index in range(len(names))]
    for chosen in islice(product(*values), MOST_TRIED):
        data = {name: value for name, value in zip(names, chosen, strict=True) if name is not None}
        try:
            decision = decide(table, {**given, **data}, PLAIN_FUNCTIONS)
        except (DecisionError, EvaluationError):
            continue
        if rule.number in decision.rows:
            yield {names[index] or "": chosen[index] for index in asked}


def name_read(column: Input) -> str | None:
    """The one name an input is, if it is one."""
    return column.expression.tree.id if isinstance(column.expression.tree, ast.Name) else None


def _values(name: str, index: int, table: DecisionTable, test: Test, given: Mapping[str, Json],
            offered: Mapping[str, Sequence[Json]]) -> list[Json]:
    """Values of one input that fit the row's cell; one of any where the cell does not care."""
    candidates: list[Json] = [given[name]] if given.get(name) is not None else []
    if name in offered:
        candidates += offered[name]
    else:
        candidates += [one.value for one in constants_of(test)]
        candidates += [one.value for rule in table.rules for one in constants_of(rule.tests[index].test)]
        allowed = table.inputs[index].allowed
        candidates += [one.value for one in constants_of(allowed)] if allowed is not None else []
        candidates += [near for value in candidates if isinstance(value, int | float)
                       and not isinstance(value, bool) for near in (value - 1, value + 1)]
        candidates += ["lainnya", True, False]
    if isinstance(test, Anything):
        return candidates[:1] or [None]
    fitting: list[Json] = []
    for value in candidates:
        if fits(test, value) and not any(value == one and type(value) is type(one) for one in fitting):
            fitting.append(value)
    return fitting


def fits(test: Test, value: Json) -> bool:
    """Whether a cell takes a value; one of another kind it does not."""
    try:
        return test.matches(value)
    except KindMismatch:
        return False
