"""Without a mouse: the inbox by its keys, every other page by Tab, and the focus always in sight."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from app.adapters import clock
from app.domain.actor import Actor
from app.domain.report import Contact, Kind
from app.services.intake import NewReport, Received, submit_report
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, shoot
from tests.e2e.people import choose, sign_in

PLACES = ("pertama", "kedua", "ketiga")
SEEN = """() => {
  const one = document.activeElement;
  const around = one.closest("label, .row, .photo-field, .field");
  const near = [one, one.parentElement, around, one.previousElementSibling];
  return near.filter(Boolean).some((part) => {
    const look = getComputedStyle(part);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  });
}"""


@pytest.fixture
def three_reports(palu: Live) -> None:
    for place in PLACES:
        new = NewReport(
            submission_key=uuid.uuid4(),
            kind=Kind.PENGADUAN,
            description=f"Lampu jalan di lorong {place} padam sejak Sabtu.",
            kelurahan="72.71.02.1007",
            landmark=f"Lorong {place}",
            category="lampu_jalan",
            contact=Contact(name="Warga Uji (demo)", email="warga.uji@demo.invalid"),
        )
        city = palu.settings.city
        with palu.unit_of_work() as session:
            taken = submit_report(
                session, new, actor=Actor(kind="pelapor", source="uji"), now=clock.now(),
                sealing_key=palu.settings.keys.sealing, city_name=city.name, prefix=city.number_prefix,
            )  # fmt: skip
            assert isinstance(taken, Received)


@pytest.mark.usefixtures("three_reports")
def test_an_inbox_worked_through_without_a_mouse(visitor: NewVisitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, "admin1")
    links = page.locator("[data-row-link]")
    expect(links).to_have_count(3)
    press = page.keyboard.press

    for key, at in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        press(key)
        expect(links.nth(at)).to_be_focused()
        assert page.evaluate(SEEN)
    shoot(page, "kotak-masuk-tombol")

    second = page.locator("[data-row]").nth(1).locator(".row__words").inner_text()
    press("Enter")
    task = page.locator("#tugas-isi")
    expect(task.get_by_role("heading", level=1)).to_be_focused()
    expect(task).to_contain_text(second)

    press("?")
    help_ = page.get_by_role("dialog")
    expect(help_).to_contain_text("tugas berikutnya, sebelumnya")
    press("j")
    press("Escape")
    expect(help_).to_be_hidden()

    press("/")
    search = page.get_by_role("searchbox", name="Cari")
    expect(search).to_be_focused()
    page.keyboard.type("lorong jika")
    expect(search).to_have_value("lorong jika")
    press("Control+a")
    page.keyboard.type("ketiga")
    press("Enter")
    expect(links).to_have_count(1)
    expect(page).to_have_url("/kotak-masuk?kotak=semua&cari=ketiga&urut=tenggat&topik=")

    links.first.focus()
    press("a")
    expect(page.locator("#pesan")).to_contain_text("sekarang Anda pegang")


@pytest.mark.usefixtures("three_reports")
def test_filters_changed_faster_than_the_city_answers_show_the_last_of_them(visitor: NewVisitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, "admin1")
    page.evaluate(
        """() => { for (const words of ["pertama", "kedua", "ketiga"]) {
             const box = document.querySelector("[data-search]");
             box.value = words;
             box.dispatchEvent(new Event("change", { bubbles: true }));
           } }"""
    )
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("ketiga")
    expect(page).to_have_url(re.compile("cari=ketiga"))


@pytest.mark.usefixtures("three_reports")
def test_tasks_opened_faster_than_they_come_show_the_last_of_them(visitor: NewVisitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, "admin1")
    words = page.locator("[data-row]").last.locator(".row__words").inner_text()
    page.evaluate("for (const one of document.querySelectorAll('[data-row-link]')) one.click()")
    task = page.locator("#tugas-isi")
    expect(task.get_by_role("heading", level=1)).to_be_focused()
    expect(task).to_contain_text(words)
    expect(page.locator("[data-row][data-open]")).to_contain_text(words)


@pytest.mark.usefixtures("three_reports")
def test_a_task_is_sent_by_ctrl_enter_and_the_list_keeps_its_filter(visitor: NewVisitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, "admin1")
    page.goto("/kotak-masuk?cari=lorong&urut=terbaru")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    task = page.locator("#tugas-isi")
    expect(task.get_by_role("heading", level=1)).to_be_focused()
    choose(task, {"Putusan": "Diterima dan diteruskan"})
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pesan")).to_contain_text("Mendisposisikan laporan")
    expect(page).to_have_url("/kotak-masuk?urut=terbaru&cari=lorong")


@pytest.mark.parametrize("path", ["/", "/lapor", "/lacak", "/masuk"])
def test_the_focus_is_always_in_sight(palu: Live, visitor: NewVisitor, path: str) -> None:
    page = visitor(PHONE)
    page.goto(path)
    unseen, last = [], ""
    for _ in range(30):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.outerHTML.slice(0, 160)")
        # Within a date the browser itself marks the part that is being typed.
        if here != last and not at_end(page) and not page.evaluate(SEEN):
            unseen.append(here)
        last = here
    assert unseen == []


def test_the_first_tab_leads_past_the_menu(palu: Live, visitor: NewVisitor) -> None:
    page = visitor(PHONE)
    page.goto("/lapor")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Langsung ke isi")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def at_end(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement === document.body"))
