"""Grades arrive in Moodle's gradebook, and go again when what they rest on is taken back."""

from __future__ import annotations

from tests.journeys.visits import within
from tests.moodle.conftest import CHECKLIST, Course, Enter
from tests.moodle.observing import Checklist
from tests.moodle.site import Person, Site
from tests.moodle.tool import RunningTool

ARRIVES = 120
"""Seconds that a grade may take: the worker's own second, and Moodle's time for column, token and score."""


def arrived(tool: RunningTool, site: Site, course: str, person: Person) -> dict[str, float | None]:
    """What stands in Moodle once the tool has nothing to send: by competency or title.

    Moodle's gradebook is not asked before: whoever asks makes it compute anew, and a score that comes in between can
    leave its column in error (docs/moodle.md).
    """
    assert within(ARRIVES, [], tool.waiting) == []
    found = site.grades(course, person)
    return {name.split(" ")[0] if name[0].isdigit() else name: mark for name, mark in found.items()}


def test_what_a_trainer_observes_stands_in_moodles_gradebook(
    placed: Course, site: Site, tool: RunningTool, enter: Enter
) -> None:
    person = placed.participants[0]
    checklist = Checklist(enter(placed.trainer), placed.activities[CHECKLIST])
    checklist.open(person.name)

    checklist.fill(person.name, "shown", "convincing", "shown")

    # .70, 1 and .70 are attained: level 1 of both competencies; the checklist's own column is their mean, of 10.
    found = arrived(tool, site, placed.id, person)
    assert {name: found[name] for name in ("1.1", "2.1", CHECKLIST)} == {"1.1": 1, "2.1": 1, CHECKLIST: 8}


def test_what_is_taken_back_is_withdrawn_and_is_no_zero(
    placed: Course, site: Site, tool: RunningTool, enter: Enter
) -> None:
    person = placed.participants[2]
    checklist = Checklist(enter(placed.trainer), placed.activities[CHECKLIST])
    checklist.open(person.name)
    checklist.fill(person.name, "shown", "shown", "not_shown")
    found = arrived(tool, site, placed.id, person)
    assert (found["1.1"], found["2.1"]) == (1, 0)

    checklist.fill(person.name, "", "", "")

    found = arrived(tool, site, placed.id, person)
    assert [found[name] for name in ("1.1", "2.1", CHECKLIST)] == [None, None, None]
