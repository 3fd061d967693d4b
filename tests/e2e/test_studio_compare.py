"""An officer sees what a draft changes, on the diagram and in sentences, reads it as text and takes the
document home; anybody in office compares two versions without a script."""

from __future__ import annotations

import uuid

from lxml import etree
from playwright.sync_api import Page, expect

from app.engine.compiled import Source
from app.services import sop_versions
from app.services.demo.accounts import actor_named
from tests.e2e.conftest import PHONE, TUESDAY, Live, NewVisitor, barriers, overflows
from tests.e2e.people import sign_in
from tests.e2e.studio import begin_draft, rename, select

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def tab(page: Page, name: str) -> None:
    page.locator(f"#studio-tab-{name}-button").click()


def said(page: Page) -> list[str]:
    return page.locator(".difference__words").all_inner_texts()


def without_archive_message(files: list[Source]) -> list[Source]:
    """`pengaduan` in which an archived report is not told so any more, and verification takes one day."""
    diagram, *others = files
    root = etree.fromstring(diagram.content)
    gone = ("beritahu_arsip", "beritahu_arsip_ke_diarsipkan")
    for part in root.xpath("//*[@id or @bpmnElement]"):
        if part.get("id") in gone or part.get("bpmnElement") in gone:
            part.getparent().remove(part)
    for ref in root.iter(f"{BPMN}flowNodeRef", f"{BPMN}incoming", f"{BPMN}outgoing"):
        if (ref.text or "").strip() in gone:
            ref.getparent().remove(ref)
    root.xpath("//*[@id='lewat_lengkapi_ke_beritahu_arsip']")[0].set("targetRef", "diarsipkan")
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=True).decode()
    text = text.replace('deadline="hari_kerja(batas_verifikasi)"', 'deadline="hari_kerja(1)"')
    return [Source(diagram.name, text.encode()), *others]


def publish_another(live: Live) -> None:
    with live.unit_of_work() as session:
        version = session.get(sop_versions.SopVersion,
                              sop_versions.version_in_force(session, "pengaduan", TUESDAY))
        assert version is not None
        by, approved_by = (uuid.UUID(actor_named(session, name).person_id)
                           for name in ("bappeda1", "asisten"))
        sop_versions.publish(session, without_archive_message(sop_versions.sources_of(version)), by=by,
                             approved_by=approved_by, basis="Perwal uji", now=TUESDAY)


def test_a_draft_shows_what_it_changes_while_it_is_written(palu: Live, desktop: Page) -> None:
    page = desktop
    sign_in(page, "bappeda1")
    begin_draft(page)
    tab(page, "compare")
    expect(page.locator(".difference__none")).to_be_visible()
    rename(page, "verifikasi", "Memeriksa laporan")
    expect(page.locator(".difference__words")).to_have_text(
        ["Nama tugas “Memverifikasi laporan” → “Memeriksa laporan”."])
    expect(page.locator('[data-element-id="verifikasi"].compare-changed')).to_have_count(1)

    select(page, "beritahu_arsip")
    page.keyboard.press("Delete")
    removed = page.get_by_role("button", name="Tugas layanan “Memberi tahu laporan diarsipkan” dihapus.")
    removed.click()
    old = page.locator(".compare-old .diagram-node.is-removed")
    expect(old).to_have_count(1)
    expect(old.locator("title")).to_have_text("Memberi tahu laporan diarsipkan (dihapus)")

    tab(page, "document")
    expect(page.locator(".sop-doc__title")).to_contain_text("Penanganan pengaduan")
    expect(page.locator('[data-element-id="verifikasi"].compare-changed')).to_have_count(0)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Unduh PDF").click()
    assert taken.value.suggested_filename == "SOP-pengaduan-konsep.pdf"
    assert taken.value.path().read_bytes().startswith(b"%PDF-")

    page.locator("#studio-name").click()
    page.keyboard.press("t")
    step = page.get_by_role("button", name="5. Admin Kominfo: Memeriksa laporan, paling lama 3 hari kerja")
    step.focus()
    page.keyboard.press("Enter")
    expect(page.locator('#studio-canvas [data-element-id="verifikasi"].selected')).to_have_count(1)


def test_a_draft_is_compared_with_a_file_from_elsewhere(palu: Live, desktop: Page) -> None:
    page = desktop
    sign_in(page, "bappeda1")
    begin_draft(page)
    tab(page, "compare")
    expect(page.locator(".difference__none")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.locator("#banding-dengan").select_option("file")
    chooser.value.set_files([{"name": "kota_lain.bpmn", "mimeType": "application/xml", "buffer":
                              without_archive_message(begun_files(page))[0].content}])
    expect(page.get_by_text("Batas waktu “Memverifikasi laporan” 1 → 3 hari kerja.")).to_be_visible()
    chooser.value.set_files([{"name": "rusak.zip", "mimeType": "application/zip", "buffer": b"bukan zip"}])
    expect(page.get_by_text("rusak.zip bukan paket SOP.")).to_be_visible()


def begun_files(page: Page) -> list[Source]:
    files = page.evaluate("document.getElementById('studio').studio.files()")
    main = page.evaluate("document.getElementById('studio').studio.main()")
    return [Source(main, files[main].encode())]


def test_two_versions_are_compared_without_a_script_and_on_a_phone(palu: Live, visitor: NewVisitor) -> None:
    publish_another(palu)
    page = visitor(PHONE, java_script_enabled=False)
    sign_in(page, "bappeda1")
    page.goto("/studio/pengaduan/banding")
    assert "Batas waktu “Memverifikasi laporan” 3 → 1 hari kerja." in said(page)
    assert "Tugas layanan “Memberi tahu laporan diarsipkan” dihapus." in said(page)
    pictures = page.locator(".compare-pictures figure")
    expect(pictures.nth(0).locator(".diagram-node.is-removed")).to_have_count(1)
    expect(pictures.nth(1).locator(".diagram-node.is-removed")).to_have_count(0)
    expect(pictures.nth(1).locator(".diagram-node.is-changed")).to_have_count(1)
    assert not overflows(page)


def test_comparison_document_and_text_have_no_barriers(palu: Live, desktop: Page) -> None:
    publish_another(palu)
    sign_in(desktop, "bappeda1")
    for address in ("/studio/pengaduan/banding", "/studio/pengaduan/versi/1/dokumen",
                    "/studio/pengaduan/versi/1/teks"):
        desktop.goto(address)
        assert barriers(desktop) == [], address


def test_a_sentence_leads_to_its_place_on_the_picture(palu: Live, desktop: Page) -> None:
    publish_another(palu)
    sign_in(desktop, "bappeda1")
    desktop.goto("/studio/pengaduan/banding")
    desktop.get_by_role("link", name="Tugas layanan “Memberi tahu laporan diarsipkan” dihapus.").click()
    expect(desktop.locator("#lama-beritahu_arsip")).to_be_in_viewport()
    desktop.get_by_role("link", name="Batas waktu “Memverifikasi laporan” 3 → 1 hari kerja.").click()
    expect(desktop.locator("#baru-verifikasi")).to_be_in_viewport()
