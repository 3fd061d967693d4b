"""The document that is signed is made from the files that run, and kept beside the shipped ones."""

from __future__ import annotations

import hashlib

import pytest

from app.engine.compiled import Source
from app.services.sop_document import (
    CannotBeShown,
    compared,
    cover_pdf,
    document_hash,
    document_html,
    document_pdf,
    draft_page,
    draft_pdf,
    draft_text,
)
from scripts.write_documents import ROOT, documents

BPMN = ROOT / "bpmn"
BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">%s]><l>&h;</l>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(7))


def shipped(key: str) -> list[Source]:
    return [Source(name, (BPMN / name).read_bytes())
            for name in (f"{key}.bpmn", "tenggat.dmn", "rute_opd.dmn")]


def test_the_documents_of_the_shipped_sops_are_those_of_their_diagrams() -> None:
    stale = [str(path.relative_to(ROOT)) for path, content in documents()
             if not path.exists() or path.read_bytes() != content]
    assert not stale, f"{stale}: run `python -m scripts.write_documents`"


def test_no_document_lies_about_without_its_diagram() -> None:
    kept = {path.stem for path in (ROOT / "docs" / "sop").glob("*.pdf")}
    assert kept == {path.stem for path in BPMN.glob("*.bpmn")}


def test_the_hash_in_the_approval_is_that_of_the_very_bytes() -> None:
    files = shipped("pemantauan_rencana")
    pdf = document_pdf(files, "pemantauan_rencana", version=4)
    assert document_hash(files, "pemantauan_rencana", version=4) == hashlib.sha256(pdf).hexdigest()
    assert document_hash(files, "pemantauan_rencana", version=5) != hashlib.sha256(pdf).hexdigest()


def test_the_facts_of_the_approval_are_no_part_of_what_is_hashed() -> None:
    files = shipped("pemantauan_rencana")
    before = document_hash(files, "pemantauan_rencana", version=4)
    one = cover_pdf(files, "pemantauan_rencana", [("Ditetapkan oleh", "Sekda"), ("Sidik", before)], version=4)
    other = cover_pdf(files, "pemantauan_rencana", [("Ditetapkan oleh", "Asisten")], version=4)
    assert one.startswith(b"%PDF-")
    assert one != other
    assert document_hash(files, "pemantauan_rencana", version=4) == before


def test_the_version_that_runs_is_in_the_footer_of_both_forms() -> None:
    text = document_html(shipped("aspirasi"), "aspirasi", version=7)
    assert "versi 7" in text
    assert "konsep" in document_html(shipped("aspirasi"), "aspirasi").split("<table")[0]


@pytest.mark.parametrize("content", [
    pytest.param(BOMB, id="bomb"), pytest.param(b"<x", id="torn"), pytest.param(b"", id="empty"),
    pytest.param(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
                 id="entity"),
])  # fmt: skip
def test_whatever_file_is_uploaded_the_answer_is_words(content: bytes) -> None:
    files = {"a.bpmn": content.decode()}
    for make in (draft_pdf, draft_page):
        with pytest.raises(CannotBeShown):
            make(files, "a.bpmn", [])
    assert draft_text(files, "a.bpmn", []) == []
    told = compared(shipped("aspirasi"), [Source("a.bpmn", content)])
    assert "Proses “Penanganan aspirasi” dihapus." in [one["sentence"] for one in told["changes"]]


def test_pictures_of_a_comparison_carry_what_came_and_went_on_their_own_side() -> None:
    old = shipped("pemantauan_rencana")
    new = [Source(old[0].name, old[0].content.replace(b"hari_kerja(batas_rencana)", b"hari_kerja(9)")),
           *old[1:]]
    found = compared(old, new)
    for side in ("old", "new"):
        assert found["pictures"][side].count('is-changed"') == len(found["changes"]) == 2
    assert "(diubah)" in found["pictures"]["new"]
