"""An officer who has never programmed says in the panel what a step asks, until when and when: the saved
diagram says exactly that, and taking it back takes all of it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.engine.declaration import Field, Option
from tests.e2e.conftest import DESKTOP, PHONE, Live, NewVisitor, barriers, overflows
from tests.e2e.panel import Panel, begin, node_of, parts, process_of
from tests.e2e.people import sign_in
from tests.e2e.studio import open_draft

STEP = "siapkan_jawaban"


@pytest.fixture
def panel(palu: Live, desktop: Page) -> Panel:
    return begin(desktop)


def test_an_officer_adds_a_field_that_is_asked_only_when(panel: Panel) -> None:
    before = parts(panel.saved())
    panel.show(STEP)
    panel.box.get_by_role("button", name="Tambah isian").click()
    panel.box.get_by_role("button", name="Teks pendek").click()
    label = panel.box.get_by_label("Pertanyaan")
    expect(label).to_be_focused()
    label.fill("Kategori")
    label.press("Enter")
    expect(panel.box.get_by_label("Nama data")).to_have_value("kategori_2")
    label.fill("Nomor surat tugas")
    label.press("Enter")
    row = panel.open_field("Nomor surat tugas")
    row.get_by_label("Bantuan").fill("Seperti tertulis pada surat.")
    row.get_by_label("Wajib diisi").select_option(label="ya, selalu")
    row.get_by_label("Ditanyakan", exact=True).select_option(label="bila syarat terpenuhi …")
    row.get_by_role("button", name="Tambah syarat").click()
    row.get_by_label("Data", exact=True).select_option(value="sikap")
    row.get_by_label("Pembanding").select_option(label="bukan")
    row.get_by_label("Nilai", exact=True).select_option(label="Informasi ini ada pada unit lain")
    expect(row.locator(".sop-sentence")).to_have_text("Sikap unit bukan “Informasi ini ada pada unit lain”")

    made = node_of(panel.until(lambda text: 'visibleWhen="sikap !=' in text), STEP).declared.fields[-1]

    assert made == Field(
        id="nomor_surat_tugas",
        type="string",
        label="Nomor surat tugas",
        help="Seperti tertulis pada surat.",
        required=True,
        visible_when="sikap != 'bukan_wewenang'",
    )
    undo = panel.page.get_by_role("button", name="Urungkan (Ctrl+Z)")
    while undo.is_enabled():
        undo.click()
    assert parts(panel.until(lambda text: "nomor_surat_tugas" not in text)) == before


def test_a_deadline_is_picked_and_every_other_letter_stays(panel: Panel) -> None:
    before = parts(panel.saved())
    panel.show(STEP)
    panel.box.get_by_role("button", name="Pakai angka tetap").click()
    panel.box.get_by_label("Batas waktu: jumlah").fill("3")
    panel.box.get_by_label("Batas waktu: jumlah").press("Enter")

    after = parts(panel.until(lambda text: "hari_kerja(3)" in text))

    changed = [part for part in after if part not in before]
    assert [(tag, dict(attributes)["deadline"]) for tag, attributes, _ in changed] == [
        ("task", "hari_kerja(3)")
    ]
    assert len(after) == len(before)
    kind = panel.box.get_by_label("Batas waktu", exact=True)
    kind.select_option(label="jam kerja")
    text = panel.until(lambda text: "jam_kerja(3)" in text)
    assert node_of(text, STEP).declared.task["deadline"] == "jam_kerja(3)"
    for _change in range(3):
        kind.press("Control+z")
    assert parts(panel.until(lambda text: "kerja(3)" not in text)) == before
    kind.press("Control+y")
    assert "hari_kerja(1)" in panel.until(lambda text: "hari_kerja(1)" in text)


def test_a_way_is_chosen_by_a_condition_of_picked_parts(panel: Panel) -> None:
    flow = "putusan_verifikasi_ke_lengkapi"
    panel.show(flow)
    panel.box.get_by_role("button", name="Tambah syarat").click()
    second = panel.box.get_by_role("group", name="Dilalui bila: syarat 2")
    second.get_by_label("Data", exact=True).select_option(value="jumlah_foto")
    second.get_by_label("Pembanding").select_option(label="kurang dari")
    second.get_by_label("Nilai", exact=True).fill("2")
    second.get_by_label("Nilai", exact=True).press("Enter")
    panel.box.get_by_label("Hubungan antarsyarat").select_option(label="salah satu ini benar")

    text = panel.until(lambda text: " or " in text)

    told = {one.id: one.condition for one in process_of(text).flows}
    assert told[flow] == "keputusan == 'lengkapi' or jumlah_foto < 2"


def test_what_rows_cannot_show_stays_as_it_was_typed(palu: Live, desktop: Page) -> None:
    panel = begin(desktop, key="pengaduan")
    total = "hari(batas_total) if satuan_total == 'hari' else hari_kerja(batas_total)"
    line = panel.box.get_by_label("Batas waktu keseluruhan: rumus", exact=True)
    expect(line).to_have_value(total)
    line.fill("hari(batas_total")
    line.blur()
    expect(panel.box.locator(".sop-note").last).to_contain_text("Tanda ) belum ada.")
    line.fill(total)
    line.blur()
    assert process_of(panel.saved()).total == total


def test_nothing_empty_is_left_in_the_file(panel: Panel) -> None:
    panel.show(STEP)
    for title in ("Tanggung jawab", "Mutu baku"):
        panel.unfold(title)
    for name in (
        "Keterangan publik",
        "Penanggung jawab",
        "Biaya (sumber anggaran)",
        "Kelengkapan",
        "Keluaran",
        "Keterangan",
    ):
        panel.box.get_by_label(name).first.fill("")
    panel.box.get_by_label("Pesan ke warga").select_option(label="belum dipilih")
    panel.box.get_by_label("Eskalasi").select_option(label="belum dipilih")
    for label in panel.labels():
        panel.open_field(label).get_by_role("button", name="Hapus isian").click()

    declared = node_of(panel.until(lambda text: text.count("<sop:duty") < 14), STEP).declared

    assert declared.duty is None
    assert declared.standard is None
    assert not declared.has_form
    panel.box.get_by_label("Batas waktu", exact=True).select_option(label="tidak ada")
    panel.box.get_by_label("Status publik").select_option(label="tidak berubah")
    text = panel.until(lambda text: node_of(text, STEP).declared.task == {})
    assert node_of(text, STEP).declared.task == {}
    assert "<bpmn:extensionElements />" not in text


def test_fields_are_ordered_by_keyboard_copied_and_given_another_name(panel: Panel) -> None:
    panel.show("verifikasi")
    add = panel.box.get_by_role("button", name="Tambah isian")
    add.press("Enter")
    expect(panel.box.get_by_role("button", name="Teks pendek")).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(add).to_be_focused()
    first = panel.field("Putusan").locator(".sop-formfield__title")
    first.focus()
    first.press("Alt+ArrowDown")
    expect(panel.box.locator(".sop-formfield__label").nth(2)).to_have_text("Putusan")
    expect(first).to_be_focused()
    row = panel.open_field("Putusan")
    row.get_by_label("Nama data").fill("putusan_awal")
    row.get_by_label("Nama data").press("Enter")

    text = panel.until(lambda text: "putusan_awal" in text)

    process = process_of(text)
    fields = process.nodes["verifikasi"].declared.fields
    assert fields[2].id == "putusan_awal"
    assert {one.visible_when for one in fields if one.visible_when} == {
        f"putusan_awal == '{value}'" for value in ("teruskan", "jawab", "lengkapi", "tolak")
    }
    assert "keputusan ==" not in " ".join(flow.condition or "" for flow in process.flows)
    row.get_by_role("button", name="Salin isian").click()
    copied = node_of(panel.until(lambda text: "(salinan)" in text), "verifikasi").declared.fields[3]
    assert copied.id == "putusan_awal_2"
    assert copied.options == fields[2].options
    assert copied.options[0] == Option("teruskan", "Diteruskan ke unit")


def test_the_preview_is_the_form_the_officer_will_fill(panel: Panel) -> None:
    panel.show("verifikasi")
    panel.box.locator(".sop-preview summary").click()
    form = panel.box.get_by_role("form", name="Pratinjau formulir")
    reason = form.get_by_label("Alasan dan jalur yang tersedia")
    expect(form.get_by_role("group", name="Putusan")).to_be_visible()
    expect(reason).to_be_hidden()
    form.get_by_label("Tidak dapat diberikan lewat kanal ini").check()
    expect(reason).to_be_visible()
    panel.open_field("Alasan dan jalur").get_by_label("Pertanyaan").fill("Mengapa tidak")
    expect(form.get_by_label("Mengapa tidak")).to_have_count(1)


def test_who_may_only_read_changes_nothing(palu: Live, visitor: NewVisitor) -> None:
    writer = begin(visitor(DESKTOP))
    reader = visitor(DESKTOP)
    sign_in_and_go(reader, writer.page.url)
    panel = Panel(reader)
    panel.show(STEP)
    expect(panel.box.get_by_label("Nama", exact=True)).not_to_be_editable()
    expect(panel.box.get_by_label("Batas waktu", exact=True)).to_be_disabled()
    expect(panel.box.get_by_role("button", name="Tambah isian")).to_have_count(0)


def sign_in_and_go(page: Page, url: str) -> None:
    sign_in(page, "inspektorat1")
    open_draft(page, url)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_panel_is_for_everybody(palu: Live, visitor: NewVisitor, width: int) -> None:
    panel = begin(visitor(width), key="pengaduan")
    page, found = panel.page, []
    shown = (
        "verifikasi",
        "putusan_verifikasi",
        "putusan_verifikasi_ke_lengkapi",
        "waktu_80_verifikasi",
        "balasan_lengkapi",
        "beritahu_ditolak",
        "ditolak",
        "rute_opd",
        "siapkan",
        "operator_opd",
        "penanganan",
    )
    for element in ("", *shown):
        if element:
            panel.show(element)
        if element == "verifikasi":
            panel.open_field("Klasifikasi")
            panel.box.get_by_role("button", name="Tambah isian").click()
        page.evaluate("for (const one of document.querySelectorAll('#studio-panel details')) one.open = true")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found += [f"{element}: {one}" for one in barriers(page)]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [f"{element}, dark: {one}" for one in barriers(page, ["color-contrast"])]
        if overflows(page):
            found.append(f"{element}: wider than the screen")
    assert found == [], "\n".join(found)


def test_a_finding_stands_at_its_field_and_is_repaired_there(panel: Panel) -> None:
    panel.show(STEP)
    panel.box.get_by_label("Batas waktu", exact=True).select_option(label="tidak ada")
    place = panel.box.locator(".sop-field", has=panel.page.get_by_label("Batas waktu", exact=True))
    expect(place).to_contain_text("tidak punya tenggat")
    place.locator(".sop-note").get_by_role("button").click()
    expect(place.locator(".sop-note")).to_have_count(0)
    assert node_of(
        panel.until(lambda text: node_of(text, STEP).declared.task.get("deadline")), STEP
    ).declared.task["deadline"]


def test_fields_are_ordered_by_dragging(panel: Panel) -> None:
    panel.show(STEP)
    before = panel.labels()
    grip = panel.box.locator(".sop-formfield__grip").nth(1)
    grip.scroll_into_view_if_needed()
    grip.drag_to(panel.box.locator(".sop-formfield").first, target_position={"x": 60, "y": 8})
    expect(panel.box.locator(".sop-formfield__label").first).to_have_text(before[1])
    assert panel.labels() == [before[1], before[0], *before[2:]]


def test_a_choice_given_another_code_is_still_the_one_that_is_compared(panel: Panel) -> None:
    panel.show("verifikasi")
    row = panel.open_field("Putusan")
    row.get_by_label("Kode pilihan 4").fill("tolak_dengan_alasan")
    row.get_by_label("Kode pilihan 4").press("Enter")

    process = process_of(panel.until(lambda text: "tolak_dengan_alasan" in text))

    field = next(one for one in process.nodes["verifikasi"].declared.fields if one.id == "alasan_tolak")
    assert field.visible_when == field.required_when == "keputusan == 'tolak_dengan_alasan'"
    told = [flow.condition for flow in process.flows if flow.condition and "tolak" in flow.condition]
    assert told == ["keputusan == 'tolak_dengan_alasan'"]
