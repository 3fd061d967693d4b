"""A step that was only just drawn is finished in the panel alone: nothing is typed that is not a sentence for
people, and then the city can run it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.engine.compiled import Source
from app.engine.compiler import compile_sop
from app.engine.declaration import Duty, Field, Option, Standard
from tests.e2e.conftest import Live
from tests.e2e.panel import Panel, node_of
from tests.e2e.people import sign_in
from tests.e2e.studio import findings, open_draft, wait_checked

DROP = """(flow) => {
  const { modeler } = document.getElementById("studio").studio;
  const arrow = modeler.get("elementRegistry").get(flow);
  const [one, two] = arrow.waypoints;
  const shape = modeler.get("elementFactory").createShape({ type: "bpmn:UserTask" });
  const middle = { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 };
  return modeler.get("modeling").createShape(shape, middle, arrow).id;
}"""


@pytest.fixture
def panel(palu: Live, desktop: Page) -> Panel:
    sign_in(desktop, "bappeda1")
    desktop.goto("/studio")
    token = desktop.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    begun = desktop.request.post(
        "/studio/konsep",
        form={
            "csrf_token": token,
            "cara": "kosong",
            "kunci": "uji_survei",
            "nama": "Permohonan dengan survei",
        },
        headers={"Referer": desktop.url},
    )
    assert begun.ok, begun.status
    open_draft(desktop, begun.url)
    return Panel(desktop)


def test_a_survey_step_is_drawn_and_told_all_it_needs(panel: Panel) -> None:
    page, box = panel.page, panel.box
    drawn = page.evaluate(DROP, "tetapkan_unit_ke_kerjakan")
    panel.show(drawn)
    box.get_by_label("Nama", exact=True).fill("Menyurvei lokasi")
    box.get_by_label("Nama", exact=True).press("Enter")
    step = "menyurvei_lokasi"
    panel.show(step)
    box.get_by_label("Peran", exact=True).select_option(label="Operator OPD")
    box.get_by_label("Batas waktu", exact=True).select_option(label="hari kerja")
    box.get_by_label("Batas waktu: jumlah").fill("2")
    add_field(panel, "Pilih satu", "Keadaan di lokasi")
    row = panel.open_field("Keadaan di lokasi")
    for number, words in enumerate(("Sesuai laporan", "Tidak ditemukan"), start=1):
        row.get_by_label(f"Pilihan {number}", exact=True).fill(words)
    row.get_by_label("Wajib diisi").select_option(label="ya, selalu")
    add_field(panel, "Foto", "Foto survei")
    row = panel.open_field("Foto survei")
    row.get_by_label("Wajib diisi").select_option(label="bila syarat terpenuhi …")
    row.get_by_role("button", name="Tambah syarat").click()
    row.get_by_label("Data", exact=True).select_option(label="Keadaan di lokasi")
    row.get_by_label("Nilai", exact=True).select_option(label="Sesuai laporan")
    row.locator("summary", has_text="Batas dan isi awal").click()
    row.get_by_label("Jumlah foto, paling banyak").fill("3")
    box.get_by_label("Keterangan publik").fill("Petugas menyurvei lokasi")
    box.get_by_label("Pesan ke warga").select_option(label="Tidak mengirim pesan")
    box.get_by_label("Status publik").select_option(label="Diproses")
    panel.unfold("Tanggung jawab")
    box.get_by_label("Penanggung jawab").fill("Kepala Seksi Survei")
    box.get_by_label("Biaya (sumber anggaran)").fill("DPA Perangkat Daerah")
    box.get_by_label("Eskalasi").select_option(label="Kepala OPD")
    panel.unfold("Mutu baku")
    box.get_by_label("Kelengkapan").fill("Permohonan")
    box.get_by_label("Keluaran").fill("Hasil survei")
    box.get_by_label("Keluaran").blur()

    text = panel.until(lambda text: 'output="Hasil survei"' in text)

    node = node_of(text, step)
    told = node.declared
    assert (node.name, node.lane) == ("Menyurvei lokasi", "operator_opd")
    assert told.task == {"deadline": "hari_kerja(2)", "status": "diproses"}
    assert told.fields == (
        Field(
            id="keadaan_di_lokasi",
            type="choice",
            label="Keadaan di lokasi",
            required=True,
            options=(
                Option("sesuai_laporan", "Sesuai laporan"),
                Option("tidak_ditemukan", "Tidak ditemukan"),
            ),
        ),
        Field(
            id="foto_survei",
            type="photo",
            label="Foto survei",
            required_when="keadaan_di_lokasi == 'sesuai_laporan'",
            max="3",
        ),
    )
    assert told.duty == Duty(
        cost="DPA Perangkat Daerah",
        responsible="Kepala Seksi Survei",
        public="Petugas menyurvei lokasi",
        message="",
        escalation="kepala_opd",
    )
    assert told.standard == Standard(inputs="Permohonan", output="Hasil survei", note="")
    wait_checked(page)
    assert [one["message"] for one in findings(page) if one["severity"] == "error"] == []
    compiled = compile_sop([Source("uji.bpmn", text.encode())], key="uji_survei")
    assert compiled.task("uji_survei", step).role == "operator_opd"
    expect(box.locator(".sop-note")).to_have_count(0)


def add_field(panel: Panel, kind: str, question: str) -> None:
    panel.box.get_by_role("button", name="Tambah isian").click()
    panel.box.get_by_role("button", name=kind, exact=True).click()
    label = panel.box.get_by_label("Pertanyaan")
    expect(label).to_be_focused()
    label.fill(question)
    label.press("Enter")
