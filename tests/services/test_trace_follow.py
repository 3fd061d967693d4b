"""What is gathered of reports follows their trace: each event once, in whatever slices, by however many."""

import random

import pytest
from sqlalchemy import select, text

from app.db.models import Instance
from app.db.models.traits import ReportTraits, StepTime, TracePath
from app.services import trace_follow
from tests.services.small_city import SHORT_SOP
from tests.services.trace_town import Town
from tests.services.workshop import Workshop


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
        select(ReportTraits)
        .where(ReportTraits.report_id == report)
        .execution_options(populate_existing=True)
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
        "SELECT w.report_id, count(*) FROM work_items w WHERE w.element NOT IN ('tegur', 'kabari')"
        " AND EXISTS (SELECT 1 FROM work_items b WHERE b.instance_id = w.instance_id AND b.element = w.element"
        "  AND b.scope IS NOT DISTINCT FROM w.scope AND b.outcome = 'completed'"
        "  AND b.closed_at <= w.opened_at AND b.id <> w.id) GROUP BY 1"
    ),
    "reopened": (
        "SELECT stream_id, count(*) FROM events WHERE data->'status'->>1 = 'dibuka_kembali' GROUP BY 1"
    ),
    "bounced": (
        "SELECT stream_id, count(*) FROM events WHERE data->'opd'->>0 <> data->'opd'->>1 GROUP BY 1"
    ),
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
    trace_follow.begin_anew(session)
    followed(session)
    at_once = gathered(session)
    for name in TABLES:
        assert by_and_by[name] == at_once[name], name
    agree_with_the_tables(session)
