"""Two reports that went the same way have the same way."""

from __future__ import annotations

import random
from functools import reduce

import pytest

from app.domain.traits import gone_on, way_id


def way(steps: str) -> str:
    return "".join(reduce(gone_on, steps, []))


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("VKS", "VKS"),
        ("VVKS", "VKS"),
        ("VPVPVS", "VPVS"),
        ("VPVPVPVS", "VPVS"),
        ("KCKCKCS", "KCS"),
        ("AVPVPVBAVPVB", "AVPVB"),
        ("ABCAB", "ABCAB"),
    ],
)
def test_a_loop_is_told_once(steps: str, told: str) -> None:
    assert way(steps) == told


def test_two_rounds_and_three_are_the_same_way_whatever_came_before_and_comes_after() -> None:
    chosen = random.Random(7)
    for _ in range(4_000):
        letters = "abcdef"[: chosen.randint(2, 6)]
        before = "".join(chosen.choices(letters, k=chosen.randint(0, 9)))
        round_ = "".join(chosen.sample(letters, chosen.randint(1, len(letters))))
        after = "".join(chosen.choices(letters, k=chosen.randint(0, 4)))
        assert way(before + round_ * 2 + after) == way(before + round_ * 3 + after)
        assert way(before + round_ * 2 + after) == way(before + round_ * 7 + after)


def test_nothing_is_told_twice_running_and_a_told_way_is_its_own() -> None:
    chosen = random.Random(8)
    for _ in range(2_000):
        told = way("".join(chosen.choices("abcd", k=chosen.randint(0, 30))))
        assert way(told) == told
        for length in range(1, len(told) // 2 + 1):
            for place in range(len(told) - 2 * length + 1):
                assert told[place : place + length] != told[place + length : place + 2 * length]


def test_the_name_of_a_way_is_of_its_sop_and_its_steps() -> None:
    assert way_id("pengaduan", ["a", "b"]) == way_id("pengaduan", ("a", "b"))
    others = {way_id("aspirasi", ["a", "b"]), way_id("pengaduan", ["b", "a"]), way_id("pengaduan", ["ab"])}
    assert way_id("pengaduan", ["a", "b"]) not in others
    assert len(others) == 3
