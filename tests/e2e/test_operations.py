"""An officer acts on one report outside its SOP: sees what it means, says why, and where it cannot be undone
somebody else agrees; the auditor sees before and after, the citizen what concerns them."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.adapters import clock
from app.domain.report import Contact, Kind
from app.services.intake import NewReport, Received, submit_report
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import address_of_task, choose, sign_in
from tests.services.workshop import REPORTER

REASON = "Pemegang tugas cuti panjang, kantor menunjuk penggantinya."
WHY_ENDED = "Sudah ditangani pemerintah provinsi sejak kemarin."


def look(page: Page, name: str) -> None:
    """Nothing sticks out and nobody is kept out: light and dark, desk and phone."""
    before = page.viewport_size
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        shoot(page, name)
        page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
        assert not overflows(page), (name, width)
        assert barriers(page) == [], (name, width)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert barriers(page, ["color-contrast"]) == [], (name, width)
        page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = false")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before:
        page.set_viewport_size(before)


def received(palu: Live) -> str:
    """Number of a report that waits for verification."""
    new = NewReport(
        submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, kelurahan="72.71.02.1007", landmark="Depan pasar",
        description="Lampu jalan di depan pasar padam sejak Sabtu.", category="lampu_jalan",
        contact=Contact("Warga Uji (demo)", None, "warga.uji@demo.invalid"),
    )  # fmt: skip
    with palu.unit_of_work() as session:
        taken = submit_report(
            session, new, actor=REPORTER, now=clock.now(), sealing_key=palu.settings.keys.sealing,
            city_name="Kota Palu",
        )  # fmt: skip
    assert isinstance(taken, Received)
    return taken.number


def at_desk(page: Page, number: str) -> None:
    """From the list of operations to what may be done to one report."""
    page.goto("/operasi")
    page.get_by_label("Nomor laporan").fill(number)
    page.get_by_role("button", name="Pilih tindakan").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def events(palu: Live) -> list[str]:
    with palu.unit_of_work() as session:
        done = "SELECT data->>'tindakan' FROM events WHERE type = 'OperationDone' ORDER BY seq"
        return list(session.scalars(text(done)))


@pytest.mark.timeout(240)
def test_a_task_changes_hands_and_the_auditor_sees_before_and_after(palu: Live, visitor: NewVisitor) -> None:
    number = received(palu)
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    at_desk(admin, number)
    look(admin, "tindakan-pilih")
    admin.get_by_role("link", name=re.compile("^Alihkan tugas")).click()
    admin.get_by_label("Kepada").select_option(label="Admin Kominfo 2 (demo)")
    admin.get_by_role("button", name="Lihat akibatnya").click()
    expect(admin.get_by_role("heading", name="Akibatnya", exact=True)).to_be_visible()
    expect(admin.locator("#akibat")).to_contain_text("Admin Kominfo 2 (demo)")
    look(admin, "tindakan-akibat")
    admin.get_by_label("Alasan").fill("pendek")
    admin.get_by_role("button", name="Alihkan", exact=True).click()
    expect(admin.get_by_text("sedikitnya 10 huruf").first).to_be_visible()
    expect(admin.get_by_label("Alasan")).to_have_value("pendek")
    assert events(palu) == []
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Alihkan", exact=True).click()
    expect(admin.get_by_role("heading", name="Sebelum dan sesudah")).to_be_visible()
    look(admin, "tindakan-selesai")
    assert events(palu) == ["alihkan"]

    auditor = visitor(DESKTOP)
    sign_in(auditor, "inspektorat1")
    auditor.goto(f"/jejak/{number}")
    event = auditor.locator(".trace-event").filter(has_text=REASON)
    expect(event).to_contain_text("Admin Kominfo 2 (demo)")
    look(auditor, "tindakan-jejak")


@pytest.mark.timeout(240)
def test_a_report_is_cancelled_only_when_somebody_else_agrees(palu: Live, visitor: NewVisitor) -> None:
    number = received(palu)
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    at_desk(admin, number)
    admin.get_by_role("link", name=re.compile("^Batalkan laporan")).click()
    expect(admin.locator("#akibat")).to_contain_text("Laporan berakhir.")
    admin.get_by_label("Alasan").fill(WHY_ENDED)
    admin.get_by_role("button", name="Ajukan pembatalan").click()
    expect(admin.get_by_text("Menunggu orang kedua")).to_be_visible()
    expect(admin.get_by_role("button", name="Setujui dan lakukan")).to_have_count(0)
    assert events(palu) == []

    second = visitor(DESKTOP)
    sign_in(second, "sekda")
    second.goto("/operasi")
    look(second, "tindakan-daftar")
    second.get_by_role("link", name="Periksa").click()
    expect(second.get_by_text(WHY_ENDED).first).to_be_visible()
    look(second, "tindakan-orang-kedua")
    second.get_by_role("button", name="Setujui dan lakukan").click()
    expect(second.get_by_text("Disetujui dan sudah dilakukan.")).to_be_visible()
    assert events(palu) == ["batalkan"]

    citizen = visitor(PHONE)
    citizen.goto(f"/lacak?nomor={number}")
    expect(citizen.get_by_text("Dibatalkan").first).to_be_visible()
    expect(citizen.get_by_text(WHY_ENDED)).to_have_count(0)
    shoot(citizen, "tindakan-lacak-dibatalkan")


def test_what_changed_since_it_was_shown_is_shown_anew_with_what_was_typed(
    palu: Live, visitor: NewVisitor
) -> None:
    number = received(palu)
    admin, colleague = visitor(DESKTOP), visitor(DESKTOP)
    sign_in(admin, "admin1")
    at_desk(admin, number)
    admin.get_by_role("link", name=re.compile("^Batalkan laporan")).click()
    admin.get_by_label("Alasan").fill(WHY_ENDED)
    sign_in(colleague, "admin2")
    colleague.goto(address_of_task(colleague, "Memverifikasi laporan"))
    choose(colleague.locator("#tugas-isi"), {"Putusan": "Diterima dan diteruskan"})
    colleague.get_by_role("button", name="Selesaikan tugas").click()
    expect(colleague.locator("#pesan")).to_contain_text("Berikutnya")
    admin.get_by_role("button", name="Ajukan pembatalan").click()
    expect(admin.get_by_role("alert")).to_contain_text("Keadaan laporan berubah")
    expect(admin.get_by_label("Alasan")).to_have_value(WHY_ENDED)
    expect(admin.locator("#akibat")).to_contain_text("Mendisposisikan laporan")
    look(admin, "tindakan-berubah")
    assert events(palu) == []


@pytest.mark.timeout(240)
def test_held_back_nobody_goes_on_and_nothing_typed_is_lost(palu: Live, visitor: NewVisitor) -> None:
    number = received(palu)
    admin, officer = visitor(DESKTOP), visitor(PHONE)
    sign_in(officer, "admin2")
    officer.goto(address_of_task(officer, "Memverifikasi laporan"))
    task = officer.locator("#tugas-isi")
    choose(task, {"Putusan": "Diterima dan diteruskan"})
    sign_in(admin, "admin1")
    at_desk(admin, number)
    admin.get_by_role("link", name=re.compile("^Tangguhkan")).click()
    look(admin, "tindakan-tangguhkan")
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Tangguhkan", exact=True).click()
    expect(admin.get_by_text("Laporan ditangguhkan.")).to_be_visible()

    task.get_by_role("button", name="Selesaikan tugas").click()
    expect(officer.get_by_text("sedang ditangguhkan").first).to_be_visible()
    assert barriers(officer) == []
    assert not overflows(officer)
    shoot(officer, "tindakan-tugas-ditahan")
    palu.move_clock(days=20)
    with palu.unit_of_work() as session:
        rang = text("SELECT count(*) FROM events WHERE type = 'TimersFired'")
        assert session.execute(rang).scalar_one() == 0

    at_desk(admin, number)
    expect(admin.get_by_text("Ditangguhkan sejak")).to_be_visible()
    look(admin, "tindakan-ditahan")
    admin.get_by_role("link", name="Lanjutkan").click()
    admin.get_by_label("Alasan").fill(REASON)
    admin.get_by_role("button", name="Lanjutkan", exact=True).click()
    expect(admin.get_by_text("Laporan berjalan lagi.").first).to_be_visible()
    assert events(palu) == ["tangguhkan", "lanjutkan"]
    with palu.unit_of_work() as session:
        assert session.execute(rang).scalar_one() > 0
    officer.goto(address_of_task(officer, "Memverifikasi laporan"))
    expect(officer.get_by_label("Diterima dan diteruskan", exact=True)).to_be_checked()


def test_by_keyboard_alone_without_scripts(palu: Live, visitor: NewVisitor) -> None:
    number = received(palu)
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "admin1")
    page.goto("/operasi")
    page.get_by_label("Nomor laporan").focus()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("^Tangguhkan")).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Alasan").focus()
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Laporan ditangguhkan.")).to_be_visible()
    assert not overflows(page)


def test_a_report_that_is_no_more_and_one_that_has_ended(palu: Live, visitor: NewVisitor) -> None:
    page = visitor(PHONE)
    sign_in(page, "admin1")
    page.goto("/operasi")
    look(page, "tindakan-daftar-kosong")
    page.get_by_label("Nomor laporan").fill("LW-2026-07-999999")
    page.get_by_role("button", name="Pilih tindakan").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak ada")
    expect(page.get_by_label("Nomor laporan")).to_have_value("LW-2026-07-999999")
