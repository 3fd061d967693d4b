"""What an officer says in the panel of everything that is not a form: roles, events, system steps, tables,
the document, steps done several times; and what goes along when a step is copied."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.engine.declaration import Field
from app.engine.diagram import Loop
from tests.e2e.conftest import Live
from tests.e2e.panel import Panel, begin, node_of, process_of

STEP = "siapkan_jawaban"


@pytest.fixture
def panel(palu: Live, desktop: Page) -> Panel:
    return begin(desktop)


def test_another_role_is_picked_and_the_step_moves_into_its_lane(panel: Panel) -> None:
    before = process_of(panel.saved())
    panel.show(STEP)
    panel.box.get_by_label("Peran", exact=True).select_option(value="admin_kominfo")

    after = process_of(panel.until(lambda text: node_of(text, STEP).lane == "admin_kominfo"))

    lanes = {name: node.lane for name, node in after.nodes.items()}
    hung = {name for name, node in before.nodes.items() if node.attached_to == STEP}
    assert lanes[STEP] == "admin_kominfo"
    assert {name for name in lanes if lanes[name] != before.nodes[name].lane} == {STEP, *hung}


def test_what_every_other_kind_of_element_says_is_picked_too(palu: Live, desktop: Page) -> None:
    panel = begin(desktop, key="pengaduan")
    box = panel.box
    panel.show("waktu_80_verifikasi")
    box.get_by_label("Terjadi sesudah", exact=True).select_option(label="berulang setiap …")
    box.get_by_label("Setiap berapa").fill("2")
    box.get_by_label("Satuan").select_option(label="jam")
    box.get_by_label("Putaran yang terlewat").select_option(label="dijalankan satu per satu")
    panel.show("lewat_lengkapi")
    box.get_by_label("Terjadi sesudah", exact=True).select_option(label="pada tanggal tertentu")
    box.get_by_label("Terjadi sesudah: tanggal dan jam").fill("2026-12-31T16:00")
    box.get_by_label("Terjadi sesudah: tanggal dan jam").blur()
    panel.show("balasan_lengkapi")
    box.get_by_label("Menunggu pesan").select_option(label="Keberatan pelapor")
    panel.show("penarikan_laporan")
    box.get_by_label("Pesan lain").fill("Surat balasan")
    box.get_by_label("Pesan lain").press("Enter")
    panel.show("beritahu_ditolak")
    box.get_by_label("Yang dilakukan sistem").select_option(label="Memindahkan batas waktu tugas")
    box.get_by_label("Tugas", exact=True).select_option(value="v:tindak_lanjut")
    box.get_by_label("Sampai", exact=True).select_option(label="hari kerja")
    panel.show("ditolak")
    box.get_by_label("Alasan akhir").select_option(value="bukan_wewenang")
    panel.show("rute_opd")
    box.get_by_role("combobox", name="Tabel keputusan").select_option(label="Batas waktu penanganan")
    panel.show("siapkan")
    box.get_by_label("Isi 3").fill("len(kategori) + 1")
    box.get_by_label("Isi 3").press("Enter")
    box.get_by_role("button", name="Tambah baris").click()
    panel.show("operator_opd")
    box.get_by_label("Tulisan pada jalur").fill("Petugas OPD")
    panel.show("penanganan")
    box.get_by_label("Batas waktu", exact=True).select_option(label="hari kalender")
    box.get_by_label("Batas waktu: jumlah").fill("60")
    panel.show("putusan_verifikasi_ke_beritahu_ditolak")
    box.get_by_role("button", name="Periksa lebih dulu").click()
    box.get_by_label("Jalur bawaan").check()

    process = process_of(panel.until(lambda text: 'default="putusan_verifikasi_ke_beritahu_ditolak"' in text))

    node = process.nodes
    event = {
        name: node[name].events[0]
        for name in ("waktu_80_verifikasi", "lewat_lengkapi", "balasan_lengkapi", "penarikan_laporan")
    }
    assert (event["waktu_80_verifikasi"].place, event["waktu_80_verifikasi"].text) == (
        "timeCycle",
        "'R4/PT2H'",
    )
    assert node["waktu_80_verifikasi"].declared.catch_up == "replay"
    assert (event["lewat_lengkapi"].place, event["lewat_lengkapi"].text) == (
        "timeDate",
        "'2026-12-31T16:00:00+08:00'",
    )
    assert event["balasan_lengkapi"].name == "keberatan"
    assert event["penarikan_laporan"].name == "surat_balasan"
    told = node["beritahu_ditolak"].declared
    assert (told.operation, dict(told.parameters)) == (
        "perpanjang",
        {"tugas": "'tindak_lanjut'", "sampai": "hari_kerja(1)"},
    )
    assert node["ditolak"].declared.end_reason == "bukan_wewenang"
    assert node["rute_opd"].decision == "tenggat"
    lines = (node["siapkan"].script or "").splitlines()
    assert lines[2] == "jumlah_kembali = len(kategori) + 1"
    assert lines[0] == "klasifikasi = 'tidak_berkadar'"
    assert lines[-1] == "data_8 = None"
    assert {lane.id: lane.name for lane in process.lanes}["operator_opd"] == "Petugas OPD"
    assert node["penanganan"].declared.task == {"deadline": "hari(60)"}
    assert {flow.id: flow.condition for flow in process.flows}[
        "putusan_verifikasi_ke_beritahu_ditolak"
    ] is None


def test_the_document_and_its_laws_are_written(panel: Panel) -> None:
    laws = process_of(panel.saved()).document.legal_basis
    panel.box.get_by_label("Nomor SOP").fill("065/99/2026")
    panel.box.get_by_label("Disahkan oleh").fill("")
    panel.unfold("Dasar hukum")
    panel.box.get_by_role("button", name="Tambah dasar hukum").click()
    panel.box.get_by_label(f"Dasar hukum {len(laws) + 1}", exact=True).fill(
        "Peraturan Wali Kota Nomor 7 Tahun 2026"
    )
    panel.box.get_by_role("button", name="Naikkan dasar hukum 2").click()
    panel.box.get_by_label("Batas waktu keseluruhan", exact=True).select_option(label="hari kerja")

    process = process_of(
        panel.until(lambda text: "Nomor 7 Tahun 2026" in text and 'total="hari_kerja' in text)
    )

    assert process.document.attributes["number"] == "065/99/2026"
    assert "approvedBy" not in process.document.attributes
    assert process.document.legal_basis == (
        laws[1],
        laws[0],
        *laws[2:],
        "Peraturan Wali Kota Nomor 7 Tahun 2026",
    )


def test_a_step_for_each_of_a_list_is_described(panel: Panel) -> None:
    panel.show("periksa_jawaban")
    panel.page.evaluate(MANY, "periksa_jawaban")
    box = panel.box
    box.get_by_label("Satu per satu, berurutan").check()
    box.get_by_label("Daftar", exact=True).fill("daftar_unit")
    box.get_by_label("Nama tiap isi").fill("opd")
    box.get_by_label("Cukup bila").fill("len(hasil_semua) >= 2")
    box.get_by_label("Kumpulkan hasil ke").fill("hasil_semua")
    box.get_by_label("Hasil tiap langkah").fill("jawaban_layak")

    loop = node_of(panel.until(lambda text: "outputDataItem" in text), "periksa_jawaban").loop

    assert loop == Loop(
        sequential=True,
        cardinality=None,
        data_input="daftar_unit",
        input_item="opd",
        data_output="hasil_semua",
        output_item="jawaban_layak",
        condition="len(hasil_semua) >= 2",
    )
    panel.page.reload()
    panel.page.locator("#studio[data-ready]").wait_for()
    panel.show("periksa_jawaban")
    expect(box.get_by_label("Daftar", exact=True)).to_have_value("daftar_unit")


MANY = """(id) => {
  const { modeler } = document.getElementById("studio").studio;
  const loop = modeler.get("bpmnFactory").create("bpmn:MultiInstanceLoopCharacteristics");
  const step = modeler.get("elementRegistry").get(id);
  modeler.get("modeling").updateProperties(step, { loopCharacteristics: loop });
}"""


def test_a_copied_step_keeps_its_form_and_another_kind_keeps_what_fits(panel: Panel) -> None:
    panel.show(STEP)
    panel.box.get_by_label("Petunjuk di atas formulir").fill("Baca arsip lebih dulu.")
    panel.box.get_by_label("Petunjuk di atas formulir").blur()
    copied, replaced = panel.page.evaluate(COPY, [STEP, "periksa_jawaban"])

    process = process_of(panel.until(lambda text: text.count("Baca arsip lebih dulu.") == 2))

    first, second = process.nodes[STEP], process.nodes[copied]
    assert first.documentation == second.documentation == "Baca arsip lebih dulu."
    assert first.declared == second.declared
    other = process.nodes[replaced]
    assert other.kind == "serviceTask"
    assert other.declared.standard is not None
    assert (other.declared.duty, other.declared.has_form, other.declared.task) == (None, False, {})


COPY = """([copied, replaced]) => {
  const { modeler } = document.getElementById("studio").studio;
  const registry = modeler.get("elementRegistry");
  const step = registry.get(copied);
  modeler.get("copyPaste").copy([step]);
  const at = { element: step.parent, point: { x: step.x + 60, y: step.y + 220 } };
  const made = modeler.get("copyPaste").paste(at).find((one) => one.type === "bpmn:UserTask");
  const kind = { type: "bpmn:ServiceTask" };
  const other = modeler.get("bpmnReplace").replaceElement(registry.get(replaced), kind);
  return [made.id, other.id];
}"""


def test_looking_at_everything_changes_nothing(palu: Live, desktop: Page) -> None:
    panel = begin(desktop, key="pengaduan")
    before = panel.saved()
    looked = panel.page.evaluate(LOOK)
    assert looked["elements"] > 250
    assert looked["fields"] > 60
    assert looked["silent"] == []
    assert panel.page.get_by_role("button", name="Urungkan (Ctrl+Z)").is_disabled()
    assert panel.saved() == before


LOOK = """async () => {
  const { modeler } = document.getElementById("studio").studio;
  const box = document.getElementById("studio-panel");
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const told = { elements: 0, fields: 0, silent: [] };
  for (const element of modeler.get("elementRegistry").getAll().filter((one) => one.parent)) {
    modeler.get("selection").select(element);
    await drawn();
    for (const part of box.querySelectorAll("details")) part.open = true;
    for (let n = 0; n < box.querySelectorAll(".sop-formfield__title").length; n += 1) {
      box.querySelectorAll(".sop-formfield__title")[n].click();
      await drawn();
      told.fields += box.querySelectorAll(".sop-formfield__details").length;
    }
    told.elements += 1;
    if (!box.querySelector(".sop-panel")) told.silent.push(element.id);
  }
  return told;
}"""


def test_special_rules_are_ticked_and_a_check_asks_its_question(panel: Panel) -> None:
    checking = "periksa_jawaban"
    before = node_of(panel.saved(), checking).declared
    panel.show(checking)
    panel.unfold("Aturan khusus")
    box = panel.box
    box.get_by_label("Hanya orang yang belum pernah menangani laporan ini").check()
    box.get_by_label("Menghentikan jam total").check()
    box.get_by_label("Prioritas").select_option(label="didahulukan")
    box.get_by_label("Memeriksa bukti dari").select_option(value=STEP)

    told = node_of(panel.until(lambda text: "bukti_diterima" in text), checking).declared

    more = {"fresh": "true", "pauses": "total", "priority": "high", "verifies": STEP}
    assert told.task == {**before.task, **more}
    question = Field(id="bukti_diterima", type="boolean", label="Bukti diterima", required=True)
    assert told.fields == (*before.fields, question)
    box.get_by_label("Memeriksa bukti dari").press("Control+z")
    after = node_of(panel.until(lambda text: "bukti_diterima" not in text), checking).declared
    assert (after.fields, "verifies" in after.task) == (before.fields, False)
