"""What a printed mark comes to against what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.moodle.result_news import SOURCE, Known, News, Told, news_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def told(mark: str | None, maximum: str = "10", at: datetime = NOW) -> Told:
    places = len(mark.partition(".")[2]) if mark else 0
    return Told(None if mark is None else Decimal(mark), places, Decimal(maximum), at)


def known(share: str | None, source: str = SOURCE, worked_at: datetime = NOW - DAY) -> Known:
    return Known(None if share is None else Fraction(share), source, worked_at)


@pytest.mark.parametrize(
    ("cell", "before", "news"),
    [
        (told("5.00"), Known(), News.ADDED),
        (told("0.00"), Known(), News.ADDED),
        (told("5.00"), known("4/10"), News.CHANGED),
        (told("5.00"), known("1/2"), News.UNCHANGED),
        (told("50.00", "100"), known("1/2"), News.UNCHANGED),
        (told("5.00"), known(None), News.ADDED),
        (told("5.00"), known("4/10", "trainer"), News.CHANGED),
        (told(None), known("4/10"), News.WITHDRAWN),
        (told(None), known("0"), News.WITHDRAWN),
        (told(None), known(None), News.NOTHING),
        (told(None), Known(), News.NOTHING),
        (told(None), known("4/10", "web_service"), News.NOTHING),
    ],
)
def test_a_cell_is_compared_with_what_stands(cell: Told, before: Known, news: News) -> None:
    assert news_of(cell, before) is news


@pytest.mark.parametrize("mark", ["5.00", None])
def test_an_older_file_never_replaces_a_newer_word(mark: str | None) -> None:
    before = known("4/10", worked_at=NOW + DAY)

    assert news_of(told(mark), before) is News.OLDER


def test_a_file_that_only_repeated_a_mark_counts_as_a_newer_word() -> None:
    before = Known(Fraction(4, 10), SOURCE, NOW - DAY, read_at=NOW + DAY)

    assert news_of(told("5.00"), before) is News.OLDER


def test_an_older_file_that_agrees_is_no_news() -> None:
    assert news_of(told("4.00"), known("4/10", worked_at=NOW + DAY)) is News.UNCHANGED


def test_a_withdrawal_is_not_undone_by_an_older_file() -> None:
    assert news_of(told("4.00"), known(None, worked_at=NOW + DAY)) is News.OLDER


def test_of_two_files_of_one_moment_the_later_read_stands() -> None:
    assert news_of(told("5.00"), known("4/10", worked_at=NOW)) is News.CHANGED


@pytest.mark.parametrize(
    ("printed", "maximum", "sent"),
    [
        ("66.67", "100", "2/3"),
        ("67", "100", "2/3"),
        ("6.67", "10", "2/3"),
        ("66.66667", "100", "2/3"),
        ("70.00", "100", "7/10"),
        ("0.00", "100", "0"),
    ],
)
def test_what_the_tool_itself_sent_is_no_result(printed: str, maximum: str, sent: str) -> None:
    assert news_of(told(printed, maximum), Known(sent=[Fraction(sent)])) is News.OWN


@pytest.mark.parametrize("printed", ["66.66", "66.68", "70.00"])
def test_a_teachers_own_mark_over_the_sent_one_is_a_result(printed: str) -> None:
    assert news_of(told(printed, "100"), Known(sent=[Fraction(2, 3)])) is News.ADDED


def test_a_mark_sent_earlier_is_no_result_either() -> None:
    assert news_of(told("50.00", "100"), Known(sent=[Fraction(1, 2), Fraction(4, 5)])) is News.OWN


@given(
    share=st.fractions(0, 1, max_denominator=1000),
    maximum=st.integers(1, 1000),
    places=st.integers(0, 5),
)
def test_a_sent_share_is_recognised_however_it_is_printed(share: Fraction, maximum: int, places: int) -> None:
    stored = round(share * maximum, 5)
    printed = round(stored, places)
    mark = Decimal(printed.numerator) / Decimal(printed.denominator)

    cell = Told(mark, places, Decimal(maximum), NOW)

    assert news_of(cell, Known(sent=[share])) is News.OWN
