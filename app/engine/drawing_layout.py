"""What a BPMN file's own layout says (BPMN 2.0, chapter 12, BPMN DI): boxes, lines and places of labels."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from app.engine.markup import BPMN, local

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD = "{http://www.omg.org/spec/DD/20100524/DI}"


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def x(self) -> float:
        return self.left + self.width / 2

    @property
    def y(self) -> float:
        return self.top + self.height / 2

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Shape:
    element: etree._Element
    kind: str
    box: Box
    label: Box | None
    expanded: bool

    @property
    def id(self) -> str:
        return str(self.element.get("id"))

    @property
    def name(self) -> str:
        return " ".join(str(self.element.get("name", "")).split())


@dataclass(frozen=True, slots=True)
class Edge:
    element: etree._Element
    points: tuple[tuple[float, float], ...]
    label: Box | None


def belonging(root: etree._Element, process: str | None) -> set[str] | None:
    """Ids drawn for one process: its elements, its lanes and the pool that shows it."""
    if process is None:
        return None
    ids: set[str] = set()
    for part in root.iter(f"{{{BPMN}}}process"):
        if part.get("id") == process:
            ids = {str(inner.get("id")) for inner in part.iter(f"{{{BPMN}}}*") if inner.get("id")}
    ids |= {str(pool.get("id")) for pool in root.iter(f"{{{BPMN}}}participant")
            if pool.get("processRef") == process}
    return ids


def read_shapes(root: etree._Element, parts: dict[str, etree._Element]) -> list[Shape]:
    found = []
    for shape in root.iter(f"{_DI}BPMNShape"):
        element = parts.get(shape.get("bpmnElement", ""))
        box = _bounds(shape)
        if element is not None and box is not None:
            expanded = shape.get("isExpanded", "true" if len(element) > 3 else "false") == "true"
            found.append(Shape(element, local(element), box, _label_box(shape),
                                expanded and local(element) == "subProcess"))
    return found


def read_edges(root: etree._Element, parts: dict[str, etree._Element]) -> list[Edge]:
    found = []
    for edge in root.iter(f"{_DI}BPMNEdge"):
        element = parts.get(edge.get("bpmnElement", ""))
        points = tuple((_float(p.get("x")), _float(p.get("y"))) for p in edge.iter(f"{_DD}waypoint"))
        if element is not None and len(points) > 1:
            found.append(Edge(element, points, _label_box(edge)))
    return found


def _bounds(owner: etree._Element) -> Box | None:
    bounds = owner.find(f"{_DC}Bounds")
    if bounds is None:
        return None
    return Box(*(_float(bounds.get(side)) for side in ("x", "y", "width", "height")))


def _label_box(owner: etree._Element) -> Box | None:
    label = owner.find(f"{_DI}BPMNLabel")
    return None if label is None else _bounds(label)


def _float(text: str | None) -> float:
    """A coordinate as another tool wrote it; what is no finite number counts as zero."""
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e6 else 0.0
