"""What may not run, by name: the drawing of a process.

A refusal keeps a file from compiling. Every one is found, not only the first. Expressions, timers and
services are judged in `refusals_text.py`; what is merely missing from an SOP in `completeness.py`.
Rules: the SOP file contract, "Elements that run"; publish checks 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.engine.declaration import Finding
from app.engine.diagram import ACTIVITIES, GATEWAYS, HOSTS, Flow, Node, Process
from app.engine.found import (
    Fix,
    attribute,
    called,
    condition,
    error,
    extension,
    fix,
    inside,
    one_way,
    removal,
    warning,
)
from app.engine.refusals_text import text_refusals
from app.engine.survey import Survey
from app.engine.words import element_words

_EVENT_KINDS = {
    "startEvent": frozenset[str](),
    "endEvent": frozenset({"terminate", "error", "escalation"}),
    "intermediateCatchEvent": frozenset({"timer", "message"}),
    "intermediateThrowEvent": frozenset({"escalation"}),
    "boundaryEvent": frozenset({"timer", "message", "error", "escalation"}),
}
_FEW = 4
_NEEDS_EVENT = frozenset({"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


def refusals(process: Process, survey: Survey) -> list[Finding]:
    """Every error (and a few warnings) that concerns running this process."""
    found = list(_whole(process))
    for scope in process.scopes():
        found.extend(_scope(process, scope))
    for flow in process.flows:
        found.extend(_flow(process, flow.id, flow.source, flow.target))
    for node in process.nodes.values():
        found.extend(_events(process, node))
        found.extend(_ways(process, node))
        found.extend(_loop(process, node))
        found.extend(_references(process, node, survey))
    found.extend(_unreachable(process))
    found.extend(text_refusals(process))
    return found


def _whole(process: Process) -> Iterator[Finding]:
    if not process.key:
        yield error(process, None, "tanpa-id", "Proses tidak punya id.", "Beri id, misalnya pengaduan.")
    if not process.executable:
        yield error(process, process.key, "tidak-dijalankan", "Proses ditandai tidak untuk dijalankan.",
                    "Jadikan dapat dijalankan (isExecutable=\"true\").",
                    fix("Jadikan dapat dijalankan", attribute(process.key, "isExecutable", "true")))


def _scope(process: Process, scope: str) -> Iterator[Finding]:
    inside = process.within(scope)
    name = process.nodes[scope].name if scope in process.nodes else process.name
    starts = [node for node in inside if node.kind == "startEvent"]
    if len(starts) != 1:
        yield error(process, scope, "satu-mulai",
                    f"'{name}' harus punya tepat satu peristiwa mulai, bukan {len(starts)}.",
                    "Gambar satu peristiwa mulai tanpa jenis.")
    if not any(node.kind == "endEvent" for node in inside):
        yield error(process, scope, "tanpa-akhir", f"'{name}' tidak punya peristiwa akhir.",
                    "Akhiri setiap jalur dengan peristiwa akhir.")


def _flow(process: Process, flow: str, source: str, target: str) -> Iterator[Finding]:
    start, end = process.nodes.get(source), process.nodes.get(target)
    if process.refused & {source, target}:
        return
    spare = _without(flow) if start is None or len(process.outgoing(source)) > 1 else None
    if start is None or end is None:
        lost = source if start is None else target
        yield error(process, flow, "panah-putus", f"Panah '{flow}' menyebut unsur '{lost}' yang tidak ada.",
                    "Sambungkan lagi panahnya, atau hapus.", spare)
        return
    if start.scope != end.scope:
        yield error(process, flow, "panah-lintas", f"Panah '{flow}' melintasi batas sub-proses.",
                    "Panah hanya menghubungkan unsur dalam satu sub-proses.", spare)
    if start.kind == "endEvent":
        yield error(process, start.id, "keluar-dari-akhir", f"{called(start)} punya panah keluar.",
                    "Hapus panah itu.", _without(flow))
    if end.kind in {"startEvent", "boundaryEvent"}:
        yield error(process, end.id, "masuk-ke-mulai", f"{called(end)} punya panah masuk.",
                    "Hapus panah itu.", spare)


def _without(flow: str) -> Fix:
    return fix("Hapus panah", removal(flow))


def _events(process: Process, node: Node) -> Iterator[Finding]:
    allowed = _EVENT_KINDS.get(node.kind)
    if allowed is None:
        if node.kind == "receiveTask" and not (node.event and node.event.name):
            yield error(process, node.id, "tanpa-pesan", f"{called(node)} tidak menyebut pesan.",
                        "Pilih pesan yang ditunggu.")
        return
    if len(node.events) > 1:
        yield error(process, node.id, "peristiwa-ganda", f"{called(node)} punya beberapa jenis peristiwa.",
                    "Pisahkan menjadi beberapa peristiwa.")
    for event in node.events:
        if event.kind not in allowed:
            what = element_words(f"{event.kind}EventDefinition")
            yield error(process, node.id, "unsur-tidak-dijalankan",
                        f"{called(node)}: {what} tidak didukung di sini.", "Pakai jenis peristiwa lain.")
        elif event.kind == "message" and not event.name:
            yield error(process, node.id, "tanpa-pesan", f"{called(node)} tidak menyebut pesan.",
                        "Pilih pesan yang ditunggu, misalnya balasan_pelapor.")
    if not node.events and node.kind in _NEEDS_EVENT:
        yield error(process, node.id, "unsur-tidak-dijalankan", f"{called(node)} tidak punya jenis.",
                    "Pilih jenis peristiwanya, atau hapus.")
    if node.kind == "boundaryEvent":
        yield from _boundary(process, node)


def _boundary(process: Process, node: Node) -> Iterator[Finding]:
    host = process.nodes.get(node.attached_to or "")
    if node.attached_to in process.refused:
        return
    if host is None or host.scope != node.scope:
        yield error(process, node.id, "batas-lepas", f"{called(node)} tidak menempel pada unsur mana pun.",
                    "Tempelkan pada sebuah tugas atau sub-proses.", fix("Hapus", removal(node.id)))
    elif host.kind not in HOSTS:
        yield error(process, node.id, "batas-di-tempat-lain",
                    f"{called(node)} menempel pada {element_words(host.kind)}.",
                    "Tempelkan pada tugas petugas, tugas terima, sub-proses, atau panggilan proses.",
                    fix("Hapus", removal(node.id)))
    if node.event is not None and node.event.kind == "error" and not node.interrupting:
        yield error(process, node.id, "galat-tidak-menyela", f"{called(node)}: galat selalu menyela.",
                    "Jadikan peristiwa ini menyela.",
                    fix("Jadikan menyela", attribute(node.id, "cancelActivity", "true")))


def _ways(process: Process, node: Node) -> Iterator[Finding]:
    ways = process.outgoing(node.id)
    if not ways and node.kind != "endEvent":
        yield error(process, node.id, "jalan-buntu", f"Dari {inside(node)} tidak ada panah keluar.",
                    "Sambungkan ke langkah berikut atau ke peristiwa akhir.")
    if len(ways) > 1 and node.kind not in GATEWAYS:
        yield error(process, node.id, "panah-ganda", f"Dari {inside(node)} keluar {len(ways)} panah.",
                    "Pakai gerbang paralel atau gerbang pilihan.")
    if node.default and node.default not in {way.id for way in ways}:
        yield error(process, node.id, "bawaan-hilang",
                    f"Panah bawaan '{node.default}' tidak keluar dari sini.",
                    "Pilih lagi panah bawaannya.",
                    fix("Hapus panah bawaan", attribute(node.id, "default", None)))
    choosing = node.kind in {"exclusiveGateway", "inclusiveGateway"}
    for way in ways:
        if way.condition is not None and not choosing:
            yield error(process, way.id, "syarat-diabaikan",
                        f"Panah bersyarat keluar dari {inside(node)}; syaratnya tidak akan pernah dinilai.",
                        "Pindahkan syarat ke sesudah gerbang pilihan.",
                        fix("Hapus syarat", condition(way.id, None)))
        if choosing and len(ways) > 1 and not way.condition and way.id != node.default:
            yield error(process, way.id, "tanpa-syarat",
                        f"Panah {_flow_words(way)} dari {inside(node)} tidak punya syarat.",
                        "Beri syarat, atau jadikan panah bawaan.",
                        None if node.default else fix("Jadikan alur bawaan", *one_way(node.id, way.id)))
        if way.condition is not None and way.id == node.default:
            yield warning(process, way.id, "syarat-bawaan",
                          "Panah bawaan punya syarat, yang tidak pernah dinilai.", "Hapus syaratnya.",
                          fix("Hapus syarat", condition(way.id, None)))
    if node.kind == "eventBasedGateway":
        for way in ways:
            yield from _race(process, node, process.nodes.get(way.target))


def _race(process: Process, gateway: Node, target: Node | None) -> Iterator[Finding]:
    if target is None:
        return
    if target.kind not in {"intermediateCatchEvent", "receiveTask"}:
        yield error(process, gateway.id, "gerbang-peristiwa",
                    f"{called(gateway)} menuju {inside(target)}, yang bukan peristiwa tunggu.",
                    "Gerbang peristiwa hanya menuju peristiwa pesan atau waktu dan tugas terima.")
    elif len(process.incoming(target.id)) > 1:
        yield error(process, target.id, "gerbang-peristiwa",
                    f"{called(target)} sesudah gerbang peristiwa punya panah masuk lain.",
                    "Satu panah masuk saja, dari gerbangnya.")
    if target.kind == "receiveTask" and (target.loop or process.boundaries(target.id)):
        yield error(process, target.id, "gerbang-peristiwa",
                    f"{called(target)} sesudah gerbang peristiwa berulang atau punya peristiwa batas.",
                    "Pakai peristiwa tunggu pesan.")


def _loop(process: Process, node: Node) -> Iterator[Finding]:
    loop = node.loop
    if loop is None:
        return
    if node.kind not in ACTIVITIES:
        yield error(process, node.id, "ulang-di-tempat-lain", f"{called(node)} tidak dapat berulang.",
                    "Hapus tanda pengulangannya.")
    if (loop.cardinality is None) == (loop.data_input is None):
        yield error(process, node.id, "ulang-tanpa-jumlah",
                    f"{called(node)} berulang tanpa menyebut berapa kali atau daftar apa.",
                    "Isi salah satu: banyaknya, atau daftar yang diulang.")
    if (loop.output_item is None) != (loop.data_output is None):
        yield error(process, node.id, "ulang-hasil", f"{called(node)}: hasil pengulangan setengah tertulis.",
                    "Isi daftar hasil dan nama hasil tiap kali, atau hapus keduanya.")


def _references(process: Process, node: Node, survey: Survey) -> Iterator[Finding]:
    if node.kind == "callActivity":
        if not node.called:
            yield error(process, node.id, "tanpa-proses", f"{called(node)} tidak menyebut proses.",
                        "Pilih proses yang dipanggil.")
        elif node.called not in survey.processes:
            yield error(process, node.id, "proses-hilang", f"Proses '{node.called}' tidak ditemukan.",
                        "Sertakan berkasnya, atau terbitkan proses itu lebih dahulu.")
        elif any(one.key == process.key for one in survey.unit(node.called)):
            yield error(process, node.id, "panggilan-melingkar",
                        f"{called(node)} memanggil '{node.called}', yang kembali memanggil '{process.key}'.",
                        "Putuskan lingkarannya.")
    if node.kind == "businessRuleTask":
        if not node.decision:
            yield error(process, node.id, "tanpa-keputusan",
                        f"{called(node)} tidak menyebut tabel keputusan.",
                        "Pilih tabel keputusannya.")
        elif node.decision not in survey.decisions:
            yield error(process, node.id, "keputusan-hilang",
                        f"Tabel keputusan '{node.decision}' tidak ditemukan.",
                        "Sertakan berkas DMN-nya.")
    verified = node.declared.task.get("verifies")
    if verified and not any(other.nodes.get(verified) and other.nodes[verified].kind == "userTask"
                            for other in survey.processes.values()):
        yield error(process, node.id, "verifies-hilang",
                    f"{called(node)} memeriksa '{verified}', yang tidak ada.",
                    "Pilih tugas yang diperiksa.",
                    fix("Jangan memeriksa foto", extension(node.id, "sop:task", "verifies", None)))


def _unreachable(process: Process) -> Iterator[Finding]:
    reached: set[str] = set()
    ahead = [node.id for node in process.nodes.values() if node.kind == "startEvent"]
    while ahead:
        place = ahead.pop()
        if place in reached or place not in process.nodes.keys() | process.refused:
            continue
        reached.add(place)
        ahead.extend(flow.target for flow in process.outgoing(place))
        ahead.extend(boundary.id for boundary in process.boundaries(place))
    lost = [node for node in process.nodes.values() if node.id not in reached]
    for node in lost:
        yield error(process, node.id, "tak-terjangkau", f"{called(node)} tidak pernah tercapai.",
                    "Sambungkan dengan panah, atau hapus.", _without_all(process, lost))


def _without_all(process: Process, lost: Sequence[Node]) -> Fix | None:
    """Few elements nobody comes to go together; many are rather an arrow that is missing."""
    ids = {node.id for node in lost}
    checked = {node.declared.task.get("verifies") for node in process.nodes.values() if node.id not in ids}
    ended = {node.scope for node in process.nodes.values() if node.kind == "endEvent" and node.id not in ids}
    if len(lost) > _FEW or ids & checked or {node.scope for node in lost} - ended:
        return None
    # First what hangs on others, and what lies inside: nothing is gone before its turn.
    inwards = [*[node for node in lost if node.kind == "boundaryEvent"], *reversed(lost)]
    return fix("Hapus" if len(lost) == 1 else f"Hapus {len(lost)} unsur yang tak tercapai",
               *(removal(name) for name in dict.fromkeys(node.id for node in inwards)))


def _flow_words(flow: Flow) -> str:
    return f"'{flow.name or flow.id}'"
