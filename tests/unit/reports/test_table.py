"""Values as files show them: rounded down, in one time zone, empty where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.reports.table import Column, Kind, Value, file_name, number_of, text_of
from tests.factories.tables import table

BISHKEK = ZoneInfo("Asia/Bishkek")


@pytest.mark.parametrize(
    ("kind", "places", "value", "said"),
    [
        (Kind.TEXT, 0, "Айгүл", "Айгүл"),
        (Kind.TEXT, 0, None, ""),
        (Kind.WHOLE, 0, 0, "0"),
        (Kind.WHOLE, 0, 12_345, "12345"),
        (Kind.DECIMAL, 2, Decimal("0.999"), "0.99"),
        (Kind.DECIMAL, 2, Fraction(2), "2.00"),
        (Kind.DECIMAL, 2, Decimal("-0.001"), "-0.01"),
        (Kind.PERCENT, 1, Fraction(5999, 10_000), "59.9%"),
        (Kind.PERCENT, 1, Fraction(1), "100.0%"),
        (Kind.PERCENT, 0, Fraction(2, 3), "66%"),
        (Kind.LEVEL, 0, 2, "2"),
        (Kind.LEVEL, 0, "In progress", "In progress"),
        (Kind.LEVEL, 0, None, ""),
        (Kind.MOMENT, 0, datetime(2026, 11, 26, 20, 30, tzinfo=UTC), "2026-11-27 02:30"),
    ],
)
def test_a_value_is_written_as_its_column_says(kind: Kind, places: int, value: Value, said: str) -> None:
    assert text_of(value, Column("", kind, places), BISHKEK) == said


@given(st.fractions(min_value=-10, max_value=1000), st.integers(0, 4))
def test_what_is_shown_is_never_above_what_is(value: Fraction, places: int) -> None:
    shown = number_of(value, Column("", Kind.DECIMAL, places))

    assert shown is not None
    assert 0 <= value - Fraction(shown) < Fraction(1, 10**places)


@given(st.fractions(min_value=0, max_value=1), st.integers(0, 2))
def test_a_share_is_rounded_down_as_per_cent(value: Fraction, places: int) -> None:
    shown = number_of(value, Column("", Kind.PERCENT, places))

    assert shown is not None
    assert 0 <= value - Fraction(shown) < Fraction(1, 100 * 10**places)


def test_a_text_among_numbers_is_no_number() -> None:
    assert number_of("7", Column("", Kind.LEVEL)) is None


def test_a_table_knows_about_how_large_it_is() -> None:
    assert table().cells == 18


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Топ", "МКТ-2026"), "Топ-МКТ-2026"),
        (("../../etc", "passwd"), "etc-passwd"),
        (('a"b\r\n;c',), "a_b_c"),
        (("", ""), "table"),
        (("Ңү" * 100,), "Ңү" * 30),
    ],
)
def test_a_files_name_is_made_of_letters(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts) == name
