"""The picture of an SOP shows the file's own layout and one report's path, safely and for every reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from app.engine.drawing import draw
from app.engine.markup import UnreadableMarkup

BPMN_FOLDER = Path(__file__).parents[2] / "bpmn"
SVG = "{http://www.w3.org/2000/svg}"

HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI">"""


def small(process: str, drawing: str) -> bytes:
    plane = f'<bpmndi:BPMNPlane bpmnElement="p">{drawing}</bpmndi:BPMNPlane>'
    return f"{HEAD}{process}<bpmndi:BPMNDiagram>{plane}</bpmndi:BPMNDiagram></definitions>".encode()


def shape(element: str, x: int, width: int = 120) -> str:
    return (f'<bpmndi:BPMNShape bpmnElement="{element}">'
            f'<dc:Bounds x="{x}" y="10" width="{width}" height="80"/></bpmndi:BPMNShape>')


def classes(svg: str) -> list[str]:
    return [part.get("class", "") for part in etree.fromstring(svg).iter()]


@pytest.mark.parametrize("path", sorted(BPMN_FOLDER.glob("*.bpmn")), ids=lambda path: path.stem)
def test_a_shipped_sop_is_drawn_whole_without_inline_style_or_script(path: Path) -> None:
    svg = draw(path.read_bytes())
    tree = etree.fromstring(svg)
    source = etree.fromstring(path.read_bytes())
    flows = source.findall(".//{http://www.omg.org/spec/BPMN/20100524/MODEL}sequenceFlow")
    assert sum("diagram-sequenceFlow" in name for name in classes(svg)) == len(flows)
    assert not [part for part in tree.iter() if "style" in part.attrib or str(part.tag).endswith("script")]
    assert not [name for part in tree.iter() for name in part.attrib if name.startswith("on")]


def test_where_a_report_stands_is_told_in_colour_sign_and_words() -> None:
    xml = (BPMN_FOLDER / "pengaduan.bpmn").read_bytes()
    svg = draw(xml, done={"verifikasi", "disposisi"}, current={"disposisi"},
               flows_done={"rute_opd_ke_disposisi"})
    tree = etree.fromstring(svg)
    marked = {part.findtext(f"{SVG}title"): part.get("class", "").split()[-1]
              for part in tree.iter(f"{SVG}g") if part.find(f"{SVG}title") is not None}
    assert marked["Memverifikasi laporan (sudah dilalui)"] == "is-done"
    assert marked["Mendisposisikan laporan (sekarang)"] == "is-current"
    description = tree.findtext(f"{SVG}desc") or ""
    assert description.startswith("Sekarang: Mendisposisikan laporan.")
    assert "Memverifikasi laporan" in description
    names = classes(svg)
    assert names.count("diagram-current-mark") == 1
    assert names.count("diagram-done-mark") == 1
    assert names.count("diagram-flow diagram-sequenceFlow is-done") == 1


def test_the_picture_names_itself_for_screen_readers() -> None:
    tree = etree.fromstring(draw((BPMN_FOLDER / "aspirasi.bpmn").read_bytes()))
    ids = tree.get("aria-labelledby", "").split()
    assert tree.get("role") == "img"
    assert [tree.find(f"*[@id='{name}']").tag for name in ids] == [f"{SVG}title", f"{SVG}desc"]
    assert tree.findtext(f"{SVG}title") == "Alur Penanganan aspirasi"


def test_what_somebody_wrote_into_a_name_stays_text() -> None:
    hostile = '&lt;script&gt;alert(1)&lt;/script&gt; "&amp;"'.replace('"', "&quot;")
    svg = draw(small(f'<process id="p" name="{hostile}"><userTask id="a" name="{hostile}"/></process>',
                     shape("a", 0, 400)))
    assert "<script" not in svg
    assert "<script>alert(1)</script>" in "".join(etree.fromstring(svg).itertext())


def test_only_the_asked_process_is_drawn_when_a_file_holds_several() -> None:
    processes = ('<process id="p"><userTask id="a" name="Satu"/></process>'
                 '<process id="q"><userTask id="b" name="Dua"/></process>')
    svg = draw(small(processes, shape("a", 0) + shape("b", 5_000)), process="q")
    assert "Dua" in svg
    assert "Satu" not in svg
    assert etree.fromstring(svg).get("viewBox", "").startswith("4988 ")


def test_a_file_without_layout_gives_no_picture() -> None:
    assert draw(small('<process id="p"><userTask id="a"/></process>', "")) == ""


def test_coordinates_that_are_no_numbers_do_not_break_the_page() -> None:
    broken = shape("a", 0).replace('x="0"', 'x="NaN"').replace('width="120"', 'width="lebar"')
    svg = draw(small('<process id="p"><userTask id="a" name="Satu"/></process>', broken))
    assert "nan" not in svg.lower()


def test_a_document_type_is_refused() -> None:
    with pytest.raises(UnreadableMarkup):
        draw(b'<!DOCTYPE a [<!ENTITY b "c">]><definitions/>')


def test_a_timer_that_does_not_interrupt_looks_different_from_one_that_does() -> None:
    body = ('<process id="p"><userTask id="a"/><boundaryEvent id="b" attachedToRef="a"{}>'
            "<timerEventDefinition/></boundaryEvent></process>")
    ring = shape("a", 0) + shape("b", 40, 36)
    assert "is-dashed" in draw(small(body.format(' cancelActivity="false"'), ring))
    assert "is-dashed" not in draw(small(body.format(""), ring))
