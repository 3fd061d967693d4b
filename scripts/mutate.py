"""Diagrams spoilt in every way a tool, a hand or an enemy may spoil them, from our own, by a seed.

`mutants(seeds, count, seed)` gives (name, content): elements and attributes deleted, doubled, moved and
rewired, namespaces swapped, bytes cut and flipped, nests, huge names, wrong encodings, wrong values and
hostile expressions. The same seed gives the same files.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SOP = "urn:tuntas:sop:1"
_NAMESPACES = (
    BPMN,
    SOP,
    "http://camunda.org/schema/1.0/bpmn",
    "http://schema.omg.org/spec/BPMN/1.2",
    "urn:lain",
    "",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/CMMN/20151109/MODEL",
)
_TAGS = (
    "userTask",
    "task",
    "manualTask",
    "sendTask",
    "receiveTask",
    "serviceTask",
    "scriptTask",
    "businessRuleTask",
    "subProcess",
    "transaction",
    "adHocSubProcess",
    "callActivity",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "complexGateway",
    "startEvent",
    "endEvent",
    "boundaryEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "dataObject",
    "dataObjectReference",
    "process",
    "lane",
    "timerEventDefinition",
    "messageEventDefinition",
    "signalEventDefinition",
    "linkEventDefinition",
    "errorEventDefinition",
    "escalationEventDefinition",
    "compensateEventDefinition",
    "sequenceFlow",
)
_TEXTS = (
    "",
    " ",
    "__import__('os').system('true')",
    "().__class__.__mro__",
    "x" * 5_000,
    "(" * 400,
    "1" + "+1" * 3_000,
    "[" * 60 + "]" * 60,
    "'a' * 999999999",
    "9" * 400,
    "1/0",
    "hari_kerja(-1)",
    "hari_kerja(1e308)",
    "tenggat(0)",
    "'P'",
    "'-P1D'",
    "'R/PT0S'",
    "'R999999999/PT1S'",
    "'P1M'",
    "'R/P1D'",
    "0 0 * * *",
    "PT1H",
    "lambda: 1",
    "{'a': {'a': 1}}",
    "a.b.c.__class__",
    "typename",
    "tidak_ada == 1",
    "not not not keputusan",
    "True",
    "None",
    "keputusan = 'x'",
    "\\u0000",
    "é" * 50,
    "\u202e",
    "${execution.id}",
    "#{x}",
    "=x + 1",
    "nilai\n\n=\n1",
    "in in in",
    "f'{x}'",
    "a if b else c if d else e",
    "len(" * 39 + "x" + ")" * 39,
    "999999999999999999999",
)
_VALUES = (
    "",
    "true",
    "ya",
    "-1",
    "99999999999999999999",
    "x" * 20_000,
    "pelapor",
    "tidak_ada",
    "../..",
    "selesai",
    "cabang",
    "__class__",
    "hari_kerja(3)",
    "a b",
    "é",
    "<>&\"'",
    "0",
    "1e9",
    "NaN",
)

Change = Callable[[random.Random, etree._Element, list[etree._Element]], None]


def mutants(seeds: Sequence[tuple[str, bytes]], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` spoilt files, each from one of `seeds` by one to six changes."""
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - to be repeated, not to be secret
        name, content = chance.choice(list(seeds))
        yield f"{number:04d}-{name}", _mutant(chance, content)


def _mutant(chance: random.Random, content: bytes) -> bytes:
    root = etree.fromstring(content)
    for _ in range(chance.randint(1, 6)):
        parts = [part for part in root.iter() if isinstance(part.tag, str)]
        if len(parts) < 2:
            break
        chance.choice(_CHANGES)(chance, root, parts)
    written: bytes = etree.tostring(
        root, encoding=chance.choice(("UTF-8",) * 6 + ("UTF-16", "ISO-8859-1", "ASCII")), xml_declaration=True
    )
    return chance.choice(_BYTES)(chance, written) if chance.random() < 0.25 else written


def _inner(chance: random.Random, parts: list[etree._Element]) -> etree._Element:
    return chance.choice(parts[1:])


def _delete(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part = _inner(chance, parts)
    part.getparent().remove(part)


def _double(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part = _inner(chance, parts)
    for _ in range(chance.choice((1, 1, 1, 2, 30))):
        part.addnext(copy.deepcopy(part))


def _move(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part, target = _inner(chance, parts), chance.choice(parts)
    if target is not part and part not in target.iterancestors():
        target.append(part)


def _rewire(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    """A reference points elsewhere: at another element, or at itself."""
    ids = [part.get("id") for part in parts if part.get("id")]
    holders = [
        (part, name)
        for part in parts
        for name in (
            "sourceRef",
            "targetRef",
            "attachedToRef",
            "default",
            "calledElement",
            "messageRef",
            "errorRef",
            "processRef",
            "bpmnElement",
            f"{{{SOP}}}decision",
            "verifies",
        )
        if part.get(name)
    ]
    if ids and holders:
        part, name = chance.choice(holders)
        part.set(name, chance.choice([*chance.sample(ids, min(3, len(ids))), part.get("id") or "", "hilang"]))


def _same_id(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    named = [part for part in parts if part.get("id")]
    if len(named) > 1:
        one, other = chance.sample(named, 2)
        one.set("id", other.get("id"))


def _lose(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part = chance.choice([one for one in parts if one.attrib] or parts)
    if part.attrib:
        del part.attrib[chance.choice(list(part.attrib))]


def _value(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part = chance.choice([one for one in parts if one.attrib] or parts)
    if part.attrib:
        part.set(
            chance.choice(list(part.attrib)), chance.choice((*_VALUES, *(_clean(one) for one in _TEXTS)))
        )


def _text(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    wanted = [part for part in parts if part.text and part.text.strip()]
    if wanted:
        chance.choice(wanted).text = _clean(chance.choice(_TEXTS))


def _expression(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    """Hostile text where the language is spoken."""
    places = [
        (part, name)
        for part in parts
        for name in ("deadline", "requiredWhen", "visibleWhen", "default", "pattern", "total", "value")
        if part.get(name)
    ]
    texts = [
        part
        for part in parts
        if etree.QName(part).localname
        in {
            "conditionExpression",
            "script",
            "timeDate",
            "timeCycle",
            "timeDuration",
            "text",
            "loopCardinality",
        }
    ]
    hostile = _clean(chance.choice(_TEXTS))
    if texts and (not places or chance.random() < 0.6):
        chance.choice(texts).text = hostile
    elif places:
        part, name = chance.choice(places)
        part.set(name, hostile)


def _tag(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    part = _inner(chance, parts)
    part.tag = f"{{{etree.QName(part).namespace or BPMN}}}{chance.choice(_TAGS)}"


def _namespace(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    space = chance.choice(_NAMESPACES)
    chosen = parts if chance.random() < 0.2 else [_inner(chance, parts)]
    for part in chosen:
        local = etree.QName(part).localname
        part.tag = f"{{{space}}}{local}" if space else local


def _nest(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    """A part deep inside copies of its own kind."""
    part = _inner(chance, parts)
    parent = part.getparent()
    for level in range(chance.choice((3, 20, 120))):
        box = etree.SubElement(parent, part.tag)
        box.set("id", f"sarang_{level}")
        parent = box


def _huge(chance: random.Random, _root: etree._Element, parts: list[etree._Element]) -> None:
    chance.choice(parts).set(
        chance.choice(("id", "name")), chance.choice("aé ") * chance.choice((300, 100_000))
    )


def _many(chance: random.Random, root: etree._Element, parts: list[etree._Element]) -> None:
    """Very many tasks, flows or boundary events in a row."""
    process = next((part for part in parts if etree.QName(part).localname == "process"), root)
    size = chance.choice((100, 400, 2_000))
    for number in range(size):
        task = etree.SubElement(process, f"{{{BPMN}}}{chance.choice(_TAGS[:20])}")
        task.set("id", f"banyak_{number}")
        flow = etree.SubElement(process, f"{{{BPMN}}}sequenceFlow")
        for name, value in (
            ("id", f"alur_{number}"),
            ("sourceRef", f"banyak_{number}"),
            ("targetRef", f"banyak_{chance.randrange(size)}"),
        ):
            flow.set(name, value)


def _clean(text: str) -> str:
    """What XML can hold."""
    return "".join(char for char in text if char in "\t\n\r" or ord(char) >= 32)


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content))]


def _flip(chance: random.Random, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 3, 40))):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def _swap(chance: random.Random, content: bytes) -> bytes:
    at, to = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    return content[:at] + content[to:] + content[at:to]


def _declare(chance: random.Random, content: bytes) -> bytes:
    wrong = chance.choice((b"UTF-16", b"UTF-7", b"x-tidak-ada", b"EBCDIC-US", b"UTF-32"))
    return content.replace(b"UTF-8", wrong, 1)


def _doctype(_chance: random.Random, content: bytes) -> bytes:
    head, _, rest = content.partition(b"?>")
    return head + b'?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/hostname">]>' + rest


def _pad(chance: random.Random, content: bytes) -> bytes:
    return content + chance.choice((b" " * 3_000_000, b"\x00" * 100, b"<sisa/>", b"\xff\xfe"))


_CHANGES: Sequence[Change] = (
    _delete,
    _delete,
    _double,
    _move,
    _rewire,
    _rewire,
    _rewire,
    _same_id,
    _lose,
    _lose,
    _value,
    _value,
    _text,
    _expression,
    _expression,
    _tag,
    _tag,
    _namespace,
    _nest,
    _huge,
    _many,
)
_BYTES: Sequence[Callable[[random.Random, bytes], bytes]] = (
    _cut,
    _flip,
    _flip,
    _swap,
    _declare,
    _doctype,
    _pad,
)
