"""The picture of an SOP shows the file's own layout and one report's path, safely and for every reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from app.engine.drawing import draw
from app.engine.drawing_heat import Heat
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


STEPS = ('<process id="p"><userTask id="a" name="Satu"/><userTask id="b" name="Dua"/>'
         '<sequenceFlow id="f" sourceRef="a" targetRef="b"/></process>')
FLOW = ('<bpmndi:BPMNEdge bpmnElement="f"><di:waypoint x="120" y="50"/><di:waypoint x="300" y="50"/>'
        "</bpmndi:BPMNEdge>")


def test_warm_steps_carry_their_figure_and_the_worst_its_rank_in_text_not_only_in_colour() -> None:
    heat = {"a": Heat(5, "46 %", "46 dari seratus", 1), "b": Heat(1, '<b>"', "lain"),
            "f": Heat(4, "", "80 kali")}
    svg = draw(small(STEPS, shape("a", 0) + shape("b", 300) + FLOW), heat=heat, told="Terpanas: Satu.")
    assert "diagram-node diagram-userTask is-heat-5" in classes(svg)
    assert "diagram-flow diagram-sequenceFlow is-wide-4" in classes(svg)
    said = "|".join(etree.fromstring(svg).itertext())
    for words in ("46 %|1", "Satu: 46 dari seratus", "Dua: lain", "80 kali", "Terpanas: Satu.", '<b>"'):
        assert words in said, words
    assert "Sudah dilalui" not in said


def test_an_overview_shows_signs_of_the_worst_only_and_as_large_as_it_is_shrunk() -> None:
    heat = {"a": Heat(5, "46 %", "", 1), "b": Heat(1, "2 %", "")}
    layout = shape("a", 0) + shape("b", 6_000)
    svg = draw(small(STEPS, layout), heat=heat, overview=600)
    said = "".join(etree.fromstring(svg).itertext())
    assert "46 %" in said
    assert "2 %" not in said
    (scale,) = re.findall(r"scale\(([\d.]+)\)", svg)
    assert 11 * float(scale) * 600 / 6_120 > 11, "as large on the screen as other words are"
    alone = draw(small(STEPS, layout), heat={"a": Heat(5, "", "", 1), "b": Heat(1)}, overview=600)
    assert re.findall(r"<circle[^>]*/><text[^>]*>1</text>", alone), "the rank stands without a figure"
    assert "scale(" not in draw(small(STEPS, layout), heat=heat)
