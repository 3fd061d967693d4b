"""The picture of an SOP, drawn on the server from the BPMN file's own layout, with the path of one report.

SVG with classes only (the content security policy allows no inline style), a title and a description for
screen readers, and a sign beside every colour: a tick where it was passed, an arrowhead where it stands.
Source of the layout: BPMN 2.0, chapter 12 (BPMN DI).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from html import escape
from math import atan2, cos, hypot, pi, sin
from types import MappingProxyType

from lxml import etree

from app.engine.drawing_heat import Heat, heat_sign, sign_size
from app.engine.drawing_layout import Box, Edge, Shape, belonging, read_edges, read_shapes
from app.engine.drawing_symbols import (
    added_mark,
    changed_mark,
    current_mark,
    done_mark,
    event_symbol,
    folded_symbol,
    gateway_symbol,
    loop_symbol,
    removed_mark,
    task_symbol,
)
from app.engine.drawing_text import block, hanging, heading, upright
from app.engine.drawing_text import number as n
from app.engine.markup import BPMN, child, local, parse_markup

_MARGIN = 12.0
_NAME_STRIP = 30.0
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})


def draw(xml: bytes, *, process: str | None = None, done: AbstractSet[str] = frozenset(),
         current: AbstractSet[str] = frozenset(), flows_done: AbstractSet[str] = frozenset(),
         marks: Mapping[str, str] = MappingProxyType({}), anchor: str = "", keyed: str = "",
         heat: Mapping[str, Heat] | None = None, told: str = "", overview: int = 0) -> str:
    """SVG of the diagram in `xml`; empty text when the file carries no layout for it.

    `process`: draw this process only (the first one when None and the file holds several pools stays with
    the others). `done`, `current`: element ids; `flows_done`: sequence flow ids. An element that was passed
    and stands again is current. `marks`: element or flow -> `added`, `removed` or `changed`, for a
    comparison; with an `anchor` what is marked has the id `anchor-element`, to be linked to. `keyed`: a word
    that tells this picture from others of the same SOP on one page; every node and flow then names its
    element (`data-element`) and nodes carry the signs of both states, for a script that plays the path.
    `heat`: element or flow -> how hot or wide it is drawn; what is not named stays as it is. `told`: what a
    screen reader hears of the picture. `overview`: pixels the whole is going to be wide on the screen; only
    the worst have signs then, large enough to be read. Raises `UnreadableMarkup`.
    """
    root = parse_markup("diagram", xml)
    parts = {str(part.get("id")): part for part in root.iter(f"{{{BPMN}}}*") if part.get("id")}
    wanted = belonging(root, process)
    shapes = [shape for shape in read_shapes(root, parts) if wanted is None or shape.id in wanted]
    edges = [edge for edge in read_edges(root, parts) if wanted is None or edge.element.get("id") in wanted]
    if not shapes:
        return ""
    done, warm = done - current, heat or {}
    back = sorted((s for s in shapes if _is_ground(s)), key=lambda s: -s.box.width * s.box.height)
    front = [s for s in shapes if not _is_ground(s) and s.kind != "boundaryEvent"]
    border = [s for s in shapes if s.kind == "boundaryEvent"]
    def state(element: str, scale: str = "heat") -> str:
        if element in warm:
            return f"is-{scale}-{warm[element].level}"
        return f"is-{marks[element]}" if element in marks else _state(element, done, current)

    def name(element: str) -> str:
        if keyed:
            return f' data-element="{escape(element)}"'
        return f' id="{escape(anchor)}-{escape(element)}"' if anchor and element in marks else ""

    body = [_ground(shape, state(shape.id), name(shape.id)) for shape in back]
    shown = frozenset(flows_done) | marks.keys()
    body += [_edge(edge, "is-done" if edge.element.get("id") in flows_done
                   else state(edge.element.get("id"), "wide"),
                   name(edge.element.get("id")), warm.get(edge.element.get("id"), Heat(0)))
             for edge in sorted(edges, key=lambda e: e.element.get("id") in shown)]
    body += [_node(shape, state(shape.id), name(shape.id), both=bool(keyed) and heat is None,
                   told=warm[shape.id].told if shape.id in warm else "") for shape in front + border]
    body += [_label(shape) for shape in front + border]
    body += [hanging(str(edge.element.get("name")), edge.label.left, edge.label.top, edge.label.width,
                     style="diagram-label is-flow")
             for edge in edges if edge.label is not None and edge.element.get("name")]
    style = "diagram is-warm" if heat is not None else "diagram is-keyed" if keyed else "diagram"
    size = 1.0
    if overview:
        style, size = f"{style} is-overview", sign_size(max(s.box.right for s in shapes), overview)
        warm = {element: one for element, one in warm.items() if one.rank}
    signed = sorted((s for s in front + border if s.id in warm), key=lambda s: -warm[s.id].rank)
    body += [heat_sign(warm[s.id], s.box.x, s.box.top, size) for s in signed]
    told = told or _told(shapes, done, current)
    return _page(root, process, shapes, edges, told, "".join(body), keyed, style)


def _page(root: etree._Element, process: str | None, shapes: list[Shape], edges: list[Edge],
          told: str, body: str, keyed: str, style: str) -> str:
    xs = [x for s in shapes for x in (s.box.left, s.box.right)]
    ys = [y for s in shapes for y in (s.box.top, s.box.bottom)]
    xs += [x for edge in edges for x, _ in edge.points]
    ys += [y for edge in edges for _, y in edge.points]
    for box in [s.label for s in shapes if s.label] + [e.label for e in edges if e.label]:
        xs += [box.left, box.right]
        ys += [box.top, box.bottom]
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    width, height = max(xs) + _MARGIN - left, max(ys) + _MARGIN - top
    owner = next((p for p in root.iter(f"{{{BPMN}}}process") if process in (None, p.get("id"))), None)
    key = escape(str(owner.get("id")) if owner is not None else "sop")
    key = f"{escape(keyed)}-{key}" if keyed else key
    title = escape(str(owner.get("name") or owner.get("id")) if owner is not None else "SOP")
    return (f'<svg class="{style}" xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="{n(left)} {n(top)} {n(width)} {n(height)}" width="{n(width)}" height="{n(height)}" '
            f'aria-labelledby="diagram-{key}-title diagram-{key}-desc">'
            f'<title id="diagram-{key}-title">Alur {title}</title>'
            f'<desc id="diagram-{key}-desc">{escape(told)}</desc>{body}</svg>')


def _told(shapes: list[Shape], done: AbstractSet[str], current: AbstractSet[str]) -> str:
    names = {s.id: s.name for s in shapes if s.name}
    now = ", ".join(names[s.id] for s in shapes if s.id in current and s.id in names)
    passed = ", ".join(names[s.id] for s in shapes
                       if s.id in done and s.id in names and s.kind.endswith(("Task", "Activity")))
    told = [f"Sekarang: {now}." if now else "", f"Sudah dilalui: {passed}." if passed else ""]
    return " ".join(part for part in told if part) or "Alur lengkap dari awal sampai akhir."


def _is_ground(shape: Shape) -> bool:
    return shape.kind in {"participant", "lane", "textAnnotation", "group"} or shape.expanded


def _state(element: str, done: AbstractSet[str], current: AbstractSet[str]) -> str:
    return "is-current" if element in current else "is-done" if element in done else ""


def _ground(shape: Shape, state: str, name: str) -> str:
    box = shape.box
    style = f"diagram-{shape.kind} {state}".strip()
    frame = (f'<rect class="{style}"{name} x="{n(box.left)}" y="{n(box.top)}" width="{n(box.width)}" '
             f'height="{n(box.height)}"{_round(10) if shape.expanded else ""}/>')
    if shape.kind in {"participant", "lane"}:
        strip = (f'<path class="diagram-strip" d="M{n(box.left + _NAME_STRIP)} {n(box.top)}'
                 f'v{n(box.height)}"/>')
        return frame + strip + upright(shape.name, box.left + _NAME_STRIP / 2, box.y, box.height - 8,
                                       style=f"diagram-label is-{shape.kind}")
    return frame + heading(shape.name, box.left + 12, box.top + 6, box.width - 24,
                           style="diagram-label is-heading")


def _node(shape: Shape, state: str, name: str, *, both: bool = False, told: str = "") -> str:
    box, kind = shape.box, shape.kind
    style = f"diagram-node diagram-{kind} {state}".strip()
    if kind.endswith("Event"):
        inner = _event(shape)
        mark = (box.right - 3, box.top + 3)
    elif kind.endswith("Gateway"):
        half = box.width / 2
        inner = (f'<path d="M{n(box.x)} {n(box.top)}L{n(box.right)} {n(box.y)}L{n(box.x)} {n(box.bottom)}'
                 f'L{n(box.left)} {n(box.y)}z"/>' + gateway_symbol(kind, box.x, box.y, half))
        mark = (box.right - 9, box.top + 9)
    else:
        inner = _activity(shape)
        mark = (box.right, box.top)
    sign = {"is-done": done_mark, "is-current": current_mark, "is-added": added_mark,
            "is-removed": removed_mark, "is-changed": changed_mark}.get(state)
    words = {"is-done": " (sudah dilalui)", "is-current": " (sekarang)", "is-added": " (ditambahkan)",
             "is-removed": " (dihapus)", "is-changed": " (diubah)"}.get(state, "")
    words = f": {told}" if told else words
    title = f"<title>{escape(shape.name + words)}</title>" if shape.name else ""
    signs = done_mark(*mark) + current_mark(*mark) if both else sign(*mark) if sign else ""
    return f'<g class="{style}"{name}>{title}{inner}{signs}</g>'


def _event(shape: Shape) -> str:
    box, kind = shape.box, shape.kind
    radius = box.width / 2
    what = next((local(part).removesuffix("EventDefinition") for part in shape.element
                 if local(part).endswith("EventDefinition")), "")
    rings = f'<circle cx="{n(box.x)}" cy="{n(box.y)}" r="{n(radius)}"/>'
    if kind in {"boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}:
        rings += f'<circle class="diagram-ring" cx="{n(box.x)}" cy="{n(box.y)}" r="{n(radius - 3)}"/>'
    body = rings + event_symbol(what, box.x, box.y, radius, filled=kind in _THROWING)
    if shape.element.get("cancelActivity") == "false" or shape.element.get("isInterrupting") == "false":
        return f'<g class="is-dashed">{body}</g>'
    return body


def _activity(shape: Shape) -> str:
    box = shape.box
    body = (f'<rect x="{n(box.left)}" y="{n(box.top)}" width="{n(box.width)}" height="{n(box.height)}"'
            f'{_round(8)}/>' + task_symbol(shape.kind, box.left, box.top))
    loop = child(shape.element, "multiInstanceLoopCharacteristics")
    if loop is not None:
        body += loop_symbol(loop.get("isSequential") == "true", box.x, box.bottom)
    elif shape.kind in {"subProcess", "callActivity"}:
        body += folded_symbol(box.x, box.bottom)
    return body


def _label(shape: Shape) -> str:
    if not shape.name:
        return ""
    box, label = shape.box, shape.label
    if not shape.kind.endswith(("Event", "Gateway")):
        return block(shape.name, box.left + 8, box.top + 14, box.width - 16, box.height - 18,
                     style="diagram-label")
    if label is None:
        label = Box(box.x - 50, box.bottom + 4, 100, 28)
    return hanging(shape.name, label.left, label.top, label.width, style="diagram-label is-outside")


def _edge(edge: Edge, state: str, name: str, heat: Heat) -> str:
    kind = local(edge.element)
    style = f"diagram-flow diagram-{kind} {state}".strip()
    steps = "L".join(f"{n(x)} {n(y)}" for x, y in edge.points)
    if kind != "sequenceFlow":
        return f'<path class="{style}"{name} d="M{steps}"/>'
    title = f"<title>{escape(heat.told)}</title>" if heat.told else ""
    arrow = _arrow(edge.points, 9 + 1.5 * heat.level)
    return f'<g class="{style}"{name}>{title}<path d="M{steps}"/>{arrow}{_default_slash(edge)}</g>'


def _arrow(points: tuple[tuple[float, float], ...], length: float) -> str:
    (x0, y0), (x, y) = points[-2], points[-1]
    turn = atan2(y - y0, x - x0)
    wings = [(x - length * cos(turn + side), y - length * sin(turn + side)) for side in (0.42, -0.42)]
    corners = "L".join(f"{n(px)} {n(py)}" for px, py in [(x, y), *wings])
    return f'<path class="diagram-arrow" d="M{corners}z"/>'


def _default_slash(edge: Edge) -> str:
    """The short stroke across the flow that is taken when no other condition holds."""
    parent = edge.element.getparent()
    source = edge.element.get("sourceRef")
    owner = next((part for part in parent if part.get("id") == source), None) if parent is not None else None
    if owner is None or owner.get("default") != edge.element.get("id"):
        return ""
    (x0, y0), (x1, y1) = edge.points[0], edge.points[1]
    length = hypot(x1 - x0, y1 - y0) or 1.0
    x, y = x0 + (x1 - x0) / length * 9, y0 + (y1 - y0) / length * 9
    turn = atan2(y1 - y0, x1 - x0) + pi / 3
    dx, dy = 5 * cos(turn), 5 * sin(turn)
    return f'<path d="M{n(x - dx)} {n(y - dy)}L{n(x + dx)} {n(y + dy)}"/>'


def _round(radius: int) -> str:
    return f' rx="{radius}" ry="{radius}"'
