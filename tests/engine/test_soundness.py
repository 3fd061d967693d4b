"""An SOP that can come to a standstill is found before anybody's report does, with the way it happens."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from app.engine.compiler import Source, compile_sop
from app.engine.declaration import Finding
from app.engine.fixes import apply_fix
from app.engine.refusals import refusals
from app.engine.soundness import explore, unsound
from app.engine.survey import Survey, take_stock
from tests.effort import effort

from .diagrams import OfficeHours, begin, boundary, bpmn, end, flows, gateway, loop, script, sub, timer, user
from .soundness_replay import Replay

BPMN = Path(__file__).parents[2] / "bpmn"


def choose(name: str, *options: str, required: bool = True, **task: str) -> str:
    """A user task with one choice `k_<name>`."""
    offered = "".join(f'<sop:option value="{one}" label="{one}"/>' for one in options)
    attributes = "".join(f' {key}="{value}"' for key, value in task.items())
    return (f'<bpmn:userTask id="{name}" name="Tugas {name}"><bpmn:extensionElements><sop:task{attributes}/>'
            f'<sop:form><sop:field id="k_{name}" type="choice" label="x" required="{str(required).lower()}">'
            f"{offered}</sop:field></sop:form></bpmn:extensionElements></bpmn:userTask>")


def throws(kind: str, code: str) -> str:
    return f'<bpmn:{kind}EventDefinition {kind}Ref="{code}"/>'


CODES = '<bpmn:error id="E" errorCode="E"/><bpmn:escalation id="N" escalationCode="N"/>' \
        '<bpmn:message id="P" name="pesan"/>'


def survey(*texts: str) -> Survey:
    return take_stock([Source(f"{place}.bpmn", text.encode()) for place, text in enumerate(texts)])


def found(body: str, *others: str) -> list[Finding]:
    stock = survey(bpmn(body, extra=CODES), *others)
    return unsound(stock.processes["sop"], stock)


def rules(body: str, *others: str) -> list[tuple[str, str | None]]:
    return [(one.rule, one.element) for one in found(body, *others)]


ONE_OF_TWO_BRANCHES = (
    begin() + choose("a", "x", "y") + gateway("exclusive", "g", default="g_c") + user("b") + user("c")
    + gateway("parallel", "j") + end()
    + flows("s a", "a g", "g b: k_a == 'x'", "g c", "b j", "c j", "j e"))
CIRCLE = (
    begin() + choose("a", "x", "y") + gateway("exclusive", "m") + gateway("exclusive", "g", default="g_e")
    + script("t", "n = 1") + end() + flows("s a", "a m", "m t", "t g", "g m: k_a == 'x'", "g e"))
UNPROVEN = (
    begin() + user("w") + user("p", "bukti_diterima:boolean", verifies="w") + end()
    + flows("s w", "w p", "p e"))
UNCAUGHT = begin() + user("w") + end("e", "ditolak", throws("error", "E")) + flows("s w", "w e")
NO_WAY = (
    begin() + choose("a", "x", "y", "z") + gateway("exclusive", "g") + user("b") + user("c") + end()
    + flows("s a", "a g", "g b: k_a == 'x'", "g c: k_a == 'y'", "b e", "c e"))
STUCK_INSIDE = (
    begin() + sub("d", begin("sd") + choose("a", "x", "y") + gateway("exclusive", "g", default="g_c")
                  + user("b") + user("c") + gateway("parallel", "j") + end("ed", "cabang")
                  + flows("sd a", "a g", "g b: k_a == 'x'", "g c", "b j", "c j", "j ed"))
    + end() + flows("s d", "d e"))
PLANTED = [
    (ONE_OF_TWO_BRANCHES, "buntu", "j"),
    (CIRCLE, "putaran-tanpa-tunggu", "m"),
    (UNPROVEN, "selesai-tanpa-bukti", "e"),
    (UNCAUGHT, "galat-tak-ditangkap", "e"),
    (NO_WAY, "tanpa-jalan-keluar", "g"),
    (STUCK_INSIDE, "buntu", "j"),
]


@pytest.mark.parametrize(("body", "rule", "element"), PLANTED, ids=[f"{one[1]} {n}" for n, one in
                                                                   enumerate(PLANTED)])
def test_what_stops_the_engine_is_found_and_its_path_really_stops_it(body: str, rule: str,
                                                                     element: str) -> None:
    findings = found(body)
    assert [(one.rule, one.element) for one in findings] == [(rule, element)]
    assert findings[0].path[0] == "s"
    assert findings[0].path[-1] == element
    assert findings[0].repair
    stock = survey(bpmn(body, extra=CODES))
    search = explore(stock.processes["sop"], stock)
    assert search is not None
    compiled = compile_sop([Source("0.bpmn", bpmn(body, extra=CODES).encode())])
    [problem] = search.problems.values()
    replay = Replay(compiled, OfficeHours(), {}).walk(problem)
    assert replay.fault is not None
    if rule == "buntu":
        assert "buntu" in replay.fault.text


def test_the_path_is_a_shortest_one_and_follows_the_flows() -> None:
    [finding] = found(ONE_OF_TWO_BRANCHES)
    assert finding.path == ("s", "a", "g", "b", "j")
    assert "menunggu selamanya" in finding.message
    assert "Tugas c" in finding.message, "it names the branch that does not come"


def test_a_token_that_can_come_twice_to_a_parallel_join_is_found() -> None:
    body = (begin() + gateway("parallel", "f", "j") + user("a") + user("b") + user("c")
            + gateway("exclusive", "x") + end()
            + flows("s f", "f a", "f b", "f c", "a x", "b x", "x j", "c j", "j e"))
    assert ("datang-dua-kali", "j") in rules(body)


def test_branches_that_meet_without_waiting_double_the_work_after_them() -> None:
    body = (begin() + gateway("parallel", "f") + user("a") + user("b") + gateway("exclusive", "x") + user("c")
            + end() + flows("s f", "f a", "f b", "a x", "b x", "x c", "c e"))
    [finding] = found(body)
    assert (finding.rule, finding.element, finding.severity) == ("langkah-ganda", "c", "warning")


def test_growth_without_bound_is_found_but_a_bounded_spill_is_not() -> None:
    growing = (begin() + gateway("exclusive", "m") + user("a") + gateway("parallel", "f") + user("b") + end()
               + flows("s m", "m a", "a f", "f m", "f b", "b e"))
    assert [rule for rule, _element in rules(growing)] == ["token-bertambah"]
    spilling = (begin() + gateway("parallel", "f") + gateway("exclusive", "x") + user("a") + end()
                + flows("s f", "f x", "f x2: ", "x a", "a e").replace('targetRef="x2"', 'targetRef="x"'))
    assert [one.severity for one in found(spilling)] == ["warning"]


def test_an_element_no_answer_leads_to_is_dead_and_only_the_first_of_them_is_named() -> None:
    body = (begin() + choose("a", "x", "y") + gateway("exclusive", "g", default="g_e") + user("b") + user("c")
            + end() + flows("s a", "a g", "g b: k_a == 'z'", "g e", "b c", "c e"))
    assert rules(body) == [("elemen-mati", "b")]
    assert found(body)[0].path == ("s", "a", "g", "b")
    body = (begin() + sub("d", begin("sd") + user("a") + end("ed", "cabang") + flows("sd a", "a ed"))
            + boundary("t", "d", throws("error", "E")) + user("b") + end()
            + flows("s d", "d e", "t b", "b e"))
    assert rules(body) == [("elemen-mati", "t")]


def test_a_message_from_outside_may_bring_any_data_so_dead_is_only_doubtful() -> None:
    body = (begin() + choose("a", "x", "y") + '<bpmn:receiveTask id="m" messageRef="P"/>'
            + gateway("exclusive", "g", default="g_e") + user("b") + end()
            + flows("s a", "a m", "m g", "g b: k_a == 'z'", "g e", "b e"))
    assert [(one.rule, one.element, one.severity) for one in found(body)] == [("elemen-mati", "b", "warning")]


def test_a_circle_with_a_way_out_that_nobody_can_take_has_no_end() -> None:
    body = (begin() + gateway("exclusive", "m") + user("a") + gateway("exclusive", "g", default="g_m") + end()
            + script("n", "terus = 1") + flows("s n", "n m", "m a", "a g", "g e: terus == 2", "g m"))
    assert [rule for rule, _element in rules(body)] == ["tanpa-akhir"]


def test_a_side_branch_that_meets_the_main_way_again_is_found_with_where() -> None:
    body = (begin() + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=False) + user("b") + end()
            + flows("s a", "a b", "t b", "b e"))
    [finding] = found(body)
    assert (finding.rule, finding.element) == ("cabang-samping-kembali", "t")
    assert finding.path == ("s", "a", "t", "b")


def test_a_side_branch_over_automatic_steps_of_the_main_way_is_only_doubtful() -> None:
    body = (begin() + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=False)
            + script("n", "x = 1") + end() + flows("s a", "a n", "t n", "n e"))
    [finding] = found(body)
    assert (finding.rule, finding.severity, finding.path) == (
        "cabang-samping-kembali", "warning", ("s", "a", "t", "n"))


def test_side_branches_that_only_end_are_no_matter_however_many() -> None:
    reminders = "".join(
        boundary(f"t{n}", "a", timer(f"tenggat({n})", "timeDate"), interrupting=False) + user(f"r{n}")
        + end(f"e{n}", "cabang") + flows(f"t{n} r{n}", f"r{n} e{n}") for n in range(50, 66))
    body = begin() + user("a", deadline="hari(2)") + end() + reminders + flows("s a", "a e")
    stock = survey(bpmn(body))
    search = explore(stock.processes["sop"], stock)
    assert search is not None
    assert search.complete
    assert not search.problems
    assert search.count < 60


def test_what_goes_wrong_in_a_side_branch_is_found_too() -> None:
    body = (begin() + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=False)
            + choose("k", "x", "y") + gateway("exclusive", "g", default="g_j") + user("b")
            + gateway("parallel", "j") + end("z", "cabang") + end()
            + flows("s a", "a e", "t k", "k g", "g b: k_k == 'x'", "g j", "b j", "j z"))
    [finding] = found(body)
    assert (finding.rule, finding.element) == ("buntu", "j")
    assert finding.path[:4] == ("s", "a", "t", "k")


def test_an_inclusive_join_waits_only_for_what_comes() -> None:
    body = (begin() + choose("a", "x", "y") + gateway("inclusive", "g", default="g_c") + user("b") + user("c")
            + gateway("inclusive", "j") + end()
            + flows("s a", "a g", "g b: k_a == 'x'", "g c", "b j", "c j", "j e"))
    assert rules(body) == []


def test_counters_end_their_loops() -> None:
    body = (begin() + script("z", "n = 0") + gateway("exclusive", "m") + script("t", "n = n + 1")
            + gateway("exclusive", "g", default="g_e") + end()
            + flows("s z", "z m", "m t", "t g", "g m: n < 5", "g e"))
    assert rules(body) == []
    endless = body.replace("n &lt; 5", "n > 0").replace("n < 5", "n > 0")
    assert [rule for rule, _element in rules(endless)] == ["putaran-tanpa-tunggu"]


@pytest.mark.parametrize(("body", "rule"), [
    (NO_WAY, "tanpa-jalan-keluar"),
    (begin() + choose("a", "x", "y") + gateway("exclusive", "g", default="g_e") + user("b") + user("c")
     + end() + flows("s a", "a g", "g b: k_a == 'z'", "g e", "b c", "c e"), "elemen-mati"),
    (begin() + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=False) + user("b") + end()
     + flows("s a", "a b", "t b", "b e"), "cabang-samping-kembali"),
])
def test_one_click_puts_it_right(body: str, rule: str) -> None:
    content = bpmn(body, extra=CODES)
    [finding] = found(body)
    assert finding.rule == rule
    assert finding.fix is not None
    stock = take_stock([Source("0.bpmn", apply_fix(content.encode(), finding.fix))])
    assert unsound(stock.processes["sop"], stock) == []
    assert not [one for one in refusals(stock.processes["sop"], stock) if one.severity == "error"]


def test_answers_of_hidden_fields_are_none() -> None:
    """`k_b` is asked only where `k_a` is x, and then it is never 'y': the way to `c` is dead."""
    hidden = choose("b", "x", "y").replace('required="true"', 'required="true" visibleWhen="k_a == \'x\'"')
    body = (begin() + choose("a", "x", "y") + gateway("exclusive", "g", default="g_e")
            + gateway("exclusive", "h", default="h_b") + hidden + user("c") + end()
            + flows("s a", "a h", "h e: k_a == 'x'", "h b", "b g", "g c: k_b == 'y'", "g e", "c e"))
    assert rules(body) == [("elemen-mati", "c")]


def test_a_called_process_is_judged_where_it_is_called() -> None:
    called = bpmn(begin() + choose("w", "x", "y") + gateway("exclusive", "g", default="g_f")
                  + end("e", "cabang", throws("error", "E")) + end("f", "cabang")
                  + flows("s w", "w g", "g e: k_w == 'x'", "g f"), key="sub", extra=CODES)
    call = '<bpmn:callActivity id="c" name="Panggil" calledElement="sub"/>'
    caught = (begin() + call + boundary("t", "c", throws("error", "E")) + end("z", "ditolak") + end()
              + flows("s c", "c e", "t z"))
    assert rules(caught, called) == []
    stock = survey(bpmn(caught, extra=CODES), called)
    assert unsound(stock.processes["sub"], stock) == [], "its callers say who catches, and how it ends"
    assert rules(begin() + call + end() + flows("s c", "c e"), called) == [("galat-tak-ditangkap", "c")]


def test_a_repeated_task_is_taken_as_one() -> None:
    task = choose("a", "x", "y").replace("</bpmn:userTask>", loop("daftar", "isi") + "</bpmn:userTask>")
    assert rules(begin() + task + end() + flows("s a", "a e")) == []


def long_form(fields: int) -> str:
    """A check list of yes-or-no questions, each asked at a gateway of its own."""
    form = "".join(f'<sop:field id="y{n}" type="boolean" label="Syarat {n}" required="true"/>'
                   for n in range(fields))
    task = (f'<bpmn:userTask id="a" name="Memeriksa"><bpmn:extensionElements><sop:task/><sop:form>{form}'
            "</sop:form></bpmn:extensionElements></bpmn:userTask>")
    asked = "".join(gateway("exclusive", f"g{n}", default=f"g{n}_g{n + 1}")
                    + flows(f"g{n} z: y{n} == False", f"g{n} g{n + 1}") for n in range(fields))
    return (begin() + task + asked + gateway("exclusive", f"g{fields}") + end("z", "ditolak") + end()
            + flows("s a", "a g0", f"g{fields} e"))


def test_a_long_form_is_not_filled_in_every_way() -> None:
    """Sixteen thousand ways to answer, fifteen ways to go on."""
    stock = survey(bpmn(long_form(14)))
    search = explore(stock.processes["sop"], stock)
    assert search is not None
    assert search.complete
    assert not search.problems
    assert len(search.touched) == len(search.plan.net.places)


def test_beyond_the_bound_nothing_is_claimed() -> None:
    branches = "".join(choose(f"u{n}", "x", "y") + flows(f"f u{n}", f"u{n} j") for n in range(9))
    asked = "".join(gateway("exclusive", f"g{n}", default=f"g{n}_g{n + 1}")
                    + flows(f"g{n} g{n + 1}", f"g{n} e: k_u{n} == 'x'") for n in range(9))
    body = (begin() + gateway("parallel", "f", "j") + branches + asked + user("g9") + end()
            + flows("s f", "j g0", "g9 e"))
    stock = survey(bpmn(body))
    findings = unsound(stock.processes["sop"], stock, spots=200)
    assert [(one.rule, one.severity) for one in findings] == [("terlalu-banyak-keadaan", "warning")]


def side_by_side(last: str) -> str:
    """Fourteen branches of four tasks each; `last`: flows from their last tasks, with {n} for the branch."""
    branches = "".join(
        "".join(user(f"u{n}_{i}") for i in range(4))
        + flows(f"f u{n}_0", *(f"u{n}_{i} u{n}_{i + 1}" for i in range(3)), last.format(n=n))
        for n in range(14))
    return begin() + gateway("parallel", "f") + branches + end() + flows("s f")


def test_work_side_by_side_does_not_multiply() -> None:
    """Sixty elements, a thousand million orders; every one of them ends."""
    sound = side_by_side("u{n}_3 j") + gateway("parallel", "j") + flows("j e")
    stock = survey(bpmn(sound))
    assert unsound(stock.processes["sop"], stock, seconds=20) == []
    assert effort(lambda: unsound(stock.processes["sop"], stock, seconds=20)) < 150
    stuck = sound.replace('<bpmn:endEvent id="e">',
                          choose("k", "x", "y") + gateway("exclusive", "h", default="h_e")
                          + flows("f k", "k h", "h j: k_k == 'x'", "h e") + '<bpmn:endEvent id="e">')
    assert ("buntu", "j") in rules(stuck)


@pytest.mark.parametrize("broken", [
    begin() + user("a"), user("a"), begin() + begin("t") + end(),
    begin() + '<bpmn:callActivity id="c" calledElement="tidak_ada"/>' + end() + flows("s c", "c e"),
    begin() + user("a") + end() + flows("s a", "a e", "a hilang"),
    begin() + gateway("exclusive", "g") + end() + flows("s g", "g e: ini bukan (ungkapan"),
])
def test_of_a_drawing_that_cannot_run_nothing_is_claimed(broken: str) -> None:
    stock = survey(bpmn(broken))
    for process in stock.processes.values():
        assert unsound(process, stock) == []


@pytest.mark.parametrize("file", sorted(path.name for path in BPMN.glob("*.bpmn")))
def test_the_shipped_sops_are_sound_and_known_to_be_within_a_second(file: str) -> None:
    sources = [Source(path.name, path.read_bytes()) for path in (BPMN / file, *BPMN.glob("*.dmn"))]
    stock = take_stock(sources)
    for process in stock.processes.values():
        assert unsound(process, stock, seconds=30) == []
        assert effort(partial(unsound, process, stock, seconds=30)) < 80
