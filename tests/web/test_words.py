"""Every word of a page can be said in English, and nothing on a page is beyond the translators' reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes

from app.domain.words import dated, joined, told
from app.i18n import translated
from scripts.words import ROOT, catalogue_of, texts_in_code

LEGAL = {"_document.html"}
"""The printed SOP: an Indonesian document whose words a regulation sets (`lang="id"` in any interface)."""
TEMPLATES = sorted(p for p in (ROOT / "app" / "templates").rglob("*.html") if p.name not in LEGAL)
SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label"}
SAME_EVERYWHERE = {"Enter", "Ctrl", "LW", "SHA", "SOP", "Tuntas"}
"""Keys of the keyboard, examples, names."""
CLASSES = re.compile(r"{% block (?:body|page)_class %}.*?{% endblock %}")
"""Blocks that fill a `class`, read by nobody."""
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
"""Macros that write only attributes look like text."""
GAP = "\N{REPLACEMENT CHARACTER}"


@pytest.fixture(scope="module")
def english() -> Catalog:
    return catalogue_of("en")


def said(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_text_in_code_has_an_english_one(english: Catalog) -> None:
    missing = {}
    for found in texts_in_code():
        message = english.get(found.message if isinstance(found.message, str) else found.message[0])
        if message is None or message.fuzzy or not all(said(message)):
            missing[found.message] = f"{found.file}:{found.line}"
    assert not missing, "run `make words`, then write these in English"


def test_an_english_text_fills_in_the_same_values(english: Catalog) -> None:
    def blanks(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)\w|%%", text))

    for message in english:
        if message.id and "python-format" in message.flags:
            first = message.id[0] if isinstance(message.id, tuple) else message.id
            assert [blanks(text) for text in said(message)] == [blanks(first)] * len(said(message)), first


class Visible(HTMLParser):
    """What people see or hear of a template, apart from what it fills in."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(source)

    def handle_data(self, data: str) -> None:
        self.words += re.findall(r"[^\W\d_]{2,}", ATTRIBUTE.sub("", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES and value:
                self.handle_data(value)


def plain_markup(environment: Environment, source: str) -> str:
    """The template with a gap for every expression and nothing for every statement."""
    parts = {"data": lambda text: text, "variable_begin": lambda _text: GAP}
    return "".join(parts[kind](text) for _, kind, text in environment.lex(source) if kind in parts)


def loose_texts(tree: nodes.Template) -> Iterator[str]:
    """Texts in expressions that look like a sentence or a title, but are not handed to gettext."""
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    handed = {id(text) for call in calls if call.node.name in ("_", "ngettext") for text in call.args}
    for text in tree.find_all(nodes.Const):
        if isinstance(text.value, str) and id(text) not in handed and re.match(r"[A-Z][a-z]", text.value):
            yield text.value


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name + "/" + path.name)
def test_a_template_shows_no_word_that_cannot_be_translated(app: Flask, path: Path) -> None:
    source = CLASSES.sub("", path.read_text(encoding="utf-8"))
    seen = set(Visible(plain_markup(app.jinja_env, source)).words) - SAME_EVERYWHERE
    loose = set(loose_texts(app.jinja_env.parse(source))) - SAME_EVERYWHERE
    assert not seen | loose


def test_scripts_say_the_same_things_in_both_languages() -> None:
    written = (ROOT / "frontend" / "words.js").read_text(encoding="utf-8")
    indonesian, in_english = (
        {
            key: sorted(re.findall(r"{\w+}", text))
            for key, text in re.findall(r'^    (\w+): "(.*)",$', part, re.M)
        }
        for part in re.split(r"^  en: {$", written.partition("export function")[0], flags=re.M)
    )
    assert indonesian == in_english


def test_a_visitor_changes_the_language_of_the_visit_by_a_plain_link(client: FlaskClient) -> None:
    first = client.get("/lacak?nomor=LW")
    assert '<html lang="id">' in first.text
    assert 'href="?nomor=LW&amp;bahasa=en"' in first.text
    assert '<html lang="en">' in client.get("/lacak?nomor=LW&bahasa=en").text
    later = client.get("/lapor")
    assert '<html lang="en">' in later.text
    assert "Make a report" in later.text
    assert "Lacak laporan" in client.get("/lacak?bahasa=id").text


def test_the_switch_on_an_answer_to_a_sent_form_leads_to_a_page(client: FlaskClient) -> None:
    answer = client.post("/lacak/kirim-ulang", data={"nomor": "x", "kontak": "y"})
    assert 'href="/?bahasa=en"' in answer.text


def test_a_form_says_what_is_wrong_in_the_language_of_the_page(client: FlaskClient) -> None:
    client.get("/lapor?bahasa=en")
    answer = client.post("/lapor", data={"kind": "pengaduan", "description": "jalan"})
    assert answer.status_code == 422
    assert "Tell us a little more: at least 10 characters." in answer.text
    assert "Ceritakan sedikit lebih banyak" not in answer.text


def test_a_rules_sentence_keeps_its_values_in_another_language(app: Flask) -> None:
    sentence = told("Paling banyak %(n)s foto.", n=5)
    assert sentence == "Paling banyak 5 foto."
    with app.test_request_context("/?bahasa=en"):
        app.preprocess_request()
        assert translated(sentence) == "At most 5 photos."
        assert translated("Kalimat seorang warga, 100% asli.") == "Kalimat seorang warga, 100% asli."
        assert translated("") == ""


def test_what_sentences_are_made_of_is_said_in_the_language_of_the_page_too(app: Flask) -> None:
    sent = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
    many = told("Paling banyak %(n)s foto.", n=5)
    made = {
        joined("\n", ["Lampu 100% padam %(n)s", many]): (
            "Lampu 100% padam %(n)s\nPaling banyak 5 foto.", "Lampu 100% padam %(n)s\nAt most 5 photos.",
        ),
        joined("\n", []): ("", ""),
        told("%(name)s: %(at)s", name="A", at=dated("17 Maret 2026 pukul 10.05", sent)): (
            "A: 17 Maret 2026 pukul 10.05", "A: Tuesday, 17 March 2026, 10:05 WITA",
        ),
        dated("17 Maret 2026", sent.date()): ("17 Maret 2026", "17 March 2026"),
    }  # fmt: skip
    for said, (indonesian, english_words) in made.items():
        assert said == indonesian
        with app.test_request_context("/?bahasa=en"):
            app.preprocess_request()
            assert translated(said) == english_words
