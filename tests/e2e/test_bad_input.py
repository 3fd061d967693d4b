"""Whatever is wrong with what citizens send is said in words that help, and costs nothing that was right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e import pictures
from tests.e2e.conftest import PHONE, TUESDAY, Live, NewVisitor, overflows, shoot
from tests.e2e.people import WORDS, fill_report, send

BEFORE = TUESDAY - timedelta(hours=1)
Make: TypeAlias = Callable[[Path], Path]

FILES: list[tuple[Make, str]] = [
    (lambda folder: pictures.heavy(folder, at=BEFORE, megabytes=15), "Batasnya 15 MB"),
    (pictures.gif_named_jpg, "Kirim foto JPEG, PNG, WebP, atau HEIC"),
    (pictures.bomb, "Batasnya 40 megapiksel. Kecilkan resolusinya"),
    (lambda folder: pictures.polyglot(folder, at=BEFORE), "Kirim foto asli"),
]
NAMES = ["16-mb", "gif", "bom", "poliglot"]


def reports(palu: Live) -> int:
    with palu.unit_of_work() as session:
        return int(session.execute(text("SELECT count(*) FROM reports")).scalar_one())


def all_is_kept(page: Page, words: str = WORDS) -> None:
    expect(page.get_by_label("Ceritakan keadaannya")).to_have_value(words)
    expect(page.get_by_label("Patokan")).to_have_value("Depan pasar, sebelah bengkel")
    expect(page.get_by_label("Surel")).to_have_value("warga.uji@demo.invalid")
    assert not overflows(page)


def refused(page: Page, words: str) -> None:
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator(".error-summary")).to_contain_text(words)
    expect(page.locator(".error-summary")).to_contain_text("Isian Anda tetap tersimpan")
    expect(page).to_have_title("Perlu diperbaiki: Buat laporan · Lapor Walikota Kota Palu")


def test_4001_letters(palu: Live, phone: Page, tmp_path: Path) -> None:
    words = ("Jalan berlubang. " * 250)[:4000] + "!"
    fill_report(phone, words=words, photos=[pictures.jpeg(tmp_path, "lubang", at=BEFORE)])
    expect(phone.locator(".field__counter").first).to_have_text("1 huruf terlalu banyak")
    expect(phone.locator(".photo-field__item--sent")).to_have_count(1)
    refused(phone, "Uraian terlalu panjang (4.001 huruf). Batasnya 4.000 huruf.")
    all_is_kept(phone, words)
    expect(phone.locator(".photo-field__item--sent img")).to_have_count(1)
    shoot(phone, "4001-huruf")
    assert reports(palu) == 0
    phone.get_by_label("Ceritakan keadaannya").fill(words[:4000])
    send(phone)
    assert reports(palu) == 1


@pytest.mark.parametrize(("lat", "lng"), [(-0.95, 119.75), (-6.98, 110.41)], ids=["donggala", "semarang"])
def test_a_point_outside_the_city(palu: Live, phone: Page, lat: float, lng: float) -> None:
    fill_report(phone)
    phone.evaluate(
        "([lat, lng]) => { document.querySelector('[name=lat]').value = lat;"
        " document.querySelector('[name=lng]').value = lng; }",
        [str(lat), str(lng)],
    )
    refused(phone, "di luar Kota Palu. Geser titik ke dalam kota, atau pilih kelurahan")
    all_is_kept(phone)
    assert reports(palu) == 0
    shoot(phone, "di-luar-kota")
    phone.get_by_role("button", name="Hapus titik").click()
    send(phone)
    assert reports(palu) == 1


def test_a_phone_that_stands_in_semarang(palu: Live, visitor: NewVisitor) -> None:
    page = visitor(PHONE, geolocation={"latitude": -6.98, "longitude": 110.41}, permissions=["geolocation"])
    fill_report(page)
    page.get_by_role("button", name="Pakai posisi saya").click()
    expect(page.locator("[data-place-words]")).to_contain_text("di luar Kota Palu")
    send(page)
    assert reports(palu) == 1


@pytest.mark.parametrize(("make", "words"), FILES, ids=NAMES)
def test_a_file_that_is_no_photo_without_scripts(
    palu: Live, visitor: NewVisitor, tmp_path: Path, make: Make, words: str
) -> None:
    page = visitor(PHONE, java_script_enabled=False)
    fill_report(page, photos=[pictures.jpeg(tmp_path, "lubang", at=BEFORE), make(tmp_path)])
    refused(page, "Foto ke-2: ")
    expect(page.locator(".error-summary")).to_contain_text(words)
    expect(page.locator(".photo-field__item img")).to_have_count(1)
    all_is_kept(page)
    assert reports(palu) == 0
    send(page)
    expect(page.get_by_text("1 foto")).to_be_visible()


def test_files_that_are_no_photos(palu: Live, phone: Page, tmp_path: Path) -> None:
    """All at once, sent by script as they are chosen; a heavy photo is simply made smaller."""
    fill_report(phone, photos=[make(tmp_path) for make, _words in FILES])
    phone.locator("#photos").set_input_files(pictures.jpeg(tmp_path, "lubang", at=BEFORE))
    items = phone.locator(".photo-field__item")
    expect(items.nth(0)).to_contain_text("Terkirim")  # one after the other, in this order
    for number, (_make, words) in enumerate(FILES[1:], start=1):
        expect(items.nth(number)).to_contain_text(words)
    expect(phone.locator(".photo-field__item--sent")).to_have_count(2)
    shoot(phone, "bukan-foto")
    assert not overflows(phone)
    all_is_kept(phone)
    send(phone)
    expect(phone.get_by_text("2 foto")).to_be_visible()
