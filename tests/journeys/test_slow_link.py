"""On the slowest link that is still used the first words come within seconds, at a first visit and later.

LTI_TOOL_SCREENSHOTS=folder keeps the figures.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.inspection import SIZES, keep_figure
from tests.journeys.pages import READ
from tests.journeys.prepared import Place

pytestmark = pytest.mark.browser

LINK = {"offline": False, "latency": 500, "downloadThroughput": 8_000, "uploadThroughput": 8_000}
"""64 kbit/s each way, and half a second until anything comes back."""
FIRST_CONTENT = 5_000
"""Milliseconds at most. Nearly all of them are the emulated link's, so the machine's own pace hardly counts."""
_WORDS = """() => new Promise(shown => new PerformanceObserver(seen => {
  const found = seen.getEntriesByName('first-contentful-paint');
  if (found.length) shown(found[0].startTime);
}).observe({type: 'paint', buffered: true}))"""


def _slow_tab(context: BrowserContext) -> Page:
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINK)
    return page


def _first_content(page: Page, address: str) -> float:
    page.goto(address, wait_until="commit")
    return float(page.evaluate(_WORDS))


@pytest.mark.parametrize("name", ["me", "my competency", "task"])
def test_a_participants_page_begins_to_be_read_within_five_seconds(
    places: dict[str, Place], browser: Browser, name: str
) -> None:
    who, path, _status = READ[name]
    held = places[who].page.context.storage_state()
    context = browser.new_context(viewport=SIZES["phone"], storage_state=held)
    page = _slow_tab(context)

    first = _first_content(page, places[who].address(path, "ky"))
    page.wait_for_load_state()
    later = _first_content(page, places[who].address(path, "ru"))
    keep_figure(f"{name}: first content after {first:.0f} ms, on a later visit after {later:.0f} ms")

    assert 500 < later <= first <= FIRST_CONTENT
    context.close()
