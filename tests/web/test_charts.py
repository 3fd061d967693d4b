"""Charts are true to their numbers, have gaps where nothing is known, and let no text through as markup."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.web.charts import HEIGHT, LEFT, RIGHT, WIDTH, Line, Scale, bar_chart, line_chart, split_bar


def part(svg, style):
    return [one for one in etree.fromstring(svg).iter() if style in one.get("class", "").split()]


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_the_scale_holds_the_largest_in_few_even_steps(largest):
    ticks = Scale.over(largest).ticks
    assert ticks[0] == 0
    assert ticks[-1] >= largest * (1 - 1e-9)
    assert 2 <= len(ticks) <= 6
    steps = [after - before for before, after in pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps))


def test_a_line_is_broken_where_nothing_is_known():
    svg = line_chart(
        [Line("Median", "median", [1, 2, None, 4])], ["a", "b", "c", "d"], title="T", unit="u", key="k"
    )
    (line,) = part(svg, "chart-line--median")
    assert re.fullmatch(r"M[\d. ]+L[\d. ]+M[\d. ]+", line.get("d"))
    assert len(part(svg, "chart-spot--median")) == 3
    heights = [float(one.get("cy")) for one in part(svg, "chart-spot--median")]
    assert heights == sorted(heights, reverse=True), "what is more stands higher"


def test_bars_are_as_high_as_they_count_and_stay_inside():
    svg = bar_chart([10, 5, 0], [5, 0, 0], ["a", "b", "c"], title="T", unit="u", key="k")
    bars = part(svg, "chart-bar")
    high = [float(one.get("height")) for one in bars]
    assert high[0] == pytest.approx(2 * high[1], abs=0.2)
    assert high[1] == pytest.approx(high[2], abs=0.2)
    assert high[3:] == [0, 0, 0]
    for one in bars:
        left, width = float(one.get("x")), float(one.get("width"))
        assert left >= LEFT
        assert left + width <= WIDTH - RIGHT
        assert 0 <= float(one.get("y")) <= HEIGHT


def test_a_chart_of_nothing_is_still_a_chart():
    assert part(bar_chart([], [], [], title="T", unit="u", key="k"), "chart-grid")
    assert part(line_chart([], [], title="T", unit="u", key="k"), "chart-grid")
    assert 'width="0.00"' in split_bar([("waiting", 0)], 0)


def test_texts_are_text():
    evil = '<script>"&'
    for svg in (
        line_chart([Line(evil, "median", [1])], [evil], title=evil, unit=evil, key="k"),
        bar_chart([1], [0], [evil], title=evil, unit=evil, key="k"),
    ):
        assert "<script" not in svg
        assert evil in "".join(etree.fromstring(svg).itertext())


def test_parts_of_a_bar_follow_each_other():
    svg = split_bar([("waiting", 30), ("working", 50)], 100)
    places = [(one.get("x"), one.get("width")) for one in etree.fromstring(svg)]
    assert places == [("0.00", "30.00"), ("30.00", "50.00")]
