"""The mayor asks where reports lie: one sentence, one picture, the figures behind them."""

from __future__ import annotations

import csv
import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import sign_in
from tests.services.step_counts import MARCH, Counts

HOUR, DAY = 3600, 8 * 3600


@pytest.fixture
def busy(palu: Live) -> Live:
    """A spring in Palu: accepting takes days, nobody takes it up; worst at one agency."""
    with palu.unit_of_work() as session:
        version = session.execute(text("SELECT id FROM sop_versions WHERE key = 'pengaduan'")).scalar_one()
        counts = Counts(version)
        for month in (MARCH, MARCH.replace(month=4), MARCH.replace(month=5)):
            for unit, slow in (("DPU", 4 * DAY), ("DLH", DAY)):
                for _ in range(20):
                    visit = partial(counts.visit, month=month, unit=unit)
                    visit("verifikasi", 2 * HOUR, waiting=HOUR)
                    visit("terima_disposisi", slow, waiting=slow * 0.9, signed_late=slow > DAY)
                    visit("tindak_lanjut", DAY, again=unit == "DLH")
                    visit("konfirmasi", 3 * DAY, waiting=3 * DAY)
                    visit("", slow + 5 * DAY, kind="laporan")
        counts.add_to(session)
    return palu


def test_the_mayor_reads_where_it_hurts_within_a_minute(busy: Live, visitor: NewVisitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, "walikota")
    page.get_by_role("link", name="Hambatan", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(
        "Paling banyak waktu habis di Menerima disposisi dan memberi respon awal"
    )
    page.get_by_role("link", name="Penanganan pengaduan").click()
    said = page.locator(".hurts")
    expect(said).to_contain_text(re.compile(r"Menerima disposisi dan memberi respon awal: 6\d % dari"))
    expect(said).to_contain_text("90 % dari waktu itu laporan menunggu sebelum tugasnya diambil.")
    hot = page.locator(".heat-overview .is-heat-5")
    expect(hot).to_have_count(1)
    expect(hot).to_have_attribute("data-element", "terima_disposisi")
    look(page, "hambatan")

    page.get_by_role("link", name="Diulang").press("Enter")
    expect(page.locator(".heat-overview .diagram-rank.is-first")).to_have_count(1)
    expect(page.locator(".heat-hottest li").first).to_contain_text("Menindaklanjuti laporan 50 %")
    page.get_by_label("Unit atau kelurahan").select_option(label="Dinas Lingkungan Hidup")
    page.get_by_role("button", name="Tampilkan").first.click()
    expect(said).not_to_contain_text("respon awal: 6")
    expect(page.locator(".heat-hottest li").first).to_contain_text("Menindaklanjuti laporan 100 %")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Angka halaman ini (CSV)").click()
    with open(coming.value.path(), encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert {line["unit"] for line in lines} == {"DLH"}
    assert [line["kali"] for line in lines if line["tempat"] == "tindak_lanjut"] == ["60"]

    page.get_by_label("Bandingkan dengan").select_option(label="Dinas Pekerjaan Umum")
    page.get_by_role("button", name="Bandingkan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Dinas Lingkungan Hidup dan Dinas Pekerjaan Umum"
    )
    expect(said).to_contain_text(re.compile(r"respon awal (3,9|4|4,1) kali lebih lama"))
    look(page, "hambatan-banding")


def test_enlarged_it_opens_at_the_worst_step(busy: Live, visitor: NewVisitor) -> None:
    page = visitor(PHONE)
    sign_in(page, "bappeda1")
    page.goto("/hambatan/pengaduan/1")
    rank = ".diagram-rank.is-first"
    page.get_by_text("Perbesar: setiap langkah dengan angkanya").click()
    frame = page.locator(".diagram-scroll")
    expect(frame.locator(rank)).to_be_visible()
    for window in (".heat-overview", ".diagram-scroll"):
        page.wait_for_function(
            """(name) => { const w = document.querySelector(name).getBoundingClientRect();
               const s = document.querySelector(`${name} .diagram-rank.is-first`).getBoundingClientRect();
               return s.left >= w.left && s.right <= w.right && s.top >= w.top && s.bottom <= w.bottom; }""",
            arg=window,
        )


def test_without_scripts_everything_is_there(busy: Live, visitor: NewVisitor) -> None:
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "walikota")
    page.goto("/hambatan/pengaduan/1")
    expect(page.locator(".hurts__said")).to_contain_text("Menerima disposisi")
    expect(page.locator(".heat-overview svg")).to_be_visible()
    expect(page.locator("svg.chart").first).to_be_visible()
    page.get_by_text("Perbesar: setiap langkah dengan angkanya").click()
    expect(page.locator(".diagram-scroll svg")).to_be_visible()
    page.get_by_label("Yang dilihat").select_option(label="Memverifikasi laporan")
    page.get_by_role("button", name="Tampilkan").nth(1).click()
    page.get_by_text("Angka tiap bulan", exact=True).click()
    expect(page.locator("#bulan table")).to_contain_text("Maret 2026")


def look(page: Page, name: str) -> None:
    """Nothing sticks out, nobody is kept out; light and dark, desk and phone, folded and unfolded."""
    for width, height in ((DESKTOP, 900), (PHONE, 760)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            assert not overflows(page), width
            shoot(page, f"{name}-{scheme}")
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            assert barriers(page) == []
            assert not overflows(page), (width, "unfolded")
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = false")
    page.set_viewport_size({"width": DESKTOP, "height": 900})
    page.emulate_media(color_scheme="light")
