"""A deadline can say how it came about."""

import json
from datetime import datetime

from app.adapters.holidays import default_calendar
from app.domain.deadline import arithmetic, explain

ZONE = "Asia/Makassar"
PALU = default_calendar(ZONE)
START = datetime.fromisoformat("2026-03-17T02:05:00+00:00")


def test_working_days_name_every_day_they_passed_over() -> None:
    due = PALU.add_working_days(START, 3)
    stored = arithmetic("hari_kerja(3)", START, due, PALU, source="SP4N")
    assert json.loads(json.dumps(stored)) == stored
    assert stored["mulai"] == "2026-03-17T10:05:00+08:00"
    assert stored["hasil"] == "2026-03-27T16:00:00+08:00"
    assert (stored["satuan"], stored["hari_kerja"], stored["sumber"]) == ("kerja", 3, "SP4N")
    assert [day for day, _ in stored["dilewati"]] == [f"2026-03-{day}" for day in range(18, 25)]
    said = explain(stored, ZONE)
    assert said[0] == "Mulai Selasa, 17 Maret 2026 pukul 10.05 WITA."
    assert {"Aturan: hari_kerja(3).", "Dasar: SP4N."} <= set(said)
    assert "Dihitung 3 hari kerja; hari mulai tidak ikut dihitung." in said
    assert "19 Maret 2026 (Hari Suci Nyepi)" in " ".join(said)
    assert said[-1] == "Batas: Jumat, 27 Maret 2026 pukul 16.00 WITA."


def test_the_wall_clock_skips_nothing() -> None:
    due = datetime.fromisoformat("2026-03-27T02:05:00+00:00")
    stored = arithmetic("hari(10)", START, due, PALU)
    assert (stored["satuan"], stored["dilewati"]) == ("jam", [])
    assert "termasuk hari libur" in " ".join(explain(stored, ZONE))


def test_pauses_are_told() -> None:
    stored = arithmetic("hari_kerja(14)", START, PALU.add_working_days(START, 14), PALU)
    stored["jeda"] = [
        {
            "dari": "2026-03-26T09:00:00+08:00",
            "sampai": "2026-03-30T09:00:00+08:00",
            "sebab": "Melengkapi laporan",
        }
    ]
    stored["perpanjangan"] = [
        {
            "pada": "2026-04-01T09:00:00+08:00",
            "dari": "2026-04-14T16:00:00+08:00",
            "menjadi": "2026-04-21T16:00:00+08:00",
        }
    ]
    said = " ".join(explain(stored, ZONE))
    assert (
        "Jeda dari Kamis, 26 Maret 2026 pukul 09.00 WITA sampai Senin, 30 Maret 2026 pukul 09.00 WITA "
        "(Melengkapi laporan)." in said
    )
    assert (
        "Diperpanjang pada Rabu, 1 April 2026 pukul 09.00 WITA: dari Selasa, 14 April 2026 pukul 16.00 WITA "
        "menjadi Selasa, 21 April 2026 pukul 16.00 WITA." in said
    )
