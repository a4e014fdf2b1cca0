"""A term is explained where it was read: by a click, by keyboard, without a script, and nothing moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.inspection import SIZES, faults
from tests.journeys.visits import AIGUL, Demonstration, enter

pytestmark = pytest.mark.browser


def _open(page: Page) -> None:
    """Opens the explanation of a term in the middle of the page, and sees that the page has not moved."""
    term = page.locator("a.term").nth(3)
    term.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    term.click()
    expect(page.locator(".term-explained:target")).to_be_in_viewport()
    assert page.evaluate("scrollY") == before > 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_an_explanation_opens_over_the_foot_of_the_window_and_closes_again(
    demonstration: Demonstration, browser: Browser, size: str, script: bool
) -> None:
    launching = browser.new_context()
    _page, course = enter(launching, demonstration, AIGUL)
    cookies = launching.storage_state()
    page = browser.new_context(java_script_enabled=script, storage_state=cookies, viewport=SIZES[size]).new_page()
    page.goto(f"{course}/me/4.1?lang=ky")

    _open(page)
    page.locator(".term-close:visible").click()
    expect(page.locator(".term-explained:target")).to_have_count(0)
    _open(page)
    page.go_back()
    expect(page.locator(".term-explained:target")).to_have_count(0)

    page.context.close()
    launching.close()


def test_by_keyboard_the_focus_goes_to_the_explanation_and_back(demonstration: Demonstration, page: Page) -> None:
    _page, course = enter(page.context, demonstration, AIGUL)
    page.goto(f"{course}/me/4.1?lang=ky")
    term = page.locator("a.term").nth(3)

    term.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".term-explained:target")).to_be_focused()
    assert faults(page, "ky", "term explained") == []
    page.keyboard.press("Tab")
    expect(page.locator(".term-close:visible")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator(".term-explained:target")).to_have_count(0)
    expect(term).to_be_focused()
