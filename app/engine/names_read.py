"""Data that are read before anything can have set them: a slip of the pen that stops a report half-way.

Every way through the process and what it calls is followed; a name counts as set when any way, or a branch
that runs beside, may have set it. What messages from outside bring cannot be known.
Rules: publish checks 1 ("name read before any path sets it"); the SOP file contract, "Variables", "What a
report brings to its process".
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.engine.declaration import Finding
from app.engine.diagram import Node, Process
from app.engine.expressions import Expression, ExpressionError, parse, parse_script
from app.engine.found import Edit, Fix, condition, error, extension, fix, inside, timer, warning
from app.engine.survey import Survey
from app.engine.ways import Ways

BROUGHT = frozenset({"nomor", "jenis", "kategori", "kelurahan", "kecamatan", "kanal", "anonim", "rahasia",
                     "jumlah_foto", "diterima"})
"""What a report brings to its process."""
ANY = "*"
"""Stands for whatever a message may have brought."""
_REPORTERS = frozenset({"balasan_pelapor", "keberatan", "penarikan", "kabar_kemajuan"})
_FROM_REPORTER = frozenset({"isi", "foto", "lampiran"})


@dataclass(frozen=True, slots=True)
class Read:
    """One text of an element that reads data. `rewrite` makes the edit that writes it otherwise."""

    element: str
    what: str
    expression: Expression
    own: frozenset[str] = frozenset()
    strict: bool = True
    """A condition of a form that reads nothing only hides the field."""
    place: str | None = None
    """`condition`, `deadline`, or the tag of a timer."""


def unset_names(process: Process, survey: Survey, ways: Ways) -> list[Finding]:
    """Findings for every name that is read and cannot have been set; `process` is not called by another."""
    start = _at_start(process, survey)
    known = _known_before(ways, survey, start)
    found: list[Finding] = []
    beside: Mapping[int, frozenset[str]] | None = None
    for place, node in enumerate(ways.nodes):
        if place in ways.leaving or known[place] is None:
            continue
        owner = ways.processes[node.process]
        for read in reads(node, owner, survey):
            missing = read.expression.names - (known[place] or frozenset()) - read.own
            if not missing or ANY in (known[place] or ()):
                continue
            beside = _beside(ways, survey) if beside is None else beside
            missing -= beside.get(place, frozenset())
            if ANY not in beside.get(place, ()):
                found.extend(_told(owner, node, read, name, known[place] or start)
                             for name in sorted(missing))
    return list(dict.fromkeys(found))


def sets(node: Node, survey: Survey) -> frozenset[str]:
    """Names that are set when the element is done, as its surroundings see them."""
    if node.loop is not None:
        return frozenset({node.loop.data_output}) if node.loop.data_output else frozenset()
    return _sets_inside(node, survey)


def _sets_inside(node: Node, survey: Survey) -> frozenset[str]:
    match node.kind:
        case "userTask":
            return frozenset(one.id for one in node.declared.fields if one.type != "info")
        case "scriptTask":
            try:
                return parse_script(node.script or "").sets
            except ExpressionError:
                return frozenset()
        case "businessRuleTask":
            table = survey.decisions.get(node.decision or "")
            return table.sets if table is not None else frozenset({ANY})
        case "serviceTask":
            return frozenset({"opd"}) if node.declared.operation == "tetapkan_opd" else frozenset()
        case "callActivity":
            return frozenset() if node.called in survey.processes else frozenset({ANY})
        case _:
            messages = {event.name for event in node.events if event.kind == "message"}
            if not messages:
                return frozenset()
            return _FROM_REPORTER if messages <= _REPORTERS else frozenset({ANY})


def reads(node: Node, process: Process, survey: Survey) -> Iterator[Read]:
    """Everything an element reads when it opens, runs or is left."""
    item = frozenset({node.loop.input_item}) if node.loop and node.loop.input_item else frozenset[str]()
    for event in node.events:
        if event.text:
            yield from _read(node.id, "pengatur waktu", event.text, place=event.place)
    deadline = node.declared.task.get("deadline", "")
    yield from _read(node.id, "tenggat", deadline, item, place="deadline")
    if node.loop is not None:
        yield from _read(node.id, "banyaknya pengulangan", node.loop.cardinality)
        yield from _read(node.id, "daftar yang diulang", node.loop.data_input)
    for flow in process.outgoing(node.id):
        if flow.id != node.default:
            yield from _read(flow.id, "syarat", flow.condition, place="condition")
    for name, text in node.declared.parameters:
        yield from _read(node.id, f"parameter {name}", text, item)
    asked = frozenset(one.id for one in node.declared.fields) | item
    for one in node.declared.fields:
        for written in (one.visible_when, one.required_when, one.default):
            yield from _read(node.id, f"isian {one.id}", written, asked, strict=False)
    if node.kind == "scriptTask":
        yield from _script(node, item)
    table = survey.decisions.get(node.decision or "") if node.kind == "businessRuleTask" else None
    for column in table.inputs if table is not None else ():
        yield Read(node.id, f"tabel {table.name if table else ''}", column.expression, item)


def _script(node: Node, item: frozenset[str]) -> Iterator[Read]:
    try:
        lines = parse_script(node.script or "").assignments
    except ExpressionError:
        return
    made = set(item)
    for name, expression in lines:
        yield Read(node.id, f"baris '{name} = …'", expression, frozenset(made))
        made.add(name)


def _read(element: str, what: str, text: str | None, own: Iterable[str] = (), *, strict: bool = True,
          place: str | None = None) -> Iterator[Read]:
    if not text or not text.strip():
        return
    try:
        yield Read(element, what, parse(text), frozenset(own), strict, place)
    except ExpressionError:
        return


def _at_start(process: Process, survey: Survey) -> frozenset[str]:
    """What the process begins with: what a report brings, and what others hand over that begin it."""
    names = set(BROUGHT)
    for other in survey.processes.values():
        for node in other.nodes.values():
            given = dict(node.declared.parameters)
            if node.declared.operation != "mulai_sop" or _text(given.get("kunci")) not in (None, process.key):
                continue
            keys = _keys(given.get("data"))
            names |= keys if keys is not None else {ANY}
    return frozenset(names)


def _text(written: str | None) -> str | None:
    """The text a parameter is, when it is one constant text; None otherwise."""
    try:
        tree = parse(written or "").tree
    except ExpressionError:
        return None
    return tree.value if isinstance(tree, ast.Constant) and isinstance(tree.value, str) else None


def _keys(written: str | None) -> set[str] | None:
    """Keys of a written object; None when they cannot be told."""
    if not written:
        return set()
    try:
        tree = parse(written).tree
    except ExpressionError:
        return None
    if not isinstance(tree, ast.Dict):
        return None
    return {str(key.value) for key in tree.keys if isinstance(key, ast.Constant)}


def _known_before(ways: Ways, survey: Survey, start: frozenset[str]) -> list[frozenset[str] | None]:
    """For each place the names that some way to it may have set; None for places nothing leads to."""
    known: list[frozenset[str] | None] = [None] * len(ways.nodes)
    made = [sets(node, survey) for node in ways.nodes]
    ahead: list[tuple[int, frozenset[str]]] = [(place, start) for place in ways.starts]
    while ahead:
        place, names = ahead.pop()
        before = known[place]
        now = names if before is None else before | names
        if now == before:
            continue
        known[place] = now
        node = ways.nodes[place]
        if place in ways.leaving:
            entered = known[ways.place(node.process, node.id)] if node.loop is not None else None
            after = (now if entered is None else entered) | made[place]
        elif ways.exit_of(place) == place:
            after = now | made[place]
        else:
            after = now | ({node.loop.input_item} if node.loop and node.loop.input_item else set())
        ahead.extend((one, after) for one in ways.steps[place])
    return known


def _beside(ways: Ways, survey: Survey) -> Mapping[int, frozenset[str]]:
    """For each place the names that branches running beside it may set."""
    found: dict[int, set[str]] = {}
    for _fork, branches in forks(ways):
        regions = [set(ways.reach(branch, joins=False)) for branch in branches]
        common = set.intersection(*regions)
        for at, region in enumerate(regions):
            others = set().union(*(one for place, one in enumerate(regions) if place != at)) - common
            names = {name for place in others for name in sets(ways.nodes[place], survey)}
            for place in region - common:
                found.setdefault(place, set()).update(names)
    return {place: frozenset(names) for place, names in found.items()}


def forks(ways: Ways) -> Iterator[tuple[Node, list[list[int]]]]:
    """Where branches run beside each other: the gateway or boundary event, and where each branch begins."""
    for place, node in enumerate(ways.nodes):
        if node.kind in {"parallelGateway", "inclusiveGateway"} and len(ways.steps[place]) > 1:
            yield node, [[step] for step in ways.steps[place]]
        elif node.kind == "boundaryEvent" and not node.interrupting:
            host = node.attached_to or ""
            if host in ways.processes[node.process].nodes:
                yield node, [[place], [ways.place(node.process, host)]]


def _told(process: Process, node: Node, read: Read, name: str, known: frozenset[str]) -> Finding:
    near = difflib.get_close_matches(name, known - {ANY}, n=1, cutoff=0.7)
    repair = f"Maksudnya '{near[0]}'?" if near else (
        f"Isi '{name}' lebih dahulu dengan formulir, tabel keputusan, atau skrip, atau perbaiki namanya.")
    say = error if read.strict else warning
    return say(process, read.element, "data-belum-diisi",
               f"{read.what.capitalize()} pada {inside(node)} membaca '{name}', yang belum diisi langkah "
               "mana pun sebelumnya.", repair, _renamed(node, read, name, near[0]) if near else None)


def _renamed(node: Node, read: Read, name: str, right: str) -> Fix | None:
    text = read.expression.text
    if read.place is None or not text.isascii() or "\n" in text.strip():
        return None
    line = text.strip()
    for part in sorted((one for one in ast.walk(read.expression.tree)
                        if isinstance(one, ast.Name) and one.id == name), key=lambda one: -one.col_offset):
        line = line[:part.col_offset] + right + line[part.col_offset + len(name):]
    edit: Edit
    match read.place:
        case "condition":
            edit = condition(read.element, line)
        case "deadline":
            edit = extension(node.id, "sop:task", "deadline", line)
        case _:
            edit = timer(node.id, read.place, line)
    return fix(f"Ganti dengan '{right}'", edit)
