"""An SOP is changed in the editor, proposed, judged by two others, and new reports follow it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.adapters import clock
from app.services.demo.studio import begin_draft as begin_demo_draft
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor
from tests.e2e.people import choose, fill_report, finish, open_task, send, sign_in
from tests.e2e.studio import begin_draft, rename, wait_saved
from tests.e2e.test_accessibility import judge, look

OLD, NEW = "Memverifikasi laporan", "Memeriksa laporan warga"
WHY = "Nama langkah disamakan dengan kata yang dipakai warga."
EXCEPTION = "Baris tabel rute yang belum diuji tidak berubah dan sudah berjalan setahun."


def officer(visitor: NewVisitor, name: str) -> Page:
    page = visitor(DESKTOP)
    sign_in(page, name)
    return page


def test_another_person_puts_a_change_in_force_and_only_new_reports_follow_it(
    palu: Live, visitor: NewVisitor
) -> None:
    citizen = visitor(PHONE)
    fill_report(citizen)
    before = send(citizen)

    author = officer(visitor, "bappeda1")
    begin_draft(author)
    rename(author, "verifikasi", NEW)
    wait_saved(author)
    author.get_by_role("button", name="Usulkan").click()
    expect(author.get_by_role("heading", level=1)).to_have_text("Usulkan SOP")
    expect(author.locator("main")).to_contain_text(NEW)
    author.get_by_label("Apa yang berubah dan mengapa").fill(WHY)
    author.get_by_label("Pengecualian").fill(EXCEPTION)
    author.get_by_role("button", name="Usulkan").click()
    expect(author.get_by_role("heading", level=1)).to_have_text("Usulan SOP: Penanganan pengaduan")

    reviewer = officer(visitor, "asisten")
    task = open_task(reviewer, "Menelaah rancangan SOP")
    for words in (WHY, NEW, EXCEPTION, "Pengecualian yang ditandatangani"):
        expect(task).to_contain_text(words)
    choose(task, {"Hasil telaah": "Layak ditetapkan"})
    finish(reviewer, task, "Berikutnya: Menetapkan SOP")

    approver = officer(visitor, "sekda")
    task = open_task(approver, "Menetapkan SOP")
    with approver.expect_download() as document:
        task.get_by_role("link", name="Dokumen SOP (PDF)").click()
    assert Path(document.value.path()).read_bytes().startswith(b"%PDF")
    choose(task, {"Putusan": "Tetapkan SOP ini"})
    task.get_by_label("Dasar hukum penetapan").fill("SK Wali Kota Nomor 065/12/2026")
    finish(approver, task, "Menetapkan SOP: selesai")

    reader = officer(visitor, "operator.dpu1")
    reader.goto("/studio/pengaduan/versi/2")
    for words in ("Berlaku", "SK Wali Kota Nomor 065/12/2026", "Bappeda 1 (demo)", "Sekretaris Daerah (demo)",
                  EXCEPTION, NEW):  # fmt: skip
        expect(reader.locator("main")).to_contain_text(words)

    other = visitor(PHONE)
    fill_report(other, words="Lampu jalan di depan sekolah padam sejak kemarin malam.")
    after = send(other)
    admin = officer(visitor, "admin1")
    admin.goto("/kotak-masuk")
    rows = admin.locator("[data-row]")
    expect(rows.filter(has_text=before.number)).to_contain_text(OLD)
    expect(rows.filter(has_text=after.number)).to_contain_text(NEW)


def test_files_that_are_no_sop_are_answered_in_words(palu: Live, visitor: NewVisitor, tmp_path: Path) -> None:
    author = officer(visitor, "bappeda1")
    bomb = tmp_path / "bom.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(f"b{number}.dmn", b"\0" * (1 << 20))
    climbing = tmp_path / "naik.zip"
    with zipfile.ZipFile(climbing, "w") as archive:
        archive.writestr("../../jahat.bpmn", "<a/>")
    letter = tmp_path / "surat.bpmn"
    letter.write_bytes(b"\x89PNG bukan diagram")
    for file, words in (
        (bomb, "terlalu besar bila dibuka"),
        (climbing, "alamat berkas yang tidak wajar"),
        (letter, "bukan teks UTF-8"),
    ):
        author.goto("/studio")
        author.get_by_label("Berkas", exact=True).set_input_files(file)
        author.get_by_role("button", name="Bandingkan dahulu").click()
        expect(author.get_by_role("alert")).to_contain_text(words)
    entities = tmp_path / "entitas.bpmn"
    entities.write_text('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')
    author.goto("/studio")
    author.get_by_label("Berkas", exact=True).set_input_files(entities)
    author.get_by_role("button", name="Bandingkan dahulu").click()
    expect(author.locator("main")).to_contain_text("Pemeriksaan menemukan 1 galat")
    expect(author.locator("main")).not_to_contain_text("root:")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_pages_around_the_editor_are_for_everybody(
    palu: Live, visitor: NewVisitor, tmp_path: Path, width: int
) -> None:
    author = visitor(width)
    sign_in(author, "bappeda1")
    with palu.unit_of_work() as session:
        begin_demo_draft(session, now=clock.now())
    found = []
    for name, path in (
        ("studio", "/studio"), ("studio-aturan", "/studio/aturan"),
        ("studio-versi", "/studio/aspirasi/versi/1"),
    ):  # fmt: skip
        found += look(author, name, path)
    package = tmp_path / "paket.zip"
    package.write_bytes(author.request.get("/studio/aspirasi/versi/1/paket.zip").body())
    author.goto("/studio")
    author.get_by_label("Berkas", exact=True).set_input_files(package)
    author.get_by_role("button", name="Bandingkan dahulu").click()
    author.wait_for_url("**/masuk")
    found += judge(author, "studio-berkas-masuk")
    author.goto("/studio")
    draft = author.get_by_role("link", name="Penanganan aspirasi").nth(1).get_attribute("href")
    author.goto(f"{draft}/usulkan")
    found += judge(author, "studio-usulkan")
    author.get_by_label("Apa yang berubah dan mengapa").fill(WHY)
    author.get_by_label("Pengecualian").fill(EXCEPTION)
    author.get_by_role("button", name="Usulkan").click()
    author.wait_for_url("**/usulan/*")
    found += judge(author, "studio-usulan")
    reviewer = visitor(width)
    sign_in(reviewer, "asisten")
    open_task(reviewer, "Menelaah rancangan SOP")
    found += judge(reviewer, "studio-telaah")
    assert found == [], "\n".join(found)
