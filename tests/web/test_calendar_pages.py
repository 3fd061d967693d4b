"""Only Kominfo's admins touch the calendar, and nothing happens that was not shown."""

import re

import pytest

from tests.web.desks import Desks, seen

CLOSURE = {"apa": "tutup", "tanggal": "2026-03-26", "nama": "Banjir", "dasar": ""}


@pytest.fixture
def desks(app, session, clock, monkeypatch):
    monkeypatch.setattr("app.adapters.clock.now", clock)
    return Desks(app, session, clock)


def closures(desks):
    desks.session.rollback()
    return desks.value("SELECT count(*) FROM days_off WHERE kind = 'penutupan'")


def fingerprint(answer):
    return re.search(r'name="sidik" value="(\w{64})"', answer.text)[1]


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "wali", "inspektur", "perencana"])
def test_others_neither_see_nor_change_it(desks, name):
    officer = desks.officer(name)
    assert officer.get("/admin/kalender").status_code == 403
    for step in ("pratinjau", "terapkan"):
        assert officer.post(f"/admin/kalender/{step}", data=CLOSURE).status_code == 403
    assert closures(desks) == 0


def test_what_was_not_shown_is_not_done(desks):
    desks.send(photo=False)
    admin = desks.officer("admin")
    shown = admin.post("/admin/kalender/pratinjau", data=CLOSURE)
    assert shown.status_code == 200
    assert closures(desks) == 0
    for given in ("", "0" * 64):
        answer = admin.post("/admin/kalender/terapkan", data={**CLOSURE, "sidik": given})
        assert answer.status_code == 409
        assert "Belum ada yang diterapkan" in seen(answer)
    other = {**CLOSURE, "tanggal": "2026-03-25", "sidik": fingerprint(shown)}
    assert admin.post("/admin/kalender/terapkan", data=other).status_code == 409
    assert closures(desks) == 0
    done = admin.post("/admin/kalender/terapkan", data={**CLOSURE, "sidik": fingerprint(shown)})
    assert done.status_code == 303
    assert closures(desks) == 1
    again = admin.post("/admin/kalender/pratinjau", data=CLOSURE)
    assert again.status_code == 422
    assert "26 Maret 2026 sudah tercatat sebagai penutupan." in seen(again)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"apa": "lain"},
        {**CLOSURE, "tanggal": "besok"},
        {**CLOSURE, "nama": ""},
        {**CLOSURE, "tanggal": "9999-12-31", "apa": "buka"},
        {"apa": "jam", "mulai": "2026-03-18", "jam_0": "25.00-26.00"},
        {"apa": "jam", "mulai": "2026-03-18"},
        {"apa": "musim", "nama": "Ramadan", "dari": "2026-03-20", "sampai": "2026-03-19"},
        {"apa": "hapus_musim", "id": "bukan-uuid"},
        {"apa": "keputusan", "tabel": "x\x00y"},
    ],
)
def test_nonsense_is_refused_in_words(desks, data):
    admin = desks.officer("admin")
    for step in ("pratinjau", "terapkan"):
        answer = admin.post(f"/admin/kalender/{step}", data=data)
        assert answer.status_code == 422
    assert closures(desks) == 0
