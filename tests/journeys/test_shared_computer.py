"""One browser, many people: an ended session leaves nothing behind, and two people after each other never mix."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from lti_tool import clock
from lti_tool.db.unit_of_work import make_engine, make_session_factory, unit_of_work
from lti_tool.people.tables import LoginSessionRow, PersonRow
from tests.journeys.visits import AIGUL, OMURBEK, TRAINER, Demonstration, enter

pytestmark = pytest.mark.browser

AIGULS_NAME = "Айгүл Токтосунова"


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def left_by_aigul(
    request: pytest.FixtureRequest, demonstration: Demonstration, browser: Browser
) -> Iterator[tuple[Page, str]]:
    """A tab in which Айгүл has read two pages, the newer one shown; in some browsers nothing runs."""
    launching = browser.new_context(locale="en")
    _page, course = enter(launching, demonstration, AIGUL)
    cookies = launching.storage_state()
    context = browser.new_context(java_script_enabled=request.param, locale="en", storage_state=cookies)
    page = context.new_page()
    for path in ("me/1.1", "me"):
        page.goto(f"{course}/{path}")
    assert AIGULS_NAME in _shown(page)
    yield page, course
    context.close()
    launching.close()


def _shown(page: Page) -> str:
    return page.title() + page.locator("body").inner_text()


def _leave_for_hours(demonstration: Demonstration) -> None:
    """Айгүл's newest session is as old as if nobody had touched it since the morning."""
    sessions = make_session_factory(make_engine(f"sqlite:///{demonstration.folder / 'lti-tool.sqlite3'}"))
    with unit_of_work(sessions) as session:
        row = LoginSessionRow
        hers = select(row).join(PersonRow, PersonRow.id == row.person_id).where(PersonRow.name == AIGULS_NAME)
        newest = session.scalars(hers.order_by(row.id.desc()).limit(1)).one()
        newest.seen_at = clock.now() - timedelta(hours=9)


def test_back_shows_nothing_of_an_ended_session(left_by_aigul: tuple[Page, str]) -> None:
    page, course = left_by_aigul

    page.locator("form.who button").click()
    page.locator(".trouble h1").wait_for()
    seen = [_shown(page)]
    for _step in range(2):
        page.go_back()
        seen.append(_shown(page))

    assert "Сеансыңыз бүттү" in seen[0], "in the language that she has read"
    assert ["Your session has ended" in text for text in seen[1:]] == [True, True], "in the browser's: nobody is known"
    assert [text for text in seen if "Айгүл" in text] == []
    answer = page.context.new_page().goto(f"{course}/me")
    assert answer is not None
    assert answer.status == 401


def test_two_people_after_each_other_in_one_browser_never_mix(
    demonstration: Demonstration, context: BrowserContext
) -> None:
    _first, course = enter(context, demonstration, TRAINER)

    second, _course = enter(context, demonstration, OMURBEK)

    assert "Өмүрбек Жээнбеков" in second.inner_text("body")
    answer = second.goto(f"{course}/group")
    assert answer is not None
    assert answer.status == 404


def test_a_tab_that_the_one_before_left_open_is_the_next_persons_after_a_click(
    demonstration: Demonstration, context: BrowserContext
) -> None:
    left, course = enter(context, demonstration, AIGUL)
    for path in ("me/1.1", "me"):
        left.goto(f"{course}/{path}")

    enter(context, demonstration, OMURBEK)
    left.reload()
    reloaded = _shown(left)
    left.go_back()

    assert "Айгүл" not in reloaded + _shown(left)
    assert "Өмүрбек Жээнбеков" in _shown(left)


def test_a_session_that_nobody_has_used_for_long_ends_with_a_page_that_says_so(
    demonstration: Demonstration, left_by_aigul: tuple[Page, str]
) -> None:
    page, _course = left_by_aigul
    _leave_for_hours(demonstration)

    with page.expect_navigation() as done:
        page.locator(".competency-link").first.click()
    ended = _shown(page)
    page.go_back()

    assert done.value is not None
    assert done.value.status == 401
    assert "Сеансыңыз бүттү" in ended, "in the language that she has read, not in the browser's"
    assert "Айгүл" not in ended + _shown(page)
