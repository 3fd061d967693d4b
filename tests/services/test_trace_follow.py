"""What is gathered of reports follows their trace: each event once, in whatever slices, by however many."""

import pytest
from sqlalchemy import select, text

from app.db.models import Instance
from app.db.models.traits import ReportTraits, StepTime, TracePath
from app.services import trace_follow
from tests.services.small_city import SHORT_SOP
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
    assert running.path_id is None and running.notes is not None

    clock.advance(hours=2)
    finish(short)
    followed(session)
    ended = traits_of(session, report)
    people = [short.who[name].person_id for name in ("admin", "operator")]
    assert [str(one) for one in ended.persons] == people
    assert ended.units == ["DPU"] and ended.notes is None
    assert ended.seq == short.value("SELECT last_seq FROM streams WHERE id = :id", id=report)
    way = session.get(TracePath, ended.path_id)
    assert way.steps == ["verifikasi", "kerjakan", "tanggapi", "akhir:selesai"] and way.reports == 1
    assert times(session, kind="langkah") == {"verifikasi": 1, "kerjakan": 1, "tanggapi": 1}
    assert times(session, kind="laporan") == {"": 1}
    sides = session.execute(
        text("SELECT DISTINCT unit, kelurahan FROM step_times WHERE kind = 'langkah' ORDER BY 1, 2")
    ).all()
    assert [tuple(one) for one in sides] == [("", ""), ("", "72.71.03.1001"), ("DPU", ""), ("KOMINFO", "")]
