"""Cells of a decision table, read against the kind of their column; faults are said as findings."""

from __future__ import annotations

import re

from lxml import etree

from app.engine.decision_table import ColumnKind, Input, InputCell, Output, OutputCell
from app.engine.declaration import Finding
from app.engine.expressions import ExpressionError, parse
from app.engine.markup import local, namespace
from app.engine.matching import KIND_WORDS, Constant, Test, as_kind, constants_of
from app.engine.sfeel import CellError, read_constant, read_test

NAMESPACES = frozenset({
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
})
"""DMN 1.3 and its neighbours 1.1 to 1.5, whose decision tables are written alike."""

_KINDS: dict[str, ColumnKind] = {
    "string": "text", "number": "number", "double": "number", "decimal": "number", "float": "number",
    "integer": "integer", "int": "integer", "long": "integer", "boolean": "boolean", "date": "date",
    "datetime": "moment", "date and time": "moment", "dateandtime": "moment",
}
_UNTYPED = frozenset({"", "any"})
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class CellReader:
    """Reads cells of one file and collects findings on the way."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings

    def input_cell(self, number: int, element: etree._Element, column: Input | None) -> InputCell | None:
        text = text_of(element)
        label = column.label if column is not None else "?"
        self.language(element, element.get("id"))
        try:
            test: Test = read_test(text, dates=is_dated(column.kind if column is not None else None))
        except CellError as error:
            self.error(element.get("id"), "dmn-sel", f"Baris {number}, '{label}': {error}",
                        'Tulis misalnya -, "a", "a","b", not("a"), < 5, [1..10) atau true.')
            return None
        kind = column.kind if column is not None else None
        for constant in constants_of(test):
            if not _may_stand(kind, constant):
                self.error(element.get("id"), "dmn-jenis",
                            f"Baris {number}, '{label}': kolom ini berisi {KIND_WORDS[kind or 'text']}, "
                            f"bukan {KIND_WORDS[constant.kind]}.", "Samakan jenis kolom dan isi selnya.")
                return None
        return InputCell(text, test)

    def output_cell(self, row: str, element: etree._Element, column: Output) -> OutputCell | None:
        text = text_of(element)
        where = element.get("id")
        self.language(element, where)
        if not text:
            self.warning(where, "dmn-keluaran-kosong", f"{row}, '{column.label}': keluaran kosong.",
                          "Isi nilainya, atau tulis null bila memang kosong.")
            return OutputCell(text, Constant("null", None))
        constant = read_constant(text, dates=is_dated(column.kind))
        if constant is None:
            return self._output_expression(row, text, where, column)
        if not _may_stand(column.kind, constant):
            self.error(where, "dmn-jenis", f"{row}, '{column.label}': keluaran ini berisi "
                        f"{KIND_WORDS[column.kind or 'text']}, bukan {KIND_WORDS[constant.kind]}.",
                        "Samakan jenis kolom dan isi selnya.")
            return None
        if column.values and constant not in column.values and constant.kind != "null":
            self.error(where, "dmn-nilai", f"{row}, '{column.label}': {text[:60]} tidak ada di daftar.",
                        "Pilih nilai dari daftar, atau tambahkan ke daftar.")
            return None
        return OutputCell(text, constant)

    def _output_expression(self, row: str, text: str, where: str | None, column: Output) -> OutputCell | None:
        try:
            expression = parse(text)
        except ExpressionError as error:
            self.error(where, "dmn-sel", f"{row}, '{column.label}': {error.msg}",
                        'Tulis nilai seperti "DPU", 5 atau true.')
            return None
        if _WORD.fullmatch(text):
            self.warning(where, "dmn-tanpa-kutip", f"{row}, '{column.label}': {text} dibaca sebagai nama.",
                          f'Bila maksudnya teks, tulis "{text}".')
        return OutputCell(text, expression)

    def kind(self, written: str | None, where: str | None) -> ColumnKind | None:
        name = (written or "").rpartition(":")[2].strip().lower()
        kind = _KINDS.get(name)
        if kind is None and name not in _UNTYPED:
            self.warning(where, "dmn-jenis", f"Jenis '{name[:40]}' tidak dikenal dan tidak diperiksa.",
                          "Pakai string, number, integer, boolean, date atau dateTime.")
        return kind

    def language(self, element: etree._Element, where: str | None) -> None:
        language = (element.get("expressionLanguage") or "").lower()
        if language and "feel" not in language and "tuntas" not in language:
            self.error(where, "dmn-bahasa", f"Bahasa '{language[:60]}' tidak didukung.",
                        "Kosongkan expressionLanguage.")

    def error(self, element: str | None, rule: str, message: str, repair: str) -> None:
        self._findings.append(Finding(self._file, element, rule, "error", message, repair))

    def warning(self, element: str | None, rule: str, message: str, repair: str) -> None:
        self._findings.append(Finding(self._file, element, rule, "warning", message, repair))


def is_dated(kind: ColumnKind | None) -> bool:
    return kind in ("date", "moment")


def _may_stand(kind: ColumnKind | None, constant: Constant) -> bool:
    """Whether a constant fits a column's declared kind; a day may stand among moments."""
    if kind is None or constant.kind == "null":
        return True
    if kind == "moment" and constant.kind == "date":
        return True
    if constant.kind == "number" and kind in ("number", "integer"):
        return as_kind(kind, constant.value) is not None
    return constant.kind == kind


def children(element: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in element if namespace(child) in NAMESPACES and local(child) == tag]


def text_of(element: etree._Element | None) -> str:
    """Text of a cell: its `text` child, as DMN writes it, or its own where a tool left that out."""
    if element is None:
        return ""
    inner = next(iter(children(element, "text")), element)
    return "".join(inner.itertext()).strip()
