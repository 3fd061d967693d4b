"""The checker finds nothing in a city at work, and finds whatever is not as it must be."""

import json

import psycopg
import pytest
from sqlalchemy import text

from app.db.session import make_sessions
from app.services import invariants, process, tracking
from app.services.outcome import Pushed
from app.services.tracking import reporter_of
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import WORKER, Workshop


def rules(database, now):
    with make_sessions(database.engine)() as session:
        return [(found.rule, found.number) for found in invariants.offences(session, now=now)]


@pytest.fixture
def shop(session, clock):
    """A report that was closed, one that was withdrawn, one whose deadline passed."""
    shop = Workshop(session, clock, SHORT_SOP.replace("{key}", "pengaduan").replace("{message}", ""))
    closed = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    assert isinstance(shop.do("pelapor", "tanggapi", penilaian=5), Pushed)
    withdrawn = shop.report()
    told = tracking.say(
        session, withdrawn, "Sudah diperbaiki warga.", message="penarikan",
        actor=reporter_of(withdrawn, source="uji"), now=clock(),
    )  # fmt: skip
    assert told.moved
    session.commit()
    late = shop.report()
    clock.advance(days=30)
    instance = shop.value("SELECT id FROM instances WHERE report_id = :r", r=late)
    assert isinstance(process.wake(session, instance, actor=WORKER, now=clock()), Pushed)
    session.commit()
    shop.reports = {"closed": closed, "withdrawn": withdrawn, "late": late}
    return shop


def test_a_city_at_work_breaks_no_rule(shop, database, clock, session):
    assert rules(database, clock()) == []
    assert invariants.counts(session) == invariants.Counts(received=3, open=1, closed=2)


BROKEN = [
    ("satu_keadaan", "late", "UPDATE reports SET closed_at = now() WHERE id = :report"),
    ("satu_keadaan", "closed", "UPDATE reports SET status = 'ditolak' WHERE id = :report"),
    ("satu_keadaan", "closed", "UPDATE reports SET closed_at = NULL WHERE id = :report"),
    ("langkah_berikut", "late",
     "UPDATE work_items SET closed_at = now(), outcome = 'cancelled' WHERE report_id = :report;"
     "UPDATE instances SET next_wake = NULL, waiting = '{{}}' WHERE report_id = :report"),
    ("langkah_berikut", "late",
     "UPDATE instances SET next_wake = '2026-03-01' WHERE report_id = :report"),
    ("langkah_berikut", "late",
     "DELETE FROM deadlines WHERE id IN (SELECT id FROM work_items WHERE report_id = :report);"
     "DELETE FROM work_items WHERE report_id = :report;"
     "DELETE FROM instances WHERE report_id = :report"),
    ("akhir_bersih", "closed",
     "UPDATE work_items SET closed_at = NULL, outcome = NULL WHERE report_id = :report"),
    ("akhir_bersih", "closed", "UPDATE instances SET state = '{{}}' WHERE report_id = :report"),
    ("akhir_bersih", "closed", "UPDATE instances SET next_wake = now() WHERE report_id = :report"),
    ("satu_akibat", "closed",
     "INSERT INTO events (stream_id, stream_seq, at, type, actor_kind, source, data, hash)"
     " SELECT stream_id, stream_seq + 100, at, type, actor_kind, source, data, hash FROM events"
     " WHERE stream_id = :report AND type = 'TaskCompleted'"),
    ("satu_akibat", "closed", "DELETE FROM events WHERE stream_id = :report AND type = 'TaskCompleted'"),
    ("satu_akibat", "closed", "DELETE FROM events WHERE stream_id = :report AND type = 'ReportClosed'"),
    ("satu_akibat", "late", "DELETE FROM events WHERE stream_id = :report AND type = 'ReportReceived'"),
    ("tenggat", "late", "UPDATE work_items SET due_at = due_at + interval '1 day' WHERE report_id = :report"),
    ("tenggat", "closed", "DELETE FROM deadlines WHERE instance_id ="
     " (SELECT id FROM instances WHERE report_id = :report)"),
    ("versi_tercatat", "late", "UPDATE instances SET sop_version_id = gen_random_uuid()"
     " WHERE report_id = :report"),
    ("versi_tercatat", "late", "DELETE FROM events WHERE stream_id = :report AND type = 'ProcessStarted'"),
    ("posisi", "late", "UPDATE work_items SET element = 'lain' WHERE report_id = :report"),
    ("posisi", "late", "UPDATE instances SET state = '{{}}' WHERE report_id = :report"),
    ("posisi", "late", "UPDATE instances SET waiting = '{{keberatan}}' WHERE report_id = :report"),
    ("posisi", "late", "UPDATE reports SET status = 'diproses' WHERE id = :report"),
    ("jejak", "closed", "UPDATE events SET source = 'lain' WHERE stream_id = :report AND stream_seq = 2"),
    ("jejak", "closed", "DELETE FROM events WHERE stream_id = :report AND stream_seq = 2"),
    ("jejak", "closed", "DELETE FROM events WHERE stream_id = :report AND stream_seq ="
     " (SELECT last_seq FROM streams WHERE id = :report)"),
    ("jejak", "closed", "UPDATE event_secrets SET value = 'lain' WHERE stream_id = :report"),
]  # fmt: skip


def tamper(database, sql, report_id):
    """Do what no part of the program can: the triggers are switched off."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in sql.format().replace(":report", f"'{report_id}'").split(";"):
            connection.execute(statement)


@pytest.mark.parametrize(("rule", "which", "sql"), BROKEN)
def test_what_is_broken_is_found_and_named(shop, database, clock, rule, which, sql):
    report_id = shop.reports[which]
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=report_id)
    shop.session.commit()
    tamper(database, sql, report_id)
    assert (rule, number) in rules(database, clock())


def test_erasing_what_somebody_said_leaves_the_chain_whole(shop, database, clock):
    shop.session.commit()
    tamper(database, "DELETE FROM event_secrets", shop.reports["closed"])
    assert rules(database, clock()) == []


def test_an_incident_is_a_next_step(shop, database, clock):
    shop.session.commit()
    tamper(
        database,
        "UPDATE instances SET next_wake = '2026-03-01' WHERE report_id = :report;"
        "INSERT INTO incidents (id, instance_id, report_id, sop_key, cause, names, action, attempts, "
        " opened_at, last_tried_at)"
        " SELECT gen_random_uuid(), id, report_id, sop_key, '-', '{{}}', '{{}}', 1, now(), now()"
        " FROM instances WHERE report_id = :report",
        shop.reports["late"],
    )
    assert "langkah_berikut" not in [rule for rule, _ in rules(database, clock())]


def test_the_command_says_it_in_words_and_by_its_exit(app, shop, database):
    run = app.test_cli_runner().invoke
    shop.session.commit()
    good = run(args=["audit", "verify"])
    assert (good.exit_code, good.output) == (0, "Semua rantai utuh, dan semua catatan cocok dengannya.\n")
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.reports["closed"])
    other = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.reports["late"])
    shop.session.commit()
    tamper(
        database, "UPDATE events SET source = 'lain' WHERE stream_id = :report AND stream_seq = 2",
        shop.reports["closed"],
    )  # fmt: skip
    assert run(args=["audit", "verify", "--report", other]).exit_code == 0
    for bad in (run(args=["audit", "verify"]), run(args=["audit", "verify", "--report", number])):
        assert bad.exit_code == 1
        assert bad.output.startswith(f"{number}: peristiwa 2 ")
    assert run(args=["audit", "verify", "--report", "LW-2026-01-999999"]).exit_code == 1
    shown = run(args=["audit", "invariants", "--json"])
    told = json.loads(shown.output)
    assert shown.exit_code == 1
    assert (told["received"], told["open"], told["closed"], told["offences"]) == (3, 1, 2, 1)
    assert told["first"][0]["number"] == number
    assert "1 pelanggaran." in run(args=["audit", "invariants"]).output


def test_checking_writes_nothing(shop, database, clock):
    with make_sessions(database.engine)() as session:
        list(invariants.offences(session, now=clock()))
        assert session.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
