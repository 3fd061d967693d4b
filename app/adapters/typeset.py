"""Sets the printed SOP as PDF with Typst: tagged (PDF/UA-1), fonts of our own, no date, no clock.

The same document gives the same bytes on every machine: system fonts are not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from app.adapters.typeset_layout import lane_groups, sheets_of
from app.adapters.typeset_page import GUTTER, HEAD, MARGIN, PAD, PAPER, TITLE, PlacedRow, Sheet
from app.adapters.typeset_routes import route
from app.adapters.typeset_text import FONTS
from app.engine.document import Annex, Part, SopDocument
from app.engine.text_walk import ways_in_words
from app.engine.titles import capital

_TEMPLATE = Path(__file__).parent / "typst" / "sop.typ"
_SYMBOLS = {"capsule": "Kapsul", "box": "Kotak", "diamond": "Belah ketupat"}
_LISTS = frozenset({"qualification", "related", "equipment", "warning", "records"})
_TURN = 8
"""An annex with more columns than this is printed with its rows as columns."""


def typeset(document: SopDocument, *, version: int | None = None) -> bytes:
    """The whole document as PDF. `version`: number of the version in force that runs from these files; None
    for a draft."""
    sheets = [sheet for part in document.parts for sheet in drawn_sheets(part)]
    state = f"versi {version}" if version is not None else "konsep"
    return _compile({
        **_paper(document), "cover": None,
        "footer": f"SOP {document.key} · {state} · sidik isi {document.content_hash[:12]}",
        "identity": {name: _listed(name, text) for name, text in document.identity.items()},
        "legal_basis": list(document.legal_basis),
        "sheets": [_told(sheet, document) for sheet in sheets],
        "remarks": [[f"Langkah {row.row.number}, {column}", text]
                    for sheet in sheets for row in sheet.rows for column, text in row.cut],
        "annexes": [_annex(annex) for annex in document.annexes],
    })


def typeset_cover(document: SopDocument, facts: Sequence[tuple[str, str]], *, version: int) -> bytes:
    """The sheet that carries the approval's facts, (heading, text); it is no part of the hashed body."""
    return _compile({
        **_paper(document), "cover": [list(fact) for fact in facts],
        "footer": f"SOP {document.key} · versi {version} · sidik isi {document.content_hash[:12]}",
        "identity": {}, "legal_basis": [], "sheets": [], "remarks": [], "annexes": [],
    })


def drawn_sheets(part: Part) -> list[Sheet]:
    """Sheets of one flowchart table with everything on them."""
    laid = sheets_of(part)
    shown = {row.index: place for place, (sheet, _exits) in enumerate(laid) for row in sheet.rows}
    crossing = [way for way in part.ways if shown[way.source] != shown[way.target]]
    numbers = {row: place for place, row in enumerate(sorted({way.target for way in crossing}), start=1)}
    several = len(lane_groups(part)) > 1
    for place, (sheet, exits) in enumerate(laid):
        route(sheet, exits, numbers, {way.target for way in crossing if shown[way.target] == place})
        if len(laid) > 1:
            more = f", pelaksana {sheet.lanes[0]}" if several and len(sheet.lanes) == 1 else ""
            sheet.title = f"{part.name} (lembar {place + 1} dari {len(laid)}{more})"
            sheet.aside = _elsewhere(sheet, [other for other, _exits in laid]) if several else ""
    if laid and part.total not in ("", "–"):
        laid[-1][0].total = part.total
    return [sheet for sheet, _exits in laid]


def _elsewhere(sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    """`Langkah Sekda: lembar 9`, for the pelaksana whose columns are on another sheet."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, other in enumerate(sheets, start=1):
        if other.lanes != sheet.lanes:
            places.setdefault(other.lanes, []).append(place)
    told = []
    for lanes, pages in places.items():
        who = ", ".join(lanes) if len(lanes) <= 3 else "pelaksana lain"
        told.append(f"Langkah {who}: lembar {pages[0]}" + (f"–{pages[-1]}" if len(pages) > 1 else ""))
    return "; ".join(told)


def _compile(data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False)
    made = typst.compile(str(_TEMPLATE), font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf",
                         sys_inputs={"data": text}, pdf_standards="ua-1", timestamp=0)
    assert isinstance(made, bytes)
    return made


def _paper(document: SopDocument) -> dict[str, Any]:
    return {
        "title": f"SOP {document.name}", "name": document.name, "key": document.key,
        "organization": document.identity.get("organization") or "Pemerintah Kota", "unit": "",
        "paper": PAPER, "margin": MARGIN, "title_height": TITLE, "pad": PAD, "gutter": GUTTER,
    }


def _listed(name: str, text: str) -> str | list[str]:
    """Long texts as lists of what stands between semicolons."""
    if name in _LISTS:
        return [capital(part.strip()) for part in text.split(";") if part.strip()]
    return text or "–"


def _told(sheet: Sheet, document: SopDocument) -> dict[str, Any]:
    part = next(part for part in document.parts if any(row.row in part.rows for row in sheet.rows))
    return {
        "title": sheet.title, "lanes": sheet.names, "head": [HEAD, sheet.head],
        "columns": sheet.columns, "total": sheet.total, "aside": sheet.aside,
        "rows": [_row(row, sheet, part) for row in sheet.rows],
        "arrows": [{"points": [_point(point) for point in arrow.points], "head": arrow.head}
                   for arrow in sheet.arrows],
        "labels": [{**_box(label.box), "text": label.text} for label in sheet.labels],
        "connectors": [{**_box(one.box), "text": one.text, "incoming": one.incoming}
                       for one in sheet.connectors],
    }


def _row(placed: PlacedRow, sheet: Sheet, part: Part) -> dict[str, Any]:
    left = min(symbol.x for symbol in placed.symbols) - 0.3
    top = placed.head.y - 0.3
    width = max(symbol.right for symbol in placed.symbols) + 0.3 - left
    height = placed.last.bottom + 0.3 - top
    start = sheet.left + sum(sheet.columns[2: 2 + placed.lane])
    names = ", ".join(_SYMBOLS[symbol] for symbol in placed.row.symbols)
    return {
        "number": placed.row.number, "lane": placed.lane, "height": round(placed.height, 3),
        "cells": placed.cells, "alt": ". ".join([names, *ways_in_words(part, placed.index)]),
        "stack": {"x": round(left - start, 3), "y": round(top - placed.top, 3), "w": round(width, 3),
                  "h": round(height, 3)},
        "symbols": [{**_box(box), "kind": kind}
                    for kind, box in zip(placed.row.symbols, placed.symbols, strict=True)],
    }


def _annex(annex: Annex) -> dict[str, Any]:
    columns = [*annex.inputs, *annex.outputs]
    turned = len(columns) > _TURN
    if turned:
        head = ["Isi", *(f"Baris {place + 1}" for place in range(len(annex.rows)))]
        rows = [[name, *(row[at] for row in annex.rows)] for at, name in enumerate(columns)]
        widths = [52.0, *([0.0] * len(annex.rows))]
    else:
        head = ["Baris", *columns]
        rows = [[str(place + 1), *row] for place, row in enumerate(annex.rows)]
        widths = [12.0, *([0.0] * len(columns))]
    crowded = len(head) > 9
    return {"number": annex.number, "name": annex.name, "key": annex.key, "policy": annex.policy,
            "head": head, "rows": rows, "turned": turned, "widths": widths, "size": 7.0 if crowded else 8.0,
            "notes": annex.notes}


def _box(box: Any) -> dict[str, float]:
    return {"x": round(box.x, 3), "y": round(box.y, 3), "w": round(box.width, 3), "h": round(box.height, 3)}


def _point(point: tuple[float, float]) -> list[float]:
    return [round(point[0], 3), round(point[1], 3)]


