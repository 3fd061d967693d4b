"""Joins gather what really waits: in loops, behind inclusive splits, with tokens in any order."""

from __future__ import annotations

import itertools
import time

import pytest

from app.engine.compiler import CompiledSop
from app.engine.step import EngineFault
from tests.engine.diagrams import Walk, begin, bpmn, end, flows, gateway, script, sop, user
from tests.engine.stock import Stock

ROUND = bpmn(
    begin()
    + gateway("exclusive", "masuk")
    + gateway("parallel", "bagi", "kumpul")
    + user("a")
    + user("b")
    + user("c", "ulang:boolean")
    + gateway("exclusive", "lagi", default="lagi_e")
    + end()
    + flows(
        "s masuk",
        "masuk bagi",
        "bagi a",
        "bagi b",
        "a kumpul",
        "b kumpul",
        "kumpul c",
        "c lagi",
        "lagi masuk: ulang",
        "lagi e",
    )
)


def test_a_parallel_join_in_a_loop_waits_for_every_branch_in_every_round() -> None:
    """N1: SpiffWorkflow counts the join records of the round before."""
    stock = Stock(ROUND)
    stock.do("a")
    stock.do("b")
    stock.do("c", ulang=True)
    stock.do("b")
    assert stock.open == ["a", "c"], "stock 3.2.0 goes on while a is still open"

    ours = Walk(sop(ROUND))
    for first, second in itertools.islice(itertools.cycle([("a", "b"), ("b", "a")]), 4):
        ours.do(first)
        assert ours.open == [second]
        ours.do(second)
        assert ours.open == ["c"]
        ours.do("c", ulang=True)
    assert ours.open == ["a", "b"]


INCLUSIVE = bpmn(
    begin()
    + gateway("inclusive", "bagi", "kumpul")
    + user("a")
    + gateway("exclusive", "pilih", default="pilih_u")
    + user("u")
    + user("w")
    + gateway("exclusive", "temu")
    + user("v")
    + user("akhir")
    + end()
    + flows(
        "s bagi",
        "bagi a: True",
        "bagi pilih: True",
        "a kumpul",
        "pilih w: n > 1",
        "pilih u",
        "w temu",
        "u temu",
        "temu v",
        "v kumpul",
        "kumpul akhir",
        "akhir e",
    )
)


def test_an_inclusive_join_waits_for_a_token_that_can_still_come() -> None:
    """N2: SpiffWorkflow looks back along one way only; the oracle's random SOPs hold many more cases."""
    stock = Stock(INCLUSIVE, {"n": 1})
    stock.do("a")
    assert stock.open == ["akhir", "u"], "stock 3.2.0 goes on while u can still reach the join"

    ours = Walk(sop(INCLUSIVE), {"n": 1})
    ours.do("a")
    assert ours.open == ["u"]
    ours.do("u")
    assert ours.open == ["v"]
    ours.do("v")
    assert ours.open == ["akhir"]


def test_an_inclusive_join_does_not_wait_for_branches_not_taken() -> None:
    body = (
        begin()
        + gateway("inclusive", "bagi", "kumpul", default="bagi_z")
        + user("x")
        + user("y")
        + user("z")
        + user("akhir")
        + end()
        + flows(
            "s bagi",
            "bagi x: n > 0",
            "bagi y: n > 1",
            "bagi z",
            "x kumpul",
            "y kumpul",
            "z kumpul",
            "kumpul akhir",
            "akhir e",
        )
    )
    compiled = sop(bpmn(body).replace('"kumpul" default="bagi_z"', '"kumpul"'))
    assert Walk(compiled, {"n": 0}).open == ["z"]
    one = Walk(compiled, {"n": 1})
    one.do("x")
    assert one.open == ["akhir"]
    two = Walk(compiled, {"n": 2})
    two.do("y")
    assert two.open == ["x"]
    two.do("x")
    assert two.open == ["akhir"]


def test_parallel_blocks_in_a_row_do_not_write_out_the_future() -> None:
    """N4: SpiffWorkflow's predictions double at every block."""

    def blocks(count: int) -> str:
        parts, pairs, last = [begin()], [], "s"
        for n in range(count):
            parts += [gateway("parallel", f"f{n}", f"j{n}"), user(f"a{n}"), user(f"b{n}")]
            pairs += [f"{last} f{n}", f"f{n} a{n}", f"f{n} b{n}", f"a{n} j{n}", f"b{n} j{n}"]
            last = f"j{n}"
        return bpmn("".join(parts) + end() + flows(*pairs, f"{last} e"))

    def cost(compiled: CompiledSop) -> float:
        spent = []
        for _ in range(9):
            started = time.thread_time()
            assert len(Walk(compiled).state["rows"]) == 2
            spent.append(time.thread_time() - started)
        return min(spent)

    assert len(Stock(blocks(8)).workflow.tasks) > 1_000
    assert cost(sop(blocks(30))) < 3 * cost(sop(blocks(10)))


def test_a_token_too_many_waits_for_its_own_partner() -> None:
    """Two tokens on one flow are not one on each."""
    body = (
        begin()
        + gateway("parallel", "bagi", "kumpul")
        + user("a")
        + gateway("exclusive", "temu")
        + user("b")
        + user("c")
        + user("akhir")
        + end()
        + flows(
            "s bagi",
            "bagi a",
            "bagi temu",
            "bagi c",
            "a temu",
            "temu b",
            "b kumpul",
            "c kumpul",
            "kumpul akhir",
            "akhir e",
        )
    )
    ours = Walk(sop(bpmn(body)))
    ours.do("b")
    ours.do("a")
    ours.do("b")
    assert ours.open == ["c"]
    ours.do("c")
    assert ours.open == ["akhir"]


def test_a_thousand_correction_rounds_cost_what_the_tenth_did() -> None:
    """Depth limit and growth: the tree holds live tokens only, also with a parallel block in the loop."""
    ours = Walk(sop(ROUND))
    tenth = last = 0.0
    sizes = set()
    for turn in range(1_000):
        started = time.thread_time()
        for element in ("a", "b") if turn % 2 else ("b", "a"):
            ours.do(element)
        ours.do("c", ulang=True)
        spent = time.thread_time() - started
        tenth = min(tenth or spent, spent) if turn < 20 else tenth
        last = min(last or spent, spent) if turn > 980 else last
        sizes.add(len(str(ours.state)))
    assert ours.open == ["a", "b"]
    assert last < tenth * 3
    assert max(sizes) - min(sizes) < 50


def test_stock_loses_sight_of_a_task_deep_in_a_loop() -> None:
    """N7: `get_tasks` does not descend below a thousand levels and says nothing."""
    body = (
        begin()
        + gateway("exclusive", "masuk")
        + "".join(script(f"k{n}", "x = 1") for n in range(17))
        + user("a", "ulang:boolean")
        + gateway("exclusive", "lagi", default="lagi_e")
        + end()
        + flows("s masuk", "masuk k0", *(f"k{n} k{n + 1}" for n in range(16)), "k16 a", "a lagi")
        + flows("lagi masuk: ulang", "lagi e")
    )
    stock = Stock(bpmn(body))
    turns = 0
    while stock.open and turns < 60:
        stock.do("a", ulang=True)
        turns += 1
    assert turns < 55, "twenty tasks a round: after fifty rounds nothing is open and nothing was said"


def test_no_branch_true_stops_with_its_gateway_named() -> None:
    body = (
        begin()
        + gateway("exclusive", "g")
        + user("a")
        + user("b")
        + end()
        + flows("s g", "g a: n == 1", "g b: n == 2", "a e", "b e")
    )
    with pytest.raises(EngineFault) as caught:
        Walk(sop(bpmn(body)), {"n": 3})
    assert caught.value.element == "g"


def test_overlapping_conditions_take_the_first_flow_in_the_file_wherever_shapes_lie() -> None:
    drawn = (
        begin()
        + gateway("exclusive", "g")
        + user("a")
        + user("b")
        + end()
        + flows("s g", "g a: n > 1", "g b: n > 0", "a e", "b e")
    )
    shapes = """<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
     xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane bpmnElement="sop">
     <bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="9" y="900" width="1" height="1"/></bpmndi:BPMNShape>
     <bpmndi:BPMNShape bpmnElement="b"><dc:Bounds x="9" y="1" width="1" height="1"/></bpmndi:BPMNShape>
     </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"""
    text = bpmn(drawn).replace("</bpmn:definitions>", shapes)
    assert Stock(text, {"n": 5}).open == ["b"], "stock 3.2.0 goes by the height on the canvas"
    assert Walk(sop(text), {"n": 5}).open == ["a"]


def test_a_loop_without_a_wait_is_stopped() -> None:
    body = (
        begin()
        + gateway("exclusive", "g")
        + script("k", "x = 1")
        + gateway("exclusive", "h", default="h_g")
        + user("a")
        + end()
        + flows("s g", "g k", "k h", "h g", "h a: False", "a e")
    )
    with pytest.raises(EngineFault, match="putaran tanpa menunggu"):
        Walk(sop(bpmn(body)))


def test_a_deadlock_is_said_and_not_saved() -> None:
    body = (
        begin()
        + gateway("exclusive", "g", default="g_j")
        + gateway("parallel", "j")
        + user("a")
        + end()
        + flows("s g", "g j", "g a: False", "a j", "j e")
    )
    stock = Stock(bpmn(body))
    assert (stock.open, stock.ended) == ([], False), "stock 3.2.0 waits for ever and says nothing"
    with pytest.raises(EngineFault, match="buntu"):
        Walk(sop(bpmn(body)))
