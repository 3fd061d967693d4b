"""What may be typed to do one thing to many reports."""

import pytest

from app.forms.operations_bulk import read_bulk

NO_DAYS = ("", "0", "61", "-61", "1.5", "٣٠٠", "dua")
PERSON = "0b8f6e1e-6a52-4a5c-9a9e-3f5f3a1c2d4e"


@pytest.mark.parametrize(
    ("typed", "parameters"),
    [
        ({"operasi": "tangguhkan", "hari": "seribu", "dari": "?"}, {}),
        ({"operasi": "batas", "hari": " 3 "}, {"hari": 3}),
        ({"operasi": "batas", "hari": "-60"}, {"hari": -60}),
        (
            {"operasi": "alihkan", "dari": "operator_opd@DPU", "kepada": f"orang:{PERSON}"},
            {"dari": {"peran": "operator_opd", "unit": "DPU"}, "kepada": {"orang": PERSON}},
        ),
        (
            {"operasi": "alihkan", "dari": "wali_kota@", "kepada": "unit:DLH"},
            {"dari": {"peran": "wali_kota", "unit": None}, "kepada": {"unit": "DLH"}},
        ),
    ],
)
def test_what_is_understood(typed, parameters):
    read = read_bulk(typed)
    assert (read.kind, read.parameters, read.faults) == (typed["operasi"], parameters, {})


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        *(({"operasi": "batas", "hari": days}, {"hari"}) for days in NO_DAYS),
        ({"operasi": "alihkan"}, {"alihkan-dari", "alihkan-kepada"}),
        ({"operasi": "alihkan", "dari": "@DPU", "kepada": "unit:DLH"}, {"alihkan-dari"}),
        ({"operasi": "alihkan", "dari": "a@b", "kepada": "orang:'; DROP TABLE"}, {"alihkan-kepada"}),
        ({"operasi": "alihkan", "dari": "a@b", "kepada": "unit:"}, {"alihkan-kepada"}),
    ],
)
def test_what_is_not_is_told_at_its_field(typed, wrong):
    assert set(read_bulk(typed).faults) == wrong
