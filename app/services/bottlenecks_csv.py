"""The figures behind the picture as lines for a spreadsheet: one per place, or one per place and month."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.db.queries import bottlenecks as queries
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


def as_csv(session: Session, found: Bottlenecks, *, by_month: bool) -> str:
    """What the page shows, with the whole first; without figures the head alone."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEAD)
    side = found.side
    if side is None:
        return written.getvalue()
    common = [found.version.key, found.version.version, side.unit, side.kelurahan]
    if not by_month:
        common += [_month(side.since), _month(side.until)]
        for line in _places(found.whole, found.steps, found.flows):
            writer.writerow([_harmless(one) for one in [*common, *line]])
        return written.getvalue()
    months: dict[date, list[Any]] = {}
    for row in queries.places_by_month(session, side):
        months.setdefault(row.month, []).append(row)
    for month, rows in months.items():
        whole = next((figures(row) for row in rows if row.kind == WHOLE), None)
        for line in _places(whole, steps_of(found.sop, rows), flows_of(found.sop, rows)):
            writer.writerow([_harmless(one) for one in [*common, _month(month), _month(month), *line]])
    return written.getvalue()


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
