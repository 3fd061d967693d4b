"""Which doubts a checker is told about a proof photo."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.evidence import Facts, distance_in_words, flags_of, hash_distance
from app.domain.geo import Point

RECEIVED = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
HERE = Point(-0.91215, 119.88286)
GOOD = Facts(
    taken_at=RECEIVED + timedelta(days=2), point=Point(-0.91220, 119.88290),
    received_at=RECEIVED + timedelta(days=2, hours=1), dhash=0x0F0F_F0F0_1234_5678,
)  # fmt: skip


def names(photo, earlier=()):
    return [flag.name for flag in flags_of(photo, report_point=HERE, work_began=RECEIVED, earlier=earlier)]


def test_an_honest_photo_raises_no_doubt():
    assert names(GOOD, earlier=[("LW-2026-02-000001", 0xFFFF_0000_FFFF_0000)]) == []


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"taken_at": None, "point": None}, "tanpa_metadata"),
        ({"taken_at": RECEIVED - timedelta(days=30)}, "sebelum_laporan"),
        ({"taken_at": GOOD.received_at + timedelta(days=1)}, "waktu_mendatang"),
        ({"point": Point(-0.87, 119.85)}, "jauh_dari_lokasi"),
        ({"software": "Adobe Photoshop 27"}, "pernah_disunting"),
    ],
)
def test_each_doubt_is_named(change, flag):
    assert names(replace(GOOD, **change)) == [flag]


def test_a_proof_used_before_is_found_though_it_was_reencoded():
    almost = GOOD.dhash ^ 0b1010001
    assert names(GOOD, earlier=[("LW-2026-02-000001", almost)]) == ["foto_pernah_dipakai"]


def test_hashes_stored_as_signed_numbers_compare_the_same():
    assert hash_distance(-1, 0xFFFF_FFFF_FFFF_FFFF) == 0
    assert hash_distance(-1, 0) == 64


def test_distances_are_told_as_people_say_them():
    assert distance_in_words(84.6) == "85 m"
    assert distance_in_words(1234) == "1,2 km"
