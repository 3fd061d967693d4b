"""Nonsense and markup in what is typed on auditors' pages: answered in words, never broken, never run."""

import pytest

from app.forms.trace_search import FLAGS, NAMES
from tests.web.test_hostile import GARBAGE, MARKUP, RAW, as_served, in_words

__all__ = ["as_served"]
PLACES = ("/jejak", "/jejak/jalur", "/audit/ekspor", "/audit/pembacaan", "/audit/peristiwa.jsonl")
TYPED = (*NAMES, "nomor", "sampai", "bentuk", "kunci", "urut", "setelah", "sebelum")


@pytest.mark.usefixtures("as_served")
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_addresses_is_answered_in_words(desks, garbage):
    desks.send()
    browser = desks.officer("inspektur")
    for path in PLACES:
        whole = "&".join(f"{name}={garbage}" for name in TYPED)
        in_words(browser.get(f"{path}?{whole}"), (path, "all"))
        for name in TYPED:
            in_words(browser.get(f"{path}?{name}={garbage}"), (path, name))
    for path in (f"/jejak/{garbage}", f"/audit/{garbage}/bundle.zip", f"/audit/peristiwa.{garbage}",
                 f"/audit/ekspor/{garbage}.json", f"/hambatan/{garbage}/1", f"/hambatan/pengaduan/{garbage}"):
        in_words(browser.get(path), path)


@pytest.mark.usefixtures("as_served")
def test_markup_that_was_typed_is_shown_as_text(desks):
    report, _secret = desks.send()
    browser = desks.officer("inspektur")
    for path in PLACES:
        for name in TYPED:
            answer = browser.get(path, query_string={name: MARKUP})
            in_words(answer, (path, name))
            if answer.mimetype == "text/html":
                for raw in RAW:
                    assert raw not in answer.text, (path, name)
    fields = {name: MARKUP for name in TYPED if name not in FLAGS}
    for data in (fields, {**fields, "bentuk": "csv"}, {"bentuk": "csv", "kunci": MARKUP, "nomor": MARKUP}):
        answer = browser.post("/audit/ekspor", data=data)
        in_words(answer, data)
        if answer.mimetype == "text/html":
            assert not any(raw in answer.text for raw in RAW)
    taken = browser.post(f"/audit/{report.number}/bundle.zip", data={"tujuan": MARKUP})
    assert taken.status_code == 200
    for page in (browser.get("/audit/pembacaan"), browser.get(f"/jejak/{report.number}")):
        assert not any(raw in page.text for raw in RAW)
