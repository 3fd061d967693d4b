"""Who asks to be forgotten is forgotten, everywhere, and the trace still proves what the city did."""

import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer, is_signed
from app.adapters.storage import open_store
from app.db.models import Person, Report
from app.services import erasure, invariants, photos, seals, trace_follow
from app.services.upkeep import WORKER
from tests.conftest import let_worker_work
from tests.services.test_photos import jpeg
from tests.web.desks import EMAIL, LANDMARK, NAME, PHONE, POINT, WORDS, seen

REPLY = "Terima kasih, tetangga saya Pak RT juga bilang sudah terang."
KEY = Signer("42" * 32)
REASON = "Pelapor sendiri, lewat surat tanggal 3 Maret."


@pytest.fixture
def closed(desks, session, settings):
    """A report with everything a reporter can leave behind, closed and sealed: (its row, its secret)."""
    report, secret = desks.send()
    reporter = desks.stranger()
    reporter.post(f"/l/{secret}/pesan", data={"isi": REPLY})
    desks.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    desks.do("operator", "kerjakan", uraian="Lampu diganti kemarin siang.")
    let_worker_work(settings)
    desks.do("pelapor", "tanggapi", penilaian=5)
    session.commit()
    seals.seal_trace(session, KEY, now=desks.clock())
    session.commit()
    return session.get(Report, report.id, populate_existing=True), secret


def second_admin(desks, session):
    """Another administrator's browser."""
    desks.hire("admin.dua", ("admin_kominfo", "KOMINFO"))
    hashed = session.scalar(select(Person.password_hash).where(Person.username == "admin"))
    session.execute(text("UPDATE persons SET password_hash = :h"), {"h": hashed})
    session.commit()
    return desks.officer("admin.dua")


def everything(database, settings):
    """Every row of every table and every file of the store, as bytes."""
    parts = []
    with psycopg.connect(database.admin_url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || relname FROM pg_stat_user_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                parts += [bytes(part) for part in copy]
    folder = Path(unquote(urlsplit(settings.storage_url).path))
    parts += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(parts), sum(1 for path in folder.rglob("*") if path.is_file())


def ask(browser, report, reason=REASON):
    return browser.post("/admin/data-pribadi", data={"number": report.number, "reason": reason})


def test_nothing_personal_is_left_anywhere_and_every_chain_still_holds(
    desks, closed, session, database, settings
):
    report, _secret = closed
    sign = [word.encode() for word in (NAME, PHONE[1:], EMAIL, LANDMARK, WORDS, REPLY, POINT[0], POINT[1])]
    before, files = everything(database, settings)
    assert [word for word in sign if word not in before] == [], "otherwise this test proves nothing"
    assert files > 0
    auditor = desks.officer("inspektur")
    auditor.get(f"/jejak?kata={NAME}")
    assert auditor.post("/audit/ekspor", data={"bentuk": "csv", "kata": NAME}).text
    while trace_follow.follow(session):
        session.commit()
    session.commit()
    assert ask(desks.officer("admin"), report).status_code == 302
    assert second_admin(desks, session).post(f"/admin/data-pribadi/{report.id}/hapus").status_code == 302
    after, files = everything(database, settings)
    assert [word for word in sign if word in after] == []
    assert files == 0, "the reporter's photo and its thumbnail are gone from the store"
    session.rollback()
    assert list(invariants.broken_chains(session)) == []
    assert list(seals.broken_seals(session, public=KEY.public, is_signed=is_signed)) == []
    session.rollback()
    assert list(invariants.offences(session, now=desks.clock())) == []


def test_a_photo_that_never_became_part_of_an_answer_goes_as_well(desks, session, settings):
    report, _secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    desks.do("operator", "kerjakan", uraian="Lampu diganti kemarin siang.")
    asked = session.execute(
        text("SELECT id FROM work_items WHERE report_id = :id AND closed_at IS NULL"), {"id": report.id}
    ).scalar_one()
    store = open_store(settings.storage_url)
    left = photos.receive_photo(
        session, photos.Upload(jpeg((20, 60, 130)), asked, field="foto", work_item_id=asked),
        actor=None, now=desks.clock(), storage=store, zone=settings.city.zone,
    )  # fmt: skip
    assert isinstance(left, photos.StoredPhoto)
    session.commit()
    let_worker_work(settings)
    desks.do("pelapor", "tanggapi", penilaian=5)
    ask(desks.officer("admin"), report)
    second_admin(desks, session).post(f"/admin/data-pribadi/{report.id}/hapus")
    folder = Path(unquote(urlsplit(settings.storage_url).path))
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert session.scalar(text("SELECT count(*) FROM photos")) == 0


def test_what_the_city_did_can_still_be_read(desks, closed, session):
    report, secret = closed
    ask(desks.officer("admin"), report)
    second_admin(desks, session).post(f"/admin/data-pribadi/{report.id}/hapus")
    page = seen(desks.officer("inspektur").get(f"/laporan/{report.number}"))
    assert "Lampu diganti kemarin siang." in page
    assert NAME not in page
    for address in (f"/l/{secret}", f"/lacak?nomor={report.number}"):
        answer = desks.stranger().get(address, follow_redirects=True)
        assert answer.status_code == 200
        assert WORDS not in answer.text


def test_nobody_erases_alone(desks, closed, session):
    report, _secret = closed
    admin = desks.officer("admin")
    ask(admin, report)
    answer = admin.post(f"/admin/data-pribadi/{report.id}/hapus")
    assert (answer.status_code, "disetujui admin lain" in answer.text) == (409, True)
    assert "yang meminta tidak dapat menyetujui" in admin.get("/admin/data-pribadi").text
    session.rollback()
    assert session.scalar(text("SELECT name FROM report_identities")) == NAME


def test_a_report_in_work_is_left_alone_and_the_typed_reason_stays(desks, session):
    report, _secret = desks.send()
    answer = ask(desks.officer("admin"), report)
    assert answer.status_code == 409
    assert "masih ditangani" in answer.text
    assert REASON in answer.text
    assert ask(desks.officer("admin"), report, reason="x").status_code == 422


def test_a_request_can_be_taken_back_and_asked_again(desks, closed):
    report, _secret = closed
    admin = desks.officer("admin")
    ask(admin, report)
    assert "sudah tercatat" in ask(admin, report).text
    admin.post(f"/admin/data-pribadi/{report.id}/batal")
    assert ask(admin, report).status_code == 302


def test_the_night_takes_what_is_older_than_the_city_keeps_and_nothing_else(desks, closed, session, settings):
    admin, store = desks.officer("admin"), open_store(settings.storage_url)
    assert erasure.erase_what_is_old(session, actor=WORKER, now=desks.clock(), storage=store) == 0
    admin.post("/admin/data-pribadi/retensi", data={"years": "2", "reason": "Jadwal retensi arsip kota"})
    session.rollback()
    assert erasure.erase_what_is_old(session, actor=WORKER, now=desks.clock(), storage=store) == 0
    desks.clock.advance(days=732)
    assert erasure.erase_what_is_old(session, actor=WORKER, now=desks.clock(), storage=store) == 1
    assert erasure.erase_what_is_old(session, actor=WORKER, now=desks.clock(), storage=store) == 0
    session.commit()
    assert session.scalar(text("SELECT name FROM report_identities")) is None
    assert "2 tahun sesudah ditutup" in admin.get("/admin/data-pribadi").text


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "lurah", "inspektur", "wali", "perencana"])
def test_only_the_citys_admins_may(desks, name):
    browser = desks.officer(name)
    assert browser.get("/admin/data-pribadi").status_code == 403
    for address in ("", "/retensi", f"/{uuid.uuid4()}/hapus", f"/{uuid.uuid4()}/batal"):
        assert browser.post(f"/admin/data-pribadi{address}", data={"number": "x"}).status_code == 403


def test_the_planner_keeps_no_sample_of_what_is_personal(desks, session, database):
    """Its statistics are values of the table, and outlive the rows until the table is looked over again."""
    for _ in range(3):
        _report, secret = desks.send()
        desks.stranger().post(f"/l/{secret}/pesan", data={"isi": REPLY})
    session.commit()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        kept = connection.execute(
            "SELECT tablename, concat(most_common_vals::text, histogram_bounds::text) FROM pg_stats"
            " WHERE schemaname = 'public'"
        ).fetchall()
    told = "\n".join(sample for _table, sample in kept)
    assert "reports" in {table for table, _sample in kept}
    assert "72.71" in told, "otherwise this test proves nothing"
    for word in (NAME, PHONE[1:], EMAIL, LANDMARK, WORDS, REPLY, POINT[0], POINT[1]):
        assert word not in told, word
