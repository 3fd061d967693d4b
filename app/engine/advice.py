"""What runs, but does not do what was meant, or not well: durations, repetitions, roles, sizes, branches.

Judged by lint only; a walk runs such a file. Rule: publish checks 1.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from app.engine.city_facts import END_REASONS, ROLES, STATUSES, CityFacts
from app.engine.declaration import Finding
from app.engine.diagram import Event, Node, Process
from app.engine.expressions import Expression, ExpressionError, parse
from app.engine.found import called, error, fix, inside, timer, warning
from app.engine.functions import WORKING_FUNCTIONS
from app.engine.names_read import ANY, forks, sets
from app.engine.survey import Survey
from app.engine.ways import Ways

MANY_ELEMENTS = 60
MANY_CHILDREN = 100
_SPANS = frozenset({*WORKING_FUNCTIONS, "hari", "jam", "menit"})
_MONTHS = re.compile(r"(?:R\d*/(?:[^/]*/)?)?P(?:\d+Y)?\d+M.*", re.IGNORECASE)
_ENDLESS = re.compile(r"R/(?P<rest>.*)", re.IGNORECASE)
_ROLE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")
_MOST_TURNS = 12


def advice(process: Process, survey: Survey, facts: CityFacts) -> Iterator[Finding]:
    """Errors and warnings about one process as it is drawn."""
    if len(process.nodes) > MANY_ELEMENTS:
        yield warning(process, process.key, "banyak-unsur",
                      f"Proses punya {len(process.nodes)} unsur; lebih dari {MANY_ELEMENTS} sukar dibaca.",
                      "Pindahkan sebagian ke sub-proses atau proses yang dipanggil.")
    yield from _lanes(process, facts)
    yield from _renamed(process, facts)
    for node in process.nodes.values():
        for event in node.events:
            if event.kind == "timer":
                yield from _timer(process, node, event)
        yield from _moment(process, node, "tenggat", node.declared.task.get("deadline"))
        yield from _repeated(process, node)
        yield from _words(process, node, facts)


def _renamed(process: Process, facts: CityFacts) -> Iterator[Finding]:
    """Tasks at which running reports stand, and that have another id now: nobody could move them."""
    for one in facts.occupied:
        if one.process != process.key or one.element in process.nodes:
            continue
        same = next((node for node in process.nodes.values()
                     if node.kind == "userTask" and node.name == one.name), None)
        if same is not None:
            yield error(process, same.id, "id-berubah",
                        f"{called(same)} dahulu ber-id '{one.element}', dan ada laporan yang sedang di sana.",
                        f"Kembalikan id-nya menjadi '{one.element}'.")
        else:
            yield warning(process, process.key, "langkah-terpakai-dihapus",
                          f"Langkah '{one.name}' dihapus, padahal ada laporan yang sedang di sana.",
                          "Laporan itu tetap pada versi lamanya; lihat Dampak sebelum menerbitkan.")


def _timer(process: Process, node: Node, event: Event) -> Iterator[Finding]:
    expression = _read(event.text)
    value = expression.tree.value if expression and isinstance(expression.tree, ast.Constant) else None
    endless = _ENDLESS.fullmatch(value.strip()) if isinstance(value, str) else None
    if endless is not None:
        bounded = f"'R{_MOST_TURNS}/{endless['rest']}'"
        yield error(process, node.id, "putaran-tanpa-batas",
                    f"Putaran pada {inside(node)} berulang tanpa batas.",
                    f"Tulis berapa kali, misalnya {bounded}.",
                    fix(f"Batasi {_MOST_TURNS} kali", timer(node.id, event.place or "timeCycle", bounded)))
    yield from _moment(process, node, "pengatur waktu", event.text)


def _moment(process: Process, node: Node, what: str, text: str | None) -> Iterator[Finding]:
    expression = _read(text)
    for part in ast.walk(expression.tree) if expression else ():
        match part:
            case ast.Constant(value=str(value)) if _MONTHS.fullmatch(value.strip()):
                yield warning(process, node.id, "durasi-bulan",
                              f"{what.capitalize()} pada {inside(node)}: panjang bulan dalam '{value}' "
                              "tidak tetap (28 sampai 31 hari).",
                              "Tulis dalam hari, misalnya 'P30D' atau hari(30).")
            case ast.Call(func=ast.Name(id=name), args=[amount]) if name in _SPANS | {"tenggat"}:
                number = _number(amount)
                if number is not None and (number < 0 or (number == 0 and name == "tenggat")):
                    yield error(process, node.id, "waktu-negatif",
                                f"{what.capitalize()} pada {inside(node)}: {name}({number:g}) menunjuk waktu "
                                "yang sudah lewat.", "Tulis angka di atas nol.")


def _number(amount: ast.expr) -> float | None:
    match amount:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def _repeated(process: Process, node: Node) -> Iterator[Finding]:
    expression = _read(node.loop.cardinality) if node.loop is not None else None
    number = _number(expression.tree) if expression is not None else None
    if number is not None and number > MANY_CHILDREN:
        yield warning(process, node.id, "ulang-banyak",
                      f"{called(node)} dibuka {number:g} kali sekaligus.",
                      f"Kurangi sampai paling banyak {MANY_CHILDREN}, atau bagi menurut unit.")


def _lanes(process: Process, facts: CityFacts) -> Iterator[Finding]:
    """Lanes are judged that are the innermost around some element: those are roles."""
    used = {node.lane for node in process.nodes.values()}
    lanes = [(lane.id, lane.name) for lane in process.lanes if lane.id and lane.id in used]
    if process.lanes and not any(facts.knows_role(role) or _ROLE.fullmatch(role) for role, _name in lanes):
        yield error(process, process.key, "jalur-tanpa-peran",
                    "Tidak satu pun jalur (lane) menyebut peran.",
                    f"Jadikan id setiap jalur sebuah peran, misalnya {', '.join(sorted(ROLES)[:4])}.")
        return
    for role, name in lanes:
        if facts.knows_role(role):
            continue
        if facts.roles is not None or not _ROLE.fullmatch(role):
            yield error(process, role, "peran-tak-dikenal",
                        f"Jalur '{name}' ber-id '{role}', yang bukan peran kota ini.",
                        f"Pakai salah satu peran: {', '.join(sorted(ROLES | (facts.roles or frozenset())))}.")
        else:
            yield warning(process, role, "peran-tak-dikenal",
                          f"Jalur '{name}' memakai peran '{role}', yang bukan peran bawaan.",
                          "Pastikan kota sudah membuat peran itu.")


def _words(process: Process, node: Node, facts: CityFacts) -> Iterator[Finding]:
    """Statuses, reasons and message keys nobody knows."""
    status = node.declared.task.get("status", "").strip()
    if status and status not in STATUSES | END_REASONS:
        yield warning(process, node.id, "status-tak-dikenal",
                      f"{called(node)} memberi status '{status}', yang tidak dikenal warga.",
                      f"Pakai salah satu: {', '.join(sorted(STATUSES))}.")
    reason = node.declared.end_reason if process.subject == "laporan" else None
    if reason and reason not in END_REASONS | (facts.end_reasons or frozenset()):
        yield warning(process, node.id, "alasan-tak-dikenal",
                      f"{called(node)} memakai alasan akhir '{reason}', yang bukan alasan bawaan.",
                      f"Pakai salah satu: {', '.join(sorted(END_REASONS))}; atau buat dahulu alasan itu.")
    key = (node.declared.duty.message or "").strip() if node.declared.duty else ""
    if key and facts.messages is not None and key not in facts.messages:
        yield warning(process, node.id, "pesan-tanpa-naskah",
                      f"Pesan '{key}' pada {inside(node)} belum punya naskah.",
                      "Tulis naskahnya di halaman Pesan; tanpa itu keterangan publik yang dikirim.")


def written_twice(ways: Ways, survey: Survey) -> Iterator[Finding]:
    """A warning for every name that two branches of a gateway set beside each other: the last one wins."""
    for gateway, branches in forks(ways):
        if gateway.kind == "boundaryEvent":
            continue
        regions = [set(ways.reach(branch, joins=False)) for branch in branches]
        common = set.intersection(*regions)
        writers: dict[str, dict[int, str]] = {}
        for at, region in enumerate(regions):
            for place in region - common:
                node = ways.nodes[place]
                for name in sets(node, survey) - {ANY}:
                    writers.setdefault(name, {}).setdefault(at, node.name)
        for name, tasks in sorted(writers.items()):
            if len(tasks) > 1:
                who = " dan ".join(f"'{task}'" for task in list(tasks.values())[:2])
                yield warning(ways.processes[gateway.process], gateway.id, "ditulis-dua-cabang",
                              f"'{name}' diisi di dua cabang yang berjalan bersamaan, {who}; yang terakhir "
                              "selesai yang berlaku.", "Beri isian itu nama yang berbeda di setiap cabang.")


def _read(text: str | None) -> Expression | None:
    try:
        return parse(text) if text and text.strip() else None
    except ExpressionError:
        return None
