"""How hot a place is drawn, and what is said to be the cause."""

from dataclasses import replace

import pytest

from app.domain.bottleneck import LEVELS, Cause, Figures, Measure, levels, widths

PLAIN = Figures(
    times=100, late=0, signed_late=0, again=0, dropped=0, waiting=40_000, working=60_000, elapsed=0,
    median=900, p90=2_000,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "causes"),
    [
        ({}, [Cause.WORK]),
        ({"waiting": 60_000, "working": 40_000}, [Cause.WAITING]),
        ({"signed_late": 20, "late": 0}, [Cause.WORK, Cause.LATE]),
        ({"signed_late": 19, "late": 19}, [Cause.WORK]),
        ({"again": 15}, [Cause.WORK, Cause.AGAIN]),
        ({"p90": 3_600}, [Cause.WORK, Cause.TAIL]),
        ({"median": 0, "p90": 3_600}, [Cause.WORK]),
        (
            {"waiting": 90_000, "working": 0, "signed_late": 50, "again": 50, "p90": 9_000},
            [Cause.WAITING, Cause.LATE, Cause.AGAIN, Cause.TAIL],
        ),
    ],
)
def test_the_causes_are_what_stands_out(changed, causes):
    assert list(replace(PLAIN, **changed).causes()) == causes


@pytest.mark.parametrize("measure", [Measure.SPENT, Measure.MEDIAN, Measure.P90, Measure.WAITING])
def test_the_largest_is_the_hottest_whatever_its_size(measure):
    for size in (1e-9, 0.4, 1e9):
        found = levels({"a": size, "b": size / 2, "c": size / 1000, "d": 0.0}, measure)
        assert found == {"a": LEVELS, "b": 3, "c": 1, "d": 0}


@pytest.mark.parametrize("measure", [Measure.LATE, Measure.AGAIN])
def test_a_small_share_stays_cool_even_where_it_is_the_largest(measure):
    found = levels({"none": 0.0, "few": 0.01, "some": 0.1, "many": 0.2, "half": 0.5, "most": 0.51}, measure)
    assert found == {"none": 0, "few": 1, "some": 2, "many": 3, "half": 4, "most": 5}


def test_nothing_has_no_heat_and_no_width():
    assert levels({}, Measure.MEDIAN) == {}
    assert levels({"a": 0.0}, Measure.MEDIAN) == {"a": 0}
    assert widths({"a": 0}) == {"a": 0}
    assert widths({"a": 1, "b": 1000}) == {"a": 1, "b": LEVELS}


def test_shares_of_nothing_are_nothing():
    none = Figures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (none.late_share, none.signed_late_share, none.again_share, none.waiting_share) == (0, 0, 0, 0)
    assert (none.waits, none.works, none.value(Measure.SPENT, 0)) == (0, 0, 0)
