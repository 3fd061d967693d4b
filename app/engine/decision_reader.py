"""Reads one DMN 1.3 file into a decision table, naming everything that is not in the contract's subset.

One decision with one decision table; input expressions in the contract's language, cells in S-FEEL.
Descriptions, annotations and drawings are read over. Rule: section "Decisions" of the SOP file contract.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Protocol, TypeVar, cast, get_args

from lxml import etree

from app.engine.decision_cells import NAMESPACES, CellReader, children, is_dated, text_of
from app.engine.decision_table import (
    Aggregation,
    DecisionTable,
    Input,
    Output,
    Policy,
    Rule,
)
from app.engine.declaration import Finding
from app.engine.expressions import FUNCTIONS, ExpressionError, parse
from app.engine.limits import is_reserved
from app.engine.markup import UnreadableMarkup, local, namespace, parse_markup
from app.engine.matching import Anything, Constant
from app.engine.sfeel import CellError, read_test, read_values

MAX_RULES = 1_000
MAX_COLUMNS = 50

_QUIET = frozenset({
    "description", "question", "allowedAnswers", "variable", "authorityRequirement", "extensionElements",
    "decisionTable", "usingProcess", "usingTask", "supportedObjective", "decisionMaker", "decisionOwner",
})
_OTHER_TOP = frozenset({"businessKnowledgeModel", "decisionService", "import"})
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_T = TypeVar("_T")


class DmnFile(Protocol):
    """A file as the compiler gets it."""

    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...


def read_dmn(source: DmnFile) -> tuple[DecisionTable | None, tuple[Finding, ...]]:
    """The table, None when there are errors, and everything found. Never raises."""
    findings: list[Finding] = []
    try:
        root = parse_markup(source.name, source.content)
    except UnreadableMarkup as error:
        return None, (error.finding,)
    table = _Reader(source.name, root, findings).read()
    failed = any(finding.severity == "error" for finding in findings)
    return (None if failed else table), tuple(findings)


class _Reader:
    def __init__(self, file: str, root: etree._Element, findings: list[Finding]) -> None:
        self._file = file
        self._root = root
        self._cells = CellReader(file, findings)

    def read(self) -> DecisionTable | None:
        if namespace(self._root) not in NAMESPACES or local(self._root) != "definitions":
            self._error(None, "bukan-dmn", "Berkas ini bukan tabel keputusan DMN 1.3.",
                        "Simpan sebagai DMN 1.3 (.dmn).")
            return None
        for part in self._root:
            if local(part) in _OTHER_TOP:
                self._error(part.get("id"), "dmn-unsur", f"Unsur '{local(part)}' tidak didukung.",
                            "Satu berkas berisi satu tabel keputusan saja.")
        decisions = children(self._root, "decision")
        if len(decisions) != 1:
            self._error(None, "dmn-satu-tabel",
                        f"Berkas harus berisi tepat satu keputusan; ditemukan {len(decisions)}.",
                        "Simpan setiap tabel keputusan dalam berkas sendiri.")
            return None
        self._unique_ids()
        return self._decision(decisions[0])

    def _decision(self, decision: etree._Element) -> DecisionTable | None:
        key = decision.get("id", "")
        if not _WORD.fullmatch(key):
            self._error(key or None, "dmn-id", "Id keputusan harus satu kata, misalnya rute_opd.",
                        "Ganti id keputusan dengan huruf, angka dan garis bawah.")
        for part in decision:
            self._decision_part(key, part)
        tables = children(decision, "decisionTable")
        if len(tables) != 1:
            self._error(key, "dmn-satu-tabel", "Keputusan harus berupa satu tabel keputusan.",
                        "Ganti isi keputusan dengan tabel keputusan (decision table).")
            return None
        return self._table(key, decision, tables[0])

    def _decision_part(self, key: str, part: etree._Element) -> None:
        tag = local(part)
        if namespace(part) not in NAMESPACES or tag in _QUIET:
            return
        if tag == "informationRequirement" and not children(part, "requiredDecision"):
            return
        self._error(key, "dmn-unsur", f"Unsur '{tag}' dalam keputusan tidak didukung.",
                    "Pakai satu tabel keputusan yang berdiri sendiri.")

    def _table(self, key: str, decision: etree._Element, table: etree._Element) -> DecisionTable | None:
        policy, aggregation = self._policy(key, table)
        inputs = [self._input(n, e) for n, e in enumerate(children(table, "input"), start=1)]
        outputs = self._outputs(decision, table)
        rows = children(table, "rule")
        if not inputs or not outputs or not rows:
            self._error(key, "dmn-kosong", "Tabel memerlukan kolom masukan, kolom keluaran dan baris.",
                        "Lengkapi tabel keputusan.")
            return None
        if len(rows) > MAX_RULES or len(inputs) + len(outputs) > MAX_COLUMNS:
            self._error(key, "dmn-terlalu-besar",
                        f"Tabel terlalu besar: paling banyak {MAX_RULES} baris dan {MAX_COLUMNS} kolom.",
                        "Bagi menjadi beberapa tabel.")
            return None
        rules = [self._rule(number, row, inputs, outputs) for number, row in enumerate(rows, start=1)]
        self._whole(key, policy, aggregation, outputs, rules)
        if policy is None or None in inputs or None in rules:
            return None
        return DecisionTable(
            key=key, name=decision.get("name", "") or key, file=self._file, policy=policy,
            aggregation=aggregation, inputs=_present(inputs), outputs=tuple(outputs), rules=_present(rules),
        )

    def _policy(self, key: str, table: etree._Element) -> tuple[Policy | None, Aggregation | None]:
        policy = table.get("hitPolicy", "UNIQUE")
        aggregation = table.get("aggregation")
        if policy not in get_args(Policy):
            self._error(key, "dmn-kebijakan", f"Hit policy '{policy[:40]}' tidak didukung.",
                        f"Pilih salah satu: {', '.join(get_args(Policy))}.")
            return None, None
        if aggregation is not None and (policy != "COLLECT" or aggregation not in get_args(Aggregation)):
            self._error(key, "dmn-kebijakan", f"Aggregation '{aggregation[:40]}' tidak ada untuk {policy}.",
                        "Pakai COLLECT dengan SUM, MIN, MAX atau COUNT.")
            return None, None
        return cast(Policy, policy), cast("Aggregation | None", aggregation)

    def _input(self, number: int, element: etree._Element) -> Input | None:
        label = element.get("label") or f"kolom masukan {number}"
        inner = next(iter(children(element, "inputExpression")), None)
        text = text_of(inner)
        where = element.get("id")
        if inner is None or not text:
            self._error(where, "dmn-masukan", f"Masukan '{label}' belum mempunyai ungkapan.",
                        "Tulis nama data yang diperiksa, misalnya kategori.")
            return None
        self._cells.language(inner, where)
        kind = self._cells.kind(inner.get("typeRef"), where)
        allowed = next(iter(children(element, "inputValues")), None)
        try:
            expression = parse(text)
            domain = None if allowed is None else read_test(text_of(allowed), dates=is_dated(kind))
        except (ExpressionError, CellError) as error:
            self._error(where, "dmn-masukan", f"Masukan '{label}': {error}", "Perbaiki ungkapan masukan.")
            return None
        known = element.get("label") or text
        return Input(where or "", known, expression, kind, None if isinstance(domain, Anything) else domain)

    def _outputs(self, decision: etree._Element, table: etree._Element) -> list[Output]:
        elements = children(table, "output")
        outputs = []
        for element in elements:
            name = element.get("name") or ""
            if not name and len(elements) == 1:
                variable = next(iter(children(decision, "variable")), None)
                name = (variable.get("name") if variable is not None else None) or decision.get("id", "")
            outputs.append(self._output(name, element))
        for name, count in Counter(output.name for output in outputs).items():
            if count > 1:
                self._error(None, "dmn-nama-ganda", f"Nama keluaran '{name}' dipakai {count} kali.",
                            "Beri setiap kolom keluaran nama sendiri.")
        return outputs

    def _output(self, name: str, element: etree._Element) -> Output:
        where = element.get("id")
        if not _WORD.fullmatch(name) or is_reserved(name) or name in FUNCTIONS:
            self._error(where, "dmn-nama", f"Nama keluaran '{name[:60]}' tidak dapat dipakai.",
                        "Pakai satu kata dari huruf, angka dan garis bawah, yang bukan nama fungsi.")
        kind = self._cells.kind(element.get("typeRef"), where)
        label = element.get("label") or name
        values: tuple[Constant, ...] = ()
        listed = text_of(next(iter(children(element, "outputValues")), None))
        try:
            values = read_values(listed, dates=is_dated(kind)) if listed else ()
        except CellError as error:
            self._error(where, "dmn-sel", f"Daftar nilai keluaran '{label}': {error}", "Perbaiki daftarnya.")
        output = Output(where or "", name, label, kind, values)
        default = next(iter(children(element, "defaultOutputEntry")), None)
        if default is None:
            return output
        cell = self._cells.output_cell("Nilai bawaan", default, output)
        return Output(where or "", name, label, kind, values, cell)

    def _rule(
        self, number: int, row: etree._Element, inputs: list[Input | None], outputs: list[Output]
    ) -> Rule | None:
        tests, results = children(row, "inputEntry"), children(row, "outputEntry")
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self._error(row.get("id"), "dmn-baris", f"Jumlah sel pada baris {number} tidak sesuai kolomnya.",
                        "Isi atau hapus sel sehingga setiap kolom mempunyai satu sel.")
            return None
        cells = [self._cells.input_cell(number, *pair) for pair in zip(tests, inputs, strict=True)]
        place = f"Baris {number}"
        ends = [self._cells.output_cell(place, *pair) for pair in zip(results, outputs, strict=True)]
        if None in cells or None in ends:
            return None
        notes = [text_of(part) for part in (*children(row, "description"), *children(row, "annotationEntry"))]
        note = "; ".join(text for text in notes if text)
        return Rule(number, row.get("id"), _present(cells), _present(ends), note)

    def _whole(self, key: str, policy: str | None, aggregation: str | None, outputs: list[Output],
               rules: list[Rule | None]) -> None:
        """Rules that concern the table as a whole."""
        defaults = [output.name for output in outputs if output.default is not None]
        if defaults and len(defaults) < len(outputs):
            self._error(key, "dmn-bawaan", "Hanya sebagian keluaran mempunyai nilai bawaan.",
                        "Beri semua keluaran nilai bawaan, atau tidak satu pun.")
        if policy == "PRIORITY" and not outputs[0].values:
            self._error(key, "dmn-prioritas", "PRIORITY memerlukan daftar nilai keluaran pertama.",
                        "Tulis nilai keluaran berurutan dari yang terpenting.")
        if aggregation is None or aggregation == "COUNT":
            return
        if len(outputs) > 1:
            self._error(key, "dmn-kebijakan", f"COLLECT {aggregation} memerlukan satu kolom keluaran.",
                        "Hapus kolom keluaran lainnya.")
        for rule in rules:
            content = rule.outputs[0].content if rule is not None else None
            if isinstance(content, Constant) and content.kind != "number":
                self._error(rule.id if rule else None, "dmn-jenis",
                            f"Baris {rule.number if rule else 0}: COLLECT {aggregation} memerlukan angka.",
                            "Isi keluaran dengan angka.")

    def _unique_ids(self) -> None:
        ids = Counter(e.get("id") for e in self._root.iter() if namespace(e) in NAMESPACES and e.get("id"))
        for name, count in ids.items():
            if count > 1:
                self._error(name, "id-ganda", f"Id '{name}' dipakai {count} kali.",
                            "Beri setiap unsur id sendiri.")

    def _error(self, element: str | None, rule: str, message: str, repair: str) -> None:
        self._cells.error(element, rule, message, repair)


def _present(items: list[_T | None]) -> tuple[_T, ...]:
    return tuple(item for item in items if item is not None)
