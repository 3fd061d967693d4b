"""A browser without JavaScript: everything that was typed and sent stays, and nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import text

from tests.e2e import pictures
from tests.e2e.conftest import DESKTOP, PHONE, TUESDAY, Live, NewVisitor, overflows, shoot
from tests.e2e.people import NUMBER, WORDS, fill_report, sign_in

BEFORE = TUESDAY - timedelta(hours=1)


def test_a_refused_report_keeps_photos_and_words_and_is_one_report(
    palu: Live, visitor: NewVisitor, tmp_path: Path
) -> None:
    page = visitor(PHONE, java_script_enabled=False)
    photos = [
        pictures.jpeg(tmp_path, "lubang", at=BEFORE),
        pictures.heic(tmp_path, "sampah", at=BEFORE),
    ]
    fill_report(page, words="Jalan", photos=photos)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator(".error-summary")).to_contain_text("sedikitnya 10 huruf")
    expect(page.locator(".error-summary")).to_contain_text("Isian Anda tetap tersimpan")
    thumbnails = page.locator(".photo-field__item img")
    expect(thumbnails).to_have_count(2)
    for thumbnail in thumbnails.all():
        answer = page.request.get(thumbnail.get_attribute("src") or "")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    expect(page.get_by_label("Ceritakan keadaannya")).to_have_value("Jalan")
    expect(page.get_by_label("Patokan")).to_have_value("Depan pasar, sebelah bengkel")
    expect(page.get_by_label("Nama", exact=True)).to_have_value("Warga Uji (demo)")
    expect(page.get_by_label("Kelurahan", exact=True)).to_have_value("72.71.02.1007")
    expect(page.locator("input[name=kind][value=pengaduan]")).to_be_checked()
    assert not overflows(page)
    shoot(page, "tanpa-skrip-ditolak")

    page.get_by_label("Ceritakan keadaannya").fill(WORDS)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_url("**/tanda-terima")
    again = page.request.post(
        "/lapor",
        data=sent.value.post_data_buffer,
        headers={"Content-Type": sent.value.headers["content-type"]},
    )
    assert again.url == page.url, "sent twice, the receipt is the same"
    number = page.locator("#nomor-laporan").inner_text()
    assert NUMBER.fullmatch(number)
    expect(page.get_by_text("2 foto")).to_be_visible()
    with palu.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM reports")).scalar_one() == 1
        attached = session.execute(text("SELECT count(*) FROM photos WHERE report_id IS NOT NULL"))
        assert attached.scalar_one() == 2


def test_an_officer_completes_a_task_without_scripts(palu: Live, visitor: NewVisitor, tmp_path: Path) -> None:
    citizen = visitor(PHONE, java_script_enabled=False)
    fill_report(citizen)
    citizen.get_by_role("button", name="Kirim laporan").click()
    citizen.wait_for_url("**/tanda-terima")
    admin = visitor(DESKTOP, java_script_enabled=False)
    sign_in(admin, "admin1")
    admin.get_by_role("link", name="Memverifikasi laporan", exact=True).click()
    admin.get_by_label("Minta pelapor melengkapi").check()
    admin.get_by_role("button", name="Selesaikan tugas").click()
    expect(admin.locator(".error-summary")).to_contain_text("Yang perlu dilengkapi")
    expect(admin.get_by_label("Minta pelapor melengkapi")).to_be_checked()
    shoot(admin, "tanpa-skrip-verifikasi")
    admin.get_by_label("Yang perlu dilengkapi").fill("Mohon kirim foto lubangnya dari dekat.")
    admin.get_by_role("button", name="Selesaikan tugas").click()
    expect(admin.locator("#pesan")).to_contain_text("Melengkapi laporan")

    citizen.get_by_role("link", name="Ikuti laporan").click()
    expect(citizen.locator("main")).to_contain_text("Mohon kirim foto lubangnya dari dekat.")
    form = citizen.locator("section.panel--attention form")
    photo = pictures.jpeg(tmp_path, "lubang", at=BEFORE)
    form.locator("input[type=file]").first.set_input_files(photo)
    shoot(citizen, "tanpa-skrip-melengkapi")
    form.locator("textarea").first.fill("Ini fotonya, lubangnya sekitar satu meter.")
    form.get_by_role("button", name="Kirim jawaban").click()
    expect(citizen.locator("#pesan")).to_contain_text("Terima kasih")
    with palu.unit_of_work() as session:
        open_tasks = session.execute(text("SELECT element FROM work_items WHERE closed_at IS NULL")).scalars()
        assert list(open_tasks) == ["verifikasi"]
