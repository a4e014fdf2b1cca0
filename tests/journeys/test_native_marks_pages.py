"""The pages of marks that come by the web service, in each state and language, on a phone and on a desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.inspection import Complaints, faults
from tests.journeys.moodle_marks import Lms, Trainer, connect
from tests.journeys.visits import ADMIN, TRAINER, Demonstration, enter, follow, within

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("native_marks_pages")]


@dataclass
class Desk:
    """An admin and a trainer in tabs of their own; the connection is set, and Moodle's list is read and chosen from."""

    admin: Page
    trainer: Trainer
    lms: Lms
    tool: str

    def shows(self, page: Page, path: str, language: str, name: str) -> list[str]:
        """What is wrong with the page in this language."""
        complaints = Complaints(page)
        page.goto(f"{path}?lang={language}")
        return faults(page, language, name) + complaints.texts


@pytest.fixture(scope="module")
def desk(filled: Demonstration, browser: Browser) -> Iterator[Desk]:
    contexts = [browser.new_context() for _ in range(3)]
    lms = Lms(filled, contexts[0].new_page())
    connect(contexts[1], filled, lms)
    admin, _course = enter(contexts[1], filled, ADMIN)
    trainer = Trainer(*enter(contexts[2], filled, TRAINER))
    trainer.read("What counts as a result here")
    trainer.choose("Quiz: Week 1 quiz (full mark 20)")
    trainer.wait_for("Read ")
    yield Desk(admin, trainer, lms, filled.tool)
    lms.become("answers as it should")
    for context in contexts:
        context.close()


@pytest.fixture(params=["ky", "ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_choice_fits_and_is_accessible(desk: Desk, language: str) -> None:
    page = desk.trainer.page

    assert desk.shows(page, desk.trainer.address, language, "native marks read") == []
    expect(page.locator("main form input[type=checkbox]").nth(6)).to_be_attached()


def test_a_connection_that_works_fits_and_is_accessible(desk: Desk, language: str) -> None:
    assert desk.shows(desk.admin, f"{desk.tool}/institute/moodle", language, "connection that works") == []
    assert desk.lms.url in desk.admin.locator("main").inner_text()


def test_a_connection_that_is_refused_fits_and_is_accessible(desk: Desk, language: str) -> None:
    page = desk.admin
    page.goto(f"{desk.tool}/institute/moodle?lang={language}")
    complaints = Complaints(page)
    page.locator("#f-url").fill("https://169.254.169.254/")
    page.locator("#f-token").fill("x")
    follow(page.main_frame, page.locator("form.panel button[type=submit]"))

    expect(page.locator("[role=alert]")).to_have_count(1)
    expect(page.locator("nav [aria-current=page]").nth(0)).to_be_attached()
    assert page.locator("#f-url").input_value() == "https://169.254.169.254/"
    assert faults(page, page.locator("html").get_attribute("lang") or "", f"connection refused {language}") == []
    assert complaints.texts == []


def test_a_reading_that_failed_fits_and_is_accessible(desk: Desk, language: str) -> None:
    desk.lms.become("says no, with status 200")
    desk.trainer.read("may not read this course")

    assert desk.shows(desk.trainer.page, desk.trainer.address, language, "native marks not read") == []
    expect(desk.trainer.page.locator(".notice-warn")).to_have_count(1)
    assert within(1, 1, lambda: desk.trainer.page.locator("main form input:checked").count()) == 1


@pytest.mark.parametrize("path", ["web-service", "marks", "course/2"])
def test_the_lms_s_pages_for_it_fit_and_are_accessible(desk: Desk, path: str) -> None:
    page = desk.lms.page
    complaints = Complaints(page)
    page.goto(f"{desk.lms.url}/{path}")

    assert faults(page, "en", f"lms {path.replace('/', ' ')}") + complaints.texts == []


def test_a_page_that_is_left_open_tells_when_moodle_has_been_read(desk: Desk) -> None:
    page = desk.trainer.page
    page.goto(f"{desk.trainer.address}?lang=en")

    follow(page.main_frame, page.get_by_role("button", name="Read Moodle now"))
    again = page.locator(".following.followed[data-following=''] a")
    again.wait_for(timeout=20_000)

    expect(page.locator("form[action$=read]")).to_have_count(0)
    follow(page.main_frame, again)
    expect(page.locator("form[action$=read]")).to_have_count(1)
    expect(page.locator("[data-following]")).to_have_count(0)


def test_a_reading_under_way_fits_and_is_accessible(desk: Desk) -> None:
    page = desk.trainer.page
    desk.lms.become("answers too late")
    page.goto(f"{desk.trainer.address}?lang=en")
    follow(page.main_frame, page.get_by_role("button", name="Read Moodle now"))

    for language in ("ky", "ru", "en"):
        assert desk.shows(page, desk.trainer.address, language, "native marks under way") == []
        expect(page.locator("[data-following] [role=status]")).to_have_count(1)

    desk.lms.become("answers as it should")
    page.locator(".following.followed[data-following='']").wait_for(timeout=40_000)
