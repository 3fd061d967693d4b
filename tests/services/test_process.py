"""The turnstile: one push is one transaction, and what it writes hangs together."""

import json
import uuid

import pytest
from sqlalchemy import select, text

from app.adapters.storage import open_store
from app.db.models import Deadline, Draft, Event, EventSecret, Instance, OutboxMessage, Report, Stream
from app.domain.event import GENESIS, Origin, commitment, event_hash
from app.services import process, task_work
from app.services.outcome import Pushed, Refused
from tests.engine.diagrams import begin, boundary, end, flows, gateway, timer
from tests.services.workshop import WORKER, Workshop, counted, diagram, task, tell

SECRET = "Ibu Rahasia, rumah nomor tujuh belas"

STORY = diagram(
    begin("mulai")
    + task(
        "verifikasi",
        "opd:unit,required=true",
        "catatan:text",
        "alasan_dalam:text",
        "alasan_luar:text,reporter=true",
        "umum:text,public=true",
        deadline="hari_kerja(3)",
        status="diverifikasi",
    )
    + boundary("lewat", "verifikasi", timer("tenggat(100)", "timeDate"), interrupting=False)
    + task("tegur", "arahan:text", deadline="hari_kerja(1)")
    + end("ditegur", "cabang")
    + tell("kabari", "pelapor", "didisposisikan")
    + task(
        "kerjakan",
        "uraian:text,required=true,public=true",
        "saksi:string,personal=true",
        "foto_sesudah:photo,min=1,max=3,public=true",
        deadline="hari_kerja(5)",
        status="diproses",
    )
    + task("periksa", "bukti_diterima:boolean,required=true", verifies="kerjakan")
    + gateway("exclusive", "terima", default="terima_kerjakan")
    + task("tanggapi", "penilaian:rating", status="menunggu_pelapor", pauses="total")
    + boundary("diam", "tanggapi", timer("hari_kerja(10)", "timeDate"))
    + end("selesai")
    + end("selesai_sendiri")
    + flows(
        "mulai verifikasi", "verifikasi kabari", "kabari kerjakan", "kerjakan periksa", "periksa terima",
        "terima tanggapi: bukti_diterima == True", "terima kerjakan", "tanggapi selesai", "lewat tegur",
        "tegur ditegur", "diam selesai_sendiri",
    ),
    {
        "admin_kominfo": ["verifikasi"],
        "kepala_opd": ["tegur"],
        "operator_opd": ["kerjakan"],
        "verifikator": ["periksa"],
        "pelapor": ["tanggapi"],
    },
    total="hari_kerja(14)",
)  # fmt: skip


@pytest.fixture
def shop(session, clock):
    return Workshop(session, clock, STORY)


@pytest.fixture
def storage(tmp_path):
    return open_store(str(tmp_path / "foto"))


def to_work(shop):
    """A report whose work is to be done."""
    report_id = shop.report()
    assert isinstance(shop.do("admin", "verifikasi", opd="DPU"), Pushed)
    return report_id


def to_answer(shop, storage):
    """A report whose result the reporter is asked about."""
    report_id = to_work(shop)
    photo = shop.photo(storage, shop.item("kerjakan"), "foto_sesudah")
    shop.do("operator", "kerjakan", uraian="Sudah diangkut dua truk.", saksi=SECRET, foto_sesudah=[photo])
    shop.do("pemeriksa", "periksa", bukti_diterima=True)
    return report_id


def check_chain(session, stream_id):
    """Recompute every hash of a stream from what the rows say; the number of its events."""
    last, events = GENESIS, session.scalars(
        select(Event).where(Event.stream_id == stream_id).order_by(Event.stream_seq)
    ).all()  # fmt: skip
    for number, row in enumerate(events, start=1):
        origin = Origin(
            row.actor_kind, str(row.actor_id) if row.actor_id else None, row.role_code, row.source
        )
        assert row.stream_seq == number
        assert row.hash == event_hash(
            str(stream_id), number, row.at, row.type, origin, row.data, row.commitments, last
        )
        last = row.hash
    stream = session.get(Stream, stream_id, populate_existing=True)
    assert (stream.last_seq, stream.last_hash) == (len(events), last)
    return len(events)


def test_a_report_runs_to_its_end_and_its_trace_can_be_recomputed(shop, session, storage):
    report_id = to_answer(shop, storage)
    assert shop.open() == [("tanggapi", "pelapor", None)]
    done = shop.do("pelapor", "tanggapi", penilaian=4)
    assert (done.ended, done.end_reason) == (True, "selesai")
    report = session.get(Report, report_id, populate_existing=True)
    assert (report.status, report.opd, report.rating, report.end_reason) == ("selesai", "DPU", 4, "selesai")
    assert report.closed_at == shop.clock()
    instance = session.scalars(select(Instance)).one()
    assert (instance.state, instance.next_wake) == (None, None)
    assert shop.value("SELECT count(*) FROM deadlines WHERE stopped_at IS NULL") == 0
    types = session.scalars(select(Event.type).where(Event.stream_id == report_id).order_by(Event.stream_seq))
    assert [each for each in types if each != "TotalDeadlineMoved"] == [
        "ReportReceived", "ProcessStarted", *["TaskCompleted"] * 4, "ReportClosed",
    ]  # fmt: skip
    assert check_chain(session, report_id) >= 7


def test_who_acted_in_which_role_is_in_the_trace(shop, session):
    report_id = to_work(shop)
    last = session.scalars(
        select(Event).where(Event.stream_id == report_id, Event.type == "TaskCompleted")
    ).one()
    assert (str(last.actor_id), last.role_code) == (shop.who["admin"].person_id, "admin_kominfo")
    assert last.data["status"] == ["diverifikasi", "diproses"]
    assert last.data["opd"] == [None, "DPU"]
    assert last.data["jawaban"] == {"opd": "DPU"}


def test_a_push_places_tasks_clocks_notices_and_jobs(shop, session):
    report_id = to_work(shop)
    item = shop.item("kerjakan")
    assert (item.role_code, item.unit_code, item.report_id) == ("operator_opd", "DPU", report_id)
    clock = session.scalars(select(Deadline).where(Deadline.id == item.id)).one()
    assert (clock.kind, clock.rule, clock.due_at, clock.stopped_at) == (
        "tahap", "hari_kerja(5)", item.due_at, None,
    )  # fmt: skip
    notice = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "didisposisikan")).one()
    assert (notice.recipient, notice.state) == ("pelapor", "menunggu")
    jobs = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert ("send_message", {"message_id": str(notice.id)}) in jobs
    assert ("notify_new_task", {"work_item_id": str(item.id)}) in jobs


def test_a_message_carries_only_words_meant_for_the_reporter(shop, session):
    shop.report()
    words = {"alasan_dalam": "Rahasia dinas.", "alasan_luar": "Mohon bersabar.", "umum": "Dikerjakan besok."}
    shop.do("admin", "verifikasi", opd="DPU", catatan="Catatan dalam.", **words)
    notice = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "didisposisikan")).one()
    assert notice.values == {"alasan": "Mohon bersabar.", "jawaban": "Dikerjakan besok."}


def test_what_is_rolled_back_leaves_nothing(shop, session):
    shop.report()
    tables = ("work_items", "deadlines", "events", "event_secrets", "outbox_messages", "procrastinate_jobs")

    def standing():
        counts = [shop.value(f"SELECT count(*) FROM {table}") for table in tables]
        return [*counts, shop.value("SELECT revision FROM instances"), shop.open()]

    before = standing()
    item = shop.item("verifikasi")
    pushed = task_work.complete(
        session, item.id, {"opd": "DPU", "catatan": "Segera"}, actor=shop.who["admin"], now=shop.clock()
    )
    assert isinstance(pushed, Pushed)
    assert standing() != before
    session.rollback()
    assert standing() == before
    assert isinstance(shop.do("admin", "verifikasi", opd="DPU"), Pushed)


@pytest.mark.parametrize(
    ("name", "element"), [("admin", "verifikasi"), ("operator", "kerjakan"), ("pemeriksa", "periksa")]
)
def test_completing_a_task_costs_at_most_twelve_statements_and_one_commit(
    shop, database, storage, name, element
):
    shop.report()
    for who, what in (("admin", "verifikasi"), ("operator", "kerjakan"), ("pemeriksa", "periksa")):
        answers = {"opd": "DPU"} if what == "verifikasi" else {"bukti_diterima": True}
        if what == "kerjakan":
            photo = shop.photo(storage, shop.item(what), "foto_sesudah")
            answers = {"uraian": "Sudah diangkut dua truk.", "foto_sesudah": [photo]}
        item_id = shop.item(what).id
        shop.session.commit()
        with counted(database.engine) as seen:
            outcome = task_work.complete(
                shop.session, item_id, answers, actor=shop.who[who], now=shop.clock()
            )
            shop.session.commit()
        assert isinstance(outcome, Pushed)
        if (who, what) == (name, element):
            assert len(seen["statements"]) <= 12, "\n".join(seen["statements"])
            assert seen["commits"] == 1
            return


def test_a_deadline_that_closes_the_task_wins_and_keeps_what_was_typed(shop, session, storage):
    report_id = to_answer(shop, storage)
    item_id = shop.item("tanggapi").id
    shop.clock.advance(days=40)
    late = shop.do("pelapor", "tanggapi", penilaian=1)
    assert isinstance(late, Refused)
    assert late.name == "ClosedByDeadline"
    report = session.get(Report, report_id, populate_existing=True)
    assert (report.status, report.rating) == ("selesai", None)
    draft = session.scalars(select(Draft)).one()
    assert (draft.work_item_id, draft.answers) == (item_id, {"penilaian": 1})
    kinds = list(
        session.scalars(select(Event.type).where(Event.stream_id == report_id).order_by(Event.stream_seq))
    )
    assert kinds[-3:] == ["TimersFired", "TotalDeadlineMoved", "ReportClosed"]
    check_chain(session, report_id)


def test_a_timer_fires_once_whoever_wakes_it(shop, session):
    shop.report()
    instance = session.scalars(select(Instance)).one()
    assert shop.wake(instance.id) is None
    shop.clock.set(instance.next_wake)
    assert isinstance(shop.wake(instance.id), Pushed)
    assert shop.wake(instance.id) is None
    assert [element for element, *_ in shop.open()] == ["tegur", "verifikasi"]
    fired = session.scalars(select(Event).where(Event.type == "TimersFired")).one()
    assert (fired.actor_kind, fired.data["timer"][0][0]) == ("worker", "lewat")
    check_chain(session, instance.stream_id)


def test_a_report_that_waits_for_its_timer_takes_no_place_in_the_queue(shop, session):
    shop.report()
    assert session.scalars(select(Instance)).one().next_wake > shop.clock()
    queued = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'wake_instance'"
    assert shop.value(queued) == 0


def test_the_total_clock_stands_still_while_the_reporter_is_asked(shop, session, storage):
    to_answer(shop, storage)
    instance = session.scalars(select(Instance)).one()
    due, paused = instance.total_due_at, instance.total_paused_at
    assert paused == shop.clock()
    shop.clock.advance(days=2)
    shop.do("pelapor", "tanggapi", penilaian=5)
    total = session.scalars(select(Deadline).where(Deadline.kind == "total")).one()
    assert total.first_due_at == due
    assert total.due_at > due
    assert total.stopped_at == shop.clock()


def test_personal_answers_lie_in_the_private_store_only(shop, session, storage):
    report_id = to_answer(shop, storage)
    tables = session.scalars(
        text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    ).all()
    holding = [
        table
        for table in tables
        if shop.value(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :words', words=f"%{SECRET}%")
    ]
    assert holding == ["event_secrets"]
    state = session.scalars(select(Instance.state)).one()
    assert state["vars"]["saksi"] is True
    kept = session.scalars(
        select(EventSecret).where(EventSecret.stream_id == report_id, EventSecret.field == "jawaban")
    ).all()
    secret = next(each for each in kept if SECRET in each.value)
    assert json.loads(secret.value)["saksi"] == SECRET
    told = session.scalars(
        select(Event).where(Event.stream_id == report_id, Event.stream_seq == secret.stream_seq)
    ).one()
    assert told.commitments == {"jawaban": commitment(bytes(secret.salt), secret.value)}


def test_a_message_nobody_waits_for_is_refused_and_writes_nothing(shop, session):
    shop.report()
    instance = session.scalars(select(Instance)).one()
    events = shop.value("SELECT count(*) FROM events")
    refused = process.deliver(session, instance.id, "keberatan", {}, actor=WORKER, now=shop.clock())
    session.commit()
    assert isinstance(refused, Refused)
    assert refused.name == "NotExpected"
    assert shop.value("SELECT count(*) FROM events") == events
    gone = process.deliver(session, uuid.uuid4(), "keberatan", {}, actor=WORKER, now=shop.clock())
    assert isinstance(gone, Refused)
