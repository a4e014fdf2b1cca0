"""The registration page in a real browser, framed by an LMS on another site: it asks to be closed, but not too soon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, Route
from playwright.sync_api import TimeoutError as Waited

STATIC = Path(__file__).parents[3] / "lti_tool" / "web" / "static"
TEMPLATE = Path(__file__).parents[3] / "lti_tool" / "web" / "templates" / "lti" / "registered.html"
LMS = '<script>got = []; addEventListener("message", e => got.push(e.data))</script><iframe src="http://tool.test/">'

pytestmark = pytest.mark.browser


def closing_part() -> str:
    """The end of the real page; its sentences stay message ids."""
    part = TEMPLATE.read_text().partition('<div id="closing"')
    return f'{part[1]}{part[2].partition("{% endblock")[0]}<script src="/registration.js"></script>'


def served(route: Route) -> None:
    if route.request.url.endswith(".js"):
        route.fulfill(body=(STATIC / "registration.js").read_text(), content_type="text/javascript")
    else:
        route.fulfill(body=closing_part() if "tool.test" in route.request.url else LMS, content_type="text/html")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.clock.install()
    page.route("**/*", served)
    page.goto("http://lms.test/")
    yield page
    page.close()


def tool_frame(page: Page) -> Frame:
    frame = page.frames[1]
    frame.wait_for_selector("button")
    return frame


def told(page: Page) -> object:
    try:
        page.wait_for_function("got.length > 0", timeout=1000)
    except Waited:
        return None
    return page.evaluate("got[0]")


def test_the_lms_is_asked_to_close_after_a_while(page: Page) -> None:
    tool_frame(page)
    assert page.evaluate("got") == []

    page.clock.run_for(6000)

    assert told(page) == {"subject": "org.imsglobal.lti.close"}


def test_the_button_closes_at_once(page: Page) -> None:
    tool_frame(page).click("button")

    assert told(page) == {"subject": "org.imsglobal.lti.close"}


def test_any_key_keeps_the_page_open(page: Page) -> None:
    frame = tool_frame(page)
    frame.locator("button").focus()
    page.keyboard.press("Shift")

    page.clock.run_for(60_000)

    assert told(page) is None
    assert frame.locator("[role=status]").is_hidden()
