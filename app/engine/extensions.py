"""Reading the `sop:` extension elements of one node into the values of `declaration.py`.

What the namespace does not know is reported, never ignored: an attribute written wrong would otherwise
silently do nothing. Rule: the SOP file contract, sections "User task", "Service task", "End events".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from app.engine.declaration import FIELD_TYPES, NAMESPACE, Document, Duty, Field, Option, Standard
from app.engine.diagram import Declared
from app.engine.markup import child, children, local, text_of

Report = Callable[[str, str, str, str], None]
"""(severity, rule, message, repair) about the node being read."""

DECISION = f"{{{NAMESPACE}}}decision"

_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "task": frozenset({"deadline", "status", "priority", "verifies", "fresh", "pauses"}),
    "duty": frozenset({"cost", "responsible", "public", "message", "escalation"}),
    "standard": frozenset({"inputs", "output", "note"}),
    "field": frozenset({"id", "type", "label", "required", "requiredWhen", "visibleWhen", "default", "min",
                        "max", "minLength", "maxLength", "pattern", "help", "public", "personal",
                        "reporter"}),
    "option": frozenset({"value", "label"}),
    "service": frozenset({"name"}),
    "parameter": frozenset({"name", "value"}),
    "timer": frozenset({"catchUp"}),
    "end": frozenset({"reason"}),
    "process": frozenset({"total", "subject"}),
    "document": frozenset({"number", "createdOn", "revisedOn", "effectiveOn", "approvedBy", "qualification",
                           "related", "equipment", "warning", "records", "organization", "name"}),
    "form": frozenset(),
    "legalBasis": frozenset(),
}
_PLACES: Mapping[str, frozenset[str]] = {
    "task": frozenset({"userTask", "subProcess", "callActivity"}),
    "form": frozenset({"userTask"}),
    "duty": frozenset({"userTask"}),
    "standard": frozenset({"userTask", "serviceTask", "scriptTask", "businessRuleTask", "receiveTask",
                           "subProcess", "callActivity"}),
    "service": frozenset({"serviceTask"}),
    "timer": frozenset({"boundaryEvent", "intermediateCatchEvent"}),
    "end": frozenset({"endEvent"}),
    "process": frozenset({"process"}),
    "document": frozenset({"process"}),
}
SUBJECTS = ("laporan", "sop")
"""What stands behind a process: a report of a citizen, or (beyond the contract) an SOP being decided on."""
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def read_declared(node: etree._Element, report: Report) -> Declared:
    """What the extension elements of a flow node declare."""
    found = _extensions(node, report)
    task = found.get("task")
    form = found.get("form")
    duty = found.get("duty")
    standard = found.get("standard")
    service = found.get("service")
    end = found.get("end")
    timer = found.get("timer")
    return Declared(
        task=dict(task.attrib) if task is not None else {},
        fields=_fields(form, report) if form is not None else (),
        has_form=form is not None,
        duty=_duty(duty) if duty is not None else None,
        duty_missing=tuple(sorted(_ATTRIBUTES["duty"] - set(duty.attrib))) if duty is not None else (),
        standard=_standard(standard) if standard is not None else None,
        operation=service.get("name", "").strip() if service is not None else None,
        parameters=_parameters(service) if service is not None else (),
        end_reason=end.get("reason", "").strip() or None if end is not None else None,
        catch_up=_catch_up(timer, report) if timer is not None else "collapse",
    )


@dataclass(frozen=True, slots=True)
class ProcessDeclared:
    """The `sop:` extension elements of a process. `document` is None without an identity block."""

    total: str | None = None
    subject: str = SUBJECTS[0]
    document: Document | None = None


def read_process(node: etree._Element, report: Report) -> ProcessDeclared:
    """What a `bpmn:process` declares."""
    found = _extensions(node, report)
    process = found.get("process")
    document = found.get("document")
    total = process.get("total", "").strip() or None if process is not None else None
    subject = process.get("subject", "").strip() or SUBJECTS[0] if process is not None else SUBJECTS[0]
    if subject not in SUBJECTS:
        report("error", "pokok-tak-dikenal", f"subject berisi '{subject}'.", "Tulis laporan atau sop.")
        subject = SUBJECTS[0]
    if document is None:
        return ProcessDeclared(total, subject)
    basis = tuple(text_of(part) or "" for part in children(document, sop=True) if local(part) == "legalBasis")
    return ProcessDeclared(total, subject, Document(dict(document.attrib), basis))


def truth(text: str | None, default: bool = False) -> bool | None:
    """An XML boolean; None when the text is none."""
    return default if text is None else _TRUTH.get(text.strip().lower())


def _extensions(node: etree._Element, report: Report) -> dict[str, etree._Element]:
    box = child(node, "extensionElements")
    found: dict[str, etree._Element] = {}
    if box is None:
        return found
    kind = local(node)
    for part in children(box, sop=True):
        tag = local(part)
        if kind not in _PLACES.get(tag, ()):
            report("error", "sop-tak-dikenal", f"Unsur sop:{tag} tidak dikenal pada {kind}.",
                   "Periksa ejaannya, atau pindahkan ke unsur yang benar.")
        elif tag in found:
            report("error", "sop-ganda", f"Unsur sop:{tag} tertulis dua kali.", "Hapus salah satunya.")
        else:
            found[tag] = part
            _check_attributes(part, report)
    return found


def _check_attributes(part: etree._Element, report: Report) -> None:
    tag = local(part)
    for name in part.attrib:
        if name not in _ATTRIBUTES.get(tag, ()) and not name.startswith("{"):
            report("warning", "atribut-tak-dikenal", f"Atribut {name} pada sop:{tag} tidak dikenal.",
                   "Hapus atribut itu atau perbaiki ejaannya.")
    for part_child in children(part, sop=True):
        if local(part_child) in _ATTRIBUTES:
            _check_attributes(part_child, report)
        else:
            report("error", "sop-tak-dikenal", f"Unsur sop:{local(part_child)} tidak dikenal.",
                   "Periksa ejaannya.")


def _fields(form: etree._Element, report: Report) -> tuple[Field, ...]:
    return tuple(_field(part, report) for part in children(form, sop=True) if local(part) == "field")


def _field(part: etree._Element, report: Report) -> Field:
    name = part.get("id", "").strip()
    kind = part.get("type", "").strip()
    if kind not in FIELD_TYPES:
        report("error", "jenis-isian", f"Isian {name or '(tanpa id)'} berjenis '{kind}', yang tidak dikenal.",
               f"Pakai salah satu: {', '.join(FIELD_TYPES)}.")
    return Field(
        id=name, type=kind, label=part.get("label", "").strip(),
        required=_flag(part, "required", report), required_when=_optional(part, "requiredWhen"),
        visible_when=_optional(part, "visibleWhen"), default=_optional(part, "default"),
        min=_optional(part, "min"), max=_optional(part, "max"),
        min_length=_count(part, "minLength", report), max_length=_count(part, "maxLength", report),
        pattern=_optional(part, "pattern"), help=_optional(part, "help"),
        public=_flag(part, "public", report), personal=_flag(part, "personal", report),
        reporter=_flag(part, "reporter", report),
        options=tuple(Option(option.get("value", ""), option.get("label", option.get("value", "")))
                      for option in children(part, sop=True) if local(option) == "option"),
    )


def _optional(part: etree._Element, name: str) -> str | None:
    text = part.get(name)
    return text if text is not None and text.strip() else None


def _flag(part: etree._Element, name: str, report: Report) -> bool:
    value = truth(part.get(name))
    if value is None:
        report("error", "bukan-benar-salah", f"Atribut {name} berisi '{part.get(name)}'.",
               "Tulis true atau false.")
    return bool(value)


def _count(part: etree._Element, name: str, report: Report) -> int | None:
    text = _optional(part, name)
    if text is None:
        return None
    if not text.strip().isdecimal():
        report("error", "bukan-bilangan", f"Atribut {name} berisi '{text}'.", "Tulis bilangan bulat.")
        return None
    return int(text)


def _duty(part: etree._Element) -> Duty:
    return Duty(cost=part.get("cost", ""), responsible=part.get("responsible", ""),
                public=part.get("public", ""), message=part.get("message"),
                escalation=part.get("escalation", ""))


def _standard(part: etree._Element) -> Standard:
    return Standard(inputs=part.get("inputs", ""), output=part.get("output", ""), note=part.get("note", ""))


def _parameters(service: etree._Element) -> tuple[tuple[str, str], ...]:
    return tuple((part.get("name", "").strip(), part.get("value", ""))
                 for part in children(service, sop=True) if local(part) == "parameter")


def _catch_up(timer: etree._Element, report: Report) -> str:
    value: str = timer.get("catchUp", "collapse").strip()
    if value not in {"collapse", "replay"}:
        report("error", "catch-up", f"catchUp berisi '{value}'.", "Tulis collapse atau replay.")
        return "collapse"
    return value
