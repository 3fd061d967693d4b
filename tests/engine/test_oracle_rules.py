"""The oracle's own interpreter, on diagrams small enough to work out by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.oracle.calendar import START, OfficeHours
from tests.engine.oracle.graph import Condition, Flow, Graph, Json, Multi, Node, Question, Sop, Span
from tests.engine.oracle.interpreter import Interpreter, NoWay, Stuck, Uncaught


def graph(key: str, nodes: list[Node], flows: str) -> Graph:
    """`a>b` is a flow, `a>b?x` one with the condition `k == 'x'`, `a>b!` a default."""
    made = []
    for number, text in enumerate(flows.split()):
        source, _, target = text.partition(">")
        target, _, value = target.partition("?")
        condition = Condition("k", "==", value) if value else None
        made.append(Flow(f"{key}_f{number}", source, target.rstrip("!"), condition, target.endswith("!")))
    start, end = Node(f"{key}_mulai", "start"), Node(f"{key}_selesai", "end", reason="selesai")
    return Graph(key, {n.id: n for n in (start, *nodes, end)}, made)


def user(name: str, **more: Json) -> Node:
    return Node(name, "user", (Question("k", ("a", "b")),), **more)


class Play:
    """A running instance, moved by element names."""

    def __init__(self, *graphs: Graph, **data: Json) -> None:
        self.now = START
        self.it = Interpreter(Sop(graphs, {"k": "a", **data}), {"k": "a", **data}, START, OfficeHours())
        self.it.start()

    def open(self) -> list[str]:
        return sorted(t.node.id for t in self.it.open_tasks()) if not self.it.ended else ["-"]

    def do(self, *steps: str) -> list[str]:
        """`u1` completes the first open task of that id, `u1=b` with that answer, `u1:1` the second."""
        for step in steps:
            name, _, value = step.partition("=")
            name, _, index = name.partition(":")
            task = [t for t in self.it.open_tasks() if t.node.id == name][int(index or 0)]
            assert self.it.complete(task, {"k": value or "a"}, self.now)
        return self.open()

    def wait(self, **span: float) -> list[str]:
        self.now += timedelta(**span)
        self.it.wake(self.now)
        return self.open()


def test_a_parallel_join_in_a_loop_waits_for_all_branches_in_every_round() -> None:
    play = Play(graph("p", [Node("m", "xor"), Node("s", "and"), user("a"), user("b"), Node("j", "and"),
                            user("c"), Node("x", "xor")],
                      "p_mulai>m m>s s>a s>b a>j b>j j>c c>x x>m?b x>p_selesai!"))
    assert play.do("a", "b", "c=b") == ["a", "b"]
    assert play.do("b") == ["a"]
    assert play.do("a") == ["c"]
    assert play.do("c=a") == ["-"]


def test_an_inclusive_join_waits_for_a_token_behind_an_exclusive_gateway() -> None:
    play = Play(graph("p", [Node("s", "or"), user("u10"), Node("x", "xor"), user("u5"), Node("y", "xor"),
                            user("u8"), user("u9"), Node("j", "or"), user("z")],
                      "p_mulai>s s>u10?a s>x! s>x?a x>u5! u5>y y>u8! u8>u9 u10>j u9>j j>z z>p_selesai"))
    assert play.open() == ["u10", "u5"]
    assert play.do("u5", "u10") == ["u8"]
    assert play.do("u8", "u9") == ["z"]


def test_an_inclusive_join_forgets_a_branch_that_ended_on_its_own() -> None:
    play = Play(graph("p", [Node("s", "or"), user("a"), user("b"), Node("x", "xor"),
                            Node("e", "end", reason="ditolak"),
                            Node("j", "or"), user("z")],
                      "p_mulai>s s>a?a s>b! s>b?a a>x x>e?b x>j! b>j j>z z>p_selesai"))
    assert play.do("b") == ["a"]
    assert play.do("a=b") == ["z"]
    assert play.do("z") == ["-"]
    assert play.it.reason == "selesai"


def test_an_interrupted_multi_instance_call_leaves_nothing_behind() -> None:
    call = Node("c", "call", called="q", multi=Multi(False, "daftar", "isi"))
    due = Node("w", "boundary", host="c", timer=Span("duration", 60))
    play = Play(graph("p", [call, due, user("z")], "p_mulai>c c>p_selesai w>z z>p_selesai"),
                graph("q", [user("a"), Node("t", "timer", timer=Span("duration", 90))],
                      "q_mulai>a a>t t>q_selesai"), daftar=["x", "y"])
    assert play.open() == ["a", "a"]
    play.do("a")
    assert play.wait(minutes=60) == ["z"]
    assert not play.it.timers()


@pytest.mark.parametrize("sequential", [True, False])
def test_multi_instance_keeps_answers_in_the_child_and_collects_them_in_input_order(sequential: bool) -> None:
    ask = user("a", multi=Multi(sequential, "daftar", "isi", "hasil", "k"))
    play = Play(graph("p", [ask], "p_mulai>a a>p_selesai"), daftar=["x", "y"])
    if sequential:
        play.do("a=b", "a=a")
        assert play.it.variables == {"k": "a", "daftar": ["x", "y"], "hasil": ["b", "a"]}
    else:
        play.do("a:1=a", "a:0=b")
        assert play.it.variables["hasil"] == ["b", "a"]
    assert play.open() == ["-"]


def test_due_timers_fire_in_the_order_of_their_due_times() -> None:
    remind = Node("r", "boundary", host="a", timer=Span("jam", 3), interrupting=False)
    take = Node("t", "boundary", host="a", timer=Span("jam", 2))
    later = Play(graph("p", [user("a"), remind, take, user("x"), user("y")],
                       "p_mulai>a a>p_selesai r>x x>p_selesai t>y y>p_selesai"))
    assert later.wait(hours=5) == ["y"]
    assert [name for name, _, _ in later.it.fired] == ["t"]


def test_an_error_climbs_to_the_nearest_boundary_and_hits_no_neighbour() -> None:
    def box(name: str, *inside: Node, flows: str) -> Node:
        return Node(name, "sub", body=graph(name, list(inside), flows))

    thrower = box("s1", user("a"), Node("e", "end", error="G"), flows="s1_mulai>a a>e")
    other = box("s2", user("b"), flows="s2_mulai>b b>s2_selesai")
    play = Play(graph("p", [Node("f", "and"), thrower, other, Node("g1", "boundary", host="s1", error="G"),
                            Node("g2", "boundary", host="s2", error="G"), user("x"), user("y"),
                            Node("j", "and")],
                      "p_mulai>f f>s1 f>s2 s1>j s2>j g1>x x>p_selesai g2>y y>p_selesai j>p_selesai"))
    assert play.do("a") == ["b", "x"]
    uncaught = Play(graph("p", [user("a"), Node("e", "end", error="G")], "p_mulai>a a>e"))
    with pytest.raises(Uncaught):
        uncaught.do("a")


def test_a_terminate_end_empties_its_own_scope_only() -> None:
    inside = graph("s", [Node("f", "and"), user("a"), user("b"),
                         Node("t", "end", terminate=True, reason="ditolak")],
                   "s_mulai>f f>a f>b a>t b>s_selesai")
    play = Play(graph("p", [Node("s", "sub", body=inside), user("z")], "p_mulai>s s>z z>p_selesai"))
    assert play.open() == ["a", "b"]
    assert play.do("a") == ["z"]
    assert play.it.reason == "ditolak"


@pytest.mark.parametrize(("replay", "fired"), [(False, [3]), (True, [1, 1, 1])])
def test_a_cycle_that_was_missed_is_collapsed_or_replayed(replay: bool, fired: list[int]) -> None:
    cycle = Node("r", "boundary", host="a", timer=Span("cycle", 60, 4, replay), interrupting=False)
    play = Play(graph("p", [user("a"), cycle, user("x")], "p_mulai>a a>p_selesai r>x x>p_selesai"))
    assert len(play.wait(minutes=200)) == 1 + len(fired)
    assert [count for _, _, count in play.it.fired] == fired
    play.wait(minutes=40)
    assert not play.it.timers()


def test_a_non_interrupting_message_boundary_hears_every_message_while_its_host_is_open() -> None:
    heard = Node("m", "boundary", host="a", message="keberatan", interrupting=False)
    play = Play(graph("p", [user("a"), heard, user("x")], "p_mulai>a a>p_selesai m>x x>p_selesai"))
    for _ in range(2):
        assert play.it.deliver("keberatan", {}, play.now)
    assert play.open() == ["a", "x", "x"]
    play.do("a")
    assert not play.it.deliver("keberatan", {}, play.now)


def test_the_share_of_a_deadline_is_counted_in_its_own_measure() -> None:
    work = user("a", deadline=Span("jam_kerja", 16))
    half = Node("h", "boundary", host="a", timer=Span("tenggat", 75), interrupting=False)
    play = Play(graph("p", [work, half], "p_mulai>a a>p_selesai h>p_selesai"))
    assert [t.due.strftime("%d %H:%M") for _, t in play.it.timers()] == ["18 12:00"]


def test_what_cannot_go_on_is_said() -> None:
    with pytest.raises(NoWay):
        Play(graph("p", [Node("x", "xor")], "p_mulai>x x>p_selesai?b x>p_selesai?c"))
    with pytest.raises(Stuck):
        Play(graph("p", [Node("x", "xor"), Node("j", "and")], "p_mulai>x x>j?a x>j! j>p_selesai"))
