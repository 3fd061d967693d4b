"""Tasks and hand-made requests: by whom it is not, for what it is not, with what was never asked."""

import io
import json
import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Event, EventSecret, Photo, Report, WorkItem
from tests.services.test_photos import jpeg
from tests.services.workshop import counted
from tests.web.desks import DESKS, seen

DEEDS = ("", "/ambil", "/lepas", "/serahkan", "/konsep", "/foto", "/kemajuan")


@pytest.fixture
def work(desks):
    """A report whose work is to be done by the DPU: (report, secret, id of the task)."""
    report, secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU")
    task = desks.item("kerjakan").id
    desks.session.rollback()
    return report, secret, task


def picture(field="foto_sesudah", name="a"):
    return {"field": field, "client_id": name, "photo": (io.BytesIO(jpeg((7, 80, len(name)))), "a.jpg")}


def everything(session):
    """What stands in the tables a task can change."""
    session.rollback()
    tables = ("work_items", "instances", "events", "drafts", "reports", "photos", "outbox_messages")
    return [
        session.scalar(
            text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {each} t")
        )
        for each in tables
    ]


def test_another_role_or_unit_can_do_nothing_with_a_task(desks, work):
    before = everything(desks.session)
    for name in sorted(set(DESKS) - {"operator"}):
        client = desks.officer(name)
        for deed in DEEDS:
            data = {
                "uraian": "Beres.",
                "kepada": desks.who[name].person_id,
                "alasan": "Karena saya mau.",
                **picture(),
            }
            answer = client.post(f"/tugas/{work[2]}{deed}", data=data)
            assert answer.status_code == 403, (name, deed)
    after = everything(desks.session)
    assert after == before


def test_who_is_not_signed_in_is_asked_to(desks, work):
    for deed in DEEDS:
        answer = desks.stranger().post(f"/tugas/{work[2]}{deed}", data={"uraian": "Beres."})
        assert answer.headers["Location"].startswith("/masuk")


def test_a_colleagues_task_is_theirs_until_they_let_go(desks, work):
    _report, _secret, task = work
    assert desks.officer("operator").post(f"/tugas/{task}/ambil").status_code == 302
    colleague = desks.officer("rekan")
    answer = colleague.post(f"/tugas/{task}", data={"uraian": "Sudah saya tambal kemarin."})
    assert answer.status_code == 409
    assert "Operator (uji)" in seen(answer)
    assert "Sudah saya tambal kemarin." in seen(answer)
    for deed in ("ambil", "lepas"):
        assert colleague.post(f"/tugas/{task}/{deed}").status_code == 409
    assert desks.session.get(WorkItem, task, populate_existing=True).closed_at is None


def test_unknown_and_closed_tasks_say_so_and_change_nothing(desks, work):
    _report, _secret, task = work
    operator = desks.officer("operator")
    for deed in DEEDS:
        data = {"kepada": desks.who["rekan"].person_id, "alasan": "Saya cuti besok.", **picture()}
        assert operator.post(f"/tugas/{uuid.uuid4()}{deed}", data=data).status_code == 404, deed
    assert operator.post(f"/tugas/{task}", data={"uraian": "Beres."}).status_code == 302
    before = everything(desks.session)
    for deed in DEEDS:
        answer = operator.post(f"/tugas/{task}{deed}", data={"uraian": "Lagi.", **picture()})
        assert answer.status_code == 409, deed
    assert everything(desks.session) == before


def test_a_task_goes_to_colleagues_of_its_unit_only(desks, work):
    _report, _secret, task = work
    operator = desks.officer("operator")
    for to in (desks.who["jauh"].person_id, desks.who["admin"].person_id, str(uuid.uuid4()), "x", ""):
        answer = operator.post(
            f"/tugas/{task}/serahkan", data={"kepada": to, "alasan": "Saya cuti mulai besok."}
        )
        assert answer.status_code in (409, 422), to
    assert operator.post(
        f"/tugas/{task}/serahkan", data={"kepada": desks.who["rekan"].person_id, "alasan": "cuti"}
    ).status_code in (409, 422)
    assert desks.session.get(WorkItem, task, populate_existing=True).claimed_by is None


def test_photos_of_other_tasks_reports_and_nobody_are_no_proof(desks, work):
    report, _secret, task = work
    operator = desks.officer("operator")
    desks.send(photo=False)
    desks.do("admin", "verifikasi", opd="DPU")
    other = desks.session.scalars(
        select(WorkItem.id).where(WorkItem.element == "kerjakan", WorkItem.id != task)
    ).one()
    desks.session.rollback()
    theirs = operator.post(f"/tugas/{other}/foto", data=picture()).get_json()["id"]
    own_report = str(desks.session.scalars(select(Photo.id).where(Photo.report_id == report.id)).one())
    desks.session.rollback()
    for wrong in (theirs, own_report, str(uuid.uuid4()), "bukan-id", "'; DROP TABLE photos; --"):
        answer = operator.post(f"/tugas/{task}", data={"uraian": "Beres.", "foto_sesudah": wrong})
        assert answer.status_code == 422, wrong
        assert "Beres." in answer.text
    assert operator.post(f"/tugas/{task}/foto", data=picture("uraian")).status_code == 404
    assert operator.post(f"/tugas/{task}/foto", data=picture("tidak_ada")).status_code == 404


def test_what_the_form_does_not_ask_goes_nowhere(desks, work):
    report, _secret, task = work
    extra = {
        "nomor": "LW-2026-03-999999",
        "rahasia": "true",
        "anonim": "true",
        "opd": "DLH",
        "status": "selesai",
        "tenggat": "1",
        "data": "{}",
        "id": "x",
        "__class__": "x",
        "role_code": "sekda",
        "task_id": str(uuid.uuid4()),
        "penilaian": "5",
        "variables": "{}",
        "end_reason": "selesai",
        "claimed_by": desks.who["rekan"].person_id,
    }
    done = desks.officer("operator").post(f"/tugas/{task}", data={"uraian": "Beres.", **extra})
    assert done.status_code == 302
    desks.session.rollback()
    state = json.dumps(desks.value("SELECT state FROM instances WHERE report_id = :id", id=report.id))
    assert "999999" not in state
    assert "DLH" not in state
    event = desks.session.scalars(
        select(Event).where(Event.type == "TaskCompleted").order_by(Event.seq)
    ).all()[-1]
    assert event.data.get("jawaban", {}) == {}
    secret = desks.session.scalars(
        select(EventSecret.value).where(EventSecret.stream_seq == event.stream_seq)
    ).all()
    assert secret == ['{"uraian": "Beres."}']
    fresh = desks.session.get(Report, report.id, populate_existing=True)
    assert (fresh.confidential, fresh.opd, fresh.status) == (False, "DPU", "menunggu_pelapor")


@pytest.mark.parametrize(
    "wrong", ["99", "0", "true", "5.0.0", "[5]", '{"a":1}', "lima", "", "-1", "\u0665", "1e1", "5\r\n", "4 "]
)
def test_a_rating_is_a_rating(desks, work, wrong):
    _report, secret, task = work
    desks.officer("operator").post(f"/tugas/{task}", data={"uraian": "Beres."})
    own = desks.item("tanggapi").id
    desks.session.rollback()
    answer = desks.stranger().post(
        f"/l/{secret}/tugas/{own}", data={"penilaian": wrong, "kesan": "Terima kasih"}
    )
    assert answer.status_code == 422
    assert "Terima kasih" in answer.text


def test_a_unit_sent_twice_or_unknown_is_not_a_unit(desks):
    desks.send()
    task = desks.item("verifikasi").id
    desks.session.rollback()
    admin = desks.officer("admin")
    for wrong in ("TIDAK_ADA", "['DPU']", '{"code": "DPU"}', "dpu", " "):
        assert admin.post(f"/tugas/{task}", data={"opd": wrong}).status_code == 422, wrong
    assert admin.post(f"/tugas/{task}", data={"opd": ["DPU", "DLH"]}).status_code == 302
    assert desks.item("kerjakan").unit_code == "DPU"


def test_officers_do_not_answer_for_the_reporter_nor_the_reporter_for_officers(desks, work):
    _report, secret, task = work
    other = desks.send()[1]
    browser = desks.stranger()
    for deed in ("", "/konsep", "/foto"):
        answer = browser.post(f"/l/{secret}/tugas/{task}{deed}", data={"uraian": "Beres.", **picture()})
        assert answer.status_code in (403, 409), deed
    desks.officer("operator").post(f"/tugas/{task}", data={"uraian": "Beres."})
    own = desks.item("tanggapi").id
    desks.session.rollback()
    for name in DESKS:
        client = desks.officer(name)
        assert client.get(f"/tugas/{own}").status_code == 403
        assert client.post(f"/tugas/{own}", data={"penilaian": "5"}).status_code == 403
        assert client.post(f"/tugas/{own}/ambil").status_code == 403
    for deed in ("", "/konsep", "/foto"):
        answer = browser.post(
            f"/l/{other}/tugas/{own}{deed}", data={"penilaian": "5", **picture("foto_kini")}
        )
        assert answer.status_code in (403, 409), deed
    assert desks.item("tanggapi").closed_at is None


def test_pages_ask_the_database_the_same_however_much_there_is(app, desks, work):
    report, secret, task = work
    operator, admin = desks.officer("operator"), desks.officer("admin")
    engine = app.extensions["tuntas_database"].engine

    def once(client, path):
        with counted(engine) as noted:
            assert client.get(path).status_code == 200
        return len(noted["statements"])

    def asked(client, path):
        """Without what a new connection or a first look costs once."""
        return min(once(client, path) for _ in range(3))

    limits = {
        (operator, "/kotak-masuk"): 8,
        (operator, f"/tugas/{task}"): 20,
        (admin, f"/laporan/{report.number}"): 20,
        (admin, "/laporan"): 6,
        (admin, "/admin/petugas"): 6,
        (admin, "/admin/pesan"): 6,
        (admin, "/admin/gangguan"): 6,
        (desks.stranger(), f"/l/{secret}"): 20,
        (desks.stranger(), f"/lacak?nomor={report.number}"): 8,
        (desks.stranger(), "/"): 4,
    }
    few = {key: asked(*key) for key in limits}
    for _ in range(6):
        desks.send(photo=False)
        item = desks.session.scalars(
            select(WorkItem.id).where(WorkItem.element == "verifikasi", WorkItem.closed_at.is_(None))
        ).one()
        admin.post(f"/tugas/{item}", data={"opd": "DPU"})
        operator.post(f"/laporan/{report.number}/pesan", data={"isi": "Kabar.", "pembaca": "pelapor"})
        operator.post(f"/tugas/{task}/foto", data=picture(name=str(uuid.uuid4())))
        desks.session.rollback()
    many = {key: asked(*key) for key in limits}
    assert {path: n for (_who, path), n in few.items()} == {path: n for (_who, path), n in many.items()}
    assert {path: n for (who, path), n in many.items() if n > limits[who, path]} == {}
