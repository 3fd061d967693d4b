"""An auditor finds a late report, plays its trace, reads why it went where, and proves at home that nobody
touched it; until somebody does."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Connection, text

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, ready, shoot
from tests.e2e.people import Receipt, choose, fill_report, finish, open_task, send, sign_in

UPRIGHT_PX = 794
"""A4, the short side, as a browser counts."""


def disposed_late(palu: Live, visitor: NewVisitor) -> Receipt:
    """A report that lay too long before it was verified and sent on."""
    citizen = visitor(PHONE)
    fill_report(citizen)
    receipt = send(citizen)
    palu.work()
    palu.move_clock(days=4)
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    task = open_task(admin, "Memverifikasi laporan")
    choose(task, {"Putusan": "Diterima dan diteruskan"})
    finish(admin, task, "Berikutnya: Mendisposisikan laporan")
    task = open_task(admin, "Mendisposisikan laporan")
    task.get_by_label("Isi disposisi").fill("Mohon ditambal segera.")
    finish(admin, task, "Berikutnya: Menerima disposisi")
    palu.work()
    return receipt


@pytest.mark.timeout(240)
def test_an_auditor_reads_and_proves_a_report_until_a_byte_is_changed(
    palu: Live, visitor: NewVisitor, owner: Connection, tmp_path: Path
) -> None:
    receipt = disposed_late(palu, visitor)
    flask(palu, "audit", "seal")
    flask(palu, "audit", "traits")
    auditor = visitor(DESKTOP)
    sign_in(auditor, "inspektorat1")
    find(auditor, receipt)
    reads_why(auditor)
    plays(auditor)
    expect(auditor.locator("#waktu")).to_contain_text("terlambat")
    look(auditor, "jejak")
    prints(auditor)
    proof = download(auditor, tmp_path / "utuh")
    assert "Semuanya cocok" in check(proof)
    assert "utuh" in flask(palu, "audit", "verify")

    owner.execute(
        text(
            "UPDATE events SET data = CAST(replace(CAST(data AS text), 'web', 'wen') AS json)"
            " WHERE stream_seq = 1 AND stream_id = (SELECT id FROM reports WHERE number = :number)"
        ),
        {"number": receipt.number},
    )
    owner.commit()
    auditor.reload()
    found = check(download(auditor, tmp_path / "berubah"), expected=1)
    assert re.search(r"peristiwa 1\b", found, re.IGNORECASE), found
    named = flask(palu, "audit", "verify", expected=1)
    assert receipt.number in named
    assert re.search(r"peristiwa 1\b", named, re.IGNORECASE), named


def find(page: Page, receipt: Receipt) -> None:
    """A late report about a hole in the road, out of all."""
    page.get_by_role("link", name="Jejak", exact=True).click()
    page.get_by_label("Terlambat").check()
    page.get_by_label("Nomor, atau kata dari laporan dan percakapannya").fill("lubang")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text=receipt.number)).to_contain_text("Terlambat")
    page.get_by_role("link", name=receipt.number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(receipt.number)
    ready(page)


def reads_why(page: Page) -> None:
    sent = page.locator(".trace-sent")
    expect(sent).to_contain_text("Dikirim ke Dinas Pekerjaan Umum")
    expect(sent).to_contain_text(re.compile(r"karena baris \d+: .*baris terdekat yang tidak cocok: \d+"))


def plays(page: Page) -> None:
    """By keyboard: the first event, one further, then on by itself until it is stopped, then the end."""
    time = page.get_by_role("slider")
    time.focus()
    done = page.locator("[data-figure]:visible .diagram-node.is-done")
    in_the_end = done.count()
    page.keyboard.press("Home")
    expect(time).to_have_attribute("aria-valuetext", re.compile("^1 / .*Laporan diterima"))
    expect(done).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(time).to_have_attribute("aria-valuetext", re.compile("^2 / .*Saat itu di: Memverifikasi laporan$"))
    here = page.locator("[data-figure]:visible .diagram-userTask.is-current")
    expect(here).to_have_attribute("data-element", re.compile("verifikasi"))
    page.get_by_role("button", name="Peristiwa berikutnya").click()
    expect(page.locator("[data-event][aria-current]")).to_have_attribute("data-event", "3")
    # What a button moved is said aloud; the slider says its own value.
    expect(page.locator("[data-words]")).to_have_attribute("aria-live", "polite")
    time.press("ArrowRight")
    expect(page.locator("[data-words]")).to_have_attribute("aria-live", "off")
    page.get_by_role("button", name="Peristiwa sebelumnya").click()
    page.get_by_role("button", name="Peristiwa sebelumnya").click()
    expect(page.locator("[data-event][aria-current]")).to_have_attribute("data-event", "2")
    page.get_by_role("button", name="Putar").click()
    expect(page.locator("[data-event][aria-current]")).not_to_have_attribute("data-event", "2")
    page.get_by_role("button", name="Berhenti").click()
    expect(page.get_by_role("button", name="Putar")).to_be_visible()
    assert int(time.input_value()) > 2
    time.focus()
    page.keyboard.press("End")
    expect(done).to_have_count(in_the_end)
    assert in_the_end > 3


def look(page: Page, name: str) -> None:
    """Nothing sticks out, nobody is kept out; light and dark, desk and phone."""
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
    page.emulate_media(color_scheme="light", media="print")
    shoot(page, f"{name}-cetak")
    expect(page.get_by_text("Sidik").first).to_be_visible()
    expect(page.locator("[data-player]")).to_be_hidden()
    page.emulate_media(color_scheme="light", media="screen")


def prints(page: Page) -> None:
    """The diagram lies across its page, the events stand; the arithmetic of every limit is unfolded."""
    page.emulate_media(media="print")
    printed = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", printed)
    across = [float(width) > float(height) for width, height in boxes]
    assert across[0], "header and diagram"
    assert not all(across), "events"
    expect(page.locator(".trace-times .reckoning").first).to_be_visible()
    expect(page.locator(".trace-times summary").first).to_be_hidden()
    # A browser shrinks all pages where an upright one holds what is wider than it.
    assert (page.locator(".trace__events").bounding_box() or {})["width"] < UPRIGHT_PX
    page.emulate_media(media="screen")


def download(page: Page, folder: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("link", name="Unduh berkas bukti").click()
    folder.mkdir()
    with zipfile.ZipFile(coming.value.path()) as archive:
        archive.extractall(folder)
    return folder


def check(folder: Path, *, expected: int = 0) -> str:
    """`python3 periksa.py`, alone."""
    told = subprocess.run(
        [sys.executable, "-I", "-S", "periksa.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (expected, ""), told.stdout + told.stderr
    return told.stdout


def flask(palu: Live, *command: str, expected: int = 0) -> str:
    told = palu.app.test_cli_runner().invoke(args=list(command))
    assert told.exit_code == expected, told.output
    return told.output


def test_without_scripts_the_last_picture_and_the_whole_text_stand(palu: Live, visitor: NewVisitor) -> None:
    receipt = disposed_late(palu, visitor)
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "inspektorat1")
    page.goto(f"/jejak/{receipt.number}")
    expect(page.locator("[data-player]")).to_be_hidden()
    here = page.locator(".diagram-userTask.is-current").first
    expect(here).to_have_attribute("data-element", re.compile("."))
    expect(page.locator(".diagram-node.is-done").first).to_be_attached()
    expect(page.locator(".trace-event").first).to_contain_text("Laporan diterima")
