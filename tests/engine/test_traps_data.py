"""Traps 1.3, 1.4, 2.3 and 2.4: SpiffWorkflow merges data where an SOP assigns them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from tests.engine.diagrams import (
    Walk,
    begin,
    bpmn,
    end,
    flows,
    gateway,
    loop,
    script,
    sop,
    sub,
    user,
)
from tests.engine.stock import Stock

FORK = bpmn(
    begin()
    + gateway("parallel", "f", "j")
    + user("a", "status")
    + script("tambah_a", "catatan = catatan + ['a']", "pelapor = {'dari': 'a'}")
    + user("b")
    + script("tambah_b", "catatan = catatan + ['b']", "pelapor = {'oleh': 'b'}")
    + user("c")
    + end()
    + flows("s f", "f a", "f b", "a tambah_a", "tambah_a j", "b tambah_b", "tambah_b j", "j c", "c e")
)
BEFORE: dict[str, Any] = {"status": "baru", "catatan": [], "pelapor": {"nomor": 1}}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_join_loses_and_blends_what_its_branches_wrote_in_stock_only(order: str) -> None:
    stock, ours = Stock(FORK, copy.deepcopy(BEFORE)), Walk(sop(FORK), copy.deepcopy(BEFORE))
    for name in order:
        given = {"status": "ubah"} if name == "a" else {}
        stock.do(name, **given)
        ours.do(name, **given)
    merged = stock.task("c").data
    last = order[-1]
    assert merged["catatan"] == [last], "of two entries one is kept"
    assert merged["pelapor"] == {"dari": "a", "oleh": "b"}, "two objects become one that nobody wrote"
    assert merged["status"] == ("baru" if last == "b" else "ubah"), "b never touched it"

    assert ours.step.position.variables == {
        "status": "ubah", "catatan": [*order], "pelapor": {"dari": "a"} if last == "a" else {"oleh": "b"},
    }


TABLES: list[tuple[Any, Any, Any]] = [
    # (a table as it was, as the form now has it, as DeepMerge leaves it)
    ([{"id": 1, "catatan": "x"}, {"id": 2}], [{"id": 2}], [{"id": 2, "catatan": "x"}]),
    ([1, 3], [3, 1], [1, 3]),
    ([1, 2], [9], [1]),
]


@pytest.mark.parametrize(("before", "given", "merged"), TABLES)
def test_lists_are_blended_by_deep_merge_and_assigned_whole_by_us(
    before: Any, given: Any, merged: Any
) -> None:
    data = {"daftar": copy.deepcopy(before)}
    assert DeepMerge.merge(data, {"daftar": copy.deepcopy(given)}) == {"daftar": merged}

    text = bpmn(begin() + user("a") + script("k", "daftar = baru") + user("b") + end()
                + flows("s a", "a k", "k b", "b e"))
    ours = Walk(sop(text), {"daftar": before, "baru": given})
    ours.do("a")
    assert ours.step.position.variables["daftar"] == given


def test_a_form_answer_replaces_the_list_it_answered_before() -> None:
    """Taken back into stock's data, `["r"]` over `["p", "q"]` gives `["p"]`: the wrong agency."""
    assert DeepMerge.merge({"opd": ["p", "q"]}, {"opd": ["r"]}) == {"opd": ["p"]}
    options = "".join(f'<sop:option value="{name}" label="{name}"/>' for name in "pqr")
    task = user("a", "opd:choices").replace('type="choices" label="x"/>',
                                            f'type="choices" label="x">{options}</sop:field>')
    ours = Walk(sop(bpmn(begin() + task + user("b") + end() + flows("s a", "a b", "b e"))),
                {"opd": ["p", "q"]})
    ours.do("a", opd=["r"])
    assert ours.step.position.variables["opd"] == ["r"]


def test_a_later_script_rewrites_the_data_of_earlier_tasks_in_stock() -> None:
    """So task data are no history. Ours keep none: the past stands in events, each state is new."""
    text = bpmn(begin() + user("a") + script("k", "p['d']['status'] = 'tutup'") + user("b") + end()
                + flows("s a", "a k", "k b", "b e"))
    stock = Stock(text)
    stock.do("a", p={"d": {"status": "buka"}})
    assert stock.task("a").data == {"p": {"d": {"status": "tutup"}}}

    ours = Walk(sop(text.replace("p['d']['status'] = 'tutup'", "p = {'d': {'status': 'tutup'}}")),
                {"p": {"d": {"status": "buka"}}})
    before = ours.state
    step = ours.do("a")
    assert step.position.variables == {"p": {"d": {"status": "tutup"}}}
    assert before["vars"] == {"p": {"d": {"status": "buka"}}}
    assert [row[0] for row in step.state["rows"]] == ["b"], "only what is alive is kept"


def test_nothing_given_or_returned_is_shared_with_the_next_push() -> None:
    text = bpmn(begin() + user("a") + user("b") + end() + flows("s a", "a b", "b e"))
    given: dict[str, Any] = {"daftar": [1]}
    ours = Walk(sop(text), given)
    given["daftar"].append(2)
    first = ours.state
    ours.do("a")
    ours.step.position.variables["daftar"].append(3)  # type: ignore[union-attr]
    assert first["vars"] == {"daftar": [1]}


def test_a_missing_output_item_leaves_stock_half_moved_and_ours_with_none() -> None:
    """2.3: it raises after the child was already marked completed."""
    text = bpmn(begin() + user("a", "x", inside=loop("daftar", "satu", output="x", into="hasil"))
                + user("b") + end() + flows("s a", "a b", "b e"))
    stock = Stock(text, {"daftar": [1, 2]})
    child = stock.workflow.get_tasks(state=TaskState.READY)[0]
    with pytest.raises(WorkflowDataException):
        child.run()
    assert child.has_state(TaskState.COMPLETED)

    ours = Walk(sop(text), {"daftar": [1, 2]})
    ours.do("a", item=1)
    ours.do("a", item=2, x="ya")
    assert ours.step.position.variables["hasil"] == [None, "ya"]


def test_a_sub_process_brings_back_what_was_changed_outside_meanwhile_in_stock() -> None:
    """2.3: data are copied in and out whole. Ours has one set of variables."""
    text = bpmn(
        begin()
        + gateway("parallel", "f", "j")
        + sub("dalam", begin("s1") + user("u") + end("e1") + flows("s1 u", "u e1"))
        + user("a", "status")
        + user("c")
        + end()
        + flows("s f", "f dalam", "f a", "dalam j", "a j", "j c", "c e")
    )
    stock, ours = Stock(text, {"status": "baru"}), Walk(sop(text), {"status": "baru"})
    stock.do("a", status="ubah")
    stock.do("u")
    assert stock.task("c").data["status"] == "baru"
    ours.do("a", status="ubah")
    ours.do("u")
    assert ours.step.position.variables == {"status": "ubah"}
