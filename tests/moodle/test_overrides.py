"""A teacher types a grade over the tool's in Moodle: found when the gradebook is compared, and left until decided."""

from __future__ import annotations

from tests.journeys.visits import follow, within
from tests.moodle.conftest import CHECKLIST, PROFILE, Course, Enter
from tests.moodle.observing import Checklist
from tests.moodle.pages import EditGrade, Tab
from tests.moodle.site import Site
from tests.moodle.test_grades import ARRIVES, arrived
from tests.moodle.tool import RunningTool


def compared(tab: Tab, course: str, wanted: str) -> str:
    """Has the gradebook compared until the page says what is wanted; what it says.

    By night (Bishkek's) the worker has just compared by itself, and is not asked again within the minute.
    """
    said = ""

    def done() -> bool:
        nonlocal said
        frame = tab.inside(f"{course}/deliveries")
        said = frame.locator("[aria-labelledby=comparison-title]").inner_text()
        if wanted not in said and "is being compared" not in said:
            follow(frame, frame.locator("form[action$=compare] button"))
        return wanted in said

    within(ARRIVES + 60, True, done)
    return said


def test_a_grade_typed_over_the_tools_is_found_and_left(
    placed: Course, site: Site, tool: RunningTool, enter: Enter
) -> None:
    person, tab = placed.participants[1], enter(placed.trainer)
    checklist = Checklist(tab, placed.activities[CHECKLIST])
    checklist.open(person.name)
    checklist.fill(person.name, "convincing", "convincing", "convincing")
    assert arrived(tool, site, placed.id, person)[CHECKLIST] == 10
    EditGrade(tab, placed.id, dict(site.columns(placed.id, person))[CHECKLIST]).override(person, "3")

    tab.launch(placed.activities[PROFILE])
    course = tab.course()
    wanted = "1 grade differs"
    assert wanted in compared(tab, course, wanted)

    # What the trainer chooses next does not go over it.
    checklist.open(person.name)
    checklist.fill(person.name, "shown", "shown", "shown")
    assert arrived(tool, site, placed.id, person)[CHECKLIST] == 3
    row = tab.inside(f"{course}/deliveries?state=differs").locator("tbody tr").first.inner_text()
    assert "3 of 10" in row
