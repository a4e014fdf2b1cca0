"""What a course can assess, before anybody has a mark."""

from __future__ import annotations

import pytest

from lti_tool.competency.model import FrameworkShape, IndicatorPlace
from lti_tool.competency.plan import CompetencyPlan
from lti_tool.errors import RuleBroken
from lti_tool.ids import CompetencyId, IndicatorId
from tests.factories.paper import PaperCourse, activity, indicator, shape_of


def plan_of(course: PaperCourse) -> CompetencyPlan:
    return course.plan().competencies[0]


@pytest.mark.parametrize(
    ("levels", "mapped", "assessable", "target", "alone"),
    [
        (["ab", "c", "d"], "abcd", (1, 2, 3), 3, ()),
        (["ab", "c", "d"], "abd", (1, 3), 1, (3,)),
        (["ab", "", "d"], "abd", (1, 3), 3, ()),
        (["ab", "c", "d"], "acd", (2, 3), 3, ()),
        (["ab", "c", "d"], "d", (3,), 3, ()),
        (["ab", "c", "d"], "a", (), None, ()),
        (["", "", ""], "", (), None, ()),
        (["", "c", ""], "c", (2,), 2, ()),
        (["abc", "def", "g"], "abdeg", (1, 2, 3), 3, ()),
    ],
)
def test_the_target_is_the_top_of_the_unbroken_chain(
    levels: list[str], mapped: str, assessable: tuple[int, ...], target: int | None, alone: tuple[int, ...]
) -> None:
    course = PaperCourse(shape_of({"C": [list(names) for names in levels]})).maps("quiz", *mapped)

    plan = plan_of(course)

    assert (plan.assessable, plan.target, plan.cannot_count_alone) == (assessable, target, alone)
    assert plan.is_targeted is bool(assessable)


def test_a_level_whose_key_indicator_is_not_mapped_cannot_be_assessed() -> None:
    shape = shape_of({"C": [["a", "b", "c"]]}, keys=["c"])

    assert plan_of(PaperCourse(shape).maps("quiz", "a", "b")).assessable == ()
    assert plan_of(PaperCourse(shape).maps("quiz", "a", "c")).assessable == (1,)


def test_a_self_assessment_makes_nothing_assessable() -> None:
    course = PaperCourse().maps("self", "i1", "i2", "i3")
    course.self_assessments = {activity("self")}

    assert not plan_of(course).is_targeted


def test_optional_activities_make_a_level_assessable() -> None:
    assert plan_of(PaperCourse().maps("forum", "k1", role="optional")).assessable == (3,)


def test_one_cell_is_mapped_once() -> None:
    with pytest.raises(RuleBroken, match="mapping_doubled"):
        PaperCourse().maps("quiz", "i1").maps("quiz", "i1", weight=2).plan()


def test_an_indicator_of_another_framework_is_refused() -> None:
    with pytest.raises(RuleBroken) as refused:
        PaperCourse().maps("quiz", "z9").plan()

    assert refused.value.facts == {"indicators": [indicator("z9")]}


def test_a_plan_does_not_depend_on_the_order_of_the_mapping() -> None:
    course = PaperCourse().maps("quiz", "i1", "j1").maps("essay", "i1")
    plan = course.plan()

    course.mappings.reverse()

    assert course.plan() == plan


def test_a_shape_is_built_from_rows_and_has_empty_levels_too() -> None:
    shape = FrameworkShape.of(
        levels=[3, 1, 2],
        competencies=[(CompetencyId(7), 2), (CompetencyId(5), 1)],
        indicators=[
            IndicatorPlace(IndicatorId(1), CompetencyId(7), 1, is_key=True),
            IndicatorPlace(IndicatorId(2), CompetencyId(7), 1),
            IndicatorPlace(IndicatorId(3), CompetencyId(5), 3),
        ],
    )

    assert [(each.id, each.aspect) for each in shape.competencies] == [(7, 2), (5, 1)]
    assert [(level.number, level.indicators) for level in shape.competencies[0].levels] == [
        (1, (1, 2)),
        (2, ()),
        (3, ()),
    ]
    assert shape.competencies[0].levels[0].keys == {1}
    assert (shape.top, FrameworkShape(()).top) == (3, 0)
