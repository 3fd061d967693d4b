"""Kominfo closes the offices for a day, sees first what that moves, and everybody is told why."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import fill_report, open_task, send, sign_in

DECREE = (
    "tanggal,nama,jenis,status,keputusan\n2027-01-01,Tahun Baru Masehi,libur_nasional,ditetapkan,SKB 1/2026\n"
)


def days_off(palu: Live, kind: str) -> int:
    with palu.unit_of_work() as session:
        asked = text("SELECT count(*) FROM days_off WHERE kind = :kind AND date > '2026-12-31'")
        return int(session.execute(asked, {"kind": kind}).scalar_one())


def close_offices(page: Page, day: str, why: str) -> None:
    form = page.locator("#tutup")
    form.get_by_label("Tanggal").fill(day)
    form.get_by_label("Sebab").fill(why)
    form.get_by_role("button", name="Lihat akibatnya").click()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_closure_is_shown_with_what_it_moves_then_done(palu: Live, visitor: NewVisitor, width: int) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    receipt = send(citizen)
    admin = visitor(width)
    sign_in(admin, "admin1")
    admin.goto("/admin/kalender")
    expect(admin.get_by_role("heading", name="2026", exact=True)).to_be_visible()
    shoot(admin, "kalender")
    assert not overflows(admin)
    assert barriers(admin) == []

    close_offices(admin, "2026-07-09", "Banjir")
    moved = admin.get_by_role("row").filter(has_text=receipt.number)
    expect(moved).to_have_count(2)
    expect(moved.first).to_contain_text("Jumat, 10 Juli 2026 pukul 16.00 WITA")
    expect(moved.first).to_contain_text("Senin, 13 Juli 2026 pukul 16.00 WITA")
    expect(moved.first).to_contain_text("3 hari lebih lambat")
    shoot(admin, "kalender-akibat")
    assert not overflows(admin)
    assert barriers(admin) == []

    admin.get_by_role("link", name="Batalkan").click()
    expect(admin.get_by_role("button", name="Terapkan semua")).to_have_count(0)
    expect(admin.get_by_text("Banjir", exact=True)).to_have_count(0)
    close_offices(admin, "2026-07-09", "Banjir")
    admin.get_by_role("button", name="Terapkan semua").click()
    expect(admin.get_by_text("2 batas waktu bergeser.")).to_be_visible()
    expect(admin.locator("#tutup")).to_contain_text("Kamis, 9 Juli 2026")

    citizen.goto(receipt.secret)
    how = citizen.locator("details").filter(has_text="Bagaimana batas ini dihitung?").first
    how.locator("summary").click()
    expect(how).to_contain_text("9 Juli 2026 (Banjir)")
    expect(how).to_contain_text("menambah penutupan 9 Juli 2026 (Banjir)")
    expect(how).to_contain_text("SP4N-LAPOR")
    shoot(citizen, "lacak-batas-dihitung")
    assert not overflows(citizen)

    task = open_task(admin, "Memverifikasi laporan")
    expect(task.get_by_text("Tidak dihitung: 9 Juli 2026 (Banjir)")).to_have_count(1)


def test_a_decree_comes_whole_or_not_at_all(palu: Live, visitor: NewVisitor, tmp_path: Path) -> None:
    admin = visitor(DESKTOP)
    sign_in(admin, "admin1")
    admin.goto("/admin/kalender?tahun=2027")
    before = days_off(palu, "libur_nasional")
    panel = admin.locator("#keputusan")
    panel.get_by_label("atau tempelkan tabelnya").fill(
        f"{DECREE}2027-02-30,Salah,libur_nasional,perkiraan,\n"
    )
    panel.get_by_role("button", name="Lihat akibatnya").click()
    expect(admin.locator("#keputusan")).to_contain_text("Baris 3: “2027-02-30” bukan tanggal")
    shoot(admin, "kalender-salah")
    assert days_off(palu, "libur_nasional") == before
    panel.get_by_label("atau tempelkan tabelnya").fill("")
    file = tmp_path / "skb.csv"
    file.write_text(DECREE)
    panel.get_by_label("Berkas CSV").set_input_files(file)
    panel.get_by_role("button", name="Lihat akibatnya").click()
    expect(admin.get_by_text("Tidak ada batas waktu yang bergeser")).to_be_visible()
    admin.get_by_role("button", name="Terapkan semua").click()
    expect(admin.get_by_text("Kalender diubah.")).to_be_visible()
    with palu.unit_of_work() as session:
        rows = session.execute(
            text(
                "SELECT name, status, decree FROM days_off WHERE date >= '2027-01-01' AND date < '2028-01-01'"
            )
        )
        assert [tuple(row) for row in rows] == [("Tahun Baru Masehi", "ditetapkan", "SKB 1/2026")]


def test_weekly_hours_are_typed_as_people_write_them(palu: Live, visitor: NewVisitor) -> None:
    admin = visitor(PHONE)
    sign_in(admin, "admin1")
    admin.goto("/admin/kalender")
    panel = admin.locator("#jam")
    panel.get_by_label("Jumat").fill("nanti")
    panel.get_by_role("button", name="Lihat akibatnya").click()
    panel.get_by_text("kosong berarti libur", exact=False).first.wait_for()
    panel.get_by_label("Jumat").fill("08.00-11.30, 13.30-16.30")
    panel.get_by_role("button", name="Lihat akibatnya").click()
    admin.get_by_role("button", name="Terapkan semua").click()
    expect(admin.get_by_text("Kalender diubah.")).to_be_visible()
    expect(admin.locator("#jam").get_by_label("Jumat")).to_have_value("08.00-11.30, 13.30-16.30")
