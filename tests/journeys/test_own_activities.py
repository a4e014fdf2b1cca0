"""Own activities in a browser: placed by the picker, filled in by keyboard, seen in the LMS's gradebook.

In a demonstration of its own, for what is placed here changes what the course can assess.
"""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.conftest import DESKTOP
from tests.journeys.inspection import Complaints, faults
from tests.journeys.own import CHECKLIST, Placed, choose
from tests.journeys.visits import (
    AIGUL,
    ASSISTANT,
    NURGUL,
    OMURBEK,
    TRAINER,
    enter,
    read_gradebook,
    within,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("own_activities")]

LANGUAGES = ["ky", "ru", "en"]


@pytest.fixture
def trainer(placed: Placed, context: BrowserContext) -> Page:
    """The checklist, opened by its trainer."""
    page, _course = enter(context, placed.demonstration, TRAINER, placed.checklist)
    return page


def _cell(page: Page, row: int, column: int) -> Locator:
    return page.locator("table.checklist tbody tr").nth(row).locator("select").nth(column)


def _stored(page: Page) -> None:
    page.locator("#checklist-said", has_text="Баары сакталды").wait_for()


def _settled(page: Page) -> None:
    """Waits until nothing waits to be stored."""
    expect(page.locator("select.waiting")).to_have_count(0, timeout=15_000)


def _clear(page: Page) -> None:
    """Takes everything back that another test has chosen."""
    for cell in page.locator("table.checklist select").all():
        if cell.input_value():
            cell.focus()
            page.keyboard.press("Delete")
    _settled(page)


def test_a_checklist_is_filled_in_by_keyboard_and_reaches_the_gradebook(trainer: Page, placed: Placed) -> None:
    assert trainer.locator("main h1").inner_text() == CHECKLIST
    _clear(trainer)
    _cell(trainer, 0, 0).focus()

    for key in ("3", "ArrowRight", "4", "ArrowRight", "3", "ArrowDown", "1", "ArrowLeft", "Control+d", "Home", "2"):
        trainer.keyboard.press(key)
    _stored(trainer)

    _settled(trainer)
    trainer.reload()
    values = [[_cell(trainer, row, column).input_value() for column in range(3)] for row in range(2)]
    assert values == [["shown", "convincing", "shown"], ["emerging", "convincing", "not_shown"]]

    def shown() -> list[list[str]]:
        page = requests.get(f"{placed.demonstration.lms}/grades?course=2", timeout=10)
        marks = read_gradebook(page.text)
        return [marks[NURGUL], marks[OMURBEK], marks[AIGUL]]

    # 1.1 and 2.1: both indicators of the one and the one of the other attained, or one of each missed; or nothing seen.
    wanted = [["1", "1"], ["0", "0"], ["-", "-"]]
    assert within(60, wanted, shown) == wanted


def test_undo_takes_back_the_last_choice_and_reaches_the_ledger(trainer: Page) -> None:
    _clear(trainer)
    _cell(trainer, 0, 1).focus()
    trainer.keyboard.press("3")
    trainer.keyboard.press("2")

    trainer.keyboard.press("Control+z")
    assert _cell(trainer, 0, 1).input_value() == "shown"
    trainer.locator("[data-do=undo]").click()
    _settled(trainer)

    trainer.reload()
    assert _cell(trainer, 0, 1).input_value() == ""


def test_two_trainers_on_one_page_are_told_and_see_what_stands(trainer: Page, placed: Placed, browser: Browser) -> None:
    _clear(trainer)
    trainer.reload()
    other = browser.new_context(viewport=DESKTOP)
    second, _course = enter(other, placed.demonstration, ASSISTANT, placed.checklist)
    _cell(trainer, 1, 0).select_option("shown")
    _stored(trainer)

    _cell(second, 1, 0).select_option("emerging")

    second.locator("#checklist-clashes li").wait_for()
    assert "Гүлнара Мамытова" in second.locator("#checklist-clashes").inner_text()
    assert _cell(second, 1, 0).input_value() == "shown"
    other.close()


def test_what_is_chosen_while_the_tool_is_away_is_stored_later(trainer: Page) -> None:
    _clear(trainer)
    trainer.route("**/checklists/*", lambda route: route.abort())
    _cell(trainer, 0, 2).select_option("emerging")
    trainer.locator("#checklist-said:not(:empty)").wait_for()
    expect(trainer.locator("select.waiting")).to_have_count(1)

    trainer.unroute("**/checklists/*")
    _settled(trainer)

    trainer.reload()
    assert _cell(trainer, 0, 2).input_value() == "emerging"


def test_a_checklist_works_without_a_script(placed: Placed, browser: Browser, trainer: Page) -> None:
    _clear(trainer)
    plain = browser.new_context(java_script_enabled=False, storage_state=trainer.context.storage_state())
    page = plain.new_page()
    page.goto(trainer.url)
    _cell(page, 1, 1).select_option("convincing")

    page.locator("form[data-checklist] button[type=submit]").click()

    expect(page.locator(".notice-good")).to_have_count(1)
    assert _cell(page, 1, 1).input_value() == "convincing"
    plain.close()


def test_a_self_assessment_is_stored_as_one_goes_and_handed_in(placed: Placed, context: BrowserContext) -> None:
    page, course = enter(context, placed.demonstration, OMURBEK, placed.self_assessment)
    expect(page.locator("fieldset.question")).to_have_count(61)
    page.locator("fieldset.question").nth(0).locator("input").nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator("#self-said", has_text="Долбоор сакталды").wait_for()
    page.reload()
    assert page.locator("fieldset.question").nth(0).locator("input:checked").get_attribute("value") == "1"

    page.locator("button[value=submit]").click()
    page.locator("table.data").wait_for()

    page.goto(f"{course}/me")
    expect(page.locator("#self-assessment tbody tr")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picker_fits_and_is_accessible(placed: Placed, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport=DESKTOP, locale=language)
    page = context.new_page()
    page.goto(f"{placed.demonstration.lms}/mod/lti/contentitem.php?course=2&as={TRAINER}")
    page.wait_for_url(f"{placed.demonstration.tool}/c/**/select/*")
    page.goto(f"{page.url}?lang={language}")
    complaints = Complaints(page)
    assert faults(page, language, "picker") == []

    page.set_viewport_size(DESKTOP)
    page.locator("#f-kind").select_option("observation")
    page.locator("#f-title").fill("Байкоо 2")
    choose(page.main_frame, "4.1.1.a")
    page.locator("#f-competency").select_option("4.1")
    found = faults(page, language, "picker narrowed")
    page.set_viewport_size(DESKTOP)
    page.locator("button[value=keep]").click()
    page.locator(".waiting li").wait_for()

    assert found + faults(page, language, "picker waiting") + complaints.texts == []
    context.close()
