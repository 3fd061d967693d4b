"""An officer edits an SOP in the browser: what is changed is kept and found; what is not changed stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.engine.compiled import Source
from app.engine.difference import difference
from tests.e2e.conftest import AXE, DESKTOP, PHONE, WCAG, Live, NewVisitor, overflows, shoot
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
    wait_saved,
)

FIRST_TASK = (
    "document.getElementById('studio').studio.modeler.get('elementRegistry')"
    ".find((one) => one.type === 'bpmn:UserTask').id"
)
DRAWN = "document.getElementById('studio').studio.modeler.get('elementRegistry').getAll().length"


@pytest.fixture
def officer(palu: Live, visitor: NewVisitor) -> Page:
    page = visitor(DESKTOP)
    sign_in(page, "bappeda1")
    return page


def test_a_renamed_task_is_kept_and_nothing_else_changes(palu: Live, officer: Page) -> None:
    url = begin_draft(officer)
    rename(officer, "verifikasi", "Memeriksa kelengkapan laporan")
    wait_saved(officer)
    open_draft(officer, url)
    assert name_of(officer, "verifikasi") == "Memeriksa kelengkapan laporan"
    before = (ROOT / "bpmn" / "pengaduan.bpmn").read_bytes()
    after = stored_files(palu, url)["pengaduan.bpmn"].encode()
    changes = difference([Source("a.bpmn", before)], [Source("a.bpmn", after)]).changes
    assert {change.element for change in changes} == {"verifikasi"}, changes


def test_a_diagram_written_anew_by_the_editor_is_the_same_sop(palu: Live, officer: Page) -> None:
    for key in ("pengaduan", "aspirasi", "permintaan_informasi", "pemantauan_rencana"):
        url = begin_draft(officer, key)
        rename(officer, officer.evaluate(FIRST_TASK), "Nama lain")
        officer.keyboard.press("Control+z")
        wait_saved(officer)
        after, main = stored_files(palu, url), f"{key}.bpmn"
        before = {name: (ROOT / "bpmn" / name).read_bytes() for name in after}
        assert after[main].encode() != before[main], "the editor wrote nothing"
        told = difference(
            [Source(name, content) for name, content in before.items()],
            [Source(name, content.encode()) for name, content in after.items()],
        )
        assert told.changes == ()
        assert {name for name in after if after[name].encode() != before[name]} == {main}


def test_two_findings_are_repaired_by_click_and_taken_back(officer: Page) -> None:
    begin_draft(officer)
    wait_checked(officer)
    before = [one for one in findings(officer) if one["severity"] == "error"]
    officer.evaluate(
        """() => {
          const { modeler } = document.getElementById("studio").studio;
          const registry = modeler.get("elementRegistry");
          const task = registry.get("verifikasi");
          const parts = task.businessObject.extensionElements.values;
          const declared = parts.find((one) => one.$type === "sop:Task");
          const modeling = modeler.get("modeling");
          modeling.updateModdleProperties(task, declared, { deadline: undefined });
          modeling.updateProperties(registry.get("putusan_verifikasi"), { default: undefined });
        }"""
    )
    wait_checked(officer)
    listed = officer.locator("#studio-tab-findings")
    mark = officer.get_by_role("button", name=re.compile("temuan pada Memverifikasi laporan"))
    expect(mark).to_have_count(1)
    for label in ("Beri tenggat", "Jadikan alur bawaan"):
        listed.get_by_role("button", name=re.compile(f"Perbaiki: {label}")).first.click()
        expect(officer.locator("#studio-notices")).to_contain_text(f"Diperbaiki: {label}")
        wait_checked(officer)
    assert [one for one in findings(officer) if one["severity"] == "error"] == before
    expect(mark).to_have_count(0)
    officer.get_by_role("button", name=re.compile("^Urungkan")).click()
    wait_checked(officer)
    rules = {one["rule"] for one in findings(officer) if one["severity"] == "error"}
    assert "tanpa-syarat" in rules
    assert "tanpa-tenggat" not in rules
    shoot(officer, "studio-temuan")


def test_a_finding_leads_to_its_element(officer: Page) -> None:
    begin_draft(officer)
    select(officer, "selesai")
    officer.evaluate(
        """() => {
          const { modeler } = document.getElementById("studio").studio;
          const end = modeler.get("elementRegistry").get("selesai");
          const box = end.businessObject.extensionElements;
          modeler.get("modeling").updateModdleProperties(end, box, { values: [] });
        }"""
    )
    wait_checked(officer)
    officer.locator(".djs-container > svg").first.click(position={"x": 300, "y": 60})
    officer.locator("#studio-tab-findings").get_by_role("button", name="Selesai", exact=True).first.click()
    expect(officer.locator('[data-element-id="selesai"].selected')).to_be_visible()
    mark = officer.get_by_role("button", name=re.compile("temuan pada Selesai$"))
    mark.click()
    expect(officer.get_by_role("dialog")).to_contain_text("tidak menyebut alasan")
    officer.keyboard.press("Escape")
    expect(officer.get_by_role("dialog")).to_have_count(0)
    expect(mark).to_be_focused()


def test_the_palette_offers_only_what_the_city_can_run(officer: Page) -> None:
    begin_draft(officer, "pemantauan_rencana")
    entries = officer.locator(".djs-palette .entry[data-action^='create.']")
    names = [entry.get_attribute("data-action") or "" for entry in entries.all()]
    assert len(names) > 15
    before = officer.evaluate(DRAWN)
    for at, name in enumerate(names):
        entries.and_(officer.locator(f"[data-action='{name}']")).click()
        officer.mouse.move(300, 300)
        officer.mouse.click(320 + 130 * (at % 4), 200 + 90 * (at // 4 % 4))
        officer.keyboard.press("Escape")
    assert officer.evaluate(DRAWN) > before + len(names) / 2
    wait_checked(officer)
    refused = [one["message"] for one in findings(officer) if one["rule"] == "unsur-tidak-dijalankan"]
    assert refused == []


def test_a_new_lane_is_a_role_of_the_city(palu: Live, officer: Page) -> None:
    url = begin_draft(officer, "pemantauan_rencana")
    select(officer, "bappeda")
    officer.locator(".djs-context-pad .entry[data-action=lane-insert-below]").click()
    menu = officer.locator(".djs-popup")
    expect(menu).to_contain_text("Pilih peran")
    expect(menu.get_by_text("Bappeda", exact=True)).to_have_count(0)
    menu.get_by_text("Inspektorat", exact=True).click()
    select(officer, "inspektorat")
    wait_saved(officer)
    stored = stored_files(palu, url)["pemantauan_rencana.bpmn"]
    assert '<bpmn:lane id="inspektorat" name="Inspektorat"' in stored
    officer.locator(".djs-container > svg").focus()
    officer.keyboard.press("Control+z")
    assert officer.evaluate("document.querySelector('[data-element-id=inspektorat]')") is None


def test_what_is_drawn_gets_a_word_for_its_id(palu: Live, officer: Page) -> None:
    url = begin_draft(officer, "pemantauan_rencana")
    officer.locator(".djs-palette .entry[data-action='create.user']").click()
    officer.mouse.move(400, 300)
    officer.mouse.click(700, 420)
    made = officer.evaluate(
        "document.getElementById('studio').studio.modeler.get('selection').get()[0]?.id"
    ) or officer.evaluate(
        "document.getElementById('studio').studio.modeler.get('elementRegistry')"
        ".find((one) => /^Activity_/.test(one.id)).id"
    )
    rename(officer, made, "Survei lapangan bersama warga")
    wait_saved(officer)
    text = stored_files(palu, url)["pemantauan_rencana.bpmn"]
    assert '<bpmn:userTask id="survei_lapangan_bersama_warga" name="Survei lapangan bersama warga"' in text
    assert made not in text


def test_the_keyboard_reaches_and_moves(officer: Page) -> None:
    begin_draft(officer)
    select(officer, "verifikasi")
    where = "document.getElementById('studio').studio.modeler.get('elementRegistry').get('verifikasi').x"
    before = officer.evaluate(where)
    officer.locator(".djs-container > svg").first.focus()
    officer.keyboard.press("Shift+ArrowRight")
    assert officer.evaluate(where) > before
    officer.keyboard.press("Control+z")
    assert officer.evaluate(where) == before
    officer.keyboard.press("?")
    expect(officer.get_by_role("dialog", name="Pintasan papan ketik")).to_be_visible()
    officer.keyboard.press("Escape")
    officer.get_by_role("tab", name="Temuan").focus()
    officer.keyboard.press("ArrowRight")
    expect(officer.get_by_role("tab", name="Coba jalankan")).to_have_attribute("aria-selected", "true")
    officer.keyboard.press("t")
    expect(officer.locator("#studio-text")).to_be_focused()


ENGLISH = re.compile(
    r"\b(Append|Create|Activate|Change|Delete|Connect|Add lane|element|Search|task|gateway)\b"
)


def test_the_libraries_speak_indonesian(officer: Page) -> None:
    begin_draft(officer)
    said = officer.locator(".djs-palette .entry").evaluate_all("all => all.map((one) => one.title)")
    select(officer, "verifikasi")
    officer.locator(".djs-context-pad .entry").first.wait_for()
    said += officer.locator(".djs-context-pad .entry").evaluate_all("all => all.map((one) => one.title)")
    officer.locator(".djs-context-pad .entry[data-action=replace]").click()
    officer.locator(".djs-popup .entry").first.wait_for()
    said.append(officer.locator(".djs-popup").inner_text())
    officer.keyboard.press("Escape")
    officer.get_by_role("button", name="Unit yang berwenang").click()
    table = officer.locator("#studio-table")
    expect(table.get_by_text("Cara memilih baris")).to_be_visible()
    said.append(table.inner_text())
    assert len(said) > 20
    assert [words for words in said if ENGLISH.search(words)] == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_editor_is_for_everybody(palu: Live, visitor: NewVisitor, width: int) -> None:
    page = visitor(width)
    sign_in(page, "bappeda1")
    begin_draft(page)
    wait_checked(page)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shoot(page, f"studio-{scheme}")
        found += [f"{scheme} {one}" for one in _barriers(page)]
    page.get_by_role("button", name="Unit yang berwenang").click()
    page.locator(".tjs-table").wait_for()
    shoot(page, "studio-tabel")
    found += _barriers(page)
    assert found == [], "\n".join(found)
    assert not overflows(page)


def _barriers(page: Page) -> list[str]:
    """As `barriers`, without the insides of the two drawing libraries."""
    page.evaluate(AXE.read_text())
    violations = page.evaluate(
        """async (rules) => (await axe.run(
             { exclude: [[".djs-container"], [".dmn-decision-table-container"]] },
             { runOnly: rules })).violations""",
        WCAG,
    )
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]
