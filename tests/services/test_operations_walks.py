"""Officers operate at random on SOPs with everything in them: whatever they do, nothing is lost or broken."""

import random

import pytest
from sqlalchemy import text

from app.domain.calendar_change import AddClosure
from app.domain.errors import Conflict
from app.services import operations, tracking
from app.services.calendar_seed import seed_calendar
from app.services.operations_page import desk_of
from app.services.operations_shape import Planned
from app.services.outcome import Refused
from tests.services.racing import nothing_broken, racing_sop
from tests.services.test_calendar_work import change
from tests.services.test_operations import STORY, Desk
from tests.services.test_process import check_chain

STEPS = 25


def offered(desk, instance):
    """Every operation that the page of this report offers now, with its parameters; in the same order each
    time, as ids are not."""
    at = desk.clock()
    seen = desk_of(desk.session, instance.report_id, None, actor=desk.who["admin"], now=at)
    if seen.suspended_at is not None:
        return [("lanjutkan", {})]
    found = [("tangguhkan", {})]
    for place in sorted(seen.places, key=lambda one: (one.token.process, one.token.element)):
        token = place.token
        if place.item is not None:
            later = (at.replace(year=at.year + 1)).isoformat()
            found += [("alihkan", {"tugas": token.token, "orang": who}) for who, _name in place.people]
            found += [("batas", {"tugas": token.token, "sampai": later})] if place.item.due_at else []
        if not token.skip_refused:
            found.append(("lewati", {"tugas": token.token}))
        targets = (to.target for to in token.moves if not to.refused)
        found += [("pindahkan", {"dari": token.token, "ke": target}) for target in targets]
    backs = seen.choices.backs if seen.choices else ()
    found += [("kembalikan", {"ke": to.target}) for to in backs if not to.refused]
    return found


def operate(desk, instance, kind, parameters):
    """Ask, and let the second person agree where one is needed. What is offered can be asked for."""
    shown = desk.plan(instance, kind, **parameters)
    assert shown.refused == "", (kind, parameters)
    asked = desk.ask(instance, kind, mark=shown.mark, **parameters)
    assert not isinstance(asked, Planned)
    if asked.state == operations.WAITS:
        asked = desk.confirm(asked.operation_id)
    assert asked.note == ""


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_offered_can_be_done_and_leaves_everything_whole(session, database, clock, seed):
    dice = random.Random(seed)
    desk = Desk(session, clock, racing_sop() if seed % 2 else STORY)
    instance = desk.at_work() if seed % 2 == 0 else started(desk)
    done = 0
    for _step in range(STEPS):
        if desk.row(instance).ended_at is not None:
            break
        roll = dice.random()
        if roll < 0.55:
            operate(desk, instance, *dice.choice(offered(desk, instance)))
            done += 1
        elif roll < 0.75:
            complete_something(desk, dice)
        elif roll < 0.9:
            clock.advance(hours=dice.randint(1, 60))
            desk.wake(instance.id)
        else:
            reporter = tracking.reporter_of(instance.report_id, source="uji")
            tracking.say(session, instance.report_id, "Mohon segera.", actor=reporter, now=clock())
            session.commit()
    assert len(desk.events(instance)) == done > 3
    check_chain(session, instance.stream_id)
    nothing_broken(database, clock())
    if desk.row(instance).ended_at is None:
        operate(desk, instance, "batalkan", {})
        nothing_broken(database, clock())


def started(desk):
    desk.report()
    row = desk.session.execute(text("SELECT id FROM instances")).one()
    return desk.row(row)


def complete_something(desk, dice):
    """Do one open task, rightly or not: a suspended one refuses and keeps it."""
    who = {"admin_kominfo": "admin", "operator_opd": "operator", "verifikator": "pemeriksa"}
    open_ = [one for one in desk.open() if one[1] in who and one[2] in ("KOMINFO", "DPU")]
    if not open_:
        return
    element, role, _unit = dice.choice(open_)
    answers = {"verifikasi": {"opd": "DPU"}, "kerjakan": {"uraian": "Sudah dikerjakan."},
               "periksa": {"diterima": dice.random() < 0.3}}.get(element, {})  # fmt: skip
    outcome = desk.do(who[role], element, **answers)
    if isinstance(outcome, Refused):
        assert outcome.name in ("Suspended", "ClaimedByOther", "SamePerson", "InvalidAnswers", "NotPermitted")


def test_a_changed_calendar_wakes_nobody_who_is_held_back(session, database, clock):
    seed_calendar(session, now=clock())
    session.commit()
    desk = Desk(session, clock)
    instance = desk.at_work()
    before = desk.row(instance).next_wake
    desk.ask(instance, "tangguhkan")
    change(desk, AddClosure(before.date(), "Banjir", "SE Wali Kota 5/2026"))
    assert desk.row(instance).next_wake is None
    nothing_broken(database, clock())
    desk.ask(instance, "lanjutkan")
    assert desk.row(instance).next_wake > before
    nothing_broken(database, clock())


def test_one_report_cannot_be_operated_on_by_names_of_tokens_gone_by(session, clock):
    desk = Desk(session, clock, racing_sop())
    instance = started(desk)
    desk.do("admin", "verifikasi", catatan="Benar.")
    seen = desk_of(session, instance.report_id, None, actor=desk.who["admin"], now=clock())
    token, target = next(
        (place.token.token, move.target)
        for place in seen.places for move in place.token.moves
        if place.item is None and not move.refused
    )  # fmt: skip
    parameters = {"dari": token, "ke": target}
    asked = desk.ask(instance, "pindahkan", **parameters)
    clock.advance(hours=1)
    desk.ask(instance, "tangguhkan")
    clock.advance(hours=1)
    desk.ask(instance, "lanjutkan")
    with pytest.raises(Conflict):
        desk.confirm(asked.operation_id)
