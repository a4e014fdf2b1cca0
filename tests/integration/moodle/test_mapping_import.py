"""A course's mapping comes in from a file and goes out as one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_file import format_mapping
from lti_tool.competency.model import MappingRole
from lti_tool.errors import RuleBroken
from lti_tool.grading.line_items import adopt_line_item
from lti_tool.grading.tables import LineItemRow
from lti_tool.moodle.mapping_import import (
    export_mapping,
    import_mapping,
    mapping_as_csv,
    mapping_as_workbook,
)
from lti_tool.people.activities import activities_of, ensure_activity, note_mark_max
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from tests.integration.moodle.conftest import Imported


def lines(course: Imported) -> list[tuple[str, ...]]:
    return list(format_mapping(export_mapping(course.session, course.course_id, course.now)))[1:]


def test_a_file_makes_the_mapping_and_the_activities_it_names(course: Imported) -> None:
    made = {each.name: each for each in activities_of(course.session, course.course_id)}

    assert list(made) == ["Assignment: Lab report", "Quiz: Week 1 quiz", "External tool: Graded link"]
    assert {(each.kind, each.source) for each in made.values()} == {(ActivityKind.NATIVE, ActivitySource.GRADEBOOK)}
    assert made["Quiz: Week 1 quiz"].mark_max == 10
    cells = mapping_of(course.session, course.course_id)
    assert (cells[0].weight, cells[0].role, cells[0].pass_mark) == (2, MappingRole.REQUIRED, Fraction(1, 2))
    assert len(cells) == 4


def test_an_import_replaces_and_a_merge_adds(course: Imported) -> None:
    course.map("activity,indicator\nQuiz: Week 1 quiz,4.1.1.a\n")
    course.map("activity,indicator,weight\nQuiz: Week 1 quiz,4.1.1.a,3\nForum: Talk,4.1.1.c,1\n", merge=True)

    assert [line[:3] for line in lines(course)] == [
        ("Quiz: Week 1 quiz", "4.1.1.a", "3"),
        ("Forum: Talk", "4.1.1.c", "1"),
    ]


def test_an_activity_that_is_there_under_another_languages_name_is_not_made_twice(course: Imported) -> None:
    course.map("activity,indicator\nТест: Week 1 quiz,4.1.1.c\n", merge=True)

    assert len(activities_of(course.session, course.course_id)) == 3


def own_link(course: Imported, name: str) -> Activity:
    kind, source = ActivityKind.EVIDENCE, ActivitySource.LTI
    return ensure_activity(course.session, course.course_id, kind, source, "7", name, course.now)


def test_an_own_link_is_mapped_by_the_name_that_the_gradebook_prints(course: Imported) -> None:
    link = own_link(course, "My portfolio")

    course.map("activity,indicator\nВнешний инструмент: My portfolio,4.1.1.a\n")

    assert {cell.activity for cell in mapping_of(course.session, course.course_id)} == {link.id}
    assert course.activity("My portfolio") == link.id


def read_back(course: Imported, link: Activity, maximum: str) -> None:
    """The platform tells the maximum of the link's column."""
    url = "https://lms.example.invalid/7"
    adopt_line_item(course.session, course.course_id, link.id, url, link.name, course.now)
    row = course.session.scalars(select(LineItemRow).where(LineItemRow.activity_id == link.id)).one()
    row.score_maximum, row.ready_at = Decimal(maximum), course.now
    note_mark_max(course.session, course.course_id, link.id, Decimal(maximum))


@pytest.mark.parametrize(("told", "kept", "exported"), [("20", "20", ()), (None, "50", ("50",))])
def test_a_files_maximum_of_an_own_link_counts_where_the_platform_tells_none(
    course: Imported, told: str | None, kept: str, exported: tuple[str, ...]
) -> None:
    link = own_link(course, "My portfolio")
    if told:
        read_back(course, link, told)

    for maximum in ("40", "50"):
        course.map(f"activity,indicator,max\nExternal tool: My portfolio,4.1.1.a,{maximum}\n")

    assert [each.mark_max for each in activities_of(course.session, course.course_id)][-1] == Decimal(kept)
    assert lines(course)[0][5:] == exported


@pytest.mark.parametrize(
    "printed", ["Внешний инструмент: Портфолио", "Тышкы курал:  Портфолио", "external tool: Портфолио"]
)
def test_a_link_that_a_file_named_in_any_language_is_found_at_its_first_launch(course: Imported, printed: str) -> None:
    course.map(f"activity,indicator\n{printed},4.1.1.a\n")

    link = own_link(course, "External tool: Портфолио")

    assert {cell.activity for cell in mapping_of(course.session, course.course_id)} == {link.id}


def test_a_link_that_a_file_named_before_its_first_launch_is_that_activity(course: Imported) -> None:
    named = course.activity("External tool: Graded link")

    link = ensure_activity(
        course.session,
        course.course_id,
        ActivityKind.EVIDENCE,
        ActivitySource.LTI,
        "7",
        "External tool: Graded link",
        course.now,
    )

    assert (link.id, link.kind, link.source) == (named, ActivityKind.EVIDENCE, ActivitySource.LTI)
    assert len(activities_of(course.session, course.course_id)) == 3
    assert link.id in {cell.activity for cell in mapping_of(course.session, course.course_id)}


@pytest.mark.parametrize("write", [mapping_as_csv, mapping_as_workbook])
def test_what_is_exported_comes_back_unchanged(course: Imported, write: object) -> None:
    course.map("activity,indicator\n=Формула,4.1.1.a\n'+7,4.1.1.b\n", merge=True)
    before = export_mapping(course.session, course.course_id, course.now)
    assert callable(write)

    content = write(before)
    import_mapping(course.session, course.course_id, content, merge=False, by=None, now=course.now)

    assert export_mapping(course.session, course.course_id, course.now) == before
    assert len(activities_of(course.session, course.course_id)) == 5


def test_the_export_follows_the_order_of_the_requirements(course: Imported) -> None:
    course.map("activity,indicator\nB,4.2.1.a\nB,4.1.1.b\nB,4.1.1.a\nA,4.1.1.a\n")

    assert [line[:2] for line in lines(course)] == [
        ("B", "4.1.1.a"),
        ("B", "4.1.1.b"),
        ("B", "4.2.1.a"),
        ("A", "4.1.1.a"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("activity,indicator\nNew,4.1.1.a\nNew,9.9.9.z\n", "indicator_unknown", 3),
        ("activity,indicator\nNew,4.1.1.a\nQuiz: Week 1 quiz,4.1.1.a\nТест: Week 1 quiz,4.1.1.a\n", "mapping_twice", 4),
        ("activity,indicator,weight\nNew,4.1.1.a,9\n", "mapping_faulty", 2),
    ],
)
def test_a_faulty_file_leaves_everything_as_it_was(course: Imported, text: str, code: str, line: int) -> None:
    course.session.commit()
    before = lines(course)

    with pytest.raises(RuleBroken) as refused:
        course.map(text)
    course.session.rollback()

    assert (refused.value.code, refused.value.facts["line"]) == (code, line)
    assert lines(course) == before
    assert len(activities_of(course.session, course.course_id)) == 3


def test_a_name_that_two_activities_have_is_refused(course: Imported, session: Session) -> None:
    for number in ("7", "8"):
        ensure_activity(
            session,
            course.course_id,
            ActivityKind.EVIDENCE,
            ActivitySource.LTI,
            number,
            "External tool: Twice",
            course.now,
        )

    with pytest.raises(RuleBroken, match="activity_ambiguous"):
        course.map("activity,indicator\nExternal tool: Twice,4.1.1.a\n")
