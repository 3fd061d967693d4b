"""Durations counted into buckets that grow by a fixed ratio: a percentile from counts, within 4 %.

Bucket 0 holds everything under one second, bucket n (from 1 on) the durations from RATIO^(n-1) seconds up to,
not including, RATIO^n. A year is bucket 225.
"""

from __future__ import annotations

import math

PER_OCTAVE = 9
"""Buckets until a duration has doubled."""
RATIO = 2.0 ** (1 / PER_OCTAVE)
LARGEST_ERROR = (RATIO - 1) / (RATIO + 1)
"""Of `value` against what was counted, from one second on: 3.85 %."""


def bucket(seconds: float) -> int:
    """The bucket that holds `seconds`. Raises ValueError for negative and unending times."""
    if not 0 <= seconds < math.inf:
        raise ValueError("a duration is a number of seconds from 0 on")
    if seconds < 1:
        return 0
    found = math.floor(math.log2(seconds) * PER_OCTAVE) + 1
    # The logarithm of an edge may come out a hair beside it.
    while seconds < bounds(found)[0]:
        found -= 1
    while seconds >= bounds(found)[1]:
        found += 1
    return found


def bounds(bucket: int) -> tuple[float, float]:
    """Seconds from which on a bucket holds, and those from which on it holds no more. Raises ValueError for
    negative buckets."""
    if bucket < 0:
        raise ValueError("buckets count from 0")
    if bucket == 0:
        return 0.0, 1.0
    return float(2.0 ** ((bucket - 1) / PER_OCTAVE)), float(2.0 ** (bucket / PER_OCTAVE))


def value(bucket: int) -> float:
    """The seconds a bucket stands for: 0 for the first, else what its both ends are equally far from."""
    low, high = bounds(bucket)
    return 0.0 if bucket == 0 else 2 * low * high / (low + high)
