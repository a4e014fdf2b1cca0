"""A copied course: everything has new ids in Moodle, and what was placed works in it without being set up again."""

from __future__ import annotations

from tests.moodle.conftest import CHECKLIST, PROFILE, TASK, Course, Enter
from tests.moodle.observing import Checklist
from tests.moodle.site import STUDENT, TEACHER, Site
from tests.moodle.test_grades import arrived
from tests.moodle.tool import RunningTool


def test_a_copied_course_arrives_mapped_and_fills_its_own_columns(
    placed: Course, site: Site, tool: RunningTool, enter: Enter
) -> None:
    person, tab = placed.participants[0], enter(placed.trainer)
    checklist = Checklist(tab, placed.activities[CHECKLIST])
    checklist.open(person.name)
    checklist.fill(person.name, "convincing", "convincing", "convincing")
    assert arrived(tool, site, placed.id, person)[CHECKLIST] == 10
    before = site.columns(placed.id, person)

    copy = site.copy_course(placed.id, "Көчүрмө")
    site.enrol(copy, TEACHER, placed.trainer)
    site.enrol(copy, STUDENT, person)
    activities = site.activities(copy)
    assert set(activities) == {PROFILE, CHECKLIST, TASK}
    assert not set(activities.values()) & set(placed.activities.values())

    checklist = Checklist(tab, activities[CHECKLIST])
    checklist.open(person.name)
    checklist.fill(person.name, "shown", "shown", "shown")

    found = arrived(tool, site, copy, person)
    assert {name: found[name] for name in ("1.1", "2.1", CHECKLIST)} == {"1.1": 1, "2.1": 1, CHECKLIST: 7}
    after = site.columns(copy, person)
    # The same columns, none twice, each with a new id; what stands in the first course stays.
    assert sorted(name for name, _id in after) == sorted(name for name, _id in before)
    assert not {number for _name, number in after} & {number for _name, number in before}
    assert arrived(tool, site, placed.id, person)[CHECKLIST] == 10
