"""The preview of a form is the form itself: the same words, inputs and conditions as on the task's page."""

from __future__ import annotations

import pytest
from lxml import etree, html

from tests.web.desks import Desks

SOP = "{urn:tuntas:sop:1}"
ADDRESS = "/studio/pratinjau.json"


@pytest.fixture
def desks(app, session, clock, still_clock):
    return Desks(app, session, clock)


def drawn(page):
    """(classes, label, names of inputs, condition) of each field, in order."""
    return [
        (
            " ".join(sorted(set(field.get("class").split()) - {"field--error"})),
            " ".join("".join(field.xpath("(.//*[self::label or self::legend])[1]//text()")).split()),
            tuple(sorted({one.get("name") for one in field.xpath(".//*[@name]")})),
            field.get("data-visible-when"),
        )
        for field in html.fromstring(page).xpath("//*[contains(concat(' ', @class, ' '), ' field ')]")
    ]


def declared(text, task):
    """The fields of a task as the editor sends them."""
    node = next(one for one in etree.fromstring(text.encode()).iter("{*}userTask") if one.get("id") == task)
    return [
        {**dict(field.attrib), "options": [dict(one.attrib) for one in field.iter(f"{SOP}option")]}
        for field in node.iter(f"{SOP}field")
    ]


def test_the_preview_is_what_the_task_page_shows(desks):
    desks.send()
    task = desks.item("verifikasi").id
    desks.session.rollback()
    page = desks.officer("admin").get(f"/tugas/{task}").text
    writer = desks.officer("perencana")
    begun = writer.post("/studio/konsep", data={"cara": "versi", "kunci": "pengaduan", "versi": 1})
    draft = writer.get(f"{begun.headers['Location']}/isi.json").json
    fields = declared(draft["files"][draft["main"]], "verifikasi")

    answer = writer.post(ADDRESS, json={"fields": fields, "role": "admin_kominfo"})

    assert answer.status_code == 200, answer.text
    shown = drawn(answer.json["html"])
    assert len(shown) == len(fields) >= 2
    assert shown == [one for one in drawn(page) if one[2] in {each[2] for each in shown}]


@pytest.mark.parametrize(
    "sent",
    [
        [], "x", {},
        {"fields": "x"}, {"fields": [1]}, {"fields": [{"id": 1}]}, {"fields": [{"options": "x"}]},
        {"fields": [{"options": [{"value": 1}]}]}, {"fields": [], "role": 7}, {"fields": [{"id": "a"}] * 200},
        {"fields": [{"id": "a", "label": "x" * 5000}]},
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_in_words(desks, sent):
    answer = desks.officer("perencana").post(ADDRESS, json=sent)
    assert answer.status_code == 422, answer.text
    assert "Muat ulang halaman" in answer.text


def test_a_half_written_form_is_shown_as_far_as_it_goes(desks):
    fields = [
        {"id": "", "type": "tidak_ada", "label": "Tanpa nama"},
        {"id": "a", "type": "choice", "label": "Pilih", "visibleWhen": "b ==", "requiredWhen": "${x}"},
        {"id": "a", "type": "text", "label": "Sama namanya"},
        {"id": "c", "type": "integer", "label": "<script>alert(1)</script>", "default": "1/0", "min": "x",
         "maxLength": "9" * 30},
        {"id": "d", "type": "date", "label": "Kapan", "default": "hari_ini()", "visibleWhen": "c > 3"},
    ]  # fmt: skip
    answer = desks.officer("perencana").post(ADDRESS, json={"fields": fields, "role": None})
    assert answer.status_code == 200, answer.text
    assert "<script" not in answer.json["html"]
    assert [label for _, label, _, _ in drawn(answer.json["html"])] == [
        "Tanpa nama wajib", "Pilih wajib", "<script>alert(1)</script> wajib", "Kapan wajib",
    ]  # fmt: skip


def test_a_stranger_sees_no_preview(desks):
    answer = desks.stranger().post(ADDRESS, json={"fields": []})
    assert answer.status_code in (302, 401)
