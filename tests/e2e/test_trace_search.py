"""An auditor narrows down, shares what was found, and goes from an unusual way to its report; at a desk, on a
phone, by keyboard, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.services import trace_follow
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import Receipt, choose, fill_report, open_task, send, sign_in


def follow(palu: Live) -> None:
    """Read the trace on, as the worker does every few seconds."""
    more = True
    while more:
        with palu.unit_of_work() as session:
            more = trace_follow.follow(session)


def reported(visitor: NewVisitor, words: str) -> Receipt:
    citizen = visitor(PHONE)
    fill_report(citizen, words=words)
    return send(citizen)


def refused(palu: Live, visitor: NewVisitor) -> Receipt:
    """A report that ended at its first step."""
    receipt = reported(visitor, "Harga ayam di pasar terlalu mahal menurut saya.")
    palu.work()
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    task = open_task(admin, "Memverifikasi laporan")
    choose(task, {"Putusan": "Ditolak"})
    task.get_by_label("Alasan penolakan").fill("Bukan laporan tentang layanan pemerintah.")
    task.get_by_role("button", name="Selesaikan tugas").click()
    expect(admin.locator("#pesan")).to_contain_text(re.compile("."))
    palu.work()
    return receipt


def look(page: Page, name: str) -> None:
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            shoot(page, f"{name}-{scheme}")
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            assert barriers(page) == []
            assert not overflows(page), (name, width)
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = false")


@pytest.mark.timeout(240)
def test_an_auditor_narrows_down_by_keyboard_and_shares_the_address(palu: Live, visitor: NewVisitor) -> None:
    first = reported(visitor, "Lampu jalan padam di depan sekolah sejak Senin.")
    second = reported(visitor, "Sampah menumpuk di belakang pasar sejak Senin.")
    palu.work()
    palu.move_clock(days=4)
    follow(palu)
    page = visitor(DESKTOP)
    sign_in(page, "inspektorat1")
    page.goto("/jejak")
    expect(page.get_by_role("heading", name="2 laporan")).to_be_visible()
    box = page.get_by_label("Nomor, atau kata dari laporan dan percakapannya")
    box.focus()
    page.keyboard.type("senin sampah")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Terlambat")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/jejak\?kata=senin\+sampah.*terlambat=ya"))
    expect(page.get_by_role("link", name=second.number)).to_be_visible()
    expect(page.get_by_role("link", name=first.number)).to_have_count(0)
    look(page, "cari-jejak")

    other = visitor(PHONE, java_script_enabled=False)
    sign_in(other, "inspektorat1")
    other.goto(page.url)
    expect(other.get_by_role("link", name=second.number)).to_be_visible()
    other.get_by_role("link", name=re.compile("^Kata: senin sampah")).click()
    expect(other.get_by_role("link", name=first.number)).to_be_visible()
    other.get_by_text("Saringan lain").click()
    other.get_by_label("Keadaan").select_option(label="Semua yang sudah ditutup")
    other.get_by_role("button", name="Terapkan").click()
    expect(other.get_by_text("Tidak ada laporan yang cocok")).to_be_visible()
    page.get_by_role("link", name="Ekspor peristiwanya").click()
    expect(page.get_by_label("Nomor, atau kata dari laporan dan percakapannya")).to_have_value("senin sampah")
    page.goto("/jejak?kata=081234567890&sejak=2026-07-09&sampai=2026-07-01")
    expect(page.locator("#ringkasan-galat")).to_contain_text("nomor telepon")
    look(page, "cari-jejak-salah")


@pytest.mark.timeout(240)
def test_the_way_that_nobody_else_took_leads_to_its_report(palu: Live, visitor: NewVisitor) -> None:
    receipt = refused(palu, visitor)
    follow(palu)
    page = visitor(DESKTOP)
    sign_in(page, "inspektorat1")
    page.goto("/jejak")
    page.get_by_role("link", name="Jalur tak biasa").first.click()
    expect(page.locator(".way--usual")).to_contain_text("Memverifikasi laporan")
    look(page, "jalur")
    page.get_by_role("link", name="Lihat 1 laporan").click()
    expect(page.get_by_text("Satu jalur tertentu")).to_be_visible()
    page.get_by_role("link", name=receipt.number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(receipt.number)
