"""Where it hurts: an SOP version drawn by what its steps cost, its figures, two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from app.db.queries.directory import named_codes
from app.domain.bottleneck import Measure, levels, widths
from app.domain.permissions import Permission
from app.engine.drawing_heat import Heat
from app.extensions import db
from app.services import bottlenecks
from app.services.bottlenecks import Asked, Bottlenecks, months_before
from app.services.bottlenecks_compare import Other, alike, compared, speed
from app.services.bottlenecks_csv import Per, as_csv
from app.services.bottlenecks_places import Picture, pictures
from app.web import bottleneck_words as words
from app.web.charts import Line, bar_chart, line_chart, split_bar
from app.web.guards import current_actor, requires

bp = Blueprint("bottlenecks", __name__, url_prefix="/hambatan")
PAGE_WIDE, HALF_WIDE = 1150, 560
"""Pixels a picture has on a desk, alone and beside another."""
BOM = "\ufeff"
"""Without it a spreadsheet takes a file for one in the letters of its own country."""
RANKED = 3
"""Worst steps that carry their rank on the diagram."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a picker."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One side of a comparison. `label`: what it is called."""

    label: str
    found: Bottlenecks
    pictures: Sequence[Picture]


@bp.get("")
@requires(Permission.STATISTICS_READ)
def overview() -> str:
    glances, day = bottlenecks.at_a_glance(db.session, actor=current_actor())
    return render_template("bottlenecks/list.html", glances=glances, day=day, words=words)


@bp.get("/<key>/<int:version>")
@requires(Permission.STATISTICS_READ)
def show(key: str, version: int) -> str:
    found = bottlenecks.where_it_hurts(db.session, key, version, _asked(), actor=current_actor())
    measure = _measure()
    names = {(row.type, row.code): row.name for row in named_codes(db.session)}
    units, places = _choices(found, names)
    said, heat = words.picture_words(found, measure), heat_of(found, measure)
    return render_template(
        "bottlenecks/show.html",
        found=found,
        measure=measure,
        measures=Measure,
        words=words,
        overview=pictures(found.sop, found.places, heat, said, keyed="s", overview=PAGE_WIDE),
        pictures=pictures(found.sop, found.places, heat, said, keyed="h"),
        hottest=found.hottest(measure)[:RANKED],
        units=units,
        places=places,
        part=_part(found),
        months=_months(found),
        charts=_charts(found),
        bars=_bars(found),
        names=names,
        traces=_traces(found) if current_actor().may(Permission.TRACE_READ) else [],
        roles={code: name for (kind, code), name in names.items() if kind == "role"},
        address=_address,
    )


@bp.get("/<key>/<int:version>.csv")
@requires(Permission.STATISTICS_READ)
def figures(key: str, version: int) -> Response:
    """The figures behind the page; `?per=bulan` has a line for each month, `?per=bagian` for each unit and
    kelurahan."""
    found = bottlenecks.where_it_hurts(db.session, key, version, _asked(), actor=current_actor())
    asked = request.args.get("per")
    per: Per = "bulan" if asked == "bulan" else "bagian" if asked == "bagian" else ""
    answer = Response(BOM + as_csv(db.session, found, per), content_type="text/csv; charset=utf-8")
    name = f"hambatan-{found.version.key}-v{version}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/<key>/<int:version>/banding")
@requires(Permission.STATISTICS_READ)
def compare(key: str, version: int) -> str:
    """Two versions or two parts side by side, on one scale of colours."""
    other = _other()
    found = compared(db.session, key, version, _asked(), other, actor=current_actor())
    measure = _measure()
    names = {(row.type, row.code): row.name for row in named_codes(db.session)}
    sides = []
    for place, one in enumerate((found.left, found.right)):
        said = words.picture_words(one, measure)
        heat = heat_of(one, measure, beside=(found.left, found.right))
        heat = {name: replace(warm, sign="") for name, warm in heat.items()}  # no room; the list says it
        drawn = pictures(one.sop, one.places, heat, said, keyed=f"b{place}", overview=HALF_WIDE)
        sides.append(Compared(_label(one, names, versions=other.version is not None), one, drawn))
    return render_template(
        "bottlenecks/compare.html",
        comparison=found,
        sides=sides,
        measure=measure,
        measures=Measure,
        words=words,
        alike=alike,
        speed=speed,
        address=_address,
        roles={code: name for (kind, code), name in names.items() if kind == "role"},
    )


def heat_of(found: Bottlenecks, measure: Measure, beside: Sequence[Bottlenecks] = ()) -> dict[str, Heat]:
    """How every place is drawn. Too few times to judge: the figure without a colour. `beside`: all pictures
    that share one scale."""
    judged = {
        f"{place}:{step.place}": one.value(step, measure)
        for place, one in enumerate(beside or (found,)) for step in one.ranked if step.figures.enough
    }  # fmt: skip
    own = next(place for place, one in enumerate(beside or (found,)) if one is found)
    scaled = levels(judged, measure)
    hot = {step.place: scaled.get(f"{own}:{step.place}", 0) for step in found.steps}
    ranks = {step.place: place for place, step in enumerate(found.hottest(measure)[:RANKED], 1)}
    heat = {}
    for step in found.steps:
        value = step.figures.median if step.by_reporter else found.value(step, measure)
        shown = Measure.MEDIAN if step.by_reporter else measure
        heat[step.place] = Heat(
            hot.get(step.place, 0), words.spelled(value, shown, found.day, short=True),
            words.step_words(step, found), ranks.get(step.place, 0),
        )  # fmt: skip
    wide = widths({flow.place: flow.figures.times for flow in found.flows})
    for flow in found.flows:
        heat[flow.place] = Heat(wide[flow.place], "", words.flow_words(flow, found))
    return heat


def _asked() -> Asked:
    given = request.args
    kind, _colon, code = given.get("bagian", "").partition(":")
    return Asked(
        unit=code if kind == "unit" else "",
        kelurahan=code if kind == "kelurahan" else "",
        since=_month("sejak"),
        until=_month("sampai"),
        place=given.get("langkah", ""),
    )


def _other() -> Other:
    """`dengan=versi:2`, `unit:DPU`, `kelurahan:…`; anything else is the whole city."""
    kind, _colon, code = request.args.get("dengan", "").partition(":")
    return Other(
        version=int(code) if kind == "versi" and code.isascii() and code.isdigit() else None,
        unit=code if kind == "unit" else "",
        kelurahan=code if kind == "kelurahan" else "",
    )


def _label(found: Bottlenecks, names: Mapping[tuple[str, str], str], *, versions: bool) -> str:
    if versions:
        return str(_("Versi %(n)s", n=found.version.version))
    kind, _colon, code = _part(found).partition(":")
    return names.get((kind, code), code) if kind else str(_("Seluruh kota"))


def _month(name: str) -> date | None:
    """The first day of a month written YYYY-MM. A month that is none counts as not given."""
    try:
        return date.fromisoformat(f"{request.args.get(name, '')}-01")
    except ValueError:
        return None


def _measure() -> Measure:
    try:
        return Measure(request.args.get("ukuran", ""))
    except ValueError:
        return Measure.SPENT


def _address(endpoint: str = "bottlenecks.show", **changes: Any) -> str:
    """This very page with some of its choices changed; None takes one away."""
    kept = {name: value for name, value in request.args.items() if value}
    given = {**(request.view_args or {}), **kept, **changes}
    return url_for(endpoint, **{name: value for name, value in given.items() if value is not None})


def _choices(found: Bottlenecks, names: Mapping[tuple[str, str], str]) -> tuple[list[Choice], list[Choice]]:
    """Units and kelurahan with figures, by name."""
    made = (
        [Choice(f"{kind}:{code}", names.get((kind, code), code)) for code in codes]
        for kind, codes in (("unit", found.units), ("kelurahan", found.kelurahan))
    )
    units, places = (sorted(some, key=lambda one: one.label) for some in made)
    return units, places


def _part(found: Bottlenecks) -> str:
    side = found.side
    if side is None or not (side.unit or side.kelurahan):
        return ""
    return f"unit:{side.unit}" if side.unit else f"kelurahan:{side.kelurahan}"


def _months(found: Bottlenecks) -> list[Choice]:
    if found.first is None or found.last is None:
        return []
    count = (found.last.year - found.first.year) * 12 + found.last.month - found.first.month
    months = [months_before(found.last, back) for back in range(count, -1, -1)]
    return [Choice(f"{month:%Y-%m}", current_app.jinja_env.filters["month"](month)) for month in months]


def _traces(found: Bottlenecks) -> list[Choice]:
    """Searches for the reports behind the figures, for whoever may read traces."""
    side = found.side
    part = {} if side is None else {"unit": side.unit or None, "kelurahan": side.kelurahan or None}
    here: dict[str, Any] = {"sop": found.version.key, "versi": found.version.version, **part}
    kinds: tuple[tuple[dict[str, Any], str], ...] = (
        ({"terlambat": "ya"}, _("Laporan yang terlambat")),
        ({"dikembalikan": "ya"}, _("Laporan yang dikembalikan")),
        ({}, _("Semua laporan versi ini")),
    )
    return [Choice(url_for("trace_search.search", **here, **more), label) for more, label in kinds]


def _bars(found: Bottlenecks) -> dict[str, str]:
    """Waiting and working of each step, on average, all on one scale."""
    longest = max((step.figures.waits + step.figures.works for step in found.steps), default=0.0)
    return {
        step.place: split_bar([("waiting", step.figures.waits), ("working", step.figures.works)], longest)
        for step in found.steps
    }


def _charts(found: Bottlenecks) -> dict[str, str]:
    """The months of the place that is looked at, drawn; empty with less than two months of figures."""
    known = [figures for _month, figures in found.months if figures is not None]
    if len(known) < 2:
        return {}
    labels = [f"{month:%m}/{month:%y}" for month, _figures in found.months]
    longest = max(figures.p90 for figures in known)
    size, unit = (found.day, _("hari kerja")) if longest >= 2 * found.day else (3600.0, _("jam kerja"))

    def over(name: str) -> list[float | None]:
        return [getattr(figures, name) / size if figures else None for _month, figures in found.months]

    lines = [Line(_("Median"), "median", over("median")), Line("P90", "p90", over("p90"))]
    return {
        "times": line_chart(lines, labels, title=_("Median dan P90 tiap bulan"), unit=unit, key="waktu"),
        "counts": bar_chart(
            [figures.times if figures else 0 for _month, figures in found.months],
            [figures.signed_late if figures else 0 for _month, figures in found.months],
            labels, title=_("Banyaknya tiap bulan, dan yang lewat waktu SOP"), unit=_("kali"), key="banyak",
        ),
    }  # fmt: skip
