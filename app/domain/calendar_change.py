"""What an admin may change of the calendar. A change is a value: rows in, rows out, or a refusal in words.

A day that has passed, or that runs, never becomes working time afterwards: a deadline would then have been
missed without anybody having been able to keep it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, TypeAlias

from app.domain.calendar import BusinessCalendar, WeeklyHours
from app.domain.city_calendar import CLOSURE, NATIONAL, CityCalendar, DayOff, SpecialHours, opens_more
from app.domain.errors import Invalid
from app.domain.spoken import day as say
from app.domain.words import told

LOOK_BACK: Final = 400
"""Days before today that are compared."""
LATEST_CLOSURE: Final = 30
"""Days after which a closure can no longer be entered."""
LONGEST_SEASON: Final = 120


@dataclass(frozen=True, slots=True)
class AddClosure:
    """The offices are closed on a day of their own; `basis` may be empty."""

    day: date
    name: str
    basis: str = ""

    def words(self) -> str:
        return told("menambah penutupan %(day)s (%(name)s)", day=say(self.day), name=self.name)

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        if self.day < today - timedelta(days=LATEST_CLOSURE):
            raise Invalid(told("Penutupan paling lama %(n)s hari ke belakang.", n=LATEST_CLOSURE))
        if any(off.day == self.day and off.kind == CLOSURE for off in rows.days_off):
            raise Invalid(told("%(day)s sudah tercatat sebagai penutupan.", day=say(self.day)))
        added = DayOff(self.day, CLOSURE, self.name, "ditetapkan", self.basis)
        return _with_days(rows, (*rows.days_off, added))


@dataclass(frozen=True, slots=True)
class RemoveClosure:
    day: date

    def words(self) -> str:
        return told("menghapus penutupan %(day)s", day=say(self.day))

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        kept = tuple(off for off in rows.days_off if (off.day, off.kind) != (self.day, CLOSURE))
        if kept == rows.days_off:
            raise Invalid(told("%(day)s tidak tercatat sebagai penutupan.", day=say(self.day)))
        return replace(rows, days_off=kept)


@dataclass(frozen=True, slots=True)
class SetHours:
    """Weekly hours from a day on; earlier days keep theirs."""

    valid_from: date
    hours: WeeklyHours

    def words(self) -> str:
        return told("mengubah jam kerja mulai %(day)s", day=say(self.valid_from))

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        if self.valid_from <= today:
            raise Invalid("Jam kerja baru berlaku paling cepat besok.")
        if self.valid_from < rows.weeks[-1][0]:
            latest = say(rows.weeks[-1][0])
            raise Invalid(told("Sudah ada jam kerja baru mulai %(day)s; ubah yang itu.", day=latest))
        if not any(self.hours.values()):
            raise Invalid("Isi jam kerja untuk paling sedikit satu hari.")
        earlier = tuple(week for week in rows.weeks if week[0] != self.valid_from)
        return replace(rows, weeks=(*earlier, (self.valid_from, self.hours)))


@dataclass(frozen=True, slots=True)
class AddSpecial:
    """Other hours for a stretch of days. `key`: the new row's id as text."""

    special: SpecialHours

    def words(self) -> str:
        first, last = say(self.special.first), say(self.special.last)
        name = self.special.name
        return told("jam khusus %(name)s, %(first)s sampai %(last)s", name=name, first=first, last=last)

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        new = self.special
        if new.last < new.first:
            raise Invalid("Hari terakhir jam khusus harus sesudah hari pertama.")
        if (new.last - new.first).days >= LONGEST_SEASON:
            raise Invalid(told("Jam khusus paling lama %(n)s hari.", n=LONGEST_SEASON))
        clash = next((one for one in rows.special if one.first <= new.last and new.first <= one.last), None)
        if clash is not None:
            raise Invalid(told("Bertumpang tindih dengan jam khusus %(name)s.", name=clash.name))
        return replace(rows, special=tuple(sorted((*rows.special, new), key=lambda one: one.first)))


@dataclass(frozen=True, slots=True)
class RemoveSpecial:
    key: str

    def words(self) -> str:
        return told("menghapus jam khusus")

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        kept = tuple(one for one in rows.special if one.key != self.key)
        if kept == rows.special:
            raise Invalid("Jam khusus itu sudah tidak ada.")
        return replace(rows, special=kept)


@dataclass(frozen=True, slots=True)
class ImportDecree:
    """The national days of one year, in place of those that were there."""

    year: int
    days: tuple[DayOff, ...]

    def words(self) -> str:
        return told("menetapkan hari libur dan cuti bersama tahun %(year)s", year=self.year)

    def applied(self, rows: CityCalendar, today: date) -> CityCalendar:
        kept = [off for off in rows.days_off if not (off.kind in NATIONAL and off.day.year == self.year)]
        return _with_days(rows, (*kept, *self.days))


Change: TypeAlias = AddClosure | RemoveClosure | SetHours | AddSpecial | RemoveSpecial | ImportDecree


def check_past(old: BusinessCalendar, new: BusinessCalendar, today: date) -> None:
    """Raises Invalid when a day up to today would get working time it had not."""
    for back in range(LOOK_BACK):
        day = today - timedelta(days=back)
        if opens_more(old, new, day):
            raise Invalid(
                told(
                    "%(day)s sudah lewat atau sedang berjalan, jadi tidak dapat lagi dijadikan waktu kerja.",
                    day=say(day),
                )
            )


def _with_days(rows: CityCalendar, days: tuple[DayOff, ...]) -> CityCalendar:
    return replace(rows, days_off=tuple(sorted(days, key=lambda off: (off.day, off.kind))))
