"""The demo city is made by running its SOPs, and shows what it is meant to show, whatever day it is made."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer, is_signed
from app.adapters.storage import open_store
from app.cli.city import PALU
from app.cli.demo import demo_files
from app.db.models import Category, Grant, Person, Report, Role, Stream, Unit
from app.db.queries import public
from app.db.queries.people import account_named
from app.db.session import make_sessions
from app.services import audit_verify, trace_follow
from app.services.city_setup import set_up_city
from app.services.demo.accounts import PASSWORD
from app.services.demo.city import DemoNames, seed
from app.services.people import Admitted, Credentials, authenticate
from tests.services.racing import nothing_broken
from tests.services.test_process import check_chain

NAMES = DemoNames("Kota Palu", "LW", "c" * 64, "http://localhost:8000", "Lapor Walikota")
SUNDAY = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
AFTER_THE_FEAST = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
"""A Wednesday morning; the weeks before hold Idul Fitri and its joint leave."""

PAST = 47
"""Reports that ended before."""

SHOWN = {
    "Tumpukan sampah": ("selesai", []),
    "Jalan menuju pasar": ("diproses", ["tindak_lanjut"]),
    "Saluran di tepi": ("bukan_wewenang", []),
    "Lima lampu jalan": ("menunggu_verifikasi_bukti", ["periksa_bukti"]),
    "Got tersumbat": ("diproses", ["tindak_lanjut"]),
    "Depan kios": ("duplikat", []),
    "Saya juga": ("duplikat", []),
    "Petugas parkir": ("diproses", ["tindak_lanjut"]),
    "Asap dan bau": ("masuk_rencana", []),
    "Kapan jadwal": ("menunggu_verifikasi_bukti", ["periksa_jawaban"]),
    "Rambu jalur": ("diproses", ["tegur_asisten", "tegur_kepala", "tindak_lanjut"]),
    "Mohon ruang": ("masuk_rencana", []),
}
REPORTS = text("""
SELECT r.id, r.description, r.status, r.received_at, r.closed_at,
       (SELECT coalesce(array_agg(w.element ORDER BY w.element), '{}') FROM work_items w
        WHERE w.report_id = r.id AND w.closed_at IS NULL) AS open
FROM reports r
""")


@pytest.mark.parametrize("now", [SUNDAY, AFTER_THE_FEAST])
def test_twelve_reports_show_what_the_city_can_do(session, database, tmp_path, now):
    storage = open_store(str(tmp_path / "foto"))
    assert seed(session, demo_files(), NAMES, storage=storage, now=now) == 12 + PAST
    session.commit()
    nothing_broken(database, now)
    with make_sessions(database.engine)() as fresh:
        whole = audit_verify.verify(fresh, public=Signer("42" * 32).public, is_signed=is_signed)
        assert list(whole) == []
    _the_past_shows_where_it_hurts(session)
    reports = session.execute(REPORTS).all()
    found = {
        start: (report.status, report.open)
        for start in SHOWN
        for report in reports
        if report.description.startswith(start)
    }
    assert found == SHOWN
    assert max(report.received_at for report in reports) < now
    assert sum(report.closed_at is None for report in reports) == 6, "the past is over"
    for report in reports:
        check_chain(session, report.id)
    assert session.execute(text("SELECT count(*) FROM incidents")).scalar_one() == 0
    waiting = session.execute(text("SELECT DISTINCT task_name FROM procrastinate_jobs")).scalars().all()
    assert waiting == [], "what would have been sent meanwhile is not sent now"
    assert session.execute(text("SELECT count(*) FROM photos WHERE state <> 'siap'")).scalar_one() == 0

    assert seed(session, demo_files(), NAMES, storage=storage, now=now) == 0, "a city is filled once"
    _somebody_sits_everywhere(session)
    _two_stand_for_every_sop(session)
    (extended,) = [each for each in reports if each.description.startswith("Jalan menuju pasar")]
    number = session.get(Report, extended.id).number
    holder = public.report_by_number(session, number).holders[0]
    assert holder.due_at > holder.first_due_at, "both dates of an approved extension are public"
    entered = authenticate(session, Credentials("kepala.dpu", PASSWORD, "10.0.0.1"), key="b" * 64, now=now)
    assert isinstance(entered, Admitted)


def _the_past_shows_where_it_hurts(session):
    """Three months in which reports came too late, went round, came back, rose, moved and strayed."""
    while trace_follow.follow(session):
        session.commit()
    session.commit()
    flags = ("late", "returned > 0", "reopened > 0", "bounced > 0", "escalated > 0", "migrated > 0")
    for flag in flags:
        count = session.scalar(text(f"SELECT count(*) FROM report_traits WHERE {flag}"))
        assert 0 < count < PAST / 2, flag
    bounced = session.scalars(text("SELECT bounced FROM report_traits WHERE bounced > 0 ORDER BY 1")).all()
    assert bounced == [1, 1, 1, 2], "given out by Kominfo is not passed on"
    of_complaints = text("SELECT reports FROM trace_paths WHERE sop_key = 'pengaduan'")
    ways = session.scalars(of_complaints).all()
    assert max(ways) > 20, "most went the way they were meant to"
    assert ways.count(1) >= 4, "some ways were taken once"
    months = session.scalar(text("SELECT count(DISTINCT month) FROM step_times"))
    assert months >= 3
    slowest = session.execute(text("""
        SELECT place FROM step_times WHERE kind = 'langkah' AND unit = '' AND kelurahan = ''
        GROUP BY place ORDER BY sum(waiting + working) DESC LIMIT 1""")).scalar_one()
    assert slowest == "tindak_lanjut"
    ended = session.scalars(text("""
        SELECT sum(t.times) FROM step_times t JOIN sop_versions v ON v.id = t.version_id
        WHERE v.key = 'permintaan_informasi' AND t.kind = 'laporan' AND unit = '' AND kelurahan = ''
        GROUP BY v.id""")).all()
    assert len(ended) == 2, "two versions can be compared"
    assert min(ended) >= 5, "each has enough to be judged by"


def _somebody_sits_everywhere(session):
    """Two operators and a head per agency; an officer per kelurahan; every grant names its unit."""
    held = session.execute(select(Grant.role_code, Grant.unit_code)).all()
    assert all(grant.unit_code for grant in held)
    units = session.execute(select(Unit.code, Unit.kind)).all()
    counts = {pair: held.count(pair) for pair in {tuple(grant) for grant in held}}
    for code, kind in units:
        if kind == "kelurahan":
            assert counts["kelurahan", code] == 1
        else:
            assert (counts["operator_opd", code], counts["kepala_opd", code]) == (2, 1)
    assert counts["verifikator", "KOMINFO"] == counts["admin_kominfo", "KOMINFO"] == 2
    roles = set(session.scalars(select(Role.code))) - {"pelapor", "sistem"}
    assert roles == {role for role, _ in counts}
    assert all("(demo)" in name for name in session.scalars(select(Person.display_name)))


def _two_stand_for_every_sop(session):
    versions = session.execute(text("SELECT author_id, approver_id, legal_basis FROM sop_versions")).all()
    author, approver = (account_named(session, name).id for name in ("bappeda1", "asisten"))
    assert {(row.author_id, row.approver_id) for row in versions} == {(author, approver)}
    assert all("contoh" in row.legal_basis for row in versions)
    replaced = session.scalars(
        text("SELECT version FROM sop_versions WHERE key = 'permintaan_informasi' ORDER BY effective_at")
    ).all()
    assert replaced == [1, 2]
    assert session.scalars(text("SELECT jsonb_array_length(scenarios) > 0 FROM sop_versions")).all() == [
        True for _ in versions
    ]
    proofs = session.scalars(text("SELECT document_hash FROM sop_approvals")).all()
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in proofs)
    draft = session.execute(text("SELECT key, state, revision, editor_id FROM sop_drafts")).one()
    assert tuple(draft) == ("aspirasi", "konsep", 2, None)


def test_a_city_is_set_up_once_and_keeps_what_it_changed(session, clock):
    added = set_up_city(session, PALU, now=clock())
    assert (added["kecamatan"], added["kelurahan"], added["categories"]) == (8, 46, 16)
    assert added["units"] == 14 + 46
    session.get(Category, "jalan").name = "Jalan kota"
    session.get(Unit, "DPU").active = False
    session.delete(session.get(Category, "pohon"))
    session.commit()
    assert set_up_city(session, PALU, now=clock()) == {"categories": 1}
    assert session.get(Category, "jalan", populate_existing=True).name == "Jalan kota"
    assert session.get(Unit, "DPU").active is False
    stream = session.scalars(select(Stream.id).where(Stream.kind == "kota")).one()
    assert check_chain(session, stream) == 2
