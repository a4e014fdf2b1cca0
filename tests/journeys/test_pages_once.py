"""Pages that open once: a launch whose browser keeps no cookie goes on in a tab of its own; an LMS is registered."""

from __future__ import annotations

import pytest
import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.journeys import plain
from tests.journeys.inspection import Complaints, faults
from tests.journeys.keyboard import walk
from tests.journeys.visits import AIGUL, NURGUL, PROFILE, ZHYLDYZ, Demonstration, invite

pytestmark = pytest.mark.browser


def _looked_at(page: Page, language: str, name: str) -> list[str]:
    return faults(page, language, name) + plain.missing(page.content()) + walk(page)


def _without_cookies(context: BrowserContext) -> None:
    """From now on no launch that arrives brings a cookie along."""

    def drop(route: Route) -> None:
        context.clear_cookies()
        route.continue_()

    context.route("**/lti/launch", drop)


@pytest.mark.parametrize(("language", "person"), [("ky", AIGUL), ("ru", NURGUL), ("en", ZHYLDYZ)])
def test_a_launch_without_cookies_goes_on_in_a_tab_of_its_own(
    demonstration: Demonstration, browser: Browser, language: str, person: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    _without_cookies(context)
    page.goto(f"{demonstration.lms}/mod/lti/launch.php?id={PROFILE}&as={person}&window=1")
    page.locator("main h1").wait_for()
    found = _looked_at(page, language, "new tab")
    with page.expect_popup() as opened:
        page.locator("main a.btn").click()
    going_on = opened.value
    going_on.locator("main form").wait_for()

    complaints = Complaints(going_on)
    assert found + _looked_at(going_on, language, "going on") + complaints.texts == []

    going_on.locator("main form button").click()
    going_on.wait_for_url(f"{demonstration.tool}/c/**")
    context.close()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_registration_says_what_came_of_it(demonstration: Demonstration, browser: Browser, language: str) -> None:
    pasted = {"invitation": invite(demonstration)}
    shown = BeautifulSoup(requests.get(f"{demonstration.lms}/tools", params=pasted, timeout=10).text, "html.parser")
    frame = shown.select_one("iframe")
    assert frame is not None
    page = browser.new_context(locale=language).new_page()
    complaints = Complaints(page)

    answer = page.goto(str(frame["src"]))

    assert answer is not None
    assert answer.status == 200
    assert _looked_at(page, language, "registered") + complaints.texts == []
    page.context.close()
