"""A whole course in a browser: placed by the picker, mapped and assessed by keyboard, read in the LMS's gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import DESKTOP, running_demonstration
from tests.journeys.inspection import faults
from tests.journeys.visits import ASSISTANT, TRAINER, Demonstration, enter, framed_tool, read_gradebook, upload, within

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("whole_course")]

PEOPLE = ("6", "7", "8", "9", "10", "11")
PLAN, PORTFOLIO, CHECKLIST, SELF = "Сабактын иштелмеси", "Портфолио", "Сабакты байкоо", "Өзүмдү баалайм"
PLACED = {
    PLAN: ("evidence", ("2.1.1.a",)),
    PORTFOLIO: ("evidence", ("2.1.2.a",)),
    CHECKLIST: ("observation", ("1.1.1.a", "1.1.1.b")),
    SELF: ("self_assessment", ()),
}
PROFILE_TITLE = "Менин компетенттүүлүктөрүм"
QUIZ, LAB = "Quiz: Week 1 quiz", "Assignment: Lab report"

STEPS = {PLAN: "432314", PORTFOLIO: "42"}
"""Keys of the rubric for the people in their order: 4 convincing, 3 shown, 2 emerging, 1 not shown."""

# Columns 2.1, 1.1, 4.2, as they came to be. 2.1: level 1 by the plan, level 2 by the portfolio. 1.1: both indicators
# were seen in everybody.
# 4.2: level 1 needs both: a by quiz and lab report, b by the quiz; t = 0.60.
EXPECTED = {
    "6": ["2", "1", "1"],  # quiz .90, lab .92
    "7": ["1", "1", "1"],  # .75 .70; the portfolio is only emerging
    "8": ["0", "1", "0"],  # .45 .50
    "9": ["1", "1", "1"],  # .70 and no lab report: half of the weight is graded, which is enough
    "10": ["0", "1", "0"],  # .30 .30
    "11": ["1", "1", "0"],  # .60 .5999: just under for a
}


@pytest.fixture(scope="session")
def browser(whole_browser: Browser) -> Browser:
    """The one that blocks what browsers block in frames of another site."""
    return whole_browser


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with running_demonstration(tmp_path_factory.mktemp("whole") / "demo") as running:
        yield running


def _tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what is looked for has the focus: the keyboard alone leads there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never leads to {selector}")


def _place(page: Page, demonstration: Demonstration) -> dict[str, str]:
    """Everything in one go; the LMS's links by title."""
    page.goto(f"{demonstration.lms}/course/2/select-content?as={TRAINER}")
    frame = framed_tool(page, demonstration)
    for number, (title, (kind, codes)) in enumerate(PLACED.items(), 1):
        frame.locator("#f-kind").select_option(kind)
        frame.locator("#f-title").fill(title)
        for code in codes:
            frame.locator("#f-search").fill(code)
            frame.locator(f"#i-{code.replace('.', chr(92) + '.')}").check()
        frame.locator("#f-search").fill("")
        if number < len(PLACED):
            frame.locator("button[value=keep]").click()
            expect(frame.locator(".waiting li")).to_have_count(number)
    frame.locator("button[value=place]").click()
    page.frame_locator("iframe").get_by_text("Content selected").wait_for()
    page.goto(f"{demonstration.lms}/course/2?as={TRAINER}")
    hrefs = {title: page.get_by_role("link", name=title).first.get_attribute("href") or "" for title in PLACED}
    return {title: href.partition("id=")[2].partition("&")[0] for title, href in hrefs.items()}


def _map_by_keyboard(page: Page, course: str) -> None:
    page.goto(f"{course}/mapping?competency=4.2&level=1")
    for name, full_mark in ((QUIZ, "20"), (LAB, "100")):
        _tab_to(page, "#f-name")
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(full_mark)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{course}/mapping?competency=4.2&level=1")
    rows = page.locator("table.matrix tbody th").all_inner_texts()
    quiz = next(number for number, text in enumerate(rows) if text.startswith(QUIZ))
    assert rows[quiz + 1].startswith(LAB)
    _tab_to(page, "table.matrix input")
    for key in [
        "Control+ArrowUp",
        "Home",
        *["ArrowDown"] * quiz,
        "1",
        "ArrowRight",
        "1",
        "ArrowDown",
        "ArrowLeft",
        "1",
    ]:
        page.keyboard.press(key)
    _tab_to(page, "[data-do=preview]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[aria-labelledby=cells-title] li")).to_have_count(3)
    _tab_to(page, "form[action$=publish] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".notice-good")).to_have_count(1)


def _hand_in(context: BrowserContext, demonstration: Demonstration, person: str, link: str) -> None:
    page, _course = enter(context, demonstration, person, link)
    page.locator("#f-text").fill(f"Иш {person}")
    page.locator("button[value=hand_in]").click()
    page.locator(".notice-good").wait_for()
    page.close()


def _assess_by_keyboard(page: Page, course: str) -> None:
    page.goto(f"{course}/queue")
    keys = [*STEPS[PLAN], *STEPS[PORTFOLIO]]
    expect(page.locator("table tbody tr")).to_have_count(len(keys))
    _tab_to(page, "main .btn-primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for key in keys:
        page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        page.locator(".notice-good").wait_for()
    assert page.url.split("?")[0] == f"{course}/queue"


def _observe_by_keyboard(page: Page) -> None:
    _tab_to(page, "table.checklist select")
    for _ in PEOPLE:
        for key in ("Home", "3", "ArrowRight", "3", "ArrowDown"):
            page.keyboard.press(key)
    expect(page.locator("select.waiting")).to_have_count(0, timeout=15_000)


def _gradebook(demonstration: Demonstration, course: str) -> dict[str, list[str]]:
    return read_gradebook(requests.get(f"{demonstration.lms}/grades?course={course}", timeout=10).text)


def _copy_in_the_lms(page: Page, demonstration: Demonstration) -> dict[str, str]:
    """Copies the course and opens the copy; its links by title."""
    page.goto(f"{demonstration.lms}/course/2?as={TRAINER}")
    with page.expect_navigation():
        page.get_by_role("button", name="Copy this course").click()
    assert "көчүрмө" in page.locator("h1").inner_text()
    titles = (*PLACED, PROFILE_TITLE)
    hrefs = {title: page.get_by_role("link", name=title).first.get_attribute("href") or "" for title in titles}
    return {title: href.partition("id=")[2].partition("&")[0] for title, href in hrefs.items()}


def _use_the_copy(context: BrowserContext, demonstration: Demonstration) -> None:
    """The copy takes the mapping over, seen before it counts, and has grades of its own."""
    links = _copy_in_the_lms(context.new_page(), demonstration)
    person, before = "7", _gradebook(demonstration, "2")

    # The links bring their mapping along when they are first opened; the native activities are taken over by hand.
    for title in PLACED:
        enter(context, demonstration, TRAINER, links[title])[0].close()
    trainer, course = enter(context, demonstration, TRAINER, links[PROFILE_TITLE])
    trainer.goto(f"{course}/group")
    expect(trainer.locator("table.group tbody td").filter(has_text="деңгээл")).to_have_count(0)
    with trainer.expect_navigation():
        trainer.locator("main a[href$='/templates']").first.click()
    same, missing = trainer.locator("section[aria-labelledby=difference-title]"), trainer.locator("#p-off-1, #p-off-2")
    assert all(title in same.inner_text() for title in (PLAN, PORTFOLIO, CHECKLIST))
    assert faults(trainer, "ky", "copy compared with its origin") == []
    for box in missing.all():
        box.check()
    with trainer.expect_navigation():
        trainer.locator("form[action$='/take'] button").click()
    expect(trainer.locator("[aria-labelledby=cells-title] li")).to_have_count(3)
    with trainer.expect_navigation():
        trainer.locator("form[action$=publish] button").click()
    trainer.goto(f"{course}/mapping?competency=4.2&level=1")
    assert {QUIZ, LAB} <= {text.split("\n")[0].strip() for text in trainer.locator("tbody th").all_inner_texts()}

    _hand_in(context, demonstration, person, links[PLAN])
    trainer, course = enter(context, demonstration, TRAINER, links[PROFILE_TITLE])
    trainer.goto(f"{course}/queue")
    expect(trainer.locator("table tbody tr"), "what was handed in to the origin stays there").to_have_count(1)
    with trainer.expect_navigation():
        trainer.locator("table a").first.click()
    trainer.keyboard.press("4")
    with trainer.expect_navigation():
        trainer.keyboard.press("Control+Enter")

    assert within(60, "1", lambda: _gradebook(demonstration, "4")[person][0]) == "1"
    assert _gradebook(demonstration, "2") == before


def test_a_course_from_the_picker_to_the_gradebook_and_its_copy(
    demonstration: Demonstration, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    for person in (*PEOPLE, ASSISTANT):
        enter(context, demonstration, person)[0].close()
    links = _place(context.new_page(), demonstration)

    # Each link becomes known when it is opened; the participants open what is theirs to do.
    for person in PEOPLE:
        _hand_in(context, demonstration, person, links[PLAN])
    for person in PEOPLE[:2]:
        _hand_in(context, demonstration, person, links[PORTFOLIO])
    checklist, course = enter(context, demonstration, TRAINER, links[CHECKLIST])
    trainer = context.new_page()
    _map_by_keyboard(trainer, course)
    _assess_by_keyboard(trainer, course)
    checklist.reload()
    _observe_by_keyboard(checklist)
    trainer.goto(f"{course}/results")
    assert upload(trainer.main_frame, demonstration.sample("grades", tmp_path)).status == 200

    assert within(60, EXPECTED, lambda: _gradebook(demonstration, "2")) == EXPECTED
    _use_the_copy(context, demonstration)
    context.close()
