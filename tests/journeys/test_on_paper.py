"""Pages on paper and in forced colours: nothing is lost, and nothing is printed that is only for screens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.journeys.pages import READ
from tests.journeys.prepared import Place

pytestmark = pytest.mark.browser

PAPER = {"width": 680, "height": 960}
"""A4 upright, without its margins."""
FOR_SCREENS = ".topbar, .tabs, .crumbs, .page-actions, .skip-link, .group-filters, .filters, .search-row, [class$=-bar]"

_CUT = """() => [...document.querySelectorAll('.table-scroll')].filter(
  each => each.checkVisibility() && getComputedStyle(each).overflowX !== 'visible').length"""
_FAINT = """() => {
  const ink = getComputedStyle(document.body).color;
  return [...document.querySelectorAll('.steps rect, .bar rect, .stacked rect')].filter(each => {
    const style = getComputedStyle(each);
    return style.fill !== ink && style.stroke !== ink;
  }).length;
}"""


@pytest.fixture(params=["me", "my competency", "group", "statistics", "deliveries", "somebody", "mapping", "closing"])
def page(places: dict[str, Place], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that people print or need to see in colours of their own."""
    who, path, _status = READ[request.param]
    shown = places[who].page
    shown.goto(places[who].address(path, "ky"))
    yield shown
    shown.emulate_media(media="screen", forced_colors="none")


def test_on_paper_stand_the_words_and_whole_tables(page: Page) -> None:
    page.set_viewport_size(PAPER)
    tables = page.locator("main table:visible").count()
    page.emulate_media(media="print")

    assert page.locator("h1").is_visible()
    assert page.locator(f":is({FOR_SCREENS}):visible").count() == 0
    assert page.evaluate(_CUT) == 0
    assert page.locator("main table:visible").count() == tables
    assert page.locator("main thead:visible").count() == page.locator("main table:visible").count()


def test_in_forced_colours_no_drawing_disappears(page: Page) -> None:
    page.emulate_media(forced_colors="active")

    assert page.evaluate(_FAINT) == 0
    current = page.locator(".langs [aria-current]").evaluate("each => getComputedStyle(each).borderTopColor")
    others = page.locator(".langs button:not([aria-current])").first.evaluate(
        "each => getComputedStyle(each).borderTopColor"
    )
    assert current != others
