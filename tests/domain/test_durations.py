"""Counting durations into buckets loses less than 4 %."""

from __future__ import annotations

import math
import random

import pytest

from app.domain.durations import LARGEST_ERROR, bounds, bucket, value

YEARS_30 = 30 * 365 * 86_400


def test_a_duration_lies_in_its_bucket_and_close_to_what_the_bucket_stands_for() -> None:
    chosen = random.Random(5)
    for _ in range(5_000):
        seconds = math.exp(chosen.uniform(0, math.log(YEARS_30)))
        low, high = bounds(bucket(seconds))
        assert low <= seconds < high
        assert abs(value(bucket(seconds)) - seconds) <= 0.04 * seconds


def test_buckets_follow_each_other_without_gap_and_in_order() -> None:
    for number in range(400):
        low, high = bounds(number)
        assert bounds(number + 1)[0] == high
        assert bucket(low) == number
        assert bucket(math.nextafter(high, 0)) == number
    assert [bucket(second) for second in range(3)] == [0, 1, 10]


def test_the_promised_error_is_reached_nowhere_and_approached_at_the_edges() -> None:
    low, high = bounds(100)
    assert LARGEST_ERROR < 0.04
    assert abs(value(100) - low) / low == pytest.approx(LARGEST_ERROR)
    assert abs(high - value(100)) / high == pytest.approx(LARGEST_ERROR)


@pytest.mark.parametrize("seconds", [-1.0, math.inf, math.nan])
def test_what_is_no_duration_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="duration"):
        bucket(seconds)
