"""What may not run, by name: the texts of a process: conditions, timers, scripts, forms, services.

Rules: the SOP file contract, "Timers", "Expressions", "Service task", "User task".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime

from app.engine.answer_types import declaration_faults
from app.engine.answers import is_usable
from app.engine.declaration import Field, Finding
from app.engine.diagram import Event, Node, Process
from app.engine.expressions import Expression, ExpressionError, parse, parse_script
from app.engine.found import Fix, attribute, extension, fix, timer, warning
from app.engine.found import error as _error
from app.engine.timers import TimerError, arm, is_cycle

OPERATIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "beritahu": (frozenset({"kepada", "pesan"}), frozenset({"teks"})),
    "status": (frozenset({"nilai"}), frozenset()),
    "tetapkan_opd": (frozenset({"opd"}), frozenset()),
    "catat": (frozenset({"teks"}), frozenset()),
    "perpanjang": (frozenset({"tugas", "sampai"}), frozenset()),
    "mulai_sop": (frozenset({"kunci"}), frozenset({"data"})),
    "samarkan": (frozenset(), frozenset({"bagian", "seluruhnya", "pesan"})),
    "tetapkan_sop": (frozenset({"dasar"}), frozenset({"mulai"})),
    "kembalikan_sop": (frozenset({"catatan"}), frozenset()),
}
"""Operation -> (parameters it needs, parameters it may have)."""
_UNQUOTED = re.compile(r"\s*(?:P(?=[\dT])[\dYMWDTHS.,]+|R\d*/.*)\s*", re.IGNORECASE | re.DOTALL)
_SAMPLE = datetime.fromisoformat("2026-01-05T08:00:00+00:00")


def text_refusals(process: Process) -> Iterator[Finding]:
    """Errors (and some warnings) in every text of a process that is evaluated."""
    if process.total is not None:
        yield from _expression(process, process.key, "tenggat total", process.total)
    for flow in process.flows:
        if flow.condition is not None:
            yield from _expression(process, flow.id, "syarat", flow.condition)
    for node in process.nodes.values():
        yield from _node(process, node)


def _node(process: Process, node: Node) -> Iterator[Finding]:
    for event in node.events:
        if event.kind == "timer":
            yield from _timer(process, node, event)
    deadline = node.declared.task.get("deadline", "")
    if deadline.strip():
        yield from _expression(process, node.id, "tenggat", deadline, timer=True)
    if node.loop is not None:
        for what, text in (("banyaknya pengulangan", node.loop.cardinality),
                           ("syarat berhenti", node.loop.condition)):
            if text is not None:
                yield from _expression(process, node.id, what, text)
        for name in (node.loop.data_input, node.loop.input_item, node.loop.data_output,
                     node.loop.output_item):
            if name is not None and not is_usable(name):
                yield _error(process, node.id, "nama-terlarang", f"Nama '{name}' tidak boleh dipakai.",
                             "Pakai huruf kecil, angka, dan garis bawah.")
    match node.kind:
        case "scriptTask":
            yield from _script(process, node)
        case "serviceTask":
            yield from _service(process, node)
        case "userTask":
            yield from _form(process, node)
            yield from _task(process, node)
        case _:
            pass


def _expression(process: Process, element: str, what: str, text: str, *, timer: bool = False,
                share: bool = False) -> Iterator[Finding]:
    try:
        expression = parse(text)
    except ExpressionError as error:
        yield _error(process, element, "ungkapan", f"{what.capitalize()}: {error.msg}",
                     "Perbaiki ungkapannya.")
        return
    if "tenggat" in expression.functions and not share:
        yield _error(process, element, "tenggat-tanpa-induk",
                     f"{what.capitalize()} memakai tenggat(p), yang hanya ada pada pengatur waktu batas.",
                     "Pakai hari_kerja(n) atau jam_kerja(n).")
    value = _constant(expression)
    if timer and value is not None:
        yield from _moment(process, element, what, value)


def _timer(process: Process, node: Node, event: Event) -> Iterator[Finding]:
    text = event.text
    if not text:
        yield _error(process, node.id, "waktu-kosong", f"Pengatur waktu '{node.name}' tidak berisi waktu.",
                     "Isi misalnya hari_kerja(3) atau 'PT4H'.",
                     fix("Isi 3 hari kerja", timer(node.id, "timeDate", "hari_kerja(3)")))
        return
    if _UNQUOTED.fullmatch(text):
        quoted = f"'{text.strip()}'"
        yield _error(process, node.id, "durasi-tanpa-kutip", f"Waktu {text} harus ditulis dalam tanda kutip.",
                     f"Tulis {quoted}.",
                     fix("Beri tanda kutip", timer(node.id, event.place or "timeDuration", quoted)))
        return
    host = process.nodes.get(node.attached_to or "")
    yield from _expression(process, node.id, "pengatur waktu", text, timer=True, share=host is not None)
    try:
        expression = parse(text)
    except ExpressionError:
        return
    if host is not None and "tenggat" in expression.functions and (
            host.kind == "receiveTask" or not host.declared.task.get("deadline", "").strip()):
        yield _error(process, node.id, "tenggat-tanpa-tenggat",
                     f"tenggat(p) dipakai pada '{host.name}', yang tidak punya tenggat.",
                     "Beri batas waktu pada unsur tempatnya menempel.", _timed(host))
    repeating = node.kind == "boundaryEvent" and not node.interrupting
    if (event.place == "timeCycle" or is_cycle(_constant(expression))) and not repeating:
        yield _error(process, node.id, "putaran-di-tempat-lain",
                     f"Putaran pada '{node.name}' hanya boleh di peristiwa batas yang tidak menyela.",
                     "Pakai lama waktu biasa, atau jadikan tidak menyela.", _repeating(node))


def _timed(host: Node) -> Fix | None:
    if host.kind == "receiveTask":
        return None
    return fix("Beri tenggat 3 hari kerja", extension(host.id, "sop:task", "deadline", "hari_kerja(3)"))


def _repeating(node: Node) -> Fix | None:
    if node.kind != "boundaryEvent":
        return None
    return fix("Jadikan tidak menyela", attribute(node.id, "cancelActivity", "false"))


def _moment(process: Process, element: str, what: str, value: object) -> Iterator[Finding]:
    try:
        arm(value, _SAMPLE, "Asia/Makassar")
    except TimerError as error:
        yield _error(process, element, "waktu", f"{what.capitalize()}: {error}", "Perbaiki nilainya.")
        return
    text = str(value).strip()
    if text[:1] not in "PpRr" and datetime.fromisoformat(text).tzinfo is None:
        yield warning(process, element, "waktu-tanpa-zona",
                      f"{what.capitalize()}: '{text}' tanpa selisih zona waktu.",
                      "Tambahkan misalnya +08:00.")


def _constant(expression: Expression) -> object:
    """The value of an expression that is a plain constant; None otherwise."""
    return expression.tree.value if isinstance(expression.tree, ast.Constant) else None


def _script(process: Process, node: Node) -> Iterator[Finding]:
    if not (node.script or "").strip():
        yield _error(process, node.id, "skrip-kosong", f"Tugas skrip '{node.name}' tidak berisi skrip.",
                     "Tulis baris nama = ungkapan.")
        return
    try:
        script = parse_script(node.script or "")
    except ExpressionError as error:
        yield _error(process, node.id, "ungkapan", f"Skrip: {error.msg}", "Perbaiki skripnya.")
        return
    if any("tenggat" in expression.functions for _name, expression in script.assignments):
        yield _error(process, node.id, "tenggat-tanpa-induk", "Skrip memakai tenggat(p).",
                     "tenggat(p) hanya ada pada pengatur waktu batas.")


def _service(process: Process, node: Node) -> Iterator[Finding]:
    operation = node.declared.operation
    if not operation or operation not in OPERATIONS:
        yield _error(process, node.id, "operasi-tak-dikenal",
                     f"Tugas layanan '{node.name}' meminta operasi '{operation or ''}', yang tidak dikenal.",
                     f"Pakai salah satu: {', '.join(OPERATIONS)}.")
        return
    needed, allowed = OPERATIONS[operation]
    given = {name for name, _text in node.declared.parameters}
    for name in sorted(needed - given):
        yield _error(process, node.id, "parameter-kurang",
                     f"Operasi {operation} memerlukan parameter '{name}'.",
                     f"Isi '{name}'.")
    for name in sorted(given - needed - allowed):
        yield _error(process, node.id, "parameter-tak-dikenal",
                     f"Operasi {operation} tidak mengenal parameter '{name}'.",
                     "Hapus atau perbaiki namanya.")
    for name, text in node.declared.parameters:
        yield from _expression(process, node.id, f"parameter {name}", text)


def _form(process: Process, node: Node) -> Iterator[Finding]:
    seen: set[str] = set()
    for field in node.declared.fields:
        if not is_usable(field.id):
            yield _error(process, node.id, "nama-terlarang",
                         f"Isian '{field.id}' pada '{node.name}' memakai nama yang tidak boleh.",
                         "Pakai kata lain: huruf kecil, angka, dan garis bawah.")
        if field.id in seen:
            yield _error(process, node.id, "isian-ganda", f"Isian '{field.id}' tertulis dua kali.",
                         "Beri id yang berbeda.")
        seen.add(field.id)
        yield from _field(process, node, field)


def _field(process: Process, node: Node, field: Field) -> Iterator[Finding]:
    for what, text in (("syarat wajib", field.required_when), ("syarat tampil", field.visible_when),
                       ("nilai awal", field.default)):
        if text is not None:
            yield from _expression(process, node.id, f"{what} isian {field.id}", text)
    for fault in declaration_faults(field):
        yield _error(process, node.id, "isian", f"Isian '{field.id}': {fault}", "Perbaiki isiannya.")


def _task(process: Process, node: Node) -> Iterator[Finding]:
    task = node.declared.task
    if task.get("pauses") not in (None, "", "total"):
        yield _error(process, node.id, "pauses", f"pauses berisi '{task['pauses']}'.", "Tulis total.",
                     fix("Hentikan batas total", extension(node.id, "sop:task", "pauses", "total")))
    if task.get("fresh", "false").strip().lower() not in {"true", "false", "1", "0", ""}:
        yield _error(process, node.id, "bukan-benar-salah", f"fresh berisi '{task['fresh']}'.",
                     "Tulis true atau false.",
                     fix("Harus petugas baru", extension(node.id, "sop:task", "fresh", "true")))

