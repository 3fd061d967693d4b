"""A flow's time is that of the step before it, whenever the trace tells of the flow."""

import pytest
from sqlalchemy import select

from app.db.models import Instance
from app.db.models.traits import StepTime
from app.services import process, task_work, trace_follow
from tests.engine.diagrams import begin, boundary, end, flows, gateway, loop, script, sub, timer
from tests.services.racing import MESSAGES, caught, heard
from tests.services.trace_town import followed, many
from tests.services.workshop import WORKER, Workshop, diagram, task, tell

HOUR = 3_600
INSIDE = (
    begin("masuk")
    + task("periksa", "catatan:text")
    + boundary("ingat", "periksa", timer("'PT3H'"), interrupting=False)
    + tell("tegur", "admin_kominfo", "teguran")
    + end("ditegur", "cabang")
    + gateway("exclusive", "lewat")
    + caught("jeda", timer("'PT2H'"))
    + task("kerja", "catatan:text")
    + boundary("habis", "kerja", timer("'PT10H'"))
    + script("bagi", "daftar = [1, 2]")
    + many(task("nilai", "catatan:text"), loop("daftar", "bagian"))
    + end("rampung")
    + flows(
        "masuk periksa", "ingat tegur", "tegur ditegur", "periksa lewat", "lewat jeda", "jeda kerja",
        "kerja bagi", "habis bagi", "bagi nilai", "nilai rampung",
    )
)  # fmt: skip
SOP = diagram(
    begin("mulai")
    + sub("isi", INSIDE)
    + boundary("ditarik", "isi", heard("m_tarik"))
    + end("batal", "dibatalkan")
    + end("tuntas")
    + flows("mulai isi", "isi tuntas", "ditarik batal"),
    {"admin_kominfo": ["periksa", "kerja", "nilai"]},
    extra=MESSAGES,
)
FIRST = {
    "masuk_periksa": 0, "ingat_tegur": 3, "tegur_ditegur": 3, "periksa_lewat": 4, "lewat_jeda": 4,
    "jeda_kerja": 4,
}  # fmt: skip


@pytest.fixture
def shop(session, clock):
    return Workshop(session, clock, SOP)


def at_work(shop, clock):
    """`periksa` took four hours, with a reminder after three; two more passed; `kerja` is open."""
    shop.report()
    instance = shop.session.scalars(select(Instance.id)).one()
    clock.advance(hours=3)
    shop.wake(instance)
    clock.advance(hours=1)
    shop.do("admin", "periksa", catatan="ya")
    clock.advance(hours=2)
    shop.wake(instance)
    followed(shop.session)
    return instance


def hours(session):
    """flow -> hours on the wall of the step before it, summed; each was taken once."""
    followed(session)
    rows = session.scalars(select(StepTime).filter_by(kind="alur", unit="", kelurahan="")).all()
    assert len({row.place for row in rows}) == sum(row.times for row in rows), "each once"
    return {row.place: row.elapsed / HOUR for row in rows}


def test_a_flow_takes_as_long_as_the_step_before_it(shop, session, clock):
    at_work(shop, clock)
    clock.advance(hours=5)
    shop.do("admin", "kerja", catatan="ya")
    assert [one[0] for one in shop.open()] == ["nilai", "nilai"]
    for waits in (1, 6):
        clock.advance(hours=waits)
        one_part(shop)
    assert hours(session) == {
        **FIRST, "kerja_bagi": 5, "bagi_nilai": 5, "nilai_rampung": 7, "mulai_isi": 0, "isi_tuntas": 7,
    }  # fmt: skip
    assert trace_follow.differing(session) == []


def test_a_step_that_was_taken_away_was_reached_all_the_same(shop, session, clock):
    instance = at_work(shop, clock)
    clock.advance(hours=10)
    shop.wake(instance)
    followed(session)
    clock.advance(hours=1)
    process.deliver(session, instance, "penarikan", {}, actor=WORKER, now=clock())
    session.commit()
    assert hours(session) == {**FIRST, "habis_bagi": 10, "bagi_nilai": 10, "ditarik_batal": 1}
    assert trace_follow.differing(session) == []


def one_part(shop):
    item = shop.value("SELECT id FROM work_items WHERE closed_at IS NULL ORDER BY id LIMIT 1")
    task_work.complete(shop.session, item, {"catatan": "ya"}, actor=shop.who["admin"], now=shop.clock())
    shop.session.commit()
