"""The city changes how it works, from one officer's idea to another officer's screen, without a programmer.

An officer of Bappeda asks for one more thing at verification and puts a survey before the work, repairs by
click what that step lacks, plays it past a holiday and proposes it; others examine and approve. New reports
follow it, running ones do not; five of them are moved; Kominfo is asked the new question.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, Live, NewVisitor, shoot
from tests.e2e.panel import Panel, begin
from tests.e2e.people import choose, finish, open_task, sign_in
from tests.e2e.studio import findings, wait_checked, wait_saved
from tests.e2e.test_moves import received
from tests.e2e.test_studio_new_step import DROP, add_field
from tests.e2e.test_studio_play import open_play, verify

WHY = "Warga sering melapor keadaan yang sudah berubah; unit perlu melihat dahulu sebelum bekerja."
BASIS = "SK Wali Kota Nomor 065/12/2027"


def errors(page: Page) -> list[str]:
    return [one["message"] for one in findings(page) if one["severity"] == "error"]


def versions(palu: Live) -> dict[str, int]:
    """Number of a running complaint -> version of its SOP."""
    with palu.unit_of_work() as session:
        rows = session.execute(text(
            "SELECT r.number, v.version FROM instances i JOIN reports r ON r.id = i.report_id "
            "JOIN sop_versions v ON v.id = i.sop_version_id WHERE i.main AND i.state IS NOT NULL"
        ))  # fmt: skip
        return {row.number: row.version for row in rows}


def test_an_officers_idea_becomes_how_the_city_works(palu: Live, visitor: NewVisitor) -> None:
    running = received(palu, 6)
    writer = begin(visitor(DESKTOP), key="pengaduan")
    asks_for_more(writer)
    surveys_first(writer)
    repairs_by_click(writer)
    plays_past_a_holiday(writer.page)
    proposes(writer.page)
    assert set(versions(palu).values()) == {1}

    examines(visitor(DESKTOP))
    approves(visitor(DESKTOP))
    palu.work()
    (fresh,) = received(palu, 1)
    assert versions(palu) == {**dict.fromkeys(running, 1), fresh: 2}, "running reports stay where they are"

    moves_five(palu, visitor(DESKTOP), left=running[0])
    assert versions(palu) == {**dict.fromkeys(running[1:], 2), running[0]: 1, fresh: 2}
    is_asked(visitor(DESKTOP), {fresh: 1, running[3]: 1, running[0]: 0})


def asks_for_more(panel: Panel) -> None:
    panel.show("verifikasi")
    add_field(panel, "Bilangan bulat", "Jumlah saksi")
    panel.until(lambda text: "jumlah_saksi" in text)


def surveys_first(panel: Panel) -> None:
    drawn = panel.page.evaluate(DROP, "mulai_pelaksanaan_ke_tindak_lanjut")
    panel.show(drawn)
    name = panel.box.get_by_label("Nama", exact=True)
    name.fill("Menyurvei lokasi")
    name.press("Enter")
    panel.until(lambda text: "Menyurvei lokasi" in text)


def repairs_by_click(panel: Panel) -> None:
    page = panel.page
    wait_checked(page)
    assert len(errors(page)) >= 2
    listed = page.locator("#studio-tab-findings")
    clicked = 0
    while errors(page):
        shoot(page, f"cerita-temuan-{clicked}")
        repair = listed.get_by_role("button", name=re.compile("^Perbaiki")).first.element_handle()
        repair.click()
        repair.wait_for_element_state("hidden")  # the next check draws the list anew
        clicked += 1
        wait_checked(page)
        assert clicked < 20, errors(page)
    assert clicked >= 2
    wait_saved(page)


def plays_past_a_holiday(page: Page) -> None:
    open_play(page)
    start = page.locator("[data-play-report]")
    start.locator("summary").click()
    start.get_by_label("Saat laporan masuk").fill("2026-08-14T10:05")
    start.get_by_role("button", name="Mulai dengan laporan ini").click()
    expect(page.locator("[data-play-now]")).to_contain_text("14 Agustus 2026")
    expect(page.locator("[data-task=verifikasi]").get_by_label("Jumlah saksi")).to_be_visible()
    verify(page)
    page.get_by_role("button", name="+1 hari kerja").click()
    expect(page.locator("[data-play-now]")).to_contain_text("18 Agustus 2026")
    expect(page.locator(".play-line--holiday")).to_contain_text("Kemerdekaan")


def proposes(page: Page) -> None:
    page.get_by_role("button", name="Usulkan").click()
    expect(page.get_by_role("heading", name="Usulkan SOP")).to_be_visible()
    shoot(page, "cerita-usulkan")
    changed = page.get_by_role("region", name="Yang berubah dari versi 1")
    for words in ("Menyurvei lokasi", "Jumlah saksi"):
        expect(changed).to_contain_text(words)
    page.get_by_label("Apa yang berubah dan mengapa").fill(WHY)
    page.get_by_label("Pengecualian").fill("Skenario ditulis ulang sesudah survei berjalan sebulan.")
    page.get_by_role("button", name="Usulkan").click()
    page.wait_for_url("**/usulan/*")
    expect(page.get_by_text("diusulkan").first).to_be_visible()


def examines(page: Page) -> None:
    sign_in(page, "asisten")
    task = open_task(page, "Menelaah rancangan SOP")
    shoot(page, "cerita-telaah")
    expect(task.get_by_text(WHY).first).to_be_visible()
    choose(task, {"Hasil telaah": "Layak ditetapkan"})
    finish(page, task, "Menetapkan SOP")


def approves(page: Page) -> None:
    sign_in(page, "sekda")
    task = open_task(page, "Menetapkan SOP")
    choose(task, {"Putusan": "Tetapkan SOP ini"})
    task.get_by_label("Dasar hukum penetapan").fill(BASIS)
    shoot(page, "cerita-tetapkan")
    finish(page, task, "Menetapkan SOP: selesai")
    page.goto("/studio/pengaduan/versi/2")
    expect(page.get_by_text(BASIS).first).to_be_visible()
    shoot(page, "cerita-versi-2")


def moves_five(palu: Live, page: Page, *, left: str) -> None:
    sign_in(page, "bappeda1")
    page.goto("/studio/pengaduan/pindah")
    page.get_by_role("button", name="Susun dan uji rencana").click()
    expect(page.get_by_role("heading", name="Sedang diuji")).to_be_visible()
    palu.work()
    expect(page.get_by_role("heading", name="Dapat pindah")).to_be_visible()
    plan = page.url
    page.context.clear_cookies()
    sign_in(page, "asisten")
    page.goto(plan)
    page.get_by_label(f"Pindahkan {left}").uncheck()
    page.get_by_label("Alasan").fill("Agar unit menyurvei dahulu.")
    page.get_by_role("button", name="Pindahkan yang dicentang").click()
    expect(page.get_by_role("heading", name="Sedang memindahkan")).to_be_visible()
    palu.work()
    expect(page.get_by_text("Dipindahkan", exact=True)).to_have_count(5)


def is_asked(page: Page, asked: dict[str, int]) -> None:
    sign_in(page, "admin1")
    for number, times in asked.items():
        page.goto("/kotak-masuk")
        row = page.get_by_role("listitem").filter(has_text=number)
        row.get_by_role("link", name="Memverifikasi laporan").click()
        expect(page.get_by_role("heading", name="Memverifikasi laporan")).to_be_visible()
        expect(page.get_by_label("Jumlah saksi")).to_have_count(times)
