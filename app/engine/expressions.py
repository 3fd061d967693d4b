"""The one small language of conditions, defaults, timers, script lines and decision cells.

`ast.parse` reads the text; an allow-list decides which nodes exist; `evaluate` walks the tree. Nothing is
ever compiled to code. There are no loops, no attributes of objects (`a.b` is a key of data) and no functions
but the listed ones. Sizes of texts, trees, numbers, strings and values are bounded, so the worst expression
costs milliseconds. Values are JSON values; moments are ISO text in the city's zone and compare as text.

Rule: section "Expressions" of the SOP file contract.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from app.engine.evaluator import EvaluationError, Meter, evaluate_tree
from app.engine.limits import (
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_LINES,
    MAX_NODES,
    MAX_SCRIPT,
    MAX_TEXT,
    is_reserved,
)
from app.engine.step import Json

__all__ = [
    "FUNCTIONS",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Script",
    "evaluate",
    "parse",
    "parse_script",
    "run_script",
]

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "hari_kerja": (1, 1), "jam_kerja": (1, 1), "hari": (1, 1), "jam": (1, 1), "menit": (1, 1),
    "tenggat": (1, 1), "len": (1, 1), "round": (1, 2), "min": (1, 50), "max": (1, 50),
    "lower": (1, 1), "upper": (1, 1), "sekarang": (0, 0), "hari_ini": (0, 0),
}
"""Every function of the language with the least and the most arguments it takes."""

_OPERATORS = (
    ast.And, ast.Or, ast.Not, ast.UAdd, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Load,
)
_STRUCTURES = (ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare, ast.IfExp, ast.List)
_BORROWED = {"true": "True", "false": "False", "null": "None", "nil": "None"}
_HINTS: Mapping[type[ast.AST], str] = {
    ast.Is: "Pakai == untuk membandingkan.", ast.IsNot: "Pakai != untuk membandingkan.",
    ast.Tuple: "Pakai kurung siku untuk daftar, misalnya ['a', 'b'].",
    ast.Pow: "Pangkat tidak tersedia.", ast.FloorDiv: "Pakai / lalu round(...).",
    ast.JoinedStr: "Gabungkan teks dengan +.", ast.Starred: "Tanda * di depan nama tidak tersedia.",
    ast.Slice: "Potongan [a:b] tidak tersedia.", ast.Lambda: "Fungsi sendiri tidak tersedia.",
}
_PLAIN_ESCAPES = re.compile(r"(?:[^\\]|\\[\\'\"nt])*", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.*)", re.DOTALL)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class ExpressionError(SyntaxError):
    """The text is not an expression of the language. The message is Indonesian and says what to change."""


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    names: frozenset[str]
    """Variables it reads (the first name of `a.b`)."""
    functions: frozenset[str]
    tree: ast.expr = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """Lines `name = expression`, applied all or none."""

    text: str
    assignments: tuple[tuple[str, Expression], ...]
    names: frozenset[str]
    """Variables read that no earlier line of the script has set."""
    sets: frozenset[str]


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read one expression; equal texts share one result. Raises `ExpressionError`, nothing else."""
    return _read(text)


def evaluate(
    expression: Expression, names: Mapping[str, Json], functions: Mapping[str, Callable[..., Json]]
) -> Json:
    """The value of the expression; a JSON value. Raises `EvaluationError`, nothing else of its own."""
    return evaluate_tree(expression.tree, names, functions, Meter())


def parse_script(text: str) -> Script:
    """Read a script task's lines. Blank lines and lines beginning with `#` are skipped."""
    if len(text) > MAX_SCRIPT:
        raise ExpressionError(f"Skrip terlalu panjang: paling banyak {MAX_SCRIPT} huruf.")
    lines = _LINE_BREAK.split(text)
    if len(lines) > MAX_LINES:
        raise ExpressionError(f"Skrip terlalu panjang: paling banyak {MAX_LINES} baris.")
    assignments: list[tuple[str, Expression]] = []
    reads: set[str] = set()
    sets: set[str] = set()
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            name, expression = _assignment(stripped)
        except ExpressionError as error:
            raise ExpressionError(f"Baris {number}: {error.msg}") from error
        reads |= expression.names - sets
        sets.add(name)
        assignments.append((name, expression))
    return Script(text, tuple(assignments), frozenset(reads), frozenset(sets))


def run_script(
    script: Script, names: Mapping[str, Json], functions: Mapping[str, Callable[..., Json]]
) -> dict[str, Json]:
    """What the script assigns. `names` stays as it is: an error in any line means that none was applied."""
    assigned: dict[str, Json] = {}
    visible: Mapping[str, Json] = ChainMap(assigned, names)  # type: ignore[arg-type]
    meter = Meter()
    for name, expression in script.assignments:
        try:
            assigned[name] = evaluate_tree(expression.tree, visible, functions, meter)
        except EvaluationError as error:
            raise EvaluationError(f"Baris '{name} = …': {error.text}", missing=error.missing,
                                  read=expression.names - set(assigned)) from error
    return assigned


def _read(text: str) -> Expression:
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"Ungkapan terlalu panjang: paling banyak {MAX_TEXT} huruf.")
    if not text.strip():
        raise ExpressionError("Ungkapan kosong.")
    if _PLAIN_ESCAPES.fullmatch(text) is None:
        raise ExpressionError("Garis miring terbalik hanya boleh dalam \\n, \\t, \\', \\\" dan \\\\.")
    source = text.strip()
    if _LINE_BREAK.search(source):
        source = f"(\n{source}\n)"
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"Ungkapan '{_short(text)}' tidak dapat dibaca. {_advice(source)}") from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ExpressionError("Ungkapan terlalu rumit atau memuat huruf asing.") from error
    reader = _Allowed()
    reader.visit(tree, 0)
    return Expression(text, frozenset(reader.names), frozenset(reader.functions), tree)


def _assignment(line: str) -> tuple[str, Expression]:
    match = _ASSIGNMENT.fullmatch(line)
    if match is None:
        raise ExpressionError("tulis 'nama = ungkapan', satu pada tiap baris.")
    name = match.group(1)
    _check_name(name)
    if name in FUNCTIONS:
        raise ExpressionError(f"'{name}' adalah nama fungsi dan tidak dapat diisi.")
    return name, parse(match.group(2))


class _Allowed:
    """Walks a tree once, refuses what is not on the list, collects names and functions."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.functions: set[str] = set()
        self._nodes = 0

    def visit(self, node: ast.AST, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ExpressionError(f"Ungkapan terlalu besar: paling banyak {MAX_NODES} bagian.")
        if depth > MAX_DEPTH:
            raise ExpressionError(f"Ungkapan bersarang terlalu dalam: paling banyak {MAX_DEPTH} tingkat.")
        if isinstance(node, ast.Call):
            self._call(node, depth)
            return
        self._check(node)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, _OPERATORS):
                self.visit(child, depth + 1)

    def _check(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name):
                self._name(name)
            case ast.Constant(value=value):
                _check_constant(value)
            case ast.Attribute(attr=name):
                _check_name(name)
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                _check_name(key, identifier=False)
            case ast.Subscript():
                pass
            case ast.Dict(keys=keys):
                if any(key is None for key in keys):
                    raise ExpressionError("Tanda ** di dalam {…} tidak tersedia.")
                for written in keys:
                    if isinstance(written, ast.Constant) and isinstance(written.value, str):
                        _check_name(written.value, identifier=False)
            case ast.Compare(ops=ops):
                _check_operators(*ops)
            case ast.BinOp(op=op) | ast.UnaryOp(op=op):
                _check_operators(op)
            case _ if isinstance(node, _STRUCTURES):
                pass
            case _:
                raise _refused(node)

    def _name(self, name: str) -> None:
        _check_name(name)
        if name in _BORROWED:
            raise ExpressionError(f"Tulis {_BORROWED[name]}, bukan {name}.")
        if name in FUNCTIONS:
            raise ExpressionError(f"'{name}' adalah fungsi: tulis {name}(…).")
        self.names.add(name)

    def _call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            raise ExpressionError("Hanya fungsi yang terdaftar dapat dipanggil, misalnya hari_kerja(3).")
        name = node.func.id
        if name not in FUNCTIONS:
            near = difflib.get_close_matches(name[:40], FUNCTIONS, n=1)
            advice = f" Maksudnya {near[0]}(…)?" if near else f" Yang ada: {', '.join(sorted(FUNCTIONS))}."
            raise ExpressionError(f"Fungsi '{_short(name)}' tidak ada.{advice}")
        if node.keywords:
            raise ExpressionError(f"Fungsi {name} tidak menerima nama=nilai.")
        least, most = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            wanted = str(least) if least == most else f"{least} sampai {most}"
            raise ExpressionError(f"Fungsi {name} memerlukan {wanted} nilai, tertulis {len(node.args)}.")
        self.functions.add(name)
        for argument in node.args:
            self.visit(argument, depth + 1)


def _check_operators(*operators: ast.AST) -> None:
    for operator in operators:
        if not isinstance(operator, _OPERATORS):
            raise _refused(operator)


def _check_name(name: str, *, identifier: bool = True) -> None:
    if is_reserved(name):
        raise ExpressionError(f"Nama '{_short(name)}' tidak boleh dipakai.")
    if identifier and not name.isascii():
        raise ExpressionError(f"Nama '{_short(name)}' hanya boleh memuat huruf a-z, angka dan garis bawah.")


def _check_constant(value: object) -> None:
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int | float) and -MAX_INTEGER <= value <= MAX_INTEGER:
        return
    if isinstance(value, int | float):
        raise ExpressionError("Angka terlalu besar.")
    raise ExpressionError("Hanya teks, angka, True, False dan None yang dapat ditulis sebagai nilai.")


def _refused(node: ast.AST) -> ExpressionError:
    hint = _HINTS.get(type(node), "Pakai hanya nama, nilai, pembandingan, hitungan dan fungsi.")
    return ExpressionError(f"Bentuk {type(node).__name__} tidak ada dalam bahasa ini. {hint}")


def _advice(source: str) -> str:
    if "${" in source or "#{" in source:
        return "Tulis namanya saja, tanpa ${…}."
    if "&&" in source or "||" in source:
        return "Tulis and atau or."
    if re.search(r"(?<![=!<>])=(?!=)", source):
        return "Pakai == untuk membandingkan."
    return "Periksa tanda kutip, kurung dan tanda hitungnya."


def _short(text: str) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= 60 else clean[:59] + "…"
