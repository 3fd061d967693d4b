"""States are small, plain, loadable or refused; compiled SOPs are shared and never written to."""

from __future__ import annotations

import copy
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.engine.compiler import Source, compile_sop
from app.engine.runner import complete, inspect
from app.engine.step import EngineFault, Step
from tests.engine.diagrams import Walk, at, begin, boundary, bpmn, end, flows, gateway, loop, sop, timer, user

FIFTY = 50


def long_sop(count: int = FIFTY) -> str:
    """User tasks in a row inside a sub-process, each with a deadline and two timers."""
    names = [f"tugas{n}" for n in range(count)]
    parts = [begin("s1"), end("e1", "cabang")]
    pairs = [f"{one} {other}" for one, other in zip(["s1", *names], [*names, "e1"], strict=True)]
    for name in names:
        parts.append(user(name, "jawab", deadline="hari_kerja(5)"))
        for share in (50, 100):
            parts += [
                boundary(
                    f"t{share}_{name}", name, timer(f"tenggat({share})", "timeDate"), interrupting=False
                ),
                end(f"e{share}_{name}", "cabang"),
            ]
            pairs.append(f"t{share}_{name} e{share}_{name}")
    body = (
        begin()
        + f'<bpmn:subProcess id="dalam">{"".join(parts)}{flows(*pairs)}</bpmn:subProcess>'
        + end()
        + flows("s dalam", "dalam e")
    )
    return bpmn(body)


def costs_of(count: int) -> tuple[float, float]:
    """Seconds of computing to begin an instance of so many steps, and for one push in its middle."""
    compiled = sop(long_sop(count))
    beginnings = []
    for _ in range(5):
        started = time.thread_time()
        ours = Walk(compiled)
        beginnings.append(time.thread_time() - started)
    pushes = []
    for n in range(count):
        given = json.loads(json.dumps(ours.state))
        started = time.thread_time()
        step = complete(compiled, given, ours.id(f"tugas{n}"), {"jawab": "ya"}, by="budi", tools=at())
        assert isinstance(step, Step)
        inspect(compiled, step.state)
        pushes.append(time.thread_time() - started)
        ours.step = step
        assert len(json.dumps(step.state)) < 1_100
    assert ours.step.position.ended
    return min(beginnings), sorted(pushes)[len(pushes) // 2]


def test_a_push_costs_the_same_however_long_the_sop_and_the_state_is_a_kilobyte() -> None:
    """About a millisecond, which `make bench` measures: this machine may have others to serve."""
    few, many = costs_of(5), costs_of(FIFTY)
    assert many[0] < 4 * few[0]
    assert many[1] < 4 * few[1]


def fingerprint(compiled: Any) -> str:
    def shown(value: Any, depth: int = 0) -> Any:
        if hasattr(value, "task_specs"):
            return {name: shown(spec, 1) for name, spec in sorted(value.task_specs.items())}
        if hasattr(value, "__dict__") and depth == 1:
            return {
                name: repr(one) if not hasattr(one, "hard_subscribers") else str(one.hard_subscribers)
                for name, one in sorted(vars(value).items())
                if name != "_wf_spec"
            }
        return repr(value)

    return json.dumps({key: shown(spec) for key, spec in sorted(compiled.specs.items())}, sort_keys=True)


def test_a_compiled_sop_is_shared_by_threads_and_never_written_to() -> None:
    body = (
        begin()
        + gateway("parallel", "f", "j")
        + user("a", "x", inside=loop("daftar", "satu", output="x", into="hasil"))
        + user("b")
        + boundary("t", "b", timer("'R/PT1H'", "timeCycle"), interrupting=False)
        + end("e2", "cabang")
        + end()
        + flows("s f", "f a", "f b", "a j", "b j", "t e2", "j e")
    )
    compiled = sop(bpmn(body))
    before = fingerprint(compiled)

    def live(turn: int) -> Any:
        ours = Walk(compiled, {"daftar": [turn, turn + 1]})
        ours.do("a", item=turn, x=f"x{turn}")
        ours.do("b")
        ours.do("a", item=turn + 1, x=f"y{turn}")
        return ours.step.position.variables["hasil"], ours.step.position.ended

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(live, range(40))) == [([f"x{n}", f"y{n}"], True) for n in range(40)]
    assert fingerprint(compiled) == before


def test_the_same_content_is_compiled_once() -> None:
    source = Source("a.bpmn", long_sop().encode())
    assert compile_sop([source]) is compile_sop([Source("a.bpmn", bytes(source.content))])


def test_the_hash_is_that_of_the_content_with_everything_called() -> None:
    called = bpmn(begin() + user("x") + end() + flows("s x", "x e"), key="lain")
    caller = bpmn(begin() + '<bpmn:callActivity id="c" calledElement="lain"/>' + end() + flows("s c", "c e"))
    one = compile_sop([Source("a", caller.encode()), Source("b", called.encode())])
    same = compile_sop([Source("lain-nama", called.encode()), Source("z", caller.encode())], key="sop")
    changed = compile_sop(
        [Source("a", caller.encode()), Source("b", called.replace("Tugas", "Kerja").encode())]
    )
    assert one.hash == same.hash
    assert one.hash != changed.hash


@pytest.mark.parametrize(
    "broken",
    [
        {"v": 99},
        {"sop": "lain"},
        {"rows": [["tidak_ada"]]},
        {"rows": [["a", 7]]},
        {"rows": [["a", -1, 0, "bukan-uuid", {}]]},
        {"rows": [["e", 0, 1]]},
        {"rows": [["s", -1, 1], ["a", 0, 1]]},
    ],
)
def test_a_state_that_cannot_be_loaded_is_a_fault_not_a_surprise(broken: dict[str, Any]) -> None:
    ours = Walk(sop(bpmn(begin() + user("a") + end() + flows("s a", "a e"))))
    state = {**copy.deepcopy(ours.state), **broken}
    with pytest.raises(EngineFault):
        inspect(ours.compiled, state)


def test_sub_processes_of_caller_and_called_may_share_ids() -> None:
    def text(key: str, task: str, extra: str = "") -> str:
        inside = begin("s1") + user(task) + extra + end("e1", "cabang")
        inside += flows(f"s1 {task}", f"{task} c", "c e1") if extra else flows(f"s1 {task}", f"{task} e1")
        return bpmn(
            begin()
            + f'<bpmn:subProcess id="utama">{inside}</bpmn:subProcess>'
            + end()
            + flows("s utama", "utama e"),
            key=key,
        )

    ours = Walk(
        sop(
            text("sop", "a", '<bpmn:callActivity id="c" calledElement="lain"/>'), text("lain", "b"), key="sop"
        )
    )
    ours.do("a")
    assert [(task.process, task.element) for task in ours.step.position.open] == [("lain", "b")]
    ours.do("b")
    assert ours.step.position.ended


def test_three_hundred_children_are_refused_and_two_hundred_run() -> None:
    compiled = sop(bpmn(begin() + user("a", inside=loop("daftar", "satu")) + end() + flows("s a", "a e")))
    assert len(Walk(compiled, {"daftar": list(range(200))}).open) == 200
    with pytest.raises(EngineFault):
        Walk(compiled, {"daftar": list(range(300))})
