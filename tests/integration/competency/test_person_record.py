"""The person's record, whatever happened in their courses: a second course never lowers anyone."""

from __future__ import annotations

from hypothesis import Phase, given, settings

from lti_tool.competency import person_record, queries
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.rules import rules_of
from lti_tool.ids import CourseId, PersonId
from tests.factories.explained import Story, stories, tell
from tests.factories.world import NOW


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(stories())
def test_over_all_courses_nobody_stands_lower_than_in_any_of_them(story: Story) -> None:
    told = tell(story)
    person, courses = PersonId(told.people[0].id), [CourseId(each.id) for each in told.courses]
    rules = rules_of(told.session, courses[0], NOW)
    shape, (competency,) = rules.framework.shape(), rules.framework.competencies

    def everywhere(without: CourseId | None) -> int:
        found = person_record.sources_of(told.session, courses[0], rules.framework, person, NOW, without=without)
        return stand_in_record(shape, found.record, rules.rule_set.pass_mark)[competency.id].established or 0

    together = everywhere(None)

    for course, row in zip(courses, told.courses, strict=True):
        stored = queries.stored_standings(told.session, course, person).standings.get(competency.id)
        if stored is not None and row.closed_at is None:
            assert together >= (stored.established or 0)
        assert together >= everywhere(course)
    told.session.close()
