"""Two sides are told apart only where the difference is more than chance and more than the buckets' error."""

import math
import random

import pytest

from app.domain.bottleneck import Figures
from app.domain.durations import bucket, value
from app.services.bottlenecks_compare import speed

HOUR = 3600


def figures(seconds):
    """What is known of so many times once they were counted."""
    known = sorted(value(bucket(one)) for one in seconds)
    median, p90 = (known[math.ceil(len(known) * share) - 1] for share in (0.5, 0.9))
    return Figures(len(known), 0, 0, 0, 0, 0, round(sum(known)), 0, median, p90)


def drawn(chance, times, middle, spread=1.0):
    return figures([chance.lognormvariate(math.log(middle), spread) for _ in range(times)])


@pytest.mark.parametrize("times", [5, 30, 300])
def test_chance_is_seldom_taken_for_a_difference(times):
    chance = random.Random(times)
    taken = sum(
        speed(drawn(chance, times, 8 * HOUR), drawn(chance, times, 8 * HOUR)) != 0 for _ in range(400)
    )
    assert taken <= 40 if times > 5 else taken <= 80


@pytest.mark.parametrize(("times", "slower"), [(30, 3.0), (300, 1.5)])
def test_a_real_difference_is_found_and_measured(times, slower):
    chance = random.Random(times)
    before, after = 8 * HOUR, slower * 8 * HOUR
    told = [speed(drawn(chance, times, before), drawn(chance, times, after)) for _ in range(200)]
    assert sum(one > 0 for one in told) >= 180
    assert sorted(told)[100] == pytest.approx(slower - 1, rel=0.15)


def test_too_few_or_nothing_is_not_compared():
    quick, slow = figures([HOUR] * 4), figures([9 * HOUR] * 400)
    assert speed(quick, slow) == 0
    nothing = figures([0.0] * 20)
    assert (speed(nothing, nothing), speed(nothing, slow), speed(slow, nothing)) == (0, math.inf, -1)
    assert speed(figures([100] * 90), figures([104] * 90)) == 0, "two buckets beside each other"
