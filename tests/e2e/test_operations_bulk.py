"""An admin wants one thing for many reports, sees what it means for each, and another person agrees."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import choose, sign_in
from tests.e2e.test_moves import look, received
from tests.e2e.test_operations import received as report_to_verify

REASON = "Kejadian ini ditangani penuh oleh provinsi."


def both_schemes(page: Page, name: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    look(page, name)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert barriers(page, ["color-contrast"]) == []
    shoot(page, f"{name}-gelap")


def select(page: Page, action: str) -> None:
    """Everything open, and what is to be done."""
    page.goto("/operasi/banyak")
    page.get_by_label("Keadaan").select_option(label="Semua yang masih terbuka")
    page.get_by_role("button", name="Terapkan").click()
    expect(page.locator(".bulk-found")).to_contain_text("masih berjalan")
    page.get_by_role("radio", name=re.compile(f"^{action}")).check()


def worked_out(palu: Live, page: Page) -> None:
    page.get_by_role("button", name="Lihat akibatnya").click()
    expect(page.get_by_role("heading", name="Menghitung akibatnya")).to_be_visible()
    palu.work()


def carried_out(palu: Live, page: Page) -> None:
    expect(page.get_by_role("heading", name="Sedang dikerjakan")).to_be_visible()
    palu.work()


@pytest.mark.timeout(200)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_many_reports_are_cancelled_by_two_people(palu: Live, visitor: NewVisitor, width: int) -> None:
    numbers = received(palu, 3)
    admin = visitor(width)
    sign_in(admin, "admin1")
    admin.goto("/operasi/banyak")
    both_schemes(admin, "banyak-kosong")
    select(admin, "Batalkan laporan")
    both_schemes(admin, "banyak-pilih")
    worked_out(palu, admin)
    expect(admin.get_by_role("heading", name="Ajukan kepada orang kedua")).to_be_visible()
    for number in numbers:
        expect(admin.get_by_role("link", name=number)).to_be_visible()
    both_schemes(admin, "banyak-akibat")
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Ajukan untuk 3 laporan").click()
    expect(admin.get_by_role("heading", name="Perlu orang kedua")).to_be_visible()
    expect(admin.get_by_role("button", name=re.compile("^Setujui"))).to_have_count(0)
    both_schemes(admin, "banyak-menunggu")

    second = visitor(width)
    sign_in(second, "sekda")
    second.goto(admin.url)
    expect(second.get_by_text(REASON)).to_be_visible()
    both_schemes(second, "banyak-orang-kedua")
    second.get_by_role("button", name="Setujui untuk 3 laporan").click()
    carried_out(palu, second)
    expect(second.get_by_role("heading", name=re.compile("^Sudah dikerjakan"))).to_be_visible()
    both_schemes(second, "banyak-selesai")
    with palu.unit_of_work() as session:
        done = "SELECT count(*) FROM events WHERE type = 'OperationDone'"
        assert session.execute(text(done)).scalar_one() == 3
        assert session.execute(text("SELECT count(*) FROM reports WHERE closed_at IS NULL")).scalar_one() == 0
    citizen = visitor(PHONE)
    citizen.goto(f"/lacak?nomor={numbers[0]}")
    expect(citizen.get_by_text("Dibatalkan").first).to_be_visible()
    expect(citizen.get_by_text(REASON)).to_have_count(0)


@pytest.mark.timeout(200)
def test_what_went_on_meanwhile_is_named_and_left_out(palu: Live, visitor: NewVisitor) -> None:
    stays, goes_on = report_to_verify(palu), report_to_verify(palu)
    admin, colleague, second = visitor(DESKTOP), visitor(DESKTOP), visitor(DESKTOP)
    sign_in(admin, "admin1")
    select(admin, "Batalkan laporan")
    worked_out(palu, admin)
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Ajukan untuk 2 laporan").click()
    expect(admin.get_by_role("heading", name="Perlu orang kedua")).to_be_visible()

    sign_in(colleague, "admin2")
    row = colleague.locator(".row").filter(has_text=goes_on)
    colleague.goto(row.get_by_role("link", name="Memverifikasi laporan").get_attribute("href") or "")
    choose(colleague.locator("#tugas-isi"), {"Putusan": "Diterima dan diteruskan"})
    colleague.get_by_role("button", name="Selesaikan tugas").click()
    expect(colleague.locator("#pesan")).to_contain_text("Berikutnya")

    sign_in(second, "asisten")
    second.goto(admin.url)
    expect(second.get_by_text("1 laporan sudah berjalan lagi sejak akibatnya dihitung")).to_be_visible()
    second.get_by_role("button", name="Setujui untuk 2 laporan").click()
    carried_out(palu, second)
    done = second.get_by_role("region", name=re.compile("^Sudah dikerjakan"))
    expect(done.get_by_role("link")).to_have_text([stays])
    left = second.get_by_role("region", name=re.compile("^Dilewati"))
    expect(left.get_by_role("link")).to_have_text([goes_on])
    expect(left).to_contain_text("akibatnya tidak lagi sama")
    look(second, "banyak-dilewati")


def test_limits_are_moved_by_days(palu: Live, visitor: NewVisitor) -> None:
    received(palu, 2)
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    select(admin, "Ubah batas waktu")
    admin.get_by_label("Digeser berapa hari kerja").fill("2")
    worked_out(palu, admin)
    expect(admin.get_by_text("diundur 2 hari kerja")).to_be_visible()
    admin.get_by_label("Alasan").fill("pendek")
    admin.get_by_role("button", name="Jalankan untuk 2 laporan").click()
    assert admin.get_by_label("Alasan").evaluate("one => !one.validity.valid")
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Jalankan untuk 2 laporan").click()
    carried_out(palu, admin)
    expect(admin.get_by_role("heading", name=re.compile("^Sudah dikerjakan"))).to_be_visible()


def test_by_keyboard_and_without_scripts(palu: Live, visitor: NewVisitor) -> None:
    received(palu, 1)
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "admin1")
    page.goto("/operasi/banyak?status=terbuka")
    page.get_by_role("radio", name=re.compile("^Tangguhkan")).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Menghitung akibatnya")).to_be_visible()
    palu.work()
    page.get_by_role("link", name="Muat ulang").click()
    page.get_by_label("Alasan").fill(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    carried_out(palu, page)
    page.get_by_role("link", name="Muat ulang").click()
    expect(page.get_by_role("heading", name=re.compile("^Sudah dikerjakan"))).to_be_visible()
    assert not overflows(page)


def test_the_tasks_of_somebody_who_leaves_go_to_a_colleague(palu: Live, visitor: NewVisitor) -> None:
    numbers = received(palu, 2)
    admin = visitor(PHONE)
    sign_in(admin, "admin1")
    select(admin, "Alihkan tugas")
    admin.get_by_role("button", name="Lihat akibatnya").click()
    expect(admin.get_by_role("alert")).to_contain_text("Pilih tugas siapa")
    expect(admin.get_by_role("radio", name=re.compile("^Alihkan"))).to_be_checked()
    admin.get_by_label("Tugas milik").select_option(label="Admin Kominfo, Kominfo (2 tugas)")
    admin.get_by_label("Kepada").select_option(label="Admin Kominfo 2 (demo)")
    both_schemes(admin, "banyak-alihkan")
    worked_out(palu, admin)
    expect(admin.get_by_text("dialihkan kepada Admin Kominfo 2 (demo).")).to_be_visible()
    expect(admin.get_by_text("menjadi tugas Admin Kominfo 2 (demo).")).to_have_count(2)
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Jalankan untuk 2 laporan").click()
    carried_out(palu, admin)
    expect(admin.get_by_role("heading", name=re.compile("^Sudah dikerjakan"))).to_be_visible()
    auditor = visitor(DESKTOP)
    sign_in(auditor, "inspektorat1")
    auditor.goto(f"/jejak/{numbers[0]}")
    expect(auditor.locator(".trace-event").filter(has_text=REASON)).to_contain_text("Admin Kominfo 2 (demo)")
