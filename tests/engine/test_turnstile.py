"""Who may complete what, and when: four eyes, fresh eyes, proof before `selesai`, guards of every push."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.engine.runner import complete, inspect, start
from app.engine.step import Effect, EngineFault, Refusal, Step
from tests.engine.diagrams import Walk, at, begin, bpmn, end, flows, gateway, loop, script, sop, user

CHECKED = bpmn(
    begin()
    + gateway("exclusive", "m")
    + user("kerja", "foto")
    + user("periksa", "bukti_diterima:boolean", verifies="kerja")
    + gateway("exclusive", "g", default="g_m")
    + user("tutup", fresh="true")
    + end()
    + flows("s m", "m kerja", "kerja periksa", "periksa g", "g tutup: bukti_diterima", "g m", "tutup e")
)


def refusal(walk: Walk, element: str, by: str, **answers: Any) -> Refusal:
    before = copy.deepcopy(walk.state)
    reply = complete(walk.compiled, walk.state, walk.id(element), answers, by=by, tools=at())
    assert isinstance(reply, Refusal), reply
    assert walk.state == before
    return reply


def test_nobody_checks_work_of_their_own_whatever_the_round() -> None:
    ours = Walk(sop(CHECKED))
    ours.do("kerja", by="budi")
    assert refusal(ours, "periksa", "budi", bukti_diterima=True).name == "SamePerson"
    ours.do("periksa", by="citra", bukti_diterima=False)
    ours.do("kerja", by="citra")
    assert refusal(ours, "periksa", "budi", bukti_diterima=True).name == "SamePerson", (
        "an earlier round counts"
    )
    assert refusal(ours, "periksa", "citra", bukti_diterima=True).name == "SamePerson"
    ours.do("periksa", by="dewi", bukti_diterima=True)
    for person in ("budi", "citra", "dewi"):
        assert refusal(ours, "tutup", person).name == "SamePerson", (
            "fresh means nobody who touched the report"
        )
    ours.do("tutup", by="eka")
    assert ours.step.position.end_reason == "selesai"


def test_selesai_needs_photos_accepted_since_the_work_was_last_done() -> None:
    body = (
        begin()
        + user("kerja")
        + user("periksa", "bukti_diterima:boolean", verifies="kerja")
        + user("lagi", "ulang:boolean")
        + gateway("exclusive", "g", default="g_e")
        + gateway("exclusive", "m")
        + user("kerja_lagi")
        + end()
        + flows(
            "s m",
            "m kerja",
            "kerja periksa",
            "periksa lagi",
            "lagi g",
            "g kerja_lagi: ulang",
            "kerja_lagi m",
            "g e",
        )
    )
    ours = Walk(sop(bpmn(body)))
    ours.do("kerja", by="budi")
    ours.do("periksa", by="citra", bukti_diterima=False)
    with pytest.raises(EngineFault, match="bukti"):
        ours.do("lagi", ulang=False)
    ours.do("lagi", ulang=True)
    ours.do("kerja_lagi")
    ours.do("kerja", by="budi")
    ours.do("periksa", by="citra", bukti_diterima=True)
    ours.do("lagi", ulang=False)
    assert ours.step.position.end_reason == "selesai"


def test_in_a_multi_instance_every_childs_proof_counts() -> None:
    inside = (
        begin("s1")
        + user("kerja")
        + user("periksa", "bukti_diterima:boolean", verifies="kerja")
        + end("e1", "cabang")
        + flows("s1 kerja", "kerja periksa", "periksa e1")
    )
    body = (
        begin()
        + f'<bpmn:subProcess id="tiap">{loop("daftar", "opd")}{inside}</bpmn:subProcess>'
        + end()
        + flows("s tiap", "tiap e")
    )
    ours = Walk(sop(bpmn(body)), {"daftar": ["A", "B"]})
    for unit in "AB":
        ours.do("kerja", by="budi", item=unit)
    ours.do("periksa", by="citra", item="A", bukti_diterima=False)
    with pytest.raises(EngineFault, match="bukti"):
        ours.do("periksa", by="citra", item="B", bukti_diterima=True)


def test_a_task_can_be_completed_once_and_only_while_open() -> None:
    ours = Walk(sop(CHECKED))
    first = ours.id("kerja")
    ours.do("kerja")
    for task_id in (first, "0" * 32, "bukan-uuid", "", "00000000-0000-4000-8000-000000000000"):
        reply = complete(ours.compiled, ours.state, task_id, {}, by="budi", tools=at())
        assert isinstance(reply, Refusal)
        assert reply.name == "NotOpen"


def test_answers_that_do_not_fit_name_every_fault_and_nothing_happens() -> None:
    form = user("a", "n:integer", "kapan:date").replace('label="x"', 'label="x" required="true"')
    ours = Walk(sop(bpmn(begin() + form + end() + flows("s a", "a e"))))
    reply = refusal(ours, "a", "budi", n="banyak")
    assert reply.name == "InvalidAnswers"
    assert set(reply.faults) == {"n", "kapan"}


def test_the_state_given_is_never_touched() -> None:
    ours = Walk(sop(CHECKED))
    given = copy.deepcopy(ours.state)
    reply = complete(ours.compiled, ours.state, ours.id("kerja"), {"foto": "a"}, by="budi", tools=at())
    assert isinstance(reply, Step)
    assert ours.state == given


def test_no_join_reverts_or_blends_what_a_branch_answered() -> None:
    """Lost updates: SpiffWorkflow merges task data at a join, last branch over all; lists by index."""
    body = (
        begin()
        + gateway("parallel", "f", "j")
        + user("a", "status", "foto:choices").replace(
            'type="choices" label="x"/>',
            'type="choices" label="x"><sop:option value="p"/><sop:option value="q"/></sop:field>',
        )
        + user("b", "catatan")
        + user("akhir")
        + end()
        + flows("s f", "f a", "f b", "a j", "b j", "j akhir", "akhir e")
    )
    compiled = sop(bpmn(body))
    for first, second in (("a", "b"), ("b", "a")):
        ours = Walk(compiled, {"status": "baru", "foto": ["q", "r", "s"], "catatan": "lama"})
        for element in (first, second):
            ours.do(element, **({"status": "ubah", "foto": ["p"]} if element == "a" else {"catatan": "x"}))
        assert ours.step.position.variables == {"status": "ubah", "foto": ["p"], "catatan": "x"}


def test_opening_a_task_sets_the_status_and_tells_the_reporter() -> None:
    task = user("a", status="diproses").replace(
        "<sop:form>",
        '<sop:duty cost="DPA" responsible="Kasi" public="Sedang dikerjakan" message="dikerjakan" '
        'escalation="kepala_opd"/><sop:form>',
    )
    ours = Walk(sop(bpmn(begin() + task + end() + flows("s a", "a e"))))
    assert ours.step.status == ours.step.position.status == "diproses"
    told = {"kepada": "pelapor", "pesan": "dikerjakan", "teks": "Sedang dikerjakan"}
    assert ours.step.effects == (Effect("beritahu", told, "a", "sop"),)


def service(name: str, operation: str, **parameters: str) -> str:
    inside = "".join(f'<sop:parameter name="{key}" value="{value}"/>' for key, value in parameters.items())
    return (
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements><sop:service name="{operation}">{inside}'
        "</sop:service></bpmn:extensionElements></bpmn:serviceTask>"
    )


def test_services_ask_and_two_of_them_take_effect_at_once() -> None:
    """N8: a state with service tasks around it is saved and loaded like any other."""
    body = (
        begin()
        + service("ke", "tetapkan_opd", opd="'DPU'")
        + service("st", "status", nilai="'koordinasi'")
        + service("kabar", "beritahu", kepada="opd", pesan="'baru'")
        + script("k", "x = opd + '!'")
        + user("a")
        + end()
        + flows("s ke", "ke st", "st kabar", "kabar k", "k a", "a e")
    )
    ours = Walk(sop(bpmn(body)))
    assert ours.step.position.variables == {"opd": "DPU", "x": "DPU!"}
    assert ours.step.status == "koordinasi"
    assert [effect.operation for effect in ours.step.effects] == ["tetapkan_opd", "status", "beritahu"]
    assert ours.step.effects[2].parameters == {"kepada": "DPU", "pesan": "baru"}


def test_a_script_applies_all_lines_or_none() -> None:
    body = begin() + user("a") + script("k", "x = 1", "y = tidak_ada") + end() + flows("s a", "a k", "k e")
    ours = Walk(sop(bpmn(body)))
    with pytest.raises(EngineFault, match="tidak_ada") as caught:
        ours.do("a")
    assert (caught.value.element, caught.value.names) == ("k", ("tidak_ada",))
    assert inspect(ours.compiled, ours.state).variables == {}


@pytest.mark.parametrize(
    "data", [{"typename": "x"}, {"__builtins__": {}}, {"hari_kerja": 1}, {"a": object()}]
)
def test_a_report_with_reserved_names_or_no_json_does_not_start(data: dict[str, object]) -> None:
    with pytest.raises(EngineFault):
        start(sop(CHECKED), data, tools=at())


def test_every_flow_walked_is_told_with_its_id() -> None:
    ours = Walk(sop(CHECKED))
    walked = set(ours.step.flows)
    for element, person, answers in (
        ("kerja", "a", {}),
        ("periksa", "b", {"bukti_diterima": False}),
        ("kerja", "a", {}),
        ("periksa", "b", {"bukti_diterima": True}),
        ("tutup", "c", {}),
    ):
        step = ours.do(element, by=person, **answers)
        walked |= set(step.flows)
        assert {(visit.process, visit.flow) for visit in step.visited} <= walked
    assert walked == {(process, flow) for process, flow, _source, _target in ours.compiled.flows}
