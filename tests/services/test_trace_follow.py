"""What is gathered of reports follows their trace: each event once, in whatever slices, by however many."""

from datetime import date

import pytest
from sqlalchemy import select, text

from app.db.models import Instance, Role, Unit
from app.db.models.traits import ReportTraits, TracePath
from app.services import sop_migration_work, task_work, trace_follow
from app.services.outcome import Pushed
from tests.conftest import let_worker_work
from tests.engine.diagrams import begin, end, flows, gateway
from tests.services import test_sop_migration as migration
from tests.services.racing import Beside
from tests.services.small_city import SHORT_SOP
from tests.services.trace_town import followed, surely_read, times
from tests.services.workshop import Workshop, counted, diagram, task


def traits_of(session, report):
    return session.scalars(
        select(ReportTraits).where(ReportTraits.report_id == report).execution_options(populate_existing=True)
    ).one()


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


def looping(first, second, third=""):
    """`second` may go back to `first`."""
    last = third or "tuntas"
    names = [name for name in (first, second, third) if name]
    body = (
        begin("mulai")
        + "".join(task(name, "lagi:boolean") for name in names)
        + gateway("exclusive", "putus", default=f"putus_{last}")
        + end("tuntas")
        + flows(
            f"mulai {first}", f"{first} {second}", f"{second} putus", f"putus {first}: lagi == True",
            f"putus {last}", *([f"{third} tuntas"] if third else []),
        )
    )  # fmt: skip
    return diagram(body, {"admin_kominfo": names})


def test_a_moved_report_is_told_in_the_words_of_where_it_runs_and_counted_where_it_ran(session, clock):
    shop = Workshop(session, clock, looping("terima", "periksa"))
    session.add(Unit(code="BAPPEDA", name="Bappeda", short_name="BAPPEDA", kind="bappeda"))
    session.add(Unit(code="SETDA", name="Setda", short_name="SETDA", kind="setda"))
    session.flush()
    session.add_all([Role(code="bappeda", name="Bappeda", home_unit="BAPPEDA"),
                     Role(code="sekda", name="Sekda", home_unit="SETDA")])  # fmt: skip
    session.flush()
    shop.hire("perencana", ("bappeda", "BAPPEDA"))
    shop.hire("sekda", ("sekda", "SETDA"))
    report, back = shop.report(), shop.report()
    for one in (report, back):
        complete(shop, one, "terima", lagi=False)
    followed(session)
    shop.publish(looping("terima", "telaah", "tutup"), "pengaduan")
    move = migration.plan(shop, mapping={"periksa": "telaah"})
    migration.go(shop, move)
    assert migration.carry(shop, move) == 2
    followed(session)
    instance = shop.value("SELECT id FROM instances WHERE report_id = :id", id=back)
    sop_migration_work.undo_one(
        session, "pengaduan", move, instance, actor=shop.who["sekda"], now=shop.clock()
    )
    session.commit()
    complete(shop, back, "periksa", lagi=False)
    complete(shop, report, "telaah", lagi=True)
    complete(shop, report, "terima", lagi=False)
    followed(session)
    complete(shop, report, "telaah", lagi=False)
    complete(shop, report, "tutup", lagi=False)
    followed(session)

    ran = text("SELECT id FROM sop_versions WHERE key = 'pengaduan' ORDER BY version")
    first, second = session.scalars(ran)
    moved, returned = traits_of(session, report), traits_of(session, back)
    assert (moved.versions, moved.migrated, moved.returned) == ([first, second], 1, 2)
    assert (returned.versions, returned.migrated, returned.returned) == ([first, second], 1, 0)
    assert session.get(TracePath, moved.path_id).steps == ["terima", "telaah", "tutup", "akhir:selesai"]
    assert session.get(TracePath, returned.path_id).steps == ["terima", "periksa", "akhir:selesai"]
    assert times(session, kind="langkah", version_id=first) == {"terima": 2, "periksa": 1}
    assert times(session, kind="langkah", version_id=second) == {"telaah": 2, "terima": 1, "tutup": 1}
    flows_taken = times(session, kind="alur", version_id=second)
    assert flows_taken["putus_terima"] == flows_taken["putus_tutup"] == 1
    assert trace_follow.differing(session) == []


def complete(shop, report, element, **answers):
    item = shop.item(element, report)
    done = task_work.complete(shop.session, item.id, answers, actor=shop.who["admin"], now=shop.clock())
    shop.session.commit()
    assert isinstance(done, Pushed), done


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
    assert surely_read(session)


def test_checking_is_not_led_astray_by_what_is_written_meanwhile(short, session, database):
    report = short.report()
    short.report()
    followed(session)
    item = short.item("verifikasi", report).id
    session.commit()
    checking = Beside(database, trace_follow.differing, hold="DELETE FROM step_times")
    done = task_work.complete(session, item, {"opd": "DPU"}, actor=short.who["admin"], now=short.clock())
    session.commit()
    assert isinstance(done, Pushed)
    short.report()
    assert checking.answer() == []
    followed(session)
    assert traits_of(session, report).units == ["DPU"]


def test_what_readers_overlooked_is_caught(short, session):
    report = short.report()
    followed(session)
    short.do("admin", "verifikasi", opd="DPU")
    session.execute(text("UPDATE trace_readers SET upto = 1000000, seen = NULL, horizon = NULL"))
    followed(session)
    assert traits_of(session, report).units == []
    session.commit()
    assert trace_follow.catch_missed(session) == report
    assert traits_of(session, report).units == ["DPU"]
    assert trace_follow.catch_missed(session) is None


def test_a_report_whose_trace_was_spoiled_holds_up_nobody_else(short, session, clock, owner):
    spoiled, cut, sound = short.report(), short.report(), short.report()
    task_work.claim(session, short.item("verifikasi", spoiled).id, actor=short.who["admin"], now=clock())
    session.commit()
    wrong = "UPDATE events SET data = CAST(:data AS json) WHERE stream_id = :id AND type = 'TaskClaimed'"
    owner.execute(text(wrong), {"id": spoiled, "data": '{"dibuka": 7}'})
    owner.execute(text("DELETE FROM events WHERE stream_id = :id AND stream_seq = 2"), {"id": cut})
    owner.commit()
    followed(session)
    assert set(session.scalars(select(ReportTraits.report_id))) == {cut, sound}
    assert surely_read(session), "the reader goes on"
    session.commit()
    last = trace_follow.catch_missed(session)
    assert last == max(spoiled, cut), "both are looked at"
    assert trace_follow.catch_missed(session, last) is None, "the sweep comes to its end"
    assert sum(trace_follow.rebuild(session)) == 2


def test_a_city_restored_into_another_server_is_followed_on(short, session):
    """There transactions are numbered anew."""
    short.report()
    session.execute(text("UPDATE trace_readers SET seen = 1, horizon = 4000000000000"))
    session.commit()
    followed(session)
    assert surely_read(session)


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
