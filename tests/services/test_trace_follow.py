"""What is gathered of reports follows their trace: each event once, in whatever slices, by however many."""

import random
from datetime import date

import pytest
from sqlalchemy import select, text

from app.db.models import Instance
from app.db.models.traits import ReportTraits, StepTime, TracePath
from app.services import task_work, trace_follow
from tests.conftest import let_worker_work
from tests.services.racing import Beside
from tests.services.small_city import SHORT_SOP
from tests.services.trace_town import Town
from tests.services.workshop import Workshop, counted


def follow_all(session, **sizes):
    while trace_follow.follow(session, **sizes):
        session.commit()
    session.commit()


def followed(session):
    """Follow to the end, and then until everything is surely read."""
    for _ in range(3):
        follow_all(session)


def traits_of(session, report):
    return session.scalars(
        select(ReportTraits).where(ReportTraits.report_id == report).execution_options(populate_existing=True)
    ).one()


def times(session, **wanted):
    """place -> times, of the side that counts all."""
    rows = session.scalars(select(StepTime).filter_by(unit="", kelurahan="", **wanted))
    found = {}
    for row in rows:
        found[row.place] = found.get(row.place, 0) + row.times
    return found


@pytest.fixture
def short(session, clock):
    return Workshop(session, clock, SHORT_SOP)


def finish(shop):
    shop.do("admin", "verifikasi", opd="DPU")
    shop.do("operator", "kerjakan", uraian="Selesai ditambal.")
    shop.do("pelapor", "tanggapi", penilaian=5)


def test_a_report_is_followed_from_beginning_to_end(short, session, clock):
    report = short.report()
    followed(session)
    running = traits_of(session, report)
    version = session.scalars(select(Instance.sop_version_id)).one()
    assert (running.versions, running.persons, running.units) == ([version], [], [])
    assert running.path_id is None
    assert running.notes is not None

    clock.advance(hours=2)
    finish(short)
    followed(session)
    ended = traits_of(session, report)
    people = [short.who[name].person_id for name in ("admin", "operator")]
    assert [str(one) for one in ended.persons] == people
    assert ended.units == ["DPU"]
    assert ended.notes is None
    assert ended.seq == short.value("SELECT last_seq FROM streams WHERE id = :id", id=report)
    way = session.get(TracePath, ended.path_id)
    assert way.steps == ["verifikasi", "kerjakan", "tanggapi", "akhir:selesai"]
    assert way.reports == 1
    assert times(session, kind="langkah") == {"verifikasi": 1, "kerjakan": 1, "tanggapi": 1}
    assert times(session, kind="laporan") == {"": 1}
    months = session.scalars(text("SELECT DISTINCT month FROM step_times")).all()
    assert months == [date(2026, 3, 1)]
    sides = session.execute(
        text("SELECT DISTINCT unit, kelurahan FROM step_times WHERE kind = 'langkah' ORDER BY 1, 2")
    ).all()
    assert [tuple(one) for one in sides] == [("", ""), ("", "72.71.03.1001"), ("DPU", ""), ("KOMINFO", "")]


TABLES = {
    "trace_paths": "SELECT * FROM trace_paths ORDER BY id",
    "report_traits": "SELECT * FROM report_traits ORDER BY report_id",
    "step_times": "SELECT * FROM step_times ORDER BY version_id, unit, kelurahan, month, kind, place, bucket",
}


def gathered(session):
    session.commit()
    found = {name: [tuple(row) for row in session.execute(text(sql))] for name, sql in TABLES.items()}
    session.commit()
    return found


COUNTED = {
    "returned": (
        "SELECT w.report_id, count(*) FROM work_items w"
        " WHERE w.element NOT IN ('tegur', 'kabari') AND EXISTS (SELECT 1 FROM work_items b"
        "  WHERE b.instance_id = w.instance_id AND b.element = w.element AND b.outcome = 'completed'"
        "  AND b.scope IS NOT DISTINCT FROM w.scope AND b.closed_at <= w.opened_at AND b.id <> w.id)"
        " GROUP BY 1"
    ),
    "reopened": (
        "SELECT stream_id, count(*) FROM events WHERE data->'status'->>1 = 'dibuka_kembali' GROUP BY 1"
    ),
    "bounced": ("SELECT stream_id, count(*) FROM events WHERE data->'opd'->>0 <> data->'opd'->>1 GROUP BY 1"),
    "escalated": (
        "SELECT e.stream_id, count(*) FROM events e, json_array_elements(e.data->'timer') t"
        " WHERE t->>0 = 'lewat' GROUP BY 1"
    ),
}
"""Trait -> what the tables themselves say of it; only `lewat` of that SOP goes to somebody higher."""


def agree_with_the_tables(session):
    """What was counted from events is what the tables of tasks and instances say."""
    whole = {"unit": "", "kelurahan": ""}
    steps = session.execute(
        text(
            "SELECT w.element, count(*), count(*) FILTER (WHERE w.closed_at > w.due_at),"
            " count(*) FILTER (WHERE w.outcome = 'cancelled'),"
            " sum(round(extract(epoch FROM w.closed_at - w.opened_at)))"
            " FROM work_items w WHERE w.closed_at IS NOT NULL AND w.report_id IS NOT NULL GROUP BY 1"
        )
    ).all()
    counted = {}
    for row in session.scalars(select(StepTime).filter_by(kind="langkah", **whole)):
        sums = counted.setdefault(row.place.rpartition("/")[2], [0, 0, 0, 0])
        for place, more in enumerate((row.times, row.late, row.dropped, row.elapsed)):
            sums[place] += more
    assert {one[0]: [int(each) for each in one[1:]] for one in steps} == counted
    ended = session.scalar(text("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL"))
    assert sum(times(session, kind="laporan").values()) == ended
    assert session.scalar(text("SELECT coalesce(sum(reports), 0) FROM trace_paths")) == ended
    late = text(
        "SELECT DISTINCT i.report_id FROM instances i JOIN deadlines d ON d.instance_id = i.id"
        " WHERE d.stopped_at > d.due_at AND i.report_id IS NOT NULL AND (d.kind = 'tahap' OR i.main)"
    )
    found = session.scalars(select(ReportTraits.report_id).where(ReportTraits.late))
    assert set(found) == set(session.scalars(late))
    for name, sql in COUNTED.items():
        told = dict(
            session.execute(text(f"SELECT report_id, {name} FROM report_traits WHERE {name} > 0")).all()
        )
        assert told == dict(session.execute(text(sql)).all()), name
        assert told or name in ("reopened", "bounced"), f"nobody was ever {name}"
    session.commit()


@pytest.mark.parametrize("seed", range(3))
def test_followed_in_any_slices_it_comes_to_the_same_as_at_once(session, clock, seed):
    chance = random.Random(seed)
    town = Town(session, clock, chance)
    for _ in range(300):
        if town.running() < 3:
            town.report()
        town.something()
        if chance.random() < 0.5:
            trace_follow.follow(session, window=chance.randint(1, 9), reports=chance.randint(1, 3))
            session.commit()
    followed(session)
    by_and_by = gathered(session)
    reports = session.scalar(text("SELECT count(*) FROM reports"))
    session.execute(text("UPDATE report_traits SET returned = returned + 7, notes = NULL"))
    session.execute(text("UPDATE step_times SET times = times + 1"))
    assert set(trace_follow.differing(session)) == {"report_traits", "step_times"}
    assert sum(trace_follow.rebuild(session, reports=4)) == reports
    assert trace_follow.differing(session) == []
    at_once = gathered(session)
    for name in TABLES:
        assert by_and_by[name] == at_once[name], name
    agree_with_the_tables(session)


def test_two_at_once_count_nothing_twice(short, session, database, clock):
    for _ in range(3):
        short.report()
    first = Beside(database, trace_follow.follow, hold="INSERT INTO report_traits")
    second = Beside(database, trace_follow.follow)
    assert second.answer() is False, "it leaves the slice to whoever has it"
    assert first.answer() is False
    assert short.value("SELECT count(*) FROM report_traits") == 3
    session.commit()
    followed(session)
    assert trace_follow.differing(session) == []


def test_a_slice_that_dies_leaves_nothing_behind(short, session, database):
    report = short.report()
    followed(session)
    finish(short)

    def dies(session):
        assert trace_follow.follow(session) is False
        raise RuntimeError("killed before its end")

    assert isinstance(Beside(database, dies).answer(), RuntimeError)
    assert traits_of(session, report).path_id is None
    followed(session)
    assert times(session, kind="langkah") == {"verifikasi": 1, "kerjakan": 1, "tanggapi": 1}
    assert trace_follow.differing(session) == []


def test_what_is_written_late_under_an_early_number_is_not_missed(short, session, database, clock):
    """An event has its number before it is committed; meanwhile others with higher numbers are."""
    slow, quick = short.report(), short.report()
    followed(session)
    task = short.item("verifikasi", slow).id
    session.commit()

    def claimed(session):
        task_work.claim(session, task, actor=short.who["admin"], now=clock())
        session.flush()
        session.execute(text("SELECT 'about to end'"))

    late = Beside(database, claimed, hold="about to end")
    other = short.item("verifikasi", quick).id
    task_work.claim(session, other, actor=short.who["admin"], now=clock())
    session.commit()
    followed(session)
    upto = short.value("SELECT upto FROM trace_readers")
    assert traits_of(session, quick).seq == 3
    late.go()
    late.answer()
    numbers = text("SELECT seq FROM events WHERE type = 'TaskClaimed' ORDER BY seq")
    early, high = session.scalars(numbers).all()
    assert upto < early < high
    followed(session)
    assert traits_of(session, slow).seq == 3
    assert short.value("SELECT upto FROM trace_readers") == high


def test_what_readers_overlooked_is_caught(short, session):
    report = short.report()
    followed(session)
    short.do("admin", "verifikasi", opd="DPU")
    session.execute(text("UPDATE trace_readers SET upto = 1000000, seen = NULL, horizon = NULL"))
    followed(session)
    assert traits_of(session, report).units == []
    session.commit()
    assert trace_follow.catch_missed(session) == 1
    assert traits_of(session, report).units == ["DPU"]
    assert trace_follow.catch_missed(session) == 0


def test_following_costs_as_many_statements_for_many_reports_as_for_one(short, session, database):
    def cost():
        with counted(database.engine) as seen:
            trace_follow.follow(session)
            session.commit()
        return len(seen["statements"])

    short.report()
    followed(session)
    short.report()
    session.commit()
    one = cost()
    followed(session)
    for _ in range(9):
        short.report()
    session.commit()
    assert cost() == one <= 13
    followed(session)
    session.commit()
    assert cost() == 1, "nothing is new"
    with counted(database.engine) as seen:
        trace_follow.ask(session)
        session.commit()
    assert len(seen["statements"]) == 1
    assert short.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'follow_trace'") == 0


def test_the_worker_follows_by_itself(short, session, settings):
    report = short.report()
    finish(short)
    let_worker_work(settings)
    assert traits_of(session, report).path_id is not None
    short.report()
    let_worker_work(settings)
    assert short.value("SELECT count(*) FROM report_traits") == 2
