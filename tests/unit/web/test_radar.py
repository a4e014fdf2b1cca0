"""The radar of the aspects: what is unknown has no point, and is neither the middle nor level 0."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.web.radar import RADIUS, draw

SIX = ("1", "2", "3", "4", "5", "6")
NOTHING = (None,) * 6
levels = st.lists(st.none() | st.integers(0, 3), min_size=6, max_size=6)


def test_what_is_known_of_everything_is_one_closed_outline() -> None:
    radar = draw(SIX, (3, 2, 1, 0, 1, 2), NOTHING, 3)

    assert radar is not None
    assert radar.shown.line.count("M") == 1
    assert radar.shown.line.endswith("Z")
    assert (radar.shown.dots[0].x, radar.shown.dots[0].y) == (0, -RADIUS)
    assert all(axis.is_known for axis in radar.axes)


def test_an_unknown_aspect_is_a_gap_and_an_axis_of_its_own_kind() -> None:
    radar = draw(SIX, (2, 2, None, 1, 1, 1), NOTHING, 3)

    assert radar is not None
    assert [axis.is_known for axis in radar.axes] == [True, True, False, True, True, True]
    assert len(radar.shown.dots) == 5
    assert radar.shown.line.count("M") == 1, "the outline goes on over the first axis"
    assert "Z" not in radar.shown.line


def test_level_zero_is_no_middle() -> None:
    radar = draw(SIX, (0,) * 6, NOTHING, 3)

    assert radar is not None
    assert {round(hypot(dot.x, dot.y)) for dot in radar.shown.dots} == {RADIUS / 4}


def test_a_lonely_aspect_is_a_dot_without_a_line() -> None:
    radar = draw(SIX, (None, 2, None, None, 1, None), NOTHING, 3)

    assert radar is not None
    assert (radar.shown.line, radar.shown.area) == ("", "")
    assert len(radar.shown.dots) == 2


@given(levels)
def test_there_are_as_many_points_as_is_known(known: list[int | None]) -> None:
    radar = draw(SIX, known, known, 3)

    assert radar is not None
    count = sum(level is not None for level in known)
    assert len(radar.shown.dots) == count
    assert (radar.said is None) == (count == 0)
    assert "M0 0" not in radar.shown.line, "no line goes through the middle"


@pytest.mark.parametrize("labels", [(), ("1",), ("1", "2")])
def test_too_few_aspects_are_no_picture(labels: tuple[str, ...]) -> None:
    assert draw(labels, (1,) * len(labels), (None,) * len(labels), 3) is None
