"""Marks of Moodle's own activities come by its web service: new, changed and taken back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.visits import follow, within
from tests.moodle.conftest import PROFILE, Course, Enter
from tests.moodle.pages import Tab
from tests.moodle.site import TEACHER, Site

ASSIGNMENT = "Иштелме"


def connect(tab: Tab, address: str, token: str) -> str:
    """An institute admin stores address and token, and tests them; what the page says then."""
    frame = tab.inside(f"{tab.tool.url}/institute/moodle")
    frame.locator("#f-url").fill(address)
    frame.locator("#f-token").fill(token)
    follow(frame, frame.locator("form.panel button[type=submit]"))
    follow(frame, frame.locator("form[action$='/test'] button"))
    return tab.inside(f"{tab.tool.url}/institute/moodle").locator("main").inner_text()


def read(tab: Tab, course: str, wanted: str) -> None:
    """A trainer has Moodle read, and looks until the page says so."""
    frame = tab.inside(f"{course}/native-marks")
    follow(frame, frame.get_by_role("button", name="Read Moodle now"))
    says(tab, course, wanted)


def says(tab: Tab, course: str, wanted: str) -> None:
    """Looks until the page of marks says so."""
    said = ""

    def look() -> bool:
        nonlocal said
        said = tab.inside(f"{course}/native-marks").locator("main").inner_text()
        return wanted in said

    assert within(90, True, look), said


def test_marks_of_an_assignment_come_in_and_follow_it(placed: Course, site: Site, enter: Enter) -> None:
    one, other, _third = placed.participants
    assignment = site.make_assignment(placed.id, ASSIGNMENT)
    site.mark_assignment(assignment, one, 80)
    site.mark_assignment(assignment, other, 50)
    reader = site.make_person("Reader 1")
    site.enrol(placed.id, TEACHER, reader)
    admin = enter(None)
    admin.launch(placed.activities[PROFILE])
    # A teacher's account, a service with the functions that the tool names, one capability more: as the guide says.
    site.allow(reader, "webservice/rest:use")
    assert "it works" in connect(admin, site.url, site.token_of(reader))
    tab = enter(placed.trainer)
    tab.launch(placed.activities[PROFILE])
    course = tab.course()

    read(tab, course, ASSIGNMENT)
    frame = tab.framed()
    frame.get_by_label(f"Assignment: {ASSIGNMENT} (full mark 100)", exact=True).check()
    follow(frame, frame.locator("form.panel button[type=submit]"))
    says(tab, course, "new 2, changed 0, withdrawn 0, unchanged 0")

    site.mark_assignment(assignment, one, 90)
    read(tab, course, "new 0, changed 1, withdrawn 0, unchanged 1")
    site.mark_assignment(assignment, other, -1)
    read(tab, course, "new 0, changed 0, withdrawn 1, unchanged 1")
    expect(tab.framed().locator("main")).not_to_contain_text("No mark was changed")
