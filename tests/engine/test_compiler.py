"""What is compiled from which files, and what one can ask about it."""

from __future__ import annotations

import pytest

from app.engine.compiler import CompileFailed, Source, compile_sop
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


def test_a_broken_neighbour_does_not_matter() -> None:
    sources = [Source("a.bpmn", bpmn(OK).encode()), Source("b.bpmn", b"<rusak"), Source("c.dmn", b"<rusak")]
    alone = compile_sop(sources[:1])
    assert compile_sop(sources).hash == alone.hash


def test_elements_may_be_called_as_spiffworkflow_calls_its_own() -> None:
    body = begin("Start") + user("Root") + end("End") + flows("Start Root", "Root End")
    ours = Walk(sop(bpmn(body)))
    ours.do("Root")
    assert ours.step.position.ended


def test_a_long_diagram_does_not_run_out_of_stack() -> None:
    names = [f"a{n}" for n in range(600)]
    pairs = [f"{one} {other}" for one, other in zip(["s", *names], [*names, "e"], strict=True)]
    assert sop(bpmn(begin() + "".join(map(user, names)) + end() + flows(*pairs))).tasks


def test_what_follows_a_task_is_known_by_name() -> None:
    inside = begin("s1") + user("b") + end("e1", "cabang") + flows("s1 b", "b e1")
    body = (
        begin()
        + user("a")
        + gateway("exclusive", "g", default="g_d")
        + f'<bpmn:subProcess id="d">{inside}</bpmn:subProcess>'
        + user("c")
        + end()
        + flows("s a", "a g", "g d", "g c: x == 1", "c e", "d e")
    )
    compiled = sop(bpmn(body))
    assert compiled.task("sop", "a").next_steps == ("Tugas c", "Tugas b")
    assert compiled.task("sop", "b").next_steps == ("e",)


def test_nothing_follows_a_side_branch_but_what_is_drawn_on_it() -> None:
    inside = (
        begin("s1")
        + user("b")
        + boundary("late", "b", timer("'PT1H'"), interrupting=False)
        + user("scold")
        + end("e1", "cabang")
        + end("e2", "cabang")
        + flows("s1 b", "b e1", "late scold", "scold e2")
    )
    body = (
        begin() + f'<bpmn:subProcess id="d">{inside}</bpmn:subProcess>' + user("c") + end()
        + flows("s d", "d c", "c e")
    )  # fmt: skip
    compiled = sop(bpmn(body))
    assert compiled.task("sop", "b").next_steps == ("Tugas c",)
    assert compiled.task("sop", "scold").next_steps == ()


@pytest.mark.parametrize("prefix", ["bpmn2:", "semantic:", ""])
def test_any_prefix_of_the_bpmn_namespace_will_do(prefix: str) -> None:
    body = (
        begin()
        + user("a", "x", inside=loop("daftar", "opd"))
        + boundary("b", "a", timer("'PT1H'"), interrupting=False)
        + script("k", "y = 1")
        + end()
        + end("e2", "cabang")
        + flows("s a", "a k", "k e: ", "b e2")
    )
    name = f":{prefix[:-1]}" if prefix else ""
    text = bpmn(body).replace("xmlns:bpmn=", f"xmlns{name}=").replace("<bpmn:", f"<{prefix}")
    text = text.replace("</bpmn:", f"</{prefix}")
    ours = Walk(sop(text), {"daftar": ["A"]})
    ours.do("a")
    assert ours.step.position.variables["y"] == 1


def test_the_process_meant_to_run_is_taken_and_a_key_chooses_another() -> None:
    pool = bpmn(OK, key="warga").replace('isExecutable="true"', 'isExecutable="false"')
    process = OK.replace('id="s"', 'id="s9"').replace("s_a", "s9_a").replace('"s"', '"s9"')
    second = bpmn(process.replace('"a"', '"b"').replace('"e"', '"f"').replace('"a_e"', '"b_f"'), key="kota")
    inner = second[second.index("<bpmn:process") : second.index("</bpmn:definitions>")]
    both = pool.replace("</bpmn:definitions>", inner + "</bpmn:definitions>")
    assert sop(both).key == "kota"
    with pytest.raises(CompileFailed):
        sop(both, key="warga")
    with pytest.raises(CompileFailed):
        sop(both, key="tidak_ada")
