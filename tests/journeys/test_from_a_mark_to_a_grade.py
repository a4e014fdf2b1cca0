"""The main journey, in a browser, framed on another site with third-party cookies blocked.

Registration → the trainer maps → results are imported → the worker → the LMS's gradebook → the participant sees the
same and why → a re-grade changes it → a withdrawal erases it.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from tests.journeys.conftest import Demonstration, save, within

pytestmark = pytest.mark.browser

# Columns 1.1, 2.1, 4.1, 4.2; "-" = nothing was sent.
# Айгүл (6), 2.1: level 1 is 2.1.1.a by quiz 18/20 and report 92/100, weights 1 and 1: (0.90 + 0.92)/2 = 0.91, attained;
# level 2 and 3 have one indicator each, attained: established 3. Жылдыз (10), 2.1: (6/20 + 30/100)/2 = 0.30 < 0.60 with
# everything graded: not attained, k = 1 of 1 is out of reach, level 1 not met: level 0, which is not "nothing".
# Бакыт (9) has only the quiz, 14/20 = 0.70: half of the weight of 2.1.1.a is graded, coverage 1/2: attained, level 1;
# in 1.1 a second indicator is needed, and 4.1 and 4.2 have no mark at all: nothing is known, nothing is sent.
EXPECTED = {
    "6": ["2", "3", "2", "2"],
    "7": ["1", "1", "1", "1"],
    "8": ["0", "0", "2", "2"],
    "9": ["-", "1", "-", "-"],
    "10": ["0", "0", "0", "0"],
    "11": ["0", "0", "1", "1"],
}


def _launch(page: Page, demonstration: Demonstration, person: int) -> Frame:
    """Opens the course's link as this person; the tool's frame once its page is there."""
    page.goto(f"{demonstration.lms}/mod/lti/view.php?id=1&as={person}")
    return _tool(page, demonstration)


def _tool(page: Page, demonstration: Demonstration) -> Frame:
    page.frame_locator("iframe").locator("main h1").wait_for()
    return next(frame for frame in page.frames if frame.url.startswith(demonstration.tool))


def _tab(page: Page, demonstration: Demonstration, number: int) -> Frame:
    frame = _tool(page, demonstration)
    with frame.expect_navigation():
        frame.locator("nav.tabs a").nth(number).click()
    return _tool(page, demonstration)


def _upload(frame: Frame, file: Path, submit: int) -> None:
    form = frame.locator("form[enctype]")
    form.locator("input[type=file]").set_input_files(file)
    with frame.expect_navigation() as done:
        form.locator("button[type=submit]").nth(submit).click()
    assert done.value is not None
    assert done.value.status == 200


def _import_results(page: Page, demonstration: Demonstration, folder: Path) -> Frame:
    time.sleep(1.1)  # an export's time is in whole seconds: the next one must be later
    file = save(folder / "results.csv", demonstration.fetch("/grades.csv?lang=en"))
    frame = _tab(page, demonstration, 2)
    _upload(frame, file, 0)
    return frame


def _mark(page: Page, demonstration: Demonstration, person: str, activity: str, mark: str) -> None:
    page.goto(f"{demonstration.lms}/marks")
    page.get_by_label(f"{person}, {activity}").fill(mark)
    page.locator("main form button").first.click()
    page.get_by_text("Saved.").wait_for()


def test_a_mark_becomes_a_grade_and_follows_it(page: Page, demonstration: Demonstration, tmp_path: Path) -> None:
    # The tool registered itself by its one-time address.
    page.goto(f"{demonstration.lms}/tools")
    assert "active" in page.inner_text("main").lower()

    # The trainer maps: by a file, and one cell by hand.
    frame = _launch(page, demonstration, 3)
    frame = _tab(page, demonstration, 1)
    _upload(frame, save(tmp_path / "mapping.csv", demonstration.fetch("/mapping.csv?lang=en")), 0)
    assert frame.locator(".notice-good").count() == 1
    with frame.expect_navigation():
        frame.locator("nav.choices a").nth(4).click()
    by_hand = frame.locator("select[name$='-4.1.1.a']").first
    by_hand.select_option("2r")
    with frame.expect_navigation():
        frame.locator("form:has(select) button[type=submit]").click()
    assert frame.locator("select[name$='-4.1.1.a']").first.input_value() == "2r"
    frame.locator("select[name$='-4.1.1.a']").first.select_option("")
    with frame.expect_navigation():
        frame.locator("form:has(select) button[type=submit]").click()

    # Results are imported; the worker brings the grades.
    frame = _import_results(page, demonstration, tmp_path)
    assert frame.locator("dl.counts dd").first.inner_text().strip() == "30"
    assert within(30, EXPECTED, demonstration.gradebook) == EXPECTED

    # The participant sees the same, and why.
    frame = _launch(page, demonstration, 6)
    assert frame.locator("html").get_attribute("lang") == "ky"
    first = frame.locator("tr.competency").first
    assert "Орточо деңгээл" in first.locator(".standing").inner_text()
    first.locator("a.competency-link").click()
    frame.locator(".level-section").first.wait_for()
    frame.locator("details.evidence summary").first.click()
    why = frame.locator("main").inner_text()
    assert "Quiz: Week 1 quiz" in why
    assert "18 / 20" in why or "20 ичинен 18" in why or "18" in why

    # A re-grade changes it: the quiz of Жылдыз from 6 to 20, her report from 30 to 100.
    _mark(page, demonstration, "Жылдыз Ибраимова", "Quiz: Week 1 quiz", "20")
    _mark(page, demonstration, "Жылдыз Ибраимова", "Assignment: Lab report", "100")
    _launch(page, demonstration, 3)
    frame = _import_results(page, demonstration, tmp_path)
    assert frame.locator("dl.counts dd").nth(1).inner_text().strip() == "2"
    regraded = within(30, "1", lambda: demonstration.gradebook()["10"][1])
    assert regraded == "1"

    # A withdrawal erases it: nothing is known any more, so nothing may stand there.
    _mark(page, demonstration, "Бакыт Сыдыков", "Quiz: Week 1 quiz", "")
    _launch(page, demonstration, 3)
    frame = _import_results(page, demonstration, tmp_path)
    assert frame.locator("dl.counts dd").nth(2).inner_text().strip() == "1"
    assert within(30, ["-"] * 4, lambda: demonstration.gradebook()["9"]) == ["-"] * 4
