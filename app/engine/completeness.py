"""What an SOP lacks to be published although it runs: roles, forms, deadlines, duties, reasons.

None of these keeps a file from being walked. Rule: publish checks 2; the SOP file contract, "Lanes are
roles", "User task", "End events".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.engine.assembly import enclosing_role
from app.engine.city_facts import SIDE_END
from app.engine.declaration import Duty, Finding
from app.engine.diagram import Node, Process
from app.engine.found import Edit, Fix, added_field, error, extension, fix
from app.engine.persons import ACCEPTED

MOST_ELEMENTS = 300
_DUTIES = {
    "cost": "sumber anggaran", "responsible": "penanggung jawab", "public": "keterangan publik",
    "message": "pesan kepada pelapor", "escalation": "jalur eskalasi",
}
_OF_REPORTS = frozenset({"public", "message"})
"""What only a process with a report behind it has."""
_MAY_BE_EMPTY = _OF_REPORTS
"""Written and empty: nothing is shown, nothing is sent."""
_UNITS = frozenset({"operator_opd"})
_REPORTER = "pelapor"
_ENDINGS = (
    (r"tolak", "ditolak"), (r"arsip", "diarsipkan"), (r"batal|tarik", "dibatalkan"),
    (r"duplikat|sama", "duplikat"), (r"wewenang", "bukan_wewenang"), (r"rencana", "masuk_rencana"),
    (r"selesai|tuntas|tutup", "selesai"),
)
"""Names of end events that say how a report ended."""


def incompleteness(process: Process) -> list[Finding]:
    found = list(_lanes(process))
    for node in process.nodes.values():
        if node.kind == "userTask":
            found.extend(_task(process, node))
        if node.kind == "endEvent" and not node.declared.end_reason:
            found.append(error(process, node.id, "tanpa-alasan-akhir",
                               f"Peristiwa akhir '{node.name}' tidak menyebut alasan.",
                               "Pilih alasan akhirnya, misalnya selesai, atau cabang bila hanya mengakhiri "
                               "cabang samping.", _reason(process, node)))
    if len(process.nodes) > MOST_ELEMENTS:
        found.append(error(process, process.key, "terlalu-besar",
                           f"Proses punya {len(process.nodes)} unsur, lebih dari {MOST_ELEMENTS}.",
                           "Bagi menjadi beberapa proses yang saling memanggil."))
    return found


def _lanes(process: Process) -> Iterator[Finding]:
    names: set[str] = set()
    for lane in process.lanes:
        if not lane.id or not lane.name.strip():
            yield error(process, lane.id, "jalur-tanpa-nama", "Ada jalur (lane) tanpa id atau nama.",
                        "Beri id peran dan nama pada setiap jalur.",
                        fix("Beri nama", *_named(lane.id)) if lane.id else None)
        elif lane.name in names:
            yield error(process, lane.id, "jalur-ganda", f"Ada dua jalur bernama '{lane.name}'.",
                        "Beri nama yang berbeda.")
        names.add(lane.name)


def _named(lane: str) -> tuple[Edit, ...]:
    said = lane.replace("_", " ").capitalize()
    return ({"do": "attribute", "element": lane, "name": "name", "value": said},)


def _task(process: Process, node: Node) -> Iterator[Finding]:
    declared = node.declared
    role = enclosing_role(node, process)
    if role is None:
        yield error(process, node.id, "tanpa-peran", f"Tugas '{node.name}' tidak berada dalam jalur peran.",
                    "Letakkan dalam jalur sebuah peran, misalnya Operator OPD.")
    if not declared.has_form or not declared.fields:
        yield error(process, node.id, "tanpa-formulir", f"Tugas '{node.name}' tidak punya formulir.",
                    "Tambahkan paling sedikit satu isian.",
                    fix("Tambahkan isian catatan", added_field(node.id, {
                        "id": "catatan", "type": "text", "label": "Catatan", "required": True})))
    if not declared.task.get("deadline", "").strip():
        yield error(process, node.id, "tanpa-tenggat", f"Tugas '{node.name}' tidak punya tenggat.",
                    "Isi batas waktunya, misalnya 5 hari kerja.",
                    fix("Beri tenggat 3 hari kerja",
                        extension(node.id, "sop:task", "deadline", "hari_kerja(3)")))
    yield from _duties(process, node, role)
    if declared.task.get("verifies") and not any(
            field.id == ACCEPTED and field.type == "boolean" for field in declared.fields):
        taken = any(field.id == ACCEPTED for field in declared.fields)
        yield error(process, node.id, "pemeriksaan-tanpa-keputusan",
                    f"Tugas '{node.name}' memeriksa bukti tetapi tidak punya isian {ACCEPTED}.",
                    f"Tambahkan isian boolean {ACCEPTED}.",
                    None if taken else fix("Tambahkan isian", added_field(node.id, {
                        "id": ACCEPTED, "type": "boolean", "label": "Bukti diterima", "required": True})))


def _duties(process: Process, node: Node, role: str | None) -> Iterator[Finding]:
    """The five matters. The reporter's own task needs neither budget nor superior."""
    asked = [name for name in _DUTIES if process.subject == "laporan" or name not in _OF_REPORTS]
    duty = node.declared.duty
    if duty is None:
        yield error(process, node.id, "tanpa-tanggung-jawab",
                    f"Tugas '{node.name}' tidak menyebut lima hal yang diatur.",
                    "Isi " + ", ".join(_DUTIES[name] for name in asked) + ".",
                    fix("Isi semuanya dengan usulan",
                        *(_proposed(process, node, name, role) for name in asked)))
        return
    for name in asked:
        missing = name in node.declared.duty_missing
        if missing or (role != _REPORTER and _is_empty(duty, name)):
            yield error(process, node.id, "tanggung-jawab-kurang",
                        f"Tugas '{node.name}' tidak menyebut {_DUTIES[name]}.", f"Isi {_DUTIES[name]}.",
                        _proposal(process, node, name, role))


def _is_empty(duty: Duty, name: str) -> bool:
    return name not in _MAY_BE_EMPTY and not str(getattr(duty, name) or "").strip()


def _proposal(process: Process, node: Node, name: str, role: str | None) -> Fix:
    edit = _proposed(process, node, name, role)
    return fix(f"Isi '{edit['value']}'" if edit["value"] else "Jangan kirim pesan", edit)


def _proposed(process: Process, node: Node, name: str, role: str | None) -> Edit:
    lane = next((one.name for one in process.lanes if one.id == role), "") or "pelaksana"
    values = {
        "cost": "DPA perangkat daerah pelaksana", "responsible": f"Penanggung jawab {lane}",
        "public": "Laporan sedang ditangani.", "message": "",
        "escalation": "kepala_opd" if role in _UNITS else "sekda",
    }
    return extension(node.id, "sop:duty", name, values[name])


def _reason(process: Process, node: Node) -> Fix | None:
    """The reason an end's name or place tells; None where neither does."""
    name = f"{node.id} {node.name}"
    reason = SIDE_END if is_aside(process, node) else next(
        (reason for said, reason in _ENDINGS if re.search(said, name, re.IGNORECASE)), None)
    if reason is None or (reason == "selesai" and any(
            other.declared.task.get("verifies") for other in process.nodes.values())):
        return None
    return fix(f"Pilih alasan '{reason}'", extension(node.id, "sop:end", "reason", reason))


def is_aside(process: Process, node: Node) -> bool:
    """Whether only boundary events that do not interrupt lead to this end, within its scope."""
    behind, seen = [node.id], {node.id}
    aside = False
    while behind:
        current = process.nodes.get(behind.pop())
        if current is None or current.kind == "startEvent":
            return False
        if current.attached_to and not current.interrupting:
            aside = True
            continue
        before = [flow.source for flow in process.incoming(current.id)]
        before += [current.attached_to] if current.attached_to else []
        fresh = [one for one in before if one not in seen]
        seen.update(fresh)
        behind.extend(fresh)
    return aside
