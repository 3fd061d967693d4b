"""Taking event logs away: choosing and counting, the file, how far it is, and who reads that it was taken."""

import re
import uuid
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import event, text

from app.db.queries import exports as exports_queries
from tests.db.plans import plan_of, settle, statements_of, touched
from tests.web.desks import seen


def exports(session):
    session.rollback()
    return session.execute(text("SELECT * FROM exports ORDER BY started_at, id")).all()


def token(page):
    return re.search(r'name="kunci" value="([0-9a-f-]{36})"', page.text)[1]


def test_the_page_counts_what_will_be_in_the_file(desks, session):
    desks.send()
    desks.send(kind="aspirasi")
    browser = desks.officer("inspektur")
    total = session.scalar(text("SELECT sum(last_seq) FROM streams WHERE kind = 'laporan'"))
    assert f"2 laporan · {total} peristiwa" in seen(browser.get("/audit/ekspor"))
    one = browser.get("/audit/ekspor?jenis=aspirasi")
    assert "1 laporan" in seen(one)
    assert '<option value="aspirasi" selected>' in one.text
    assert "0 laporan · 0 peristiwa" in seen(browser.get("/audit/ekspor?status=selesai"))


def test_the_file_is_that_of_the_selection_and_its_progress_can_be_asked(desks, session):
    desks.send()
    report, _secret = desks.send(kind="aspirasi")
    browser = desks.officer("inspektur")
    key = token(browser.get("/audit/ekspor?jenis=aspirasi"))
    before = browser.get(f"/audit/ekspor/{key}.json").get_json()
    assert before == {"written": 0, "total": 0, "state": "menunggu"}
    form = {"bentuk": "jsonl", "jenis": "aspirasi", "nomor": "ya", "kunci": key}
    answer = browser.post("/audit/ekspor", data=form)
    lines = answer.text.splitlines()
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="peristiwa-')
    assert lines
    assert all(f'"case":"{report.number}"' in line for line in lines)
    told = browser.get(f"/audit/ekspor/{key}.json").get_json()
    assert told == {"written": len(lines), "total": len(lines), "state": "selesai"}
    page = seen(browser.get("/audit/ekspor"))
    count = f"1 laporan, {len(lines)} dari {len(lines)}"
    for words in ("Aspirasi", "JSON Lines, dengan nomor", count, "Selesai"):
        assert words in page, words
    again = browser.post("/audit/ekspor", data=form)
    assert (again.status_code, again.text.splitlines()[:-1]) == (200, lines[:-1])
    assert len({row.id for row in exports(session)}) == 2, "the same button twice is two files"


def test_a_file_that_is_broken_off_says_so(desks, session):
    for _ in range(2):
        desks.send()
    browser = desks.officer("inspektur")
    answer = browser.post("/audit/ekspor", data={"bentuk": "csv"}, buffered=False)
    next(answer.response)
    answer.close()
    (row,) = exports(session)
    assert (row.state, row.ended_at is not None) == ("putus", True)
    assert "Terputus" in seen(browser.get("/audit/ekspor"))


def test_a_file_whose_writer_was_killed_does_not_go_on_for_ever(desks, session, clock):
    desks.send()
    browser = desks.officer("inspektur")
    assert browser.post("/audit/ekspor", data={"bentuk": "csv"}).text
    session.rollback()
    session.execute(text("UPDATE exports SET state = 'berjalan', ended_at = NULL, written = 1"))
    session.commit()
    assert "Sedang diunduh" in seen(browser.get("/audit/ekspor"))
    clock.advance(minutes=5)
    assert "Terputus" in seen(browser.get("/audit/ekspor"))


def test_what_cannot_be_read_is_said_and_nothing_leaves(desks, session):
    desks.send()
    browser = desks.officer("inspektur")
    page = browser.get("/audit/ekspor?sejak=kemarin&kata=lampu")
    assert "Tanggal tidak dikenali" in seen(page)
    assert 'value="kemarin"' in page.text
    assert 'value="lampu"' in page.text
    for form in ({"bentuk": "csv", "sejak": "kemarin"}, {"bentuk": "exe"}, {"bentuk": "csv", "versi": "3"}):
        refused = browser.post("/audit/ekspor", data=form)
        assert (refused.status_code, refused.mimetype) == (422, "text/html")
    assert browser.post("/audit/ekspor", data={"bentuk": "csv", "kunci": "x"}).status_code == 200
    assert len(exports(session)) == 1


def test_words_searched_for_are_kept_nowhere(desks, session, owner_session):
    desks.send()
    browser = desks.officer("inspektur")
    assert browser.post("/audit/ekspor", data={"bentuk": "csv", "kata": "Perempuan Tua"}).status_code == 200
    session.rollback()
    tables = owner_session.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    ).all()
    for table in tables:
        dump = "\n".join(owner_session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" t')))
        assert "Perempuan Tua" not in dump, table
    assert "Dengan kata tertentu" in seen(browser.get("/audit/ekspor"))


def test_nobody_asks_for_anothers_file_and_a_taken_key_is_not_taken_over(desks, session):
    desks.send()
    desks.hire("kedua", ("inspektorat", "INSPEKTORAT"))
    session.execute(text("UPDATE persons SET password_hash = (SELECT password_hash FROM persons"
                         " WHERE username = 'inspektur') WHERE username = 'kedua'"))
    session.commit()
    key = str(uuid.uuid4())
    browser, other = desks.officer("inspektur"), desks.officer("kedua")
    assert browser.post("/audit/ekspor", data={"bentuk": "csv", "kunci": key}).text
    assert browser.get(f"/audit/ekspor/{key}.json").get_json()["state"] == "selesai"
    assert other.get(f"/audit/ekspor/{key}.json").get_json()["state"] == "menunggu"
    assert other.post("/audit/ekspor", data={"bentuk": "csv", "kunci": key}).status_code == 200
    assert [str(row.id) == key for row in exports(session)].count(True) == 1


@pytest.mark.parametrize("form", ["csv", "jsonl", "xes", "ocel"])
def test_every_form_is_journaled_with_what_was_taken(desks, session, form):
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    browser.get(f"/jejak/{report.number}")
    browser.get(f"/audit/{report.number}/bundle.zip")
    browser.post("/audit/ekspor", data={"bentuk": form, "terlambat": "ya"})
    page = seen(browser.get("/audit/pembacaan"))
    for words in ("Jejak dibaca", "Berkas bukti diunduh", "tanpa isi teks", "Catatan peristiwa diunduh",
                  "dengan nama samaran: Terlambat", report.number, "Inspektorat"):
        assert words in page, words


def test_pages_cost_the_same_however_much_there_is(app, desks):
    def statements(path):
        said = []
        engine = app.extensions["tuntas_database"].engine
        listen = partial(_note, said)
        event.listen(engine, "before_cursor_execute", listen)
        assert browser.get(path).status_code == 200
        event.remove(engine, "before_cursor_execute", listen)
        return len(said)

    pages = ("/audit/ekspor", "/audit/pembacaan")
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    browser.get(f"/jejak/{report.number}")
    assert browser.post("/audit/ekspor", data={"bentuk": "csv"}).text
    few = [statements(path) for path in pages]
    for _ in range(3):
        report, _secret = desks.send()
        browser.get(f"/jejak/{report.number}")
        assert browser.post("/audit/ekspor", data={"bentuk": "csv"}).text
    assert [statements(path) for path in pages] == few
    assert max(few) < 10


def _note(said, *told):
    said.append(told[2])


JOURNALED = """
INSERT INTO events (stream_id, stream_seq, at, type, actor_kind, source, data, hash)
  SELECT md5('r' || n)::uuid, k,
         timestamptz '2026-01-01 00:00+00' + k * interval '7 days' + n * interval '1 minute',
         (ARRAY['TaskCompleted', 'StepsPassed', 'TraceRead', 'TaskCompleted', 'TraceExported'])[1 + k % 5],
         'person', 'uji', '{}', ''
    FROM generate_series(1, 4000) n, generate_series(1, 10) k;
INSERT INTO identity_readings (id, report_id, at, person_id, role_code, purpose, fields)
  SELECT gen_random_uuid(), md5('r' || n % 4000)::uuid,
         timestamptz '2026-01-01 00:00+00' + n * interval '20 minutes', gen_random_uuid(), 'admin_kominfo',
         '', ''
    FROM generate_series(1, 8000) n;
INSERT INTO reports (id, number, kind, channel, description, anonymous, confidential, received_at, status,
                     status_since, priority, supporters, tracking_hash, submission_key)
  SELECT md5('r' || n)::uuid, 'LW-2026-01-' || lpad(n::text, 6, '0'), 'pengaduan', 'web', 'Lama.', false,
         false, '2026-01-01', 'selesai', '2026-01-01', 'normal', 0, sha256(n::text::bytea),
         md5('k' || n)::uuid
    FROM generate_series(0, 4000) n
"""
OF_EACH = {"events": 10, "identity_readings": 2}
"""Rows there are of each report."""


@pytest.fixture
def journaled(owner, database):
    """A city in which every report's trace was read, and its reporter's identity, again and again."""
    for statement in JOURNALED.split(";\n"):
        owner.execute(text(statement))
    owner.commit()
    settle(database, "events", "identity_readings", "reports")
    return database


@pytest.mark.parametrize("number", ["", "LW-2026-01-000077", "LW-2026-01-003999"])
def test_the_journal_reads_only_what_it_tells(journaled, session, number):
    """A million events are not read through to find who read what; of one report nothing else is read."""
    most = 51
    report = session.scalar(text("SELECT id FROM reports WHERE number = :number"), {"number": number})
    asked = {"until": datetime(2027, 1, 1, tzinfo=UTC), "most": most, "report_id": report}
    told = exports_queries.readings(session, **asked)
    assert len(told) == (most if report is None else 6)
    statement = statements_of(journaled.engine, lambda: exports_queries.readings(session, **asked))[-1]
    scans = [node for node in plan_of(journaled.engine, statement) if node.get("Relation Name") in OF_EACH]
    assert {node["Relation Name"] for node in scans} == set(OF_EACH)
    for node in scans:
        # One more may be looked at, to see where those of the same moment end.
        assert touched(node) <= (most + 1 if report is None else OF_EACH[node["Relation Name"]]), node


def test_of_one_moment_the_journal_tells_the_last_first_and_skips_none(journaled, owner, session):
    """However few are shown at once: what is left out comes after what is told."""
    owner.execute(text("UPDATE events SET at = '2026-06-01'"))
    owner.execute(text("UPDATE identity_readings SET at = '2026-06-01'"))
    owner.commit()
    for report in (None, session.scalar(text("SELECT id FROM reports WHERE number = 'LW-2026-01-000077'"))):
        ids = {
            most: [row.id for row in exports_queries.readings(
                session, until=datetime(2027, 1, 1, tzinfo=UTC), most=most, report_id=report)]
            for most in (2, 5, 50)
        }  # fmt: skip
        assert ids[50][:5] == ids[5]
        assert ids[5][:2] == ids[2]


def test_of_one_report_the_journal_tells_only_its_own(desks):
    report, _secret = desks.send()
    other, _secret = desks.send()
    browser = desks.officer("inspektur")
    for number in (report.number, other.number):
        browser.get(f"/jejak/{number}")
        desks.officer("admin").post(f"/laporan/{number}/identitas", data={"tujuan": f"perihal {number}"})
    browser.post("/audit/ekspor", data={"bentuk": "csv"})
    page = seen(browser.get(f"/audit/pembacaan?nomor={report.number}"))
    assert f"perihal {report.number}" in page
    assert "Jejak dibaca" in page
    assert other.number not in page
    assert "Catatan peristiwa diunduh" not in page
    assert browser.get("/audit/pembacaan?nomor=LW-2026-03-999999").status_code == 404


def test_the_journal_goes_back_page_by_page_without_losing_a_line(desks, clock):
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    for _ in range(70):
        clock.advance(minutes=1)
        browser.get(f"/audit/{report.number}/bundle.zip")
    clock.advance(minutes=1)
    first = browser.get("/audit/pembacaan")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = browser.get(older)
    lines = [page.text.count("Berkas bukti diunduh") for page in (first, second)]
    assert lines == [50, 20]
    assert browser.get("/audit/pembacaan?sampai=dahulu").status_code == 200
