"""One browser, many people: an ended session leaves nothing behind, and two people after each other never mix."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.visits import AIGUL, OMURBEK, TRAINER, Demonstration, enter

pytestmark = pytest.mark.browser


def test_back_shows_nothing_of_an_ended_session(demonstration: Demonstration, context: BrowserContext) -> None:
    page, course = enter(context, demonstration, AIGUL)
    page.goto(f"{course}/me?lang=en")
    assert "Айгүл Токтосунова" in page.inner_text("body")

    page.get_by_role("button", name="End session").click()
    page.locator(".trouble h1").wait_for()
    page.go_back()

    assert "Айгүл Токтосунова" not in page.inner_text("body")
    answer = context.new_page().goto(f"{course}/me")
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
