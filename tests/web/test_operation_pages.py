"""The pages of operations: consequences first, a reason, a second person in another browser."""

import re
import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Instance, Operation, Role
from app.services import invariants
from app.services.trail import begin_stream
from tests.conftest import let_worker_work
from tests.services.test_operations import REASON, STORY
from tests.web.desks import EMAIL, LANDMARK, NAME, PHONE, POINT, WORDS, Desks, seen
from tests.web.test_erasure import everything, second_admin


@pytest.fixture
def desks(app, session, clock, still_clock):
    made = Desks(app, session, clock, sop=STORY)
    session.add(Role(code="sekda", name="Sekretaris Daerah"))
    session.flush()
    for name, grant in (("sekda", ("sekda", None)), ("dlh", ("operator_opd", "DLH"))):
        person = made.hire(name, grant)
        begin_stream(session, uuid.UUID(person.person_id), "akun")
    one = "(SELECT password_hash FROM persons WHERE username = 'admin')"
    session.execute(text(f"UPDATE persons SET password_hash = {one}"))
    session.commit()
    return made


@pytest.fixture
def number(desks):
    """A report whose work is to be done by DPU."""
    report, _secret = desks.send(photo=False)
    desks.do("admin", "verifikasi", opd="DPU")
    return report.number


def hidden(answer):
    """The hidden fields of the page's last form, by name."""
    form = answer.get_data(as_text=True).rpartition("<form")[2]
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', form))


def one(session):
    session.rollback()
    return session.scalars(select(Operation).execution_options(populate_existing=True)).one()


def test_the_desk_offers_what_may_be_done_and_says_why_not(desks, number):
    page = desks.officer("admin").get(f"/operasi/{number}")
    assert page.status_code == 200
    said = seen(page)
    for words in ("Tugas kerjakan", "Alihkan tugas", "Ubah batas waktu", "Lewati langkah", "Batalkan"):
        assert words in said
    assert desks.officer("operator").get(f"/operasi/{number}").status_code == 403
    assert desks.officer("sekda").get(f"/operasi/{number}").status_code == 403
    assert desks.officer("admin").get("/operasi/PALU-2026-03-999999").status_code == 404


def test_each_choice_has_its_page(desks, number):
    admin, task = desks.officer("admin"), desks.item("kerjakan").id
    for way in (
        f"alihkan&tugas={task}", f"alihkan&tugas={task}&kepada=unit:DLH", f"batas&tugas={task}",
        f"batas&tugas={task}&tanggal=2026-04-30&jam=15:00", f"batas&tugas={task}&tanggal=besok&jam=siang",
        f"lewati&tugas={task}", f"pindahkan&tugas={task}", f"pindahkan&tugas={task}&ke=verifikasi",
        "kembalikan", "kembalikan&ke=verifikasi", "kembalikan&ke=entah", "tangguhkan", "lanjutkan", "ulangi",
        "batalkan", "lewati&tugas=entah",
    ):  # fmt: skip
        page = admin.get(f"/operasi/{number}?tindakan={way}")
        assert page.status_code == 200, way
        assert "csrf" not in seen(page)


def test_a_task_is_reassigned_after_its_consequences_were_read(desks, session, number):
    admin, task = desks.officer("admin"), desks.item("kerjakan").id
    page = admin.get(f"/operasi/{number}?tindakan=alihkan&tugas={task}&kepada=unit:DLH")
    assert "Operator OPD, Dinas Pekerjaan Umum" in seen(page)
    fields = hidden(page)
    short = admin.post(f"/operasi/{number}", data={**fields, "alasan": "cepat"})
    assert short.status_code == 422
    assert "cepat" in short.text
    assert "sedikitnya 10 huruf" in seen(short)
    done = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON}, follow_redirects=True)
    assert "Tugas dialihkan." in seen(done)
    assert "Dinas Lingkungan Hidup" in seen(done)
    assert desks.open() == [("kerjakan", "operator_opd", "DLH")]
    assert one(session).state == "selesai"


def test_what_changed_meanwhile_is_shown_anew_with_the_reason_kept(desks, session, number):
    admin, task = desks.officer("admin"), desks.item("kerjakan").id
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=batalkan"))
    desks.do("operator", "kerjakan", uraian="Sudah dikerjakan.")
    late = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON})
    assert late.status_code == 409
    assert REASON in late.text
    assert "Tugas periksa" in seen(late)
    assert hidden(late)["tanda"] != fields["tanda"]
    again = admin.post(f"/operasi/{number}", data={**hidden(late), "alasan": REASON})
    assert again.status_code == 303
    assert one(session).state == "menunggu"
    assert str(task) not in late.text


def test_what_can_no_longer_be_done_says_so_and_gives_the_reason_back(desks, number):
    admin = desks.officer("admin")
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=tangguhkan"))
    assert admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON}).status_code == 303
    late = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON})
    assert late.status_code == 409
    assert "belum ada yang dilakukan" in seen(late)
    assert "sedang ditangguhkan" in seen(late)
    assert "alasan Anda tetap tersimpan" not in seen(late)
    assert REASON in seen(late)


def test_cancelling_takes_two_browsers(desks, session, number):
    admin, sekda = desks.officer("admin"), desks.officer("sekda")
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=batalkan"))
    asked = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON})
    where = asked.headers["Location"]
    assert "Yang meminta tidak dapat menyetujui" in seen(admin.get(where))
    assert admin.post(f"{where}/setuju", data={}).status_code == 409
    assert REASON in seen(sekda.get("/operasi"))
    assert "Laporan berakhir." in seen(sekda.get(where))
    assert sekda.post(f"{where}/tolak", data={"catatan": "tidak"}).status_code == 422
    done = sekda.post(f"{where}/setuju", data={"catatan": "Setuju."}, follow_redirects=True)
    assert "Disetujui dan sudah dilakukan." in seen(done)
    assert "Sebelum dan sesudah" in seen(done)
    session.rollback()
    assert session.scalars(select(Instance.end_reason)).one() == "dibatalkan"
    assert sekda.post(f"{where}/setuju", data={}).status_code == 409
    assert "sudah berakhir" in seen(admin.get(f"/operasi/{number}"))


def test_whoever_asked_may_take_it_back_and_others_may_not(desks, session, number):
    admin, sekda = desks.officer("admin"), desks.officer("sekda")
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=batalkan"))
    where = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON}).headers["Location"]
    assert sekda.post(f"{where}/tarik").status_code == 403
    assert admin.post(f"{where}/tarik").status_code == 303
    assert one(session).state == "ditarik"


def test_a_suspended_report_says_so_where_people_work(desks, number):
    admin, operator, task = desks.officer("admin"), desks.officer("operator"), desks.item("kerjakan").id
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=tangguhkan"))
    admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON})
    assert "Ditangguhkan sejak" in seen(admin.get(f"/operasi/{number}"))
    answer = operator.post(f"/tugas/{task}", data={"uraian": "Sudah saya kerjakan semua."})
    assert answer.status_code == 409
    assert "sedang ditangguhkan" in seen(answer)
    assert "Sudah saya kerjakan semua." in operator.get(f"/tugas/{task}").text


def test_a_number_leads_to_its_desk(desks, number):
    admin = desks.officer("admin")
    assert admin.get(f"/operasi?nomor={number.lower()}").headers["Location"] == f"/operasi/{number}"
    missing = admin.get("/operasi?nomor=123")
    assert missing.status_code == 404
    assert "Periksa kembali nomornya" in seen(missing)
    assert desks.officer("operator").get("/operasi").status_code == 403


def test_the_trace_tells_before_and_after_and_citizens_read_that_the_city_did_it(desks, session, still_clock):
    report, secret = desks.send(photo=False)
    desks.do("admin", "verifikasi", opd="DPU")
    admin, sekda, task = desks.officer("admin"), desks.officer("sekda"), desks.item("kerjakan").id
    fields = hidden(admin.get(f"/operasi/{report.number}?tindakan=alihkan&tugas={task}&kepada=unit:DLH"))
    admin.post(f"/operasi/{report.number}", data={**fields, "alasan": REASON})
    fields = hidden(admin.get(f"/operasi/{report.number}?tindakan=batalkan"))
    where = admin.post(f"/operasi/{report.number}", data={**fields, "alasan": REASON}).headers["Location"]
    sekda.post(f"{where}/setuju", data={})
    trace = desks.officer("inspektur").get(f"/jejak/{report.number}")
    said = seen(trace)
    assert "Tindakan: tugas dialihkan" in said
    assert "Tugas “kerjakan”" in said or "Tugas “Tugas kerjakan”" in said
    assert "Operator OPD, Dinas Lingkungan Hidup" in said
    assert "Diminta Admin Kominfo, disetujui Sekretaris Daerah." in said
    assert said.count("Laporan dibatalkan oleh pemerintah kota.") == 1
    reporter = seen(desks.stranger().get(f"/l/{secret}"))
    assert "Laporan dibatalkan oleh pemerintah kota." in reporter
    assert "dibatalkan oleh pelapor" not in reporter
    told = session.execute(text("SELECT template FROM outbox_messages WHERE template = 'dibatalkan_kota'"))
    assert len(told.all()) == 1
    for page in (reporter, seen(desks.stranger().get(f"/laporan/{report.number}"))):
        assert REASON not in page


def test_a_reporter_is_told_that_the_handling_is_held_back(desks, session, still_clock):
    report, secret = desks.send(photo=False)
    desks.do("admin", "verifikasi", opd="DPU")
    admin = desks.officer("admin")
    fields = hidden(admin.get(f"/operasi/{report.number}?tindakan=tangguhkan"))
    admin.post(f"/operasi/{report.number}", data={**fields, "alasan": REASON})
    page = seen(desks.stranger().get(f"/l/{secret}"))
    assert "Pemerintah kota menghentikan sementara penanganannya." in page


def test_an_operated_report_forgets_its_reporter_like_any_other(desks, session, database, settings):
    report, secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU")
    admin, sekda = desks.officer("admin"), desks.officer("sekda")

    def operate(kind):
        fields = hidden(admin.get(f"/operasi/{report.number}?tindakan={kind}"))
        return admin.post(f"/operasi/{report.number}", data={**fields, "alasan": REASON}).headers["Location"]

    operate("tangguhkan")
    said = "Tolong jangan ditangguhkan, anak saya jatuh di situ."
    desks.stranger().post(f"/l/{secret}/pesan", data={"isi": said})
    sekda.post(f"{operate('batalkan')}/setuju", data={})
    let_worker_work(settings)
    sign = [word.encode() for word in (NAME, PHONE[1:], EMAIL, LANDMARK, WORDS, said, *POINT)]
    assert [word for word in sign if word not in everything(database, settings)[0]] == []
    wanted = {"number": report.number, "reason": REASON}
    assert admin.post("/admin/data-pribadi", data=wanted).status_code == 302
    assert second_admin(desks, session).post(f"/admin/data-pribadi/{report.id}/hapus").status_code == 302
    left = everything(database, settings)[0]
    assert [word for word in sign if word in left] == []
    assert REASON.encode() in left
    session.rollback()
    assert list(invariants.offences(session, now=desks.clock())) == []


def test_what_was_asked_and_refused_is_in_the_trace_and_no_citizen_reads_it(desks, session):
    report, secret = desks.send(photo=False)
    desks.do("admin", "verifikasi", opd="DPU")
    admin, sekda = desks.officer("admin"), desks.officer("sekda")
    for answer in ("tolak", "tarik"):
        fields = hidden(admin.get(f"/operasi/{report.number}?tindakan=batalkan"))
        where = admin.post(f"/operasi/{report.number}", data={**fields, "alasan": REASON}).headers["Location"]
        by = sekda if answer == "tolak" else admin
        assert by.post(f"{where}/{answer}", data={"catatan": "Warga masih menunggu."}).status_code == 303
    trace = seen(desks.officer("inspektur").get(f"/jejak/{report.number}"))
    assert trace.count("Pembatalan diajukan, menunggu orang kedua") == 2
    assert "Pembatalan ditolak orang kedua" in trace
    assert "Warga masih menunggu." in trace
    assert "Pembatalan ditarik kembali" in trace
    own = seen(desks.stranger().get(f"/l/{secret}"))
    assert "Pembatalan" not in own
    assert REASON not in own
    session.rollback()
    assert list(invariants.offences(session, now=desks.clock())) == []


def test_what_nobody_agreed_to_before_the_report_ended_lapsed_and_says_why(desks, session, number):
    admin, sekda = desks.officer("admin"), desks.officer("sekda")
    fields = hidden(admin.get(f"/operasi/{number}?tindakan=batalkan"))
    asked = admin.post(f"/operasi/{number}", data={**fields, "alasan": REASON})
    desks.do("operator", "kerjakan", uraian="Sudah dikerjakan.")
    desks.do("pemeriksa", "periksa", diterima=True)
    why = "Laporan ini berakhir sebelum orang kedua memutuskan, maka permintaannya gugur."
    for who in (admin, sekda):
        said = seen(who.get("/operasi"))
        assert "Tidak ada yang menunggu." in said
        assert "Gugur" in said
        assert why in said
    page = admin.get(asked.location)
    assert "Permintaan ini gugur" in seen(page)
    assert why in seen(page)
    assert "/setuju" not in page.text
    assert "/tarik" not in page.text
    late = sekda.post(f"{asked.location}/setuju", data={"catatan": ""})
    assert (late.status_code, why in seen(late)) == (409, True)
    assert "Gugur" in seen(admin.get(f"/operasi/{number}"))
    assert "Pembatalan gugur karena laporan berakhir" in seen(admin.get(f"/laporan/{number}"))
