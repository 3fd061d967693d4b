"""One incident: three ways on for Kominfo's admins, reading for the inspectorate, nothing for others."""

import pytest

from tests.services.test_incident_repair import story
from tests.web.desks import Desks, seen

REASON = "Angka pembaginya salah ketik."


@pytest.fixture
def stuck(app, session, clock):
    city = Desks(app, session, clock, story("hasil = len(uraian) / pembagi"))
    city.report()
    city.do("admin", "isi", pembagi=0, uraian="Rumah Bu Siti di ujung lorong.")
    city.clock.set(city.value("SELECT next_wake FROM instances"))
    city.wake(city.value("SELECT id FROM instances"))
    return city, f"/admin/gangguan/{city.value('SELECT id FROM incidents')}"


def test_the_admin_reads_the_cause_and_puts_the_value_right(stuck, session):
    city, page = stuck
    admin = city.officer("admin")
    assert page in admin.get("/admin/gangguan").text
    words = seen(admin.get(page))
    assert "membagi dengan nol" in words.lower() or "nol" in words
    assert "tidak ditampilkan; dapat memuat data pribadi" in words
    assert "Siti" not in words
    refused = admin.post(f"{page}/nilai", data={"nilai-pembagi": "empat", "alasan": REASON})
    assert refused.status_code == 422
    assert 'value="empat"' in refused.text
    assert REASON in refused.text
    assert admin.post(f"{page}/nilai", data={"nilai-pembagi": "4", "alasan": "salah"}).status_code == 422
    done = admin.post(f"{page}/nilai", data={"nilai-pembagi": "4", "alasan": REASON}, follow_redirects=True)
    assert "Laporan berjalan lagi" in seen(done)
    session.rollback()
    assert [row[0] for row in city.open()] == ["lanjut"]
    assert "selesai pada" in seen(admin.get(page))


def test_a_newer_version_is_offered_when_there_is_one(stuck, session):
    city, page = stuck
    admin = city.officer("admin")
    assert "Belum ada versi SOP yang lebih baru" in seen(admin.get(page))
    assert "Belum ada versi" in seen(admin.post(f"{page}/versi", follow_redirects=True))
    city.publish(story("hasil = 0"), "pengaduan")
    assert "Versi 2 berlaku sekarang" in seen(admin.get(page))
    assert "Laporan berjalan lagi" in seen(admin.post(f"{page}/versi", follow_redirects=True))


def test_the_inspectorate_reads_and_nobody_else_does_anything(stuck):
    city, page = stuck
    inspector = city.officer("inspektur")
    assert inspector.get(page).status_code == 200
    assert "Perbaiki nilainya" not in seen(inspector.get(page))
    for name in ("inspektur", "operator", "wali"):
        browser = city.officer(name)
        assert browser.post(f"{page}/nilai", data={"nilai-pembagi": "4", "alasan": REASON}).status_code == 403
        assert browser.post(f"{page}/versi").status_code == 403
    assert city.officer("operator").get(page).status_code == 403
    assert city.stranger().get(page).status_code in (302, 401)
