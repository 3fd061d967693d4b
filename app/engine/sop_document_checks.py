"""What the printed SOP needs beyond what runs: verbs, labelled decisions, kelengkapan and keluaran.

Warnings only: a process without them runs, its document reads badly. Source: PermenPANRB 35/2012 (SOP AP),
as in `docs/pemeriksaan-sop.md`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from app.engine.declaration import Finding, Option
from app.engine.diagram import Flow, Node, Process
from app.engine.expressions import ExpressionError, parse
from app.engine.found import Fix, attribute, called, fix, inside, warning
from app.engine.verbs import active_form, is_active

_ROWS = frozenset({"userTask", "serviceTask", "scriptTask", "businessRuleTask", "receiveTask"})
"""Elements that are a row of the flowchart table: something that is done."""
_CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway"})


def document_doubts(process: Process) -> Iterator[Finding]:
    """Warnings on what the printed document would lack."""
    if not process.has_document:
        yield warning(process, process.key, "tanpa-identitas",
                      "SOP belum punya bagian identitas (nomor, tanggal, dasar hukum, dan seterusnya).",
                      "Isi identitas dokumen pada panel SOP.")
    for node in process.nodes.values():
        if node.kind in _ROWS:
            yield from _verb(process, node)
        if node.kind == "userTask":
            yield from _standard(process, node)
        if node.kind in _CHOICES:
            yield from _labels(process, node)


def _verb(process: Process, node: Node) -> Iterator[Finding]:
    if is_active(node.name):
        return
    better = active_form(node.name)
    yield warning(process, node.id, "tanpa-kata-kerja",
                  f"{called(node)}: nama kegiatan tidak diawali kata kerja aktif.",
                  "Awali dengan kata kerja, misalnya Memeriksa, Menyusun, atau Mengirim.",
                  fix(f"Ubah menjadi '{better}'", attribute(node.id, "name", better)) if better else None)


def _standard(process: Process, node: Node) -> Iterator[Finding]:
    standard = node.declared.standard
    wanting = [word for word, text in (("kelengkapan", standard.inputs if standard else ""),
                                       ("keluaran", standard.output if standard else "")) if not text.strip()]
    if wanting:
        yield warning(process, node.id, "mutu-baku-kurang",
                      f"{called(node)} belum menyebut {' dan '.join(wanting)}.",
                      f"Isi {' dan '.join(wanting)} agar mutu baku pada dokumen SOP lengkap.")


def _labels(process: Process, node: Node) -> Iterator[Finding]:
    ways = process.outgoing(node.id)
    nameless = [flow for flow in ways if not flow.name.strip()]
    if len(ways) < 2 or not nameless:
        return
    yield warning(process, node.id, "keputusan-tanpa-label",
                  f"{len(nameless)} dari {len(ways)} panah keluar dari {inside(node)} tidak berlabel.",
                  "Beri nama setiap panah, misalnya Ya dan Tidak.", _named(process, node, nameless))


def _named(process: Process, node: Node, flows: list[Flow]) -> Fix | None:
    """Names taken from the conditions; None when one of them tells none."""
    options = {(field.id, option.value): option for task in process.nodes.values()
               for field in task.declared.fields for option in field.options}
    names = [(flow, "Lainnya" if flow.id == node.default else _label(flow.condition, options))
             for flow in flows]
    if not all(name for _flow, name in names):
        return None
    said = ", ".join(str(name) for _flow, name in names)
    return fix(f"Beri label: {said}", *(attribute(flow.id, "name", name) for flow, name in names))


def _label(condition: str | None, options: dict[tuple[str, str], Option]) -> str | None:
    try:
        tree = parse(condition or "").tree
    except ExpressionError:
        return None
    match tree:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=value)]):
            if isinstance(value, bool):
                return "Ya" if value else "Tidak"
            option = options.get((name, str(value)))
            return option.label if option is not None else re.sub(r"_+", " ", str(value)).strip().capitalize()
        case ast.Name():
            return "Ya"
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name()):
            return "Tidak"
    return None
