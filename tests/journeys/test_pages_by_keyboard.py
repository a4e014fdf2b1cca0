"""Every page from the keyboard alone: everything that can be used is reached by Tab, in order, and seen when it is."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import DESKTOP
from tests.journeys.keyboard import walk
from tests.journeys.pages import READ
from tests.journeys.prepared import Place

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", READ)
def test_every_page_is_gone_over_with_tab(places: dict[str, Place], name: str) -> None:
    who, path, _status = READ[name]
    page = places[who].page
    page.set_viewport_size(DESKTOP)
    page.goto(places[who].address(path, "ky"))

    assert walk(page) == []


def test_the_way_to_the_content_leads_there(places: dict[str, Place]) -> None:
    who, path, _status = READ["me"]
    page = places[who].page
    page.goto(places[who].address(path, "ky"))

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
