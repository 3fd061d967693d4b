"""The trace of a report: who may open it, that opening it is written down, and that it names no reporter."""

import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.services.test_photos import jpeg
from tests.web.desks import DESKS, LANDMARK, PERSONAL, POINT, seen

combinations = pytest.mark.parametrize(
    ("anonymous", "confidential"), [(False, False), (False, True), (True, False), (True, True)]
)


def worked_on(desks, *, anonymous=False, confidential=False):
    """A report that was verified, worked on with a photo, and answered by its reporter."""
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, _secret = desks.send(**flags)
    desks.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    operator = desks.officer("operator")
    task = desks.item("kerjakan", report.id).id
    sent = operator.post(
        f"/tugas/{task}/foto",
        data={"field": "foto_sesudah", "client_id": "b", "photo": (io.BytesIO(jpeg((5, 80, 5))), "b.jpg")},
    ).get_json()
    desks.clock.advance(hours=3)
    done = operator.post(f"/tugas/{task}", data={"uraian": "Lampu diganti.", "foto_sesudah": sent["id"]})
    assert done.status_code == 302
    desks.session.rollback()
    return report


@combinations
def test_only_the_inspector_opens_a_trace_and_reads_no_reporter_there(desks, anonymous, confidential):
    report = worked_on(desks, anonymous=anonymous, confidential=confidential)
    address = f"/jejak/{report.number}"
    for name in DESKS:
        answer = desks.officer(name).get(address)
        assert answer.status_code == (200 if name == "inspektur" else 403), name
        if name == "inspektur":
            for hidden in (*PERSONAL, LANDMARK, POINT[0], POINT[1], POINT[1][:-2]):
                assert hidden not in answer.text, hidden
    asked = desks.stranger().get(address)
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/masuk")


def test_an_unknown_number_is_not_found(desks):
    assert desks.officer("inspektur").get("/jejak/LW-2026-03-999999").status_code == 404


def readings(session):
    session.rollback()
    rows = session.execute(
        text("SELECT actor_id, role_code, source FROM events WHERE type = 'TraceRead' ORDER BY seq")
    )
    return [tuple(row) for row in rows]


def test_opening_is_written_down_once_a_day(desks, session, clock):
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    first = browser.get(f"/jejak/{report.number}")
    assert "Jejak dibaca" in seen(first), "whoever opens it reads that it was noted"
    browser.get(f"/jejak/{report.number}")
    (only,) = readings(session)
    assert (str(only[0]), *only[1:]) == (
        desks.who["inspektur"].person_id,
        "inspektorat",
        "web:trace.show",
    )
    clock.advance(days=1)
    browser = desks.officer("inspektur")
    browser.get(f"/jejak/{report.number}")
    assert len(readings(session)) == 2
    desks.officer("operator").get(f"/jejak/{report.number}")
    assert len(readings(session)) == 2


def test_it_says_who_when_from_where_before_after_and_answers(desks):
    report = worked_on(desks)
    page = html.unescape(seen(desks.officer("inspektur").get(f"/jejak/{report.number}")))
    for words in (
        "Admin (uji) · Admin Kominfo",
        "halaman tugas petugas",
        "formulir laporan warga",
        "Perangkat daerah",
        "Dinas Pekerjaan Umum",
        "Lampu diganti.",
        "Diteruskan kepada dinas.",
        "3 jam kerja",
        "hari_kerja(3)",
        "SHA-256",
        "Disegel malam ini",
    ):
        assert words in page, words


def test_every_event_stands_there_with_its_own_hash(desks, session):
    report = worked_on(desks)
    page = desks.officer("inspektur").get(f"/jejak/{report.number}").text
    session.rollback()
    rows = session.execute(
        text("SELECT stream_seq, encode(hash, 'hex') AS hash FROM events WHERE stream_id = :id"),
        {"id": report.id},
    ).all()
    parts = dict(re.findall(r'id="peristiwa-(\d+)"(.*?)</li>', page, re.DOTALL))
    assert sorted(map(int, parts)) == sorted(row.stream_seq for row in rows)
    for row in rows:
        assert row.hash in page


def test_a_late_step_says_by_how_much(desks):
    report, _secret = desks.send()
    desks.clock.set(desks.clock() + timedelta(days=20))
    desks.do("admin", "verifikasi", opd="DPU")
    page = seen(desks.officer("inspektur").get(f"/jejak/{report.number}"))
    assert re.search(r"Memeriksa laporan .*terlambat \d+ hari kerja", page)


def test_the_way_to_the_trace_is_shown_to_those_who_may(desks):
    report, _secret = desks.send()
    for name, link in (("inspektur", True), ("operator", False), ("admin", False)):
        page = desks.officer(name).get(f"/laporan/{report.number}").text
        assert (f'href="/jejak/{report.number}"' in page) is link, name
