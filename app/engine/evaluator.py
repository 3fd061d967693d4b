"""Walks a checked syntax tree to a JSON value, with a meter running."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from app.engine.limits import (
    MAX_INTEGER,
    MAX_ITEMS,
    MAX_STEPS,
    MAX_STRING,
    MAX_VALUE_DEPTH,
    is_reserved,
)
from app.engine.step import Json
from app.engine.value_words import kind_of

Functions = Mapping[str, Callable[..., Json]]


class EvaluationError(Exception):
    """An expression has no value: a name is missing, types do not fit, or a bound is passed.

    `text` is Indonesian; `missing` names the variable or key that was not there; `read` the data the line of
    a script reads that failed, less what the script itself made.
    """

    def __init__(self, text: str, *, missing: str | None = None, read: frozenset[str] = frozenset()) -> None:
        super().__init__(text)
        self.text = text
        self.missing = missing
        self.read = read


class Meter:
    """Counts the work of one evaluation (or of a whole script) and stops it at `MAX_STEPS`."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise EvaluationError("Ungkapan terlalu mahal untuk dihitung.")

    def weigh(self, value: Json) -> None:
        """Check that a value is JSON within the bounds, and charge for its size."""
        stack: list[tuple[Json, int]] = [(value, 0)]
        items = 0
        while stack:
            current, depth = stack.pop()
            items += 1
            if items > MAX_ITEMS:
                raise EvaluationError(f"Nilai terlalu besar: paling banyak {MAX_ITEMS} isi.")
            if depth > MAX_VALUE_DEPTH:
                raise EvaluationError(f"Nilai bersarang lebih dari {MAX_VALUE_DEPTH} tingkat.")
            check_scalar(current)
            if isinstance(current, list):
                self._room(len(current))
                stack.extend((item, depth + 1) for item in current)
            elif isinstance(current, dict):
                self._room(len(current))
                for key, item in current.items():
                    check_key(key)
                    stack.append((item, depth + 1))
        self.spend(items)

    @staticmethod
    def _room(count: int) -> None:
        if count > MAX_ITEMS:
            raise EvaluationError(f"Nilai terlalu besar: paling banyak {MAX_ITEMS} isi.")


def check_scalar(value: Json) -> None:
    """Refuse what JSON cannot hold or what is out of bounds; lists and objects pass unread."""
    kind = type(value)
    if kind is str:
        if len(value) > MAX_STRING:
            raise EvaluationError(f"Teks terlalu panjang: paling banyak {MAX_STRING} huruf.")
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise EvaluationError("Angka terlalu besar.")
    elif kind is float:
        if not math.isfinite(value):
            raise EvaluationError("Hasil hitungan bukan angka yang terhingga.")
    elif not (value is None or kind is bool or isinstance(value, list | dict)):
        raise EvaluationError(f"Nilai berjenis {kind.__name__} tidak dapat dipakai dalam ungkapan.")


def check_key(key: Json) -> None:
    if type(key) is not str:
        raise EvaluationError("Nama di dalam {…} harus teks.")
    if is_reserved(key):
        raise EvaluationError(f"Nama '{key[:60]}' tidak boleh dipakai.")


def evaluate_tree(tree: ast.expr, names: Mapping[str, Json], functions: Functions, meter: Meter) -> Json:
    """Value of a tree that passed the allow-list; raises `EvaluationError`."""
    try:
        value = _Walk(names, functions, meter).value(tree)
    except RecursionError as error:
        raise EvaluationError("Ungkapan bersarang terlalu dalam.") from error
    meter.weigh(value)
    return value


class _Walk:
    def __init__(self, names: Mapping[str, Json], functions: Functions, meter: Meter) -> None:
        self._names = names
        self._functions = functions
        self._meter = meter

    def value(self, node: ast.expr) -> Json:
        self._meter.spend()
        result: Json
        match node:
            case ast.Constant(value=constant):
                result = constant
            case ast.Name(id=name):
                result = self._name(name)
            case ast.Attribute(value=owner, attr=key):
                result = _member(self.value(owner), key)
            case ast.Subscript(value=owner, slice=key_node):
                result = _member(self.value(owner), self.value(key_node))
            case ast.BoolOp(op=op, values=values):
                return self._bool(op, values)
            case ast.UnaryOp(op=op, operand=operand):
                result = _unary(op, self.value(operand))
            case ast.BinOp(left=left, op=op, right=right):
                result = self._binary(op, self.value(left), self.value(right))
            case ast.Compare():
                result = self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body) if self.value(test) else self.value(orelse)
            case ast.List(elts=elements):
                result = [self.value(element) for element in elements]
                self._meter.weigh(result)
            case ast.Dict(keys=keys, values=values):
                result = {self._key(key): self.value(item) for key, item in zip(keys, values, strict=True)}
                self._meter.weigh(result)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                result = self._call(name, [self.value(argument) for argument in arguments])
            case _:
                raise EvaluationError(f"Bentuk {type(node).__name__} tidak dapat dihitung.")
        check_scalar(result)
        return result

    def _name(self, name: str) -> Json:
        try:
            return self._names[name]
        except KeyError:
            raise EvaluationError(f"Data '{name}' belum diisi.", missing=name) from None

    def _key(self, node: ast.expr | None) -> str:
        key = None if node is None else self.value(node)
        check_key(key)
        return str(key)

    def _bool(self, op: ast.boolop, values: list[ast.expr]) -> Json:
        stops_at = isinstance(op, ast.Or)
        result: Json = None
        for node in values:
            result = self.value(node)
            if bool(result) is stops_at:
                break
        return result

    def _binary(self, op: ast.operator, left: Json, right: Json) -> Json:
        if isinstance(op, ast.Add) and type(left) is str and type(right) is str:
            return left + right
        if isinstance(op, ast.Add) and isinstance(left, list) and isinstance(right, list):
            joined = [*left, *right]
            self._meter.weigh(joined)
            return joined
        if not (_is_number(left) and _is_number(right)):
            raise EvaluationError(f"{kind_of(left)} dan {kind_of(right)} tidak dapat dihitung bersama.")
        return _arithmetic(op, left, right)

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            if not self._holds(op, left, right):
                return False
            left = right
        return True

    def _holds(self, op: ast.cmpop, left: Json, right: Json) -> bool:
        match op:
            case ast.Eq():
                return self._equal(left, right)
            case ast.NotEq():
                return not self._equal(left, right)
            case ast.In():
                return self._contains(right, left)
            case ast.NotIn():
                return not self._contains(right, left)
        return _ordered(op, left, right)

    def _equal(self, left: Json, right: Json) -> bool:
        if isinstance(left, list | dict) and isinstance(right, list | dict):
            self._meter.weigh(left)
            self._meter.weigh(right)
        return bool(left == right)

    def _contains(self, container: Json, item: Json) -> bool:
        if isinstance(container, list):
            self._meter.weigh(container)
            self._meter.weigh(item)
            return item in container
        if isinstance(container, dict):
            return type(item) is str and item in container
        if type(container) is str and type(item) is str:
            return item in container
        raise EvaluationError(f"'in' mencari di dalam daftar atau teks, bukan {kind_of(container)}.")

    def _call(self, name: str, arguments: list[Json]) -> Json:
        function = self._functions.get(name)
        if function is None:
            raise EvaluationError(f"Fungsi '{name}' tidak tersedia di sini.", missing=name)
        for argument in arguments:
            self._meter.weigh(argument)
        result = function(*arguments)
        self._meter.weigh(result)
        return result


def _member(owner: Json, key: Json) -> Json:
    if isinstance(owner, dict):
        check_key(key)
        if key not in owner:
            raise EvaluationError(f"Bagian '{key[:60]}' tidak ada dalam data.", missing=key)
        return owner[key]
    if isinstance(owner, list) and type(key) is int:
        if not -len(owner) <= key < len(owner):
            raise EvaluationError(f"Daftar hanya berisi {len(owner)} nilai.")
        return owner[key]
    raise EvaluationError(f"{kind_of(owner)} tidak mempunyai bagian {str(key)[:60]!r}.")


def _unary(op: ast.unaryop, value: Json) -> Json:
    if isinstance(op, ast.Not):
        return not value
    if not _is_number(value):
        raise EvaluationError(f"Tanda hitung tidak dapat dipakai pada {kind_of(value)}.")
    return -value if isinstance(op, ast.USub) else value


def _arithmetic(op: ast.operator, left: float, right: float) -> Json:
    try:
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
            case ast.Mod():
                return left % right
    except ZeroDivisionError:
        raise EvaluationError("Pembagian dengan nol.") from None
    except OverflowError:
        raise EvaluationError("Angka terlalu besar.") from None
    raise EvaluationError(f"Hitungan {type(op).__name__} tidak tersedia.")


def _ordered(op: ast.cmpop, left: Json, right: Json) -> bool:
    both_text = type(left) is str and type(right) is str
    if not both_text and not (_is_number(left) and _is_number(right)):
        raise EvaluationError(f"{kind_of(left)} tidak dapat dibandingkan dengan {kind_of(right)}.")
    match op:
        case ast.Lt():
            return bool(left < right)
        case ast.LtE():
            return bool(left <= right)
        case ast.Gt():
            return bool(left > right)
        case ast.GtE():
            return bool(left >= right)
    raise EvaluationError(f"Pembandingan {type(op).__name__} tidak tersedia.")


def _is_number(value: Json) -> bool:
    return type(value) is int or type(value) is float
