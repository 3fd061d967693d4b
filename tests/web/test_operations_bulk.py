"""Pages of one operation over many reports: who may, what is shown, what is refused with what was typed."""

import re

import pytest
from sqlalchemy import text

from app.db.models import Role
from app.services import operations_bulk, operations_bulk_work
from tests.web.desks import LANDMARK, PERSONAL, POINT, WORDS, seen
from tests.web.test_privacy_matrix import combinations

OPEN = "/operasi/banyak?status=terbuka"
STRANGERS = ["operator", "pemeriksa", "lurah", "inspektur", "wali", "perencana"]
REASON = "Kantor ditutup karena banjir."


@pytest.fixture
def city(desks):
    desks.session.add(Role(code="sekda", name="Sekda"))
    desks.session.flush()
    desks.hire("sekda", ("sekda", "SETDA"))
    desks.session.execute(text("UPDATE persons SET password_hash = (SELECT password_hash FROM persons"
                               " WHERE username = 'admin') WHERE username = 'sekda'"))
    desks.session.commit()
    desks.reports = [desks.send(photo=False)[0].number for _ in range(3)]
    return desks


def work(city):
    """What the worker does, at the time of this city."""
    city.session.rollback()
    for made in city.session.scalars(text("SELECT id FROM operations")).all():
        for slice_ in (operations_bulk.judge_slice, operations_bulk_work.carry_next):
            while slice_(city.session, made, now=city.clock()):
                city.session.commit()
            city.session.commit()


def prepared(city, kind, **more):
    """An operation whose consequences are worked out: the browser that asked, its address."""
    admin = city.officer("admin")
    answer = admin.post(OPEN, data={"operasi": kind, **more})
    assert answer.status_code == 303, seen(answer)
    work(city)
    return admin, answer.headers["Location"]


def test_the_whole_way_of_something_that_can_be_undone(city):
    page = seen(city.officer("admin").get(OPEN))
    assert "3 laporan cocok, 3 di antaranya masih berjalan" in page
    admin, address = prepared(city, "tangguhkan")
    page = seen(admin.get(address))
    assert all(number in page for number in city.reports)
    assert "tidak dapat dikerjakan sampai dilanjutkan" in page
    assert "Jalankan untuk 3 laporan" in page
    assert admin.post(f"{address}/ajukan", data={"alasan": REASON}).status_code == 303
    work(city)
    page = seen(admin.get(address))
    assert "Sudah dikerjakan" in page
    assert REASON in page
    assert admin.get(f"{address}/kemajuan.json").json == {
        "busy": False, "state": "selesai", "done": 3, "total": 3}
    city.session.rollback()
    assert city.value("SELECT count(*) FROM instances WHERE suspended_at IS NOT NULL") == 3


def test_what_was_prepared_and_left_is_found_again(city):
    admin, address = prepared(city, "tangguhkan")
    assert f'href="{address}"' in admin.get("/operasi/banyak").text
    assert "Yang Anda siapkan" in seen(admin.get("/operasi/banyak"))
    admin.post(f"{address}/tarik")
    assert "Yang Anda siapkan" not in seen(admin.get("/operasi/banyak"))
    assert "Ditarik" in seen(admin.get(address))


def test_what_cannot_be_undone_needs_somebody_else(city):
    admin, address = prepared(city, "batalkan")
    admin.post(f"{address}/ajukan", data={"alasan": REASON})
    work(city)
    assert admin.post(f"{address}/setuju").status_code == 409
    other = city.officer("sekda")
    page = seen(other.get(address))
    assert REASON in page
    assert "Setujui untuk 3 laporan" in page
    assert other.post(f"{address}/setuju", data={"catatan": ""}).status_code == 303
    work(city)
    city.session.rollback()
    assert city.value("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL") == 3


def test_what_is_refused_keeps_what_was_typed(city):
    admin, address = prepared(city, "tangguhkan")
    answer = admin.post(f"{address}/ajukan", data={"alasan": "pendek"})
    assert answer.status_code == 422
    assert ">pendek</textarea>" in answer.text
    answer = admin.post(OPEN, data={"operasi": "batas", "hari": "0"})
    assert answer.status_code == 422
    assert re.search(r'value="batas"[^>]* checked', answer.text)
    assert 'name="hari"' in answer.text
    assert "hari kerja" in seen(answer)


def test_too_many_reports_are_not_offered(city, monkeypatch):
    monkeypatch.setattr(operations_bulk, "MOST", 2)
    admin = city.officer("admin")
    page = seen(admin.get(OPEN))
    assert "3 laporan cocok" in page
    assert "Persempit pencariannya" in page
    assert admin.post(OPEN, data={"operasi": "tangguhkan"}).status_code == 422


@pytest.mark.parametrize("name", [*STRANGERS, "sekda"])
def test_nobody_but_the_admin_prepares_one(city, name):
    somebody = city.officer(name)
    assert somebody.get(OPEN).status_code == 403
    assert somebody.post(OPEN, data={"operasi": "tangguhkan"}).status_code == 403


@pytest.mark.parametrize("name", STRANGERS)
def test_only_those_who_may_agree_read_one(city, name):
    _admin, address = prepared(city, "batalkan")
    somebody = city.officer(name)
    for path in (address, f"{address}/kemajuan.json"):
        assert somebody.get(path).status_code == 403
    for verb in ("ajukan", "hitung", "tarik", "setuju", "tolak"):
        assert somebody.post(f"{address}/{verb}").status_code == 403


def test_visitors_are_asked_to_sign_in(city):
    assert city.stranger().get(OPEN).status_code == 302


@combinations
def test_nothing_personal_stands_on_its_pages_or_stays_behind(city, anonymous, confidential):
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    number = city.send(**flags)[0].number
    admin, address = prepared(city, "batalkan")
    pages = [admin.get(OPEN).text, admin.get(address).text]
    admin.post(f"{address}/ajukan", data={"alasan": REASON})
    second = city.officer("sekda")
    pages.append(second.get(address).text)
    second.post(f"{address}/setuju", data={"catatan": "Setuju."})
    work(city)
    pages += [admin.get(address).text, second.get(address).text]
    city.session.rollback()
    assert city.value("SELECT count(*) FROM reports WHERE closed_at IS NULL") == 0
    assert all(number in page for page in pages[1:])
    assert all((">Rahasia<" in page) == confidential for page in pages[1:])
    kept = city.value("SELECT string_agg(o::text, '') FROM operation_reports o")
    told = city.value("SELECT string_agg(data::text, '') FROM events WHERE type LIKE 'Operation%'")
    for personal in (*PERSONAL, LANDMARK, WORDS, *POINT):
        assert all(personal not in page for page in (*pages, kept, told)), personal
