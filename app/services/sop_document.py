"""The SOP as it is printed, compared and read aloud, made from the very files that run.

What is published was checked and is set at once; files as they stand in a browser are read in a child process
that may be stopped.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.adapters.typeset import typeset, typeset_cover
from app.adapters.typeset_html import typeset_html
from app.domain.errors import Invalid
from app.domain.words import told
from app.engine.compiled import Source
from app.engine.difference import difference
from app.engine.document import NothingToPrint, SopDocument, sop_document
from app.engine.drawing import draw
from app.engine.markup import UnreadableMarkup
from app.engine.references import references
from app.engine.text_walk import text_walk, ways_in_words
from app.services.sop_belongings import completed


class CannotBeShown(Invalid):
    """The files as they stand give no document: they cannot be read, or reading them was stopped."""

    text = told("Berkas SOP ini belum dapat dibaca. Lihat temuannya, perbaiki, lalu coba lagi.")


def document_pdf(sources: Sequence[Source], key: str, *, version: int | None = None) -> bytes:
    """The printed SOP of published files; the same files and number give the same bytes. Without a number
    its footer says that it is a draft. Raises NothingToPrint."""
    return typeset(sop_document(sources, key), version=version)


def document_hash(sources: Sequence[Source], key: str, *, version: int | None = None) -> str:
    """SHA-256 of `document_pdf`, for the record of the approval."""
    return hashlib.sha256(document_pdf(sources, key, version=version)).hexdigest()


def cover_pdf(
    sources: Sequence[Source], key: str, facts: Sequence[tuple[str, str]], *, version: int
) -> bytes:
    """The sheet with the facts of the approval, (heading, text); it is no part of what is hashed."""
    return typeset_cover(sop_document(sources, key), facts, version=version)


def document_html(sources: Sequence[Source], key: str, *, version: int | None = None) -> str:
    """The printed SOP as one HTML file, with words where the PDF has arrows. Raises NothingToPrint."""
    return typeset_html(document_page(sources, key), version=version)


def document_page(sources: Sequence[Source], key: str) -> dict[str, Any]:
    """The same document as plain values for a page. Raises NothingToPrint."""
    return page_of(sop_document(sources, key))


def page_of(document: SopDocument) -> dict[str, Any]:
    """A document in plain JSON; each row also says its arrows in words (`ways`)."""
    page = asdict(document)
    for part, shown in zip(document.parts, page["parts"], strict=True):
        for place, row in enumerate(shown["rows"]):
            row["ways"] = ways_in_words(part, place)
    return page


def draft_pdf(files: Mapping[str, str], main: str, published: Sequence[Source]) -> bytes:
    """The document of files as they stand in a browser. Raises CannotBeShown."""
    return b64decode(_in_child(_pdf_of, *_given(files, main, published)))


def draft_page(files: Mapping[str, str], main: str, published: Sequence[Source]) -> dict[str, Any]:
    """`page_of` for files as they stand in a browser. Raises CannotBeShown."""
    page: dict[str, Any] = _in_child(_page_of, *_given(files, main, published))
    return page


def draft_text(files: Mapping[str, str], main: str, published: Sequence[Source]) -> list[dict[str, Any]]:
    """The text walk of files as they stand in a browser: `depth`, `element`, `text`. Raises CannotBeShown."""
    lines: list[dict[str, Any]] = _in_child(_text_of, *_given(files, main, published))
    return lines


def whole(files: Mapping[str, str], main: str, published: Sequence[Source]) -> list[Source]:
    """The files of an SOP with what they need from those published; the diagram first."""
    names = sorted(files, key=lambda name: (name != main, name))
    return completed([Source(name, files[name].encode("utf-8")) for name in names], published)


def compared(old: Sequence[Source], new: Sequence[Source]) -> dict[str, Any]:
    """`Difference.told()` with `pictures`: SVG of the older and the newer diagram with everything different
    marked (empty where a file carries no layout). Read in a child. Raises CannotBeShown."""
    told_: dict[str, Any] = _in_child(_difference_of, [(one.name, one.content) for one in old],
                                      [(one.name, one.content) for one in new])
    return told_


def _given(files: Mapping[str, str], main: str,
           published: Sequence[Source]) -> tuple[list[tuple[str, bytes]], str]:
    sources = whole(files, main, published)
    key = references(sources[0].name, sources[0].content).main or ""
    return [(one.name, one.content) for one in sources], key


def _in_child(work: Any, *given: Any) -> Any:
    try:
        made = in_sandbox(work, *given)
    except SandboxStopped as stopped:
        raise CannotBeShown from stopped
    if made is None:
        raise CannotBeShown
    return made


def _pdf_of(given: Sequence[tuple[str, bytes]], key: str) -> str | None:
    try:
        return b64encode(document_pdf([Source(*one) for one in given], key)).decode("ascii")
    except NothingToPrint:
        return None


def _page_of(given: Sequence[tuple[str, bytes]], key: str) -> dict[str, Any] | None:
    try:
        return document_page([Source(*one) for one in given], key)
    except NothingToPrint:
        return None


def _text_of(given: Sequence[tuple[str, bytes]], key: str) -> list[dict[str, Any]]:
    return [asdict(line) for line in text_walk([Source(*one) for one in given], key)]


def _difference_of(old: Sequence[tuple[str, bytes]], new: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    before, after = [Source(*one) for one in old], [Source(*one) for one in new]
    found = difference(before, after)
    back = {new_place: old_place for old_place, new_place in found.renamed.items()}
    older = {back.get(place, place): state for place, state in found.elements.items() if state != "added"}
    newer = {place: state for place, state in found.elements.items() if state != "removed"}
    return {**found.told(), "pictures": {"old": _picture(before, older, "lama"),
                                        "new": _picture(after, newer, "baru")}}


def _picture(sources: Sequence[Source], places: Mapping[str, str], anchor: str) -> str:
    """The main diagram with its marks; `places` are `process/id`. Elements are linked to as `anchor-id`."""
    if not sources:
        return ""
    key = references(sources[0].name, sources[0].content).main
    marks = {place.partition("/")[2]: state for place, state in places.items()
             if place.partition("/")[0] == key}
    try:
        return draw(sources[0].content, process=key, marks=marks, anchor=anchor)
    except UnreadableMarkup:
        return ""


__all__ = [
    "CannotBeShown",
    "NothingToPrint",
    "compared",
    "cover_pdf",
    "document_hash",
    "document_html",
    "document_page",
    "document_pdf",
    "draft_page",
    "draft_pdf",
    "draft_text",
    "page_of",
    "whole",
]
