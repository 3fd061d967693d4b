"""The first pages, as a phone and a desk see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.domain.actor import Actor, Grant
from app.services import people
from tests.e2e.conftest import Live, NewVisitor, barriers, overflows, shoot

NOW = datetime(2026, 3, 17, tzinfo=UTC)
PASSWORD = "kuda laut berenang"


@pytest.fixture
def wati(live: Live) -> None:
    with live.app.extensions["tuntas_database"].sessions.begin() as session:
        session.execute(text("INSERT INTO roles (code, name) VALUES ('verifikator', 'Verifikator')"))
        new = people.NewPerson("wati", "Wati (demo)", PASSWORD, grants=(Grant("verifikator"),))
        people.create_person(session, new, actor=Actor("command", "test"), now=NOW)


@pytest.mark.usefixtures("wati")
@pytest.mark.parametrize("width", [360, 1280])
def test_an_officer_signs_in_changes_the_language_and_leaves(visitor: NewVisitor, width: int) -> None:
    page = visitor(width)
    page.goto("/akun")
    expect(page).to_have_url("/masuk?next=/akun")
    assert not overflows(page)
    assert barriers(page) == []
    shoot(page, "masuk")
    page.get_by_label("Nama pengguna").fill("wati")
    page.get_by_label("Kata sandi").fill("salah")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_text("tidak cocok")).to_be_visible()
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url("/akun")
    assert not overflows(page)
    assert barriers(page) == []
    shoot(page, "akun")
    page.get_by_label("English").check()
    page.get_by_role("button", name="Simpan").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("form[action='/keluar'] button").click()
    expect(page.locator("form[action='/keluar']")).to_have_count(0)
    page.goto("/akun")
    expect(page).to_have_url("/masuk?next=/akun")


@pytest.mark.parametrize("path", ["/masuk", "/tidak-ada"])
def test_pages_are_whole_without_javascript(visitor: NewVisitor, path: str) -> None:
    page = visitor(360, java_script_enabled=False)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
