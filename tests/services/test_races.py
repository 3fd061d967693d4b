"""Two at once: nobody's change is lost, and nobody waits for ever."""

import threading

from sqlalchemy import select, text

from app.db.models import Event, Incident, Report
from app.db.session import make_sessions
from app.domain.actor import WORKER
from app.services import incident_work, process, task_work
from app.services.outcome import Faulted, Pushed
from tests.engine.diagrams import begin, boundary, end, flows, gateway, script, timer
from tests.services.racing import wait_for_a_lock
from tests.services.workshop import Workshop, diagram, task

TWO_BRANCHES = diagram(
    begin("mulai")
    + gateway("parallel", "pecah", "temu")
    + task("telaah", "catatan:text")
    + task("garap", "catatan:text", status="diproses")
    + task("ukur", "catatan:text")
    + end("selesai")
    + flows(
        "mulai pecah", "pecah telaah", "pecah ukur", "telaah garap", "garap temu", "ukur temu", "temu selesai"
    ),
    {"admin_kominfo": ["telaah", "ukur"], "operator_opd": ["garap"]},
)  # fmt: skip

STUCK = diagram(
    begin("mulai")
    + task("telaah", "catatan:text")
    + boundary("lewat", "telaah", timer("hari_kerja(1)", "timeDate"), interrupting=False)
    + script("hitung", "hasil = 1 / nol")
    + end("dihitung", "cabang")
    + end("selesai")
    + flows("mulai telaah", "telaah selesai", "lewat hitung", "hitung dihitung"),
    {"admin_kominfo": ["telaah"]},
)


def beside(database, work):
    """Start `work(session)` in a thread with its own session, committed at its end; returns how to wait."""
    told = {}

    def run():
        try:
            with make_sessions(database.engine).begin() as session:
                told["answer"] = work(session)
        except Exception as failure:
            told["answer"] = failure

    thread = threading.Thread(target=run)
    thread.start()

    def answer():
        thread.join(30)
        assert not thread.is_alive()
        return told["answer"]

    return answer


def test_what_a_push_made_of_the_report_stays_when_another_waited_for_it(session, clock, database):
    shop = Workshop(session, clock, TWO_BRANCHES)
    report_id = shop.report()
    first, second = shop.item("telaah").id, shop.item("ukur").id
    session.commit()
    admin, now = shop.who["admin"], clock()
    assert isinstance(task_work.complete(session, first, {}, actor=admin, now=now), Pushed)
    answer = beside(database, lambda other: task_work.complete(other, second, {}, actor=admin, now=now))
    wait_for_a_lock(database)
    session.commit()
    assert isinstance(answer(), Pushed)
    assert session.get(Report, report_id, populate_existing=True).status == "diproses"
    told = session.scalars(select(Event).where(Event.type == "TaskCompleted").order_by(Event.seq)).all()
    assert ["status" in event.data for event in told] == [True, False]


def test_trying_again_and_a_timer_at_once_do_not_wait_in_a_ring(session, clock, database):
    shop = Workshop(session, clock, STUCK)
    shop.report()
    instance_id = shop.value("SELECT id FROM instances")
    clock.advance(days=30)
    assert isinstance(shop.wake(instance_id), Faulted)
    incident = session.scalars(select(Incident.id)).one()
    session.commit()
    now, admin = clock(), shop.who["admin"]
    with make_sessions(database.engine)() as ahead:
        # Somebody pushes the instance; meanwhile the admin tries again; then the push fails as well.
        ahead.execute(
            text("SELECT 1 FROM instances WHERE id = :id FOR UPDATE"),
            {"id": instance_id},
        )
        answer = beside(
            database, lambda other: incident_work.try_again(other, incident, actor=admin, now=now)
        )
        wait_for_a_lock(database)
        assert isinstance(process.wake(ahead, instance_id, actor=WORKER, now=now), Faulted)
        ahead.commit()
    assert isinstance(answer(), Faulted)
    assert shop.value("SELECT count(*) FROM incidents WHERE resolved_at IS NULL") == 1
