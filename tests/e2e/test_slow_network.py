"""A phone at the edge of the network: a light first page, and photos that arrive after all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import text

from tests.e2e import pictures
from tests.e2e.conftest import PHONE, TUESDAY, Live, NewVisitor, shoot
from tests.e2e.people import WORDS, fill_report, send

BEFORE = TUESDAY - timedelta(hours=1)
LIGHT = 200_000
"""Bytes over the line for a first visit, headers included."""


@pytest.mark.parametrize("path", ["/", "/lapor", "/lacak"])
def test_the_first_page_is_light(palu: Live, visitor: NewVisitor, path: str) -> None:
    page = visitor(PHONE)
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    sizes = {
        one.url.rpartition("/")[2]: one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"]
        for one in finished
    }
    assert len(sizes) > 4
    assert sum(sizes.values()) < LIGHT, sizes


def lose_first_answer(page: Page) -> list[str]:
    """The next photo reaches the city, but the city's answer gets lost on its way. Returns what was seen."""
    line = page.context.new_cdp_session(page)
    seen: list[str] = []

    def answered(event: dict[str, Any]) -> None:
        seen.append(event["requestId"])
        if len(seen) == 1:
            line.send("Fetch.failRequest", {"requestId": seen[0], "errorReason": "ConnectionReset"})
        else:
            line.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    line.on("Fetch.requestPaused", answered)
    line.send("Fetch.enable", {"patterns": [{"urlPattern": "*/lapor/foto", "requestStage": "Response"}]})
    return seen


def photos(palu: Live) -> int:
    with palu.unit_of_work() as session:
        return int(session.execute(text("SELECT count(*) FROM photos")).scalar_one())


def test_a_photo_waits_for_the_network_and_words_stay(palu: Live, phone: Page, tmp_path: Path) -> None:
    fill_report(phone)
    phone.context.set_offline(True)
    phone.locator("#photos").set_input_files(pictures.jpeg(tmp_path, "sampah", at=BEFORE))
    state = phone.locator(".photo-field__state")
    expect(state).to_contain_text("Sambungan terputus, dicoba lagi")
    assert photos(palu) == 0
    shoot(phone, "sambungan-putus")
    phone.context.set_offline(False)
    expect(state).to_contain_text("Terkirim")
    expect(phone.get_by_label("Ceritakan keadaannya")).to_have_value(WORDS)
    send(phone)
    expect(phone.get_by_text("1 foto")).to_be_visible()


def test_a_photo_whose_answer_was_lost_is_one_photo(palu: Live, phone: Page, tmp_path: Path) -> None:
    fill_report(phone)
    seen = lose_first_answer(phone)
    phone.locator("#photos").set_input_files(pictures.jpeg(tmp_path, "sampah", at=BEFORE))
    expect(phone.locator(".photo-field__state")).to_contain_text("Terkirim")
    assert len(seen) == 2
    assert photos(palu) == 1


def test_pressing_send_early_waits_for_the_photo(palu: Live, phone: Page, tmp_path: Path) -> None:
    fill_report(phone)
    phone.context.set_offline(True)
    phone.locator("#photos").set_input_files(pictures.jpeg(tmp_path, "sampah", at=BEFORE))
    phone.get_by_role("button", name="Kirim laporan").click()
    expect(phone.get_by_role("button", name="Menunggu foto terkirim")).to_be_visible()
    phone.context.set_offline(False)
    phone.wait_for_url("**/tanda-terima")
    expect(phone.get_by_text("1 foto")).to_be_visible()
