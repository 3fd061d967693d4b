"""What may be sent in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.report import Draft, faults_of, read_email, read_number, read_phone, report_number

NOW = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
GOOD = Draft(
    text="Lampu jalan di lorong kami padam.", kelurahan="72.71.02.1007", has_point=True, landmark=None,
    occurred_on=None, anonim=False, name="Warga (uji)", phone="0812 3456 7890", email=None, photos=1,
)  # fmt: skip


def test_a_complete_report_is_taken_in():
    assert faults_of(GOOD, today=NOW.date()) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "Rusak"}, "description"),
        ({"text": "   \n   " + "a" * 9 + "   "}, "description"),
        ({"text": "a" * 4001}, "description"),
        ({"kelurahan": None}, "kelurahan"),
        ({"has_point": False}, "landmark"),
        ({"landmark": "x" * 301}, "landmark"),
        ({"occurred_on": NOW.date() + timedelta(days=1)}, "occurred_on"),
        ({"photos": 6}, "photos"),
        ({"name": " "}, "name"),
        ({"phone": None}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"email": "warga@"}, "email"),
    ],
)
def test_each_fault_is_told_at_its_field(change, field):
    assert list(faults_of(replace(GOOD, **change), today=NOW.date())) == [field]


@pytest.mark.parametrize("length", [10, 4000])
def test_the_limits_of_the_text_are_inside(length):
    assert faults_of(replace(GOOD, text="a" * length), today=NOW.date()) == {}


def test_an_anonymous_report_asks_for_no_name_and_no_contact():
    assert faults_of(replace(GOOD, anonim=True, name=None, phone=None), today=NOW.date()) == {}


def test_a_place_in_words_does_without_a_point():
    assert faults_of(replace(GOOD, has_point=False, landmark="depan masjid"), today=NOW.date()) == {}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("62812 3456 7890", "+6281234567890"),
        ("812 3456 7890", "+6281234567890"),
        ("(0451) 421234", "+62451421234"),
        ("12345", None),
        ("08123456789012345", None),
        ("telepon", None),
        ("0812٣456789", None),
    ],
)
def test_phone_numbers_are_kept_in_one_form(typed, expected):
    assert read_phone(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Warga@Contoh.ID ", "warga@contoh.id"),
        ("warga@contoh", None),
        ("a b@contoh.id", None),
        ("a@b..id", None),
        ("warga@contoh.id\nBcc: x@y.id", None),
    ],
)
def test_addresses_are_plain(typed, expected):
    assert read_email(typed) == expected


def test_numbers_are_read_as_people_type_them():
    number = report_number(NOW, 123)
    assert number == "LW-2026-03-000123"
    for typed in (number, "lw 2026 03 000123", "LW202603000123", "2026-03-000123", " lw–2026–03–000123 "):
        assert read_number(typed) == number
    for typed in ("", "LW-2026-03", "LW-2026-03-12", "'; DROP TABLE", "LW-20A6-03-000123"):
        assert read_number(typed) is None
