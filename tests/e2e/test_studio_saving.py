"""Nothing edited is lost: two officers at once, a lost connection, a closed laptop, any file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.engine.compiled import Source
from app.engine.difference import difference
from tests.e2e.conftest import DESKTOP, Live, NewVisitor
from tests.e2e.people import sign_in
from tests.e2e.studio import (
    ROOT,
    begin_draft,
    findings,
    name_of,
    open_draft,
    rename,
    select,
    stored_files,
    wait_checked,
    wait_named,
    wait_saved,
)


@pytest.fixture
def officer(palu: Live, visitor: NewVisitor) -> Page:
    page = visitor(DESKTOP)
    sign_in(page, "bappeda1")
    return page


def test_two_officers_take_turns(palu: Live, officer: Page, visitor: NewVisitor) -> None:
    url = begin_draft(officer)
    other = visitor(DESKTOP)
    sign_in(other, "bappeda2")
    open_draft(other, url)
    people = other.locator("#studio-people")
    expect(people).to_contain_text(re.compile(r"menyunting sejak 09\.\d\d"))
    select(other, "verifikasi")
    other.locator('[data-element-id="verifikasi"] > .djs-hit').first.dblclick()
    expect(other.locator(".djs-direct-editing-content")).to_have_count(0)
    expect(other.locator(".djs-palette")).to_be_hidden()
    other.keyboard.press("Delete")
    assert name_of(other, "verifikasi") == "Memverifikasi laporan"

    rename(officer, "verifikasi", "Nama dari yang pertama")
    wait_saved(officer)
    # Every twenty seconds a laptop asks who has the draft; this one types before it could.
    officer.route("**/pegang", lambda route: route.abort())
    people.get_by_role("button", name="Ambil alih").click()
    dialog = other.get_by_role("dialog", name="Ambil alih penyuntingan?")
    expect(dialog).to_contain_text("sedang menyunting konsep ini")
    dialog.get_by_role("button", name="Ambil alih").click()
    expect(people).to_contain_text("Anda menyunting")
    assert name_of(other, "verifikasi") == "Nama dari yang pertama"
    rename(other, "verifikasi", "Nama dari yang kedua")
    wait_saved(other)

    rename(officer, "lengkapi", "Terlambat diketik")
    officer.unroute("**/pegang")
    expect(officer.locator("#studio-notices")).to_contain_text("mengambil alih penyuntingan")
    expect(officer.locator("#studio-notices")).to_contain_text("tersimpan di peramban ini")
    officer.get_by_role("button", name="Tentukan nasib suntingan saya").click()
    officer.get_by_role("button", name="Simpan suntingan saya sebagai konsep baru").click()
    officer.wait_for_url(lambda address: "/studio/konsep/" in address and address != url)
    officer.locator("#studio[data-ready]").wait_for()
    assert name_of(officer, "lengkapi") == "Terlambat diketik"
    kept = stored_files(palu, url)["pengaduan.bpmn"]
    assert "Nama dari yang kedua" in kept
    assert "Terlambat diketik" not in kept


def test_who_may_only_read_sees_everything_and_changes_nothing(
    palu: Live, officer: Page, visitor: NewVisitor
) -> None:
    url = begin_draft(officer)
    reader = visitor(DESKTOP)
    sign_in(reader, "inspektorat1")
    open_draft(reader, url)
    expect(reader.locator("#studio-people")).to_have_text("Anda membaca saja")
    expect(reader.get_by_role("button", name="Ambil alih")).to_have_count(0)
    expect(reader.get_by_role("button", name="Usulkan")).to_have_count(0)
    select(reader, "verifikasi")
    reader.locator(".djs-container > svg").focus()
    for key in ("Delete", "e", "Control+x", "ArrowRight"):
        reader.keyboard.press(key)
    wait_checked(reader)
    assert name_of(reader, "verifikasi") == "Memverifikasi laporan"
    assert reader.evaluate("document.getElementById('studio').studio.unsaved()") is False
    expect(reader.locator("#studio-people")).to_have_text("Anda membaca saja")


def test_two_tabs_of_one_officer_do_not_overwrite_each_other(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    tab = officer.context.new_page()
    open_draft(tab, url)
    rename(tab, "verifikasi", "Dari tab kedua")
    wait_saved(tab)
    rename(officer, "verifikasi", "Dari tab pertama")
    dialog = officer.get_by_role("dialog", name="Konsep ini sudah berubah")
    dialog.get_by_role("button", name="Pakai yang tersimpan di peladen").click()
    expect(dialog).to_have_count(0)
    wait_named(officer, "verifikasi", "Dari tab kedua")
    wait_saved(officer)
    assert "Dari tab pertama" not in stored_files(palu, url)["pengaduan.bpmn"]


def test_a_lost_connection_loses_nothing(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    officer.context.set_offline(True)
    rename(officer, "verifikasi", "Diketik tanpa sambungan")
    expect(officer.locator("#studio-notices")).to_contain_text("Sambungan terputus. Suntingan Anda tersimpan")
    rename(officer, "lengkapi", "Juga tanpa sambungan")
    assert "Diketik tanpa sambungan" not in stored_files(palu, url)["pengaduan.bpmn"]
    officer.context.set_offline(False)
    wait_saved(officer)
    kept = stored_files(palu, url)["pengaduan.bpmn"]
    assert "Diketik tanpa sambungan" in kept
    assert "Juga tanpa sambungan" in kept
    expect(officer.locator("#studio-notices")).not_to_contain_text("Sambungan terputus")


def test_a_laptop_closed_without_a_connection_remembers(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    officer.context.set_offline(True)
    rename(officer, "verifikasi", "Sebelum laptop ditutup")
    expect(officer.locator("#studio-notices")).to_contain_text("tersimpan di peramban ini")
    later = officer.context.new_page()
    officer.close()
    later.context.set_offline(False)
    open_draft(later, url)
    expect(later.locator("#studio-notices")).to_contain_text("sudah dipulihkan")
    assert name_of(later, "verifikasi") == "Sebelum laptop ditutup"
    wait_saved(later)
    assert "Sebelum laptop ditutup" in stored_files(palu, url)["pengaduan.bpmn"]


def test_signing_in_again_elsewhere_is_enough(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    tab = officer.context.new_page()
    tab.goto("/kotak-masuk")
    tab.get_by_role("button", name="Keluar").click()
    expect(tab.get_by_role("button", name="Keluar")).to_have_count(0)
    rename(officer, "verifikasi", "Diketik setelah keluar")
    expect(officer.locator("#studio-notices")).to_contain_text("Masuk lagi di tab lain")
    sign_in(tab, "bappeda1")
    wait_saved(officer)
    assert "Diketik setelah keluar" in stored_files(palu, url)["pengaduan.bpmn"]


HOSTILE = {
    "bom.bpmn": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
    "rahasia.bpmn": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "bukan.bpmn": "bukan XML sama sekali <<<<",
    "kosong.bpmn": "",
    "lain.dmn": "<html><body><script>alert(1)</script></body></html>",
}


def test_whatever_file_comes_in_the_answer_is_findings(officer: Page, tmp_path: Path) -> None:
    begin_draft(officer)
    for name, content in HOSTILE.items():
        file = tmp_path / name
        file.write_text(content)
        officer.locator("input[type=file]").first.set_input_files(file)
        officer.get_by_role("button", name="Masukkan", exact=True).click()
        expect(officer.locator("#studio-notices")).to_contain_text(f"Berkas dimasukkan: {name}")
        wait_checked(officer)
        expect(officer.locator("#studio-tab-findings")).to_contain_text(name)
    wrong = {one["file"] for one in findings(officer) if one["severity"] == "error"}
    assert wrong == set(HOSTILE)
    officer.get_by_role("button", name="pengaduan", exact=True).click()
    wait_named(officer, "verifikasi", "Memverifikasi laporan")
    officer.locator(".studio-menu summary").click()
    officer.get_by_role("button", name="Keluarkan bom.bpmn…").click()
    officer.get_by_role("button", name="Keluarkan", exact=True).click()
    expect(officer.get_by_role("dialog")).to_have_count(0)
    wait_checked(officer)
    assert "bom.bpmn" not in {one["file"] for one in findings(officer)}


def test_an_sop_without_a_drawing_is_drawn_and_stays_the_same_sop(
    palu: Live, officer: Page, tmp_path: Path
) -> None:
    url = begin_draft(officer)
    text = (ROOT / "bpmn" / "pengaduan.bpmn").read_text()
    bare = re.sub(r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", text, flags=re.DOTALL)
    bare = re.sub(r"<bpmn:collaboration.*</bpmn:collaboration>", "", bare, flags=re.DOTALL)
    assert "participant" not in bare
    file = tmp_path / "pengaduan.bpmn"
    file.write_text(bare)
    officer.locator("input[type=file]").first.set_input_files(file)
    officer.get_by_role("button", name="Masukkan", exact=True).click()
    expect(officer.locator("#studio-notices")).to_contain_text("Gambarnya disusun otomatis")
    select(officer, "tindak_lanjut")
    officer.locator(".djs-container > svg").focus()
    officer.keyboard.press("ArrowRight")  # a step inside a group of steps keeps the role it had
    rename(officer, "verifikasi", "Nama lain")
    wait_saved(officer)
    after = stored_files(palu, url)["pengaduan.bpmn"]
    told = difference([Source("a.bpmn", text.encode())], [Source("a.bpmn", after.encode())])
    assert {change.element for change in told.changes} == {"verifikasi"}
    assert "BPMNShape" in after


def test_the_editor_says_what_it_would_lose(officer: Page, tmp_path: Path) -> None:
    begin_draft(officer)
    text = (ROOT / "bpmn" / "pengaduan.bpmn").read_text()
    file = tmp_path / "pengaduan.bpmn"
    file.write_text(text.replace("<sop:form>", "<sop:asing/><sop:form>", 1))
    officer.locator("input[type=file]").first.set_input_files(file)
    officer.get_by_role("button", name="Masukkan", exact=True).click()
    expect(officer.locator("#studio-notices")).to_contain_text("1 bagian berkas pengaduan.bpmn tidak dikenal")


def test_a_table_is_edited_beside_the_diagram(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    officer.get_by_role("button", name="Unit yang berwenang").click()
    cell = officer.locator('.studio-table [data-row-id="jalan"].input-cell').first
    cell.click()
    expect(cell.locator("textarea")).to_be_focused()
    officer.keyboard.press("Control+a")
    officer.keyboard.type('"jalan","trotoar"')
    officer.get_by_role("button", name="Tutup tabel").click()
    wait_saved(officer)
    text = stored_files(palu, url)["rute_opd.dmn"]
    assert '"jalan","trotoar"' in text
    assert stored_files(palu, url)["pengaduan.bpmn"] == (ROOT / "bpmn" / "pengaduan.bpmn").read_text()


def test_what_is_copied_in_one_draft_is_pasted_in_another(palu: Live, officer: Page) -> None:
    begin_draft(officer)
    select(officer, "verifikasi")
    officer.locator(".djs-container > svg").focus()
    officer.keyboard.press("Control+c")
    tab = officer.context.new_page()
    url = begin_draft(tab, "pemantauan_rencana")
    tab.locator(".djs-container > svg").first.click(position={"x": 500, "y": 200})
    tab.keyboard.press("Control+v")
    tab.locator(".djs-container > svg").first.click(position={"x": 520, "y": 220})
    wait_saved(tab)
    pasted = stored_files(palu, url)["pemantauan_rencana.bpmn"]
    assert 'name="Memverifikasi laporan"' in pasted
    assert '<sop:field id="keputusan"' in pasted


def test_a_file_can_be_taken_along(officer: Page) -> None:
    begin_draft(officer)
    officer.locator(".studio-menu summary").click()
    with officer.expect_download() as given:
        officer.get_by_role("button", name="Unduh pengaduan.bpmn").click()
    assert given.value.suggested_filename == "pengaduan.bpmn"
    assert given.value.path().read_bytes() == (ROOT / "bpmn" / "pengaduan.bpmn").read_bytes()


def test_a_laptop_opened_again_shows_what_others_wrote_meanwhile(
    palu: Live, officer: Page, visitor: NewVisitor
) -> None:
    url = begin_draft(officer)
    officer.context.set_offline(True)
    palu.move_clock(minutes=5)  # nobody has heard of this laptop for longer than a minute
    other = visitor(DESKTOP)
    sign_in(other, "bappeda2")
    open_draft(other, url)
    rename(other, "verifikasi", "Ditulis orang lain")
    wait_saved(other)
    other.goto("/kotak-masuk")  # lets go
    officer.context.set_offline(False)
    officer.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(officer.locator('[data-element-id="verifikasi"]').first).to_contain_text("Ditulis orang lain")
    expect(officer.locator("#studio-people")).to_contain_text("Anda menyunting")
    rename(officer, "verifikasi", "Ditulis sesudahnya")
    wait_saved(officer)
    assert "Ditulis sesudahnya" in stored_files(palu, url)["pengaduan.bpmn"]
