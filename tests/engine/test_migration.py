"""A running instance goes over to another version as it stands; what a person must judge is named."""

import json
from datetime import timedelta

import pytest

from app.engine.migration import Done, Moved, Undecided, migrate
from app.engine.onward import Ended, some_end
from app.engine.repair import moved_to
from app.engine.runner import complete, deliver, extend, inspect, recalculate, start, wake
from app.engine.step import Refusal
from tests.engine.diagrams import (
    MONDAY,
    OfficeHours,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    loop,
    sop,
    sub,
    timer,
    user,
)


def line(*tasks, more="", key="sop", total=""):
    """Tasks one after another. `more`: whatever else is drawn."""
    names = [one.split('id="')[1].split('"')[0] for one in tasks]
    links = [f"{a} {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True)]
    return sop(bpmn(begin() + "".join(tasks) + end() + flows(*links) + more, key=key, total=total))


def carry(old, new, state, mapping=None, *, tools=None, **more):
    kept = json.dumps(state)
    answer = migrate(old, new, state, mapping or {}, tools=tools or at(hours=1), **more)
    assert json.dumps(state) == kept
    return answer


def moved(answer):
    assert isinstance(answer, Moved), [one.text for one in answer.matters]
    assert all(one.before == one.after for one in answer.clocks)
    return answer


def kinds(answer):
    assert isinstance(answer, Undecided)
    return [one.kind for one in answer.matters]


def test_an_open_task_keeps_its_id_and_its_deadline_and_asks_the_new_field():
    old = line(user("a", "x", deadline="hari_kerja(3)"))
    new = line(user("a", "x", "tambahan:integer", deadline="hari_kerja(1)"), user("b"))
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state)).position.open[0]
    was = step.position.open[0]
    assert (after.id, after.opened, after.due, after.due_rule) == (was.id, was.opened, was.due, was.due_rule)
    pushed = complete(new, carry(old, new, step.state).state, was.id, {"x": "y", "tambahan": 4}, by="a",
                      tools=at(hours=2))
    assert [task.element for task in pushed.position.open] == ["b"]


def test_a_moved_deadline_is_counted_again_by_its_own_rule_when_the_calendar_changes():
    old, new = line(user("a", deadline="hari_kerja(3)")), line(user("a", deadline="hari_kerja(1)"))
    step = start(old, {}, tools=at())
    state = moved(carry(old, new, step.state)).state

    class Closed(OfficeHours):
        def add_working_days(self, start, days):
            return super().add_working_days(start, days + 1)

    counted = recalculate(new, state, tools=at(hours=2, calendar=Closed()))
    assert counted.position.open[0].due == step.position.open[0].due + timedelta(days=1)
    again = moved(carry(new, old, state))
    assert again.position.open == step.position.open
    assert "rule" not in json.dumps(again.state)


def test_an_admins_move_keeps_the_rule_of_a_running_deadline_too():
    old, new = line(user("a", deadline="hari_kerja(3)")), line(user("a", deadline="hari_kerja(1)"))
    step = start(old, {}, tools=at())
    state = moved_to(old, new, step.state)
    counted = recalculate(new, state, tools=at(hours=2))
    assert counted.position.open == step.position.open


def test_the_total_clock_goes_on_by_its_own_rule_and_none_begins():
    drawn = {total: line(user("a"), total=total) for total in ("", "hari_kerja(5)", "hari_kerja(9)")}
    with_total, other, without = drawn["hari_kerja(5)"], drawn["hari_kerja(9)"], drawn[""]
    step = start(with_total, {}, tools=at())
    for new in (other, without):
        after = moved(carry(with_total, new, step.state))
        assert after.position.total_due == step.position.total_due
        assert recalculate(new, after.state, tools=at(hours=2)).position.total_due == step.position.total_due
    bare = start(without, {}, tools=at())
    after = moved(carry(without, other, bare.state))
    assert wake(other, after.state, tools=at(hours=2)).position.total_due is None


def reminded(*more, deadline="jam(10)", first="tenggat(50)", host="a", name="ingat"):
    drawn = user(host, deadline=deadline) + boundary(name, host, timer(first, "timeDate"), interrupting=False)
    return line(drawn, more=user("tegur") + end("t", "cabang") + flows(f"{name} tegur", "tegur t")
                + "".join(more))


def test_a_timer_that_rang_never_rings_again():
    """spiff-arena #1909: after a migration the reminder that was sent came once more."""
    old, new = reminded(), reminded(first="tenggat(60)")
    step = start(old, {}, tools=at())
    rung = wake(old, step.state, tools=at(hours=5))
    assert [one.element for one in rung.fired] == ["ingat"]
    after = moved(carry(old, new, rung.state, tools=at(hours=6)))
    assert after.position.timers == ()
    late = wake(new, after.state, tools=at(hours=30))
    assert late.fired == ()
    assert sorted(task.element for task in late.position.open) == ["a", "tegur"]


def test_a_timer_that_rang_and_was_drawn_anew_under_another_id_is_a_decision():
    old, new = reminded(), reminded(name="ingat2")
    rung = wake(old, start(old, {}, tools=at()).state, tools=at(hours=5))
    answer = carry(old, new, rung.state, tools=at(hours=6))
    assert kinds(answer) == ["batas_lewat"]
    mapped = moved(carry(old, new, rung.state, {"ingat": "ingat2"}, tools=at(hours=6)))
    assert mapped.position.timers == ()
    left_out = moved(carry(old, new, rung.state, tools=at(hours=6), accepted={"batas_lewat:ingat2"}))
    assert left_out.position.timers == ()


def test_a_running_timer_drawn_anew_under_another_id_may_be_mapped_and_keeps_its_moment():
    old, new = reminded(), reminded(name="ingat2", first="tenggat(90)")
    step = start(old, {}, tools=at())
    answer = carry(old, new, step.state)
    assert [(one.kind, one.targets) for one in answer.matters] == [("batas_hilang", ("ingat2",))]
    after = moved(carry(old, new, step.state, {"ingat": "ingat2"}))
    assert [(one.element, one.due) for one in after.position.timers] == [
        ("ingat2", MONDAY + timedelta(hours=5))]


def test_a_running_timer_keeps_its_moment_though_its_rule_changes():
    old, new = reminded(), reminded(first="tenggat(80)")
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state))
    assert [one.due for one in after.position.timers] == [MONDAY + timedelta(hours=5)]
    assert [one.kind for one in after.notes] == ["batas_tetap"]
    fired = wake(new, after.state, tools=at(hours=5))
    assert [one.element for one in fired.fired] == ["ingat"]


def test_a_new_timer_counts_from_the_opening_of_its_step():
    old, new = line(user("a", deadline="jam(10)")), reminded()
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state, tools=at(hours=2)))
    assert [one.due for one in after.position.timers] == [MONDAY + timedelta(hours=5)]
    assert kinds(carry(old, new, step.state, tools=at(hours=6))) == ["batas_lewat"]


def test_a_timer_that_goes_is_a_decision():
    old, new = reminded(), line(user("a", deadline="jam(10)"))
    step = start(old, {}, tools=at())
    assert kinds(carry(old, new, step.state)) == ["batas_hilang"]
    after = moved(carry(old, new, step.state, accepted={"batas_hilang:ingat"}))
    assert after.position.timers == ()


def test_a_step_that_is_gone_needs_a_mapping_and_names_where_to():
    old, new = line(user("a"), user("z")), line(user("b", "f"), user("z"))
    step = start(old, {}, tools=at())
    answer = carry(old, new, step.state)
    assert kinds(answer) == ["hilang"]
    assert answer.matters[0].targets == ("b", "z")
    after = moved(carry(old, new, step.state, {"a": "b"}))
    assert [(task.id, task.element) for task in after.position.open] == [(step.position.open[0].id, "b")]


def lanes(role, *elements):
    refs = "".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in elements)
    return f'<bpmn:laneSet id="ls"><bpmn:lane id="{role}" name="x">{refs}</bpmn:lane></bpmn:laneSet>'


def test_another_role_is_a_decision():
    old, new = line(user("a"), more=lanes("verifikator", "a")), line(user("a"), more=lanes("asisten", "a"))
    step = start(old, {}, tools=at())
    assert kinds(carry(old, new, step.state)) == ["peran"]
    after = moved(carry(old, new, step.state, accepted={"peran:a"}))
    assert after.position.open[0].role == "asisten"


def test_another_kind_of_step_or_another_stage_blocks():
    old = line(user("a"))
    many = user("a").replace("</bpmn:userTask>",
                             '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2'
                             "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>")
    step = start(old, {}, tools=at())
    assert kinds(carry(old, line(many), step.state)) == ["jenis"]
    staged = sop(bpmn(begin() + sub("tahap", begin("s2") + user("a") + end("e2") + flows("s2 a", "a e2"))
                           + end() + flows("s tahap", "tahap e")))
    answer = carry(old, staged, step.state)
    assert kinds(answer) == ["lingkup"]
    assert "tahap" in answer.matters[0].text


def fork(*branches, join="temu"):
    inside = "".join(user(one) for one in branches)
    links = [link for one in branches for link in (f"pecah {one}", f"{one} {join}")]
    return sop(bpmn(begin() + gateway("parallel", "pecah", join) + inside + user("z") + end()
                         + flows("s pecah", *links, f"{join} z", "z e")))


def test_tokens_at_a_join_wait_on_and_join_once():
    old, new = fork("a", "b"), fork("a", "b", join="temu2")
    step = start(old, {}, tools=at())
    ids = {task.element: task.id for task in step.position.open}
    half = complete(old, step.state, ids["a"], {}, by="x", tools=at(hours=1))
    assert kinds(carry(old, new, half.state)) == ["hilang"]
    after = moved(carry(old, new, half.state, {"temu": "temu2"}))
    assert [task.element for task in after.position.open] == ["b"]
    done = complete(new, after.state, ids["b"], {}, by="x", tools=at(hours=2))
    assert [task.element for task in done.position.open] == ["z"]


def test_another_set_of_branches_at_a_waiting_join_blocks():
    old = fork("a", "b")
    step = start(old, {}, tools=at())
    ids = {task.element: task.id for task in step.position.open}
    half = complete(old, step.state, ids["a"], {}, by="x", tools=at(hours=1))
    assert kinds(carry(old, fork("a", "b", "c"), half.state)) == ["gabungan"]


def test_a_branch_added_to_a_fork_already_passed_shows_in_the_walk():
    """Every check passes; only walking on shows that the join will wait for ever."""
    old, new = fork("a", "b"), fork("a", "b", "c")
    step = start(old, {}, tools=at())
    assert isinstance(some_end(old, step.state, tools=at()), Ended)
    after = moved(carry(old, new, step.state))
    stuck = some_end(new, after.state, tools=at())
    assert not isinstance(stuck, Ended)
    assert "buntu" in stuck.text


def test_children_of_a_multi_instance_keep_their_items_and_answers():
    def each(item, *fields):
        many = loop("opds", item, into="hasil", output="jawab")
        return line(user("tanya", "jawab", *fields, inside=many), user("z"))

    old, new = each("opd"), each("unit_kerja", "catatan")
    step = start(old, {"opds": ["DPU", "DLH", "DKK"]}, tools=at())
    first = next(task for task in step.position.open if task.item == "DLH")
    half = complete(old, step.state, first.id, {"jawab": "ya"}, by="x", tools=at(hours=1))
    after = moved(carry(old, new, half.state))
    assert {task.item for task in after.position.open} == {"DPU", "DKK"}
    state = after.state
    for task in after.position.open:
        step = complete(new, state, task.id, {"jawab": f"dari {task.item}", "catatan": "x"}, by="x",
                        tools=at(hours=2))
        state = step.state
    assert step.position.variables["hasil"] == ["dari DPU", "ya", "dari DKK"]


def test_a_sub_process_comes_along_with_all_it_holds():
    def staged(*inner):
        links = [f"{a} {b}" for a, b in zip(["s2", *inner], [*inner, "e2"], strict=True)]
        inside = begin("s2") + "".join(user(one) for one in inner) + end("e2") + flows(*links)
        return sop(bpmn(
            begin() + sub("tahap", inside) + boundary("tarik", "tahap", timer("'P9D'")) + end("batal")
            + end() + flows("s tahap", "tahap e", "tarik batal")))

    old, new = staged("a"), staged("a", "b")
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state))
    assert [one.due for one in after.position.timers] == [one.due for one in step.position.timers]
    done = complete(new, after.state, step.position.open[0].id, {}, by="x", tools=at(hours=2))
    assert [task.element for task in done.position.open] == ["b"]


def caught(name, inner):
    return f'<bpmn:intermediateCatchEvent id="{name}">{inner}</bpmn:intermediateCatchEvent>'


def heard(ref):
    return f'<bpmn:messageEventDefinition messageRef="{ref}"/>'


MESSAGES = '<bpmn:message id="m1" name="balasan"/><bpmn:message id="m2" name="keberatan"/>'


def waiting(*events):
    drawn = "".join(caught(name, inner) for name, inner in events)
    links = [link for name, _ in events for link in (f"g {name}", f"{name} e")]
    return sop(bpmn(begin() + gateway("eventBased", "g") + drawn + end() + flows("s g", *links),
                         extra=MESSAGES))


def test_an_event_gateway_keeps_its_moments_and_takes_new_events():
    old = waiting(("pesan", heard("m1")), ("sabar", timer("'P3D'")))
    new = waiting(("pesan", heard("m1")), ("sabar", timer("'P1D'")), ("lama", timer("'P9D'")))
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state))
    dues = {one.element: one.due for one in after.position.timers}
    assert dues == {"sabar": MONDAY + timedelta(days=3), "lama": MONDAY + timedelta(days=9)}
    again = recalculate(new, after.state, tools=at(hours=3))
    assert {one.element: one.due for one in again.position.timers} == dues
    assert deliver(new, after.state, "balasan", {}, tools=at(hours=3)).position.ended
    gone = waiting(("sabar", timer("'P3D'")), ("lain", heard("m2")))
    assert kinds(carry(old, gone, step.state)) == ["pilihan_hilang"]
    other = waiting(("pesan", heard("m2")), ("sabar", timer("'P3D'")))
    assert kinds(carry(old, other, step.state)) == ["pesan"]


def checked(*, checks=True, fresh=False):
    wish = {"verifies": "kerja"} if checks else {}
    more = {"fresh": "true"} if fresh else {}
    return line(user("kerja", "foto:photo"), user("periksa", "bukti_diterima:boolean", **wish, **more),
                user("z"))


def test_who_did_the_work_is_remembered_and_may_not_check_it():
    old, new = checked(), checked(fresh=True)
    step = start(old, {}, tools=at())
    done = complete(old, step.state, step.position.open[0].id, {}, by="budi", tools=at(hours=1))
    after = moved(carry(old, new, done.state))
    task = after.position.open[0].id
    refused = complete(new, after.state, task, {"bukti_diterima": True}, by="budi", tools=at(hours=2))
    assert isinstance(refused, Refusal)
    assert refused.name == "SamePerson"
    assert not isinstance(complete(new, after.state, task, {"bukti_diterima": True}, by="sari",
                                   tools=at(hours=2)), Refusal)


@pytest.mark.parametrize("rule", [{"checks": True}, {"checks": False, "fresh": True}])
def test_a_rule_about_persons_that_only_the_new_version_has_knows_the_past(rule):
    old, new = checked(checks=False), checked(**rule)
    step = start(old, {}, tools=at())
    done = complete(old, step.state, step.position.open[0].id, {}, by="budi", tools=at(hours=1))
    after = moved(carry(old, new, done.state, past=[Done("kerja", "budi")]))
    refused = complete(new, after.state, after.position.open[0].id, {"bukti_diterima": True}, by="budi",
                       tools=at(hours=2))
    assert isinstance(refused, Refusal)
    assert refused.name == "SamePerson"
    assert isinstance(some_end(new, after.state, tools=at(hours=2)), Ended)


def test_a_check_that_is_no_longer_drawn_holds_nobody_up():
    old, new = checked(), checked(checks=False)
    step = start(old, {}, tools=at())
    done = complete(old, step.state, step.position.open[0].id, {}, by="budi", tools=at(hours=1))
    after = moved(carry(old, new, done.state))
    assert isinstance(some_end(new, after.state, tools=at(hours=2)), Ended)


def test_a_held_total_clock_is_held_as_it_began():
    old = line(user("a", pauses="total"), user("z"), total="hari_kerja(5)")
    new = line(user("a"), user("z"), total="hari_kerja(5)")
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state, tools=at(hours=3)))
    done_old = complete(old, step.state, step.position.open[0].id, {}, by="x", tools=at(days=1))
    done_new = complete(new, after.state, step.position.open[0].id, {}, by="x", tools=at(days=1))
    assert done_new.position.total_due == done_old.position.total_due
    assert done_new.position.total_due > step.position.total_due


def test_a_cycle_keeps_its_rhythm():
    def nagged(cycle, *, name="a"):
        return line(user(name), more=boundary("usik", name, timer(f"'{cycle}'", "timeCycle"),
                                              interrupting=False)
                    + end("t", "cabang") + flows("usik t"))

    old, new = nagged("R3/P1D"), nagged("R9/P2D")
    step = wake(old, start(old, {}, tools=at()).state, tools=at(days=1))
    after = moved(carry(old, new, step.state, tools=at(days=1, hours=1)))
    fired = wake(new, after.state, tools=at(days=9))
    assert sum(one.count for one in fired.fired) == 2
    assert fired.position.timers == ()


def test_another_sop_is_no_version():
    old, new = line(user("a")), line(user("a"), key="lain")
    step = start(old, {}, tools=at())
    with pytest.raises(Exception, match="SOP yang sama"):
        carry(old, new, step.state)


def test_what_is_there_can_be_read_under_its_version_only():
    old, new = line(user("a")), line(user("a"), user("b"))
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state))
    assert inspect(new, after.state) == after.position
    with pytest.raises(Exception, match="bukan dari versi"):
        inspect(old, after.state)


def calling(called="anak", *, name="panggil"):
    return bpmn(begin() + f'<bpmn:callActivity id="{name}" name="Panggil" calledElement="{called}"/>' + end()
                + boundary("sabar", name, timer("'P9D'")) + end("habis", "diarsipkan")
                + flows(f"s {name}", f"{name} e", "sabar habis"))


def child(*names, key="anak"):
    links = [f"{a} {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True)]
    return bpmn(begin() + "".join(user(one, deadline="jam(9)") for one in names) + end() + flows(*links),
                key=key)


def test_a_called_process_that_changed_comes_along():
    old, new = sop(calling(), child("a"), key="sop"), sop(calling(), child("a", "b"), key="sop")
    step = start(old, {}, tools=at())
    after = moved(carry(old, new, step.state))
    assert [(one.kind, one.before) for one in after.clocks] == [
        ("tugas", MONDAY + timedelta(hours=9)), ("waktu", MONDAY + timedelta(days=9))]
    done = complete(new, after.state, step.position.open[0].id, {}, by="x", tools=at(hours=2))
    assert [(task.process, task.element) for task in done.position.open] == [("anak", "b")]


def test_a_step_of_a_called_process_that_is_gone_is_mapped_by_its_full_key():
    old, new = sop(calling(), child("a"), key="sop"), sop(calling(), child("b"), key="sop")
    step = start(old, {}, tools=at())
    answer = carry(old, new, step.state)
    (gone,) = answer.matters
    assert (gone.kind, gone.element, gone.targets) == ("hilang", "anak/a", ("anak/b",))
    after = moved(carry(old, new, step.state, {"anak/a": "anak/b"}))
    assert [task.element for task in after.position.open] == ["b"]


def test_another_called_process_is_a_decision():
    old = sop(calling(), child("a"), key="sop")
    new = sop(calling("lain"), child("a", key="lain"), key="sop")
    step = start(old, {}, tools=at())
    assert kinds(carry(old, new, step.state)) == ["proses"]
    after = moved(carry(old, new, step.state, accepted={"proses:panggil"}))
    assert [(task.process, task.element) for task in after.position.open] == [("lain", "a")]
    assert isinstance(some_end(new, after.state, tools=at(hours=2)), Ended)


def test_a_stage_that_is_dissolved_is_named_once():
    inside = begin("s2") + user("a") + user("b") + gateway("parallel", "p", "q") + end("e2") + flows(
        "s2 p", "p a", "p b", "a q", "b q", "q e2")
    old = sop(bpmn(begin() + sub("tahap", inside) + end() + flows("s tahap", "tahap e")))
    new = line(user("a"), user("b"))
    answer = carry(old, new, start(old, {}, tools=at()).state)
    assert [(one.kind, one.element) for one in answer.matters] == [("hilang", "tahap")]


def receiving(message):
    return sop(bpmn(begin() + f'<bpmn:receiveTask id="r" name="Menunggu" messageRef="{message}"/>' + end()
                    + boundary("sabar", "r", timer("'P3D'")) + end("habis", "diarsipkan")
                    + flows("s r", "r e", "sabar habis"), extra=MESSAGES))


def test_what_is_waited_for_is_asked_about_when_it_changes():
    old, new = receiving("m1"), receiving("m2")
    step = start(old, {}, tools=at())
    assert kinds(carry(old, new, step.state)) == ["pesan"]
    after = moved(carry(old, new, step.state, accepted={"pesan:r"}))
    assert after.position.waiting == {"keberatan"}
    assert [one.due for one in after.position.timers] == [MONDAY + timedelta(days=3)]


def test_an_inclusive_join_waits_on_for_what_can_still_come():
    def chosen(*names):
        parts = "".join(user(one) for one in names)
        links = [link for one in names for link in (f"g {one}: pilih in ['{one}', 'semua']", f"{one} h")]
        return sop(bpmn(begin() + gateway("inclusive", "g", "h") + parts + user("z") + end()
                        + flows("s g", *links, "h z", "z e")))

    old, new = chosen("a", "b"), chosen("a", "b", "c")
    step = start(old, {"pilih": "semua"}, tools=at())
    ids = {task.element: task.id for task in step.position.open}
    half = complete(old, step.state, ids["a"], {}, by="x", tools=at(hours=1))
    after = moved(carry(old, new, half.state))
    assert [task.element for task in after.position.open] == ["b"]
    done = complete(new, after.state, ids["b"], {}, by="x", tools=at(hours=2))
    assert [task.element for task in done.position.open] == ["z"]


def test_a_deadline_moved_by_an_officer_stays_where_it_was_put():
    old, new = reminded(), reminded(first="tenggat(80)", deadline="jam(2)")
    step = start(old, {}, tools=at())
    put_off = extend(old, step.state, "a", MONDAY + timedelta(hours=20), tools=at(hours=1))
    after = moved(carry(old, new, put_off.state))
    assert after.position.open[0].due == MONDAY + timedelta(hours=20)
    assert [one.due for one in after.position.timers] == [one.due for one in put_off.position.timers]
    again = extend(new, after.state, "a", MONDAY + timedelta(hours=40), tools=at(hours=1))
    assert [one.due for one in again.position.timers] == [MONDAY + timedelta(hours=20)]
