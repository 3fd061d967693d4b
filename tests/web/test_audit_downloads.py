"""Downloads of the trace: who may, what is in them, and that taking them is itself written down."""

import io
import json
import zipfile

import pytest
from sqlalchemy import text

from tests.web.desks import EMAIL, NAME, PHONE, WORDS

FLAGS = [{}, {"anonymous": "y"}, {"confidential": "y"}, {"anonymous": "y", "confidential": "y"}]


@pytest.mark.parametrize("flags", FLAGS, ids=["open", "anonim", "rahasia", "both"])
def test_the_inspector_takes_a_proof_and_no_download_names_the_reporter(desks, session, flags):
    report, _secret = desks.send(**flags)
    browser = desks.officer("inspektur")
    answer = browser.get(f"/audit/{report.number}/bundle.zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="bukti-{report.number}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for form in ("csv", "jsonl", "xes", "ocel"):
        content += browser.get(f"/audit/peristiwa.{form}").data
    for word in (NAME, PHONE, PHONE[1:], EMAIL, WORDS, "-0.900217"):
        assert word.encode() not in content
    session.rollback()
    taken = session.scalars(text("SELECT type FROM events WHERE type LIKE '%Exported' ORDER BY seq")).all()
    assert taken == ["TraceExported", *["EventsExported"] * 4]


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
