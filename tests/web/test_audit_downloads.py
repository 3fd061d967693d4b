"""Downloads of the trace: who may, what is in them, and that taking them is itself written down."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from sqlalchemy import text

from app.services.audit_bundle import CHECKER
from tests.conftest import let_worker_work
from tests.services.test_photos import jpeg
from tests.web.desks import EMAIL, NAME, PHONE, WORDS, seen

FLAGS = [{}, {"anonymous": "y"}, {"confidential": "y"}, {"anonymous": "y", "confidential": "y"}]


def unpacked(answer):
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("flags", FLAGS, ids=["open", "anonim", "rahasia", "both"])
def test_the_inspector_takes_a_proof_and_no_download_names_the_reporter(desks, session, flags):
    report, _secret = desks.send(**flags)
    browser = desks.officer("inspektur")
    answer = browser.get(f"/audit/{report.number}/bundle.zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="bukti-{report.number}.zip"'
    content = unpacked(answer)
    for form in ("csv", "jsonl", "xes", "ocel"):
        content += browser.get(f"/audit/peristiwa.{form}").data
    for word in (NAME, PHONE, PHONE[1:], EMAIL, WORDS, "-0.900217"):
        assert word.encode() not in content
    session.rollback()
    taken = session.scalars(text("SELECT type FROM events WHERE type LIKE '%Exported' ORDER BY seq")).all()
    assert taken == ["TraceExported", *["EventsExported"] * 4]


def test_the_texts_leave_for_a_purpose_only_and_the_reporter_reads_it(desks, session):
    for flags in FLAGS:
        report, secret = desks.send(**flags)
        browser, address = desks.officer("inspektur"), f"/audit/{report.number}/bundle.zip"
        refused = browser.get(f"{address}?teks=ya")
        assert (refused.status_code, "dengan menulis untuk apa" in seen(refused)) == (422, True)
        for purpose in ("", "  ", "x"):
            assert browser.post(address, data={"tujuan": purpose}).status_code == 422
        own = seen(desks.stranger().get(f"/l/{secret}"))
        assert "isi laporan dan pesan Anda" not in own
        answer = browser.post(address, data={"tujuan": "menelaah aduan warga"})
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            content = archive.read("teks.json").decode()
        assert WORDS in content
        for word in (NAME, PHONE, PHONE[1:], EMAIL, "-0.900217"):
            assert word not in content
        own = seen(desks.stranger().get(f"/l/{secret}"))
        assert "isi laporan dan pesan Anda. Untuk: menelaah aduan warga" in own
        assert "Inspektorat ," in own
        assert "(uji)" not in own, "the role, never the officer's name"
        journal = seen(browser.get("/audit/pembacaan"))
        assert "menelaah aduan warga" in journal
        assert "dengan isi teks" in journal


def test_a_photo_whose_fingerprint_was_changed_is_named(desks, session, settings, owner_session, tmp_path):
    """The reporter's own photo and the officer's proof, both cleaned by the worker."""
    report, _secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU")
    operator = desks.officer("operator")
    task = desks.item("kerjakan", report.id).id
    sent = operator.post(
        f"/tugas/{task}/foto",
        data={"field": "foto_sesudah", "client_id": "b", "photo": (io.BytesIO(jpeg((5, 80, 5))), "b.jpg")},
    ).get_json()
    operator.post(f"/tugas/{task}", data={"uraian": "Lampu diganti.", "foto_sesudah": sent["id"]})
    let_worker_work(settings)
    browser = desks.officer("inspektur")

    def checked(name):
        path = tmp_path / name
        path.write_bytes(browser.get(f"/audit/{report.number}/bundle.zip").data)
        command = [sys.executable, "-I", "-S", CHECKER, path]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        return told.returncode, told.stdout

    assert checked("utuh.zip")[0] == 0, checked("utuh.zip")
    session.rollback()
    photos = session.scalars(text("SELECT id::text FROM photos")).all()
    assert len(photos) == 2
    for photo in photos:
        changed = text("UPDATE photos SET sha256 = reverse(sha256) WHERE id = CAST(:id AS uuid)")
        owner_session.execute(changed, {"id": photo})
        owner_session.commit()
        code, told = checked("diubah.zip")
        assert (code, f"foto {photo}: sidiknya bukan yang tercatat" in told) == (1, True), told
        owner_session.execute(changed, {"id": photo})
        owner_session.commit()


def test_what_an_officer_typed_to_open_an_identity_is_in_no_event_log(desks, session):
    report, _secret = desks.send()
    desks.officer("admin").post(f"/laporan/{report.number}/identitas", data={"tujuan": f"menelepon {NAME}"})
    browser = desks.officer("inspektur")
    for form in ("csv", "jsonl", "xes", "ocel"):
        assert NAME not in browser.get(f"/audit/peristiwa.{form}").text
    assert NAME.encode() not in unpacked(browser.get(f"/audit/{report.number}/bundle.zip"))
    told = browser.get("/audit/peristiwa.jsonl").text
    assert '"IdentityOpened"' in told
    tasks = session.scalars(text("SELECT id::text FROM work_items")).all()
    assert tasks
    assert not any(task in told for task in tasks), "a task's address leads an officer to its report"


@pytest.mark.parametrize("name", ["admin", "operator", "pemeriksa", "lurah", "wali", "perencana"])
@pytest.mark.parametrize("flags", FLAGS, ids=["open", "anonim", "rahasia", "both"])
def test_nobody_else_takes_anything(desks, session, name, flags):
    report, _secret = desks.send(**flags)
    browser = desks.officer(name)
    assert browser.get(f"/audit/{report.number}/bundle.zip").status_code == 403
    assert browser.get("/audit/peristiwa.csv").status_code == 403
    assert desks.stranger().get(f"/audit/{report.number}/bundle.zip").status_code == 302
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM events WHERE type LIKE '%Exported'")) == 0


def test_the_log_is_sent_while_it_is_read_with_its_length_told_before(desks, session):
    desks.send()
    answer = desks.officer("inspektur").get("/audit/peristiwa.jsonl?sejak=2020-01-01&jenis=pengaduan")
    lines = answer.text.splitlines()
    assert int(answer.headers["X-Tuntas-Events"]) == len(lines) > 1
    session.rollback()
    data = session.scalar(text("SELECT data FROM events WHERE type = 'EventsExported'"))
    assert data["pilihan"]["kind"] == "pengaduan"


def test_what_is_no_form_or_no_day_breaks_nothing(desks):
    browser = desks.officer("inspektur")
    assert browser.get("/audit/peristiwa.exe").status_code == 404
    refused = browser.get("/audit/peristiwa.csv?sejak=kemarin")
    assert (refused.status_code, "sejak: Tanggal tidak dikenali" in refused.text) == (422, True)
    assert browser.get("/audit/LW-000000-0000-00/bundle.zip").status_code == 404
    assert json.loads(browser.get("/audit/peristiwa.ocel?jenis=tidak-ada").text)["events"] == []


def test_only_asking_for_the_headers_takes_nothing_and_is_not_journaled(desks, session):
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    for address in ("/audit/peristiwa.csv", f"/audit/{report.number}/bundle.zip"):
        assert browser.head(address).status_code == 405
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM events WHERE type LIKE '%Exported'")) == 0
    assert session.scalar(text("SELECT count(*) FROM exports")) == 0
