"""Running reports go over to another version: planned by one, set going by another, one transaction each."""

import json

import pytest
from sqlalchemy import select, text

from app.db.models import Deadline, Draft, Event, Instance, Role, SopMove, SopMoveReport, Unit, WorkItem
from app.db.queries import moves as queries
from app.db.session import make_sessions
from app.domain.errors import Conflict, Invalid, NotFound
from app.services import (
    invariants,
    sop_migration,
    sop_migration_upkeep,
    sop_migration_work,
    task_work,
)
from app.services.history import history
from app.services.outcome import Pushed
from app.services.task_page import task_view
from app.services.way import drawn_way
from tests.engine.diagrams import begin, boundary, end, flows, timer
from tests.services.test_process import check_chain
from tests.services.workshop import Workshop, counted, diagram, task

REASON = "Perwal baru menambah isian hasil survei."


def sop(*fields, deadline="hari_kerja(3)", survey=False, role="admin_kominfo", name="verifikasi",
        remind=True):
    """Verification with a reminder, a survey if wished, then work by the agency."""
    steps = [name, *(["survei"] if survey else []), "kerja"]
    links = [f"{a} {b}" for a, b in zip(["mulai", *steps], [*steps, "selesai"], strict=True)]
    body = begin("mulai") + task(name, "catatan:text", *fields, deadline=deadline)
    if survey:
        body += task("survei", "hasil:text")
    body += task("kerja", "uraian:text") + end("selesai")
    if remind:
        body += boundary("ingat", name, timer("tenggat(50)", "timeDate"), interrupting=False)
        body += end("diingatkan", "cabang") + flows("ingat diingatkan")
    first = {role: [name, *(["survei"] if survey else [])]}
    return diagram(body + flows(*links), {**first, "operator_opd": ["kerja"]}, total="hari_kerja(20)")


@pytest.fixture
def shop(session, clock, database):
    shop = Workshop(session, clock, sop())
    session.add_all([Unit(code="SETDA", name="Setda", short_name="SETDA", kind="setda"),
                     Unit(code="BAPPEDA", name="Bappeda", short_name="BAPPEDA", kind="bappeda")])
    session.flush()
    session.add_all([Role(code="bappeda", name="Bappeda", home_unit="BAPPEDA"),
                     Role(code="sekda", name="Sekda", home_unit="SETDA")])
    session.flush()
    shop.hire("perencana", ("bappeda", "BAPPEDA"))
    shop.hire("sekda", ("sekda", "SETDA"))
    yield shop
    session.rollback()
    with make_sessions(database.engine)() as fresh:
        assert list(invariants.offences(fresh, now=clock())) == []


def plan(shop, *, mapping=None, accepted=(), start=1, target=2):
    """A tried plan."""
    move = sop_migration.plan_move(shop.session, "pengaduan", start, target, actor=shop.who["perencana"],
                                   now=shop.clock())
    shop.session.commit()
    tried(shop, move)
    if mapping or accepted:
        sop_migration.decide(shop.session, "pengaduan", move, mapping or {}, accepted,
                             actor=shop.who["perencana"], now=shop.clock())
        shop.session.commit()
        tried(shop, move)
    return move


def tried(shop, move):
    while sop_migration.test_slice(shop.session, move, round_of(shop, move), now=shop.clock()):
        shop.session.commit()
    shop.session.commit()


def round_of(shop, move):
    return shop.value("SELECT round FROM sop_moves WHERE id = :id", id=move)


def rows(shop, move):
    found = select(SopMoveReport).where(SopMoveReport.move_id == move)
    return shop.session.scalars(found.execution_options(populate_existing=True)).all()


def chosen(shop, move):
    return [row.instance_id for row in rows(shop, move) if row.movable]


def go(shop, move, ids=None, *, by="sekda"):
    count = sop_migration.set_going(shop.session, "pengaduan", move, ids or chosen(shop, move), REASON,
                                    actor=shop.who[by], now=shop.clock())
    shop.session.commit()
    return count


def carry(shop, move, most=1000):
    done = 0
    while done < most and sop_migration_work.carry_next(shop.session, move, now=shop.clock()):
        shop.session.commit()
        done += 1
    shop.session.commit()
    return done


def versions(shop):
    """How many reports run on each version."""
    shop.session.commit()
    return dict(shop.session.execute(text(
        "SELECT v.version, count(*) FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id"
        " WHERE i.ended_at IS NULL GROUP BY 1")).all())


def clocks(session):
    """Every clock, without its arithmetic."""
    clock = Deadline
    return session.execute(select(
        clock.id, clock.kind, clock.rule, clock.started_at, clock.due_at, clock.first_due_at, clock.stopped_at
    ).order_by(clock.id)).all()


def test_a_changed_diagram_changes_no_report_that_runs(shop, session):
    for _ in range(50):
        shop.report()
    before = session.execute(select(Instance.id, Instance.state, Instance.revision, Instance.next_wake,
                                    Instance.sop_version_id).order_by(Instance.id)).all()
    due = clocks(session)
    shop.publish(sop("tambahan:integer", deadline="hari_kerja(1)", survey=True), "pengaduan")
    session.commit()
    after = session.execute(select(Instance.id, Instance.state, Instance.revision, Instance.next_wake,
                                   Instance.sop_version_id).order_by(Instance.id)).all()
    assert after == before
    assert clocks(session) == due
    late = shop.report()
    assert versions(shop) == {1: 50, 2: 1}
    shop.clock.advance(days=2)
    for instance in [one.id for one in before]:
        shop.wake(instance)
    assert versions(shop) == {1: 50, 2: 1}
    newer = select(Instance.report_id).where(Instance.sop_version_id != before[0].sop_version_id)
    assert session.scalars(newer).all() == [late]


def test_five_reports_move_and_the_operator_is_asked_the_new_field(shop, session):
    reports = [shop.report() for _ in range(7)]
    item = shop.item("verifikasi", reports[0])
    task_work.save_draft(session, item.id, {"catatan": "Sudah ditelepon"}, actor=shop.who["admin"],
                         now=shop.clock())
    task_work.claim(session, item.id, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    due = clocks(session)
    shop.publish(sop("tambahan:integer,required=true", deadline="hari_kerja(1)", survey=True), "pengaduan")
    shop.clock.advance(hours=1)
    move = plan(shop)
    assert {row.verdict for row in rows(shop, move)} == {"dapat"}
    wanted = [one for one in chosen(shop, move) if one == item.instance_id]
    wanted += [one for one in chosen(shop, move) if one != item.instance_id][:4]
    assert go(shop, move, wanted) == 5
    assert carry(shop, move) == 5
    assert versions(shop) == {1: 2, 2: 5}
    assert clocks(session) == due
    kept = session.get(WorkItem, item.id, populate_existing=True)
    assert (kept.claimed_by, kept.opened_at, kept.due_at) == (item.claimed_by, item.opened_at, item.due_at)
    assert session.scalars(select(Draft.answers)).one() == {"catatan": "Sudah ditelepon"}
    by, now = shop.who["admin"], shop.clock()
    refused = task_work.complete(session, item.id, {"catatan": "x"}, actor=by, now=now)
    assert set(refused.faults) == {"tambahan"}
    session.rollback()
    done = task_work.complete(session, item.id, {"catatan": "x", "tambahan": 3}, actor=by, now=now)
    assert isinstance(done, Pushed)
    session.commit()
    assert shop.item("survei", reports[0]).name == "Tugas survei"
    state = session.get(SopMove, move, populate_existing=True)
    assert (state.state, state.ended_at) == ("selesai", shop.clock())


def test_the_story_tells_of_the_move_to_officers_and_in_plain_words_to_the_reporter(shop, session):
    report = shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    carry(shop, move)
    event = session.scalars(select(Event).where(Event.type == "SopMoved")).one()
    assert (event.data["versi"], event.role_code, str(event.actor_id)) == (
        [1, 2], "sekda", shop.who["sekda"].person_id)
    assert REASON not in json.dumps(event.data)
    told = {audience: [line for line in history(session, report, audience=audience, labels={})
                       if line.kind == "SopMoved"] for audience in ("petugas", "pelapor", "publik")}
    assert [line.title for line in told["petugas"]] == ["Laporan dipindahkan ke SOP versi 2"]
    assert REASON in told["petugas"][0].text
    for audience in ("pelapor", "publik"):
        assert [line.title for line in told[audience]] == [
            "Cara kota menangani laporan ini diperbarui. Batas waktunya tetap."]
        assert told[audience][0].who == ""
    check_chain(session, report)
    drawn_way(session, report)


def test_a_report_that_went_on_is_judged_as_it_stands_then(shop, session):
    report = shop.report()
    shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    ids = chosen(shop, move)
    done = shop.item("verifikasi", report)
    task_work.complete(session, done.id, {"catatan": "x"}, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    assert go(shop, move, ids) == 2
    assert carry(shop, move) == 2
    assert versions(shop) == {2: 2}
    assert [row[0] for row in shop.open()] == ["kerja", "verifikasi"]


def test_done_again_it_does_nothing(shop, session):
    shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    assert carry(shop, move) == 1
    before = session.scalars(select(Event.seq)).all()
    assert carry(shop, move) == 0
    with pytest.raises(Invalid, match="sedikitnya satu"):
        go(shop, move)
    session.rollback()
    assert session.scalars(select(Event.seq)).all() == before


def test_stopped_in_the_middle_the_rest_stays_and_can_go_on_later(shop, session):
    for _ in range(4):
        shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    assert carry(shop, move, most=2) == 2
    sop_migration.stop(session, "pengaduan", move, actor=shop.who["sekda"], now=shop.clock())
    session.commit()
    assert carry(shop, move) == 0
    assert versions(shop) == {1: 2, 2: 2}
    assert session.get(SopMove, move, populate_existing=True).state == "dihentikan"
    assert go(shop, move) == 2
    assert carry(shop, move) == 2
    assert versions(shop) == {2: 4}


def test_what_was_moved_is_taken_back_where_nothing_happened_since(shop, session):
    reports = [shop.report() for _ in range(3)]
    before = {row.id: (row.state, row.next_wake, row.sop_version_id)
              for row in session.scalars(select(Instance))}
    items = session.execute(select(WorkItem.id, WorkItem.element, WorkItem.name, WorkItem.role_code,
                                   WorkItem.unit_code).order_by(WorkItem.id)).all()
    due = clocks(session)
    shop.publish(sop(name="telaah", survey=True), "pengaduan")
    move = plan(shop, mapping={"verifikasi": "telaah"})
    go(shop, move)
    carry(shop, move)
    assert {row[0] for row in shop.open()} == {"telaah"}
    story = history(session, reports[0], audience="petugas", labels={})
    assert "Tugas verifikasi → Tugas telaah" in next(line.text for line in story if line.kind == "SopMoved")
    went_on = shop.item("telaah", reports[0])
    task_work.complete(session, went_on.id, {"catatan": "x"}, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    one = shop.item("telaah", reports[1]).instance_id
    sop_migration_work.undo_one(session, "pengaduan", move, one, actor=shop.who["sekda"], now=shop.clock())
    session.commit()
    assert versions(shop) == {1: 1, 2: 2}
    with pytest.raises(Conflict):
        sop_migration_work.undo_one(session, "pengaduan", move, one, actor=shop.who["sekda"],
                                    now=shop.clock())
    session.rollback()
    sop_migration.undo_all(session, "pengaduan", move, actor=shop.who["sekda"], now=shop.clock())
    session.commit()
    while sop_migration_work.undo_next(session, move, now=shop.clock()):
        session.commit()
    session.commit()
    assert versions(shop) == {1: 2, 2: 1}
    for row in session.scalars(select(Instance).execution_options(populate_existing=True)):
        if row.id != went_on.instance_id:
            assert (row.state, row.next_wake, row.sop_version_id) == before[row.id]
    left = session.execute(select(WorkItem.id, WorkItem.element, WorkItem.name, WorkItem.role_code,
                                  WorkItem.unit_code).where(WorkItem.closed_at.is_(None),
                                                            WorkItem.element == "verifikasi")).all()
    assert set(left) <= set(items)
    assert len(left) == 2
    still = [row for row in clocks(session) if row in due]
    assert len(still) == 5
    assert session.get(SopMove, move, populate_existing=True).state == "dikembalikan"
    for report in reports:
        check_chain(session, report)
        drawn_way(session, report)
    assert next(row.note for row in rows(shop, move) if row.instance_id == went_on.instance_id).startswith(
        "Laporan ini sudah berjalan lagi")


def test_another_role_sends_the_task_to_another_inbox_only_when_agreed(shop, session):
    report = shop.report()
    item = shop.item("verifikasi", report)
    task_work.claim(session, item.id, actor=shop.who["admin"], now=shop.clock())
    shop.publish(sop(role="verifikator"), "pengaduan")
    move = plan(shop)
    (row,) = rows(shop, move)
    assert (row.verdict, row.movable, [one["kind"] for one in row.matters]) == ("keputusan", False, ["peran"])
    sop_migration.decide(session, "pengaduan", move, {}, ["peran:verifikasi"], actor=shop.who["perencana"],
                         now=shop.clock())
    session.commit()
    tried(shop, move)
    go(shop, move)
    carry(shop, move)
    assert shop.open() == [("verifikasi", "verifikator", "KOMINFO")]
    assert session.get(WorkItem, item.id, populate_existing=True).claimed_by is None
    told = "SELECT args->>'work_item_id' FROM procrastinate_jobs WHERE task_name = 'notify_new_task'"
    assert str(item.id) in session.scalars(text(told)).all()
    task_work.claim(session, item.id, actor=shop.who["pemeriksa"], now=shop.clock())
    sop_migration_work.undo_one(session, "pengaduan", move, item.instance_id, actor=shop.who["sekda"],
                                now=shop.clock())
    session.commit()
    assert shop.open() == [("verifikasi", "admin_kominfo", "KOMINFO")]
    assert session.get(WorkItem, item.id, populate_existing=True).claimed_by is None


def test_a_draft_that_the_new_form_would_lose_is_a_decision(shop, session):
    report = shop.report()
    item = shop.item("verifikasi", report)
    task_work.save_draft(session, item.id, {"catatan": "Sudah ditelepon"}, actor=shop.who["admin"],
                         now=shop.clock())
    session.commit()
    shop.report()
    changed = sop().replace('id="catatan"', 'id="keterangan"')
    shop.publish(changed, "pengaduan")
    move = plan(shop)
    verdicts = {row.instance_id: (row.verdict, [one["kind"] for one in row.matters])
                for row in rows(shop, move)}
    assert verdicts.pop(item.instance_id) == ("keputusan", ["formulir"])
    assert [verdict for verdict, _ in verdicts.values()] == ["dapat"]


def test_a_report_the_change_does_not_touch_any_more_stays(shop, session):
    report = shop.report()
    shop.do("admin", "verifikasi", catatan="x")
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    (row,) = rows(shop, move)
    assert (row.verdict, row.movable, row.chosen) == ("tetap", True, False)
    assert report


def test_a_timer_that_falls_due_before_the_move_rings_first_and_once(shop, session):
    shop.report()
    due = shop.value("SELECT next_wake FROM instances")
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    shop.clock.set(due)
    carry(shop, move)
    fired = session.scalars(select(Event).where(Event.type == "TimersFired")).all()
    assert len(fired) == 1
    assert versions(shop) == {2: 1}
    assert shop.value("SELECT next_wake FROM instances") is None


def test_who_planned_does_not_carry_out_and_who_lost_the_right_does_not_go_on(shop, session):
    shop.report()
    shop.report()
    shop.hire("serba", ("bappeda", "BAPPEDA"), ("sekda", "SETDA"))
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    session.execute(text("UPDATE sop_moves SET planned_by = :p"), {"p": shop.who["serba"].person_id})
    with pytest.raises(Conflict, match="pejabat lain"):
        go(shop, move, by="serba")
    session.rollback()
    go(shop, move)
    assert carry(shop, move, most=1) == 1
    session.execute(text("DELETE FROM grants WHERE person_id = CAST(:p AS uuid)"),
                    {"p": shop.who["sekda"].person_id})
    session.commit()
    assert carry(shop, move) == 0
    stopped = session.get(SopMove, move, populate_existing=True)
    assert (stopped.state, versions(shop)) == ("dihentikan", {1: 1, 2: 1})
    assert "berwenang" in stopped.fault


@pytest.mark.parametrize(("start", "target", "error"), [
    (2, 1, Invalid), (1, 1, Invalid), (1, 9, NotFound), (2, 3, Conflict)])
def test_a_plan_that_makes_no_sense_is_refused(shop, session, start, target, error):
    shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    shop.publish(sop(survey=True, remind=False), "pengaduan")
    with pytest.raises(error):
        sop_migration.plan_move(session, "pengaduan", start, target, actor=shop.who["perencana"],
                                now=shop.clock())


def test_a_move_costs_few_statements(shop, session, database):
    for _ in range(3):
        shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    carry(shop, move, most=1)
    session.commit()
    with counted(database.engine) as seen:
        carry(shop, move, most=1)
    assert len(seen["statements"]) <= 10, seen["statements"]
    assert queries.counts_in(session, move).moved == 2


def test_a_report_that_trips_the_program_holds_up_no_other(shop, session):
    reports = [shop.report() for _ in range(3)]
    shop.publish(sop(survey=True), "pengaduan")
    broken = shop.item("verifikasi", reports[1]).instance_id
    state = session.get(Instance, broken).state
    session.execute(text("UPDATE instances SET state = state || '{\"rows\": [[[]]]}' WHERE id = :id"),
                    {"id": broken})
    session.commit()
    move = plan(shop)
    verdicts = {row.instance_id: (row.verdict, row.movable) for row in rows(shop, move)}
    assert verdicts.pop(broken) == ("keputusan", False)
    assert set(verdicts.values()) == {("dapat", True)}
    go(shop, move)
    assert carry(shop, move) == 2
    session.execute(text("UPDATE instances SET state = CAST(:s AS jsonb) WHERE id = :id"),
                    {"id": broken, "s": json.dumps(state)})
    session.commit()


def test_what_cannot_be_undone_any_more_is_forgotten(shop, session):
    reports = [shop.report() for _ in range(2)]
    shop.publish(sop(survey=True), "pengaduan")
    move = plan(shop)
    go(shop, move)
    carry(shop, move)
    item = shop.item("verifikasi", reports[0])
    task_work.complete(session, item.id, {"catatan": "x"}, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    assert sop_migration_upkeep.forget(session, now=shop.clock()) == 1
    session.commit()
    kept = {row.instance_id: bool(row.before) for row in rows(shop, move)}
    assert kept.pop(item.instance_id) is False
    assert list(kept.values()) == [True]
    sop_migration_work.undo_one(session, "pengaduan", move, next(iter(kept)), actor=shop.who["sekda"],
                                now=shop.clock())
    session.commit()


def test_a_trial_that_came_to_nothing_is_begun_again(shop, session):
    shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = sop_migration.plan_move(session, "pengaduan", 1, 2, actor=shop.who["perencana"], now=shop.clock())
    session.commit()
    stale = round_of(shop, move)
    sop_migration.try_again(session, "pengaduan", move)
    session.commit()
    assert sop_migration.test_slice(session, move, stale, now=shop.clock()) is False
    session.commit()
    assert rows(shop, move) == []
    tried(shop, move)
    assert [row.verdict for row in rows(shop, move)] == ["dapat"]


def test_a_task_done_under_a_version_that_called_it_otherwise_can_still_be_looked_at(shop, session):
    report = shop.report()
    done = shop.item("verifikasi", report)
    task_work.complete(session, done.id, {"catatan": "Sudah ditelepon"}, actor=shop.who["admin"],
                       now=shop.clock())
    session.commit()
    shop.publish(sop(name="telaah").replace("Tugas kerja", "Kerja baru"), "pengaduan")
    move = plan(shop)
    go(shop, move)
    assert carry(shop, move) == 1
    view = task_view(session, done.id, actor=shop.who["admin"], now=shop.clock())
    assert view.task.name == "Tugas verifikasi"
    assert shop.item("kerja", report).name == "Kerja baru"
    told = history(session, report, audience="petugas", labels={})
    (line,) = [one for one in told if one.kind == "TaskCompleted"]
    assert (line.title, [answer.text for answer in line.answers]) == ("Tugas verifikasi", ["Sudah ditelepon"])


def test_a_lost_job_is_asked_for_again_and_no_other(shop, session):
    shop.report()
    shop.publish(sop(survey=True), "pengaduan")
    move = sop_migration.plan_move(session, "pengaduan", 1, 2, actor=shop.who["perencana"], now=shop.clock())
    session.commit()
    assert sop_migration_upkeep.ask_again(session) == 0
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'test_move'"))
    assert sop_migration_upkeep.ask_again(session) == 1
    session.commit()
    tried(shop, move)
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'test_move'"))
    assert sop_migration_upkeep.ask_again(session) == 0
    go(shop, move)
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'carry_move'"))
    assert sop_migration_upkeep.ask_again(session) == 1
    assert carry(shop, move) == 1
