"""Multi-instance: a scope per child, outputs in input order, early completion, one after the other."""

from __future__ import annotations

import itertools

import pytest

from tests.engine.diagrams import (
    Walk,
    begin,
    bpmn,
    end,
    flows,
    loop,
    script,
    sop,
    user,
)


def test_multi_instance_answers_stay_in_their_scope_and_outputs_come_in_input_order() -> None:
    """Six finishing orders, one result; the item routes each child to its own unit."""
    body = (
        begin()
        + user("tanya", "jawab", inside=loop("daftar", "opd", output="jawab", into="hasil"))
        + user("akhir")
        + end()
        + flows("s tanya", "tanya akhir", "akhir e")
    )
    compiled = sop(bpmn(body))
    for order in itertools.permutations(["DPU", "DLH", "PDAM"]):
        ours = Walk(compiled, {"daftar": ["DPU", "DLH", "PDAM"]})
        assert [task.scope for task in ours.step.position.open] == [
            {"opd": "DPU"},
            {"opd": "DLH"},
            {"opd": "PDAM"},
        ]
        for unit in order:
            ours.do("tanya", item=unit, jawab=f"dari {unit}")
        assert ours.step.position.variables["hasil"] == ["dari DPU", "dari DLH", "dari PDAM"]
        assert "jawab" not in ours.step.position.variables
        assert "opd" not in ours.step.position.variables


def test_an_early_completion_takes_the_other_children_away_and_leaves_none_for_them() -> None:
    inside = loop("daftar", "opd", output="jawab", into="hasil", until="jawab == 'cukup'")
    body = (
        begin()
        + user("tanya", "jawab", inside=inside)
        + user("akhir")
        + end()
        + flows("s tanya", "tanya akhir", "akhir e")
    )
    ours = Walk(sop(bpmn(body)), {"daftar": ["A", "B", "C"]})
    ours.do("tanya", item="B", jawab="belum")
    step = ours.do("tanya", item="C", jawab="cukup")
    assert ours.open == ["akhir"]
    assert ours.step.position.variables["hasil"] == [None, "belum", "cukup"]
    assert [one.reason for one in step.closed] == ["completed", "cancelled"]


def test_sequential_multi_instance_runs_one_after_the_other_over_the_list_it_began_with() -> None:
    body = (
        begin()
        + user("tanya", "jawab", inside=loop("daftar", "opd", sequential=True))
        + user("akhir")
        + end()
        + flows("s tanya", "tanya akhir", "akhir e")
    )
    ours = Walk(sop(bpmn(body)), {"daftar": ["A", "B"]})
    assert [task.item for task in ours.step.position.open] == ["A"]
    ours.do("tanya", jawab="1")
    assert [task.item for task in ours.step.position.open] == ["B"]
    ours.do("tanya", jawab="2")
    assert ours.open == ["akhir"]
    assert Walk(ours.compiled, {"daftar": []}).open == ["akhir"]


@pytest.mark.parametrize(("sequential", "many"), [(False, 5), (True, 5)])
def test_a_multi_instance_of_scripts_runs_at_once(sequential: bool, many: int) -> None:
    body = (
        begin()
        + script("k", "kali = n * 2").replace(
            "</bpmn:script>",
            "</bpmn:script>" + loop("daftar", "n", sequential=sequential, output="kali", into="hasil"),
        )
        + user("a")
        + end()
        + flows("s k", "k a", "a e")
    )
    ours = Walk(sop(bpmn(body)), {"daftar": list(range(many))})
    assert ours.step.position.variables["hasil"] == [0, 2, 4, 6, 8]
