"""Months and periods as addresses write them; words by which people are found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lti_tool.reports.periods import Month, Period
from lti_tool.reports.words import Named, asked_for, words_of


def test_a_month_is_written_and_read() -> None:
    month = Month.of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))

    assert (month.year, month.month, str(month)) == (2026, 12, "2026-12")
    assert Month.read("2026-12") == month
    assert Month.read("2027-01") == Month(month.number + 1)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "0000-05", "2026-1", "2026-12-01", "жок"])
def test_what_is_no_month_is_none(text: str) -> None:
    assert Month.read(text) is None


def test_a_period_has_both_its_ends_and_no_more() -> None:
    period = Period.read("2026-02", "2026-04")

    months = [f"2026-{month:02}" for month in range(1, 6)]
    assert [period.has(found) for each in months if (found := Month.read(each))] == [False, True, True, True, False]


def test_a_period_that_ends_before_it_begins_is_turned_round() -> None:
    assert Period.read("2026-04", "2026-02") == Period.read("2026-02", "2026-04")


def test_half_a_period_is_open_at_the_other_end() -> None:
    assert Period.read("", "").is_open
    assert Period.read("2026-04", "").has(Month(99999))
    assert not Period.read("", "2026-04").has(Month(99999))


def somebody(name: str = "", family: str | None = None, email: str | None = None, number: str | None = None) -> Named:
    return Named(1, 1, name, family, email, number)


def test_somebody_is_found_by_each_part_of_what_the_lms_says() -> None:
    words = words_of(somebody("Айгүл Токтосунова", "Токтосунова", "Aigul@Example.org", "KG-17"))

    assert words[0] == asked_for("ТОКТОСУНОВА")[0], "lists are sorted by the family name"
    assert set(words) >= {asked_for(each)[0] for each in ("айгүл", "aigul@example.org", "kg-17")}
    assert len(words) == len(set(words))


def test_without_a_family_name_the_first_word_sorts() -> None:
    assert words_of(somebody("Нургүл Асанова"))[0] == asked_for("нургүл")[0]


def test_a_nameless_person_still_stands_in_the_list() -> None:
    assert len(words_of(somebody())) == 1


def test_the_longest_word_is_looked_for_first_and_none_twice() -> None:
    assert asked_for("  ай  Токто, ай ") == [*asked_for("токто"), *asked_for("ай")]
    assert asked_for(" ,; ") == []
    assert len(asked_for(" ".join(f"сөз{number}" for number in range(50)))) == 6
