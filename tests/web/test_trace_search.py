"""The search of traces as the auditor meets it: who may, what it finds, what it never says."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from app.services import trace_follow
from tests.services.workshop import counted
from tests.web.desks import DESKS, EMAIL, LANDMARK, PERSONAL, PHONE, POINT, seen

combinations = pytest.mark.parametrize(
    ("anonymous", "confidential"), [(False, False), (False, True), (True, False), (True, True)]
)


def followed(desks):
    """The trace is read on, as the worker does."""
    while trace_follow.follow(desks.session):
        desks.session.commit()
    desks.session.commit()


def numbers(answer):
    """The reports listed, from top to bottom."""
    return re.findall(r'href="/jejak/(LW-[\d-]+)"', answer.text)


@combinations
def test_only_the_inspector_searches_and_finds_no_reporter(desks, anonymous, confidential):
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, _secret = desks.send(**flags, description=f"Lampu padam. Hubungi {PHONE} atau {EMAIL} segera.")
    for name in DESKS:
        browser = desks.officer(name)
        for address in ("/jejak", "/jejak?kata=lampu", "/jejak/jalur"):
            answer = browser.get(address)
            assert answer.status_code == (200 if name == "inspektur" else 403), (name, address)
            for hidden in (*PERSONAL, LANDMARK, *POINT, POINT[1][:-2]):
                assert hidden not in answer.text, hidden
            if name == "inspektur" and address != "/jejak/jalur":
                assert numbers(answer) == [report.number]
                assert ("Rahasia" in seen(answer)) is confidential
    for address in ("/jejak", "/jejak/jalur"):
        asked = desks.stranger().get(address)
        assert (asked.status_code, urlsplit(asked.headers["Location"]).path) == (302, "/masuk")


def test_searching_writes_no_event_and_opening_does(desks):
    desks.send()
    browser = desks.officer("inspektur")
    count = text("SELECT count(*) FROM events")
    before = desks.session.scalar(count)
    browser.get("/jejak?kata=lampu&terlambat=ya")
    desks.session.rollback()
    assert desks.session.scalar(count) == before
    browser.get(numbers(browser.get("/jejak"))[0].join(("/jejak/", "")))
    desks.session.rollback()
    assert desks.session.scalar(count) == before + 1


def test_what_was_said_is_found_and_what_happened_too(desks):
    report, _secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan.")
    desks.session.rollback()
    other, _secret = desks.send(description="Sampah menumpuk di pasar sejak kemarin.")
    operator = desks.officer("operator")
    sent = operator.post(
        f"/laporan/{other.number}/pesan", data={"isi": "Mesinnya sedang diperbaiki.", "pembaca": "internal"}
    )
    assert sent.status_code == 302
    followed(desks)
    browser = desks.officer("inspektur")

    def asked(query):
        answer = browser.get(f"/jejak?{query}")
        assert answer.status_code == 200
        return set(numbers(answer))

    assert asked("") == {report.number, other.number}
    assert asked(f"kata={other.number.lower().replace('-', ' ')}") == {other.number}
    assert asked(f"kata={report.number[-6:]}") == {report.number}
    assert asked("kata=sampah+pasar") == asked("kata=mesin") == {other.number}
    assert asked("kata=perbaikan") == {other.number}, "words are found by their stem"
    assert asked("kata=pelangi") == set()
    verified = desks.session.scalar(text("SELECT number FROM reports WHERE opd = 'DPU'"))
    assert asked("unit=DPU") == asked("unit=DPU&kini=ya") == asked("petugas=admin") == {verified}
    assert asked("petugas=ADMIN") == {verified}
    assert asked("petugas=operator") == {other.number}, "writing a message is acting"
    assert asked("sop=pengaduan&versi=1") == {report.number, other.number}
    assert asked("sop=pengaduan&versi=2") == set()
    today = f"{desks.clock.now + timedelta(hours=8):%Y-%m-%d}"
    assert asked(f"sejak={today}&sampai={today}") == {report.number, other.number}
    assert asked("sejak=2026-03-18") == asked("sampai=2026-03-16") == set()
    assert asked("terlambat=ya") == set()
    desks.clock.advance(days=60)
    browser = desks.officer("inspektur")
    assert asked("terlambat=ya") == {report.number, other.number}, "late by the clock alone"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"kata={PHONE}", "kata"),
        (f"kata=lampu+{EMAIL}", "kata"),
        ("kata=7271021203850001", "kata"),
        ("sejak=kemarin", "sejak"),
        ("sejak=2026-03-18&sampai=2026-03-17", "sampai"),
        ("versi=3", "versi"),
        ("sop=pengaduan&versi=tiga", "versi"),
        ("jalur=abc", "jalur"),
    ],
)
def test_what_cannot_be_searched_is_said_and_kept(desks, query, field):
    desks.send()
    answer = desks.officer("inspektur").get(f"/jejak?{query}")
    assert answer.status_code == 422
    assert numbers(answer) == []
    assert f'href="#{field}"' in answer.text
    for value in parse_qs(query)[field]:
        assert f'value="{value}"' in answer.text


def test_taking_back_one_choice_keeps_the_others(desks):
    desks.send()
    answer = desks.officer("inspektur").get("/jejak?kata=lampu&unit=DPU&kini=ya&terlambat=ya")
    chips = re.findall(r'class="chip" href="([^"]+)"', answer.text)
    assert [address.replace("&amp;", "&") for address in chips] == [
        "/jejak?unit=DPU&kini=ya&terlambat=ya",
        "/jejak?kata=lampu&terlambat=ya",
        "/jejak?kata=lampu&unit=DPU&terlambat=ya",
        "/jejak?kata=lampu&unit=DPU&kini=ya",
    ]
    assert "/audit/ekspor" not in answer.text, "nothing found, nothing to take"
    found = desks.officer("inspektur").get("/jejak?kata=lampu")
    assert 'href="/audit/ekspor?kata=lampu"' in found.text
    assert "/operasi/banyak" not in found.text, "an inspector does not operate"


def test_pages_lead_on_and_back_without_losing_anybody(desks):
    sent = []
    for _ in range(3):
        desks.clock.advance(minutes=1)
        sent.append(desks.send(photo=False)[0].number)
    desks.session.execute(
        text(
            "INSERT INTO reports (id, number, kind, channel, description, anonymous, confidential,"
            " received_at, status, status_since, priority, supporters, tracking_hash, submission_key)"
            " SELECT gen_random_uuid(), 'LW-2026-02-' || lpad(i::text, 6, '0'), 'pengaduan', 'web', 'Lama.',"
            " false, false, CAST(:at AS timestamptz), 'selesai', now(), 'normal', 0, sha256(i::text::bytea),"
            " gen_random_uuid() FROM generate_series(1, 57) i"
        ),
        {"at": desks.clock.now - timedelta(days=30)},
    )
    desks.session.commit()
    browser = desks.officer("inspektur")
    for order, first in (("terbaru", sent[::-1]), ("terlama", None), ("panjang", None)):
        pages, address = [], f"/jejak?urut={order}"
        while address:
            answer = browser.get(address)
            pages.append(numbers(answer))
            on = re.search(r'rel="next" href="([^"]+)"', answer.text)
            address = on and on[1].replace("&amp;", "&")
        assert [len(page) for page in pages] == [25, 25, 10]
        assert len({number for page in pages for number in page}) == 60
        if first:
            assert pages[0][:3] == first
        back = re.search(r'rel="prev" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")
        before = browser.get(back)
        assert numbers(before) == pages[1]
        assert "60 laporan" in seen(before)
        back = re.search(r'rel="prev" href="([^"]+)"', before.text)[1].replace("&amp;", "&")
        assert numbers(browser.get(back)) == pages[0]
    assert len(numbers(browser.get("/jejak?setelah=LW-2026-01-000009"))) == 25, "beside nothing"


def ended(desks, **changes):
    """A report sent, worked on and answered."""
    sent, secret = desks.send(photo=False, **changes)
    desks.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan.")
    desks.do("operator", "kerjakan", uraian="Diganti.")
    desks.do("pelapor", "tanggapi", penilaian=5)
    desks.session.rollback()
    return sent.number, secret


def test_the_rarest_way_stands_on_top_and_leads_to_its_reports(desks):
    usual = [ended(desks)[0] for _ in range(3)]
    withdrawn, secret = desks.send(photo=False)
    done = desks.stranger().post(f"/l/{secret}/penarikan", data={"isi": "Sudah diperbaiki sendiri."})
    assert done.status_code in (302, 303), done.text
    followed(desks)
    browser = desks.officer("inspektur")
    page = browser.get("/jejak/jalur")
    links = re.findall(r'href="(/jejak\?jalur=[\w-]+)"', page.text)
    assert len(links) == 3, "the usual one apart, then the rarest first"
    assert links[0] == links[2] != links[1]
    rare = browser.get(links[1])
    assert numbers(rare) == [withdrawn.number]
    assert "dilewati: Mengerjakan" in seen(rare), "the way is told beside the usual one"
    assert "/jejak/jalur?sop=pengaduan" in rare.text
    assert set(numbers(browser.get(links[0]))) == set(usual)
    opened = browser.get(f"/jejak/{withdrawn.number}")
    assert "Jalurnya dilalui 1 dari 4 laporan" in seen(opened)
    assert f'href="{links[1]}"' in opened.text
    said = seen(page)
    assert "2 jalur dari 4 laporan yang berakhir" in said
    for words in ("75%", "25%", "Dibatalkan"):
        assert words in said
    assert "Memeriksa laporan" in said, "steps are called what the diagram calls them"
    turned = re.findall(r'href="(/jejak\?jalur=[\w-]+)"', browser.get("/jejak/jalur?urut=sering").text)
    assert turned == [links[0], links[0], links[1]]


def test_before_the_first_report_ended_there_is_no_way(desks):
    desks.send(photo=False)
    followed(desks)
    assert "Belum ada jalur" in seen(desks.officer("inspektur").get("/jejak/jalur?sop=tidakada&setelah=x"))


def test_whoever_searches_before_all_is_gathered_is_told(desks, owner):
    desks.send(photo=False)
    browser = desks.officer("inspektur")
    for address in ("/jejak", "/jejak/jalur"):
        assert "masih dikumpulkan" not in seen(browser.get(address))
    owner.execute(text("SELECT setval(pg_get_serial_sequence('events', 'seq'), 9000)"))
    owner.commit()
    desks.send(photo=False)
    for address in ("/jejak", "/jejak/jalur"):
        assert "masih dikumpulkan" in seen(browser.get(address))
    followed(desks)
    followed(desks)
    assert "masih dikumpulkan" not in seen(browser.get("/jejak"))


@pytest.mark.parametrize(
    "query",
    [
        "kata=%00&unit=%00D&petugas=%FF%FE",
        "kata=%22%27)%20%26%20(or%20-%20%7C!:*",
        f"kata={'a' * 3000}",
        "sejak=0001-01-01&sampai=9999-12-30",
        "sejak=9999-12-31&sampai=9999-12-31",
        "sop=pengaduan&versi=999999&setelah=LW-0000-00-000000",
        "jalur=00000000-0000-0000-0000-000000000000&urut=%00",
        "status=%25&jenis=_&kelurahan=%5C",
        "kata=dan&kata=atau&sebelum=x&setelah=",
    ],
)
def test_no_address_breaks_the_search(desks, query):
    desks.send(photo=False)
    browser = desks.officer("inspektur")
    assert browser.get(f"/jejak?{query}").status_code in (200, 422)
    assert browser.get(f"/jejak/jalur?{query}").status_code == 200


def test_a_search_takes_a_few_statements_however_much_it_finds(desks, app):
    browser = desks.officer("inspektur")
    taken = []
    for _ in range(2):
        for _each in range(4):
            desks.send(photo=False)
        with counted(app.extensions["tuntas_database"].engine) as seen:
            browser.get("/jejak?kata=lampu&petugas=admin&sop=pengaduan&terlambat=ya&urut=panjang")
            browser.get("/jejak")
        taken.append(len(seen["statements"]))
    assert taken[0] == taken[1] <= 16, "account, choices, what is not gathered yet, and the search itself"
