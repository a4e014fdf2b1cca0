"""A mapping told by names: what it makes of another course, and what finds no counterpart there."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lti_tool.competency.catalogue import parse
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.competency.template import Match, Part, Template, TemplateCell, lay_over, template_of
from lti_tool.ids import ActivityId, IndicatorId
from tests.factories.catalogues import small_catalogue

QUIZ, ESSAY = ActivityId(1), ActivityId(2)
FOUND = {"Quiz: 1": (QUIZ,), "Assignment: 1": (ESSAY,), "Forum: 1": (ActivityId(3), ActivityId(4))}
TEMPLATE = Template(
    (
        TemplateCell("Quiz: 1", "1.1.1.a", 2, MappingRole.REQUIRED, Fraction(7, 10)),
        TemplateCell("Quiz: 1", "9.9.9.z", 1, MappingRole.SUPPORTING),
        TemplateCell("Forum: 1", "1.1.1.a", 1, MappingRole.SUPPORTING),
        TemplateCell("Quiz: 1", "1.1.1.b", 1, MappingRole.OPTIONAL),
        TemplateCell("Quiz: gone", "1.1.2.a", 1, MappingRole.SUPPORTING),
    ),
    {"pass_mark": "1/2"},
)


@pytest.fixture(scope="module")
def framework() -> Framework:
    """Competency 1.1 with 3, 2 and 1 indicators."""
    return parse(small_catalogue())


def _of(framework: Framework, code: str) -> IndicatorId:
    return framework.indicator(code).id


def _laid(framework: Framework, *here: Mapping) -> dict[str, Part]:
    return {part.name: part for part in lay_over(TEMPLATE, lambda name: FOUND.get(name, ()), framework, here)}


def test_a_template_reads_back_as_it_was_written() -> None:
    assert Template.from_json(TEMPLATE.to_json()) == TEMPLATE


def test_a_courses_mapping_is_told_by_names_in_the_courses_order(framework: Framework) -> None:
    cells = [
        Mapping(QUIZ, _of(framework, "1.1.1.a"), 3, MappingRole.REQUIRED, Fraction(1, 2)),
        Mapping(ESSAY, _of(framework, "1.1.2.a")),
    ]

    told = template_of(cells, {ESSAY: "Assignment: 1", QUIZ: "Quiz: 1"}, framework, {"n": 2})

    assert told == Template(
        (
            TemplateCell("Assignment: 1", "1.1.2.a", 1, MappingRole.SUPPORTING),
            TemplateCell("Quiz: 1", "1.1.1.a", 3, MappingRole.REQUIRED, Fraction(1, 2)),
        ),
        {"n": 2},
    )


def test_each_activity_is_a_part_with_what_the_course_has_for_it(framework: Framework) -> None:
    parts = _laid(framework)

    assert {name: part.match for name, part in parts.items()} == {
        "Quiz: 1": Match.DIFFERS,
        "Forum: 1": Match.AMBIGUOUS,
        "Quiz: gone": Match.MISSING,
    }
    assert [parts[name].cells for name in parts] == [3, 1, 1]
    assert parts["Quiz: 1"].unknown == ("9.9.9.z",)
    assert parts["Quiz: gone"].activity is None


def test_a_part_says_cell_by_cell_what_would_change(framework: Framework) -> None:
    kept = Mapping(QUIZ, _of(framework, "1.1.1.b"), 1, MappingRole.OPTIONAL)
    lost = Mapping(QUIZ, _of(framework, "1.1.3.a"))

    part = _laid(framework, kept, lost, Mapping(ESSAY, _of(framework, "1.1.1.a")))["Quiz: 1"]

    new = Mapping(QUIZ, _of(framework, "1.1.1.a"), 2, MappingRole.REQUIRED, Fraction(7, 10))
    assert [(each.indicator, each.here, each.there) for each in part.differences] == [
        ("1.1.1.a", None, new),
        ("1.1.3.a", lost, None),
    ]
    assert part.wanted == (new, kept)


def test_an_activity_mapped_just_so_is_the_same(framework: Framework) -> None:
    wanted = _laid(framework)["Quiz: 1"].wanted

    assert _laid(framework, *wanted)["Quiz: 1"].match is Match.SAME
    assert _laid(framework, *wanted)["Quiz: 1"].differences == ()
