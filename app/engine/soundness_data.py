"""What of an SOP's data decides where it goes, with few values that stand for all.

Only data that a condition reads, or that decides such data, are followed. Of each a handful of values is
tried: those it is compared with, one that is none of them, and what its form offers. What cannot be known
(the hour, data nobody in the SOP sets in a way the language can follow) is left open: both ways are tried.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from app.engine.answer_types import LISTS
from app.engine.declaration import Field
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, ExpressionError, Script, evaluate, parse, parse_script
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.soundness_net import Net, Place
from app.engine.step import Json

Value: TypeAlias = Json
"""A JSON value; a list stands as a tuple."""
OTHER = "\u2026lain"
"""Stands for every text that no condition mentions."""
FURTHEST = 40
"""A number that moves further than this from what it is compared with is left open."""
_BOOLEANS = frozenset({"anonim", "rahasia"})
"""What a report brings as yes or no (the contract's list)."""


class Open(Exception):
    """The expression has no value that could be known beforehand."""


class Ask:
    """An expression at one place. `reads`: its names, each with the variable that stands for it there."""

    __slots__ = ("_known", "expression", "reads")

    def __init__(self, expression: Expression, reads: tuple[tuple[str, str], ...]) -> None:
        self.expression = expression
        self.reads = reads
        self._known: dict[tuple[Value, ...], Value | Open] = {}

    def value(self, given: tuple[Value, ...]) -> Value:
        """With these values of `reads`, in order. Raises `Open`."""
        key = tuple((type(one), one) for one in given)
        if key not in self._known:
            names = {name: _listed(value) for (name, _slot), value in zip(self.reads, given, strict=True)}
            try:
                self._known[key] = frozen(evaluate(self.expression, names, PLAIN_FUNCTIONS))
            except EvaluationError:
                self._known[key] = Open()
        found = self._known[key]
        if isinstance(found, Open):
            raise found
        return found


def read_expression(text: str | None) -> Expression | None:
    """None when there is none or it cannot be read (which is another rule's finding)."""
    try:
        return parse(text) if text and text.strip() else None
    except ExpressionError:
        return None


def read_script(text: str | None) -> Script | None:
    try:
        return parse_script(text or "")
    except ExpressionError:
        return None


class Control:
    """The names that steer a net, and the values that stand for theirs."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self._constants: dict[str, set[Value]] = {}
        self._mixed: set[str] = set()
        """Compared or reckoned with other data: constants alone do not tell which values differ."""
        self._steps: dict[str, set[bool]] = {}
        self._scripts = {place.number: script for place in net.places if place.kind == "scriptTask"
                         and (script := read_script(place.node.script)) is not None}
        self._links: list[frozenset[str]] = []
        self.names = self._closure()
        self._share_constants()

    def script(self, place: Place) -> Script | None:
        return self._scripts.get(place.number)

    def _closure(self) -> frozenset[str]:
        names: set[str] = set()
        for place in self.net.places:
            if place.kind in {"exclusiveGateway", "inclusiveGateway"} and len(place.tracks) > 1:
                for track in place.tracks:
                    if not track.default:
                        names |= self._note(read_expression(track.condition))
        done: set[str] = set()
        while names - done:
            name = min(names - done)
            done.add(name)
            for expression in self._settings(name):
                names |= self._note(expression, name)
        return frozenset(names)

    def _settings(self, name: str) -> Iterator[Expression | None]:
        """Every expression that decides which value `name` gets."""
        for place in self.net.places:
            for target, line in self.script_lines(place):
                if target == name:
                    yield line
            for one in place.node.declared.fields:
                if one.id == name:
                    yield read_expression(one.visible_when)
                    yield read_expression(one.required_when)
            if name == "opd":
                yield self.unit_set(place)

    def script_lines(self, place: Place) -> tuple[tuple[str, Expression], ...]:
        script = self._scripts.get(place.number)
        return script.assignments if script is not None else ()

    @staticmethod
    def unit_set(place: Place) -> Expression | None:
        """What a service task hands over to, with `tetapkan_opd`."""
        declared = place.node.declared
        if declared.operation != "tetapkan_opd":
            return None
        return read_expression(dict(declared.parameters).get("opd"))

    def _note(self, expression: Expression | None, target: str | None = None) -> frozenset[str]:
        """Collect what an expression compares its names with; `target`: what a script line sets by it."""
        if expression is None:
            return frozenset()
        step = _step(expression.tree, target)
        if target is not None and step is not None:
            self._steps.setdefault(target, set()).add(step)
            return expression.names
        for part in _parts(expression.tree):
            names = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)} - set(PLAIN_FUNCTIONS)
            constants = {frozen(node.value) for node in ast.walk(part) if isinstance(node, ast.Constant)}
            reckoned = any(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(part))
            together = names if target is None else names | {target}
            self._links.append(frozenset(together))
            for name in together:
                self._constants.setdefault(name, set()).update(constants)
                if names and (len(names) > 1 or reckoned):
                    self._mixed.add(name)
        return expression.names

    def _share_constants(self) -> None:
        """What is handed from one name to another must tell the same values apart."""
        links = [link for link in self._links if len(link) > 1]
        grown = True
        while grown:
            grown = False
            for link in links:
                together = set().union(*(self._constants.get(name, set()) for name in link))
                for name in link:
                    if self._constants.get(name) != together:
                        self._constants[name] = set(together)
                        grown = True

    def values(self, name: str) -> tuple[Value, ...]:
        """Values that stand for all `name` may hold when nothing is known of it."""
        constants = self._constants.get(name, set())
        found: list[Value] = []
        if name in _BOOLEANS or not constants or any(isinstance(one, bool) for one in constants):
            found += [False, True]
        found += _numbers(one for one in constants if _is_number(one))
        texts = sorted(one for one in constants if isinstance(one, str))
        if texts:
            found += [*texts, OTHER]
        if None in constants:
            found.append(None)
        return tuple(found)

    def answers(self, one: Field) -> tuple[Value, ...]:
        """Values that stand for all that may be answered, blank left out."""
        constants = self._constants.get(one.id, set())
        if one.personal:
            return (True,)
        if one.type == "boolean":
            return (True, False)
        if one.type in LISTS:
            options = self._telling([option.value for option in one.options], constants)
            return (*((each,) for each in options), tuple(options)) if len(options) > 1 else (("ada",),)
        if one.type == "choice":
            return tuple(self._telling([option.value for option in one.options], constants))
        if one.type in {"integer", "number", "rating"}:
            return tuple(_numbers(each for each in constants if _is_number(each))) or (1,)
        return (*sorted(each for each in constants if isinstance(each, str)), OTHER)

    @staticmethod
    def _telling(options: list[str], constants: set[Value]) -> list[str]:
        """The options conditions speak of, and one that stands for the rest."""
        rest = [option for option in options if option not in constants]
        return [option for option in options if option in constants or option in rest[:1]]

    def kept(self, name: str, value: Value) -> Value:
        """A number as far as it makes a difference. Raises `Open` when it has gone too far to tell."""
        if not _is_number(value):
            return value
        numbers = [one for one in self._constants.get(name, set()) if _is_number(one)] or [0]
        steps = self._steps.get(name, set())
        if name not in self._mixed and steps == {True}:
            return min(value, max(numbers) + 1)
        if name not in self._mixed and steps == {False}:
            return max(value, min(numbers) - 1)
        if not min(numbers) - FURTHEST <= value <= max(numbers) + FURTHEST:
            raise Open
        return value


def frozen(value: Json) -> Value:
    return tuple(frozen(one) for one in value) if isinstance(value, list) else value


def _listed(value: Value) -> Json:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(constants: Iterable[Value]) -> list[Value]:
    return sorted({near for one in constants for near in (one - 1, one, one + 1)})


def _step(tree: ast.expr, name: str | None) -> bool | None:
    """`name = name + 1` is a step up (True), `name - 1` one down (False), anything else none."""
    match tree:
        case ast.BinOp(left=ast.Name(id=left), op=ast.Add() | ast.Sub() as op,
                       right=ast.Constant(value=int() | float() as size)) if left == name and size > 0:
            return isinstance(op, ast.Add)
    return None


def _parts(tree: ast.expr) -> Iterator[ast.expr]:
    """The comparisons and bare names a condition is joined from."""
    match tree:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _parts(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _parts(operand)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            for value in (test, body, orelse):
                yield from _parts(value)
        case _:
            yield tree


def spots(place: Place, local: Mapping[int, frozenset[str]], name: str) -> str:
    """The variable `name` means at a place: inside a repetition, what is set there is its own."""
    for number in place.around:
        if name in local.get(number, frozenset()):
            return f"{name}@{number}"
    return name
