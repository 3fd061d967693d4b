"""Whatever goes wrong, what somebody typed or sent is still there, and what has happened stays so."""

import html
import io
import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.db.models import Report
from app.web import citizen
from tests.engine.diagrams import begin, boundary, end, flows, timer
from tests.services.small_city import BROKEN_SOP
from tests.services.test_photos import jpeg
from tests.services.workshop import diagram, task
from tests.web.desks import WORDS, Desks, seen

pytestmark = pytest.mark.usefixtures("still_clock")
WAITS = diagram(
    begin("mulai")
    + task("tanggapi", "kesan:text", "penilaian:rating,required=true", status="menunggu_pelapor")
    + boundary("diam", "tanggapi", timer("hari_kerja(3)", "timeDate"))
    + task("telaah", "catatan:text", status="diproses")
    + end("selesai")
    + flows("mulai tanggapi", "tanggapi selesai", "diam telaah", "telaah selesai"),
    {"admin_kominfo": ["telaah"], "pelapor": ["tanggapi"]},
)


def box(page):
    """What stands in the reporter's message box."""
    return html.unescape(re.search(r'(?s)<textarea[^>]*id="isi"[^>]*>(.*?)</textarea>', page.text)[1])


def test_an_answer_after_the_limit_stays_in_the_message_box_and_the_limit_has_worked(app, session, clock):
    desks = Desks(app, session, clock, WAITS)
    report, secret = desks.send()
    own = desks.item("tanggapi").id
    clock.advance(days=30)
    browser = desks.stranger()
    for kesan in ("Belum beres juga.", "Sungguh belum."):
        answer = browser.post(f"/l/{secret}/tugas/{own}", data={"kesan": kesan, "penilaian": "2"})
        assert answer.status_code == 409
        assert kesan in box(answer)
        assert "belum terkirim" in seen(answer)
        session.rollback()
        assert desks.open() == [("telaah", "admin_kominfo", "KOMINFO")]
        assert session.get(Report, report.id, populate_existing=True).status == "diproses"


def test_a_message_that_is_too_long_comes_back_whole(app, session, clock):
    desks = Desks(app, session, clock, WAITS)
    report, secret = desks.send()
    long = "Panjang sekali. " * 300
    assert box(desks.stranger().post(f"/l/{secret}/pesan", data={"isi": long})).strip() == long.strip()
    page = desks.officer("admin").post(
        f"/laporan/{report.number}/pesan", data={"isi": long, "pembaca": "pelapor"}
    )
    assert page.status_code == 422
    assert box(page).strip() == long.strip()
    assert re.search(r'value="pelapor" checked', page.text)


def test_who_reports_while_the_sop_cannot_start_is_heard_all_the_same(app, session, clock):
    desks = Desks(app, session, clock, BROKEN_SOP)
    _report, secret = desks.send()
    browser = desks.stranger()
    for way in ("pesan", "penarikan"):
        assert browser.post(f"/l/{secret}/{way}", data={"isi": f"Ini {way} saya."}).status_code == 303
        assert f"Ini {way} saya." in browser.get(f"/l/{secret}").text
    assert desks.value("SELECT count(*) FROM incidents") == 1


def test_who_reports_too_often_keeps_the_form_and_the_photos(app, session, clock, monkeypatch):
    monkeypatch.setattr(citizen, "REPORTS_BY_ADDRESS", citizen.Limit("laporan", 1, timedelta(hours=1)))
    desks = Desks(app, session, clock, WAITS)
    browser = desks.stranger()
    desks.send(browser)
    key = str(uuid.uuid4())
    answer = browser.post(
        "/lapor",
        data={
            "submission_key": key,
            "kind": "pengaduan",
            "description": WORDS,
            "kelurahan": "72.71.02.1007",
            "landmark": "Pasar",
            "anonymous": "y",
            "photos": (io.BytesIO(jpeg((1, 2, 3))), "a.jpg"),
        },
    )
    assert answer.status_code == 429
    assert WORDS in answer.text
    assert len(re.findall(r'src="/foto/', answer.text)) == 1
    session.rollback()
    assert len(session.scalars(select(Report)).all()) == 1
    assert session.scalar(text("SELECT count(*) FROM photos WHERE submission_key = :key"), {"key": key}) == 1
