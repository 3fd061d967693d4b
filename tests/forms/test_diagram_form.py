"""Bappeda adds a field to the diagram and the form has it: every type, in words, without JavaScript."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html
from werkzeug.datastructures import MultiDict

from app.engine.declaration import FIELD_TYPES, Field, Option, Task
from app.forms.attachments import Upload
from app.forms.conditions import condition_tree
from app.forms.diagram import DiagramForm, diagram_form, form_class

FUNCTIONS = {"len": len, "hari_ini": lambda: "2026-03-17"}
TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
OPTIONS = (Option("selesai", "Selesai"), Option("bukan_wewenang", "Bukan wewenang kami"))
FIELDS = (
    Field("hasil", "choice", "Hasil", required=True, options=OPTIONS),
    Field(
        "opd_usulan",
        "unit",
        "Pemilik yang benar",
        required_when="hasil == 'bukan_wewenang'",
        visible_when="hasil == 'bukan_wewenang'",
    ),
    Field(
        "uraian",
        "text",
        "Apa yang dikerjakan",
        required=True,
        min_length=20,
        help="Tulis untuk warga.",
        public=True,
    ),
    Field("foto_sesudah", "photo", "Foto sesudah", min="1", max="5", required_when="hasil == 'selesai'"),
    Field("data", "string", "Catatan"),
    Field("errors", "boolean", "Sudah aman"),
)
PHOTOS = {"foto_sesudah": [Upload("11", "/foto/11", "Foto ke-1"), Upload("12", "/foto/12", "Foto ke-2")]}
UNITS = {"unit": [("DPU", "Dinas Pekerjaan Umum"), ("DLH", "Dinas Lingkungan Hidup")]}
SENT = [
    ("hasil", "selesai"),
    ("uraian", "Lubang di jalan sudah\r\nditambal."),
    ("foto_sesudah", "12"),
    ("errors", "false"),
]


def task(fields: tuple[Field, ...], role: str = "operator_opd") -> Task:
    return Task(
        element="tindak_lanjut", process="pengaduan", name="Menindaklanjuti", role=role, fields=fields
    )


def make(
    fields: tuple[Field, ...] = FIELDS,
    sent: list[tuple[str, str]] | None = None,
    role: str = "operator_opd",
    **more: object,
) -> DiagramForm:
    given = {
        "variables": {"jenis": "pengaduan"},
        "functions": FUNCTIONS,
        "choices": UNITS,
        "uploads": PHOTOS,
        **more,
    }
    formdata = None if sent is None else MultiDict(sent)
    return diagram_form(task(fields, role), formdata=formdata, **given)  # type: ignore[arg-type]


def page(form: DiagramForm) -> html.HtmlElement:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset"] = lambda name: f"/static/{name}"
    template = environment.from_string(
        "{% from 'components/fields.html' import fields, form_errors with context %}"
        "<form novalidate>{{ form_errors(form) }}{{ fields(form) }}</form>"
    )
    return html.document_fromstring(template.render(form=form))


def one(tree: html.HtmlElement, path: str) -> html.HtmlElement:
    (found,) = tree.xpath(path)
    return found


def test_what_was_typed_becomes_typed_answers() -> None:
    form = make(sent=SENT)
    assert form.validate()
    assert form.answers() == {
        "hasil": "selesai",
        "opd_usulan": None,
        "uraian": "Lubang di jalan sudah\nditambal.",
        "foto_sesudah": ["12"],
        "data": None,
        "errors": False,
    }


def test_faults_hang_on_their_fields_and_nothing_typed_is_lost() -> None:
    form = make(sent=[("hasil", "bukan_wewenang"), ("uraian", "Pendek"), ("data", "<b>catatan</b>")])
    assert not form.validate()
    assert [jump for jump, _ in form.summary] == ["isian-opd_usulan", "isian-uraian"]
    with pytest.raises(ValueError, match="faults"):
        form.answers()
    assert form.typed()["uraian"] == "Pendek"
    tree = page(form)
    for jump, sentence in form.summary:
        assert one(tree, f"//div[@role='alert']//a[@href='#{jump}']").text == sentence
        control = one(tree, f"//*[@id='{jump}']")
        assert control.get("aria-invalid") == "true"
        assert f"{jump}-galat" in control.get("aria-describedby", "").split()
    assert one(tree, "//textarea").text.strip() == "Pendek"
    assert one(tree, "//input[@name='data']").get("value") == "<b>catatan</b>"


def test_only_what_this_page_offered_can_be_referred_to() -> None:
    strange = make(sent=[("hasil", "bukan_wewenang"), ("opd_usulan", "SETDA"), ("uraian", "x" * 20)])
    assert not strange.validate()
    assert [field for field, _ in strange.summary] == ["isian-opd_usulan"]
    foreign = make(sent=[*SENT, ("foto_sesudah", "99")])
    assert not foreign.validate()
    assert [field for field, _ in foreign.summary] == ["isian-foto_sesudah"]


def test_a_photo_sent_without_scripts_counts_at_once_and_a_removed_tick_takes_it_away() -> None:
    fresh = {
        "foto_sesudah": [
            Upload("11", "/foto/11", "Foto ke-1"),
            Upload("13", "/foto/13", "Foto ke-2", fresh=True),
        ]
    }
    form = make(sent=[pair for pair in SENT if pair[0] != "foto_sesudah"], uploads=fresh)
    assert form.validate()
    assert form.answers()["foto_sesudah"] == ["13"]


def test_a_draft_fills_the_form_even_where_it_is_wrong() -> None:
    fields = (
        Field("jumlah", "integer", "Jumlah"),
        Field("saat", "datetime", "Saat"),
        Field("titik", "location", "Titik"),
    )
    form = make(fields, draft={"jumlah": "lima", "saat": "2026-03-17T02:05:00+00:00", "titik": 5})
    tree = page(form)
    assert one(tree, "//input[@name='jumlah']").get("value") == "lima"
    assert one(tree, "//input[@name='saat']").get("value") == "2026-03-17T10:05"
    again = make(
        fields,
        sent=[
            ("jumlah", "1.500"),
            ("saat", "2026-03-17T10:05"),
            ("titik__lat", "-0,9"),
            ("titik__lng", "119.87"),
        ],
    )
    assert again.validate()
    assert again.answers() == {
        "jumlah": 1500,
        "saat": "2026-03-17T10:05:00+08:00",
        "titik": {"lat": -0.9, "lng": 119.87},
    }


def test_defaults_stand_in_a_fresh_form_and_may_be_emptied() -> None:
    fields = (Field("tanggal", "date", "Tanggal", default="hari_ini()"),)
    assert one(page(make(fields)), "//input[@name='tanggal']").get("value") == "2026-03-17"
    emptied = make(fields, sent=[("tanggal", "")])
    assert emptied.validate()
    assert emptied.answers() == {"tanggal": None}


def test_a_field_the_server_knows_is_not_asked_is_not_on_the_page() -> None:
    fields = (Field("alasan", "string", "Alasan", visible_when="jenis == 'aspirasi'", required=True),)
    form = make(fields, sent=[])
    assert not page(form).xpath("//input")
    assert form.validate()
    assert form.answers() == {"alasan": None}


def test_conditions_over_the_form_go_to_the_browser_as_data() -> None:
    block = one(page(make()), "//div[@data-visible-when]")
    assert json.loads(block.get("data-visible-when")) == {
        "op": "==",
        "of": [{"field": "hasil"}, {"value": "bukan_wewenang"}],
    }
    assert block.get("data-visible-now") == "false"
    assert "Hasil: Bukan wewenang kami" in one(block, ".//noscript").text_content()
    assert condition_tree("a in ['x', b] and not len(foto) > 2", {"a", "foto"}, {"b": 1}) == {
        "op": "and",
        "of": [
            {"op": "in", "of": [{"field": "a"}, {"op": "list", "of": [{"value": "x"}, {"value": 1}]}]},
            {
                "op": "not",
                "of": [{"op": ">", "of": [{"op": "len", "of": [{"field": "foto"}]}, {"value": 2}]}],
            },
        ],
    }
    assert condition_tree("a + 1 > hari_ini()", {"a"}, {}) is None
    assert condition_tree("a == tak_ada", {"a"}, {}) is None


def test_every_text_says_whom_it_reaches() -> None:
    words = page(make()).text_content()
    assert "Publik: dapat dibaca siapa saja." in words
    assert "Internal: hanya dibaca petugas." in words
    assert "Terlihat pelapor" in page(make(role="pelapor")).text_content()
    private = (Field("nama", "string", "Nama", public=True, personal=True),)
    assert "Publik" not in page(make(private)).text_content()


@pytest.mark.parametrize("type_", FIELD_TYPES)
@pytest.mark.parametrize(
    "sent", [None, [], [("isian", "nonsens"), ("isian__lat", "nan"), ("isian__lng", "x")]]
)
def test_every_type_has_a_control_with_a_name_and_survives_nonsense(
    type_: str, sent: list[tuple[str, str]] | None
) -> None:
    declared = Field("isian", type_, "Isian", required=True, help="Bantuan", options=OPTIONS)
    form = make((declared,), sent=sent)
    form.validate()
    json.dumps(form.typed(), allow_nan=False)
    tree = page(form)
    if type_ == "info":
        assert "Bantuan" in tree.text_content()
        return
    controls = tree.xpath("//input | //select | //textarea")
    assert controls
    for control in controls:
        labelled = tree.xpath(f"//label[@for='{control.get('id')}']")
        assert labelled
        assert control.get("name").startswith("isian")
    assert "wajib" in tree.text_content()
    described = list(tree.xpath("//@aria-describedby"))
    assert described
    for identifier in " ".join(described).split():
        assert one(tree, f"//*[@id='{identifier}']").text_content().strip()
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_many_options_become_a_list_to_open_with_groups() -> None:
    groups = {
        "kelurahan": [
            ("1", "Besusu Barat", "Palu Timur"),
            ("2", "Lolu Utara", "Palu Timur"),
            ("3", "Tipo", "Ulujadi"),
        ]
    }
    tree = page(
        make((Field("kelurahan", "kelurahan", "Kelurahan"),), choices=groups, draft={"kelurahan": "3"})
    )
    assert tree.xpath("//optgroup/@label") == ["Palu Timur", "Ulujadi"]
    assert tree.xpath("//option[@selected]/@value") == ["3"]


def test_nothing_inline_and_equal_declarations_share_a_class() -> None:
    text = html.tostring(page(make()), encoding="unicode")
    assert not re.search(r"<script|<style|\son\w+=|\sstyle=", text)
    assert form_class(FIELDS, "operator_opd") is form_class(tuple(FIELDS), "operator_opd")
