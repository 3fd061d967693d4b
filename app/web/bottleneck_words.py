"""What the page about bottlenecks says: times, shares, measures, and sentences, in the page's language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.domain.bottleneck import IS_SHARE, Cause, Figures, Measure
from app.services.bottlenecks import Bottlenecks
from app.services.bottlenecks_places import Flow, Step

NAMES: Final[Mapping[Measure, str]] = {
    Measure.SPENT: _l("Bagian dari waktu kerja"),
    Measure.MEDIAN: _l("Median"),
    Measure.P90: _l("P90"),
    Measure.WAITING: _l("Menunggu diambil"),
    Measure.LATE: _l("Lewat waktu SOP"),
    Measure.AGAIN: _l("Diulang"),
}
EXPLAINED: Final[Mapping[Measure, str]] = {
    Measure.SPENT: _l("Berapa bagian dari seluruh waktu kerja semua laporan habis di langkah ini."),
    Measure.MEDIAN: _l("Separuhnya lebih cepat, separuhnya lebih lama dari ini."),
    Measure.P90: _l("Sembilan dari sepuluh lebih cepat; satu dari sepuluh lebih lama dari ini."),
    Measure.WAITING: _l("Rata-rata waktu kerja sampai tugasnya diambil seseorang."),
    Measure.LATE: _l("Bagian yang melewati batas menurut SOP, sebelum perpanjangan."),
    Measure.AGAIN: _l("Bagian yang mengulang langkah yang sudah pernah dijalani laporan yang sama."),
}
MINUTE, HOUR = 60, 3600
NEARLY_ALL = 0.98
"""Share of waiting from which on nobody can say what was waiting: the task was done without being taken."""


def number(value: float) -> str:
    """One decimal below ten, whole above."""
    return str(current_app.jinja_env.filters["number"](round(value, 1) if value < 10 else round(value)))


def duration(seconds: float, day: float) -> str:
    """A stretch of working time: `2,5 hari kerja`, `3 jam kerja`, `20 menit kerja`."""
    if seconds >= day:
        return str(_("%(n)s hari kerja", n=number(seconds / day)))
    if seconds >= HOUR:
        return str(_("%(n)s jam kerja", n=number(seconds / HOUR)))
    if seconds >= MINUTE:
        return str(_("%(n)s menit kerja", n=number(seconds // MINUTE)))
    return str(_("kurang dari semenit"))


def brief(seconds: float, day: float) -> str:
    """The same where there is little room."""
    if seconds >= day:
        return str(_("%(n)s hari", n=number(seconds / day)))
    if seconds >= HOUR:
        return str(_("%(n)s jam", n=number(seconds / HOUR)))
    return str(_("%(n)s mnt", n=number(seconds // MINUTE)))


def percent(share: float) -> str:
    """`46 %`; never a zero for something, never a hundred for not quite all."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{round(share * 100)} %"


def spelled(value: float, measure: Measure, day: float, *, short: bool = False) -> str:
    """A value in the words of its measure."""
    if measure in IS_SHARE:
        return percent(value)
    return brief(value, day) if short else duration(value, day)


def called(step: Step, steps: Sequence[Step], roles: Mapping[str, str]) -> str:
    """What a step is called; with whose it is where several are called the same."""
    if not step.role or sum(one.name == step.name for one in steps) < 2:
        return step.name
    return f"{step.name} ({roles.get(step.role, step.role)})"


def cause_words(cause: Cause, step: Step, day: float) -> str:
    """One sentence about why a step is slow."""
    figures = step.figures
    if cause is Cause.WAITING and figures.waiting_share > NEARLY_ALL:
        return str(_("Hampir seluruhnya lewat sebelum tugasnya diambil, atau diselesaikan tanpa diambil."))
    if cause is Cause.WAITING:
        return str(_("%(share)s dari waktu itu laporan menunggu sebelum tugasnya diambil.",
                     share=percent(figures.waiting_share)))  # fmt: skip
    if cause is Cause.LATE:
        said = _("%(share)s melewati waktu yang ditetapkan SOP", share=percent(figures.signed_late_share))
        return f"{said} ({step.limit})." if step.limit else f"{said}."
    if cause is Cause.AGAIN:
        return str(_("%(share)s adalah pengulangan untuk laporan yang sama.",
                     share=percent(figures.again_share)))  # fmt: skip
    if cause is Cause.TAIL:
        return str(_("Separuhnya selesai dalam %(median)s, tetapi satu dari sepuluh lebih lama dari %(p90)s.",
                     median=duration(figures.median, day), p90=duration(figures.p90, day)))  # fmt: skip
    return str(_("%(share)s dari waktu itu dipakai mengerjakannya; separuhnya memakan lebih dari %(median)s.",
                 share=percent(1 - figures.waiting_share), median=duration(figures.median, day)))  # fmt: skip


def step_words(step: Step, found: Bottlenecks) -> str:
    """The figures of a step in one line."""
    figures, day = step.figures, found.day
    return str(
        _("%(n)s kali; median %(median)s, P90 %(p90)s; %(late)s lewat waktu SOP",
          n=times(figures), median=duration(figures.median, day), p90=duration(figures.p90, day),
          late=percent(figures.signed_late_share))
    )  # fmt: skip


def flow_words(flow: Flow, found: Bottlenecks) -> str:
    """How often a flow was taken, and after how long."""
    return str(
        _("%(source)s ke %(target)s: %(n)s kali, sesudah %(median)s",
          source=flow.source, target=flow.target, n=times(flow.figures),
          median=duration(flow.figures.median, found.day))
    )  # fmt: skip


def reports(count: int) -> str:
    """`812 laporan`."""
    return str(ngettext("%(n)s laporan", "%(n)s laporan", count, n=number(count)))


def times(figures: Figures) -> str:
    """How many, with separators."""
    return number(figures.times)


def faster(by: float) -> str:
    """`26 % lebih cepat`, `tiga kali lebih lama`, `hampir sama`. `by`: what a median grew, as a share."""
    if not by:
        return str(_("hampir sama"))
    if by == math.inf:
        return str(_("jauh lebih lama"))
    if by >= 1:
        return str(_("%(n)s kali lebih lama", n=number(by + 1)))
    if by > 0:
        return str(_("%(share)s lebih lama", share=percent(by)))
    return str(_("%(share)s lebih cepat", share=percent(-by)))


def picture_words(found: Bottlenecks, measure: Measure) -> str:
    """What a screen reader hears of the picture: the hottest steps; the table has the rest."""
    hot = found.hottest(measure)[:3]
    if not hot:
        return str(_("Belum ada langkah yang menonjol."))
    said = "; ".join(
        f"{step.name} {spelled(found.value(step, measure), measure, found.day)}" for step in hot
    )
    return f"{NAMES[measure]}. {said}. {_('Semua angka ada dalam tabel di bawah gambar.')}"
