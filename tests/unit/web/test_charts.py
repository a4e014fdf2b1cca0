"""Bars and paths: parts in proportion, what is unknown drawn nowhere, and nothing outside of the picture."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.web.charts import SHADES, WIDTH, Path, Segment, path, shade, stacked

counts = st.lists(st.tuples(st.sampled_from(["unknown", "0", "1", "2", "3"]), st.integers(0, 100_000)), max_size=5)


def test_parts_stand_side_by_side_in_proportion() -> None:
    assert stacked([("unknown", 1), ("0", 0), ("1", 3)]) == (Segment("unknown", 0, 25), Segment("1", 25, 75))


def test_a_bar_of_nobody_has_no_parts() -> None:
    assert stacked([("0", 0), ("1", 0)]) == ()


@given(counts)
def test_the_parts_of_somebody_fill_the_bar(told: list[tuple[str, int]]) -> None:
    parts = stacked(told)

    assert [each.key for each in parts] == [key for key, count in told if count]
    assert sum(each.width for each in parts) == pytest.approx(WIDTH if parts else 0, abs=0.05)
    for before, after in pairwise(parts):
        assert before.x + before.width == pytest.approx(after.x, abs=0.02)


def test_an_unknown_point_is_none_and_level_zero_is_the_beginning() -> None:
    assert path(None, Fraction(3, 2), Fraction(0), 3) == Path(None, 50, 0)
    assert path(Fraction(3), None, Fraction(1), 3) == Path(100, None, 33.33)


@pytest.mark.parametrize(
    ("share", "dark"),
    [
        (None, 0),
        (Fraction(0), 0),
        (Fraction(1, 1000), 1),
        (Fraction(199, 1000), 1),
        (Fraction(1, 5), 2),
        (Fraction(999, 1000), SHADES),
        (Fraction(1), SHADES),
    ],
)
def test_a_little_is_never_shown_as_nothing_and_all_is_the_darkest(share: Fraction | None, dark: int) -> None:
    assert shade(share) == dark


@given(st.fractions(0, 1), st.fractions(0, 1))
def test_more_is_never_lighter(one: Fraction, other: Fraction) -> None:
    assert shade(min(one, other)) <= shade(max(one, other))
