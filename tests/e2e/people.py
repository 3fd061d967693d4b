"""What people do in front of their screens, step by step, as they would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from app.services.demo.accounts import PASSWORD
from tests.e2e.conftest import ready

WORDS = "Jalan di depan pasar berlubang dalam, dua motor jatuh malam tadi saat hujan."
NUMBER = re.compile(r"LW-2026-07-\d{6}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter keeps. `secret`: path of the own page."""

    number: str
    secret: str


def fill_report(page: Page, *, words: str = WORDS, photos: Iterable[Path] = ()) -> None:
    """Fill `/lapor` by list and landmark. Photos are chosen; with scripts, wait until each has arrived."""
    page.goto("/lapor")
    page.locator("input[name=kind][value=pengaduan]").check()
    page.get_by_label("Ceritakan keadaannya").fill(words)
    page.get_by_label("Tentang (boleh kosong)").select_option(label="Jalan dan jembatan")
    page.get_by_label("Kelurahan", exact=True).select_option(label="Kamonji")
    page.get_by_label("Patokan").fill("Depan pasar, sebelah bengkel")
    chosen = [str(photo) for photo in photos]
    if chosen:
        page.locator("#photos").set_input_files(chosen)
    page.get_by_label("Nama", exact=True).fill("Warga Uji (demo)")
    page.get_by_label("Surel").fill("warga.uji@demo.invalid")


def send(page: Page) -> Receipt:
    """Press *Kirim laporan* and read the receipt."""
    page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_url("**/tanda-terima")
    number = page.locator("#nomor-laporan").inner_text()
    assert NUMBER.fullmatch(number), number
    return Receipt(number, page.url.split("/tanda-terima")[0].partition("/l/")[2].join(("/l/", "")))


def sign_in(page: Page, username: str) -> None:
    page.goto("/masuk")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/kotak-masuk")


def open_task(page: Page, name: str) -> Locator:
    """Open the only task of this name from the inbox; the part of the page that shows it."""
    page.goto("/kotak-masuk")
    page.get_by_role("link", name=name, exact=True).click()
    task = page.locator("#tugas-isi")
    expect(task.get_by_role("heading", level=1)).to_have_text(name)
    ready(page)
    return task


def address_of_task(page: Page, name: str) -> str:
    """Where the only task of this name in this officer's inbox lies."""
    page.goto("/kotak-masuk")
    href = page.get_by_role("link", name=name, exact=True).get_attribute("href")
    assert href
    return href


def choose(task: Locator, choices: Mapping[str, str]) -> None:
    """Answer questions with options: question -> label of the answer."""
    for question, answer in choices.items():
        group = task.get_by_role("group", name=re.compile(f"^{re.escape(question)}"))
        group.get_by_label(answer, exact=True).check()


def finish(page: Page, task: Locator, next_step: str, button: str = "Selesaikan tugas") -> None:
    """Send the task's form; the inbox says what comes next.

    The address alone says nothing: on a wide screen the task was opened beside the list.
    """
    task.get_by_role("button", name=button).click()
    expect(page.locator("#pesan")).to_contain_text(next_step)
    expect(page).to_have_url(re.compile("/kotak-masuk"))


def shown(page: Page, where: str) -> list[bool]:
    """For every picture in `where`: whether it really is one."""
    page.locator(f"{where} img").first.wait_for(state="attached")
    found = page.locator(f"{where} img").evaluate_all(
        """all => Promise.all(all.map((one) => {
             one.loading = "eager";
             return one.decode().then(() => one.naturalWidth > 0, () => false);
           }))"""
    )
    return [bool(each) for each in found]
