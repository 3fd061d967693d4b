"""What an SOP lacks to be published although it runs: roles, forms, deadlines, duties, reasons.

None of these keeps a file from being walked. Rule: publish checks 2; the SOP file contract, "Lanes are
roles", "User task", "End events".
"""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.assembly import enclosing_role
from app.engine.declaration import Finding
from app.engine.diagram import Node, Process
from app.engine.persons import ACCEPTED

MOST_ELEMENTS = 300
_DUTIES = {
    "cost": "sumber anggaran", "responsible": "penanggung jawab", "public": "keterangan publik",
    "message": "pesan kepada pelapor", "escalation": "jalur eskalasi",
}


def incompleteness(process: Process) -> list[Finding]:
    found = list(_lanes(process))
    for node in process.nodes.values():
        if node.kind == "userTask":
            found.extend(_task(process, node))
        if node.kind == "endEvent" and not node.declared.end_reason:
            found.append(_error(process, node.id, "tanpa-alasan-akhir",
                                f"Peristiwa akhir '{node.name}' tidak menyebut alasan.",
                                "Tambahkan sop:end, misalnya reason=\"selesai\" atau reason=\"cabang\"."))
    if len(process.nodes) > MOST_ELEMENTS:
        found.append(_error(process, process.key, "terlalu-besar",
                            f"Proses punya {len(process.nodes)} unsur, lebih dari {MOST_ELEMENTS}.",
                            "Bagi menjadi beberapa proses yang saling memanggil."))
    return found


def _lanes(process: Process) -> Iterator[Finding]:
    names: set[str] = set()
    for lane in process.lanes:
        if not lane.id or not lane.name.strip():
            yield _error(process, lane.id, "jalur-tanpa-nama", "Ada jalur (lane) tanpa id atau nama.",
                         "Beri id peran dan nama pada setiap jalur.")
        elif lane.name in names:
            yield _error(process, lane.id, "jalur-ganda", f"Ada dua jalur bernama '{lane.name}'.",
                         "Beri nama yang berbeda.")
        names.add(lane.name)


def _task(process: Process, node: Node) -> Iterator[Finding]:
    declared = node.declared
    if enclosing_role(node, process) is None:
        yield _error(process, node.id, "tanpa-peran", f"Tugas '{node.name}' tidak berada dalam jalur peran.",
                     "Letakkan dalam lane, misalnya operator_opd.")
    if not declared.has_form or not declared.fields:
        yield _error(process, node.id, "tanpa-formulir", f"Tugas '{node.name}' tidak punya formulir.",
                     "Tambahkan sop:form dengan paling sedikit satu isian.")
    if not declared.task.get("deadline", "").strip():
        yield _error(process, node.id, "tanpa-tenggat", f"Tugas '{node.name}' tidak punya tenggat.",
                     "Isi sop:task deadline, misalnya hari_kerja(5).")
    if declared.duty is None:
        yield _error(process, node.id, "tanpa-tanggung-jawab", f"Tugas '{node.name}' tidak punya sop:duty.",
                     "Isi " + ", ".join(_DUTIES.values()) + ".")
    for name in declared.duty_missing:
        yield _error(process, node.id, "tanggung-jawab-kurang",
                     f"Tugas '{node.name}' tidak menyebut {_DUTIES[name]}.", f"Isi sop:duty {name}.")
    if declared.task.get("verifies") and not any(
            field.id == ACCEPTED and field.type == "boolean" for field in declared.fields):
        yield _error(process, node.id, "pemeriksaan-tanpa-keputusan",
                     f"Tugas '{node.name}' memeriksa bukti tetapi tidak punya isian {ACCEPTED}.",
                     f"Tambahkan isian boolean {ACCEPTED}.")


def _error(process: Process, element: str | None, rule: str, message: str, repair: str) -> Finding:
    return Finding(process.file, element, rule, "error", message, repair)
