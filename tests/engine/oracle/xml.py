"""The BPMN file of a graph, to the SOP contract. Without shapes: nobody looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from .graph import Graph, Multi, Node, Question, Sop, Span

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:sop="urn:tuntas:sop:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="berkas" targetNamespace="urn:tuntas:oracle">'
)
_TAGS = {
    "start": "startEvent", "end": "endEvent", "user": "userTask", "script": "scriptTask",
    "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
    "event": "eventBasedGateway", "timer": "intermediateCatchEvent", "message": "intermediateCatchEvent",
    "receive": "receiveTask",
    "throw": "intermediateThrowEvent", "sub": "subProcess", "call": "callActivity",
    "boundary": "boundaryEvent",
}


def bpmn(sop: Sop) -> str:
    graphs = [g for process in sop.processes for g in process.everywhere()]
    nodes = [n for g in graphs for n in g.nodes.values()]
    lines = [_HEAD]
    for name in sorted({n.message for n in nodes if n.message}):
        lines.append(f'<bpmn:message id="pesan_{name}" name="{name}"/>')
    for code in sorted({n.error for n in nodes if n.error}):
        lines.append(f'<bpmn:error id="galat_{code}" errorCode="{code}"/>')
    for code in sorted({n.escalation for n in nodes if n.escalation}):
        lines.append(f'<bpmn:escalation id="eskalasi_{code}" escalationCode="{code}"/>')
    for process in sop.processes:
        lines.append(f'<bpmn:process id="{process.id}" name="{process.id}" isExecutable="true">')
        lines += _lanes(process)
        lines += _inside(process)
        lines.append("</bpmn:process>")
    return "\n".join([*lines, "</bpmn:definitions>"])


def _lanes(process: Graph) -> Iterator[str]:
    """All lanes of a process in one set, which may name elements inside sub-processes too."""
    by_lane: dict[str, list[str]] = {}
    for graph in process.everywhere():
        for node in graph.nodes.values():
            if node.lane is not None:
                by_lane.setdefault(node.lane, []).append(node.id)
    if not by_lane:
        return
    yield f'<bpmn:laneSet id="{process.id}_jalur">'
    for lane, members in by_lane.items():
        yield f'<bpmn:lane id="{lane}" name="{lane}">'
        yield from (f"<bpmn:flowNodeRef>{member}</bpmn:flowNodeRef>" for member in members)
        yield "</bpmn:lane>"
    yield "</bpmn:laneSet>"


def _inside(graph: Graph) -> Iterator[str]:
    for node in graph.nodes.values():
        yield from _node(graph, node)
    for flow in graph.flows:
        head = f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}"'
        if flow.condition is None:
            yield head + "/>"
        else:
            yield (f'{head}><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
                   f"{escape(flow.condition.text)}</bpmn:conditionExpression></bpmn:sequenceFlow>")


def _node(graph: Graph, node: Node) -> Iterator[str]:
    tag = _TAGS[node.kind]
    attributes = {"id": node.id, "name": node.id}
    default = next((f.id for f in graph.outs[node.id] if f.default), None)
    if default is not None:
        attributes["default"] = default
    if node.called is not None:
        attributes["calledElement"] = node.called
    if node.host is not None:
        attributes["attachedToRef"] = node.host
        attributes["cancelActivity"] = str(node.interrupting).lower()
    if node.kind == "receive":
        attributes["messageRef"] = f"pesan_{node.message}"
    yield f"<bpmn:{tag} {' '.join(f'{k}={quoteattr(v)}' for k, v in attributes.items())}>"
    yield from _extensions(node)
    if node.kind == "script":
        yield f"<bpmn:script>{escape(chr(10).join(line.text for line in node.script))}</bpmn:script>"
    if node.multi is not None:
        yield from _multi(node.id, node.multi)
    if node.kind in ("timer", "message", "throw", "end", "boundary"):
        yield from _definition(node)
    if node.body is not None:
        yield from _inside(node.body)
    yield f"</bpmn:{tag}>"


def _extensions(node: Node) -> Iterator[str]:
    parts: list[str] = []
    if node.kind in ("user", "sub", "call") and node.deadline is not None:
        parts.append(f'<sop:task deadline="{node.deadline.text}"/>')
    if node.questions:
        parts += ["<sop:form>", *(_field(question) for question in node.questions), "</sop:form>"]
    if node.reason is not None:
        parts.append(f'<sop:end reason="{node.reason}"/>')
    if node.timer is not None and node.timer.replay:
        parts.append('<sop:timer catchUp="replay"/>')
    if parts:
        yield "<bpmn:extensionElements>"
        yield from parts
        yield "</bpmn:extensionElements>"


def _field(question: Question) -> str:
    if not question.options:
        return f'<sop:field id="{question.id}" type="integer" label="{question.id}" min="0" max="3"/>'
    options = "".join(f'<sop:option value="{value}" label="{value}"/>' for value in question.options)
    return (f'<sop:field id="{question.id}" type="choice" label="{question.id}" required="true">'
            f"{options}</sop:field>")


def _multi(name: str, multi: Multi) -> Iterator[str]:
    yield f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(multi.sequential).lower()}">'
    yield f"<bpmn:loopDataInputRef>{multi.items}</bpmn:loopDataInputRef>"
    if multi.outputs is not None:
        yield f"<bpmn:loopDataOutputRef>{multi.outputs}</bpmn:loopDataOutputRef>"
    yield f'<bpmn:inputDataItem id="{name}_masukan" name="{multi.item}"/>'
    if multi.output is not None:
        yield f'<bpmn:outputDataItem id="{name}_keluaran" name="{multi.output}"/>'
    yield "</bpmn:multiInstanceLoopCharacteristics>"


def _definition(node: Node) -> Iterator[str]:
    name = f"{node.id}_isi"
    if node.timer is not None:
        yield f'<bpmn:timerEventDefinition id="{name}">{_when(node.timer)}</bpmn:timerEventDefinition>'
    elif node.message is not None:
        yield f'<bpmn:messageEventDefinition id="{name}" messageRef="pesan_{node.message}"/>'
    elif node.error is not None:
        yield f'<bpmn:errorEventDefinition id="{name}"{_ref("errorRef", "galat", node.error)}/>'
    elif node.escalation is not None:
        ref = _ref("escalationRef", "eskalasi", node.escalation)
        yield f'<bpmn:escalationEventDefinition id="{name}"{ref}/>'
    elif node.terminate:
        yield f'<bpmn:terminateEventDefinition id="{name}"/>'


def _ref(attribute: str, kind: str, code: str) -> str:
    """An empty code catches every one, and refers to none."""
    return f' {attribute}="{kind}_{code}"' if code else ""


def _when(span: Span) -> str:
    return f'<bpmn:{span.tag} xsi:type="bpmn:tFormalExpression">{escape(span.text)}</bpmn:{span.tag}>'
