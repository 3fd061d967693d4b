"""Where a token must not go: beside itself, past its join, out of its repetition, around its proof."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.engine.compiled import CompiledSop
from app.engine.intervene import cancel, move_token, send_back, skip
from app.engine.intervene_choices import choices
from app.engine.intervene_preview import preview
from app.engine.migration import Moved, migrate
from app.engine.runner import complete, deliver, wake
from app.engine.step import Refusal, Step
from tests.engine.diagrams import (
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    inner,
    loop,
    sop,
    sub,
    timer,
    user,
)
from tests.engine.test_intervene import text

MESSAGES = '<bpmn:message id="m_balas" name="balasan"/>'
BALAS = '<bpmn:messageEventDefinition messageRef="m_balas"/>'

FORK = bpmn(
    begin()
    + user("awal")
    + gateway("parallel", "f")
    + user("a1") + user("a2") + user("b1") + user("b2")
    + gateway("parallel", "j")
    + user("akhir")
    + end()
    + flows("s awal", "awal f", "f a1", "a1 a2", "a2 j", "f b1", "b1 b2", "b2 j", "j akhir", "akhir e")
)  # fmt: skip


def move(walk: Walk, element: str, target: str) -> str | None:
    """Why not; None when it is done."""
    answer = move_token(walk.compiled, walk.state, walk.id(element), target, tools=at(hours=1), by="admin")
    if isinstance(answer, Refusal):
        return text(answer)
    walk.take(answer)
    return None


def back(walk: Walk, target: str) -> str | None:
    answer = send_back(walk.compiled, walk.state, target, tools=at(hours=1), by="admin")
    if isinstance(answer, Refusal):
        return text(answer)
    walk.take(answer)
    return None


# --- parallel branches and joins


def test_a_token_stays_on_its_branch() -> None:
    walk = Walk(sop(FORK))
    walk.do("awal")
    for target in ("awal", "b1", "b2", "akhir"):
        refused = move(walk, "a1", target)
        assert refused, target
        assert "cabang paralel" in refused or "sudah berada" in refused
    assert move(walk, "a1", "a2") is None
    assert walk.open == ["a2", "b1"]
    walk.do("a2")
    assert walk.open == ["b1"]
    walk.do("b1")
    walk.do("b2")
    assert walk.open == ["akhir"]


def test_sending_back_before_a_fork_takes_every_branch_along() -> None:
    walk = Walk(sop(FORK))
    walk.do("awal")
    walk.do("a1")
    walk.do("b1")
    before = walk.state
    assert back(walk, "awal") is None
    assert walk.open == ["awal"]
    assert {one.element for one in preview(walk.compiled, before, walk.step).disappear} == {"a2", "b2"}
    walk.do("awal")
    assert walk.open == ["a1", "b1"]


def test_sending_back_on_one_branch_leaves_the_other() -> None:
    walk = Walk(sop(FORK))
    walk.do("awal")
    walk.do("a1")
    walk.do("b1")
    assert back(walk, "b1") is None
    assert walk.open == ["a2", "b1"]


def test_a_branch_that_waits_at_the_join_can_be_taken_back() -> None:
    """The token at the join is the one that goes: the join must not count it any more."""
    walk = Walk(sop(FORK))
    for element in ("awal", "a1", "a2"):
        walk.do(element)
    assert walk.open == ["b1"]
    assert back(walk, "a1") is None
    assert walk.open == ["a1", "b1"]
    walk.do("b1")
    walk.do("b2")
    assert walk.open == ["a1"], "the join waits for the branch that was opened again"
    walk.do("a1")
    walk.do("a2")
    assert walk.open == ["akhir"]


def test_a_join_that_was_passed_is_not_opened_from_one_side() -> None:
    walk = Walk(sop(FORK))
    for element in ("awal", "a1", "a2", "b1", "b2"):
        walk.do(element)
    assert walk.open == ["akhir"]
    refused = back(walk, "a1")
    assert refused
    assert "sebelum percabangan" in refused
    refused = move(walk, "akhir", "b1")
    assert refused
    assert "cabang paralel" in refused
    assert back(walk, "awal") is None


def test_the_token_at_a_join_is_neither_skipped_nor_moved() -> None:
    walk = Walk(sop(FORK))
    for element in ("awal", "a1", "a2"):
        walk.do(element)
    offered = choices(walk.compiled, walk.state, tools=at())
    (waiting,) = [one for one in offered.tokens if one.kind == "parallelGateway"]
    assert waiting.skip_refused
    assert "menunggu cabang lain" in waiting.skip_refused
    assert waiting.move_refused == waiting.skip_refused
    assert waiting.moves == ()


def test_one_token_is_never_where_two_would_wait_for_each_other() -> None:
    """Behind the join of a fork nested in another."""
    body = (begin() + gateway("parallel", "f", "g", "h", "j") + user("a") + user("b") + user("c") + user("z")
            + end() + flows("s f", "f g", "f c", "g a", "g b", "a h", "b h", "h z", "z j", "c j", "j e"))
    walk = Walk(sop(bpmn(body)))
    assert walk.open == ["a", "b", "c"]
    refused = move(walk, "a", "z")
    assert refused
    assert "cabang paralel" in refused
    walk.do("a")
    walk.do("b")
    assert walk.open == ["c", "z"]
    refused = move(walk, "z", "a")
    assert refused
    assert move(walk, "c", "z") is not None


def test_an_inclusive_join_waits_for_what_was_sent_back() -> None:
    body = (begin() + gateway("inclusive", "f", default="f_c") + user("a1") + user("a2") + user("b")
            + user("c") + gateway("inclusive", "j") + user("z") + end()
            + flows("s f", "f a1: n > 0", "f b: n > 1", "f c", "a1 a2", "a2 j", "b j", "c j", "j z", "z e"))
    walk = Walk(sop(bpmn(body)), {"n": 2})
    assert walk.open == ["a1", "b"]
    walk.do("a1")
    walk.do("a2")
    assert back(walk, "a1") is None
    walk.do("b")
    assert walk.open == ["a1"]
    walk.do("a1")
    walk.do("a2")
    assert walk.open == ["z"]


def test_so_many_branches_that_not_all_can_be_tried_stay_what_they_are() -> None:
    """Eight branches of three steps can stand in 65,536 ways; each branch is still moved by itself."""
    pairs, tasks = ["s awal", "awal f", "j z", "z e"], ""
    for branch in range(8):
        names = [f"u{branch}{step}" for step in range(3)]
        tasks += "".join(user(name) for name in names)
        chain = ["f", *names, "j"]
        pairs += [f"{one} {following}" for one, following in pairwise(chain)]
    walk = Walk(sop(bpmn(begin() + user("awal") + gateway("parallel", "f", "j") + user("z") + end() + tasks
                         + flows(*pairs))))
    walk.do("awal")
    for branch in range(8):
        walk.do(f"u{branch}0")
    assert move(walk, "u01", "u11") is not None
    assert move(walk, "u01", "z") is not None
    assert move(walk, "u01", "u02") is None
    assert back(walk, "u00") is None
    assert len(walk.open) == 8
    assert back(walk, "awal") is None
    assert walk.open == ["awal"]


# --- repetitions, sub-processes, calls


EACH = bpmn(begin() + user("awal") + user("a", "jawab", inside=loop("daftar", "satu", output="jawab",
                                                                    into="hasil"))
            + user("b") + end() + flows("s awal", "awal a", "a b", "b e"))


def test_one_of_many_can_be_skipped_but_not_moved() -> None:
    walk = Walk(sop(EACH), {"daftar": [1, 2]})
    walk.do("awal")
    refused = move_token(walk.compiled, walk.state, walk.id("a", 1), "b", tools=at(), by="admin")
    assert "beberapa pihak" in text(refused)
    walk.take(skip(walk.compiled, walk.state, walk.id("a", 1), tools=at(), by="admin"))
    assert walk.open == ["a"]
    step = walk.do("a", item=2, jawab="ya")
    assert walk.open == ["b"]
    assert step.position.variables["hasil"] == [None, "ya"], "in the order of the list"


def test_all_of_many_are_moved_together() -> None:
    walk = Walk(sop(EACH), {"daftar": [1, 2]})
    walk.do("awal")
    offered = choices(walk.compiled, walk.state, tools=at())
    whole = offered.tokens[0]
    assert (whole.token, whole.element, whole.task_id) == ("#0", "a", None)
    assert whole.skip_refused
    walk.take(move_token(walk.compiled, walk.state, "#0", "b", tools=at(), by="admin"))
    assert walk.open == ["b"]
    assert back(walk, "a") is None
    assert walk.open == ["a", "a"]


def test_work_of_several_units_is_sent_back_one_unit_at_a_time() -> None:
    inside = begin("s1") + user("a") + user("b") + end("e1", "cabang") + flows("s1 a", "a b", "b e1")
    walk = Walk(sop(bpmn(begin() + sub("tiap", inside, loop("daftar", "opd")) + end()
                         + flows("s tiap", "tiap e"))), {"daftar": ["PU", "DLH"]})
    walk.do("a", item="PU")
    walk.do("a", item="DLH")
    assert walk.open == ["b", "b"]
    assert "beberapa pihak" in (back(walk, "a") or "")
    backs = choices(walk.compiled, walk.state, tools=at()).backs
    assert [(one.element, one.refused) for one in backs] == [("a", None), ("a", None)]
    assert len({one.target for one in backs}) == 2
    assert back(walk, backs[1].target) is None
    assert sorted((one.element, one.item) for one in walk.step.position.open) == [("a", "DLH"), ("b", "PU")]


def test_of_many_units_asked_at_once_each_is_offered_the_same() -> None:
    inside = begin("s1") + user("a") + user("b") + end("e1", "cabang") + flows("s1 a", "a b", "b e1")
    units = [f"OPD{number}" for number in range(60)]
    walk = Walk(sop(bpmn(begin() + sub("tiap", inside, loop("daftar", "opd")) + end()
                         + flows("s tiap", "tiap e"))), {"daftar": units})
    walk.do("a", item="OPD7")
    tokens = {one.item: one for one in choices(walk.compiled, walk.state, tools=at()).tokens if one.task_id}
    assert set(tokens) == set(units)
    assert {one.skip_refused for one in tokens.values()} == {None}
    assert [(one.element, one.refused) for one in tokens["OPD7"].moves] == [("a", None)]
    assert {to.element for unit in units if unit != "OPD7" for to in tokens[unit].moves} == {"b"}
    for unit in ("OPD0", "OPD59"):
        moved = move_token(walk.compiled, walk.state, tokens[unit].token, tokens[unit].moves[0].target,
                           tools=at(), by="admin")
        assert isinstance(moved, Step)
        walk.take(skip(walk.compiled, walk.state, tokens[unit].token, tools=at(), by="admin"))
    assert sorted(one.item for one in walk.step.position.open if one.element == "b") == [
        "OPD0", "OPD59", "OPD7"]


WITHIN = bpmn(
    begin()
    + user("awal")
    + sub("dalam", begin("s1") + user("a") + user("b") + end("e1", "cabang") + flows("s1 a", "a b", "b e1"))
    + boundary("w", "dalam", timer("hari(3)"))
    + user("c")
    + end()
    + end("e2")
    + flows("s awal", "awal dalam", "dalam c", "c e", "w e2")
)


def test_leaving_a_sub_process_takes_all_of_it_along() -> None:
    walk = Walk(sop(WITHIN))
    walk.do("awal")
    walk.do("a")
    before = walk.state
    assert back(walk, "awal") is None
    assert (walk.open, walk.step.position.timers, walk.step.position.tokens) == (["awal"], (), ("awal",))
    assert [one.element for one in preview(walk.compiled, before, walk.step).timers] == ["w"]


def test_inside_a_sub_process_the_rest_of_it_stays() -> None:
    walk = Walk(sop(WITHIN))
    walk.do("awal")
    walk.do("a")
    due = walk.step.position.next_wake
    assert back(walk, "a") is None
    assert walk.open == ["a"]
    assert walk.step.position.next_wake == due, "the clock of the sub-process goes on"


def test_a_token_is_not_carried_over_the_edge_of_a_sub_process() -> None:
    walk = Walk(sop(WITHIN))
    refused = move(walk, "awal", "a")
    assert refused
    assert "tidak berjalan" in refused
    walk.do("awal")
    refused = move(walk, "a", "c")
    assert refused
    assert "bagian alur yang sama" in refused
    host = next(one.token for one in choices(walk.compiled, walk.state, tools=at()).tokens
                if one.element == "dalam")
    walk.take(move_token(walk.compiled, walk.state, host, "c", tools=at(), by="admin"))
    assert walk.open == ["c"]
    refused = back(walk, "a")
    assert refused
    assert "tidak berjalan" in refused
    assert back(walk, "dalam") is None
    assert walk.open == ["a"]


CALLED = begin() + user("a") + user("b") + end("e", "cabang") + flows("s a", "a b", "b e")


def test_a_called_process_is_named_by_its_key() -> None:
    called = bpmn(CALLED, key="lain")
    walk = Walk(sop(bpmn(begin() + user("a") + '<bpmn:callActivity id="panggil" calledElement="lain"/>'
                         + end() + flows("s a", "a panggil", "panggil e")), called, key="sop"))
    walk.do("a")
    walk.do("a")
    assert walk.open == ["b"]
    backs = choices(walk.compiled, walk.state, tools=at()).backs
    assert [(one.target, one.inside) for one in backs] == [("a", ""), ("lain/a", "panggil")]
    assert back(walk, "lain/a") is None
    assert [(one.process, one.element) for one in walk.step.position.open] == [("lain", "a")]
    assert back(walk, "a") is None
    assert [(one.process, one.element) for one in walk.step.position.open] == [("sop", "a")]


def test_a_process_called_twice_at_once_needs_saying_which() -> None:
    body = (begin() + gateway("parallel", "f", "j") + '<bpmn:callActivity id="p" calledElement="lain"/>'
            '<bpmn:callActivity id="q" calledElement="lain"/>' + end()
            + flows("s f", "f p", "f q", "p j", "q j", "j e"))
    called = bpmn(CALLED, key="lain")
    walk = Walk(sop(bpmn(body), called, key="sop"))
    walk.do("a")
    walk.do("a")
    assert "beberapa pihak" in (back(walk, "lain/a") or "")
    first = choices(walk.compiled, walk.state, tools=at()).backs[0]
    assert first.target.startswith("lain/a@#")
    assert back(walk, first.target) is None
    assert walk.open == ["a", "b"]


# --- events


def test_an_event_gateway_is_left_with_its_moments() -> None:
    catch = (f'<bpmn:intermediateCatchEvent id="w">{timer("hari(2)")}</bpmn:intermediateCatchEvent>'
             f'<bpmn:intermediateCatchEvent id="m">{BALAS}</bpmn:intermediateCatchEvent>')
    body = (begin() + user("a") + gateway("eventBased", "g") + catch + user("x") + user("y") + end()
            + end("e2") + flows("s a", "a g", "g w", "g m", "w x", "m y", "x e", "y e2"))
    walk = Walk(sop(bpmn(body, extra=MESSAGES)))
    walk.do("a")
    (token,) = choices(walk.compiled, walk.state, tools=at()).tokens
    assert "salah satu" in (token.skip_refused or "")
    assert [one.element for one in token.moves] == ["a", "x", "y"], "not to an event behind the gateway"
    before = walk.state
    walk.take(move_token(walk.compiled, walk.state, token.token, "x", tools=at(), by="admin"))
    told = preview(walk.compiled, before, walk.step)
    assert told.messages_lost == ("balasan",)
    assert [one.element for one in told.timers] == ["w"]
    assert "bukan langkah" in (move(walk, "x", "w") or "")
    assert move(walk, "x", "g") is None
    assert walk.step.position.waiting == {"balasan"}


def test_what_stands_on_an_edge_is_no_step() -> None:
    body = (begin() + user("a") + boundary("t", "a", timer("hari(2)")) + user("b") + end() + end("e2")
            + flows("s a", "a e", "t b", "b e2"))
    walk = Walk(sop(bpmn(body)))
    assert [one.element for one in choices(walk.compiled, walk.state, tools=at()).tokens] == ["a"]
    for answer in (skip(walk.compiled, walk.state, "#1", tools=at(), by="admin"),
                   move_token(walk.compiled, walk.state, "#1", "b", tools=at(), by="admin")):
        assert "menjaga batas" in text(answer)
    assert move(walk, "a", "t") is not None
    assert move(walk, "a", "b") is None, "the way of the timer is a way of the SOP"
    assert walk.step.position.timers == ()


def test_reminders_of_one_cycle_do_not_hinder_the_main_way() -> None:
    body = (begin() + user("a0") + user("a")
            + boundary("t", "a", timer("'R3/PT1H'", "timeCycle"), interrupting=False)
            + user("r") + user("r2") + end() + end("er", "cabang")
            + flows("s a0", "a0 a", "a e", "t r", "r r2", "r2 er"))
    walk = Walk(sop(bpmn(body)))
    walk.do("a0")
    walk.take(wake(walk.compiled, walk.state, tools=at(hours=1)))
    walk.take(wake(walk.compiled, walk.state, tools=at(hours=2)))
    assert walk.open == ["a", "r", "r"]
    first = walk.id("r")
    walk.take(move_token(walk.compiled, walk.state, first, "r2", tools=at(hours=2), by="admin"))
    assert walk.open == ["a", "r", "r2"]
    walk.take(send_back(walk.compiled, walk.state, "a0", tools=at(hours=2), by="admin"))
    assert walk.open == ["a0", "r", "r2"]


def test_a_side_branch_that_comes_to_work_of_the_main_way_is_left_alone() -> None:
    """Two tokens at one step: which of them came by which way nobody can tell any more."""
    body = (begin() + user("a") + boundary("m", "a", BALAS, interrupting=False) + gateway("exclusive", "x")
            + user("b") + gateway("exclusive", "y", default="y_e") + end()
            + flows("s a", "a x", "m x", "x b", "b y", "y a: ulang == 'ya'", "y e"))
    walk = Walk(sop(bpmn(body, extra=MESSAGES)), {"ulang": "tidak"})
    walk.take(deliver(walk.compiled, walk.state, "balasan", {}, tools=at()))
    assert walk.open == ["a", "b"]
    step = cancel(walk.compiled, walk.state, tools=at(), by="admin")
    assert not isinstance(step, Refusal)
    assert len(step.closed) == 2


# --- persons and proof


PROOF = bpmn(
    begin()
    + user("kerja", "foto:photo")
    + user("periksa", "bukti_diterima:boolean", verifies="kerja")
    + gateway("exclusive", "x", default="x_kerja")
    + user("konfirmasi", "puas")
    + gateway("exclusive", "y", default="y_e")
    + end()
    + flows("s kerja", "kerja periksa", "periksa x", "x konfirmasi: bukti_diterima", "x kerja",
            "konfirmasi y", "y kerja: puas == 'tidak'", "y e")
)


@pytest.fixture(name="proof")
def compiled_with_proof() -> CompiledSop:
    return sop(PROOF)


def test_no_operation_leads_around_the_check_of_photos(proof: CompiledSop) -> None:
    walk = Walk(proof)
    assert "Foto bukti" in (move(walk, "kerja", "konfirmasi") or "")
    assert "Foto bukti" in (move(walk, "kerja", "periksa") or ""), "there is no work yet to check"
    walk.do("kerja", "sari", foto=["a"])
    assert "Foto bukti" in (move(walk, "periksa", "konfirmasi") or "")


def test_photos_accepted_before_prove_nothing_for_work_that_was_skipped(proof: CompiledSop) -> None:
    walk = Walk(proof)
    walk.do("kerja", "sari", foto=["a"])
    walk.do("periksa", "budi", bukti_diterima=True)
    walk.do("konfirmasi", "warga", puas="tidak")
    walk.take(skip(proof, walk.state, walk.id("kerja"), tools=at(), by="admin"))
    assert walk.open == ["periksa"]
    assert "Foto bukti" in (move(walk, "periksa", "konfirmasi") or "")
    refused = complete(proof, walk.state, walk.id("periksa"), {"bukti_diterima": True}, by="admin",
                       tools=at())
    assert isinstance(refused, Refusal)
    assert refused.name == "SamePerson", "whoever let the work pass does not check it"
    walk.do("periksa", "budi", bukti_diterima=True)
    assert walk.do("konfirmasi", "warga", puas="ya").position.end_reason == "selesai"


def test_who_did_the_work_still_does_not_check_it_after_it_was_sent_back(proof: CompiledSop) -> None:
    walk = Walk(proof)
    walk.do("kerja", "sari", foto=["a"])
    walk.do("periksa", "budi", bukti_diterima=True)
    walk.take(send_back(proof, walk.state, "periksa", tools=at(), by="admin"))
    assert walk.step.position.open[0].barred == {"sari"}
    refused = complete(proof, walk.state, walk.id("periksa"), {"bukti_diterima": True}, by="sari", tools=at())
    assert isinstance(refused, Refusal)
    assert refused.name == "SamePerson"


def test_fresh_eyes_have_not_skipped_anything_either() -> None:
    walk = Walk(sop(bpmn(begin() + user("a") + user("b", fresh="true") + end()
                         + flows("s a", "a b", "b e"))))
    walk.take(skip(walk.compiled, walk.state, walk.id("a"), tools=at(), by="admin"))
    assert walk.step.position.open[0].barred == {"admin"}


def test_an_inner_branch_is_one_step_of_its_host() -> None:
    """A fork outside does not keep a branch inside from being moved, nor the other way round."""
    body = (begin() + gateway("parallel", "f", "j") + sub("dalam", inner("x")) + user("a") + user("b") + end()
            + flows("s f", "f dalam", "f a", "a b", "b j", "dalam j", "j e"))
    walk = Walk(sop(bpmn(body)))
    assert walk.open == ["a", "u_x"]
    assert move(walk, "a", "b") is None
    walk.take(skip(walk.compiled, walk.state, walk.id("u_x"), tools=at(), by="admin"))
    assert walk.open == ["b"]
    assert back(walk, "dalam") is None
    assert walk.open == ["b", "u_x"]


def test_a_token_that_was_set_down_stays_so_in_another_version() -> None:
    """No flow is said to have brought it, though there is only one it could have come by."""
    old = sop(bpmn(begin() + user("a") + user("b") + end() + flows("s a", "a b", "b e")))
    new = sop(bpmn(begin() + user("a") + user("b") + user("c") + end() + flows("s a", "a b", "b c", "c e")))
    walk = Walk(old)
    assert move(walk, "a", "b") is None
    carried = migrate(old, new, walk.state, {}, tools=at(hours=1))
    assert isinstance(carried, Moved)
    step = complete(new, carried.state, walk.id("b"), {}, by="budi", tools=at(hours=2))
    assert isinstance(step, Step)
    assert [(one.element, one.source, one.flow) for one in step.visited] == [("b", None, None)]
