"""What Bappeda is told when two versions are compared: everything that matters, nothing of the drawing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from app.engine.compiled import Source
from app.engine.difference import Difference, difference
from tests.engine.diagrams import begin, bpmn, end, flow, flows, gateway, timer, user
from tests.engine.diagrams import boundary as boundary_event

BPMN = Path(__file__).parents[2] / "bpmn"


def files(*texts: str) -> list[Source]:
    return [Source(f"berkas{place}.bpmn" if "<bpmn" in text else f"berkas{place}.dmn", text.encode())
            for place, text in enumerate(texts)]


def compared(old: str, new: str) -> Difference:
    return difference(files(old), files(new))


def sentences(found: Difference, section: str | None = None) -> list[str]:
    return [one.sentence for one in found.changes if section in (None, one.section)]


def sop(*body: str, key: str = "sop", total: str = "") -> str:
    return bpmn("".join(body), key=key, total=total)


TWO_STEPS = (begin(), user("a", deadline="hari_kerja(3)"), user("b"), end(), flows("s a", "a b", "b e"))


def shipped(name: str) -> list[Source]:
    return [Source(one, (BPMN / one).read_bytes()) for one in (f"{name}.bpmn", "tenggat.dmn", "rute_opd.dmn")]


def test_a_version_does_not_differ_from_itself() -> None:
    found = difference(shipped("pengaduan"), shipped("pengaduan"))
    assert found.is_empty
    assert not found.elements


def test_a_moved_shape_and_another_tools_formatting_are_no_difference() -> None:
    old = (BPMN / "pemantauan_rencana.bpmn").read_bytes()
    root = etree.fromstring(old)
    for bounds in root.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds"):
        bounds.set("x", str(float(bounds.get("x")) + 40))
    for part in root.iter():
        part.text = None if part.text is None or not part.text.strip() else part.text
        part.tail = None
    new = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assert new != old
    assert difference([Source("a.bpmn", old)], [Source("b.bpmn", new)]).is_empty


def test_spacing_and_quotes_in_an_expression_are_no_difference() -> None:
    gate = (begin(), user("a", "hasil"), gateway("exclusive", "g", default="g_f"), end(), end("f"))
    old = sop(*gate, flows("s a", "a g", "g e: hasil == 'ya'", "g f"))
    new = sop(*gate, flows("s a", "a g", 'g e: hasil=="ya"', "g f"))
    assert compared(old, new).is_empty


def test_a_limit_is_told_with_both_values_and_one_unit() -> None:
    new = sop(*TWO_STEPS).replace("hari_kerja(3)", "hari_kerja(1)")
    found = compared(sop(*TWO_STEPS), new)
    assert sentences(found, "Batas waktu") == ["Batas waktu “Tugas a” 3 → 1 hari kerja."]
    assert found.elements == {"sop/a": "changed"}


def test_a_limit_in_another_unit_is_told_in_full() -> None:
    new = sop(*TWO_STEPS).replace("hari_kerja(3)", "hari(3)")
    assert sentences(compared(sop(*TWO_STEPS), new)) == ["Batas waktu “Tugas a” 3 hari kerja → 3 hari."]


def test_a_step_taken_out_is_one_sentence_and_its_ways_are_marked() -> None:
    new = sop(begin(), user("a", deadline="hari_kerja(3)"), end(), flows("s a", "a e"))
    found = compared(sop(*TWO_STEPS), new)
    assert sentences(found, "Langkah dan kejadian") == ["Tugas “Tugas b” dihapus."]
    assert found.elements["sop/b"] == "removed"
    assert found.elements["sop/a_b"] == "removed"
    assert found.elements["sop/a_e"] == "added"


def test_a_step_put_in_says_where_it_stands() -> None:
    new = sop(*TWO_STEPS[:3], user("c", deadline="hari_kerja(2)"), end(), flows("s a", "a c", "c b", "b e"))
    found = compared(sop(*TWO_STEPS), new)
    assert sentences(found, "Langkah dan kejadian") == [
        "Tugas “Tugas c” ditambahkan (setelah “Tugas a”; sebelum “Tugas b”; batas waktu 2 hari kerja)."
    ]
    assert found.elements["sop/c"] == "added"


def test_another_id_is_told_as_such_and_not_as_one_gone_and_one_come() -> None:
    new = sop(*TWO_STEPS).replace('"b"', '"beta"').replace("Ref=\"b\"", "Ref=\"beta\"")
    assert 'id="beta"' in new
    found = compared(sop(*TWO_STEPS), new)
    assert sentences(found) == ["Id tugas “Tugas b”: b → beta."]
    assert found.renamed == {"sop/b": "sop/beta"}
    assert found.elements == {"sop/beta": "changed"}


def test_the_order_of_an_exclusive_decision_matters_and_that_of_a_parallel_one_does_not() -> None:
    steps = (begin(), user("a", "x"), user("b"), user("c"), end(), end("f"))
    ways = [flow("g_b", "g", "b", "x == 'b'"), flow("g_c", "g", "c", "x == 'c'")]
    rest = flows("s a", "a g", "b e", "c f")
    one = sop(*steps, gateway("exclusive", "g"), rest, *ways)
    other = sop(*steps, gateway("exclusive", "g"), rest, *reversed(ways))
    found = compared(one, other)
    assert [change.section for change in found.changes] == ["Alur dan syarat"]
    assert found.changes[0].before == "ke “Tugas b”, ke “Tugas c”"
    assert found.changes[0].after == "ke “Tugas c”, ke “Tugas b”"
    plain = [flow("g_b", "g", "b"), flow("g_c", "g", "c")]
    split = sop(*steps, gateway("parallel", "g"), rest, *plain)
    turned = sop(*steps, gateway("parallel", "g"), rest, *reversed(plain))
    assert compared(split, turned).is_empty


def test_a_condition_and_a_default_are_told() -> None:
    gate = (begin(), user("a", "hasil"), end(), end("f"))
    old = sop(*gate, gateway("exclusive", "g", default="g_f"),
              flows("s a", "a g", "g e: hasil == 1", "g f"))
    new = sop(*gate, gateway("exclusive", "g", default="g_e"),
              flows("s a", "a g", "g e", "g f: hasil == 2"))
    told = " ".join(sentences(compared(old, new)))
    assert "hasil == 1" in told
    assert "kini bersyarat: hasil == 2" in told
    assert "Alur bawaan" in told


def test_a_way_that_leads_elsewhere_is_told() -> None:
    new = sop(*TWO_STEPS[:4], flows("s a", "a b"), flow("b_e", "b", "a"))
    assert any("kini dari “Tugas b” ke “Tugas a”" in one for one in sentences(compared(sop(*TWO_STEPS), new)))


def form(*fields: str) -> str:
    task = user("a").replace("<sop:form></sop:form>", f"<sop:form>{''.join(fields)}</sop:form>")
    return sop(begin(), task, end(), flows("s a", "a e"))


HASIL = ('<sop:field id="hasil" type="choice" label="Hasil"><sop:option value="ya" label="Ya"/>'
         '<sop:option value="tidak" label="Tidak"/></sop:field>')
URAIAN = '<sop:field id="uraian" type="text" label="Uraian"/>'
FOTO = '<sop:field id="foto" type="photo" label="Foto"/>'


@pytest.mark.parametrize(("old", "new", "told"), [
    ([HASIL], [HASIL, FOTO], "Isian “Foto” ditambahkan pada “Tugas a” setelah “Hasil”."),
    ([HASIL, FOTO], [HASIL], "Isian “Foto” pada “Tugas a” dihapus."),
    ([HASIL, URAIAN, FOTO], [FOTO, HASIL, URAIAN], "Isian “Foto” pada “Tugas a” dipindah ke awal."),
    ([HASIL], [HASIL.replace('label="Ya"', 'label="Setuju"')],
     "Isian “Hasil” pada “Tugas a”: pilihan “Ya” → “Setuju”."),
    ([HASIL], [re.sub(r'<sop:option value="tidak".*?/>', "", HASIL)],
     "Isian “Hasil” pada “Tugas a”: pilihan “Tidak” dihapus."),
    ([URAIAN], [URAIAN.replace("/>", ' required="true"/>')],
     "Isian “Uraian” pada “Tugas a”: wajib diisi tidak → ya."),
    ([URAIAN], [URAIAN.replace('"uraian"', '"keterangan"')],
     "Isian “Uraian” pada “Tugas a”: id uraian → keterangan."),
])  # fmt: skip
def test_a_form_is_compared_question_by_question(old: list[str], new: list[str], told: str) -> None:
    assert sentences(compared(form(*old), form(*new)), "Formulir") == [told]


def test_a_step_that_changes_hands_is_told_with_both_roles() -> None:
    def lanes(of_a: str, of_b: str) -> str:
        return ('<bpmn:laneSet id="l">'
                f'<bpmn:lane id="admin_kominfo" name="Admin">{of_a}</bpmn:lane>'
                f'<bpmn:lane id="verifikator" name="Verifikator">{of_b}</bpmn:lane></bpmn:laneSet>')

    ref = "<bpmn:flowNodeRef>{}</bpmn:flowNodeRef>".format
    rest = (begin(), user("a"), end(), flows("s a", "a e"))
    old = sop(lanes(ref("s") + ref("a") + ref("e"), ""), *rest)
    new = sop(lanes(ref("s") + ref("e"), ref("a")), *rest)
    assert sentences(compared(old, new), "Peran") == ["Tugas “Tugas a” dipindah dari Admin ke Verifikator."]


def test_a_timer_on_a_step_is_told() -> None:
    def with_timer(text: str) -> str:
        return sop(begin(), user("a", deadline="hari_kerja(3)"), boundary_event("t", "a", timer(text)), end(),
                   end("f"), flows("s a", "a e", "t f"))

    told = sentences(compared(with_timer("tenggat(80)"), with_timer("tenggat(100)")))
    assert told == ["Waktu pewaktu pada “Tugas a”: 80 → 100 % dari batas waktu."]


def table(*rows: tuple[str, str], policy: str = "UNIQUE", ids: tuple[str, ...] = ()) -> str:
    rules = "".join(
        f'<rule id="{ids[at] if ids else f"r{given}"}">'
        f'<inputEntry id="i{at}"><text>{given}</text></inputEntry>'
        f'<outputEntry id="o{at}"><text>{answer}</text></outputEntry></rule>'
        for at, (given, answer) in enumerate(rows))
    return ('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
            f'<decision id="batas" name="Batas"><decisionTable id="t" hitPolicy="{policy}">'
            '<input id="i" label="Jenis"><inputExpression id="x" typeRef="number"><text>jenis</text>'
            '</inputExpression></input><output id="o" label="Hari" name="hari_batas" typeRef="number"/>'
            f"{rules}</decisionTable></decision></definitions>")


def test_a_cell_is_told_with_its_row_and_column() -> None:
    found = compared(table(("1", "3"), ("2", "5")), table(("1", "3"), ("2", "4")))
    assert sentences(found) == ["Tabel “Batas”: baris 2 (2): Hari 5 → 4."]
    changed = [row for row in found.tables[0].rows if row.state == "changed"]
    assert [(row.new, [cell.changed for cell in row.cells]) for row in changed] == [(2, [False, True])]


def test_rows_are_matched_by_what_they_say() -> None:
    found = compared(table(("1", "3"), ("2", "5")), table(("2", "5"), ("3", "7"), ids=("p", "q")))
    assert sentences(found) == ["Tabel “Batas”: baris 1 (1) dihapus.",
                                "Tabel “Batas”: baris 2 (3) ditambahkan: Hari 7."]


@pytest.mark.parametrize(("policy", "told"), [
    ("UNIQUE", []), ("ANY", []), ("FIRST", ["Tabel “Batas”: baris 1 pindah menjadi baris 2."]),
])  # fmt: skip
def test_the_order_of_rows_matters_where_it_decides(policy: str, told: list[str]) -> None:
    old, new = table(("1", "3"), ("2", "5"), policy=policy), table(("2", "5"), ("1", "3"), policy=policy)
    assert sentences(compared(old, new))[:1] == told


def test_a_file_that_cannot_be_read_is_said_and_the_rest_is_compared() -> None:
    new = sop(*TWO_STEPS).replace("hari_kerja(3)", "hari_kerja(1)")
    found = difference(files(sop(*TWO_STEPS)), [*files(new), Source("rusak.dmn", b"<definitions")])
    assert "Berkas rusak.dmn pada versi baru belum dapat dibaca dan tidak dibandingkan." in sentences(found)
    assert "Batas waktu “Tugas a” 3 → 1 hari kerja." in sentences(found)


def test_a_package_under_another_key_is_compared_step_by_step() -> None:
    renamed = sop(*TWO_STEPS, key="lain").replace("hari_kerja(3)", "hari_kerja(4)")
    told = sentences(compared(sop(*TWO_STEPS), renamed))
    assert "Kunci SOP sop → lain." in told
    assert "Batas waktu “Tugas a” 3 → 4 hari kerja." in told


SILENT = {"id", "sourceRef", "targetRef", "attachedToRef", "messageRef", "typeRef", "isExecutable"}
"""References break when one end alone is changed; each has a test of its own above."""


def test_no_attribute_that_runs_or_is_printed_can_change_in_silence() -> None:
    """Every attribute of a whole shipped SOP, changed one at a time, is told."""
    source = BPMN / "pemantauan_rencana.bpmn"
    root = etree.parse(source).getroot()
    old = [Source(source.name, source.read_bytes())]
    process = next(part for part in root if part.tag.endswith("}process"))
    silent = []
    for part in process.iter(etree.Element):
        if part.tag.endswith(("}incoming", "}outgoing", "EventDefinition", "}laneSet")):
            continue
        for name, value in list(part.attrib.items()):
            if name in SILENT or name.startswith("{http://www.w3"):
                continue
            part.set(name, {"true": "false", "false": "true"}.get(value, f"{value}1"))
            if difference(old, [Source(source.name, etree.tostring(root))]).is_empty:
                silent.append((part.get("id"), part.tag, name, value))
            part.set(name, value)
    assert silent == []
