"""Two officers at one task: the first one counts, and nothing the second typed is lost."""

from __future__ import annotations

import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import address_of_task, choose, fill_report, finish, open_task, send, sign_in

TASK = "Memverifikasi laporan"
REASON = "Bukan keluhan atas layanan pemerintah kota, melainkan urusan antartetangga."


def completions(palu: Live) -> int:
    with palu.unit_of_work() as session:
        found = session.execute(text("SELECT count(*) FROM events WHERE type = 'TaskCompleted'"))
        return int(found.scalar_one())


def test_the_second_of_two_admins_is_told_who_was_first(palu: Live, visitor: NewVisitor) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    send(citizen)
    first, second = visitor(DESKTOP), visitor(DESKTOP)
    sign_in(first, "admin1")
    sign_in(second, "admin2")
    theirs = open_task(first, TASK)
    ours = open_task(second, TASK)
    choose(ours, {"Putusan": "Ditolak"})
    ours.get_by_label("Alasan penolakan").fill(REASON)
    choose(theirs, {"Putusan": "Diterima dan diteruskan"})
    finish(first, theirs, "Mendisposisikan laporan")
    with second.expect_navigation() as answered:
        ours.get_by_role("button", name="Selesaikan tugas").click()
    assert answered.value.status == 409
    stop = second.locator(".stop")
    expect(stop).to_contain_text("Tugas ini sudah diselesaikan")
    expect(stop).to_contain_text("Admin Kominfo 1 (demo)")
    expect(stop).to_contain_text(re.compile(r"Selasa, 7 Juli 2026 pukul 09\.\d\d WITA"))
    expect(stop).to_contain_text(REASON)
    expect(stop).to_contain_text("Ditolak")
    assert completions(palu) == 1
    assert not overflows(second)
    assert barriers(second) == []
    shoot(second, "tabrakan")


def test_an_opened_task_that_is_done_meanwhile_says_so_when_opened_again(
    palu: Live, visitor: NewVisitor
) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    send(citizen)
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    address = address_of_task(admin, TASK)
    task = open_task(admin, TASK)
    choose(task, {"Putusan": "Diterima dan diteruskan"})
    finish(admin, task, "Mendisposisikan laporan")
    answer = admin.goto(address)
    assert answer is not None
    assert answer.status == 409
    expect(admin.locator(".stop")).to_contain_text("Admin Kominfo 1 (demo)")


def test_sent_in_the_same_instant_only_one_counts(palu: Live, visitor: NewVisitor) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    send(citizen)
    senders = []
    for name in ("admin1", "admin2"):
        page = visitor(DESKTOP)
        sign_in(page, name)
        senders.append((page, address_of_task(page, TASK).split("?")[0]))
    prepared = [request_of(page, address) for page, address in senders]
    with ThreadPoolExecutor(len(prepared)) as pool:
        statuses = sorted(pool.map(lambda one: post(palu.url, *one), prepared))
    assert statuses == [302, 409]
    assert completions(palu) == 1


def request_of(page: Page, address: str) -> tuple[str, str, str]:
    """Address, cookie and body of an acceptance, as this officer's browser would send it."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    answers = {
        "csrf_token": token, "keputusan": "terima", "kategori": "jalan", "klasifikasi": "tidak_berkadar",
        "jangka": "pendek", "moderasi": "tidak",
    }  # fmt: skip
    return address, cookie, urlencode(answers)


def post(url: str, address: str, cookie: str, body: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", address, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
