"""What must never be seen by somebody it is not meant for."""

import pytest

from app.domain.privacy import (
    contains_nik,
    mask_email,
    mask_personal,
    mask_phone,
    rounded,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIK saya 7271014505900001 mohon dibantu", True),
        ("NIK 7271 0145 0590 0001", True),
        ("nik:7271.0112.0385.0002.", True),
        ("meteran 1234567890123456", False),
        ("nomor 72710145059000011", False),
        ("7271014505900000", False),
        ("laporan LW-2026-03-000123 tanggal 17 Maret 2026", False),
    ],
)
def test_identity_numbers_are_recognised_by_their_birth_date(text, expected):
    assert contains_nik(text) is expected


def test_personal_marks_in_free_text_are_blacked_out():
    text = "Hubungi Siti 0812-3456-7890 atau siti@contoh.id, NIK 7271014505900001, tiang 12345678."
    masked = mask_personal(text)
    for secret in ("0812", "7890", "siti@", "72710145"):
        assert secret not in masked
    assert "tiang 12345678" in masked


def test_masks_show_enough_for_the_owner_only():
    assert mask_phone("+6281234567890") == "+62********890"
    assert mask_email("siti@contoh.id") == "s***@contoh.id"
    assert mask_email("bukan alamat") == "***"
    assert rounded(-0.912153) == -0.912
