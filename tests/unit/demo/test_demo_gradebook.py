"""The gradebook by itself: Moodle's habits as rules, without HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lti_tool.demo import seed
from lti_tool.demo.exports import mapping_csv
from lti_tool.demo.gradebook import Column, EarlierTimestamp, Gradebook, GradeLocked, NoSuchColumn


@pytest.fixture
def gradebook() -> Gradebook:
    """Column 1 of an activity and column 2 standalone, both of 50 points; it is second 1,000."""
    book = Gradebook(lambda: 1000.0)
    book.add(Column("2", "Activity", Decimal(50), "lti", link_id="1"))
    book.add(Column("2", "Standalone", Decimal(50)))
    return book


def final(book: Gradebook, column: str) -> Decimal | None:
    """Person 6's final grade."""
    grade = book.grade(column, "6")
    return grade.final if grade else None


@pytest.mark.parametrize(
    ("given", "maximum", "expected"),
    [(20, 50, "20"), (5, 10, "25"), (70, 50, "50"), (-5, 50, "0"), (5, 0, "5"), (60, 0, "50"), (1, 3, "16.66667")],
)
def test_a_score_is_put_on_the_columns_scale(given: int, maximum: int, expected: str, gradebook: Gradebook) -> None:
    gradebook.take_score("1", "6", Decimal(given), Decimal(maximum), "", 10)

    assert final(gradebook, "1") == Decimal(expected)


@pytest.mark.parametrize("at", [9, 10])
def test_a_score_must_be_newer_by_a_whole_second(at: int, gradebook: Gradebook) -> None:
    gradebook.take_score("1", "6", Decimal(1), Decimal(50), "", 10)

    with pytest.raises(EarlierTimestamp):
        gradebook.take_score("1", "6", Decimal(2), Decimal(50), "", at)
    gradebook.take_score("1", "6", Decimal(3), Decimal(50), "", 11)
    assert final(gradebook, "1") == 3


def test_only_an_activitys_erased_grade_loses_its_time(gradebook: Gradebook) -> None:
    for column in ("1", "2"):
        gradebook.take_score(column, "6", Decimal(1), Decimal(50), "said", 10)
        gradebook.take_score(column, "6", None, Decimal(0), "", 20)
    gradebook.take_score("1", "6", Decimal(7), Decimal(50), "", 5)

    with pytest.raises(EarlierTimestamp):
        gradebook.take_score("2", "6", Decimal(7), Decimal(50), "", 15)
    assert (final(gradebook, "1"), final(gradebook, "2")) == (7, None)


def test_a_left_out_comment_deletes_the_earlier_one(gradebook: Gradebook) -> None:
    gradebook.take_score("1", "6", Decimal(1), Decimal(50), "said", 10)
    gradebook.take_score("1", "6", Decimal(1), Decimal(50), "", 11)
    grade = gradebook.grade("1", "6")

    assert grade is not None
    assert grade.feedback == ""


def test_rescaling_moves_grades_but_not_overridden_ones(gradebook: Gradebook) -> None:
    gradebook.take_score("1", "6", Decimal(25), Decimal(50), "", 10)
    gradebook.take_score("1", "7", Decimal(25), Decimal(50), "", 10)
    gradebook.override("1", "7", 40)

    gradebook.rescale("1", Decimal(20))

    kept = gradebook.grade("1", "7")
    assert kept is not None
    assert (final(gradebook, "1"), kept.final, kept.maximum) == (10, 40, 20)
    with pytest.raises(EarlierTimestamp):
        gradebook.take_score("1", "6", Decimal(1), Decimal(1), "", 1000)


def test_an_erased_history_takes_any_time_again(gradebook: Gradebook) -> None:
    gradebook.take_score("2", "6", Decimal(1), Decimal(50), "", 10)
    gradebook.erase("2", "6")
    gradebook.take_score("2", "6", Decimal(2), Decimal(50), "", 1)

    assert final(gradebook, "2") == 2


def test_a_removed_column_is_no_more(gradebook: Gradebook) -> None:
    gradebook.remove("2")

    with pytest.raises(NoSuchColumn):
        gradebook.take_score("2", "6", Decimal(1), Decimal(1), "", 1)
    assert gradebook.add(Column("2", "Next", Decimal(1))).id == "3"


def test_a_lock_holds_against_the_tool(gradebook: Gradebook) -> None:
    gradebook.lock("1", "6")

    with pytest.raises(GradeLocked):
        gradebook.take_score("1", "6", Decimal(1), Decimal(1), "", 10)
    gradebook.take_score("1", "7", Decimal(1), Decimal(1), "", 10)


def test_every_participant_has_a_mark_or_a_gap_for_each_activity() -> None:
    for person_id in seed.PARTICIPANT_IDS:
        marks = seed.marks_of(person_id)
        assert len(marks) == len(seed.NATIVE_ACTIVITIES)
        for mark, activity in zip(marks, seed.NATIVE_ACTIVITIES, strict=True):
            assert mark is None or 0 <= mark <= activity.maximum
    assert seed.marks_of("9").count(None) == 5


def test_the_mapping_names_each_pair_once() -> None:
    pairs = [line.rsplit(",", 4)[0] for line in mapping_csv().splitlines()]

    assert len(set(pairs)) == len(pairs) == 29
