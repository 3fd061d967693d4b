"""An auditor opens how an SOP was approved, plays it, reads who agreed, and proves it at home."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.adapters import clock
from app.db.models import WorkItem
from app.services import sop_drafts, sop_lifecycle, task_work
from app.services.demo.accounts import actor_named
from app.services.demo.studio import begin_draft
from app.services.outcome import Pushed
from app.services.sop_lifecycle import Proposing
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, ready, shoot
from tests.e2e.people import sign_in
from tests.e2e.test_accessibility import judge
from tests.e2e.test_trace import check, download, flask, look

NOTE = "Aspirasi warga diperiksa dalam dua hari kerja."
EXCEPTION = "Skenarionya ditulis ulang sesudah sebulan berjalan."
BASIS = "SK Wali Kota Nomor 065/12/2026"


def proposed(palu: Live) -> UUID:
    """Bappeda's draft of *aspirasi*, before the Asisten."""
    with palu.unit_of_work() as session:
        begin_draft(session, now=clock.now())
    with palu.unit_of_work() as session:
        author = actor_named(session, "bappeda1")
        (draft,) = session.scalars(select(sop_drafts.SopDraft)).all()
        said = Proposing(NOTE, exception=EXCEPTION)
        made = sop_lifecycle.propose(
            session, draft.id, said, revision=draft.revision, actor=author, zone=palu.settings.city.zone,
            now=clock.now(),
        )  # fmt: skip
        return made.id


def done(palu: Live, username: str, element: str, **answers: str) -> None:
    with palu.unit_of_work() as session:
        wanted = select(WorkItem.id).where(WorkItem.element == element, WorkItem.closed_at.is_(None))
        task = session.scalars(wanted).one()
        outcome = task_work.complete(
            session, task, answers, actor=actor_named(session, username), now=clock.now()
        )
        assert isinstance(outcome, Pushed)


@pytest.mark.timeout(240)
def test_an_auditor_plays_how_an_sop_was_approved_and_proves_it(
    palu: Live, visitor: NewVisitor, tmp_path: Path
) -> None:
    proposal = proposed(palu)
    palu.move_clock(days=6)
    done(palu, "asisten", "telaah", hasil_telaah="layak")
    palu.move_clock(hours=1)
    done(palu, "sekda", "setujui", putusan="tetapkan", dasar_hukum=BASIS)
    flask(palu, "audit", "seal")

    auditor = visitor(DESKTOP)
    sign_in(auditor, "inspektorat1")
    auditor.get_by_role("link", name="Jejak", exact=True).click()
    auditor.get_by_role("link", name="Penetapan SOP").click()
    expect(auditor.get_by_role("heading", level=1)).to_have_text("Penetapan SOP")
    row = auditor.get_by_role("row").filter(has_text="Penanganan aspirasi")
    for words in ("Ditetapkan sebagai versi 2", "Terlambat", "Sekretaris Daerah (demo)", "Bappeda 1 (demo)"):
        expect(row).to_contain_text(words)
    listed_for_everybody(auditor)
    row.get_by_role("link", name="Penanganan aspirasi").click()
    expect(auditor.get_by_role("heading", level=1)).to_have_text("Jejak penetapan Penanganan aspirasi")
    ready(auditor)
    plays(auditor)
    reads_who_agreed(auditor)
    look(auditor, "jejak-penetapan")
    assert "Semuanya cocok" in check(download(auditor, tmp_path / "utuh"))

    approver = visitor(PHONE)
    sign_in(approver, "sekda")
    approver.goto(f"/studio/usulan/{proposal}")
    approver.get_by_role("link", name="Jejak penetapan").click()
    expect(approver.get_by_role("heading", level=1)).to_have_text("Jejak penetapan Penanganan aspirasi")
    expect(approver.get_by_role("link", name="Unduh berkas bukti")).to_have_count(0)


def listed_for_everybody(page: Page) -> None:
    found = judge(page, "penetapan-sop")
    page.set_viewport_size({"width": PHONE, "height": 760})
    found += judge(page, "penetapan-sop")
    page.set_viewport_size({"width": DESKTOP, "height": 900})
    page.emulate_media(color_scheme="light")
    assert found == [], "\n".join(found)


def plays(page: Page) -> None:
    """By keyboard from the proposal to the end: where it stood is on the diagram, and said in words."""
    time = page.get_by_role("slider")
    nodes = page.locator("[data-figure]:visible .diagram-node.is-done")
    in_the_end = nodes.count()
    time.focus()
    page.keyboard.press("Home")
    begun = re.compile(r"^1 / \d+ · SOP diusulkan, .*Bappeda 1 \(demo\)")
    expect(time).to_have_attribute("aria-valuetext", begun)
    expect(nodes).to_have_count(0)
    for _event in range(2):
        page.keyboard.press("ArrowRight")
    here = page.locator("[data-figure]:visible .diagram-userTask.is-current")
    expect(here).to_have_attribute("data-element", "telaah")
    shoot(page, "jejak-penetapan-diputar")
    page.keyboard.press("End")
    expect(time).to_have_attribute("aria-valuetext", re.compile("Jejak dibaca"))
    expect(nodes).to_have_count(in_the_end)
    assert in_the_end > 5


def reads_who_agreed(page: Page) -> None:
    for step, words in (
        ("Menelaah rancangan SOP", ("Asisten Setda (demo) · Asisten", "Layak ditetapkan")),
        ("Menetapkan SOP", ("Sekretaris Daerah (demo) · Sekretaris Daerah", "Tetapkan SOP ini", BASIS)),
        ("SOP diusulkan", ("Bappeda 1 (demo)", EXCEPTION)),
        ("Waktu yang ditetapkan tiba", ("pekerja otomatis di server", "Pewaktu")),
    ):
        event = page.locator(".trace-event").filter(has=page.get_by_role("heading", name=step, exact=True))
        for each in words:
            expect(event.first).to_contain_text(each)
    late = page.locator("#waktu tr").filter(has_text="Menelaah rancangan SOP")
    expect(late).to_contain_text("terlambat")
    expect(page.locator("#pesan-keluar")).to_contain_text("Asisten")
