"""What the law and the city ask of an SOP for citizens' reports, judged on paths of the drawing.

The reporter hears how it ended; no report ends without a human decision or a named rule; a refusal as
`bukan_wewenang` names the better owner; a check of photos checks photos. Limits of time are in
`lawful_limits.py`. Rule: publish checks 3 (S10, S14, S19).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from app.engine.city_facts import SIDE_END
from app.engine.completeness import is_aside
from app.engine.declaration import Field, Finding
from app.engine.diagram import Node, Process
from app.engine.expressions import ExpressionError, parse
from app.engine.found import added_field, called, error, fix, inside, warning
from app.engine.survey import Survey
from app.engine.ways import Ways

REPORTER = "pelapor"
NOT_OURS = "bukan_wewenang"
COMPLAINT = "pengaduan"
_TELLING = frozenset({"beritahu", "samarkan"})
_OWNER = re.compile(r"opd|unit|dinas|instansi|pemilik|berwenang|kewenangan|penanggung|pengelola|tujuan|"
                    r"lembaga", re.IGNORECASE)


def unlawful(process: Process, survey: Survey, ways: Ways) -> Iterator[Finding]:
    """Findings about one process that no other calls, with what it calls in place."""
    ends = [place for place, node in enumerate(ways.nodes)
            if node.kind == "endEvent" and node.declared.end_reason != SIDE_END
            and (node.declared.end_reason or not is_aside(ways.processes[node.process], node))]
    yield from _undecided(process, survey, ways, ends)
    if process.subject != "laporan":
        return
    yield from _untold(survey, ways, ends)
    yield from _unproven(process, ways)
    yield from _ownerless(ways, ends)


def _undecided(process: Process, survey: Survey, ways: Ways, ends: list[int]) -> Iterator[Finding]:
    reached = ways.reach(ways.starts, lambda node: _decides(node, survey))
    for place in ends:
        if place in reached:
            node = ways.nodes[place]
            yield error(ways.processes[node.process], node.id, "tanpa-keputusan-manusia",
                        f"{called(node)} dapat dicapai tanpa satu pun tugas petugas atau tabel keputusan.",
                        "Lewatkan jalur itu melalui tugas seorang petugas atau sebuah tabel keputusan.",
                        path=ways.trail(reached, place))


def _decides(node: Node, survey: Survey) -> bool:
    """A person decides here, or a table that has a name."""
    if node.kind in {"userTask", "businessRuleTask", "receiveTask"}:
        return True
    if node.kind == "callActivity" and node.called not in survey.processes:
        return True
    return any(event.kind == "message" for event in node.events)


def _untold(survey: Survey, ways: Ways, ends: list[int]) -> Iterator[Finding]:
    """Ends a token can come to from the start, or from what an officer did, without the reporter hearing."""
    decided = [ways.exit_of(place) for place, node in enumerate(ways.nodes)
               if node.kind == "userTask" and node.lane != REPORTER]
    beginnings = [*ways.starts, *(step for place in decided for step in ways.steps[place])]
    reached = ways.reach(beginnings, lambda node: _tells(node, survey))
    for place in ends:
        if place in reached:
            node = ways.nodes[place]
            yield error(ways.processes[node.process], node.id, "akhir-tanpa-kabar",
                        f"Pelapor tidak diberi tahu sebelum {inside(node)}.",
                        "Taruh tugas layanan beritahu kepada 'pelapor' sebelum peristiwa akhir ini.",
                        path=ways.trail(reached, place))


def _tells(node: Node, survey: Survey) -> bool:
    """The reporter hears of it here, or it is the reporter who acts."""
    if node.kind == "userTask":
        return node.lane == REPORTER
    if node.kind == "callActivity":
        return node.called not in survey.processes
    if node.kind == "serviceTask" and node.declared.operation in _TELLING:
        given = dict(node.declared.parameters)
        return _may_be(given.get("kepada", "'pelapor'"), REPORTER)
    return node.kind == "receiveTask" or any(event.kind == "message" for event in node.events)


def _may_be(text: str, value: str) -> bool:
    """Whether an expression can be `value`: it is, or nobody can tell beforehand."""
    try:
        tree = parse(text).tree
    except ExpressionError:
        return True
    return not isinstance(tree, ast.Constant) or tree.value == value


def _unproven(process: Process, ways: Ways) -> Iterator[Finding]:
    checks = [node for node in ways.elements
              if node.kind == "userTask" and node.declared.task.get("verifies")]
    if not checks and process.key == COMPLAINT:
        yield error(process, process.key, "tanpa-pemeriksaan-bukti",
                    "SOP pengaduan tidak punya tugas yang memeriksa foto bukti.",
                    "Tambahkan tugas pemeriksa (orang lain) dan pilih tugas yang diperiksanya.")
    for check in checks:
        work = next((node for node in ways.elements if node.id == check.declared.task["verifies"]), None)
        if work is None:
            continue
        photos = [one for one in work.declared.fields if one.type == "photo"]
        owner = ways.processes[work.process]
        if not photos:
            yield error(owner, work.id, "bukti-tanpa-foto",
                        f"{called(work)} diperiksa buktinya, tetapi formulirnya tidak meminta foto.",
                        "Tambahkan isian foto.",
                        fix("Tambahkan isian foto", added_field(work.id, {
                            "id": _free("foto_sesudah", work), "type": "photo", "label": "Foto sesudah",
                            "required": True, "min": 1, "max": 5})))
        elif not any(one.required or one.required_when or _counts(one.min) for one in photos):
            yield warning(owner, work.id, "foto-tidak-wajib",
                          f"Foto pada {inside(work)} boleh kosong, padahal menjadi bukti.",
                          "Wajibkan fotonya, setidaknya bila pekerjaan selesai.")


def _free(wanted: str, node: Node) -> str:
    """An id no field of the form has."""
    taken = {one.id for one in node.declared.fields}
    return next(name for name in (wanted, *(f"{wanted}_{n}" for n in range(2, 99))) if name not in taken)


def _counts(least: str | None) -> bool:
    return least is not None and least.strip().isdecimal() and int(least) > 0


def _ownerless(ways: Ways, ends: list[int]) -> Iterator[Finding]:
    found = False
    for node in ways.elements:
        for field in node.declared.fields:
            if any(option.value == NOT_OURS for option in field.options):
                yield from _unnamed(ways, node, field)
                found = True
    if found:
        return
    reached = ways.reach(ways.starts, lambda node: any(_names_owner(one) for one in node.declared.fields))
    for place in ends:
        node = ways.nodes[place]
        if node.declared.end_reason == NOT_OURS and place in reached:
            yield error(ways.processes[node.process], node.id, "tanpa-pemilik-yang-benar",
                        f"{called(node)} menolak sebagai bukan wewenang tanpa menyebut pemilik yang benar.",
                        "Tanyakan unit atau instansi yang berwenang pada tugas sebelumnya.",
                        path=ways.trail(reached, place))


def _unnamed(ways: Ways, node: Node, asking: Field) -> Iterator[Finding]:
    """A form that offers `bukan_wewenang` asks who the right owner is, or somebody is asked later."""
    process = ways.processes[node.process]
    naming = [one for one in node.declared.fields if one.id != asking.id and _names_owner(one)]
    when = (f"{asking.id} == '{NOT_OURS}'" if asking.type != "choices" else f"'{NOT_OURS}' in {asking.id}")
    if not naming:
        say = warning if _asked_later(ways, node) else error
        yield say(process, node.id, "tanpa-pemilik-yang-benar",
                  f"{called(node)} dapat menjawab bukan wewenang tanpa menyebut pemilik yang benar.",
                  "Tambahkan isian unit yang wajib bila jawabannya bukan wewenang.",
                  fix("Tambahkan isian pemilik yang benar", added_field(node.id, {
                      "id": _free("opd_usulan", node), "type": "unit", "label": "Pemilik yang benar",
                      "requiredWhen": when, "visibleWhen": when})))
    elif not any(one.required or one.required_when for one in naming):
        yield warning(process, node.id, "pemilik-tidak-wajib",
                      f"Pada {inside(node)}, pemilik yang benar boleh kosong walaupun bukan wewenang.",
                      f"Wajibkan isian '{naming[0].label or naming[0].id}' bila jawabannya bukan wewenang.")


def _asked_later(ways: Ways, node: Node) -> bool:
    place = ways.exit_of(ways.place(node.process, node.id))
    return any(field.type == "unit" for one in ways.reach(ways.steps[place], joins=False)
               for field in ways.nodes[one].declared.fields if ways.nodes[one].id != node.id)


def _names_owner(field: Field) -> bool:
    return field.type == "unit" or (field.type in {"string", "text", "choice"} and bool(
        _OWNER.search(field.id) or _OWNER.search(field.label)))
