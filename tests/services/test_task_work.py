"""Tasks in people's hands: whose they are, who was first, what a photo proves, and who may check it."""

import threading
import uuid

import pytest
from sqlalchemy import select, text

from app.adapters.storage import open_store
from app.db.models import Event, Grant, Photo, Report, WorkItem
from app.db.queries import inbox
from app.db.session import make_sessions
from app.domain.actor import Actor
from app.domain.actor import Grant as Held
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.services import photos, task_work
from app.services.outcome import Pushed, Refused
from tests.db.plans import nodes_of, settle
from tests.engine.diagrams import begin, boundary, end, flows, gateway
from tests.services.racing import wait_for_a_lock
from tests.services.workshop import Workshop, diagram, task

MESSAGE = '<bpmn:message id="m_kabar" name="kabar_kemajuan"/>'
STORY = diagram(
    begin("mulai")
    + task("verifikasi", "opd:unit,required=true", status="diverifikasi")
    + task("kerjakan", "uraian:text", "foto_sesudah:photo,max=3,public=true", status="diproses")
    + boundary("kabar", "kerjakan", '<bpmn:messageEventDefinition messageRef="m_kabar"/>', interrupting=False)
    + task("kemajuan", "kabar_isi:text")
    + end("kabar_usai", "cabang")
    + task("periksa", "bukti_diterima:boolean,required=true", verifies="kerjakan")
    + gateway("exclusive", "terima", default="terima_kerjakan")
    + task("periksa_ulang", "catatan:text", fresh="true")
    + end("selesai")
    + flows(
        "mulai verifikasi",
        "verifikasi kerjakan",
        "kabar kemajuan",
        "kemajuan kabar_usai",
        "kerjakan periksa",
        "periksa terima",
        "terima kerjakan",
        "terima periksa_ulang: bukti_diterima == True",
        "periksa_ulang selesai",
    ),
    {
        "admin_kominfo": ["verifikasi"],
        "operator_opd": ["kerjakan", "kemajuan"],
        "verifikator": ["periksa", "periksa_ulang"],
    },
    extra=MESSAGE,
)


@pytest.fixture
def shop(session, clock):
    return Workshop(session, clock, STORY)


@pytest.fixture
def storage(tmp_path):
    return open_store(str(tmp_path / "foto"))


def to_work(shop):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    return shop.item("kerjakan")


def test_of_two_officers_at_once_the_second_learns_who_was_first_and_when(shop, database, clock):
    item_id = to_work(shop).id
    answers = {"uraian": "Sudah dikerjakan."}
    outcomes = []

    def second():
        with make_sessions(database.engine).begin() as own:
            outcomes.append(task_work.complete(own, item_id, answers, actor=shop.who["rekan"], now=clock()))

    first = task_work.complete(shop.session, item_id, answers, actor=shop.who["operator"], now=clock())
    thread = threading.Thread(target=second)
    thread.start()
    wait_for_a_lock(database)
    shop.session.commit()
    thread.join()
    assert isinstance(first, Pushed)
    [late] = outcomes
    assert isinstance(late, Refused)
    assert (late.name, late.who, late.when) == ("TaskAlreadyDone", "Operator (uji)", clock())
    assert shop.value("SELECT count(*) FROM events WHERE type = 'TaskCompleted'") == 2


def test_taking_a_task_waits_for_a_push_instead_of_crossing_it(shop, database, clock):
    item_id = to_work(shop).id
    refused = []

    def second():
        with make_sessions(database.engine).begin() as own:
            try:
                task_work.claim(own, item_id, actor=shop.who["rekan"], now=clock())
            except Conflict as conflict:
                refused.append(conflict.text)

    task_work.complete(shop.session, item_id, {}, actor=shop.who["operator"], now=clock())
    thread = threading.Thread(target=second)
    thread.start()
    wait_for_a_lock(database)
    shop.session.commit()
    thread.join()
    assert refused == ["Tugas ini sudah diselesaikan."]


def test_a_task_belongs_to_its_role_and_unit_only(shop):
    item = to_work(shop)
    shop.hire("orang_dlh", ("operator_opd", "DLH"))
    for stranger in ("admin", "pemeriksa", "orang_dlh"):
        refused = shop.do(stranger, "kerjakan", uraian="Bukan saya.")
        assert isinstance(refused, Refused)
        assert refused.name == "NotPermitted"
        with pytest.raises(NotPermitted):
            task_work.claim(shop.session, item.id, actor=shop.who[stranger], now=shop.clock())
    with pytest.raises(NotFound):
        task_work.complete(shop.session, uuid.uuid4(), {}, actor=shop.who["admin"], now=shop.clock())


def test_wrong_answers_are_named_and_change_nothing(shop):
    shop.report()
    before = shop.value("SELECT revision FROM instances")
    refused = shop.do("admin", "verifikasi")
    assert isinstance(refused, Refused)
    assert (refused.name, list(refused.faults)) == ("InvalidAnswers", ["opd"])
    assert shop.value("SELECT revision FROM instances") == before


def test_who_did_the_work_may_not_check_it_by_any_way(shop):
    item = to_work(shop)
    shop.hire("serba_bisa", ("operator_opd", "DPU"), ("verifikator", "KOMINFO"))
    assert isinstance(shop.do("serba_bisa", "kerjakan", uraian="Saya kerjakan."), Pushed)
    refused = shop.do("serba_bisa", "periksa", bukti_diterima=True)
    assert isinstance(refused, Refused)
    assert refused.name == "SamePerson"
    assert shop.item("periksa").closed_at is None
    assert isinstance(shop.do("pemeriksa", "periksa", bukti_diterima=False), Pushed)
    assert isinstance(shop.do("operator", "kerjakan", uraian="Diperbaiki."), Pushed)
    again = shop.do("serba_bisa", "periksa", bukti_diterima=True)
    assert isinstance(again, Refused), "also not after somebody else worked on it since"
    assert item.id != shop.item("periksa").id


def test_a_unit_without_operators_leaves_the_task_to_kominfo_and_says_so(shop, session):
    shop.report()
    shop.do("admin", "verifikasi", opd="DLH")
    assert shop.open() == [("kerjakan", "admin_kominfo", "KOMINFO")]
    told = session.scalars(select(Event).where(Event.type == "TaskFellToKominfo")).one()
    assert told.data == {"tugas": "kerjakan", "peran": "operator_opd", "unit": "DLH"}
    assert isinstance(shop.do("admin", "kerjakan", uraian="Dikerjakan Kominfo."), Pushed)


def test_a_closed_account_counts_as_nobody(shop, session):
    for name in ("operator", "rekan"):
        session.execute(
            text("UPDATE persons SET active = false WHERE id = :id"), {"id": shop.who[name].person_id}
        )
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    assert shop.open() == [("kerjakan", "admin_kominfo", "KOMINFO")]


def test_fresh_eyes_are_looked_for_and_without_any_kominfo_gets_it(shop):
    to_work(shop)
    shop.do("operator", "kerjakan", uraian="Selesai.")
    shop.do("pemeriksa", "periksa", bukti_diterima=True)
    assert shop.open() == [("periksa_ulang", "admin_kominfo", "KOMINFO")]
    refused = shop.do("admin", "periksa_ulang")
    assert isinstance(refused, Refused), "this admin verified the report"
    assert refused.name == "SamePerson"
    shop.hire("admin_baru", ("admin_kominfo", "KOMINFO"))
    assert shop.do("admin_baru", "periksa_ulang").ended


def test_fresh_eyes_that_exist_get_the_task(shop):
    shop.hire("mata_baru", ("verifikator", "KOMINFO"))
    to_work(shop)
    shop.do("operator", "kerjakan", uraian="Selesai.")
    shop.do("pemeriksa", "periksa", bukti_diterima=True)
    assert shop.open() == [("periksa_ulang", "verifikator", "KOMINFO")]
    assert shop.do("pemeriksa", "periksa_ulang").name == "SamePerson"
    assert shop.do("mata_baru", "periksa_ulang").ended


def test_only_photos_sent_for_this_very_task_count(shop, storage, session):
    other = to_work(shop)
    foreign = shop.photo(storage, other, "foto_sesudah")
    shop.do("operator", "kerjakan", uraian="Yang pertama.", foto_sesudah=[foreign])
    shop.report()
    for each in session.scalars(select(WorkItem).where(WorkItem.element == "verifikasi")):
        task_work.complete(session, each.id, {"opd": "DPU"}, actor=shop.who["admin"], now=shop.clock())
    item = shop.item("kerjakan")
    for wrong in (foreign, str(uuid.uuid4()), "bukan-id"):
        refused = shop.do("operator", "kerjakan", uraian="Kedua.", foto_sesudah=[wrong])
        assert isinstance(refused, Refused)
        assert (refused.name, list(refused.faults)) == ("InvalidAnswers", ["foto_sesudah"])
    own = shop.photo(storage, item, "foto_sesudah", colour=(1, 1, 200))
    broken = shop.photo(storage, item, "foto_sesudah", colour=(9, 9, 9))
    session.get(Photo, uuid.UUID(broken)).state = photos.REJECTED
    session.commit()
    assert isinstance(shop.do("operator", "kerjakan", uraian="Kedua.", foto_sesudah=[own, broken]), Refused)
    assert isinstance(shop.do("operator", "kerjakan", uraian="Kedua.", foto_sesudah=[own]), Pushed)
    assert session.get(Photo, uuid.UUID(own), populate_existing=True).report_id == item.report_id


def test_a_duplicate_names_another_report_that_exists(session, clock):
    story = diagram(
        begin("mulai")
        + task("verifikasi", "kategori:category", "laporan_induk:report")
        + end("duplikat", "duplikat")
        + flows("mulai verifikasi", "verifikasi duplikat"),
        {"admin_kominfo": ["verifikasi"]},
    )
    shop = Workshop(session, clock, story)
    first, second = shop.report(), shop.report()
    number = {each.id: each.number for each in session.scalars(select(Report))}
    item = shop.item("verifikasi", second)
    for wrong in (number[second], "LW-2026-03-999999"):
        refused = task_work.complete(
            session, item.id, {"laporan_induk": wrong}, actor=shop.who["admin"], now=shop.clock()
        )
        assert isinstance(refused, Refused)
        assert list(refused.faults) == ["laporan_induk"]
    answers = {"laporan_induk": number[first], "kategori": "sampah"}
    task_work.complete(session, item.id, answers, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    report = session.get(Report, second, populate_existing=True)
    assert (report.status, report.duplicate_of, report.category_code) == ("duplikat", first, "sampah")


def test_a_unit_the_city_does_not_have_leaves_the_task_to_kominfo(shop, session):
    report_id = shop.report()
    assert isinstance(shop.do("admin", "verifikasi", opd="TIDAKADA"), Pushed)
    assert shop.open() == [("kerjakan", "admin_kominfo", "KOMINFO")]
    assert session.get(Report, report_id, populate_existing=True).opd is None


def test_a_taken_task_waits_for_its_taker_until_it_is_released(shop, session):
    item = to_work(shop)
    operator, colleague, now = shop.who["operator"], shop.who["rekan"], shop.clock()
    task_work.claim(session, item.id, actor=operator, now=now)
    task_work.claim(session, item.id, actor=operator, now=now)
    session.commit()
    with pytest.raises(Conflict, match="Operator"):
        task_work.claim(session, item.id, actor=colleague, now=now)
    refused = shop.do("rekan", "kerjakan", uraian="Saya saja.")
    assert (refused.name, refused.who, refused.when) == ("ClaimedByOther", "Operator (uji)", now)
    with pytest.raises(Conflict):
        task_work.release(session, item.id, actor=colleague, now=now)
    task_work.release(session, item.id, actor=operator, now=now)
    session.commit()
    assert isinstance(shop.do("rekan", "kerjakan", uraian="Saya saja."), Pushed)
    types = session.scalars(select(Event.type).where(Event.stream_id == item.report_id)).all()
    assert {"TaskClaimed", "TaskReleased"} <= set(types)


def test_a_task_is_handed_to_a_colleague_with_a_reason(shop, session):
    item = to_work(shop)
    operator, colleague = shop.who["operator"], shop.who["rekan"]
    to = uuid.UUID(colleague.person_id)
    with pytest.raises(Conflict, match="alasan"):
        task_work.hand_over(session, item.id, to, reason="cuti", actor=operator, now=shop.clock())
    with pytest.raises(Conflict, match="Rekan itu"):
        task_work.hand_over(
            session,
            item.id,
            uuid.UUID(shop.who["admin"].person_id),
            reason="Saya cuti mulai besok.",
            actor=operator,
            now=shop.clock(),
        )
    name = task_work.hand_over(
        session, item.id, to, reason="Saya cuti mulai besok.", actor=operator, now=shop.clock()
    )
    session.commit()
    assert name == "Rekan (uji)"
    assert shop.do("operator", "kerjakan", uraian="x").name == "ClaimedByOther"
    assert isinstance(shop.do("rekan", "kerjakan", uraian="Saya lanjutkan."), Pushed)
    told = session.scalars(select(Event).where(Event.type == "TaskHandedOver")).one()
    assert told.data["kepada"] == str(to)
    assert "cuti" not in str(told.data), "the reason lies in the private store"


def test_progress_opens_its_form_beside_the_work(shop, session):
    item = to_work(shop)
    operator = shop.who["operator"]
    assert isinstance(task_work.report_progress(session, item.id, actor=operator, now=shop.clock()), Pushed)
    (asked,) = session.scalars(select(Event).where(Event.type == "MessageDelivered"))
    assert (str(asked.actor_id), asked.role_code) == (operator.person_id, "operator_opd")
    session.commit()
    assert [element for element, *_ in shop.open()] == ["kemajuan", "kerjakan"]
    task_work.claim(session, item.id, actor=operator, now=shop.clock())
    session.commit()
    with pytest.raises(Conflict, match="Operator"):
        task_work.report_progress(session, item.id, actor=shop.who["rekan"], now=shop.clock())
    form = shop.item("kemajuan")
    with pytest.raises(Conflict, match="tidak meminta kabar"):
        task_work.report_progress(session, form.id, actor=operator, now=shop.clock())


def test_a_draft_is_kept_per_person_until_the_task_is_done(shop, session):
    item = to_work(shop)
    for name in ("operator", "rekan"):
        task_work.save_draft(session, item.id, {"uraian": name}, actor=shop.who[name], now=shop.clock())
    session.commit()
    assert task_work.draft_of(session, item.id, actor=shop.who["rekan"]).answers == {"uraian": "rekan"}
    shop.do("operator", "kerjakan", uraian="Selesai.")
    assert shop.value("SELECT count(*) FROM drafts") == 0
    with pytest.raises(Conflict):
        task_work.save_draft(session, item.id, {}, actor=shop.who["rekan"], now=shop.clock())


MANY_TASKS = text("""
INSERT INTO work_items (id, instance_id, report_id, process, element, name, role_code, unit_code, priority,
                        opened_at, due_at, closed_at)
SELECT gen_random_uuid(), :instance, :report, 'pengaduan', 'kerjakan', 'Tugas',
       CASE WHEN n % 20 = 0 THEN 'operator_opd' ELSE 'verifikator' END, 'U' || n % 40, 'normal',
       CAST(:now AS timestamptz) - n * interval '1 minute',
       CAST(:now AS timestamptz) + n * interval '1 minute',
       CASE WHEN n % 3 = 0 THEN CAST(:now AS timestamptz) END
FROM generate_series(1, 8000) n
""")


@pytest.mark.parametrize("order", ["tenggat", "terbaru", "terlama"])
@pytest.mark.parametrize("box", ["semua", "saya", "terlambat"])
def test_an_inbox_reads_its_own_tasks_only(shop, session, database, clock, box, order):
    """However many tasks the city has, the page walks an index of its role and unit."""
    item = to_work(shop)
    session.execute(MANY_TASKS, {"instance": item.instance_id, "report": item.report_id, "now": clock()})
    session.commit()
    settle(database, "work_items")
    actor = Actor(
        "person",
        "uji",
        shop.who["operator"].person_id,
        (Held("operator_opd", "U0"), Held("verifikator", "U1")),
    )
    plans = []
    execute = session.execute

    def explained(statement, values=None):
        wrapped = text(f"EXPLAIN (FORMAT JSON) {statement.text}")
        plans.append(execute(wrapped, values).scalar_one()[0]["Plan"])
        return execute(statement, values)

    session.execute = explained
    page = inbox.inbox_page(session, inbox.InboxFilter(box=box, order=order), actor=actor, now=clock())
    inbox.inbox_counts(session, actor=actor, now=clock())
    assert len(page.rows) == (inbox.PAGE if box == "semua" else 0)
    for plan in plans:
        reading = [node for node in nodes_of(plan) if node.get("Relation Name") == "work_items"]
        assert reading
        assert {node["Node Type"] for node in reading} <= {"Index Scan", "Index Only Scan"}, plan


def test_grants_are_asked_for_when_needed_and_not_kept_on_tasks(shop, session):
    item = to_work(shop)
    session.add(
        Grant(
            person_id=uuid.UUID(shop.who["kepala"].person_id),
            role_code="operator_opd",
            unit_code="DPU",
            granted_at=shop.clock(),
        )
    )
    session.commit()
    newcomer = Actor("person", "uji", shop.who["kepala"].person_id, (Held("operator_opd", "DPU"),))
    page = inbox.inbox_page(session, inbox.InboxFilter(), actor=newcomer, now=shop.clock())
    assert [row.id for row in page.rows] == [item.id]
