"""Deep linking: several activities chosen in the tool's picker stand in the course, with their columns."""

from __future__ import annotations

from tests.moodle.conftest import CHECKLIST, PROFILE, TASK, Course
from tests.moodle.site import Site


def test_several_activities_are_placed_at_once(placed: Course) -> None:
    assert set(placed.activities) == {PROFILE, CHECKLIST, TASK}


def test_only_what_is_graded_has_a_column(placed: Course, site: Site) -> None:
    columns = site.grades(placed.id, placed.participants[0])
    assert CHECKLIST in columns
    assert TASK in columns
    assert PROFILE not in columns
