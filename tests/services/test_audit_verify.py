"""Whoever holds the database changes any row beside the trace, and `flask audit verify` names it."""

import uuid

import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer, is_signed
from app.adapters.storage import open_store
from app.db.models import Instance, Role
from app.db.queries.trace_search import Criteria
from app.db.session import make_sessions
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import (
    audit_export,
    audit_verify,
    conversation,
    identity,
    operations,
    photos,
    task_work,
)
from app.services.audit_export import Order
from app.services.conversation import NewMessage
from app.services.erasure import confirm_erasure, request_erasure
from app.services.intake import NewReport, submit_report
from app.services.photos import Upload
from app.services.tracking import reporter_of, say
from tests.engine.diagrams import begin, end, flows
from tests.services.test_operations import REASON, Desk
from tests.services.test_photos import jpeg
from tests.services.workshop import KEY, REPORTER, WITA, counted, diagram, task

PUBLIC = Signer("42" * 32).public
STORY = diagram(
    begin("mulai")
    + task("verifikasi", "opd:unit,required=true", deadline="hari_kerja(3)", status="diverifikasi")
    + task("kerjakan", "uraian:text,required=true", "bukti:photo", deadline="hari_kerja(5)")
    + task("periksa", "diterima:boolean,required=true", deadline="hari_kerja(2)")
    + end("tuntas", "masuk_rencana")
    + flows("mulai verifikasi", "verifikasi kerjakan", "kerjakan periksa", "periksa tuntas"),
    {"admin_kominfo": ["verifikasi"], "operator_opd": ["kerjakan"], "verifikator": ["periksa"]},
    total="hari_kerja(14)",
)


@pytest.fixture
def storage(tmp_path):
    return open_store(str(tmp_path / "foto"))


@pytest.fixture
def desk(session, clock, storage):
    """A report that was reported with a photo, worked on with another, operated on, read, and closed; and one
    that waits for a second person."""
    desk = Desk(session, clock, STORY)
    session.add(Role(code="inspektorat", name="Inspektorat"))
    session.flush()
    desk.hire("auditor", ("inspektorat", None))
    desk.storage = storage
    form = uuid.uuid4()
    sent = photos.receive_photo(
        session, Upload(jpeg((90, 20, 20)), form), actor=None, now=clock(), storage=storage, zone=WITA
    )
    new = NewReport(
        submission_key=form, kind=Kind.PENGADUAN, description="Tumpukan sampah di pinggir jalan seminggu.",
        point=Point(-0.91215, 119.88286), contact=Contact("Warga Uji", "0812-3456-7890", None),
    )  # fmt: skip
    desk.id = submit_report(
        session, new, actor=REPORTER, now=clock(), sealing_key=KEY, city_name="Kota Palu"
    ).report_id
    session.commit()
    desk.first_photo = sent.id
    desk.do("admin", "verifikasi", opd="DPU")
    clock.advance(hours=2)
    desk.instance = session.scalars(select(Instance)).one()
    item = desk.item("kerjakan")
    desk.ask(desk.instance, "batas", tugas=str(item.id),
             sampai=(item.due_at + (item.due_at - item.opened_at)).isoformat())  # fmt: skip
    clock.advance(hours=1)
    conversation.write(
        session, desk.id, NewMessage("Segera kami tangani.", "pelapor"), actor=desk.who["admin"], now=clock()
    )
    say(session, desk.id, "Baik, terima kasih.", actor=reporter_of(desk.id, source="uji"), now=clock())
    task_work.claim(session, item.id, actor=desk.who["operator"], now=clock())
    session.commit()
    identity.read_identity(
        session, desk.id, purpose="menanyakan letaknya", actor=desk.who["operator"], now=clock()
    )
    proof = photos.receive_photo(
        session, Upload(jpeg((20, 90, 20)), item.id, "", photos.PROOF, "bukti", item.id),
        actor=desk.who["operator"], now=clock(), storage=storage, zone=WITA,
    )  # fmt: skip
    session.commit()
    for one in (sent.id, proof.id):
        photos.process_photo(session, one, storage=storage, now=clock())
    session.commit()
    desk.proof = proof.id
    desk.do("operator", "kerjakan", uraian="Sudah diangkut.", bukti=[str(proof.id)])
    clock.advance(hours=1)
    asked = desk.ask(desk.instance, "batalkan")
    desk.confirm(asked.operation_id)
    desk.done = asked.operation_id
    audit_export.begin(session, Order(Criteria(), "csv"), actor=desk.who["auditor"], now=clock())
    session.commit()
    clock.advance(hours=1)
    desk.other = desk.at_work()
    desk.waits = desk.ask(desk.other, "batalkan").operation_id
    desk.number = desk.value("SELECT number FROM reports WHERE id = :r", r=desk.id)
    desk.beside = desk.value("SELECT number FROM reports WHERE id <> :r", r=desk.id)
    session.rollback()
    return desk


def said(session, number=None):
    found = audit_verify.found_now(session, number, public=PUBLIC, is_signed=is_signed)
    return [(one.number, one.detail) for one in found]


def check(desk, master, changes):
    """Each change alone is named, with the number of its report and these words."""
    for number, statement, words in changes:
        with master.begin_nested() as change:
            for sql in statement.split(";"):
                given = {"id": desk.id, "done": desk.done, "waits": desk.waits, "first": desk.first_photo,
                         "proof": desk.proof}  # fmt: skip
                used = {name: value for name, value in given.items() if f":{name}" in sql}
                done = master.execute(text(sql), used)
                assert done.rowcount > 0, f"{sql}: otherwise this test proves nothing"
            found = said(master)
            change.rollback()
        assert any(one == number and words in detail for one, detail in found), (statement, found)


def test_untouched_everything_fits(desk, database):
    with make_sessions(database.engine)() as fresh:
        assert list(audit_verify.verify(fresh, public=PUBLIC, is_signed=is_signed)) == []
    with make_sessions(database.engine)() as fresh:
        alone = audit_verify.verify(fresh, desk.number, public=PUBLIC, is_signed=is_signed)
        assert list(alone) == []


def test_any_photo(desk, master):
    one, two = desk.number, desk.beside
    check(desk, master, [
        (one, "UPDATE photos SET sha256 = repeat('0', 64) WHERE id = :first", "sidik bukan yang tercatat"),
        (one, "UPDATE photos SET sha256 = repeat('0', 64) WHERE id = :proof", "sidik bukan yang tercatat"),
        (one, "UPDATE photos SET image_key = 'aa/' || repeat('a', 64) || '.jpg' WHERE id = :first",
         "sidik salinan bukan"),
        (one, "UPDATE photos SET state = 'ditolak' WHERE id = :proof", "keadaan bukan"),
        *((one, f"UPDATE photos SET {column} WHERE id = :{photo}", "waktu, tempat, alat, atau ukuran")
          for photo in ("first", "proof") for column in (
            "taken_at = '2026-03-01 00:00+00'", "lat = -0.9, lng = 119.9", "device = 'Kamera lain'",
            "uploaded_at = uploaded_at - interval '1 hour'", "uploaded_by = gen_random_uuid()",
            "dhash = dhash # 1", "width = width + 1", "size = size + 1", "purpose = 'internal'",
            "thumbnail_key = image_key")),
        (one, "DELETE FROM photos WHERE id = :first", "hilang, padahal tercatat"),
        (one, "DELETE FROM photos WHERE id = :proof", "hilang, padahal tercatat"),
        (one, "UPDATE photos SET work_item_id = (SELECT id FROM work_items WHERE element = 'verifikasi'"
         " LIMIT 1) WHERE id = :proof", "jawaban yang tidak menyebutnya"),
        (one, "UPDATE photos SET field = 'lain' WHERE id = :proof", "jawaban yang tidak menyebutnya"),
        (one, "INSERT INTO photos SELECT (jsonb_populate_record(p, jsonb_build_object('id',"
         " gen_random_uuid(), 'client_id', 'x'))).* FROM photos p WHERE id = :first",
         "tidak tercatat dalam peristiwa"),
        (two, "UPDATE photos SET report_id = (SELECT id FROM reports WHERE id <> :id) WHERE id = :first",
         "tidak tercatat dalam peristiwa"),
        (one, "UPDATE photos SET report_id = (SELECT id FROM reports WHERE id <> :id) WHERE id = :first",
         "hilang, padahal tercatat"),
    ])  # fmt: skip


def test_a_photo_that_was_clean_before_its_report_was_sent(desk, session, clock, master):
    """Its traits stand in the event of the report itself."""
    form, storage = uuid.uuid4(), desk.storage
    sent = photos.receive_photo(
        session, Upload(jpeg((5, 5, 90)), form), actor=None, now=clock(), storage=storage, zone=WITA
    )
    session.commit()
    photos.process_photo(session, sent.id, storage=storage, now=clock())
    new = NewReport(
        submission_key=form, kind=Kind.PENGADUAN, description="Lampu jalan padam sudah tiga malam.",
        point=Point(-0.91215, 119.88286), contact=Contact("Warga Uji", "0812-3456-7890", None),
    )  # fmt: skip
    received = submit_report(
        session, new, actor=REPORTER, now=clock(), sealing_key=KEY, city_name="Kota Palu"
    )
    session.commit()
    assert said(master) == []
    desk.first_photo = sent.id
    check(desk, master, [
        (received.number, f"UPDATE photos SET {column} WHERE id = :first", words) for column, words in (
            ("device = 'Kamera lain'", "waktu, tempat, alat, atau ukuran"),
            ("state = 'karantina'", "keadaan"),
            ("sha256 = repeat('0', 64)", "sidik bukan"),
        )
    ])  # fmt: skip


def test_the_head_of_a_report(desk, master):
    one = desk.number
    columns = {
        "kind = 'aspirasi'": "jenis", "channel = 'telepon'": "kanal", "anonymous = true": "anonim",
        "confidential = true": "rahasia", "description = description || '.'": "isi",
        "landmark = 'dekat pasar'": "patokan", "lat = lat + 0.001": "titik",
        "lng = NULL, lat = NULL": "titik",
        "received_at = received_at - interval '1 day'": "waktu diterima",
        "occurred_on = '2026-01-01'": "tanggal kejadian",
        "closed_at = closed_at - interval '1 day'": "waktu ditutup", "closed_at = NULL": "waktu ditutup",
        "end_reason = 'selesai'": "alasan berakhir",
    }  # fmt: skip
    check(desk, master, [
        (one, f"UPDATE reports SET {column} WHERE id = :id", f"{words} bukan yang tercatat")
        for column, words in columns.items()
    ])  # fmt: skip
    check(desk, master, [
        (one, "UPDATE instances SET sop_version_id = gen_random_uuid() WHERE report_id = :id",
         "versi lain"),
        (one, "DELETE FROM event_secrets WHERE stream_id = :id AND field = 'uraian'", "kehilangan isi"),
    ])  # fmt: skip
    check(desk, master, [(None, "DELETE FROM reports WHERE id = :id", "hilang, padahal tercatat diterima")])
    check(desk, master, [
        (one, "DELETE FROM events WHERE stream_id = :id; DELETE FROM streams WHERE id = :id",
         "tidak mempunyai jejak"),
    ])  # fmt: skip


def test_any_task(desk, master):
    which = "WHERE report_id = :id AND element = 'kerjakan'"
    clock = "WHERE id IN (SELECT id FROM work_items WHERE report_id = :id AND element = 'kerjakan')"
    check(desk, master, [
        (desk.number, statement, words) for statement, words in (
            (f"UPDATE work_items SET opened_at = opened_at + interval '1 hour' {which}", "waktu dibuka"),
            (f"UPDATE work_items SET closed_at = closed_at - interval '1 hour' {which}", "waktu ditutup"),
            (f"UPDATE work_items SET due_at = due_at + interval '9 days' {which}", "batas waktu"),
            (f"UPDATE work_items SET closed_by = asked.asked_by FROM operations asked {which}", "penyelesai"),
            (f"UPDATE work_items SET outcome = 'cancelled' {which}", "akhir"),
            (f"UPDATE work_items SET element = 'periksa' {which}", "langkah"),
            (f"UPDATE deadlines SET due_at = due_at + interval '9 days' {clock}", "hitungan batas waktu"),
            (f"UPDATE deadlines SET first_due_at = now() {clock}", "batas yang dijanjikan"),
            (f"DELETE FROM work_items {which}", "hilang, padahal tercatat dibuka"),
            (f"UPDATE work_items SET id = gen_random_uuid() {which}", "tidak tercatat dibuka"),
        )
    ])  # fmt: skip


def test_any_operation(desk, master):
    one, two = desk.number, desk.beside
    somebody = f"'{desk.who['operator'].person_id}'"
    check(desk, master, [
        (number, f"UPDATE operations SET {column} WHERE id = :{which}", words)
        for number, which in ((one, "done"), (two, "waits"))
        for column, words in (
            ("kind = 'lewati'", "jenis"), (f"asked_by = {somebody}", "peminta"),
            ("asked_at = asked_at - interval '1 minute'", "waktu permintaan"),
            ("reason = reason || '.'", "alasan"), ("asked_role = 'sekda'", "peminta"),
            ("parameters = '{\"tugas\": \"x\"}'", "sasaran"),
        )
    ])  # fmt: skip
    check(desk, master, [
        (one, f"UPDATE operations SET second_by = {somebody} WHERE id = :done", "penyetuju"),
        (one, "UPDATE operation_reports SET before = after WHERE operation_id = :done", "gambaran sebelum"),
        (one, "UPDATE operation_reports SET after = before WHERE operation_id = :done", "gambaran sesudah"),
        (one, "UPDATE operation_reports SET outcome = 'dilewati' WHERE operation_id = :done",
         "barisnya berkata lain"),
        (one, "DELETE FROM operation_reports WHERE operation_id = :done; DELETE FROM operations"
         " WHERE id = :done", "hilang, padahal tercatat"),
        (two, "UPDATE operations SET state = 'ditolak' WHERE id = :waits", "keadaan"),
        (two, "UPDATE operation_reports SET outcome = 'selesai', before = '{}', after = '{}'"
         " WHERE operation_id = :waits", "tidak tercatat dalam peristiwa"),
        (two, "DELETE FROM operation_reports WHERE operation_id = :waits", "hilang, padahal tercatat"),
    ])  # fmt: skip


def test_any_reading_message_and_export(desk, master):
    one = desk.number
    readings = "identity_readings {} WHERE report_id = :id AND role_code NOT IN ('sistem', 'pelapor')"
    check(desk, master, [
        (one, "DELETE FROM " + readings.format(""), "hilang dari catatan pembacaan"),
        (one, "UPDATE " + readings.format("SET purpose = 'lain sama sekali'"), "tujuannya bukan"),
        (one, "UPDATE " + readings.format("SET person_id = gen_random_uuid()"), "tidak tercatat"),
        (one, "UPDATE " + readings.format("SET at = at + interval '1 second'"), "tidak tercatat"),
        (one, "UPDATE thread_messages SET body = 'Tidak akan.' WHERE author_kind = 'petugas'", "pesan"),
        (one, "UPDATE thread_messages SET body = 'Tidak terima.' WHERE author_kind = 'pelapor'", "pesan"),
        (one, "DELETE FROM thread_messages WHERE author_kind = 'pelapor'", "hilang atau diubah"),
        (None, "UPDATE exports SET total = 1", "bukan yang tercatat"),
        (None, "UPDATE exports SET person_id = gen_random_uuid()", "bukan yang tercatat"),
        (None, "DELETE FROM exports", "hilang atau diubah"),
    ])  # fmt: skip


def test_any_sop_version(desk, master):
    check(desk, master, [
        (None, statement, words) for statement, words in (
            ("UPDATE sop_versions SET files = replace(files::text, 'Tugas kerjakan', 'Tugas lain')::jsonb",
             "diagram atau tabel keputusan bukan yang diterbitkan"),
            ("UPDATE sop_versions SET content_hash = repeat('0', 64)", "sidik isi"),
            ("UPDATE sop_versions SET legal_basis = 'Lain'", "dasar hukum"),
            ("UPDATE sop_versions SET approver_id = author_id", "penyetuju"),
            ("UPDATE sop_versions SET effective_at = effective_at - interval '1 day'", "mulai berlaku"),
            ("UPDATE sop_versions SET id = gen_random_uuid()", "nomor pengenal"),
            ("UPDATE sop_approvals SET exception = 'Boleh saja.'", "lembar persetujuan"),
            ("DELETE FROM sop_approvals", "lembar persetujuan"),
            ("UPDATE sop_versions SET version = 7", "tidak tercatat diterbitkan"),
            ("DELETE FROM sop_versions", "hilang, padahal tercatat diterbitkan"),
        )
    ])  # fmt: skip


def test_what_was_erased_by_right_is_not_missed(desk, session, database, clock, master):
    """What an officer sent stays the city's record, so its absence is named even then."""
    request_erasure(
        session, desk.number, reason="Diminta pelapor sendiri.", actor=desk.who["admin"], now=clock()
    )
    confirm_erasure(session, desk.id, actor=desk.who["admin2"], now=clock(), storage=desk.storage)
    session.commit()
    assert desk.value("SELECT count(*) FROM photos WHERE id = :p", p=desk.first_photo) == 0
    session.rollback()
    with make_sessions(database.engine)() as fresh:
        assert list(audit_verify.verify(fresh, public=PUBLIC, is_signed=is_signed)) == []
    check(desk, master, [
        (desk.number, "DELETE FROM photos WHERE id = :proof", "hilang, padahal tercatat"),
        (desk.number, "DELETE FROM event_secrets WHERE stream_id = :id AND field = 'alasan'",
         "kehilangan isi"),
    ])  # fmt: skip


def test_it_costs_a_few_statements_a_slice_however_many_reports(desk, database):
    def statements():
        with counted(database.engine) as seen, make_sessions(database.engine)() as fresh:
            assert list(audit_verify.verify(fresh, public=PUBLIC, is_signed=is_signed)) == []
        return len(seen["statements"])

    before = statements()
    for _ in range(3):
        desk.report()
    assert statements() == before
    assert before < 20


def test_an_operation_that_was_refused_or_taken_back_still_fits(desk, session, database, clock):
    instance = desk.other
    operations.refuse(session, desk.waits, "Warga masih menunggu.", actor=desk.who["sekda"], now=clock())
    session.commit()
    asked = desk.ask(instance, "batalkan", reason=REASON)
    operations.withdraw(session, asked.operation_id, actor=desk.who["admin"], now=clock())
    session.commit()
    with make_sessions(database.engine)() as fresh:
        assert list(audit_verify.verify(fresh, public=PUBLIC, is_signed=is_signed)) == []
