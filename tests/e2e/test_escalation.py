"""Nobody acts: the clock alone brings a report to the head of the agency, then to the asisten."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.services import upkeep
from tests.e2e.conftest import DESKTOP, PHONE, TUESDAY, Live, NewVisitor, overflows, shoot
from tests.e2e.people import WORDS, choose, fill_report, finish, open_task, send, sign_in
from tests.e2e.trace import the_trace_is_whole

ORDER = "Memberi arahan atas keterlambatan verifikasi"
HEAD = "dinaikkan ke Kepala Dinas Kominfo"
ASSISTANT = "dinaikkan ke Asisten Perekonomian dan Pembangunan"


def status(palu: Live) -> str:
    with palu.unit_of_work() as session:
        return str(session.execute(text("SELECT status FROM reports")).scalar_one())


def inbox(page: Page) -> int:
    """How many orders to give wait in this inbox."""
    page.goto("/kotak-masuk")
    return page.get_by_role("link", name=ORDER, exact=True).count()


def test_a_report_nobody_touches_rises_by_itself(palu: Live, visitor: NewVisitor) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    receipt = send(citizen)
    citizen.goto(receipt.secret)
    now = citizen.get_by_role("region", name="Sekarang")
    expect(now.locator(".now__otherwise")).to_contain_text(HEAD)

    head, asisten = visitor(DESKTOP), visitor(DESKTOP)
    sign_in(head, "kepala.kominfo")
    sign_in(asisten, "asisten")

    palu.move_clock(days=2)
    assert inbox(head) == 0, "after two of three days only reminders went out"

    palu.move_clock(days=1, hours=7)
    assert inbox(head) == 1
    assert inbox(asisten) == 0
    assert status(palu) == "diterima"
    citizen.reload()
    expect(now).to_contain_text("terlambat")
    expect(now.locator(".now__otherwise")).to_contain_text("Bila sampai Senin, 13 Juli 2026 pukul")
    expect(now.locator(".now__otherwise")).to_contain_text(ASSISTANT)
    expect(citizen.locator(".timeline")).to_contain_text(HEAD)
    shoot(citizen, "lacak-terlambat")
    assert not overflows(citizen)

    palu.move_clock(days=3)
    assert inbox(asisten) == 1
    assert inbox(head) == 1, "the higher level does not take the task from the lower"
    assert status(palu) == "diterima"
    citizen.reload()
    expect(citizen.locator(".timeline")).to_contain_text(ASSISTANT)
    shoot(citizen, "lacak-terlambat-120")

    task = open_task(head, ORDER)
    expect(task).to_contain_text(WORDS)
    choose(task, {"Penyebab keterlambatan": "Beban kerja"})
    task.get_by_label("Arahan kepada pelaksana").fill("Verifikasi laporan ini hari ini juga.")
    shoot(head, "arahan-kepala")
    finish(head, task, "Memberi arahan atas keterlambatan verifikasi: selesai")
    assert status(palu) == "diterima"

    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    row = admin.locator("[data-row]")
    expect(row).to_contain_text("terlambat")
    shoot(admin, "kotak-masuk-terlambat")
    task = open_task(admin, "Memverifikasi laporan")
    expect(task).to_contain_text("Verifikasi laporan ini hari ini juga.")
    the_trace_is_whole(palu)


def test_a_timer_fires_once_however_often_it_is_asked(palu: Live, visitor: NewVisitor) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    send(citizen)
    now = palu.move_clock(days=3, hours=7)
    for later in range(3):
        with palu.unit_of_work() as session:
            upkeep.wake_what_is_due(session, now=now + timedelta(minutes=later))
        palu.work()
    with palu.unit_of_work() as session:
        opened = session.execute(
            text("SELECT element, opened_at FROM work_items WHERE element LIKE 'tegur%'")
        ).all()
    assert [row.element for row in opened] == ["tegur_kepala_verifikasi"]
    assert opened[0].opened_at > TUESDAY
