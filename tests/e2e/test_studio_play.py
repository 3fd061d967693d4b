"""An officer tries a draft out before anybody has to live with it, and proves it by scenarios."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import sign_in


def new_draft(page: Page, key: str) -> None:
    """Begin a draft from the version in force and wait until its diagram is there."""
    page.goto("/studio")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = page.request.post(
        "/studio/konsep",
        form={"csrf_token": token or "", "cara": "versi", "kunci": key, "versi": "1"},
        headers={"Referer": page.url},
    )
    assert answer.ok, answer.status
    page.goto(answer.url)
    page.locator("#studio[data-ready]").wait_for()


def open_play(page: Page) -> None:
    page.get_by_role("tab", name="Coba jalankan").click()
    expect(page.locator("[data-play-now]")).to_be_visible()


def verify(page: Page) -> None:
    """Do the first task as an ordinary complaint asks."""
    card = page.locator("[data-task=verifikasi]")
    card.get_by_label("Diterima dan diteruskan").check()
    card.get_by_role("button", name="Selesaikan tugas").click()
    expect(page.locator("[data-task=disposisi]")).to_be_visible()


def test_played_past_a_holiday_kept_marked_and_counted(palu: Live, desktop: Page) -> None:
    page = desktop
    sign_in(page, "bappeda1")
    new_draft(page, "pengaduan")
    open_play(page)
    start = page.locator("[data-play-report]")
    start.locator("summary").click()
    start.get_by_label("Saat laporan masuk").fill("2026-08-14T10:05")
    start.get_by_role("button", name="Mulai dengan laporan ini").click()
    expect(page.locator("[data-play-now]")).to_have_text("Jumat, 14 Agustus 2026 pukul 10.05 WITA")
    shoot(page, "coba-mulai")

    verify(page)
    expect(page.locator("[data-element-id=disposisi]")).to_have_class(re.compile("play-now"))
    expect(page.locator("[data-element-id=verifikasi]")).to_have_class(re.compile("play-done"))
    expect(page.locator(".play-decision__why").first).to_contain_text("cocok")
    shoot(page, "coba-verifikasi")

    # What is half written survives that the clock goes on.
    written = page.locator("[data-task=disposisi]").get_by_label("Isi disposisi")
    written.fill("Segera ditangani.")
    page.get_by_role("button", name="+1 jam").click()
    expect(page.locator("[data-play-now]")).to_contain_text("11.05")
    expect(written).to_have_value("Segera ditangani.")
    page.get_by_role("button", name="Kembali ke sini 1").click()
    expect(page.locator("[data-play-now]")).to_contain_text("10.05")

    # Monday 17 August is a holiday: one working day leads from Friday to Tuesday.
    page.get_by_role("button", name="+1 hari kerja").click()
    expect(page.locator("[data-play-now]")).to_contain_text("Selasa, 18 Agustus 2026")
    expect(page.locator(".play-line--holiday")).to_contain_text("Kemerdekaan")

    page.get_by_role("button", name="Mundur satu langkah").click()
    expect(page.locator("[data-play-now]")).to_contain_text("14 Agustus")
    page.get_by_role("button", name="Ke pengatur waktu berikutnya").click()
    expect(page.locator(".play-entry").first).to_contain_text("berbunyi")
    shoot(page, "coba-pengatur-waktu")

    page.get_by_role("button", name="Simpan sebagai skenario").click()
    page.get_by_label("Judul skenario").fill("Disposisi didiamkan lewat hari libur")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_text("tersimpan. Tandai")).to_be_visible()
    page.get_by_role("button", name="Buka Skenario").click()

    case = page.locator("[data-scenario]").filter(has_text="Disposisi didiamkan lewat hari libur")
    expect(case).to_have_attribute("data-agrees", "ya")
    expect(page.locator("[data-coverage]")).to_have_attribute("data-coverage", "0")
    case.locator("summary").first.click()
    case.get_by_role("button", name="Ini benar").click()
    expect(case).to_have_attribute("data-verdict", "benar")
    expect(page.locator("[data-coverage]")).not_to_have_attribute("data-coverage", "0")
    expect(page.locator(".djs-connection.cover-yes").first).to_be_attached()
    expect(page.locator(".djs-connection.cover-no").first).to_be_attached()
    shoot(page, "skenario")
    assert barriers(page) == []


def test_the_same_person_may_not_check_and_the_refusal_can_be_kept(palu: Live, desktop: Page) -> None:
    page = desktop
    sign_in(page, "bappeda1")
    new_draft(page, "pengaduan")
    open_play(page)
    card = page.locator("[data-task=verifikasi]")
    card.get_by_label("Ditolak").check()
    card.get_by_label("Alasan penolakan").fill("pendek")
    card.get_by_role("button", name="Selesaikan tugas").click()
    expect(page.locator("[data-play-trouble]")).to_contain_text("Langkah 1 tidak diterima")
    expect(card.get_by_label("Alasan penolakan")).to_have_value("pendek")
    shoot(page, "coba-ditolak")
    page.get_by_role("button", name="Catat sebagai langkah yang harus ditolak").click()
    expect(page.locator(".play-entry--refuse")).to_be_visible()
    page.get_by_role("button", name="Simpan sebagai skenario").click()
    page.get_by_role("button", name="Simpan", exact=True).click()
    page.get_by_role("button", name="Buka Skenario").click()
    expect(page.locator("[data-scenario][data-agrees=ya]")).to_have_count(1)


def test_the_machine_writes_scenarios_which_are_read_and_marked_one_after_the_other(
    palu: Live, desktop: Page
) -> None:
    page = desktop
    sign_in(page, "bappeda1")
    new_draft(page, "permintaan_informasi")
    page.get_by_role("tab", name="Skenario").click()
    page.get_by_role("button", name="Tulis skenario yang kurang").click()
    expect(page.get_by_text("skenario baru ditulis")).to_be_visible()
    cases = page.locator("[data-scenario]")
    expect(cases.nth(5)).to_be_attached()
    expect(page.locator("[data-scenario][data-agrees=tidak]")).to_have_count(0)
    first = cases.first
    first.locator("summary").first.click()
    shoot(page, "skenario-mesin")
    first.get_by_role("button", name="Ini benar").click()
    expect(page.locator("[data-scenario][data-verdict=benar]")).to_have_count(1)
    expect(cases.nth(1).locator("details").first).to_have_attribute("open", "")
    cases.nth(1).get_by_role("button", name="Ini salah").click()
    expect(page.get_by_text("ditandai salah masih terjadi")).to_be_visible()
    page.get_by_label("Tampilkan").select_option("Salah")
    expect(page.locator("[data-scenario]:visible")).to_have_count(1)
    page.locator("[data-scenario]:visible").locator("summary").first.click()
    page.get_by_role("button", name="Lanjutkan di Coba jalankan").click()
    expect(page.locator(".play-entry").nth(1)).to_be_attached()
    page.get_by_role("button", name="Simpan sebagai skenario").click()
    page.get_by_label("Judul skenario").fill("Yang ini sudah diperbaiki")
    page.get_by_role("button", name="Ganti “").click()
    page.get_by_role("button", name="Buka Skenario").click()
    # What was judged is not what it says now: the mark went with the old text.
    expect(page.locator("[data-scenario][data-verdict=salah]")).to_have_count(0)
    changed = page.locator("[data-scenario]").filter(has_text="Yang ini sudah diperbaiki")
    expect(changed).to_have_attribute("data-agrees", "ya")
    expect(changed).to_have_attribute("data-verdict", "belum")
    page.get_by_label("Tampilkan").select_option("Semua")
    page.reload()
    page.locator("#studio[data-ready]").wait_for()
    page.get_by_role("tab", name="Skenario").click()
    expect(page.locator("[data-scenario]").filter(has_text="Yang ini sudah diperbaiki")).to_be_visible()


def test_on_a_phone_and_in_the_dark(palu: Live, visitor: NewVisitor) -> None:
    page = visitor(360, color_scheme="dark")
    sign_in(page, "bappeda1")
    new_draft(page, "pengaduan")
    open_play(page)
    verify(page)
    assert not overflows(page)
    shoot(page, "coba-gelap")
    assert barriers(page) == []
    page.get_by_role("tab", name="Skenario").click()
    expect(page.get_by_text("Belum ada skenario")).to_be_visible()
    shoot(page, "skenario-kosong-gelap")
    assert barriers(page) == []
