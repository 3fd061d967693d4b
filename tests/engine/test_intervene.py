"""What an officer with a special permission may do to a running report, and what is shown before."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app.engine.intervene import cancel, move_token, send_back, skip
from app.engine.intervene_choices import choices
from app.engine.intervene_preview import preview
from app.engine.migration import Moved, migrate
from app.engine.runner import complete, extend, wake
from app.engine.step import EngineFault, Refusal, State, Step
from tests.engine.diagrams import (
    MONDAY,
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    sop,
    timer,
    user,
)

LINE = bpmn(
    begin()
    + user("a", "x", status="diverifikasi")
    + user("b", "y", deadline="hari_kerja(2)", status="diproses")
    + boundary("t", "b", timer("tenggat(100)", "timeDate"), interrupting=False)
    + user("r")
    + user("c")
    + end()
    + end("er", "cabang")
    + flows("s a", "a b", "b c", "c e", "t r", "r er"),
    total="hari(30)",
)


def text(answer: Step | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    assert answer.name == "NotPossible"
    return answer.text


# --- cancel


def test_a_cancelled_report_leaves_nothing_behind() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    before = walk.state
    step = walk.take(cancel(walk.compiled, before, tools=at(hours=1), by="admin"))
    assert step.position.ended
    assert (step.position.end_reason, step.status) == ("dibatalkan", "dibatalkan")
    assert step.position.timers == ()
    assert [(one.element, one.reason, one.cause) for one in step.closed] == [("b", "cancelled", None)]
    told = preview(walk.compiled, before, step)
    assert [one.element for one in told.disappear] == ["b"]
    assert [(one.element, one.after) for one in told.timers] == [("t", None)]
    assert (told.status_before, told.status_after, told.ended) == ("diproses", "dibatalkan", True)
    again = cancel(walk.compiled, step.state, tools=at(hours=2), by="admin")
    assert isinstance(again, Refusal)
    assert again.name == "NotOpen"


@pytest.mark.parametrize("reason", ["selesai", "cabang", "", "dua kata"])
def test_a_report_is_never_cancelled_as_if_it_were_done(reason: str) -> None:
    walk = Walk(sop(LINE))
    assert "alasan" in text(cancel(walk.compiled, walk.state, reason, tools=at(), by="admin"))


def test_a_report_whose_process_cannot_go_on_can_be_cancelled() -> None:
    """A timer that always fails: waking it opens an incident every time."""
    body = (begin() + user("a") + boundary("t", "a", timer("jam(1)")) + gateway("exclusive", "x")
            + user("b") + user("c") + end() + end("e2")
            + flows("s a", "a e", "t x", "x b: n == 1", "x c: n == 2", "b e2", "c e2"))
    walk = Walk(sop(bpmn(body)))
    with pytest.raises(EngineFault):
        wake(walk.compiled, walk.state, tools=at(hours=2))
    step = walk.take(cancel(walk.compiled, walk.state, tools=at(hours=2), by="admin"))
    assert step.position.end_reason == "dibatalkan"


def test_a_limit_that_cannot_be_counted_keeps_no_report_open() -> None:
    """The version it was moved to counts by data that are no number."""
    old = sop(bpmn(begin() + user("a", "n:integer") + end() + flows("s a", "a e"), total="hari(n)"))
    new = sop(bpmn(begin() + user("a", "n:integer") + end() + flows("s a", "a e"), total="hari(m)"))
    carried = migrate(old, new, Walk(old, {"m": "banyak"}).state, {}, tools=at(hours=1))
    assert isinstance(carried, Moved)
    with pytest.raises(EngineFault):
        wake(new, carried.state, tools=at(hours=2))
    step = cancel(new, carried.state, tools=at(hours=2), by="admin")
    assert isinstance(step, Step)
    assert (step.position.end_reason, step.position.total_due) == ("dibatalkan", None)


# --- skip


def test_a_skipped_task_leaves_a_trace_and_no_answers() -> None:
    walk = Walk(sop(LINE))
    before = walk.state
    step = walk.take(skip(walk.compiled, before, walk.id("a"), tools=at(hours=1), by="admin"))
    assert walk.open == ["b"]
    assert ("a", "userTask") in [(one.element, one.kind) for one in step.visited]
    assert [(one.element, one.reason) for one in step.closed] == [("a", "cancelled")]
    assert "x" not in step.position.variables
    assert step.accepted == {}
    told = preview(walk.compiled, before, step)
    assert [one.element for one in told.skipped] == ["a"]
    assert (told.status_before, told.status_after) == ("diverifikasi", "diproses")
    assert [(one.element, one.before, one.after) for one in told.timers] == [
        ("t", None, MONDAY + timedelta(days=2, hours=8))]


DECIDED = bpmn(
    begin()
    + user("a", "keputusan")
    + gateway("exclusive", "putusan", default="putusan_c")
    + user("b")
    + user("c")
    + end()
    + flows("s a", "a putusan", "putusan b: keputusan == 'ulang'", "putusan c", "b a", "c e")
)


def test_a_task_whose_answer_decides_the_way_cannot_be_skipped() -> None:
    walk = Walk(sop(DECIDED))
    refused = text(skip(walk.compiled, walk.state, walk.id("a"), tools=at(), by="admin"))
    assert "belum ada" in refused
    assert "Pindahkan" in refused


def test_an_answer_of_an_earlier_round_decides_again_and_is_named() -> None:
    walk = Walk(sop(DECIDED))
    walk.do("a", keputusan="ulang")
    walk.do("b")
    before = walk.state
    step = walk.take(skip(walk.compiled, before, walk.id("a"), tools=at(hours=1), by="admin"))
    assert walk.open == ["b"]
    reused = preview(walk.compiled, before, step).reused
    assert [(one.name, one.value) for one in reused] == [("keputusan", "ulang")]


def test_data_that_are_asked_for_later_are_named() -> None:
    body = (begin() + user("a", "opd", "kadar:integer") + user("b", "jalur")
            + gateway("exclusive", "g", default="g_e") + user("c", deadline="hari_kerja(kadar)") + end()
            + flows("s a", "a b", "b g", "g c: jalur == 'kadar'", "g e", "c e"))
    walk = Walk(sop(bpmn(body)))
    before = walk.state
    step = walk.take(skip(walk.compiled, before, walk.id("a"), tools=at(), by="admin"))
    missing = preview(walk.compiled, before, step).missing
    assert [(one.name, one.label, one.readers) for one in missing] == [("kadar", "x", ("Tugas c",))]
    answered = Walk(walk.compiled)
    answered.do("a", kadar=3)
    before = answered.state
    back = answered.take(send_back(walk.compiled, before, "a", tools=at(), by="admin"))
    assert preview(walk.compiled, before, back).missing == ()


def test_a_task_for_a_unit_that_nobody_has_named_is_told() -> None:
    lanes = ('<bpmn:laneSet id="l"><bpmn:lane id="operator_opd" name="Unit"><bpmn:flowNodeRef>b'
             '</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>')
    walk = Walk(sop(bpmn(lanes + begin() + user("a", "opd:unit") + user("b") + end()
                         + flows("s a", "a b", "b e"))))
    before = walk.state
    step = walk.take(skip(walk.compiled, before, walk.id("a"), tools=at(), by="admin"))
    assert [(one.name, one.readers) for one in preview(walk.compiled, before, step).missing] == [
        ("opd", ("Tugas b",))]
    known = preview(walk.compiled, before, step, unit_variables={})
    assert known.missing == ()


def test_the_total_clock_that_an_open_task_holds_is_shown_to_go_on() -> None:
    body = (begin() + user("a") + user("tunggu", pauses="total") + end()
            + flows("s a", "a tunggu", "tunggu e"))
    walk = Walk(sop(bpmn(body, total="hari(10)")))
    walk.do("a")
    before = walk.state
    step = walk.take(send_back(walk.compiled, before, "a", tools=at(days=2), by="admin"))
    told = preview(walk.compiled, before, step)
    assert (told.total_paused_before, told.total_paused_after) == (True, False)
    assert (told.total_before, told.total_after) == (at(days=10).now, at(days=12).now)


def test_a_wait_can_be_skipped_too() -> None:
    wait = f'<bpmn:intermediateCatchEvent id="t">{timer("hari(30)")}</bpmn:intermediateCatchEvent>'
    walk = Walk(sop(bpmn(begin() + wait + user("b") + end() + flows("s t", "t b", "b e"))))
    (token,) = choices(walk.compiled, walk.state, tools=at()).tokens
    assert (token.token, token.task_id, token.kind) == ("#0", None, "intermediateCatchEvent")
    before = walk.state
    step = walk.take(skip(walk.compiled, before, "#0", tools=at(), by="admin"))
    assert walk.open == ["b"]
    assert step.fired == ()
    (gone,) = preview(walk.compiled, before, step).timers
    assert (gone.element, gone.after) == ("t", None)


# --- move and send back


def test_a_token_is_moved_with_all_that_hangs_on_it() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    before, old = walk.state, walk.id("b")
    step = walk.take(move_token(walk.compiled, before, old, "c", tools=at(hours=1), by="admin"))
    assert walk.open == ["c"]
    assert [(one.id, one.reason) for one in step.closed] == [(old, "cancelled")]
    assert step.visited == ()
    assert step.flows == ()
    assert step.position.timers == ()
    finished = walk.do("c")
    assert [(one.element, one.source, one.flow) for one in finished.visited] == [
        ("c", None, None), ("e", "c", "c_e")], "no flow brought the token to c"


def test_a_step_is_opened_again_as_a_new_task() -> None:
    walk = Walk(sop(LINE))
    first = walk.id("a")
    walk.do("a", x="lama")
    before = walk.state
    step = walk.take(send_back(walk.compiled, before, "a", tools=at(hours=1), by="admin"))
    assert walk.open == ["a"]
    assert walk.id("a") != first, "never a revived task"
    assert step.position.variables["x"] == "lama"
    assert step.status == "diverifikasi"
    told = preview(walk.compiled, before, step)
    assert [one.element for one in told.disappear] == ["b"]
    assert [one.element for one in told.open] == ["a"]
    again = complete(walk.compiled, walk.state, first, {}, by="budi", tools=at(hours=2))
    assert isinstance(again, Refusal)
    assert again.name == "NotOpen"


def test_only_what_was_passed_can_be_opened_again() -> None:
    walk = Walk(sop(LINE))
    assert "belum melewati" in text(send_back(walk.compiled, walk.state, "b", tools=at(), by="admin"))
    assert "sedang terbuka" in text(send_back(walk.compiled, walk.state, "a", tools=at(), by="admin"))
    assert "tidak ada" in text(send_back(walk.compiled, walk.state, "tak_ada", tools=at(), by="admin"))


def test_in_a_circle_the_step_ahead_counts_only_once_it_was_passed() -> None:
    body = (begin() + user("a") + user("b") + gateway("exclusive", "x", default="x_e") + end()
            + flows("s a", "a b", "b x", "x a: ulang == 'ya'", "x e"))
    walk = Walk(sop(bpmn(body)), {"ulang": "ya"})
    assert "belum" in text(send_back(walk.compiled, walk.state, "b", tools=at(), by="admin"))
    walk.do("a")
    walk.do("b")
    step = send_back(walk.compiled, walk.state, "b", tools=at(), by="admin", past={"a", "b"})
    walk.take(step)
    assert walk.open == ["b"]


def test_side_tasks_stay_when_the_main_way_is_sent_back() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    walk.take(wake(walk.compiled, walk.state, tools=at(days=3)))
    assert walk.open == ["b", "r"]
    step = walk.take(send_back(walk.compiled, walk.state, "a", tools=at(days=3), by="admin"))
    assert walk.open == ["a", "r"]
    assert [one.element for one in step.closed] == ["b"]
    side = walk.id("r")
    assert "cabang" in text(move_token(walk.compiled, walk.state, side, "c", tools=at(days=3), by="admin"))


def test_what_is_due_comes_first() -> None:
    body = (begin() + user("a") + boundary("t", "a", timer("jam(1)")) + user("b") + end() + end("e2")
            + flows("s a", "a e", "t b", "b e2"))
    walk = Walk(sop(bpmn(body)))
    answer = skip(walk.compiled, walk.state, walk.id("a"), tools=at(hours=2), by="admin")
    assert isinstance(answer, Refusal)
    assert answer.name == "ClosedByDeadline"
    assert answer.step is not None
    assert [one.element for one in answer.step.position.open] == ["b"]


def test_where_what_is_due_cannot_happen_the_operation_is_the_cure() -> None:
    body = (begin() + user("a0") + user("a") + boundary("t", "a", timer("jam(1)"))
            + gateway("exclusive", "x") + user("b") + user("c") + end() + end("e2")
            + flows("s a0", "a0 a", "a e", "t x", "x b: n == 1", "x c: n == 2", "b e2", "c e2"))
    walk = Walk(sop(bpmn(body)))
    walk.do("a0")
    walk.take(send_back(walk.compiled, walk.state, "a0", tools=at(hours=2), by="admin"))
    assert walk.open == ["a0"]


def test_nothing_is_done_to_what_has_ended_or_is_not_there() -> None:
    walk = Walk(sop(LINE))
    for bad in ("", "#7", "#x", "tidak-ada", walk.id("a").upper()[:8]):
        answer = skip(walk.compiled, walk.state, bad, tools=at(), by="admin")
        assert isinstance(answer, Refusal)
        assert answer.name == "NotOpen"
    ended = cancel(walk.compiled, walk.state, tools=at(), by="admin")
    assert isinstance(ended, Step)
    for answer in (send_back(walk.compiled, ended.state, "a", tools=at(), by="admin"),
                   move_token(walk.compiled, ended.state, "#0", "a", tools=at(), by="admin")):
        assert isinstance(answer, Refusal)
        assert answer.name == "NotOpen"
    nothing = choices(walk.compiled, ended.state, tools=at())
    assert (nothing.tokens, nothing.backs) == ((), ())
    assert nothing.cancel_refused


def test_an_end_that_cannot_be_reached_any_more_is_refused() -> None:
    """Behind `c` the data `lengkap` are asked for, which only `b` sets."""
    body = (begin() + user("a") + user("b", "lengkap") + user("c") + gateway("exclusive", "x", default="x_e")
            + user("d") + end() + flows("s a", "a b", "b c", "c x", "x d: lengkap == 'tidak'", "x e", "d c"))
    walk = Walk(sop(bpmn(body)))
    refused = text(move_token(walk.compiled, walk.state, walk.id("a"), "c", tools=at(), by="admin"))
    assert "tidak dapat sampai ke akhir" in refused


def test_the_state_that_was_given_is_never_touched() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    kept: State = json.loads(json.dumps(walk.state))
    task = walk.id("b")
    cancel(walk.compiled, walk.state, tools=at(days=9), by="admin")
    skip(walk.compiled, walk.state, task, tools=at(), by="admin")
    move_token(walk.compiled, walk.state, task, "c", tools=at(), by="admin")
    send_back(walk.compiled, walk.state, "a", tools=at(), by="admin")
    choices(walk.compiled, walk.state, tools=at())
    assert walk.state == kept


# --- what is offered


def test_everything_is_offered_with_its_reason() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    offered = choices(walk.compiled, walk.state, tools=at(hours=1))
    (token,) = offered.tokens
    assert (token.element, token.name, token.token) == ("b", "Tugas b", walk.id("b"))
    assert token.skip_refused is None
    assert [(one.target, one.refused) for one in token.moves] == [("a", None), ("c", None)]
    assert [(one.target, one.name, one.refused) for one in offered.backs] == [("a", "Tugas a", None)]


# --- deadlines


def test_a_deadline_brought_forward_shows_what_it_moves() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    before, until = walk.state, at(days=1).now
    step = walk.take(extend(walk.compiled, before, walk.id("b"), until, tools=at(hours=1)))
    told = preview(walk.compiled, before, step)
    assert [(one.task.element, one.before, one.after) for one in told.due] == [
        ("b", MONDAY + timedelta(days=2, hours=8), until)]
    assert [(one.element, one.before, one.after) for one in told.timers] == [
        ("t", MONDAY + timedelta(days=2, hours=8), until)]
    assert told.total_before == told.total_after
    assert (told.disappear, told.open) == ((), ())


def test_a_deadline_is_not_brought_forward_into_the_past() -> None:
    walk = Walk(sop(LINE))
    walk.do("a")
    assert "lewat" in text(extend(walk.compiled, walk.state, walk.id("b"), at(hours=1).now,
                                  tools=at(hours=2)))


def test_a_tighter_deadline_rings_what_is_now_due() -> None:
    body = (begin() + user("b", deadline="jam(100)")
            + boundary("t", "b", timer("tenggat(50)", "timeDate"), interrupting=False)
            + user("r") + end() + end("er", "cabang") + flows("s b", "b e", "t r", "r er"))
    walk = Walk(sop(bpmn(body)))
    before = walk.state
    step = walk.take(extend(walk.compiled, before, walk.id("b"), at(hours=12).now, tools=at(hours=8)))
    told = preview(walk.compiled, before, step)
    assert [one.element for one in told.fired] == ["t"]
    assert [one.element for one in told.open] == ["r"]
