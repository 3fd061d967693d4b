"""What does not run is refused at compile time, by name; what is only missing does not stop a walk."""

from __future__ import annotations

import pytest

from app.engine.compiler import CompileFailed, Source, compile_sop, findings
from tests.effort import effort
from tests.engine.diagrams import (
    Walk,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    loop,
    script,
    sop,
    timer,
    user,
)

OK = begin() + user("a", "x") + end() + flows("s a", "a e")
SIGNAL = '<bpmn:signalEventDefinition signalRef="x"/>'


def with_form(fields: str) -> str:
    return OK.replace('<sop:field id="x" type="string" label="x"/>', fields)


def rules(text: str, severity: str = "error") -> set[str]:
    return {one.rule for one in findings([Source("a.bpmn", text.encode())]) if one.severity == severity}


REFUSED: list[tuple[str, str, str | None]] = [
    # (what is drawn, rule, element it is found on)
    (OK.replace("userTask", "manualTask"), "unsur-tidak-dijalankan", "a"),
    (OK.replace("userTask", "task"), "unsur-tidak-dijalankan", "a"),
    (OK.replace("userTask", "sendTask"), "unsur-tidak-dijalankan", "a"),
    (OK + '<bpmn:transaction id="t"/>', "unsur-tidak-dijalankan", "t"),
    (OK + '<bpmn:adHocSubProcess id="t"/>', "unsur-tidak-dijalankan", "t"),
    (OK + '<bpmn:complexGateway id="t"/>', "unsur-tidak-dijalankan", "t"),
    (OK + '<bpmn:dataObject id="d"/>', "unsur-tidak-dijalankan", "d"),
    (OK + '<bpmn:dataObjectReference id="d" dataObjectRef="x"/>', "unsur-tidak-dijalankan", "d"),
    (
        OK.replace("</bpmn:userTask>", '<bpmn:dataInputAssociation id="d"/></bpmn:userTask>'),
        "unsur-tidak-dijalankan",
        "d",
    ),
    (
        OK.replace("</bpmn:userTask>", "<bpmn:ioSpecification/></bpmn:userTask>"),
        "unsur-tidak-dijalankan",
        "a",
    ),
    (
        OK.replace("</bpmn:userTask>", "<bpmn:standardLoopCharacteristics/></bpmn:userTask>"),
        "unsur-tidak-dijalankan",
        "a",
    ),
    (begin() + user("a") + end("e", inside=SIGNAL) + flows("s a", "a e"), "unsur-tidak-dijalankan", "e"),
    (
        begin() + user("a") + end("e", inside="<bpmn:compensateEventDefinition/>") + flows("s a", "a e"),
        "unsur-tidak-dijalankan",
        "e",
    ),
    (
        begin()
        + f'<bpmn:intermediateCatchEvent id="c">{SIGNAL}</bpmn:intermediateCatchEvent>'
        + end()
        + flows("s c", "c e"),
        "unsur-tidak-dijalankan",
        "c",
    ),
    (
        begin() + '<bpmn:intermediateThrowEvent id="c"><bpmn:linkEventDefinition name="x"/>'
        "</bpmn:intermediateThrowEvent>" + end() + flows("s c", "c e"),
        "unsur-tidak-dijalankan",
        "c",
    ),
    (
        begin() + '<bpmn:intermediateThrowEvent id="c"/>' + end() + flows("s c", "c e"),
        "unsur-tidak-dijalankan",
        "c",
    ),
    (
        OK.replace(begin(), f'<bpmn:startEvent id="s">{timer("jam(1)")}</bpmn:startEvent>'),
        "unsur-tidak-dijalankan",
        "s",
    ),
    (
        OK
        + '<bpmn:subProcess id="x" triggeredByEvent="true">'
        + begin("s1")
        + end("e1")
        + flows("s1 e1")
        + "</bpmn:subProcess>",
        "unsur-tidak-dijalankan",
        "x",
    ),
    (OK + user("b") + flows("b e"), "tak-terjangkau", "b"),
    (OK + user("b") + flows("a b"), "jalan-buntu", "b"),
    (OK + user("b") + flows("a b", "b e"), "panah-ganda", "a"),
    (begin() + user("a") + end() + flows("s a", "a e: x == 1"), "syarat-diabaikan", "a_e"),
    (
        begin() + gateway("exclusive", "g") + user("a") + end() + flows("s g", "g a", "g e: x == 1", "a e"),
        "tanpa-syarat",
        "g_a",
    ),
    (
        begin() + gateway("parallel", "g") + user("a") + end() + flows("s g", "g a: x == 1", "g e", "a e"),
        "syarat-diabaikan",
        "g_a",
    ),
    (begin() + '<bpmn:receiveTask id="r"/>' + end() + flows("s r", "r e"), "tanpa-pesan", "r"),
    (
        begin() + '<bpmn:receiveTask id="r" messageRef="tidak"/>' + end() + flows("s r", "r e"),
        "rujukan-hilang",
        "r",
    ),
    (
        begin() + gateway("eventBased", "g") + user("a") + end() + flows("s g", "g a", "a e"),
        "gerbang-peristiwa",
        "g",
    ),
    (user("a") + end() + flows("a e"), "satu-mulai", "sop"),
    (OK + begin("s2") + flows("s2 a"), "satu-mulai", "sop"),
    (begin() + user("a") + flows("s a", "a s"), "tanpa-akhir", "sop"),
    (OK + flows("a tidak_ada"), "panah-putus", "a_tidak_ada"),
    (OK.replace('id="e"', 'id="a"', 1), "id-ganda", "a"),
    (OK + boundary("b", "s", timer("jam(1)")) + flows("b e"), "batas-di-tempat-lain", "b"),
    (OK + boundary("b", "x", timer("jam(1)")) + flows("b e"), "batas-lepas", "b"),
    (
        OK + boundary("b", "a", "<bpmn:errorEventDefinition/>", interrupting=False) + flows("b e"),
        "galat-tidak-menyela",
        "b",
    ),
    (OK + boundary("b", "a", timer("PT1H")) + flows("b e"), "durasi-tanpa-kutip", "b"),
    (OK + boundary("b", "a", timer("'P1X'")) + flows("b e"), "waktu", "b"),
    (OK + boundary("b", "a", timer("3")) + flows("b e"), "waktu", "b"),
    (OK + boundary("b", "a", timer("")) + flows("b e"), "waktu-kosong", "b"),
    (OK + boundary("b", "a", "<bpmn:timerEventDefinition/>") + flows("b e"), "waktu-kosong", "b"),
    (OK + boundary("b", "a", timer("'R3/PT1H'", "timeCycle")) + flows("b e"), "putaran-di-tempat-lain", "b"),
    (OK + boundary("b", "a", timer("tenggat(50)")) + flows("b e"), "tenggat-tanpa-tenggat", "b"),
    (
        begin()
        + f'<bpmn:intermediateCatchEvent id="c">{timer("tenggat(50)")}</bpmn:intermediateCatchEvent>'
        + end()
        + flows("s c", "c e"),
        "tenggat-tanpa-induk",
        "c",
    ),
    (
        OK.replace("s a", "s_a").replace("<sop:task/>", '<sop:task deadline="__import__(1)"/>'),
        "ungkapan",
        "a",
    ),
    (begin() + script("k", "import os") + end() + flows("s k", "k e"), "ungkapan", "k"),
    (begin() + script("k") + end() + flows("s k", "k e"), "skrip-kosong", "k"),
    (begin() + '<bpmn:serviceTask id="k"/>' + end() + flows("s k", "k e"), "operasi-tak-dikenal", "k"),
    (
        begin() + '<bpmn:serviceTask id="k"><bpmn:extensionElements><sop:service name="hapus"/>'
        "</bpmn:extensionElements></bpmn:serviceTask>" + end() + flows("s k", "k e"),
        "operasi-tak-dikenal",
        "k",
    ),
    (
        begin() + '<bpmn:serviceTask id="k"><bpmn:extensionElements><sop:service name="status"/>'
        "</bpmn:extensionElements></bpmn:serviceTask>" + end() + flows("s k", "k e"),
        "parameter-kurang",
        "k",
    ),
    (
        begin() + '<bpmn:callActivity id="k" calledElement="lain"/>' + end() + flows("s k", "k e"),
        "proses-hilang",
        "k",
    ),
    (
        begin() + '<bpmn:callActivity id="k" calledElement="sop"/>' + end() + flows("s k", "k e"),
        "panggilan-melingkar",
        "k",
    ),
    (
        begin() + '<bpmn:businessRuleTask id="k" sop:decision="rute"/>' + end() + flows("s k", "k e"),
        "keputusan-hilang",
        "k",
    ),
    (with_form('<sop:field id="x" type="teks" label="x"/>'), "jenis-isian", "a"),
    (with_form('<sop:field id="typename" type="text" label="x"/>'), "nama-terlarang", "a"),
    (with_form('<sop:field id="hari_kerja" type="text" label="x"/>'), "nama-terlarang", "a"),
    (
        with_form('<sop:field id="x" type="text" label="x"/><sop:field id="x" type="text" label="y"/>'),
        "isian-ganda",
        "a",
    ),
    (with_form('<sop:field id="x" type="text" label="x" visibleWhen="a ="/>'), "ungkapan", "a"),
    (with_form('<sop:field id="x" type="choice" label="x"/>'), "isian", "a"),
    (OK.replace("<sop:task/>", '<sop:task verifies="tidak_ada"/>'), "verifies-hilang", "a"),
    (OK.replace("<sop:task/>", "<sop:tugas/>"), "sop-tak-dikenal", "a"),
    (
        begin()
        + user("a", inside=loop("x", "opd").replace("<bpmn:loopDataInputRef>x</bpmn:loopDataInputRef>", ""))
        + end()
        + flows("s a", "a e"),
        "ulang-tanpa-jumlah",
        "a",
    ),
]


@pytest.mark.parametrize(
    ("body", "rule", "element"), REFUSED, ids=[f"{n}-{rule}" for n, (_b, rule, _e) in enumerate(REFUSED)]
)
def test_what_does_not_run_is_refused_by_name(body: str, rule: str, element: str | None) -> None:
    with pytest.raises(CompileFailed) as caught:
        sop(bpmn(body))
    named = {(one.rule, one.element) for one in caught.value.findings if one.severity == "error"}
    assert (rule, element) in named, caught.value.findings
    assert all(one.message and one.repair for one in caught.value.findings)


def test_a_process_not_meant_to_run_is_refused() -> None:
    assert "tidak-dijalankan" in rules(bpmn(OK).replace('isExecutable="true"', 'isExecutable="false"'))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "xml-rusak"),
        (b"<a", "xml-rusak"),
        (b"\xff\xfe\x00", "xml-rusak"),
        (b"<a/>", "bukan-bpmn"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "doctype-ditolak"),
        (b"<a>" + b" " * 2_100_000 + b"</a>", "berkas-terlalu-besar"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "tanpa-proses"),
        (b'<?xml version="1.0" encoding="tidak-ada"?><a/>', "xml-rusak"),
    ],
)
def test_whatever_a_file_holds_a_finding_comes_back(content: bytes, rule: str) -> None:
    found = findings([Source("x.bpmn", content)])
    assert rule in {one.rule for one in found}
    with pytest.raises(CompileFailed):
        compile_sop([Source("x.bpmn", content)])


def test_an_entity_bomb_costs_nothing() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY a0 "ha">{entities}]><a>&a11;</a>'.encode()
    assert findings([Source("x.bpmn", bomb)])
    assert effort(lambda: findings([Source("x.bpmn", bomb)])) < 50


def test_what_is_only_missing_is_found_but_can_be_walked() -> None:
    text = bpmn(begin() + '<bpmn:userTask id="a"/>' + '<bpmn:endEvent id="e"/>' + flows("s a", "a e"))
    assert rules(text) == {
        "tanpa-peran",
        "tanpa-formulir",
        "tanpa-tenggat",
        "tanpa-tanggung-jawab",
        "tanpa-alasan-akhir",
        "akhir-tanpa-kabar",
    }
    ours = Walk(sop(text))
    ours.do("a")
    assert ours.step.position.ended


def test_each_missing_duty_is_named() -> None:
    task = user("a", "x").replace("<sop:form>", '<sop:duty cost="DPA"/><sop:form>')
    found = findings([Source("a.bpmn", bpmn(begin() + task + end() + flows("s a", "a e")).encode())])
    assert len([one for one in found if one.rule == "tanggung-jawab-kurang"]) == 4


def test_all_faults_come_at_once() -> None:
    text = bpmn(OK + user("b") + user("c") + '<bpmn:complexGateway id="g"/>')
    assert {"tak-terjangkau", "jalan-buntu", "unsur-tidak-dijalankan", "tanpa-peran"} <= rules(text)
