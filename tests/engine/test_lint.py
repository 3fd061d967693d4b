"""What an SOP must pass before it may run: a spoilt diagram for each rule; nothing is said of a right one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.sop_rules import DEFAULT_RULES
from app.engine.city_facts import CityFacts, Occupied
from app.engine.compiled import Source
from app.engine.lint import findings
from tests.engine.right_sop import RIGHT, found, spoilt

FORK = """<bpmn:parallelGateway id="cabang"/><bpmn:parallelGateway id="kumpul"/>
<bpmn:scriptTask id="satu" name="Menghitung satu"><bpmn:script>{0} = 1</bpmn:script></bpmn:scriptTask>
<bpmn:scriptTask id="dua" name="Menghitung dua"><bpmn:script>{1} = 2</bpmn:script></bpmn:scriptTask>
<bpmn:sequenceFlow id="c1" sourceRef="cabang" targetRef="satu"/>
<bpmn:sequenceFlow id="c2" sourceRef="cabang" targetRef="dua"/>
<bpmn:sequenceFlow id="c3" sourceRef="satu" targetRef="kumpul"/>
<bpmn:sequenceFlow id="c4" sourceRef="dua" targetRef="kumpul"/>
<bpmn:sequenceFlow id="c5" sourceRef="kumpul" targetRef="verifikasi"/>
<bpmn:startEvent id="mulai\""""
TO_FORK = ('sourceRef="mulai" targetRef="verifikasi"', 'sourceRef="mulai" targetRef="cabang"')
START = '<bpmn:startEvent id="mulai"'
MANY = "".join(f'<bpmn:exclusiveGateway id="g{n}"/><bpmn:sequenceFlow id="h{n}" sourceRef="g{n}" '
               f'targetRef="g{n + 1}"/>' for n in range(60)) + '<bpmn:exclusiveGateway id="g60"/>'
DOCUMENT = '<sop:document number="1/2026"><sop:legalBasis>Perwal 1/2026</sop:legalBasis></sop:document>'
WITHDRAWN = ('<bpmn:endEvent id="ditarik" name="Ditarik"><bpmn:extensionElements>'
             '<sop:end reason="dibatalkan"/>\n</bpmn:extensionElements></bpmn:endEvent>')
BOUNDARY = '<bpmn:boundaryEvent id="lewat"'
NO_DEFAULT = (' default="f_tolak"', "")
TO_START = 'sourceRef="mulai" targetRef="verifikasi"'
REFUSAL = 'name="Tidak" sourceRef="layak" targetRef="kabar_tolak"/>'
TELLING = """<bpmn:serviceTask id="kabar_selesai" name="Memberi tahu pelapor"><bpmn:extensionElements>
<sop:service name="beritahu"><sop:parameter name="kepada" value="'{}'"/>"""
REPEATED = ('name="Menegur petugas">', 'name="Menegur petugas"><bpmn:multiInstanceLoopCharacteristics>'
            "<bpmn:loopCardinality>200</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>")

Changes = tuple[tuple[str, str], ...]


def refused_when(condition: str) -> tuple[str, str]:
    """The refusal's flow with a condition."""
    return REFUSAL, (f"{REFUSAL[:-2]}><bpmn:conditionExpression>{condition}</bpmn:conditionExpression>"
                     "</bpmn:sequenceFlow>")


REFUSED: list[tuple[str, str, Changes]] = [
    # (rule, element it is found on, what is changed in the right SOP)
    ("data-belum-diisi", "f_kami", (("hasil == 'selesai'<", "hasill == 'selesai'<"),)),
    ("data-belum-diisi", "verifikasi", (("hari_kerja(3)", "hari_kerja(batas)"),)),
    ("tanpa-jalan-keluar", "layak", (NO_DEFAULT, refused_when("keputusan == 'batal'"))),
    ("putaran-tanpa-batas", "lewat", (
        ("<bpmn:timeDate>tenggat(100)</bpmn:timeDate>", "<bpmn:timeCycle>'R/P1D'</bpmn:timeCycle>"),)),
    ("waktu-negatif", "lewat", (("tenggat(100)", "hari_kerja(-1)"),)),
    ("waktu", "lewat", (("tenggat(100)", "'P'"),)),
    ("waktu", "lewat", (("tenggat(100)", "'-P1D'"),)),
    ("waktu", "lewat", (("tenggat(100)", "'0 0 * * *'"),)),
    ("peran-tak-dikenal", "Lane_0x3f", (('lane id="kepala_opd"', 'lane id="Lane_0x3f"'),)),
    ("jalur-tanpa-peran", "jalan_rusak", tuple(
        (f'lane id="{role}"', f'lane id="Lane_{n}"')
        for n, role in enumerate(("admin_kominfo", "operator_opd", "kepala_opd", "verifikator")))),
    ("jalur-ganda", "kepala_opd", (('name="Kepala"', 'name="Operator"'),)),
    ("jalur-tanpa-nama", "kepala_opd", (('name="Kepala"', 'name=" "'),)),
    ("tanpa-peran", "tegur", (("<bpmn:flowNodeRef>tegur</bpmn:flowNodeRef>", ""),)),
    ("tanpa-tenggat", "tegur", ((' deadline="hari_kerja(1)"', ""),)),
    ("tanpa-alasan-akhir", "ditegur", (('<sop:end reason="cabang"/>', ""),)),
    ("tanggung-jawab-kurang", "verifikasi", (('cost="DPA Dinas" ', 'cost="" '),)),
    ("tanggung-jawab-kurang", "verifikasi", ((' escalation="kepala_opd"', ""),)),
    ("pemeriksaan-tanpa-keputusan", "periksa_bukti", (('id="bukti_diterima"', 'id="sah"'),)),
    ("akhir-tanpa-kabar", "selesai", (
        ('targetRef="kabar_selesai"', 'targetRef="selesai"'),)),
    ("akhir-tanpa-kabar", "selesai", ((TELLING.format("pelapor"), TELLING.format("asisten")),)),
    ("tanpa-keputusan-manusia", "ditolak", (
        (TO_START, 'sourceRef="mulai" targetRef="kabar_tolak"'),)),
    ("tanpa-pemilik-yang-benar", "tindak_lanjut", (
        ('id="opd_usulan" type="unit" label="Pemilik yang', 'id="sebab" type="text" label="Alasan yang'),)),
    ("bukti-tanpa-foto", "tindak_lanjut", (('"foto_sesudah" type="photo"', '"foto_sesudah" type="file"'),)),
    ("tanpa-pemeriksaan-bukti", "pengaduan", (
        ('id="jalan_rusak"', 'id="pengaduan"'), (' verifies="tindak_lanjut"', ""))),
    ("selesai-tanpa-bukti", "selesai", (("bukti_diterima</bpmn:cond", "not bukti_diterima</bpmn:cond"),)),
    ("batas-verifikasi", "verifikasi", (("hari_kerja(3)", "hari_kerja(4)"),)),
    ("batas-verifikasi", "verifikasi", (("hari_kerja(3)", "hari(5)"),)),
    ("batas-verifikasi", "verifikasi", (("hari_kerja(3)", "'P2W'"),)),
    ("batas-jawaban-awal", "tindak_lanjut", (("hari_kerja(5)", "hari_kerja(10)"),
                                             ('status="diproses"', 'status="didisposisikan"'))),
    ("batas-penyelesaian", "jalan_rusak", (('total="hari(60)"', 'total="hari_kerja(60)"'),)),
    ("batas-penyelesaian", "permintaan_informasi", (('id="jalan_rusak"', 'id="permintaan_informasi"'),)),
    ("cabang-samping-kembali", "lewat", (('sourceRef="tegur" targetRef="ditegur"',
                                          'sourceRef="tegur" targetRef="periksa_bukti"'),)),
    ("putaran-tanpa-tunggu", "layak", (('name="Tidak" sourceRef="layak" targetRef="kabar_tolak"',
                                        'name="Tidak" sourceRef="layak" targetRef="layak"'),)),
    ("pokok-tak-dikenal", "jalan_rusak", (('total="hari(60)"', 'total="hari(60)" subject="apa"'),)),
]
WARNED: list[tuple[str, str, Changes]] = [
    ("banyak-unsur", "jalan_rusak", ((START, MANY + START),)),
    ("syarat-tumpang-tindih", "f_tolak", (NO_DEFAULT, refused_when("keputusan in ['tolak', 'terima']"))),
    ("ditulis-dua-cabang", "cabang", ((START, FORK.format("n", "n")), TO_FORK)),
    ("ulang-banyak", "tegur", (REPEATED,)),
    ("durasi-bulan", "lewat", (("tenggat(100)", "'P1M'"),)),
    ("waktu-tanpa-zona", "lewat", (("tenggat(100)", "'2026-03-31T16:00:00'"),)),
    ("peran-tak-dikenal", "camat", (('lane id="kepala_opd"', 'lane id="camat"'),)),
    ("status-tak-dikenal", "tindak_lanjut", (('status="diproses"', 'status="sedang_asyik"'),)),
    ("alasan-tak-dikenal", "ditarik", (('reason="dibatalkan"', 'reason="kedaluwarsa"'),)),
    ("foto-tidak-wajib", "tindak_lanjut", ((' min="1" max="5" requiredWhen="hasil == \'selesai\'"', ""),)),
    ("batas-penyelesaian", "aspirasi", (('id="jalan_rusak"', 'id="aspirasi"'),)),
    ("pemilik-tidak-wajib", "tindak_lanjut", ((' requiredWhen="hasil == \'bukan_wewenang\'"', ""),)),
    ("batas-jawaban-awal", "tindak_lanjut", (("hari_kerja(5)", "hari_kerja(10)"),)),
    ("tanpa-kata-kerja", "tegur", (("Menegur petugas", "Teguran"),)),
    ("keputusan-tanpa-label", "layak", (('id="f_terima" name="Ya"', 'id="f_terima"'),)),
    ("mutu-baku-kurang", "verifikasi", (('inputs="Laporan"', 'inputs=""'),)),
    ("tanpa-identitas", "jalan_rusak", ((DOCUMENT, ""),)),
    ("atribut-tak-dikenal", "tegur", ((' deadline="hari_kerja(1)"', ' deadline="hari_kerja(1)" warna="x"'),)),
    ("syarat-bawaan", "f_tolak", (refused_when("anonim"),)),
]


def test_nothing_is_said_of_a_right_sop() -> None:
    assert found(RIGHT) == ()


@pytest.mark.parametrize(("rule", "element", "changes"), REFUSED,
                         ids=[f"{n}-{rule}" for n, (rule, _e, _c) in enumerate(REFUSED)])
def test_what_may_not_be_published_is_an_error(rule: str, element: str, changes: Changes) -> None:
    named = {(one.rule, one.element) for one in found(spoilt(*changes)) if one.severity == "error"}
    assert (rule, element) in named


@pytest.mark.parametrize(("rule", "element", "changes"), WARNED,
                         ids=[f"{n}-{rule}" for n, (rule, _e, _c) in enumerate(WARNED)])
def test_what_is_doubtful_is_a_warning_on_the_element(rule: str, element: str, changes: Changes) -> None:
    named = {(one.rule, one.element) for one in found(spoilt(*changes)) if one.severity == "warning"}
    assert (rule, element) in named


@pytest.mark.parametrize(("rule", "element", "changes"), [*REFUSED, *WARNED])
def test_every_finding_says_what_is_wrong_and_what_to_do(rule: str, element: str, changes: Changes) -> None:
    for one in found(spoilt(*changes)):
        assert one.message.endswith("."), one
        assert one.repair, one
        assert one.file == "sop.bpmn"


RIGHT_TOO: list[Changes] = [
    # what looks like a fault and is none
    (("tenggat(100)", "'R4/P7D'"), ("<bpmn:timeDate>", "<bpmn:timeCycle>"), ("</bpmn:timeDate>",
                                                                             "</bpmn:timeCycle>")),
    (("hari_kerja(3)", "hari(3)"),),
    (("hari_kerja(3)", "'P3D'"),),
    (("hari_kerja(2)", "hari_kerja(30)"),),
    (("Menegur petugas", "Memverifikasi hasil di lapangan"), ("hari_kerja(1)", "hari_kerja(30)")),
    (('id="jalan_rusak"', 'id="aspirasi"'),),
    (('id="opd_usulan" type="unit" label="Pemilik yang', 'id="sebab" type="text" label="Alasan yang'),
     ('sourceRef="wewenang" targetRef="kabar_bukan"', 'sourceRef="wewenang" targetRef="verifikasi"'),
     ('sourceRef="tarik" targetRef="ditarik"', 'sourceRef="tarik" targetRef="kabar_bukan"'),
     (WITHDRAWN, "")),
    (NO_DEFAULT, refused_when("keputusan == 'tolak'")),
    ((START, FORK.format("n", "m")), TO_FORK),
    (("<sop:duty cost=\"DPA Dinas\" responsible=\"Kepala Seksi\" public=\"Laporan sedang ditangani.\" "
      "message=\"dikerjakan\"", "<sop:duty cost=\"-\" responsible=\"Admin\" public=\"\" message=\"\""),),
    (("hari_kerja(1)", "hari_kerja(2) if teguran_lalu else hari_kerja(1)"),
     (START, '<bpmn:scriptTask id="awal" name="Menyiapkan"><bpmn:script>teguran_lalu = False</bpmn:script>'
             f'</bpmn:scriptTask><bpmn:sequenceFlow id="fa" {TO_START.replace("mulai", "awal")}/>{START}'),
     (TO_START, 'sourceRef="mulai" targetRef="awal"')),
]


@pytest.mark.parametrize("changes", RIGHT_TOO)
def test_there_is_no_false_alarm(changes: Changes) -> None:
    assert [one for one in found(spoilt(*changes)) if one.severity == "error"] == []


def test_what_hangs_on_an_element_that_does_not_run_is_not_called_broken_too() -> None:
    drawn = RIGHT.replace('<bpmn:userTask id="tindak_lanjut"', '<bpmn:manualTask id="tindak_lanjut"').replace(
        f'</bpmn:userTask>\n{BOUNDARY}', f'</bpmn:manualTask>\n{BOUNDARY}')
    rules = {one.rule for one in found(drawn)}
    assert "unsur-tidak-dijalankan" in rules
    assert not rules & {"panah-putus", "batas-lepas", "tak-terjangkau", "jalan-buntu"}


def test_the_city_decides_what_the_limits_are() -> None:
    stricter = [replace(rule, value=1) if rule.key == "verifikasi" else rule for rule in DEFAULT_RULES]
    assert [one.rule for one in found(RIGHT, rules=stricter)] == ["batas-verifikasi"]
    assert "hari kerja" in found(RIGHT, rules=stricter)[0].message


def test_a_limit_from_a_decision_table_is_judged_row_by_row() -> None:
    table = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="x">
<decision id="batas" name="Batas"><decisionTable hitPolicy="UNIQUE">
<input label="jenis"><inputExpression typeRef="string"><text>jenis</text></inputExpression></input>
<output name="batas_verifikasi" typeRef="number"/>
<rule><inputEntry><text>"pengaduan"</text></inputEntry><outputEntry><text>3</text></outputEntry></rule>
<rule><inputEntry><text>not("pengaduan")</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
    diagram = spoilt(
        ("hari_kerja(3)", "hari_kerja(batas_verifikasi)"),
        (START, '<bpmn:businessRuleTask id="hitung" name="Menghitung batas" sop:decision="batas"/>'
                '<bpmn:sequenceFlow id="f_hitung" sourceRef="hitung" targetRef="verifikasi"/>' + START),
        (TO_START, 'sourceRef="mulai" targetRef="hitung"'))

    def errors(most: int) -> list[tuple[str, str | None]]:
        sources = [Source("sop.bpmn", diagram.encode()), Source("b.dmn", table.format(most).encode())]
        return [(one.rule, one.element) for one in findings(sources) if one.severity == "error"]

    assert errors(2) == []
    assert errors(7) == [("batas-verifikasi", "verifikasi")]


def test_a_process_without_a_report_needs_no_reporter_and_no_photo() -> None:
    alone = spoilt(('total="hari(60)"', 'subject="sop"'),
                   ('targetRef="kabar_selesai"', 'targetRef="selesai"'),
                   ('id="foto_sesudah" type="photo"', 'id="foto_sesudah" type="file"'),
                   ("hari_kerja(3)", "hari_kerja(30)"), ('reason="dibatalkan"', 'reason="dikembalikan"'))
    errors = {one.rule for one in found(alone) if one.severity == "error"}
    assert not errors & {"akhir-tanpa-kabar", "bukti-tanpa-foto", "batas-verifikasi", "alasan-tak-dikenal"}


def test_what_the_city_knows_makes_the_check_stricter() -> None:
    camat = spoilt(('lane id="kepala_opd"', 'lane id="camat"'))
    knowing = CityFacts(roles=frozenset({"camat"}), messages=frozenset({"dikerjakan"}))
    assert found(camat, facts=knowing) == ()
    strange = found(camat, facts=CityFacts(roles=frozenset(), messages=frozenset({"lain"})))
    assert {(one.rule, one.severity) for one in strange} >= {("peran-tak-dikenal", "error"),
                                                            ("pesan-tanpa-naskah", "warning")}


def test_an_id_under_which_reports_run_may_not_change() -> None:
    standing = CityFacts(occupied=(Occupied("jalan_rusak", "tegur_lama", "Menegur petugas"),
                                   Occupied("jalan_rusak", "hilang", "Mengukur"), Occupied("lain", "x", "X")))
    assert {(one.rule, one.element, one.severity) for one in found(RIGHT, facts=standing)} == {
        ("id-berubah", "tegur", "error"), ("langkah-terpakai-dihapus", "jalan_rusak", "warning")}


def test_data_handed_over_by_the_process_that_begins_or_calls_another_are_known() -> None:
    child = RIGHT.replace('id="jalan_rusak"', 'id="anak"').replace("hari_kerja(1)", "hari_kerja(dari_induk)")
    mother = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:sop="urn:tuntas:sop:1" id="i" targetNamespace="x"><bpmn:process id="ibu" isExecutable="true">
<bpmn:startEvent id="a"/><bpmn:serviceTask id="b"><bpmn:extensionElements><sop:service name="mulai_sop">
<sop:parameter name="kunci" value="'anak'"/>
<sop:parameter name="data" value="{'dari_induk': 2}"/></sop:service>
</bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="c"/>
<bpmn:sequenceFlow id="d" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="e" sourceRef="b" targetRef="c"/>
</bpmn:process></bpmn:definitions>"""
    alone = {one.rule for one in found(child)}
    together = findings([Source("anak.bpmn", child.encode()), Source("ibu.bpmn", mother.encode())],
                        only={"anak.bpmn"})
    assert "data-belum-diisi" in alone
    assert together == ()


def test_what_people_draw_wrong_most_often_comes_first() -> None:
    text = spoilt(NO_DEFAULT, ("tenggat(100)", ""), ('sourceRef="lewat"', 'sourceRef="hilang"'))
    rules = [one.rule for one in found(text) if one.severity == "error"]
    assert rules[:3] == ["tanpa-syarat", "waktu-kosong", "panah-putus"]


def test_a_misspelt_name_is_put_right_by_one_click() -> None:
    wrong = next(one for one in found(spoilt(("hasil == 'selesai'<", "hasill == 'selesai'<")))
                 if one.rule == "data-belum-diisi")
    assert wrong.fix is not None
    assert wrong.fix["edits"] == [{"do": "condition", "element": "f_kami", "value": "hasil == 'selesai'"}]
