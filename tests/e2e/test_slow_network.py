"""A phone at the edge of the network: a light first page, and photos that arrive after all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, Request, expect
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
    page.on("requestfinished", finished.append)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    sizes = {
        one.url.rpartition("/")[2]: one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"]
        for one in finished
    }
    assert len(sizes) > 4
    assert sum(sizes.values()) < LIGHT, sizes


def network(line: CDPSession, *, offline: bool, upload: int = -1) -> None:
    """`upload`: bytes per second, -1 for as fast as it goes."""
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": 20, "downloadThroughput": -1, "uploadThroughput": upload},
    )


def test_a_photo_cut_off_half_way_arrives_once_the_phone_is_back(
    palu: Live, phone: Page, tmp_path: Path
) -> None:
    fill_report(phone)
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    photo = pictures.jpeg(tmp_path, "sampah", at=BEFORE)
    network(line, offline=False, upload=len(photo.read_bytes()) // 4)
    phone.locator("#photos").set_input_files(photo)
    phone.wait_for_function("document.querySelector('.photo-field__bar')?.value > 0")
    network(line, offline=True)
    state = phone.locator(".photo-field__state")
    expect(state).to_contain_text("Sambungan terputus")
    shoot(phone, "sambungan-putus")
    expect(phone.get_by_label("Ceritakan keadaannya")).to_have_value(WORDS)
    network(line, offline=False)
    expect(state).to_contain_text("Terkirim")
    send(phone)
    expect(phone.get_by_text("1 foto")).to_be_visible()
    with palu.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM photos")).scalar_one() == 1


def test_pressing_send_early_waits_for_the_photo(palu: Live, phone: Page, tmp_path: Path) -> None:
    fill_report(phone)
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    photo = pictures.jpeg(tmp_path, "sampah", at=BEFORE)
    network(line, offline=False, upload=len(photo.read_bytes()) // 3)
    phone.locator("#photos").set_input_files(photo)
    send(phone)
    expect(phone.get_by_text("1 foto")).to_be_visible()
