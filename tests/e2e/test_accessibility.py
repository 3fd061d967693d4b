"""Every page of a busy city is for everybody: axe (WCAG 2.2 A and AA), light and dark, at both widths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.adapters.storage import open_store
from app.cli.demo import demo_files
from app.domain.tracking import tracking_token
from app.services.demo.city import DemoNames, seed
from tests.e2e.conftest import DESKTOP, PHONE, TUESDAY, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import sign_in


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses into the demo city: report numbers, and secret pages by what they show."""

    open_number: str
    finished_number: str
    secrets: dict[str, str]


@pytest.fixture
def links(live: Live) -> Links:
    """The demo city with its reports, as `make run` shows it."""
    told = live.settings
    names = DemoNames(
        told.city.name, told.city.number_prefix, told.keys.sealing, told.base_url, told.city.brand
    )
    with live.unit_of_work() as session:
        assert seed(session, demo_files(), names, storage=open_store(told.storage_url), now=TUESDAY) > 12
    live.work()
    with live.unit_of_work() as session:
        rows = session.execute(
            text(
                "SELECT r.number, r.status, i.tracking_token AS seal FROM reports r"
                " JOIN report_identities i ON i.report_id = r.id WHERE NOT r.confidential ORDER BY r.number"
            )
        ).all()
    secrets = {
        row.status: "/l/" + tracking_token(bytes.fromhex(told.keys.sealing), bytes.fromhex(row.seal))
        for row in rows
        if row.seal
    }
    number = {row.status: row.number for row in rows}
    return Links(number["diproses"], number["selesai"], secrets)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_page_is_for_everybody(links: Links, visitor: NewVisitor, width: int) -> None:
    found: list[str] = []
    page = visitor(width)
    for name, path in public_pages(links):
        found += look(page, name, path)
    page.goto("/lapor")
    page.get_by_role("button", name="Kirim laporan").click()
    page.locator(".error-summary").wait_for()
    found += judge(page, "lapor-ditolak")
    for user in ("admin1", "verifikator1", "operator.dlh1", "kepala.dpu", "bappeda1", "inspektorat1"):
        page = visitor(width)
        sign_in(page, user)
        for name, path in officer_pages(page, user, links):
            found += look(page, name, path)
    assert found == [], "\n".join(found)


def public_pages(links: Links) -> Iterable[tuple[str, str]]:
    yield from {
        "beranda": "/",
        "lapor": "/lapor",
        "lapor-en": "/lapor?bahasa=en",
        "lacak": "/lacak?bahasa=id",
        "lacak-tidak-ada": "/lacak?nomor=LW-2026-07-999999",
        "lacak-umum": f"/lacak?nomor={links.open_number}",
        "lacak-umum-selesai": f"/lacak?nomor={links.finished_number}",
        "masuk": "/masuk",
        "tidak-ditemukan": "/tidak-ada",
    }.items()
    for status, secret in links.secrets.items():
        yield f"lacak-rahasia-{status}", secret
    yield "tanda-terima-lagi", f"{links.secrets['diproses']}/tanda-terima"


def officer_pages(page: Page, user: str, links: Links) -> Iterable[tuple[str, str]]:
    """The inbox, one task of each kind in it, whatever the admin's menu offers, a report and the account."""
    rows = {row.inner_text(): row.get_attribute("href") for row in page.locator("[data-row-link]").all()}
    menu = [link.get_attribute("href") or "/" for link in page.locator(".nav__link").all()]
    yield f"kotak-masuk-{user}", "/kotak-masuk"
    for title, href in rows.items():
        yield f"tugas-{user}-{title.lower().replace(' ', '-')}", href or "/"
    if user == "admin1":
        yield from ((f"menu{path.replace('/', '-')}", path) for path in menu)
        yield "laporan-satu", f"/laporan/{links.open_number}"
        yield "akun", "/akun"
    if user == "inspektorat1":
        yield "cari-jejak", "/jejak?kata=jalan"
        yield "cari-jejak-salah", "/jejak?kata=jalan&sejak=kemarin&versi=3"
        yield "cari-jejak-kosong", "/jejak?kata=jalan&status=ditolak&kini=ya&unit=DLH&terlambat=ya"
        yield "jalur", "/jejak/jalur"


def look(page: Page, name: str, path: str) -> list[str]:
    page.goto(path)
    return judge(page, name)


def judge(page: Page, name: str) -> list[str]:
    """What keeps people out of the page that is open, with everything on it unfolded but the menu, which lies
    over the page: it is judged by itself where the account is."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate("for (const one of document.querySelectorAll('details:not([data-menu])')) one.open = true")
    shoot(page, f"semua-{name}")
    found = [f"{name}: {barrier}" for barrier in barriers(page)]
    if overflows(page):
        found.append(f"{name}: wider than the screen")
    page.emulate_media(color_scheme="dark")
    found += [f"{name}, dark: {barrier}" for barrier in barriers(page, ["color-contrast"])]
    if name == "akun":
        page.locator("[data-menu] summary").click()
        found += [f"{name}, menu: {barrier}" for barrier in barriers(page, ["color-contrast", "link-name"])]
        page.keyboard.press("Escape")
        expect(page.locator("[data-menu] a").first).to_be_hidden()
    if "lacak-rahasia" in name or "kotak-masuk" in name or name in ("lapor", "beranda"):
        shoot(page, f"semua-{name}-gelap")
    return found
