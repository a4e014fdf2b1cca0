"""Which columns count as results of which activity."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from lti_tool.ids import ActivityId, CourseId, PublicId
from lti_tool.moodle.activity_names import ActivityNames
from lti_tool.moodle.column_matching import ColumnFault, Ignored, MatchedColumns, match_columns
from lti_tool.moodle.gradebook_file import read_gradebook
from lti_tool.people.model import Activity, ActivityKind, ActivitySource


def activity(number: int, name: str, maximum: str | None = None, source: str = "gradebook") -> Activity:
    return Activity(
        id=ActivityId(number),
        public_id=PublicId(str(number)),
        course_id=CourseId(1),
        kind=ActivityKind.NATIVE,
        source=ActivitySource(source),
        external_id=name,
        name=name,
        mark_max=Decimal(maximum) if maximum else None,
    )


@pytest.fixture
def matched(small: Callable[..., bytes]) -> Callable[..., MatchedColumns]:
    """Matches a file with these headers (each with one cell) with these activities."""

    def match(
        headers: dict[str, str], *activities: Activity, labels: tuple[str, ...] = (), own: dict[int, str] | None = None
    ) -> MatchedColumns:
        file = read_gradebook(small({header: [cell] for header, cell in headers.items()}))
        maxima = {ActivityId(number): Decimal(maximum) for number, maximum in (own or {}).items()}
        return match_columns(file, ActivityNames(activities), labels, maxima)

    return match


Matched = Callable[..., MatchedColumns]


def chosen(found: MatchedColumns) -> list[tuple[str, int, str]]:
    return [(each.column.header, each.activity.id, str(each.maximum)) for each in found.chosen]


def test_a_real_column_takes_the_maximum_of_its_activity(matched: Matched) -> None:
    found = matched({"Quiz: A (Real)": "5"}, activity(1, "Quiz: A", "10"))

    assert chosen(found) == [("Quiz: A (Real)", 1, "10")]


def test_a_real_column_of_an_own_link_takes_that_of_its_line_item(matched: Matched) -> None:
    found = matched({"External tool: A (Real)": "5"}, activity(1, "External tool: A", source="lti"), own={1: "20"})

    assert chosen(found) == [("External tool: A (Real)", 1, "20")]


def test_a_real_column_without_a_maximum_is_reported_not_guessed(matched: Matched) -> None:
    found = matched({"Quiz: A (Real)": "5"}, activity(1, "Quiz: A"))

    assert found.chosen == ()
    assert [(each.column, each.reason) for each in found.unmatched] == [
        ("Quiz: A (Real)", ColumnFault.COLUMN_WITHOUT_MAXIMUM)
    ]


def test_a_percentage_needs_no_maximum(matched: Matched) -> None:
    found = matched({"Quiz: A (Real)": "5", "Quiz: A (Percentage)": "50 %"}, activity(1, "Quiz: A"))

    assert chosen(found) == [("Quiz: A (Percentage)", 1, "100")]
    assert found.unmatched == ()
    assert [(each.column, each.reason) for each in found.ignored] == [("Quiz: A (Real)", Ignored.OTHER_DISPLAY)]


def test_a_real_column_goes_before_a_percentage_where_its_maximum_is_known(matched: Matched) -> None:
    found = matched({"Quiz: A (Percentage)": "50 %", "Quiz: A (Real)": "5"}, activity(1, "Quiz: A", "10"))

    assert chosen(found) == [("Quiz: A (Real)", 1, "10")]


@pytest.mark.parametrize(
    ("name", "source", "printed"),
    [
        ("Quiz: Week 1", "gradebook", "Тест: Week 1"),
        ("Тест: Week 1", "moodle", "Quiz: Week 1"),
        ("External tool: Portfolio", "lti", "Внешний инструмент: Portfolio"),
        ("Внешний инструмент: Portfolio", "lti", "Тышкы курал: Portfolio"),
        ("Portfolio", "lti", "External tool: Portfolio"),
        ("Quiz:  Week\u00a01", "gradebook", "Quiz: Week 1"),
    ],
)
def test_an_activity_is_found_in_whatever_language_its_type_is_printed(
    matched: Matched, name: str, source: str, printed: str
) -> None:
    found = matched({f"{printed} (Percentage)": "50 %"}, activity(1, name, source=source))

    assert [each.activity.id for each in found.chosen] == [1]


@pytest.mark.parametrize(
    ("name", "source", "printed"),
    [
        ("Quiz: Week 1", "gradebook", "Assignment: Week 1"),
        ("Quiz: Week 1", "gradebook", "Quiz: week 1"),
        ("Quiz: Week 1", "gradebook", "Week 1"),
        ("Portfolio", "gradebook", "External tool: Portfolio"),
    ],
)
def test_a_name_that_is_only_alike_is_not_matched(matched: Matched, name: str, source: str, printed: str) -> None:
    found = matched({f"{printed} (Percentage)": "50 %"}, activity(1, name, source=source))

    assert [each.reason for each in found.unmatched] == [ColumnFault.ACTIVITY_UNKNOWN]


def test_an_exact_name_goes_before_a_translated_one(matched: Matched) -> None:
    found = matched({"Тест: A (Percentage)": "50 %"}, activity(1, "Quiz: A"), activity(2, "Тест: A"))

    assert [each.activity.id for each in found.chosen] == [2]


def test_two_activities_of_one_name_are_reported_as_ambiguous(matched: Matched) -> None:
    found = matched({"Quiz: A (Percentage)": "50 %"}, activity(1, "Quiz: A"), activity(2, "Quiz: A"))

    assert [each.reason for each in found.unmatched] == [ColumnFault.ACTIVITY_AMBIGUOUS]


def test_two_columns_for_one_activity_are_reported_both(matched: Matched) -> None:
    found = matched({"Quiz: A (Percentage)": "50 %", "Тест: A (Percentage)": "60 %"}, activity(1, "Quiz: A"))

    assert found.chosen == ()
    assert [each.reason for each in found.unmatched] == [ColumnFault.COLUMN_TWICE] * 2


def test_two_columns_with_one_header_are_reported_both() -> None:
    content = b"ID number,Quiz: A (Real),Quiz: A (Real),Last downloaded from this course\nx,5,6,1795384217"

    found = match_columns(read_gradebook(content), ActivityNames([activity(1, "Quiz: A", "10")]), (), {})

    assert [each.reason for each in found.unmatched] == [ColumnFault.COLUMN_TWICE] * 2


def test_totals_feedback_and_own_columns_are_never_evidence(matched: Matched) -> None:
    headers = {
        "Course total (Real)": "5",
        "Module 1 total (Percentage)": "50 %",
        "4.1 Сабакты пландоо (Real)": "2",
        "Quiz: A (Feedback)": "well done",
    }
    activities = [activity(number, name.rpartition(" (")[0], "10") for number, name in enumerate(headers, 1)]

    found = matched(headers, *activities, labels=("4.1  Сабакты пландоо",))

    assert found.chosen == ()
    assert found.unmatched == ()
    assert {each.column: each.reason for each in found.ignored} == {
        "Course total (Real)": Ignored.TOTAL,
        "Module 1 total (Percentage)": Ignored.TOTAL,
        "4.1 Сабакты пландоо (Real)": Ignored.OWN_COLUMN,
        "Quiz: A (Feedback)": Ignored.FEEDBACK,
    }


def test_letters_and_scales_are_reported_not_guessed(matched: Matched) -> None:
    found = matched(
        {"Quiz: A (Letter)": "A", "Assignment: B (Real)": "Жакшы"}, activity(1, "Quiz: A"), activity(2, "Assignment: B")
    )

    assert found.chosen == ()
    assert [each.reason for each in found.unmatched] == [ColumnFault.LETTERS_ONLY] * 2


def test_a_scale_does_not_become_a_malformed_mark_where_its_maximum_is_known(matched: Matched) -> None:
    link = activity(1, "External tool: A", source="lti")

    words = matched({"External tool: A (Real)": "Жакшы"}, link, own={1: "3"})
    both = matched({"External tool: A (Real)": "Жакшы", "External tool: A (Percentage)": "50 %"}, link, own={1: "3"})

    assert (words.chosen, [each.reason for each in words.unmatched]) == ((), [ColumnFault.LETTERS_ONLY])
    assert chosen(both) == [("External tool: A (Percentage)", 1, "100")]


def test_a_manual_item_is_matched_by_its_bare_name(matched: Matched) -> None:
    found = matched({"Unc scores (Real)": "5"}, activity(1, "Unc scores", "100"))

    assert chosen(found) == [("Unc scores (Real)", 1, "100")]


def test_unknown_columns_are_reported_by_their_headers() -> None:
    content = b"ID number,Region,Quiz: A (Real),Last downloaded from this course\nx,Osh,5,1795384217"

    found = match_columns(read_gradebook(content), ActivityNames([]), (), {})

    assert {each.column: each.reason for each in found.unmatched} == {
        "Region": ColumnFault.HEADER_UNKNOWN,
        "Quiz: A (Real)": ColumnFault.ACTIVITY_UNKNOWN,
    }
