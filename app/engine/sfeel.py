"""Reads cells of decision tables: the subset of S-FEEL (DMN 1.3, chapter 9) that the contract lists.

A test cell is `-` or blank, one or more of `"a"`, `5`, `true`, `null`, `date("2026-01-01")`, `< 5`,
`[1..10)`, joined by commas, or `not(…)` around them. Nothing in a cell is ever run as code. What a cell then
means is in `matching.py`.
"""

from __future__ import annotations

import re

from app.engine.iso_time import day_of, moment_of
from app.engine.limits import MAX_INTEGER
from app.engine.matching import ORDER, AllOf, Anything, Constant, Equal, OneOf, Ordered, Test

MAX_CELL = 2_000
MAX_TESTS = 200
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<day>\d{4}-\d{2}-\d{2}(?![\w-]))
    |(?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?!\w))|(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\.\.|<=|>=|<|>|[\[\](),@-]))""",
    re.VERBOSE,
)


class CellError(ValueError):
    """The cell is not in the subset. The text is Indonesian and says what to write instead."""


def read_test(text: str, *, dates: bool = False) -> Test:
    """Read an input cell. In a column of `dates`, quoted ISO text is a date too. Raises `CellError`."""
    if text.strip() in ("", "-"):
        return Anything()
    return _Cell(text, dates).test()


def read_values(text: str, *, dates: bool = False) -> tuple[Constant, ...]:
    """Read a list of allowed values, all of them constants. Raises `CellError`."""
    tests = _Cell(text, dates).test().tests
    constants = [test.constant for test in tests if isinstance(test, Equal)]
    if len(constants) != len(tests):
        raise CellError('Tulis nilai satu per satu, misalnya "a","b".')
    return tuple(constants)


def read_constant(text: str, *, dates: bool = False) -> Constant | None:
    """Read an output cell that holds one S-FEEL constant; None when it holds something else."""
    try:
        cell = _Cell(text, dates)
        constant = cell.constant()
        cell.end()
    except CellError:
        return None
    return constant


class _Cell:
    """One pass over the tokens of one cell."""

    def __init__(self, text: str, dates: bool) -> None:
        self._dates = dates
        if len(text) > MAX_CELL:
            raise CellError(f"Isi sel terlalu panjang: paling banyak {MAX_CELL} huruf.")
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        place, text = 0, text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise CellError(_advice(text[place:].strip()))
            self._tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            place = match.end()

    def test(self) -> OneOf:
        negated = self._peek() == "not"
        if negated:
            self._next()
            self._expect("(")
        tests = [self._part()]
        while self._peek() == ",":
            self._next()
            tests.append(self._part())
            if len(tests) > MAX_TESTS:
                raise CellError(f"Terlalu banyak nilai dalam satu sel: paling banyak {MAX_TESTS}.")
        if negated:
            self._expect(")")
        self.end()
        return OneOf(tuple(tests), negated)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise CellError(f"Tidak terbaca mulai dari '{self._tokens[self._at][1]}'.")

    def constant(self) -> Constant:
        group, text = self._next()
        if group == "string":
            written = _unquoted(text)
            return _dated(written) if self._dates else Constant("text", written)
        if group == "number":
            return Constant("number", _number(text))
        if group == "day":
            return _dated(text)
        if text == "@" and (quoted := self._next())[0] == "string":
            return _dated(_unquoted(quoted[1]))
        if text in ("true", "false"):
            return Constant("boolean", text == "true")
        if text == "null":
            return Constant("null", None)
        if text == "date":
            return self._date_call()
        if text in ("True", "False", "None"):
            raise CellError("Dalam sel tabel tulis true, false atau null dengan huruf kecil.")
        if group == "name":
            raise CellError(f'Teks harus diapit tanda kutip: "{text[:60]}".')
        raise CellError(f"Nilai tidak terbaca di '{text[:60]}'.")

    def _part(self) -> Equal | Ordered | AllOf:
        sign = self._peek()
        if sign in ORDER:
            self._next()
            return Ordered(sign, self._orderable())
        if sign in ("[", "(", "]"):
            return self._range()
        return Equal(self.constant())

    def _range(self) -> AllOf:
        low = Ordered(">=" if self._next()[1] == "[" else ">", self._orderable())
        self._expect("..")
        high_constant = self._orderable()
        closing = self._next()[1]
        if closing not in ("]", ")", "["):
            raise CellError("Rentang ditutup dengan ] atau ), misalnya [1..10).")
        high = Ordered("<=" if closing == "]" else "<", high_constant)
        if low.constant.kind != high_constant.kind:
            raise CellError("Kedua ujung rentang harus sejenis.")
        if low.constant.comparable > high_constant.comparable:
            raise CellError("Awal rentang harus lebih kecil daripada akhirnya.")
        return AllOf(low, high)

    def _orderable(self) -> Constant:
        constant = self.constant()
        if constant.kind in ("boolean", "null"):
            raise CellError("Hanya angka, tanggal dan teks yang dapat dibandingkan dengan < atau >.")
        return constant

    def _date_call(self) -> Constant:
        moment = self._peek() == "and"
        if moment:
            self._next()
            self._expect("time")
        self._expect("(")
        group, text = self._next()
        self._expect(")")
        if group != "string":
            raise CellError('Tulis tanggal sebagai date("2026-01-31").')
        constant = _dated(_unquoted(text))
        if (constant.kind == "moment") is not moment:
            raise CellError('Tulis date("2026-01-31") atau date and time("2026-01-31T08:00:00+08:00").')
        return constant

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise CellError("Isi sel belum lengkap.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise CellError(f"Kurang '{sign}'.")
        self._next()


def _advice(rest: str) -> str:
    if rest.startswith("'"):
        return 'Pakai tanda kutip ganda: "…".'
    if rest.startswith('"'):
        return "Tanda kutip belum ditutup."
    if rest.startswith(("=", "!")):
        return 'Tulis nilainya saja, atau not("…") untuk selain itu.'
    return f"'{rest[:60]}' tidak termasuk bentuk sel yang dikenal."


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text[1:-1])


def _number(text: str) -> int | float:
    if len(text) > 20 or abs(float(text)) > MAX_INTEGER:
        raise CellError("Angka terlalu besar.")
    return float(text) if "." in text else int(text)


def _dated(text: str) -> Constant:
    if len(text) == 10 and day_of(text) is not None:
        return Constant("date", text)
    if moment_of(text) is not None:
        return Constant("moment", text)
    raise CellError(f"'{text[:40]}' bukan tanggal (2026-01-31) atau waktu dengan selisih (…T08:00:00+08:00).")
