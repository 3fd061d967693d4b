"""`visibleWhen` and `requiredWhen` as data the browser can follow without `eval`.

The server decides; the browser only shows and hides in the meantime. A condition becomes a tree:

- `{"field": id}` the present answer of that field; `{"value": x}` a constant (process variables are put in);
- `{"op": "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in", "of": [left, right]}`;
- `{"op": "and" | "or" | "not" | "list" | "len" | "lower" | "upper", "of": […]}`.

An order comparison with an empty answer does not hold. Anything beyond this has no tree (None): the field is
then always shown and the server has the last word.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from app.engine.declaration import Field
from app.engine.expressions import ExpressionError, parse
from app.engine.step import Json

Tree: TypeAlias = dict[str, Any]

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_FUNCTIONS = frozenset({"len", "lower", "upper"})


class _Beyond(Exception):
    """The expression uses something the browser's small interpreter does not know."""


def condition_tree(text: str, fields: Collection[str], variables: Mapping[str, Json]) -> Tree | None:
    """The tree of a condition over the given field ids; None when it cannot be written as one."""
    try:
        return _tree(parse(text).tree, fields, variables)
    except (ExpressionError, _Beyond):
        return None


def reads_form(text: str, fields: Collection[str]) -> bool:
    """Whether a condition depends on what is being typed; otherwise the server decides it once."""
    try:
        return not parse(text).names.isdisjoint(fields)
    except ExpressionError:
        return False


def condition_words(text: str, fields: Mapping[str, Field]) -> str | None:
    """A plain `field == constant` in words, e.g. `Hasil: Bukan wewenang kami`, for pages without scripts."""
    try:
        node = parse(text).tree
    except ExpressionError:
        return None
    match node:
        case ast.Name(id=name) if name in fields:
            return f"{fields[name].label}: Ya"
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=value)]):
            if name not in fields:
                return None
            if isinstance(value, bool):
                return f"{fields[name].label}: {'Ya' if value else 'Tidak'}"
            labels = {option.value: option.label for option in fields[name].options}
            return f"{fields[name].label}: {labels.get(str(value), value)}"
    return None


def _tree(node: ast.AST, fields: Collection[str], variables: Mapping[str, Json]) -> Tree:
    match node:
        case ast.Constant(value=value):
            return {"value": value}
        case ast.Name(id=name):
            if name in fields:
                return {"field": name}
            if name not in variables:
                raise _Beyond
            return {"value": variables[name]}
        case ast.BoolOp(op=op, values=values):
            return _op("and" if isinstance(op, ast.And) else "or", values, fields, variables)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _op("not", [operand], fields, variables)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return {"value": -number}
        case ast.List(elts=items):
            return _op("list", items, fields, variables)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _op(name, arguments, fields, variables)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            parts = [
                _op(_COMPARISONS[type(op)], sides[at : at + 2], fields, variables)
                for at, op in enumerate(ops)
            ]
            return parts[0] if len(parts) == 1 else {"op": "and", "of": parts}
    raise _Beyond


def _op(name: str, nodes: list[ast.expr], fields: Collection[str], variables: Mapping[str, Json]) -> Tree:
    return {"op": name, "of": [_tree(node, fields, variables) for node in nodes]}
