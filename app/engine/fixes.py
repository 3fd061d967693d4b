"""Repairs of findings: what one click changes in a file, as plain data, and the same done on the server.

A fix is `{"label": text, "edits": [edit, …]}`; the edits are applied in order, in the browser (where they can
be undone) or by `apply_fix`. An edit names what it does under `do`:

- `attribute`: `element`, `name` (`default`, `name`, `cancelActivity`, `sop:decision` …), `value` (None: none)
- `extension`: `element`, `tag` (`sop:task` …; made when missing), `attribute`, `value` (None: none)
- `condition`: `element` (a flow), `value` (None: no condition)
- `timer`: `element`, `place` (`timeDuration`, `timeDate`, `timeCycle`), `value`
- `field`: `element` (a user task), `value` (a field, `options` included; appended to its form)
- `remove`: `element`, with every arrow, reference and shape that hangs on it; nothing when an earlier edit
  took it along
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from app.engine.declaration import NAMESPACE
from app.engine.markup import BPMN, child, children, local, parse_markup

Edit = Mapping[str, Any]

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_TIMES = ("timeDate", "timeDuration", "timeCycle")
_REFERRING = ("incoming", "outgoing", "flowNodeRef")


class FixInvalid(ValueError):
    """The fix names an element the file does not have, or an edit nobody knows."""


def apply_fix(content: bytes, fix: Mapping[str, Any]) -> bytes:
    """The file after the edits of `fix`, in UTF-8. Raises FixInvalid, and UnreadableMarkup for a file that
    is no diagram."""
    root = parse_markup("", content)
    before, gone = _ids(root), set[str]()
    for edit in fix["edits"]:
        work = _EDITS.get(edit["do"])
        if work is None:
            raise FixInvalid(f"Perbaikan '{edit['do']}' tidak dikenal.")
        found = _element(root, edit["element"])
        if found is not None:
            work(found, edit)
        elif edit["element"] not in gone:
            raise FixInvalid(f"Unsur '{edit['element']}' tidak ada.")
        gone |= before - _ids(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _element(root: etree._Element, name: str) -> etree._Element | None:
    return next((part for part in root.iter(f"{{{BPMN}}}*") if part.get("id") == name), None)


def _ids(root: etree._Element) -> set[str]:
    return {part.get("id") for part in root.iter(f"{{{BPMN}}}*") if part.get("id")}


def _set(part: etree._Element, name: str, value: str | None) -> None:
    key = f"{{{NAMESPACE}}}{name.removeprefix('sop:')}" if name.startswith("sop:") else name
    if value is None:
        part.attrib.pop(key, None)
    else:
        part.set(key, value)


def _attribute(part: etree._Element, edit: Edit) -> None:
    _set(part, edit["name"], edit["value"])


def _extension(part: etree._Element, edit: Edit) -> None:
    _set(_own(part, edit["tag"].removeprefix("sop:")), edit["attribute"], edit["value"])


def _condition(part: etree._Element, edit: Edit) -> None:
    found = child(part, "conditionExpression")
    if edit["value"] is None:
        if found is not None:
            part.remove(found)
        return
    if found is None:
        found = etree.SubElement(part, f"{{{BPMN}}}conditionExpression")
        found.set(_XSI_TYPE, f"{part.prefix}:tFormalExpression" if part.prefix else "tFormalExpression")
    found.text = edit["value"]


def _timer(part: etree._Element, edit: Edit) -> None:
    found = child(part, "timerEventDefinition")
    if found is None or edit["place"] not in _TIMES:
        raise FixInvalid("Pengatur waktu itu tidak ada.")
    for inner in children(found):
        if local(inner) in _TIMES:
            found.remove(inner)
    etree.SubElement(found, f"{{{BPMN}}}{edit['place']}").text = edit["value"]


def _field(part: etree._Element, edit: Edit) -> None:
    given = dict(edit["value"])
    options = given.pop("options", ())
    field = etree.SubElement(_own(part, "form"), f"{{{NAMESPACE}}}field")
    for name, value in given.items():
        field.set(name, _text(value))
    for option in options:
        etree.SubElement(field, f"{{{NAMESPACE}}}option", dict(option))


def _remove(part: etree._Element, edit: Edit) -> None:
    root = part.getroottree().getroot()
    gone = {inner.get("id") for inner in part.iter(f"{{{BPMN}}}*") if inner.get("id")}
    hanging = [other for other in root.iter(f"{{{BPMN}}}sequenceFlow", f"{{{BPMN}}}boundaryEvent",
                                            f"{{{BPMN}}}association")
               if other.get("id") not in gone
               and {other.get(end) for end in ("sourceRef", "targetRef", "attachedToRef")} & gone]
    for other in root.iter(f"{{{BPMN}}}*"):
        if other.get("default") in gone:
            del other.attrib["default"]
    for other in list(root.iter(*(f"{{{BPMN}}}{tag}" for tag in _REFERRING), f"{{{DI}}}*")):
        mine = (other.text or "").strip() if local(other) in _REFERRING else other.get("bpmnElement")
        if mine in gone:
            _take_out(other)
    _take_out(part)
    if local(part) == "dataObjectReference":
        hanging += _unused_data(root, part.get("dataObjectRef"))
    for other in hanging:
        if other.getparent() is not None:
            _remove(other, edit)


def _unused_data(root: etree._Element, name: str | None) -> list[etree._Element]:
    """The data object a removed shape stood for, when no other shape stands for it."""
    used = any(one.get("dataObjectRef") == name for one in root.iter(f"{{{BPMN}}}dataObjectReference"))
    return [] if used else [one for one in root.iter(f"{{{BPMN}}}dataObject") if one.get("id") == name]


def _take_out(part: etree._Element) -> None:
    parent = part.getparent()
    if parent is not None:
        parent.remove(part)


def _own(part: etree._Element, tag: str) -> etree._Element:
    """Its `sop:` extension element, made when missing; the box stands first, after the documentation."""
    box = child(part, "extensionElements")
    if box is None:
        box = etree.Element(f"{{{BPMN}}}extensionElements")
        part.insert(sum(local(inner) == "documentation" for inner in children(part)), box)
    for inner in children(box, sop=True):
        if local(inner) == tag:
            return inner
    return etree.SubElement(box, f"{{{NAMESPACE}}}{tag}", nsmap={"sop": NAMESPACE})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_EDITS: Mapping[str, Callable[[etree._Element, Edit], None]] = {
    "attribute": _attribute, "extension": _extension, "condition": _condition, "timer": _timer,
    "field": _field, "remove": _remove,
}
