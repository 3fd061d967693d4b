"""An officer can read the diagrams: all is drawn, lines run straight, nothing lies on anything else."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from app.engine.drawing_layout import Box, Shape, read_edges, read_shapes
from app.engine.markup import BPMN, local, parse_markup

FILES = sorted((Path(__file__).parents[2] / "bpmn").glob("*.bpmn"))
GROUND = {"participant", "lane", "subProcess"}
DRAWN = {"userTask", "serviceTask", "scriptTask", "businessRuleTask", "subProcess", "startEvent", "endEvent",
         "boundaryEvent", "intermediateCatchEvent", "exclusiveGateway", "parallelGateway",
         "eventBasedGateway"}


def read(path: Path) -> tuple[etree._Element, dict[str, etree._Element]]:
    root = parse_markup(path.name, path.read_bytes())
    return root, {part.get("id"): part for part in root.iter(f"{{{BPMN}}}*") if part.get("id")}


def overlap(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def inside(inner: Box, outer: Box) -> bool:
    return (outer.left <= inner.left and inner.right <= outer.right
            and outer.top <= inner.top and inner.bottom <= outer.bottom)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_element_and_flow_is_drawn(path: Path) -> None:
    root, parts = read(path)
    drawn = {shape.id for shape in read_shapes(root, parts)}
    lines = {str(edge.element.get("id")) for edge in read_edges(root, parts)}
    assert {name for name, part in parts.items() if local(part) in DRAWN} - drawn == set()
    assert {name for name, part in parts.items() if local(part) == "sequenceFlow"} - lines == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_run_at_right_angles_from_shape_to_shape(path: Path) -> None:
    root, parts = read(path)
    boxes = {shape.id: shape.box for shape in read_shapes(root, parts)}
    for edge in read_edges(root, parts):
        for (x0, y0), (x1, y1) in pairwise(edge.points):
            assert x0 == x1 or y0 == y1, edge.element.get("id")
        for (x, y), end in ((edge.points[0], "sourceRef"), (edge.points[-1], "targetRef")):
            box = boxes[edge.element.get(end)]
            assert box.left - 1 <= x <= box.right + 1, (edge.element.get("id"), end)
            assert box.top - 1 <= y <= box.bottom + 1, (edge.element.get("id"), end)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_two_shapes_lie_on_each_other(path: Path) -> None:
    root, parts = read(path)
    nodes = [s for s in read_shapes(root, parts) if s.kind not in GROUND and s.kind != "boundaryEvent"]
    assert [(a.id, b.id) for a, b in combinations(nodes, 2) if overlap(a.box, b.box)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_belongs_to_a_role_is_drawn_in_its_lane(path: Path) -> None:
    root, parts = read(path)
    shapes: dict[str, Shape] = {shape.id: shape for shape in read_shapes(root, parts)}
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.iter(f"{{{BPMN}}}flowNodeRef"):
            shape = shapes[str(reference.text)]
            if shape.kind not in {"subProcess", "boundaryEvent"}:
                assert inside(shape.box, shapes[lane.get("id")].box), (lane.get("id"), shape.id)
