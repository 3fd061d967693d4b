"""An auditor chooses reports, takes their events away and sees how far the file is; without scripts it is a
plain download."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, ready, shoot
from tests.e2e.people import fill_report, send, sign_in


def sent(palu: Live, visitor: NewVisitor) -> str:
    citizen = visitor(PHONE)
    fill_report(citizen)
    number = send(citizen).number
    palu.work()
    return number


def cases(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {line["case"] for line in csv.DictReader(file)}


def taken(page: Page, folder: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("button", name="Unduh").click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


@pytest.mark.timeout(180)
def test_a_file_is_chosen_counted_taken_and_remembered(
    palu: Live, visitor: NewVisitor, tmp_path: Path
) -> None:
    number = sent(palu, visitor)
    page = visitor(DESKTOP)
    sign_in(page, "inspektorat1")
    page.goto("/jejak")
    page.get_by_role("link", name="Ekspor peristiwanya").click()
    expect(page.locator(".take__count")).to_contain_text(re.compile(r"1 laporan · \d+ peristiwa"))
    page.get_by_label("Jenis", exact=True).select_option("aspirasi")
    page.get_by_role("button", name="Hitung").last.click()
    expect(page.locator(".take__count")).to_contain_text("0 laporan")
    page.get_by_role("link", name=re.compile("Jenis: Aspirasi")).click()
    expect(page.locator(".take__count")).to_contain_text("1 laporan")
    ready(page)
    assert number not in cases(taken(page, tmp_path))
    expect(page.locator("[data-export-words]")).to_contain_text(re.compile(r"Selesai: \d+ peristiwa"))
    page.get_by_label("Dengan nomor laporan").check()
    assert cases(taken(page, tmp_path)) == {number}
    expect(page.locator("[data-export-words]")).to_contain_text("Selesai")
    page.reload()
    past = page.locator(".take__past tbody tr")
    expect(past).to_have_count(2)
    expect(past.first).to_contain_text("dengan nomor")
    expect(past.first).to_contain_text("Selesai")
    look(page, "ekspor")
    page.get_by_role("link", name="Siapa membaca apa").click()
    expect(page.locator(".journal tbody tr")).to_have_count(2)
    look(page, "pembacaan")


def look(page: Page, name: str) -> None:
    for width, height in ((DESKTOP, 900), (PHONE, 760)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            assert not overflows(page), width
            assert barriers(page) == []
            shoot(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": DESKTOP, "height": 900})


def test_without_scripts_it_is_a_plain_download(palu: Live, visitor: NewVisitor, tmp_path: Path) -> None:
    number = sent(palu, visitor)
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "inspektorat1")
    page.goto("/audit/ekspor")
    expect(page.locator("[data-export-progress]")).to_be_hidden()
    page.get_by_label("JSON Lines").check()
    page.get_by_label("Dengan nomor laporan").check()
    assert number in taken(page, tmp_path).read_text("utf-8")


def test_words_leave_only_with_a_purpose_that_the_reporter_reads(
    palu: Live, visitor: NewVisitor, tmp_path: Path
) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    receipt = send(citizen)
    palu.work()
    auditor = visitor(DESKTOP)
    sign_in(auditor, "inspektorat1")
    auditor.goto(f"/jejak/{receipt.number}")
    auditor.get_by_text("Unduh dengan isi teks").click()
    auditor.get_by_label("Untuk apa?").fill("menelaah pengaduan")
    with auditor.expect_download() as coming:
        auditor.get_by_role("button", name="Unduh", exact=True).click()
    assert coming.value.suggested_filename == f"bukti-{receipt.number}.zip"
    citizen.goto(receipt.secret)
    expect(citizen.get_by_text("menelaah pengaduan")).to_be_visible()
    assert not overflows(citizen)
