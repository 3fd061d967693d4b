"""The trace of a judged SOP in the browser: who may open it, from where, and what it says."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Person, Role, Unit
from tests.services.studio_town import NOTE
from tests.services.workshop import counted
from tests.web.desks import seen
from tests.web.test_studio_lifecycle import Pages

READERS = {"inspektur", "penyusun", "rekan_penyusun", "asisten", "sekda", "dua_topi"}
OTHERS = {"admin", "operator", "rekan", "pemeriksa", "kepala", "lurah", "wali", "petugas_arsip"}
BASIS = "SK Wali Kota 065/12/2026"


@pytest.fixture
def pages(app, session, clock, still_clock):
    """The studio's town with a desk of every role, also one the city made up itself."""
    pages = Pages(app, session, clock)
    session.add_all(
        Unit(code=code, name=f"Kantor {code}", short_name=code, kind=kind)
        for code, kind in (("INSPEKTORAT", "inspektorat"), ("KAMONJI", "kelurahan"))
    )
    session.flush()
    known = set(session.scalars(select(Role.code)))
    new = {"inspektorat", "kelurahan", "arsiparis"} - known
    session.add_all(Role(code=code, name=code.title()) for code in new)
    session.flush()
    pages.hire("inspektur", ("inspektorat", "INSPEKTORAT"))
    pages.hire("lurah", ("kelurahan", "KAMONJI"))
    pages.hire("wali", ("wali_kota", "SETDA"))
    pages.hire("petugas_arsip", ("arsiparis", "KOMINFO"))
    hashed = session.scalar(select(Person.password_hash).where(Person.username == "sekda"))
    session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": hashed})
    session.commit()
    return pages


def approved(pages):
    proposal = pages.propose(pages.draft())
    pages.clock.advance(hours=2)
    pages.approve()
    return proposal


def test_every_role_is_let_in_or_kept_out(pages, session):
    proposal = approved(pages)
    address = f"/jejak/penetapan/{proposal.id}"
    held = session.scalars(select(Person.username)).all()
    assert {name for name in held if name in READERS | OTHERS} == READERS | OTHERS
    for name in sorted(READERS | OTHERS):
        browser = pages.officer(name)
        answer = browser.get(address)
        assert answer.status_code == (200 if name in READERS else 403), name
        assert (NOTE in answer.text) is (name in READERS), name
        link = f'href="{address}"' in browser.get(f"/studio/usulan/{proposal.id}").text
        assert link is (name in READERS), name
        assert browser.get("/jejak/penetapan").status_code == (200 if name == "inspektur" else 403), name
        unknown = browser.get(f"/jejak/penetapan/{uuid.uuid4()}")
        assert unknown.status_code == (404 if name in READERS else 403), name
    asked = pages.stranger().get(address)
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/masuk")


def test_it_says_who_agreed_when_and_from_where(pages):
    proposal = approved(pages)
    page = html.unescape(seen(pages.officer("inspektur").get(f"/jejak/penetapan/{proposal.id}")))
    for words in (
        "Jejak penetapan Izin keramaian", "Ditetapkan sebagai versi 2", "Asisten (uji) · Asisten",
        "Sekda (uji) · Sekda", "Layak ditetapkan", "Tetapkan SOP ini", BASIS, NOTE, "hari_kerja(3)",
        proposal.content_hash, "Disegel malam ini", "SOP diusulkan", "dalam batas",
        "Sesudah ini alur berada di: Menelaah rancangan SOP", "Jejak dibaca",
    ):  # fmt: skip
        assert words in page, words
    for wrong in ("pelapor", "Laporan ditutup", "SopProposed,", "Alur tambahan"):
        assert wrong.lower() not in page.partition("Peristiwa")[2].lower(), wrong


def test_every_event_stands_there_with_its_place_in_the_chain_and_its_hash(pages, session):
    proposal = approved(pages)
    page = pages.officer("inspektur").get(f"/jejak/penetapan/{proposal.id}").text
    parts = dict(re.findall(r'id="peristiwa-(\d+)"(.*?)</li>', page, re.DOTALL))
    session.rollback()
    rows = session.execute(
        text("SELECT stream_seq, type, encode(hash, 'hex') AS hash FROM events"
             " WHERE data->>'usulan' = :id OR data->>'alur' = :instance"),
        {"id": str(proposal.id), "instance": str(proposal.instance_id)},
    ).all()  # fmt: skip
    assert len(rows) >= 7
    for row in rows:
        assert row.hash in parts[str(row.stream_seq)], row.type


def test_only_auditors_are_offered_what_only_they_may_open(pages):
    proposal = approved(pages)
    for name in ("inspektur", "penyusun"):
        page = pages.officer(name).get(f"/jejak/penetapan/{proposal.id}").text
        main = page.partition("<main")[2]
        for address in (f"/audit/penetapan/{proposal.id}/bundle.zip", "/audit/pembacaan", "/jejak/penetapan"):
            assert (f'href="{address}"' in main) is (name == "inspektur"), (name, address)
        assert f"/studio/usulan/{proposal.id}" in main


def test_reading_stands_in_the_journal_with_a_way_back(pages):
    proposal = approved(pages)
    auditor = pages.officer("inspektur")
    pages.officer("penyusun").get(f"/jejak/penetapan/{proposal.id}")
    auditor.get(f"/jejak/penetapan/{proposal.id}")
    journal = auditor.get("/audit/pembacaan")
    assert journal.text.count(f'href="/jejak/penetapan/{proposal.id}"') == 2
    for who in ("Penyusun (uji) · Bappeda", "Inspektur (uji) · Inspektorat"):
        assert who in seen(journal)


def test_the_list_shows_every_judgement_newest_first_page_by_page(pages, monkeypatch):
    monkeypatch.setattr("app.web.trace_approvals.SIZE", 2)
    auditor = pages.officer("inspektur")
    assert "Belum ada usulan SOP" in seen(auditor.get("/jejak/penetapan"))
    made = []
    for days in (2, 4, 5):
        made.append(pages.propose(pages.draft(deadline=f"hari_kerja({days})")))
        pages.clock.advance(hours=1)
    pages.session.commit()
    newest, further = auditor.get("/jejak/penetapan"), auditor.get(f"/jejak/penetapan?setelah={made[1].id}")
    listed = [re.findall(r'href="/jejak/penetapan/([\w-]{36})"', page.text) for page in (newest, further)]
    assert listed == [[str(made[2].id), str(made[1].id)], [str(made[0].id)]]
    assert f'href="/jejak/penetapan?setelah={made[1].id}"' in newest.text
    assert 'rel="next"' not in further.text
    assert "Sedang dinilai" in seen(newest)
    assert "Menelaah rancangan SOP" in seen(newest)
    assert auditor.get("/jejak/penetapan?setelah=kemarin").status_code == 200
    assert 'href="/jejak/penetapan"' in auditor.get("/jejak").text


def test_the_list_costs_the_same_however_many_there_are(pages, database):
    auditor = pages.officer("inspektur")
    auditor.get("/jejak/penetapan")
    costs = []
    for days in (2, 4):
        pages.propose(pages.draft(deadline=f"hari_kerja({days})"))
        with counted(database.engine) as made:
            assert auditor.get("/jejak/penetapan").status_code == 200
        costs.append(len(made["statements"]))
    assert costs[0] == costs[1] <= 6, costs
