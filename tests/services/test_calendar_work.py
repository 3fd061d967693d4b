"""A change of the calendar moves every open deadline it says it moves, or none."""

import uuid
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from app.db.calendars import read_calendar
from app.db.models import Deadline, Event, Instance, WorkItem
from app.domain.calendar_change import (
    AddClosure,
    AddSpecial,
    ImportDecree,
    RemoveClosure,
    SetHours,
)
from app.domain.city_calendar import DayOff, SpecialHours
from app.domain.errors import Invalid
from app.services import calendar_work, city, task_work
from app.services.calendar_seed import seed_calendar
from app.services.calendar_work import Applied, Preview
from app.services.outcome import Faulted, Pushed
from tests.engine.diagrams import begin, boundary, end, flows, script, timer
from tests.services.racing import wait_for_a_lock
from tests.services.test_process import STORY, check_chain
from tests.services.test_races import beside
from tests.services.workshop import Workshop, diagram, task

FLOOD = AddClosure(date(2026, 3, 26), "Banjir", "SE Wali Kota 5/2026")
"""Within the three working days of a report of 17 March, whose limit is then the 30th instead of the 27th."""

@pytest.fixture
def shop(session, clock):
    return Workshop(session, clock, STORY)


def change(shop, what, *, shown=None, by="admin"):
    """Preview and apply at once; committed when applied."""
    seen = shown or calendar_work.preview(shop.session, what, now=shop.clock())
    done = calendar_work.apply(
        shop.session, what, fingerprint=seen.fingerprint, actor=shop.who[by], now=shop.clock()
    )
    if isinstance(done, Applied):
        shop.session.commit()
    else:
        shop.session.rollback()
    return done


def test_pages_take_the_calendar_for_some_seconds_as_they_saw_it(shop, session, monkeypatch):
    seen = city.calendar(session)
    monkeypatch.setattr(city, "PAGES_LOOK_AGAIN", 3600.0)
    change(shop, FLOOD)
    assert city.calendar(session) is seen
    monkeypatch.setattr(city, "PAGES_LOOK_AGAIN", -1.0)
    assert city.calendar(session).is_working_day(FLOOD.day) is False
    assert seen.is_working_day(FLOOD.day) is True


def limits(session):
    """Every open deadline: (kind, due), and the limits of tasks and instances beside them."""
    clocks = session.scalars(
        select(Deadline).where(Deadline.stopped_at.is_(None)).execution_options(populate_existing=True)
    ).all()
    tasks = {row.id: row.due_at for row in session.scalars(select(WorkItem))}
    totals = {row.id: row.total_due_at for row in session.scalars(select(Instance))}
    for row in clocks:
        assert row.due_at == (tasks if row.kind == "tahap" else totals)[row.id]
    return {(str(row.instance_id), row.kind): row.due_at for row in clocks}


def local(day, hour=16):
    return datetime(2026, *day, hour - 8, tzinfo=UTC)


def test_what_was_shown_is_what_is_done(shop, session):
    first, second = shop.report(), shop.report()
    session.commit()
    before = limits(session)
    shown = calendar_work.preview(session, FLOOD, now=shop.clock())
    assert limits(session) == before, "a preview changes nothing"
    assert [(move.name, move.old, move.new) for move in shown.moves[:2]] == [
        ("Tugas verifikasi", local((3, 27)), local((3, 30))),
        ("", local((4, 14)), local((4, 15))),
    ]
    assert len(shown.moves) == 4
    done = change(shop, FLOOD, shown=shown)
    assert done == Applied(2, 4)
    session.expire_all()
    assert sorted(limits(session).values()) == sorted(move.new for move in shown.moves)
    for report_id in (first, second):
        told = session.scalars(
            select(Event).where(Event.stream_id == report_id, Event.type == "DeadlineMoved")
        ).one()
        assert told.data["sebab"] == "kalender"
        assert told.data["perubahan"] == "menambah penutupan 26 Maret 2026 (Banjir)"
        assert told.data["tugas"][0][1:] == [local((3, 27)).isoformat(), local((3, 30)).isoformat()]
        assert told.data["total"] == [local((4, 14)).isoformat(), local((4, 15)).isoformat()]
        check_chain(session, report_id)
    noted = session.scalars(select(Event).where(Event.type == "CalendarChanged")).one()
    assert (noted.data["batas_bergeser"], noted.actor_id) == (4, uuid.UUID(shop.who["admin"].person_id))


def test_a_moved_deadline_keeps_its_first_date_and_says_why_it_moved(shop, session):
    shop.report()
    change(shop, FLOOD)
    clock = session.scalars(
        select(Deadline).where(Deadline.kind == "tahap").execution_options(populate_existing=True)
    ).one()
    assert (clock.first_due_at, clock.due_at) == (local((3, 27)), local((3, 30)))
    assert ["2026-03-26", "Banjir"] in clock.arithmetic["dilewati"]
    assert clock.arithmetic["hari_kerja"] == 3
    move = clock.arithmetic["kalender"][0]
    assert (move["sebab"], move["menjadi"]) == (FLOOD.words(), local((3, 30)).isoformat())


def test_timers_follow_and_the_process_wakes_at_the_new_time(shop, session):
    shop.report()
    change(shop, FLOOD)
    wake = "SELECT next_wake FROM instances"
    assert shop.value(wake) == local((3, 30))
    shop.clock.set(local((3, 27), 17))
    assert shop.wake(shop.value("SELECT id FROM instances")) is None
    shop.clock.set(local((3, 30), 17))
    assert isinstance(shop.wake(shop.value("SELECT id FROM instances")), Pushed)
    assert ("tegur", "kepala_opd", None) in [(e, "kepala_opd", None) for e, _, _ in shop.open()]


def test_taking_the_closure_back_brings_the_first_dates_back(shop, session):
    shop.report()
    before = limits(session)
    change(shop, FLOOD)
    change(shop, RemoveClosure(FLOOD.day))
    session.expire_all()
    assert limits(session) == before
    assert shop.value("SELECT count(*) FROM days_off") == 0


def test_the_next_push_counts_with_the_new_calendar_at_once(shop, session):
    shop.report()
    city.calendar(session)
    change(shop, FLOOD)
    assert isinstance(shop.do("admin", "verifikasi", opd="DPU"), Pushed)
    assert shop.item("kerjakan").due_at == local((4, 1)), "five working days without the 26th"
    shop.report()
    assert shop.item("verifikasi").due_at == local((3, 30))


def test_what_has_passed_and_what_is_closed_never_moves(shop, session):
    shop.report()
    closed = shop.item("verifikasi").id
    shop.do("admin", "verifikasi", opd="DPU")
    late = shop.report()
    shop.clock.set(local((4, 2), 10))
    for (instance,) in session.execute(text("SELECT id FROM instances")).all():
        shop.wake(instance)
    session.commit()
    before = limits(session)
    shown = calendar_work.preview(session, AddClosure(date(2026, 3, 25), "Banjir"), now=shop.clock())
    assert {move.old > shop.clock() for move in shown.moves} == {True}
    assert isinstance(change(shop, AddClosure(date(2026, 3, 25), "Banjir"), shown=shown), Applied)
    session.expire_all()
    after = limits(session)
    assert {key: due for key, due in after.items() if before[key] <= shop.clock()} == {
        key: due for key, due in before.items() if due <= shop.clock()
    }
    assert session.get(Deadline, closed).due_at == local((3, 27))
    assert shop.item("verifikasi", late).due_at == local((3, 27))


def test_a_day_that_passed_or_runs_never_becomes_working_time(shop):
    change(shop, AddClosure(date(2026, 3, 17), "Gempa"))
    with pytest.raises(Invalid, match="sudah lewat atau sedang berjalan"):
        change(shop, RemoveClosure(date(2026, 3, 17)))
    with pytest.raises(Invalid, match="paling cepat besok"):
        change(shop, SetHours(date(2026, 3, 17), {0: ((time(7), time(16)),)}))
    with pytest.raises(Invalid, match="30 hari"):
        change(shop, AddClosure(date(2026, 1, 5), "Lupa"))
    with pytest.raises(Invalid, match="sudah tercatat"):
        change(shop, AddClosure(date(2026, 3, 17), "Gempa lagi"))


def test_a_report_pushed_in_between_makes_the_preview_stale(shop, session):
    shop.report()
    shown = calendar_work.preview(session, FLOOD, now=shop.clock())
    shop.do("admin", "verifikasi", opd="DPU")
    again = change(shop, FLOOD, shown=shown)
    assert isinstance(again, Preview)
    assert [move.name for move in again.moves] == ["Tugas kerjakan", ""]
    assert shop.value("SELECT count(*) FROM days_off") == 0
    assert isinstance(change(shop, FLOOD, shown=again), Applied)


def test_a_new_report_in_between_makes_the_preview_stale(shop, session):
    shop.report()
    shown = calendar_work.preview(session, FLOOD, now=shop.clock())
    shop.report()
    assert len(change(shop, FLOOD, shown=shown).moves) == 4


def test_of_two_admins_at_once_the_second_is_shown_anew(shop, session, database):
    shop.report()
    other = AddClosure(date(2026, 3, 25), "Pelantikan")
    session.commit()
    now, admin = shop.clock(), shop.who["admin"]
    one, two = (calendar_work.preview(session, each, now=now) for each in (FLOOD, other))
    session.commit()
    done = calendar_work.apply(session, FLOOD, fingerprint=one.fingerprint, actor=admin, now=now)
    assert isinstance(done, Applied)
    answer = beside(
        database,
        lambda second: calendar_work.apply(second, other, fingerprint=two.fingerprint, actor=admin, now=now),
    )
    wait_for_a_lock(database)
    session.commit()
    stale = answer()
    assert isinstance(stale, Preview)
    assert [move.old for move in stale.moves] == [local((3, 30)), local((4, 15))]
    assert [str(off.day) for off in read_calendar(session).rows.days_off] == ["2026-03-26"]


def test_a_report_that_begins_while_the_calendar_changes_counts_with_the_new_one(shop, session, database):
    now, admin = shop.clock(), shop.who["admin"]
    seen = calendar_work.preview(session, FLOOD, now=now)
    session.commit()
    calendar_work.apply(session, FLOOD, fingerprint=seen.fingerprint, actor=admin, now=now)

    def begin_another(other):
        twin = object.__new__(Workshop)
        twin.session, twin.clock, twin.who = other, shop.clock, shop.who
        return twin.report()

    answer = beside(database, begin_another)
    wait_for_a_lock(database)
    session.commit()
    assert isinstance(answer(), uuid.UUID)
    assert shop.item("verifikasi").due_at == local((3, 30))


def test_a_push_that_waited_counts_with_the_new_calendar(shop, session, database):
    shop.report()
    item = shop.item("verifikasi").id
    session.commit()
    now, admin = shop.clock(), shop.who["admin"]
    seen = calendar_work.preview(session, FLOOD, now=now)
    calendar_work.apply(session, FLOOD, fingerprint=seen.fingerprint, actor=admin, now=now)
    answer = beside(
        database, lambda other: task_work.complete(other, item, {"opd": "DPU"}, actor=admin, now=now)
    )
    wait_for_a_lock(database)
    session.commit()
    assert isinstance(answer(), Pushed)
    assert shop.item("kerjakan").due_at == local((4, 1))


def test_one_report_that_cannot_be_counted_stops_them_all(shop, session):
    shop.report()
    broken = shop.report()
    session.execute(
        text("UPDATE instances SET state = jsonb_set(state, '{sop}', '\"lain\"') WHERE report_id = :id"),
        {"id": broken},
    )
    session.commit()
    before = limits(session)
    number = shop.value("SELECT number FROM reports WHERE id = :id", id=broken)
    shown = calendar_work.preview(session, FLOOD, now=shop.clock())
    assert [one.number for one in shown.blocked] == [number]
    assert isinstance(change(shop, FLOOD, shown=shown), Preview)
    session.expire_all()
    assert limits(session) == before
    assert shop.value("SELECT count(*) FROM days_off") == 0
    assert shop.value("SELECT count(*) FROM events WHERE type = 'DeadlineMoved'") == 0


def test_an_open_incident_is_neither_solved_nor_lost(session, clock):
    stuck = diagram(
        begin("mulai")
        + task("telaah", "catatan:text", deadline="hari_kerja(5)")
        + boundary("lewat", "telaah", timer("hari_kerja(1)", "timeDate"), interrupting=False)
        + script("hitung", "hasil = 1 / nol")
        + end("dihitung", "cabang")
        + end("selesai")
        + flows("mulai telaah", "telaah selesai", "lewat hitung", "hitung dihitung"),
        {"admin_kominfo": ["telaah"]},
    )
    shop = Workshop(session, clock, stuck)
    shop.report()
    clock.set(local((3, 25), 17))
    assert isinstance(shop.wake(shop.value("SELECT id FROM instances")), Faulted)
    assert change(shop, AddClosure(date(2026, 3, 30), "Banjir")).moves == 1
    assert shop.value("SELECT next_wake FROM instances") == local((3, 25)), "to be tried again"
    assert shop.value("SELECT count(*) FROM incidents WHERE resolved_at IS NULL") == 1


def test_rows_do_not_change_without_the_deadlines(shop, session):
    for order in (
        "INSERT INTO days_off VALUES ('2026-03-26', 'penutupan', 'Diam-diam', 'ditetapkan', '', NULL, now())",
        "UPDATE working_hours SET hours = '{}'",
        "DELETE FROM special_hours",
    ):
        with pytest.raises(ProgrammingError, match="only together with the deadlines"):
            session.execute(text(order))
        session.rollback()


def test_ramadan_hours_and_new_weekly_hours_move_what_they_touch(shop, session):
    shop.report()
    ramadan = SpecialHours(
        str(uuid.uuid4()), "Ramadan", date(2026, 3, 27), date(2026, 4, 10),
        {weekday: ((time(8), time(15)),) for weekday in range(5)},
    )  # fmt: skip
    assert change(shop, AddSpecial(ramadan)).moves == 1, "the total ends after the season"
    assert shop.item("verifikasi").due_at == local((3, 27), 15)
    friday = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
    week = {**{weekday: ((time(7, 30), time(17)),) for weekday in range(4)}, 4: friday}
    assert change(shop, SetHours(date(2026, 3, 18), week)).moves == 1
    assert shop.value("SELECT due_at FROM deadlines WHERE kind = 'total'") == local((4, 14), 17)
    assert city.calendar_at(session, uuid.uuid4()).intervals(date(2026, 3, 16)) == ((time(8), time(16)),)
    with pytest.raises(Invalid, match="Bertumpang tindih"):
        change(shop, AddSpecial(ramadan))


def test_a_decree_replaces_the_years_estimate(shop, session):
    shop.clock.set(datetime(2026, 12, 22, 2, tzinfo=UTC))
    assert seed_calendar(session, now=shop.clock()) > 60
    session.commit()
    assert seed_calendar(session, now=shop.clock()) == 0
    stored = read_calendar(session).rows
    known = {(off.day.year, off.kind, off.status) for off in stored.days_off}
    assert (2026, "cuti_bersama", "ditetapkan") in known
    assert (2027, "libur_nasional", "perkiraan") in known
    shop.report()
    before = limits(session)
    same = [off for off in stored.days_off if off.day.year == 2027]
    decreed = tuple(DayOff(off.day, off.kind, off.name, "ditetapkan", "SKB 1/2026") for off in same)
    assert change(shop, ImportDecree(2027, decreed)).moves == 0
    session.expire_all()
    assert limits(session) == before
    leave = DayOff(date(2027, 1, 4), "cuti_bersama", "Cuti Bersama Baru", "ditetapkan", "SKB 2/2026")
    assert change(shop, ImportDecree(2027, (*decreed, leave))).moves == 1
    moved = shop.value("SELECT due_at FROM deadlines WHERE kind = 'total'")
    assert moved == datetime(2027, 1, 18, 8, tzinfo=UTC)


def test_seeding_moves_nothing(shop, session):
    shop.report()
    before = city.in_force(read_calendar(session).rows)
    seed_calendar(session, now=shop.clock())
    session.commit()
    after = city.in_force(read_calendar(session).rows)
    start = shop.clock()
    assert [before.add_working_days(start, n) for n in range(200)] == [
        after.add_working_days(start, n) for n in range(200)
    ]
