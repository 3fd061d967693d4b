"""Reads BPMN files into diagrams, refusing by name whatever the contract does not list.

Nothing is skipped in silence: an element this room does not run becomes an error finding here, before
SpiffWorkflow's parser (which drops, misreads or hangs on several of them) sees the file.
Rule: the SOP file contract, "Elements that run".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from app.engine.declaration import Document, Finding
from app.engine.diagram import EVENTS, RUNNABLE, Diagram, Event, Flow, Lane, Loop, Node, Process
from app.engine.extensions import DECISION, Report, read_declared, read_process, truth
from app.engine.found import Fix, fix, removal
from app.engine.markup import BPMN, child, children, local, namespace, parse_markup, text_of
from app.engine.words import element_words

_QUIET = frozenset({"documentation", "extensionElements", "incoming", "outgoing", "laneSet", "textAnnotation",
                    "association", "group", "category", "auditing", "monitoring"})
"""Tags that draw or describe and change nothing when run."""
_DATA = frozenset({"dataObjectReference", "dataStoreReference", "dataInputAssociation",
                   "dataOutputAssociation"})
"""What is drawn beside the flow and can be taken away: without it the flow is as it was."""
_OWN_PARTS = {
    "scriptTask": frozenset({"script"}),
    "sequenceFlow": frozenset({"conditionExpression"}),
}
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
Severity = Literal["error", "warning"]


@dataclass(slots=True)
class Reading:
    """What reading several files gave; `findings` holds everything that was refused on the way."""

    diagrams: list[Diagram] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    roots: dict[str, etree._Element] = field(default_factory=dict)
    """Process key -> root of its file, for SpiffWorkflow's parser."""


def read_diagram(file: str, content: bytes, reading: Reading) -> None:
    """Add one BPMN file to `reading`. Raises `UnreadableMarkup` when it is no XML this room reads."""
    root = parse_markup(file, content)
    if namespace(root) != BPMN or local(root) != "definitions":
        reading.findings.append(Finding(file, None, "bukan-bpmn", "error",
                                        "Berkas ini bukan diagram BPMN 2.0.",
                                        "Simpan sebagai BPMN 2.0 (.bpmn)."))
        return
    reader = _Reader(file, root, reading.findings)
    diagram = reader.read()
    reading.diagrams.append(diagram)
    for process in diagram.processes:
        reading.roots.setdefault(process.key, root)


class _Reader:
    def __init__(self, file: str, root: etree._Element, findings: list[Finding]) -> None:
        self.file = file
        self.root = root
        self.findings = findings
        self.messages = self._names("message", "name")
        self.errors = self._names("error", "errorCode")
        self.escalations = self._names("escalation", "escalationCode")
        self.refused: set[str] = set()

    def read(self) -> Diagram:
        self._check_ids()
        processes = tuple(self._process(node) for node in self.root if local(node) == "process")
        if not processes:
            self._find(None, "error", "tanpa-proses", "Berkas tidak memuat proses.", "Gambar satu proses.")
        return Diagram(self.file, processes)

    def _find(self, element: str | None, severity: Severity, rule: str, message: str,
              repair: str = "", repaired: Fix | None = None) -> None:
        self.findings.append(Finding(self.file, element, rule, severity, message, repair, repaired))

    def _report(self, element: str | None) -> Report:
        def report(severity: str, rule: str, message: str, repair: str) -> None:
            self._find(element, "error" if severity == "error" else "warning", rule, message, repair)
        return report

    def _names(self, tag: str, attribute: str) -> dict[str, str | None]:
        return {part.get("id", ""): part.get(attribute) for part in self.root if local(part) == tag}

    def _check_ids(self) -> None:
        seen: set[str] = set()
        lanes: set[str] = set()  # a lane's id is its role, which another process of the file may need too
        for part in self.root.iter(f"{{{BPMN}}}*"):
            name = part.get("id")
            if name is None or local(part) in {"inputDataItem", "outputDataItem"}:
                continue
            if name in seen and not (local(part) == "lane" and name in lanes):
                self._find(name, "error", "id-ganda", f"Id '{name}' dipakai dua kali.",
                           "Beri id yang berbeda kepada setiap unsur.")
            seen.add(name)
            if local(part) == "lane":
                lanes.add(name)

    def _process(self, node: etree._Element) -> Process:
        key = node.get("id", "")
        declared = read_process(node, self._report(key or None))
        nodes: dict[str, Node] = {}
        flows: list[Flow] = []
        self.refused.clear()
        lanes = self._lanes(node)
        self._scope(node, key, key, nodes, flows, _lane_index(lanes))
        return Process(key=key, name=node.get("name", "") or key, file=self.file,
                       executable=truth(node.get("isExecutable"), default=True) is not False,
                       total=declared.total, subject=declared.subject,
                       document=declared.document or Document(),
                       has_document=declared.document is not None, nodes=nodes, flows=tuple(flows),
                       lanes=tuple(lanes), refused=frozenset(self.refused))

    def _lanes(self, process: etree._Element) -> list[Lane]:
        """Lanes from the outermost inwards, so that a later one wins over an earlier one."""
        return [Lane(lane.get("id"), lane.get("name", ""),
                     tuple((ref.text or "").strip() for ref in lane if local(ref) == "flowNodeRef"))
                for lane in process.iter(f"{{{BPMN}}}lane")]

    def _scope(self, box: etree._Element, process: str, scope: str, nodes: dict[str, Node],
               flows: list[Flow], lanes: dict[str, str]) -> None:
        for part in children(box):
            tag = local(part)
            if tag == "sequenceFlow":
                flows.append(self._flow(part))
            elif tag in RUNNABLE:
                node = self._node(part, process, scope, lanes)
                if node.id and node.id not in nodes and node.id != process:  # `_check_ids` names these
                    nodes[node.id] = node
                if tag == "subProcess":
                    self._scope(part, process, node.id, nodes, flows, lanes)
            elif tag not in _QUIET and not (tag == "multiInstanceLoopCharacteristics" and scope != process):
                self._refuse(part)
                self.refused.update(one.get("id", "") for one in part.iter(f"{{{BPMN}}}*"))

    def _refuse(self, part: etree._Element, inside: str | None = None) -> None:
        tag = local(part)
        words = element_words(tag)
        name = part.get("id") or inside
        self._find(name, "error", "unsur-tidak-dijalankan",
                   f"{words.capitalize()} ({tag}) tidak dapat dijalankan.",
                   "Gambar dengan unsur yang didukung, atau hapus.",
                   fix("Hapus", removal(part.get("id"))) if tag in _DATA and part.get("id") else None)

    def _flow(self, part: etree._Element) -> Flow:
        name = part.get("id", "")
        if not name:
            self._find(None, "error", "tanpa-id", "Ada panah tanpa id.", "Beri id kepada setiap panah.")
        self._parts(part, name)
        return Flow(name, part.get("sourceRef", ""), part.get("targetRef", ""),
                    text_of(child(part, "conditionExpression")), " ".join(part.get("name", "").split()))

    def _node(self, part: etree._Element, process: str, scope: str, lanes: dict[str, str]) -> Node:
        tag, name = local(part), part.get("id", "")
        if not name:
            self._find(None, "error", "tanpa-id", f"Ada {element_words(tag)} tanpa id.",
                       "Beri id berupa kata, misalnya verifikasi.")
        if tag != "subProcess":
            self._parts(part, name)
        return Node(
            id=name, kind=tag, name=part.get("name", "").strip() or name, process=process, scope=scope,
            lane=lanes.get(name), documentation=text_of(child(part, "documentation")) or "",
            events=self._events(part, name), attached_to=part.get("attachedToRef"),
            interrupting=truth(part.get("cancelActivity"), default=True) is not False,
            default=part.get("default"), loop=self._loop(part, name), called=part.get("calledElement"),
            decision=part.get(DECISION), script=text_of(child(part, "script")),
            declared=read_declared(part, self._report(name)),
        )

    def _parts(self, part: etree._Element, name: str) -> None:
        tag = local(part)
        allowed = _QUIET | _OWN_PARTS.get(tag, frozenset()) | {"multiInstanceLoopCharacteristics"}
        for inner in children(part):
            is_event = tag in EVENTS and local(inner).endswith("EventDefinition")
            if local(inner) not in allowed and not is_event:
                self._refuse(inner, name)

    def _events(self, part: etree._Element, name: str) -> tuple[Event, ...]:
        tag = local(part)
        if tag == "receiveTask":
            return (Event("message", self._named(part.get("messageRef"), self.messages, name)),)
        if tag == "subProcess" and truth(part.get("triggeredByEvent")):
            self._find(name, "error", "unsur-tidak-dijalankan",
                       "Sub-proses peristiwa (triggeredByEvent) tidak dapat dijalankan.",
                       "Bungkus langkahnya dalam satu sub-proses dengan peristiwa batas.")
        if tag not in EVENTS:
            return ()
        return tuple(self._event(inner, name) for inner in children(part)
                     if local(inner).endswith("EventDefinition"))

    def _event(self, part: etree._Element, name: str) -> Event:
        kind = local(part).removesuffix("EventDefinition")
        match kind:
            case "message":
                return Event(kind, self._named(part.get("messageRef"), self.messages, name))
            case "error":
                return Event(kind, self._named(part.get("errorRef"), self.errors, name))
            case "escalation":
                return Event(kind, self._named(part.get("escalationRef"), self.escalations, name))
            case "timer":
                for place in ("timeDate", "timeDuration", "timeCycle"):
                    found = child(part, place)
                    if found is not None:
                        return Event(kind, text=text_of(found), place=place)
        return Event(kind)

    def _named(self, ref: str | None, names: dict[str, str | None], element: str) -> str | None:
        if ref is None:
            return None
        wanted = ref.rpartition(":")[2] if ref not in names else ref
        if wanted not in names:
            self._find(element, "error", "rujukan-hilang", f"Rujukan '{ref}' tidak ada dalam berkas.",
                       "Pilih lagi pesan, galat, atau eskalasinya.")
            return None
        return names[wanted]

    def _loop(self, part: etree._Element, name: str) -> Loop | None:
        found = child(part, "multiInstanceLoopCharacteristics")
        if found is None:
            return None
        known = {"loopCardinality", "loopDataInputRef", "inputDataItem", "loopDataOutputRef",
                 "outputDataItem", "completionCondition", "documentation", "extensionElements"}
        for inner in children(found):
            if local(inner) not in known:
                self._refuse(inner, name)
        return Loop(
            sequential=truth(found.get("isSequential")) is True,
            cardinality=text_of(child(found, "loopCardinality")) or None,
            data_input=text_of(child(found, "loopDataInputRef")) or None,
            input_item=_item(child(found, "inputDataItem")),
            data_output=text_of(child(found, "loopDataOutputRef")) or None,
            output_item=_item(child(found, "outputDataItem")),
            condition=text_of(child(found, "completionCondition")) or None,
        )


def _item(part: etree._Element | None) -> str | None:
    """Variable of a data item: its name where that is a word, else its id."""
    if part is None:
        return None
    name = part.get("name", "").strip()
    found: str | None = name if _WORD.fullmatch(name) else part.get("id")
    return found


def _lane_index(lanes: list[Lane]) -> dict[str, str]:
    """Element -> id of its innermost lane. Lanes without an id are left out; `refusals` names them."""
    index: dict[str, str] = {}
    for lane in lanes:
        if lane.id:
            index.update(dict.fromkeys(lane.refs, lane.id))
    return index
