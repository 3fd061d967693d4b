"""The mayor's list is read by those who lead, worst first, and shows nobody what they may not see."""

import re

import pytest
from sqlalchemy import text

from app.db.queries.late import units_without_operator
from app.domain.errors import NotPermitted
from app.services.mayors_list import mayors_list
from tests.engine.diagrams import begin, end, flows
from tests.services.workshop import diagram, task
from tests.web.desks import DESKS, WORDS, Desks, seen

STORY = diagram(
    begin("mulai")
    + task("cepat", deadline="jam(8)")
    + task("lambat", deadline="hari_kerja(1)")
    + end("selesai")
    + flows("mulai cepat", "cepat lambat", "lambat selesai"),
    {"admin_kominfo": ["cepat", "lambat"]},
)


@pytest.fixture
def late(app, session, clock):
    """A city with two open and one confidential report, all three long overdue; (the city, their numbers)."""
    city = Desks(app, session, clock, STORY)
    city.report()
    clock.advance(hours=3)
    report, _secret = city.send()
    hidden, _secret = city.send(confidential="y")
    numbers = session.scalars(text("SELECT number FROM reports ORDER BY number")).all()
    session.rollback()
    # All of them were opened at the time of the tests' clock, whatever time the browser's requests had.
    session.execute(text("UPDATE work_items SET opened_at = :at, due_at = :due"),
                    {"at": clock.now, "due": clock.now.replace(hour=clock.now.hour + 1)})
    sooner = "UPDATE work_items SET due_at = due_at - interval '30 minutes' WHERE report_id = :id"
    session.execute(text(sooner), {"id": report.id})
    session.commit()
    return city, {"first": min(numbers), "worst": report.number, "hidden": hidden.number}


def numbers(found):
    return [one.number for one in found]


def test_only_what_took_more_than_twice_its_time_stands_there_worst_first(late, session, clock):
    city, number = late
    actor = city.who["admin"]
    clock.advance(minutes=70)
    assert numbers(mayors_list(session, actor=actor, now=clock())) == [number["worst"]]
    clock.advance(minutes=60)
    found = mayors_list(session, actor=actor, now=clock())
    assert numbers(found)[0] == number["worst"]
    assert {one.number for one in found} == set(number.values())
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert all(one.share > 200 for one in found)
    assert session.scalar(text("SELECT count(*) FROM work_items")) == 3, "the list opens no task"


def test_nights_and_holidays_do_not_count(late, session, clock):
    city, _number = late
    friday = "opened_at = '2026-03-13 07:00Z', due_at = '2026-03-13 08:00Z'"
    session.execute(text(f"UPDATE work_items SET {friday}"))
    session.commit()
    weekend = clock.now.replace(day=15)
    assert mayors_list(session, actor=city.who["admin"], now=weekend) == ()


def test_confidential_reports_are_for_those_permitted(late, session, clock):
    city, number = late
    clock.advance(hours=3)
    may = {"wali", "inspektur", "admin"}
    for name in ("wali", "inspektur", "admin", "perencana"):
        found = numbers(mayors_list(session, actor=city.who[name], now=clock()))
        assert (number["hidden"] in found) is (name in may), name
        assert number["worst"] in found


def test_the_page_names_no_person_and_no_words_of_a_report(late, clock):
    city, number = late
    for name in ("wali", "inspektur", "perencana", "admin"):
        page = city.officer(name).get("/wali-kota")
        words = seen(page)
        assert "Daftar Wali Kota" in words
        assert f'href="/laporan/{number["worst"]}"' in page.text
        assert re.search(r"terlambat \d+ (hari kerja|jam|hari)", words)
        assert WORDS not in words
        assert "Warga" not in words
        assert (number["hidden"] in words) is (name != "perencana")


def test_others_have_no_such_page(late, session, clock):
    city, _number = late
    for name in set(DESKS) - {"wali", "inspektur", "perencana", "admin"}:
        assert city.officer(name).get("/wali-kota").status_code == 403, name
        assert "/wali-kota" not in city.officer(name).get("/kotak-masuk").text
        with pytest.raises(NotPermitted):
            mayors_list(session, actor=city.who[name], now=clock())
    assert city.stranger().get("/wali-kota").headers["Location"].startswith("/masuk")


def test_a_unit_nobody_works_for_is_a_warning_that_leads_to_its_people(late, session):
    city, _number = late
    admin = city.officer("admin")
    assert "Unit tanpa petugas aktif" not in seen(admin.get("/admin/petugas"))
    session.execute(text("UPDATE persons SET active = false WHERE username IN ('operator', 'rekan')"))
    session.execute(text("UPDATE reports SET opd = 'DPU'"))
    session.commit()
    (unit,) = units_without_operator(session)
    assert (unit.code, unit.tasks, unit.reports) == ("DPU", 0, 3)
    for path in ("/admin/petugas", "/admin/gangguan"):
        page = admin.get(path)
        assert "Unit tanpa petugas aktif: 1" in seen(page)
        assert 'href="/admin/petugas?cari=Dinas+Pekerjaan+Umum"' in page.text
    assert "Unit tanpa" not in seen(city.officer("inspektur").get("/admin/gangguan"))
