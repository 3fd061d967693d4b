"""Bappeda plans, the Asisten sets it going, five reports go over, and Kominfo is asked the new question."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from app.adapters import clock
from app.cli.demo import demo_files
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.engine.compiled import Source
from app.services import sop_versions
from app.services.demo.accounts import actor_named
from app.services.intake import NewReport, Received, submit_report
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows, shoot
from tests.e2e.people import sign_in
from tests.e2e.studio import begin_draft, rename, wait_saved
from tests.services.workshop import REPORTER

FIELD = '<sop:field id="jumlah_saksi" type="integer" label="Jumlah saksi" min="0"/>'
REASON = "Perwal 12 Tahun 2026 menambah pertanyaan tentang saksi."


def received(palu: Live, count: int) -> list[str]:
    """Numbers of reports that wait for verification."""
    numbers = []
    for _ in range(count):
        with palu.unit_of_work() as session:
            new = NewReport(
                submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, point=Point(-0.9003, 119.8523),
                description="Jalan berlubang di depan pasar, sudah dua pekan.",
                contact=Contact("Warga Uji", "081234567890", None),
            )  # fmt: skip
            one = submit_report(session, new, actor=REPORTER, now=clock.now(),
                                sealing_key=palu.settings.keys.sealing, city_name="Kota Palu")
            assert isinstance(one, Received)
            numbers.append(one.number)
    return numbers


def publish(palu: Live, *changes: tuple[str, str]) -> None:
    """The shipped SOP with some of its text changed, as version 2."""
    files = next(files for files in demo_files().sops if files[0].name == "pengaduan.bpmn")
    diagram = files[0].content.decode()
    for old, new in changes:
        assert old in diagram
        diagram = diagram.replace(old, new)
    with palu.unit_of_work() as session:
        people = [actor_named(session, name) for name in ("bappeda1", "asisten")]
        by, approved_by = (uuid.UUID(one.person_id) for one in people)
        sop_versions.publish(session, [Source("pengaduan.bpmn", diagram.encode()), *files[1:]], by=by,
                             approved_by=approved_by, basis="Perwal 12/2026", now=clock.now())


def look(page: Page, name: str) -> None:
    shoot(page, name)
    assert not overflows(page)
    assert barriers(page) == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_five_of_seven_reports_go_over(palu: Live, visitor: NewVisitor, width: int) -> None:
    numbers = received(palu, 7)
    publish(palu, ('<sop:field id="petunjuk_verifikasi"', f'{FIELD}<sop:field id="petunjuk_verifikasi"'))
    planner = visitor(width)
    sign_in(planner, "bappeda1")
    planner.goto("/studio/pengaduan/pindah")
    expect(planner.get_by_text("7 laporan")).to_be_visible()
    look(planner, "pindah")
    planner.get_by_role("button", name="Susun dan uji rencana").click()
    expect(planner.get_by_role("heading", name="Sedang diuji")).to_be_visible()
    look(planner, "pindah-diuji")
    palu.work()
    expect(planner.get_by_role("heading", name="Dapat pindah")).to_be_visible()
    expect(planner.get_by_role("link", name=numbers[6])).to_be_visible()

    approver = visitor(width)
    sign_in(approver, "asisten")
    approver.goto(planner.url)
    for number in numbers[:2]:
        approver.get_by_label(f"Pindahkan {number}").uncheck()
    approver.get_by_label("Alasan").fill(REASON)
    look(approver, "pindah-siap")
    approver.get_by_role("button", name="Pindahkan yang dicentang").click()
    expect(approver.get_by_role("heading", name="Sedang memindahkan")).to_be_visible()
    palu.work()
    expect(approver.get_by_text("Dipindahkan", exact=True)).to_have_count(5)
    look(approver, "pindah-selesai")

    officer = visitor(width)
    sign_in(officer, "admin1")
    for number, asked in ((numbers[6], 1), (numbers[0], 0)):
        officer.goto("/kotak-masuk")
        row = officer.get_by_role("listitem").filter(has_text=number)
        row.get_by_role("link", name="Memverifikasi laporan").click()
        expect(officer.get_by_role("heading", name="Memverifikasi laporan")).to_be_visible()
        expect(officer.get_by_label("Jumlah saksi")).to_have_count(asked)


def test_a_step_that_is_gone_is_mapped_and_then_moved(palu: Live, visitor: NewVisitor) -> None:
    numbers = received(palu, 2)
    publish(palu, ('"verifikasi"', '"telaah"'), (">verifikasi<", ">telaah<"),
            ('name="Memverifikasi laporan"', 'name="Menelaah laporan"'))
    planner = visitor(DESKTOP)
    sign_in(planner, "bappeda1")
    planner.goto("/studio/pengaduan/pindah")
    planner.get_by_role("button", name="Susun dan uji rencana").click()
    expect(planner.get_by_role("heading", name="Sedang diuji")).to_be_visible()
    palu.work()
    expect(planner.get_by_role("heading", name="Yang perlu diputuskan")).to_be_visible()
    expect(planner.get_by_text("tidak ada lagi").first).to_be_visible()
    look(planner, "pindah-putusan")
    planner.get_by_label("Dipindah ke langkah").select_option(label="Menelaah laporan")
    planner.get_by_role("button", name="Simpan putusan dan uji lagi").click()
    expect(planner.get_by_role("heading", name="Sedang diuji")).to_be_visible()
    palu.work()
    expect(planner.get_by_role("heading", name="Dapat pindah")).to_be_visible()
    expect(planner.get_by_role("row").filter(has_text=numbers[0])).to_contain_text("Memverifikasi laporan")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_drawer_shows_what_a_draft_would_mean(palu: Live, visitor: NewVisitor, width: int) -> None:
    numbers = received(palu, 2)
    writer = visitor(width)
    sign_in(writer, "bappeda1")
    begin_draft(writer)
    writer.get_by_role("tab", name="Dampak").click()
    tab = writer.locator("#studio-tab-impact")
    expect(tab.get_by_text("0 dari 2 laporan diperiksa")).to_be_visible()
    palu.work()
    expect(tab.get_by_text("14 batas waktu dibandingkan")).to_be_visible()
    expect(tab.locator("summary")).to_have_text([re.compile(r"Tetap\s+2")])
    writer.evaluate("""() => {
      const { modeler } = document.getElementById("studio").studio;
      const task = modeler.get("elementRegistry").get("verifikasi");
      modeler.get("modeling").updateProperties(task, { id: "telaah" });
    }""")
    expect(tab.get_by_text("Konsep sudah berubah sejak diperiksa.")).to_be_visible()
    tab.get_by_role("button", name="Periksa lagi").click()
    expect(tab.get_by_text("0 dari 2 laporan diperiksa")).to_be_visible()
    palu.work()
    expect(tab.locator("summary")).to_have_text([re.compile(r"Perlu keputusan\s+2")])
    expect(tab.get_by_role("link", name=numbers[0])).to_be_visible()
    expect(tab.get_by_text("tidak ada lagi").first).to_be_visible()
    shoot(writer, "studio-dampak")
    assert [one for one in barriers(writer) if "impact" in one or "/laporan/" in one] == []


def test_whoever_judges_a_proposal_sees_what_it_would_mean(palu: Live, visitor: NewVisitor) -> None:
    numbers = received(palu, 2)
    author = visitor(DESKTOP)
    sign_in(author, "bappeda1")
    address = begin_draft(author)
    rename(author, "verifikasi", "Menelaah laporan")
    wait_saved(author)
    author.goto(f"{address}/usulkan")
    author.get_by_label("Apa yang berubah dan mengapa").fill(REASON)
    author.get_by_label("Pengecualian").fill(REASON)
    author.get_by_role("button", name="Usulkan").click()
    author.wait_for_url("**/usulan/*")
    approver = visitor(PHONE)
    sign_in(approver, "asisten")
    approver.goto(author.url)
    approver.get_by_role("button", name="Periksa dampaknya").click()
    impact = approver.locator("[data-impact-result]")
    expect(impact.get_by_text("0 dari 2 laporan diperiksa")).to_be_visible()
    palu.work()
    expect(impact.locator("summary")).to_have_text([re.compile(r"Dapat pindah\s+2")])
    expect(approver.get_by_role("button", name="Periksa dampaknya")).to_be_enabled()
    impact.locator("summary").click()
    expect(impact.get_by_role("link", name=numbers[0])).to_be_visible()
    look(approver, "studio-usulan-dampak")
