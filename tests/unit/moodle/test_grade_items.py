"""What the recorded answers of Moodle's web service mean."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.moodle.grade_items import (
    Grade,
    Gradebook,
    Item,
    ItemFault,
    MoodleAnswerOdd,
    parse_completable,
    parse_completion,
    parse_emails,
    parse_gradebook,
    parse_groups,
)
from tests.factories.moodle_server import recorded_body

GRADED = datetime.fromtimestamp(1795382346, UTC)


@pytest.fixture
def book() -> Gradebook:
    return parse_gradebook(recorded_body("grade-items-all-users"))


def one_item(**changes: object) -> Gradebook:
    body = recorded_body("grade-items-one-user")
    body["usergrades"][0]["gradeitems"] = [body["usergrades"][0]["gradeitems"][0] | changes]
    return parse_gradebook(body)


def grade_of(book: Gradebook, user: str, key: str) -> Grade:
    return next(each for each in book.persons if each.user_id == user).grades[key]


def test_items_are_named_as_the_gradebook_export_prints_them(book: Gradebook) -> None:
    names = {item.key: item.name for item in book.items}

    assert names["grade:2"] == "Assignment: Lab report"
    assert names["grade:3"] == "Quiz: Week 1 quiz"
    assert names["grade:4"] == "External tool: Graded link"
    assert names["grade:24"] == "Unc scores"


def test_course_totals_are_no_items(book: Gradebook) -> None:
    assert "grade:1" not in {item.key for item in book.items}
    assert not any("grade:1" in person.grades for person in book.persons)


@pytest.mark.parametrize("kind", ["course", "category"])
def test_a_total_of_either_kind_is_left_out(kind: str) -> None:
    assert one_item(itemtype=kind).items == ()


def test_grades_are_exact_with_the_time_at_which_they_were_given(book: Gradebook) -> None:
    assert grade_of(book, "7", "grade:2") == Grade(Decimal("30.5"), GRADED)
    assert grade_of(book, "8", "grade:2").mark == 0


def test_null_is_no_grade_and_never_zero(book: Gradebook) -> None:
    assert grade_of(book, "9", "grade:2") == Grade(None)


@pytest.mark.parametrize("flag", ["gradeishidden", "gradehiddenbydate"])
def test_a_hidden_grade_is_no_grade(flag: str) -> None:
    assert grade_of(one_item(**{flag: True}), "6", "grade:2") == Grade(None)


def test_a_grade_that_moodle_is_computing_says_nothing() -> None:
    assert one_item(gradeneedsupdate=True).persons[0].grades == {}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"scaleid": 2, "grademin": 1, "grademax": 1}, ItemFault.SCALE),
        ({"scaleid": 2, "grademin": 0, "grademax": 4}, ItemFault.SCALE),
        ({"scaleid": 2, "grademin": 1, "grademax": 10**9}, ItemFault.SCALE),
        ({"scaleid": 2, "grademin": 1, "grademax": 4}, None),
        ({"grademax": 0}, ItemFault.NO_MAXIMUM),
        ({"grademax": -5}, ItemFault.NO_MAXIMUM),
        ({"grademin": 50, "grademax": 50}, ItemFault.NO_MAXIMUM),
        ({}, None),
    ],
)
def test_columns_without_numbers_cannot_be_chosen(changes: dict[str, object], fault: ItemFault | None) -> None:
    assert one_item(**changes).items[0].fault is fault


@pytest.mark.parametrize(("raw", "mark"), [(1, 1), (3, 3), (4, 4), (0, None), (-1, None), (5, None), (None, None)])
def test_a_word_of_a_scale_is_its_number_and_what_is_no_word_is_no_grade(raw: int | None, mark: int | None) -> None:
    book = one_item(scaleid=2, grademin=1, grademax=4, graderaw=raw)

    assert grade_of(book, "6", "grade:2").mark == mark
    assert (book.items[0].minimum, book.items[0].maximum) == (1, 4)


def test_escaped_names_are_read_as_they_are_written() -> None:
    assert one_item(itemname="Drills &amp; quizzes").items[0].name == "Assignment: Drills & quizzes"


def test_an_item_of_a_module_unknown_here_has_its_modules_name() -> None:
    assert one_item(itemmodule="journal", itemname="Week 1").items[0].name == "Journal: Week 1"


def test_floats_of_json_are_rounded_to_moodles_five_places() -> None:
    assert one_item(graderaw=Decimal("33.333333333333336")).persons[0].grades["grade:2"].mark == Decimal("33.33333")


def test_persons_have_moodles_user_id_and_their_id_number(book: Gradebook) -> None:
    assert {person.user_id: person.id_number for person in book.persons} == {
        "6": "SIS-stud1",
        "7": "SIS-stud2",
        "8": None,
        "9": "SIS-stud4",
    }


def test_what_has_completion_can_be_chosen_as_one_of_one() -> None:
    items = parse_completable(recorded_body("course-contents"))

    assert Item("completion:5", "Page: Syllabus page", "page", "1", Decimal(0), Decimal(1)) in items
    assert "completion:13" not in {item.key for item in items}


def test_complete_counts_and_incomplete_is_no_zero() -> None:
    done = parse_completion(recorded_body("activities-completion-status"))

    assert done["completion:3"] == Grade(Decimal(1), GRADED)
    assert done["completion:5"] == Grade(None)


@pytest.mark.parametrize(("state", "mark"), [(0, None), (1, 1), (2, 1), (3, 0), (4, None), (9, None)])
def test_done_or_passed_is_one_failed_is_zero_and_all_else_no_evidence(state: int, mark: int | None) -> None:
    said = {"statuses": [{"cmid": 5, "state": state, "timecompleted": 1795382346}]}

    assert parse_completion(said) == {"completion:5": Grade(mark if mark is None else Decimal(mark), GRADED)}


def test_what_was_never_completed_has_no_time() -> None:
    assert (
        parse_completion({"statuses": [{"cmid": 5, "state": 0, "timecompleted": 0}]})["completion:5"].graded_at is None
    )


@pytest.mark.parametrize("odd", [{"cmid": 5}, {"cmid": 5, "state": None}, {"state": 1}, {"cmid": "x", "state": 1}, 7])
def test_a_status_without_number_or_state_makes_the_answer_odd(odd: object) -> None:
    with pytest.raises(MoodleAnswerOdd) as refused:
        parse_completion({"statuses": [odd]})

    assert refused.value.facts["function"] == "core_completion_get_activities_completion_status"


def test_every_recorded_activity_with_completion_can_be_chosen_by_its_course_module() -> None:
    items = {item.key: item.name for item in parse_completable(recorded_body("course-contents"))}
    told = parse_completion(recorded_body("activities-completion-status"))

    assert items.keys() == told.keys()
    assert items["completion:3"] == "Assignment: Lab report"
    assert items["completion:4"] == "Quiz: Week 1 quiz"


def test_names_of_contents_are_read_as_they_are_written_and_their_length_is_kept() -> None:
    module = {"id": 7, "instance": 2, "modname": "page", "completion": 1, "name": "A &lt;b&gt; &amp; B" + "x" * 500}

    (item,) = parse_completable([{"modules": [module]}])

    assert item.name.startswith("Page: A <b> & B")
    assert len(item.name) == 400


def test_addresses_come_by_user_id() -> None:
    assert parse_emails(recorded_body("enrolled-users"))["6"] == "stud1@example.invalid"


def test_groups_are_told_by_their_numbers() -> None:
    assert parse_groups(recorded_body("course-groups")) == {"1": "Group A", "2": "Group B"}


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["usergrades", "gradeitems", "userid", "itemtype", "statuses", "modules", "cmid", "state", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ODD)
def test_whatever_else_is_answered_is_read_or_refused_by_name(answer: object) -> None:
    for parse in (parse_gradebook, parse_completable, parse_completion, parse_emails, parse_groups):
        with contextlib.suppress(MoodleAnswerOdd):
            parse(answer)


@pytest.mark.parametrize("field", ["id", "itemtype", "grademax", "itemname"])
def test_an_item_without_a_needed_field_makes_the_answer_odd(field: str) -> None:
    body = json.loads(json.dumps(recorded_body("grade-items-one-user")))
    del body["usergrades"][0]["gradeitems"][0][field]

    with pytest.raises(MoodleAnswerOdd):
        parse_gradebook(body)


@pytest.mark.parametrize("number", [-1, 2**63, True, 1.0, "9" * 5000, "²", None, []])
def test_a_number_that_no_moodle_gives_makes_the_answer_odd(number: object) -> None:
    with pytest.raises(MoodleAnswerOdd):
        one_item(id=number)
    with pytest.raises(MoodleAnswerOdd):
        parse_emails([{"id": number, "email": "stud1@example.invalid"}])


@pytest.mark.parametrize("module", ["", "Quiz: \0", "x" * 61, None, 5])
def test_a_kind_of_activity_that_is_no_word_makes_the_answer_odd(module: object) -> None:
    with pytest.raises(MoodleAnswerOdd):
        one_item(itemtype="mod", itemmodule=module)


def test_a_name_loses_what_no_database_takes() -> None:
    assert one_item(itemname="Lab\0 \ud800report").items[0].name == "Assignment: Lab report"
    assert parse_groups([{"id": 1, "name": "\0A"}]) == {"1": "A"}


def test_a_mark_beyond_what_can_be_kept_makes_the_answer_odd() -> None:
    with pytest.raises(MoodleAnswerOdd):
        one_item(graderaw=10**9)
    assert one_item(graderaw=10**9 - 1).persons[0].grades["grade:2"].mark == 10**9 - 1


def test_limits_beyond_what_can_be_kept_are_told_as_far_as_marks_reach() -> None:
    item = one_item(grademax=5 * 10**9, grademin=-5 * 10**9).items[0]

    assert (item.maximum, item.minimum) == (Decimal("999999999.99999"), Decimal("-999999999.99999"))
    assert item.fault is ItemFault.NO_MAXIMUM


def test_what_a_course_lists_twice_can_be_completed_once() -> None:
    sections = [*recorded_body("course-contents"), *recorded_body("course-contents")]

    assert parse_completable(sections) == parse_completable(recorded_body("course-contents"))
