"""The way of an SOP through the pages: proposed, judged in the inbox, in force, taken along as a package."""

from __future__ import annotations

import hashlib
import io
import re

import pytest
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.db.models import Person
from app.services.people import hash_password
from app.services.sop_package import unpack
from app.services.trail import begin_stream
from tests.services.studio_town import BPMN, EXCEPTION, NOTE, Studio
from tests.web.desks import PASSWORD, Desks, seen


class Pages(Studio):
    """The town, with browsers."""

    officer = Desks.officer
    stranger = Desks.stranger

    def __init__(self, app, session, clock):
        super().__init__(session, clock)
        self.app = app
        session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": hash_password(PASSWORD)})
        for person in session.scalars(select(Person.id)).all():
            begin_stream(session, person, "akun")
        session.commit()


@pytest.fixture
def pages(app, session, clock, still_clock):
    return Pages(app, session, clock)


def propose(pages, row, by="penyusun", **typed):
    client = pages.officer(by)
    page = client.get(f"/studio/konsep/{row.id}/usulkan")
    revision = re.search(r'name="revisi" value="(\d+)"', page.text)[1]
    return client.post(f"/studio/konsep/{row.id}/usulkan", data={"alasan": NOTE, "revisi": revision, **typed})


def task_of(client, name):
    """Address of the task of this name in an inbox."""
    return re.search(rf'href="(/tugas/[\w-]+)[^"]*"[^>]*>{name}', client.get("/kotak-masuk").text)[1]


def test_an_sop_goes_from_its_author_to_two_others_and_into_force(pages):
    row = pages.draft()
    before = seen(pages.officer("penyusun").get(f"/studio/konsep/{row.id}/usulkan"))
    assert "Tidak ada galat." in before
    assert "melalui seluruh alur" in before
    assert "3 → 2 hari kerja" in before
    answer = propose(pages, row, mulai="2026-04-01")
    assert answer.status_code == 303
    proposal = answer.headers["Location"]

    asisten = pages.officer("asisten")
    assert f"Izin keramaian: {NOTE}" in seen(asisten.get("/kotak-masuk"))
    address = task_of(asisten, "Menelaah rancangan SOP")
    page = seen(asisten.get(address))
    for words in (NOTE, "Yang berubah dari versi 1", "3 → 2 hari kerja", "2 kasus, membuktikan 100 % SOP",
                  "Penyusun (uji)", "1 April 2026", "Dokumen SOP (PDF)"):  # fmt: skip
        assert words in page, words
    done = asisten.post(address, data={"hasil_telaah": "layak"})
    assert done.headers["Location"] == "/kotak-masuk"

    sekda = pages.officer("sekda")
    address = task_of(sekda, "Menetapkan SOP")
    page = sekda.get(address)
    assert "Asisten (uji)" in seen(page)
    assert 'value="2026-04-01"' in page.text, "the wished day is proposed to whoever decides"
    document = sekda.get(f"{proposal}/dokumen.pdf").data
    sent = {"putusan": "tetapkan", "dasar_hukum": "SK Wali Kota 065/12/2026", "mulai_berlaku": "2026-04-01"}
    assert sekda.post(address, data=sent).status_code == 302

    version = pages.officer("operator").get("/studio/izin/versi/2")
    shown = seen(version)
    for words in ("Disetujui, belum berlaku", "SK Wali Kota 065/12/2026", "Penyusun (uji)", "Sekda (uji)",
                  "3 → 2 hari kerja", NOTE):  # fmt: skip
        assert words in shown, words
    assert hashlib.sha256(document).hexdigest() in version.text
    assert pages.officer("operator").get("/studio/izin/versi/2/dokumen.pdf").data == document
    assert "Versi 2 mulai" in seen(pages.officer("penyusun").get("/studio"))
    pages.clock.advance(days=20)
    assert "Disetujui, belum berlaku" not in seen(pages.officer("operator").get("/studio/izin/versi/2"))
    assert "Digantikan" in seen(pages.officer("operator").get("/studio/izin/versi/1"))


def test_the_author_reads_the_judgement_but_has_no_form_for_it(pages):
    row = pages.draft(by="dua_topi")
    client = pages.officer("dua_topi")
    propose(pages, row, by="dua_topi")
    pages.do("asisten", "telaah", hasil_telaah="layak")
    address = task_of(client, "Menetapkan SOP")
    page = client.get(address)
    assert "penilai harus orang lain daripada penyusunnya" in seen(page)
    assert 'name="putusan"' not in page.text
    sent = client.post(address, data={"putusan": "tetapkan", "dasar_hukum": "SK 1/2026"})
    assert sent.status_code == 409
    assert "harus oleh orang lain" in seen(sent)
    assert pages.versions() == [1]


def test_what_is_not_ready_stays_with_its_author_and_says_why(pages):
    assert "Perbaiki dahulu" in seen(
        pages.officer("penyusun").get(f"/studio/konsep/{pages.draft(deadline='').id}/usulkan")
    )
    row = pages.draft(proven=False)
    refused = propose(pages, row, pengecualian="pendek saja")
    assert refused.status_code == 422
    assert "tulis pengecualian" in seen(refused)
    assert NOTE in refused.text
    assert "pendek saja" in refused.text
    taken = propose(pages, row, pengecualian=EXCEPTION)
    assert taken.status_code == 303
    page = seen(pages.officer("asisten").get(taken.headers["Location"]))
    assert "Pengecualian yang ditandatangani" in page
    assert EXCEPTION in page
    pages.approve()
    operator = pages.officer("operator")
    assert EXCEPTION in seen(operator.get("/studio/izin/versi/2"))
    sheet = operator.get("/studio/izin/versi/2/penetapan.pdf").data
    assert sheet.startswith(b"%PDF")
    assert sheet == operator.get("/studio/izin/versi/2/penetapan.pdf").data


def test_what_changed_after_the_last_look_is_not_proposed(pages):
    row = pages.draft()
    answer = pages.officer("penyusun").post(
        f"/studio/konsep/{row.id}/usulkan", data={"alasan": NOTE, "revisi": row.revision - 1}
    )
    assert answer.status_code == 422
    assert "berubah sejak Anda memeriksanya" in seen(answer)


def test_a_returned_proposal_tells_its_author_in_inbox_and_studio(pages):
    row = pages.draft()
    propose(pages, row)
    remarks = "Batas dua hari kerja belum bersumber hukum."
    pages.do("asisten", "telaah", hasil_telaah="perbaiki", catatan=remarks)
    author = pages.officer("penyusun")
    assert remarks in seen(author.get("/studio"))
    assert author.get(f"/studio/konsep/{row.id}/isi.json").json["remarks"] == remarks
    assert author.get(task_of(author, "Menindaklanjuti catatan")).status_code == 200


def test_a_proposal_is_withdrawn_by_button(pages):
    row = pages.draft()
    proposal = propose(pages, row).headers["Location"]
    author = pages.officer("penyusun")
    assert "Tarik usulan" in author.get(proposal).text
    assert author.post(f"/studio/konsep/{row.id}/tarik").status_code == 303
    assert "Usulan ini ditarik." in seen(author.get(proposal))
    assert pages.open() == []


def test_a_draft_is_put_away_and_gone_from_the_list(pages):
    row = pages.draft(name="Konsep lama")
    author = pages.officer("penyusun")
    assert "Konsep lama" in seen(author.get("/studio"))
    assert author.post(f"/studio/konsep/{row.id}/buang").status_code == 303
    assert "Konsep lama" not in seen(author.get("/studio"))


def upload(client, content, name, address="/studio/konsep", **data):
    """As a browser sends it; made here, since the test client leaves a file open for a large body."""
    boundary, body = encode_multipart(
        {"cara": "unggah", "berkas": FileStorage(io.BytesIO(content), name), **data}
    )
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_package_of_another_city_is_compared_first_and_then_taken_over(pages):
    mine = pages.officer("penyusun").get("/studio/izin/versi/1/paket.zip").data
    came = unpack("izin.zip", mine)
    assert came.city == "Kota Palu"
    theirs = came.files["izin.bpmn"].replace('deadline="hari_kerja(3)"', 'deadline="hari_kerja(7)"')
    author = pages.officer("penyusun")
    answer = upload(author, theirs.encode(), "izin dari kota sebelah.bpmn")
    assert answer.status_code == 303
    page = seen(author.get(answer.headers["Location"]))
    assert "Lapor Walikota Kota Palu" in page, "the frame of the page is still this city's"
    assert "Bedanya dengan versi 1" in page
    assert "3 → 7 hari kerja" in page
    draft = re.search(r"/studio/konsep/[\w-]+", answer.headers["Location"])[0]
    assert author.get(f"{draft}/isi.json").json["based_on"] is None
    assert "3 → 7" not in seen(author.get("/studio/izin/versi/1"))


def test_a_draft_taken_along_comes_back_beside_the_other(pages):
    row = pages.draft()
    author = pages.officer("penyusun")
    packed = author.get(f"/studio/konsep/{row.id}/paket.zip")
    assert packed.headers["Content-Disposition"] == "attachment; filename=izin-konsep.zip"
    answer = upload(author, packed.data, "izin.zip", f"/studio/konsep/{row.id}/impor")
    assert answer.status_code == 303
    assert "Tidak ada perbedaan isi." in seen(author.get(answer.headers["Location"]))
    draft = re.search(r"/studio/konsep/[\w-]+", answer.headers["Location"])[0]
    told = author.get(f"{draft}/isi.json").json
    assert [one["name"] for one in told["scenarios"]] == ["diterima", "ditolak"]
    assert {one["verdict"] for one in told["scenarios"]} == {None}


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"PK\x03\x04", "a.zip", 422), (b"", "a.bpmn", 422), (b"x", "a.exe", 422),
     (b"x" * (22 * 1024 * 1024), "a.zip", 413), (b"x" * (20 * 1024 * 1024 + 1), "a.zip", 422)],
)  # fmt: skip
def test_hostile_uploads_are_answered_in_words(pages, content, name, status):
    answer = upload(pages.officer("penyusun"), content, name)
    assert answer.status_code == status
    assert pages.value("SELECT count(*) FROM sop_drafts") == 0


def test_files_leave_exactly_as_they_were_published(pages):
    client = pages.officer("operator")
    published = pages.value("SELECT files->>'izin.bpmn' FROM sop_versions WHERE key = 'izin'")
    answer = client.get("/studio/izin/versi/1/berkas/izin.bpmn")
    assert answer.data.decode() == published
    assert client.get("/studio/izin/versi/1/berkas/lain.bpmn").status_code == 404
    for number in (0, 9, 2**31, 10**30):
        for page in ("", "/paket.zip", "/dokumen.pdf", "/penetapan.pdf", "/berkas/izin.bpmn"):
            assert client.get(f"/studio/izin/versi/{number}{page}").status_code == 404, (number, page)
    begun = {"cara": "versi", "kunci": "izin", "versi": str(10**30)}
    assert pages.officer("penyusun").post("/studio/konsep", data=begun).status_code == 404


WRITES = ["usulkan", "tarik", "buang", "impor"]


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "asisten", "sekda", "admin"])
def test_only_bappeda_proposes_withdraws_and_puts_away(pages, name):
    row = pages.draft()
    somebody = pages.officer(name)
    for step in WRITES:
        assert somebody.post(f"/studio/konsep/{row.id}/{step}").status_code == 403, step
    assert somebody.get(f"/studio/konsep/{row.id}/usulkan").status_code == 403


def test_a_change_of_the_calendar_moves_the_judgement_too(pages):
    """A task without a report behind it has a limit like any other."""
    propose(pages, pages.draft())
    before = pages.item("telaah").due_at
    admin = pages.officer("admin")
    closure = {"apa": "tutup", "tanggal": "2026-03-26", "nama": "Banjir", "dasar": ""}
    shown = admin.post("/admin/kalender/pratinjau", data=closure)
    assert "penetapan_sop" in shown.text
    mark = re.search(r'name="sidik" value="(\w{64})"', shown.text)[1]
    assert admin.post("/admin/kalender/terapkan", data={**closure, "sidik": mark}).status_code == 303
    pages.session.rollback()
    assert pages.item("telaah").due_at > before


def test_a_fault_of_the_approvals_own_sop_is_an_incident_that_can_be_tried_again(pages):
    """What the Sekda typed is kept, nothing is half in force, and the admin sees which SOP stands still."""
    good = (BPMN / "penetapan_sop.bpmn").read_text("utf-8")
    bad = good.replace('name="dasar" value="dasar_hukum"', 'name="dasar" value="\'\'"')
    pages.publish(bad, "penetapan_sop")
    propose(pages, pages.draft())
    pages.do("asisten", "telaah", hasil_telaah="layak")
    sekda = pages.officer("sekda")
    answer = sekda.post(
        task_of(sekda, "Menetapkan SOP"), data={"putusan": "tetapkan", "dasar_hukum": "SK 065/12/2026"}
    )
    assert answer.status_code == 409
    assert "Isian Anda tersimpan" in seen(answer)
    assert pages.versions() == [1]
    admin = pages.officer("admin")
    page = admin.get("/admin/gangguan")
    assert "Penetapan SOP" in seen(page)
    incident = re.search(r"/admin/gangguan/([\w-]+)/coba", page.text)[1]
    assert admin.get(f"/admin/gangguan/{incident}").status_code == 200
    assert admin.post(f"/admin/gangguan/{incident}/coba").status_code == 302
    assert "Menetapkan SOP" in seen(sekda.get("/kotak-masuk"))


def test_everybody_may_read_versions_proposals_and_limits(pages):
    row = pages.draft()
    proposal = propose(pages, row).headers["Location"]
    addresses = [
        "/studio", "/studio/aturan", proposal, f"{proposal}/dokumen.pdf", f"{proposal}/paket.zip",
        "/studio/izin/versi/1", "/studio/izin/versi/1/paket.zip", f"/studio/konsep/{row.id}/paket.zip",
        f"/studio/konsep/{row.id}/berkas/izin.bpmn", f"/studio/konsep/{row.id}/masuk",
    ]  # fmt: skip
    for name in ("penyusun", "asisten", "sekda", "operator", "pemeriksa", "admin"):
        client = pages.officer(name)
        for address in addresses:
            assert client.get(address).status_code == 200, (name, address)
    stranger = pages.stranger()
    for address in addresses:
        assert stranger.get(address).status_code == 302, address
