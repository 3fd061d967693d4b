"""The working calendar: a year at a glance, and every change first shown with the deadlines it moves."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.calendars import StoredCalendar, read_calendar
from app.domain.calendar import BusinessCalendar, WeeklyHours
from app.domain.city_calendar import CLOSURE, NATIONAL, DayOff, SpecialHours
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.calendar import FORMS, Typed, said_hours
from app.i18n import translated
from app.services import calendar_work, city
from app.services.calendar_work import Applied, Move, Preview
from app.web.guards import current_actor, requires

bp = Blueprint("working_calendar", __name__, url_prefix="/admin/kalender")

SAMPLE = (
    "tanggal,nama,jenis,status,keputusan\n"
    "2027-01-01,Tahun Baru Masehi,libur_nasional,ditetapkan,SKB 3 Menteri …"
)
MOST_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class DayShown:
    """A square of a month. `kind`: `libur_nasional`, `cuti_bersama`, `penutupan`, `khusus`, `akhir_pekan`, or
    empty for a plain working day; `estimated`: not decreed yet."""

    number: int
    kind: str
    words: str
    estimated: bool
    today: bool


@dataclass(frozen=True, slots=True)
class MonthShown:
    first: date
    weeks: tuple[tuple[DayShown | None, ...], ...]


@dataclass(frozen=True, slots=True)
class OffShown:
    day: date
    weekday: str
    name: str
    kind: str
    status: str
    decree: str
    removable: bool


@dataclass(frozen=True, slots=True)
class MoveShown:
    number: str
    name: str
    holder: str
    old: datetime
    new: datetime
    by: str


@bp.get("")
@requires(Permission.CITY_MANAGE)
def show() -> str:
    return _page()


@bp.post("/pratinjau")
@requires(Permission.CITY_MANAGE)
def preview() -> tuple[str, int]:
    typed = _typed()
    change = typed.change()
    if change is None:
        return _page(typed), 422
    try:
        shown = calendar_work.preview(db.session, change, now=clock.now())
    except Invalid as fault:
        return _page(typed, translated(fault.text)), 422
    return _preview(typed, shown), 200


@bp.post("/terapkan")
@requires(Permission.CITY_MANAGE)
def apply() -> Response | tuple[str, int]:
    typed = _typed()
    change = typed.change()
    if change is None:
        return _page(typed), 422
    given = request.form.get("sidik", "")
    try:
        done = calendar_work.apply(
            db.session, change, fingerprint=given, actor=current_actor(), now=clock.now()
        )
    except Invalid as fault:
        return _page(typed, translated(fault.text)), 422
    if not isinstance(done, Applied):
        return _preview(typed, done, stale=True), 409
    words = ngettext("%(num)s batas waktu bergeser.", "%(num)s batas waktu bergeser.", done.moves)
    flash(f"{_('Kalender diubah.')} {words}", "success")
    return redirect(url_for("working_calendar.show"), 303)


def _typed() -> Typed:
    fields = {name: value for name, value in request.form.items() if name not in ("csrf_token", "sidik")}
    if fields.get("apa") not in FORMS:
        raise Invalid
    sent = request.files.get("berkas")
    if sent is not None and sent.filename:
        fields["tabel"] = sent.stream.read(MOST_BYTES + 1).decode("utf-8-sig", errors="replace")
    return Typed({name: value.replace("\x00", "") for name, value in fields.items()})


def _preview(typed: Typed, shown: Preview, *, stale: bool = False) -> str:
    count = len(shown.moves)
    moves = ngettext("%(num)s batas waktu bergeser,", "%(num)s batas waktu bergeser,", count)
    count = len({move.number for move in shown.moves})
    reports = ngettext("pada %(num)s laporan.", "pada %(num)s laporan.", count)
    silent = ngettext(
        "Pada %(num)s laporan hanya pengingatnya yang bergeser.",
        "Pada %(num)s laporan hanya pengingatnya yang bergeser.",
        shown.silent,
    )
    return render_template(
        "admin/calendar_preview.html",
        change=translated(shown.change),
        moves=[
            MoveShown(move.number, move.name, move.holder, move.old, move.new, _by(move))
            for move in shown.moves
        ],
        counted=f"{moves} {reports}",
        silent=silent if shown.silent else "",
        blocked=shown.blocked,
        stale=stale,
        fields=sorted(typed.fields.items()),
        fingerprint=shown.fingerprint,
    )


def _page(typed: Typed | None = None, fault: str = "") -> str:
    now = clock.now()
    stored = read_calendar(db.session)
    calendar = city.in_force(stored.rows)
    today = calendar.local_day(now)
    year = min(max(request.args.get("tahun", today.year, type=int), 2000), today.year + 10)
    days_off = _days_off(year, stored, calendar, today)
    if typed is not None and not (fault or typed.faults or typed.lines):
        fault = _("Isian belum dapat diterima. Periksa kembali lalu kirim lagi.")
    return render_template(
        "admin/calendar.html",
        year=year,
        months=_months(year, stored, calendar, today),
        days_off=days_off,
        closures=[off for off in days_off if off.kind == CLOSURE],
        entered=year in stored.rows.decreed_years(),
        hours=_week(stored.rows.weeks[-1][1]),
        hours_from=stored.rows.weeks[-1][0] if len(stored.rows.weeks) > 1 else None,
        seasons=[(one, _week(one.hours), one.first > today) for one in stored.rows.special],
        weekdays=_weekdays(),
        typed=typed.fields if typed else {},
        faults={name: translated(words) for name, words in typed.faults.items()} if typed else {},
        lines=[(line.line, translated(line.text)) for line in typed.lines] if typed else [],
        fault=fault,
        tomorrow=today + timedelta(days=1),
        sample=SAMPLE,
    )


def _weekdays() -> tuple[str, ...]:
    return (_("Senin"), _("Selasa"), _("Rabu"), _("Kamis"), _("Jumat"), _("Sabtu"), _("Minggu"))


def _week(hours: WeeklyHours) -> list[str]:
    return [said_hours(hours.get(weekday, ())) for weekday in range(7)]


def _months(
    year: int, stored: StoredCalendar, calendar: BusinessCalendar, today: date
) -> list[MonthShown]:
    entered = {off.day: off for off in stored.rows.days_off if off.kind in NATIONAL}
    closures = {off.day: off for off in stored.rows.days_off if off.kind == CLOSURE}

    def square(day: date) -> DayShown:
        found = closures.get(day) or entered.get(day) or _bundled(day, stored, calendar)
        if found is not None:
            estimated = found.status == "perkiraan"
            return DayShown(day.day, found.kind, found.reason, estimated, day == today)
        if not calendar.is_working_day(day):
            return DayShown(day.day, "akhir_pekan", "", False, day == today)
        season = _season(day, stored.rows.special)
        return DayShown(day.day, "khusus" if season else "", season, False, day == today)

    weeks = Calendar()
    return [
        MonthShown(
            date(year, month, 1),
            tuple(
                tuple(square(day) if day.month == month else None for day in week)
                for week in weeks.monthdatescalendar(year, month)
            ),
        )
        for month in range(1, 13)
    ]


def _bundled(day: date, stored: StoredCalendar, calendar: BusinessCalendar) -> DayOff | None:
    """A day off of a year the city has not entered."""
    name = calendar.holidays.get(day)
    if name is None or day.year in stored.rows.decreed_years():
        return None
    return DayOff(day, "cuti_bersama" if "Cuti Bersama" in name else "libur_nasional", name, "perkiraan")


def _season(day: date, special: tuple[SpecialHours, ...]) -> str:
    return next((one.name for one in special if one.first <= day <= one.last), "")


def _days_off(
    year: int, stored: StoredCalendar, calendar: BusinessCalendar, today: date
) -> list[OffShown]:
    rows = [off for off in stored.rows.days_off if off.day.year == year]
    if year not in stored.rows.decreed_years():
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        found = (_bundled(day, stored, calendar) for day in days if day.year == year)
        rows = sorted([*rows, *(off for off in found if off is not None)], key=lambda off: off.day)
    weekdays = _weekdays()
    return [
        OffShown(
            off.day,
            weekdays[off.day.weekday()],
            off.name,
            off.kind,
            off.status,
            off.decree,
            off.kind == CLOSURE and off.day > today,
        )
        for off in rows
    ]


def _by(move: Move) -> str:
    """By how much, as people say it."""
    seconds = (move.new - move.old).total_seconds()
    days, hours = divmod(round(abs(seconds) / 60), 24 * 60)
    if days:
        span = ngettext("%(num)s hari", "%(num)s hari", days)
    else:
        minutes = hours
        span = (
            ngettext("%(num)s menit", "%(num)s menit", minutes)
            if minutes % 60
            else ngettext("%(num)s jam", "%(num)s jam", minutes // 60)
        )
    if seconds > 0:
        return str(_("%(span)s lebih lambat", span=span))
    return str(_("%(span)s lebih awal", span=span))
