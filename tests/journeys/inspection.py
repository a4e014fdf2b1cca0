"""What must hold on every page, whoever sees it: its language, its width on a phone, no complaint, no barrier.

LTI_TOOL_TEST_SCREENSHOTS=folder keeps a picture of every page that is inspected, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.factories.spoken import left_in_english, unmarked

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 640}}
_AXE = Axe()


class Complaints:
    """The browser's complaints about one tab from now on; its note that a page has an error status is none."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.texts.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        about_itself = message.page is not None and message.location["url"] == message.page.url
        if message.type == "error" and not (about_itself and message.text.startswith("Failed to load resource")):
            self.texts.append(message.text)


def faults(page: Page, language: str, name: str) -> list[str]:
    """What is wrong with the page that is shown, on a desktop and on a phone.

    Barriers are looked for in Kyrgyz alone, whose words are the longest: the other languages only say the same with
    other words, and have to fit.
    """
    found = []
    if page.locator("html").get_attribute("lang") != language:
        found.append("wrong lang")
    if page.locator("h1").count() != 1:
        found.append("not one h1")
    if not page.title().strip():
        found.append("no title")
    html = page.content()
    found += [f"in English: {said}" for said in left_in_english(html, language)] + unmarked(html)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        barriers = _barriers(page) if language == "ky" else []
        found += [f"{size}: {fault}" for fault in (*_too_wide(page), *barriers)]
        _keep_picture(page, f"{name}-{language}-{size}")
    return found


def loaded_bytes(page: Page) -> int:
    """Bytes over the wire for the page that is shown, with all that it has loaded until now; 0 for what was at hand."""
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    return int(page.evaluate(f"{entries}.reduce((sum, each) => sum + each.transferSize, 0)"))


def _too_wide(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"scrolls {width} px sideways"] if width > 1 else []


def _barriers(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    violations = page.evaluate("axe.run({resultTypes: ['violations'], preload: false}).then(found => found.violations)")
    return [f"axe {each['id']}: {each['nodes'][0]['html'][:100]}" for each in violations]


def _keep_picture(page: Page, name: str) -> None:
    folder = os.environ.get("LTI_TOOL_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
