"""A teacher types a grade over the tool's in Moodle: found when the gradebook is compared, and left until decided."""

from __future__ import annotations

from tests.journeys.visits import follow, within
from tests.moodle.conftest import CHECKLIST, PROFILE, Course, Enter
from tests.moodle.observing import Checklist
from tests.moodle.pages import EditGrade, Tab
from tests.moodle.site import Site
from tests.moodle.test_grades import ARRIVES, arrived
from tests.moodle.tool import RunningTool


def compared(tab: Tab, course: str) -> str:
    """Has the gradebook compared; what the page says of it when that is done."""
    follow(tab.inside(f"{course}/deliveries"), tab.framed().locator("form[action$=compare] button"))
    said = ""

    def done() -> bool:
        nonlocal said
        said = tab.inside(f"{course}/deliveries").locator("[aria-labelledby=comparison-title]").inner_text()
        return "Last compared" in said and "is being compared" not in said

    assert within(ARRIVES, True, done), said
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
    assert "1 grade differs" in compared(tab, course)

    # What the trainer chooses next does not go over it.
    checklist.open(person.name)
    checklist.fill(person.name, "shown", "shown", "shown")
    assert arrived(tool, site, placed.id, person)[CHECKLIST] == 3
    row = tab.inside(f"{course}/deliveries?state=differs").locator("tbody tr").first.inner_text()
    assert "3 of 10" in row
