"""In the studio one sees what a draft changes, reads the document it would become, and the SOP as text."""

from __future__ import annotations

import re

import pytest
from lxml import html

from app.services import sop_versions
from tests.web.test_studio_drafts import begun, content
from tests.web.test_studio_drafts import desks as desks_with_writer

desks = desks_with_writer
BROKEN = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


@pytest.fixture
def writer(desks):
    return desks.officer("perencana")


@pytest.fixture
def draft(writer):
    return content(writer, begun(writer))


def sent(draft, change=lambda text: text, **more):
    files = {**draft["files"], draft["main"]: change(draft["files"][draft["main"]])}
    return {"files": files, "main": draft["main"], **more}


def words(answer):
    return [one.text_content().strip()
            for one in html.fromstring(answer.json["html"]).find_class("difference__words")]


def rename(text):
    return re.sub(r'(<bpmn:process [^>]*name=")[^"]*', r"\g<1>SOP yang lain", text)


def test_a_draft_is_compared_with_the_version_in_force(writer, draft):
    same = writer.post("/studio/banding.json", json=sent(draft))
    assert same.status_code == 200, same.text
    assert same.json["against"] == 1
    assert same.json["difference"]["changes"] == []
    assert "Tidak ada perbedaan isi" in same.json["html"]
    other = writer.post("/studio/banding.json", json=sent(draft, rename))
    assert words(other) == ["Nama SOP “SOP pendek” → “SOP yang lain”."]


def test_a_draft_is_compared_with_another_citys_package(writer, draft):
    theirs = sent(draft, lambda text: text.replace("hari_kerja(", "hari("))
    answer = writer.post("/studio/banding.json", json=sent(draft, old=theirs))
    assert answer.status_code == 200, answer.text
    assert answer.json["against"] is None
    assert any("hari kerja" in one for one in words(answer)) or words(answer) == []


def test_a_draft_that_cannot_be_read_is_said_in_words(writer, draft):
    answer = writer.post("/studio/banding.json", json=sent(draft, lambda _text: BROKEN))
    assert answer.status_code == 200, answer.text
    assert any("belum dapat dibaca" in one for one in words(answer))
    for address in ("dokumen.pdf", "dokumen.html", "teks.json"):
        answer = writer.post(
            f"/studio/{address}", json=sent(draft, lambda _text: BROKEN),
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code in (200, 422), address
        assert "Traceback" not in answer.text
        if answer.status_code == 422:
            assert "belum dapat dibaca" in answer.json["error"]


def test_the_document_of_a_draft_is_shown_and_given_as_pdf(writer, draft):
    page = writer.post("/studio/dokumen.html", json=sent(draft))
    assert page.status_code == 200, page.text
    tree = html.fromstring(page.json["html"])
    assert "konsep" in tree.find_class("sop-doc__print")[0].text_content()
    assert tree.xpath("//thead//th[@scope='colgroup']")[0].text_content() == "Pelaksana"
    assert tree.find_class("sop-doc__ways")
    pdf = writer.post("/studio/dokumen.pdf", json=sent(draft))
    assert pdf.status_code == 200
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.data == writer.post("/studio/dokumen.pdf", json=sent(draft)).data


def test_a_draft_is_read_as_text(writer, draft):
    answer = writer.post("/studio/teks.json", json=sent(draft))
    lines = answer.json["lines"]
    assert lines[0]["depth"] == 0
    assert [line for line in lines if line["depth"] == 1 and line["element"]]


def test_what_somebody_writes_into_a_diagram_stays_text(writer, draft):
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;"

    def poison(text):
        return re.sub(r'(<bpmn:userTask [^>]*name=")[^"]*', rf"\g<1>{hostile}", text)

    for address in ("banding.json", "dokumen.html"):
        answer = writer.post(f"/studio/{address}", json=sent(draft, poison))
        assert answer.status_code == 200, answer.text
        assert "alert(1)" in answer.json["html"]
        assert "<script" not in answer.json["html"]
        assert "<script" not in answer.json.get("old", "")


def test_every_version_has_its_document_its_text_and_its_comparison(desks, session, writer):
    pdf = writer.get("/studio/pengaduan/versi/1/dokumen.pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"] == 'inline; filename="SOP-pengaduan-versi-1.pdf"'
    cover = writer.get("/studio/pengaduan/versi/1/lembar-penetapan.pdf")
    assert cover.data.startswith(b"%PDF-")
    assert cover.data != pdf.data
    assert writer.get("/studio/pengaduan/versi/9/lembar-penetapan.pdf").status_code == 404
    page = writer.get("/studio/pengaduan/versi/1/dokumen")
    assert "versi 1" in html.fromstring(page.text).find_class("sop-doc__print")[0].text_content()
    text = html.fromstring(writer.get("/studio/pengaduan/versi/1/teks").text)
    assert text.find_class("text-walk__step")
    row = session.get(sop_versions.SopVersion, sop_versions.version_in_force(
        session, "pengaduan", desks.clock()))
    changed = [type(one)(one.name, rename(one.content.decode()).encode())
               for one in sop_versions.sources_of(row)]
    sop_versions.publish(session, changed, by=row.author_id, approved_by=row.approver_id, basis="Perwal uji",
                         now=desks.clock())
    session.commit()
    compared = html.fromstring(writer.get("/studio/pengaduan/banding").text)
    assert [one.text_content() for one in compared.find_class("difference__words")] == [
        "Nama SOP “SOP pendek” → “SOP yang lain”."]
    assert writer.get("/studio/pengaduan/banding?lama=1&baru=9").status_code == 404


def test_a_visitor_sees_none_of_it(desks, draft):
    for address in ("/studio/pengaduan/versi/1/dokumen.pdf", "/studio/pengaduan/banding",
                    "/studio/pengaduan/versi/1/teks"):
        answer = desks.app.test_client().get(address)
        assert answer.status_code in (302, 303, 401), address
        assert "SOP pendek" not in answer.text
