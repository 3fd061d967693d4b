"""The figures behind the picture as lines for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.db.queries import bottlenecks as queries
from app.db.queries.bottlenecks import Side
from app.domain.bottleneck import Figures
from app.services.bottlenecks import Bottlenecks
from app.services.bottlenecks_places import WHOLE, Flow, Step, figures, flows_of, steps_of

HEAD = (
    "sop", "versi", "unit", "kelurahan", "sejak", "sampai", "jenis", "tempat", "nomor", "nama", "ke", "peran",
    "waktu_sop", "kali", "median_detik_kerja", "p90_detik_kerja", "menunggu_detik_kerja",
    "dikerjakan_detik_kerja", "detik_jam_dinding", "terlambat", "terlambat_waktu_sop", "diulang",
    "tidak_dikerjakan",
)  # fmt: skip
"""Columns. Sums of seconds are over all `kali`; months are written YYYY-MM."""


Per = Literal["", "bulan", "bagian"]
"""A line for each place; for each place and month; for each unit and kelurahan at the place looked at."""


def as_csv(session: Session, found: Bottlenecks, per: Per) -> str:
    """What the page shows, the whole first; without figures the head alone."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEAD)
    if found.side is not None:
        lines = {"": _all, "bulan": _months, "bagian": _parts}[per](session, found, found.side)
        writer.writerows([_harmless(one) for one in line] for line in lines)
    return written.getvalue()


def _all(_session: Session, found: Bottlenecks, side: Side) -> Iterator[list[Any]]:
    common = [*_version(found), side.unit, side.kelurahan, _month(side.since), _month(side.until)]
    for line in _places(found.whole, found.steps, found.flows):
        yield [*common, *line]


def _months(session: Session, found: Bottlenecks, side: Side) -> Iterator[list[Any]]:
    for month, rows in groupby(queries.places_by_month(session, side), lambda row: row.month):
        known = list(rows)
        common = [*_version(found), side.unit, side.kelurahan, _month(month), _month(month)]
        whole = next((figures(row) for row in known if row.kind == WHOLE), None)
        for line in _places(whole, steps_of(found.sop, known), flows_of(found.sop, known)):
            yield [*common, *line]


def _parts(_session: Session, found: Bottlenecks, side: Side) -> Iterator[list[Any]]:
    step = next((one for one in found.steps if one.place == found.place), None)
    for part in found.parts:
        shown = () if step is None else (replace(step, figures=part.figures),)
        (line,) = _places(part.figures if step is None else None, shown, ())
        yield [*_version(found), part.unit, part.kelurahan, _month(side.since), _month(side.until), *line]


def _version(found: Bottlenecks) -> list[Any]:
    return [found.version.key, found.version.version]


def _places(
    whole: Figures | None, steps: Iterable[Step], flows: Iterable[Flow]
) -> Iterator[list[Any]]:
    if whole is not None:
        yield ["laporan", "", "", "", "", "", "", *_numbers(whole)]
    for step in steps:
        yield ["langkah", step.place, step.number, step.name, "", step.role, step.limit,
               *_numbers(step.figures)]  # fmt: skip
    for flow in flows:
        yield ["alur", flow.place, "", flow.source, flow.target, "", "", *_numbers(flow.figures)]


def _numbers(one: Figures) -> list[int]:
    return [
        one.times, round(one.median), round(one.p90), one.waiting, one.working, one.elapsed, one.late,
        one.signed_late, one.again, one.dropped,
    ]  # fmt: skip


def _month(month: date) -> str:
    return f"{month:%Y-%m}"


def _harmless(value: Any) -> Any:
    """What a spreadsheet would take for a formula becomes text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
