"""What can be proven about a table before it runs: rows that overlap, cases that no row covers.

Every column is cut into pieces inside which no cell can tell two values apart; each piece has one sample.
Whether a row covers a piece is asked of the same test that runs later, so the check cannot disagree with the
evaluator. Pieces that may never occur (another text than those listed, a number beyond all limits) give
warnings, the others errors. Rule: publish checks 1 ("gaps, overlaps under UNIQUE/ANY").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from app.engine.decision_table import DecisionTable, Input, Rule
from app.engine.declaration import Finding
from app.engine.matching import Anything, Constant, KindMismatch, OneOf, Ordered, Test, constants_of
from app.engine.step import Json

MAX_CHECKED_RULES = 300
MAX_STEPS = 20_000
MAX_SHOWN = 5

Severity = Literal["error", "warning"]
_ELSE = "\uffff lainnya"
"""Stands for any text that no cell names."""


@dataclass(frozen=True, slots=True)
class _Piece:
    sample: Json
    words: str
    certain: bool
    """Whether such a value can surely occur."""


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    pieces: tuple[_Piece, ...]
    covers: tuple[int, ...]
    """For each rule, one bit for each piece it covers."""


def check_table(table: DecisionTable) -> tuple[Finding, ...]:
    """Findings on overlaps (UNIQUE, ANY) and gaps (tables without default)."""
    if len(table.rules) > MAX_CHECKED_RULES:
        return (_finding(table, None, "dmn-tidak-diperiksa", "warning",
                         f"Tumpang tindih di antara lebih dari {MAX_CHECKED_RULES} baris tidak diperiksa.",
                         "Bagi menjadi beberapa tabel."),)
    columns = [_column(table, index) for index in range(len(table.inputs))]
    known = [column for column in columns if column is not None]
    unknown = [index for index, column in enumerate(columns) if column is None]
    doubts = [
        _finding(table, table.inputs[index].id, "dmn-tidak-diperiksa", "warning",
                 f"Tumpang tindih dan celah di kolom '{table.inputs[index].label}' tidak diperiksa.",
                 "Pakai satu jenis nilai dalam satu kolom, dan jangan membandingkan teks dengan < atau >.")
        for index in unknown
    ]
    gaps = [] if unknown else _gaps(table, known)
    return (*doubts, *_overlaps(table, known, unknown), *gaps)


def _overlaps(table: DecisionTable, columns: list[_Column], unknown: list[int]) -> Iterator[Finding]:
    if table.policy not in ("UNIQUE", "ANY"):
        return
    shown = 0
    for first, one in enumerate(table.rules):
        for second in range(first + 1, len(table.rules)):
            other = table.rules[second]
            common = [column.covers[first] & column.covers[second] for column in columns]
            if not all(common) or not all(_surely_meet(one, other, index) for index in unknown):
                continue
            severity = _overlap_severity(table, one, other)
            if severity is None:
                continue
            shown += 1
            if shown > MAX_SHOWN:
                return
            case = _case(columns, [_lowest(bits) for bits in common])
            yield _finding(table, other.id, "dmn-tumpang-tindih", severity,
                           f"Baris {one.number} dan {other.number} sama-sama cocok untuk {case}.",
                           "Persempit salah satu baris, atau pakai hit policy FIRST.")


def _surely_meet(one: Rule, other: Rule, index: int) -> bool:
    """Whether two cells of a column that cannot be cut into pieces have a value in common all the same."""
    tests = (one.tests[index].test, other.tests[index].test)
    return tests[0] == tests[1] or any(isinstance(test, Anything) for test in tests)


def _overlap_severity(table: DecisionTable, one: Rule, other: Rule) -> Severity | None:
    """How bad it is that both rows hit; None when ANY gets the same outputs from both."""
    if table.policy == "ANY":
        contents = [(a.content, b.content) for a, b in zip(one.outputs, other.outputs, strict=True)]
        if all(a == b for a, b in contents):
            return None
        fixed = any(isinstance(a, Constant) and isinstance(b, Constant) and a != b for a, b in contents)
        return "error" if fixed else "warning"
    return "error"


def _gaps(table: DecisionTable, columns: list[_Column]) -> Iterator[Finding]:
    """Cases without a row. First those that surely occur; only without such ones the doubtful."""
    if any(output.default is not None for output in table.outputs):
        return
    for certain in (True, False):
        search = _GapSearch(columns, len(table.rules), certain)
        gaps = search.find()
        if search.exhausted:
            yield _finding(table, None, "dmn-tidak-diperiksa", "warning",
                           "Tabel terlalu besar untuk memeriksa kasus tanpa baris.", "Beri nilai bawaan.")
            return
        strict = certain and table.policy in ("UNIQUE", "ANY")
        for case in gaps:
            yield _finding(table, None, "dmn-celah", "error" if strict else "warning",
                           f"Tidak ada baris untuk {_case(columns, case)}, dan tidak ada nilai bawaan.",
                           "Tambah baris, atau beri setiap keluaran nilai bawaan.")
        if gaps:
            return


class _GapSearch:
    """Looks for combinations of pieces that no rule covers, column by column, remembering dead ends."""

    def __init__(self, columns: list[_Column], rules: int, certain: bool) -> None:
        self._columns = columns
        self._all = (1 << rules) - 1
        self._certain = certain
        self._covered: set[tuple[int, int]] = set()
        self._steps = 0
        self.exhausted = False
        self._rules_of = [
            [_bits([bits >> place & 1 for bits in column.covers]) for place, _ in enumerate(column.pieces)]
            for column in columns
        ]

    def find(self) -> list[list[int | None]]:
        gaps: list[list[int | None]] = []
        for gap in self._search(0, self._all, []):
            gaps.append(gap)
            if len(gaps) == MAX_SHOWN:
                break
        return gaps

    def _search(self, index: int, rules: int, chosen: list[int | None]) -> Iterator[list[int | None]]:
        if not rules:
            yield chosen + [None] * (len(self._columns) - index)
            return
        if index == len(self._columns) or (index, rules) in self._covered or self.exhausted:
            return
        any_gap = False
        for piece, kept in enumerate(self._rules_of[index]):
            if self._certain and not self._columns[index].pieces[piece].certain:
                continue
            self._steps += 1
            if self._steps > MAX_STEPS:
                self.exhausted = True
                return
            for gap in self._search(index + 1, rules & kept, [*chosen, piece]):
                any_gap = True
                yield gap
        if not any_gap:
            self._covered.add((index, rules))


def _column(table: DecisionTable, index: int) -> _Column | None:
    """The pieces of one column; None where they cannot be told (texts put in order, mixed kinds)."""
    column = table.inputs[index]
    tests = [rule.tests[index].test for rule in table.rules]
    pieces = _pieces(column, tests)
    if pieces is None:
        return None
    try:
        if column.allowed is not None:
            allowed = column.allowed
            kept = [piece for piece in pieces if allowed.matches(piece.sample)]
            pieces = [_Piece(piece.sample, piece.words, certain=True) for piece in kept]
        covers = tuple(_bits([test.matches(piece.sample) for piece in pieces]) for test in tests)
    except KindMismatch:
        return None
    return _Column(column.expression.text.strip(), tuple(pieces), covers)


def _pieces(column: Input, tests: list[Test]) -> list[_Piece] | None:
    domain = [column.allowed] if column.allowed is not None else []
    constants = [c for test in [*tests, *domain] for c in constants_of(test)]
    kinds = {constant.kind for constant in constants} - {"null"}
    speaks_of_null = any(constant.kind == "null" for constant in constants)
    empty = [_Piece(None, "kosong", certain=False)] if speaks_of_null else []
    if column.kind == "boolean" or kinds == {"boolean"}:
        return [_Piece(True, "true", certain=True), _Piece(False, "false", certain=True), *empty]
    if kinds <= {"text"} and not any(_puts_in_order(test) for test in tests):
        texts = dict.fromkeys(str(c.value) for c in constants if c.kind == "text")
        named = [_Piece(text, f"'{text[:60]}'", certain=True) for text in texts]
        return [*named, _Piece(_ELSE, "nilai lain", certain=False), *empty]
    if kinds == {"number"}:
        return [*_numbers(sorted({c.comparable for c in constants if c.kind == "number"}),
                          whole=column.kind == "integer"), *empty]
    if kinds == {"date"} and column.kind != "moment":
        return [*_days(sorted({c.comparable for c in constants if c.kind == "date"})), *empty]
    if kinds == {"moment"}:
        return [*_moments(sorted({c.comparable for c in constants if c.kind == "moment"})), *empty]
    return None


def _numbers(edges: list[float], *, whole: bool) -> list[_Piece]:
    pieces = [_Piece(edges[0] - 1, f"kurang dari {edges[0]}", certain=False)]
    for place, edge in enumerate(edges):
        pieces.append(_Piece(edge, str(edge), certain=True))
        if place + 1 == len(edges):
            break
        after = edges[place + 1]
        steps = float(edge).is_integer() and float(after).is_integer()
        if after - edge > 1 or not steps:
            sample = edge + 1 if steps and after - edge > 1 else (edge + after) / 2
            pieces.append(_Piece(sample, f"di antara {edge} dan {after}", certain=True))
        elif not whole:
            pieces.append(_Piece((edge + after) / 2, f"di antara {edge} dan {after}", certain=False))
    return [*pieces, _Piece(edges[-1] + 1, f"lebih dari {edges[-1]}", certain=False)]


def _days(edges: list[date]) -> list[_Piece]:
    day = timedelta(days=1)
    pieces = []
    if edges[0] > date.min:
        pieces.append(_Piece((edges[0] - day).isoformat(), f"sebelum {edges[0]}", certain=False))
    for place, edge in enumerate(edges):
        pieces.append(_Piece(edge.isoformat(), edge.isoformat(), certain=True))
        if place + 1 < len(edges) and edges[place + 1] - edge > day:
            words = f"di antara {edge} dan {edges[place + 1]}"
            pieces.append(_Piece((edge + day).isoformat(), words, certain=True))
    if edges[-1] < date.max:
        pieces.append(_Piece((edges[-1] + day).isoformat(), f"sesudah {edges[-1]}", certain=False))
    return pieces


def _moments(edges: list[datetime]) -> list[_Piece]:
    pieces = _beyond(edges[0], timedelta(seconds=-1), "sebelum")
    for edge, after in zip(edges, [*edges[1:], None], strict=True):
        pieces.append(_Piece(edge.isoformat(), edge.isoformat(), certain=True))
        if after is not None:
            between = edge + (after - edge) / 2
            pieces.append(_Piece(between.isoformat(), f"di antara {edge} dan {after}", certain=True))
    return [*pieces, *_beyond(edges[-1], timedelta(seconds=1), "sesudah")]


def _beyond(edge: datetime, step: timedelta, word: str) -> list[_Piece]:
    """A sample outside all edges, unless time itself ends there."""
    try:
        return [_Piece((edge + step).isoformat(), f"{word} {edge}", certain=False)]
    except OverflowError:
        return []


def _puts_in_order(test: Test) -> bool:
    parts = () if isinstance(test, Anything) else test.tests
    return isinstance(test, OneOf) and any(
        isinstance(part, Ordered) or hasattr(part, "low") for part in parts
    )


def _bits(flags: Sequence[int]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _case(columns: list[_Column], chosen: list[int | None] | list[int]) -> str:
    parts = [
        f"{column.label} = {column.pieces[piece].words}"
        for column, piece in zip(columns, chosen, strict=True) if piece is not None
    ]
    return ", ".join(parts) or "semua data"


def _finding(table: DecisionTable, element: str | None, rule: str, severity: Severity, message: str,
             repair: str) -> Finding:
    return Finding(table.file, element or table.key, rule, severity, message, repair)
