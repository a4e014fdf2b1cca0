"""What must hold on every page, whoever sees it: its language, its width on a phone, no complaint, no barrier.

LTI_TOOL_SCREENSHOTS=folder keeps a picture of every page that is inspected, to be looked at (`make pictures`).
"""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Frame, Page

from tests.factories.spoken import left_in_english, unmarked

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 640}}
ZOOMED = {"width": 320, "height": 256}
"""A window of 1280 × 1024 in which everything is four times as large (WCAG 2.2, 1.4.10)."""
_AXE = Axe()
_ALL = "{resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}}}"
_CONTRAST = "{runOnly: ['color-contrast'], preload: false}"
_SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
"""How wide some readers set every text (WCAG 2.2, 1.4.12)."""


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
    """What is wrong with the page that is shown, on a desktop, on a phone, and enlarged four times.

    Barriers are looked for in Kyrgyz alone, whose words are the longest: the other languages only say the same with
    other words, and have to fit. In the dark only the contrast is another.
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
    page.set_viewport_size(ZOOMED)
    found += [f"enlarged: {fault}" for fault in _too_wide(page)]
    found += [f"enlarged and spaced: {fault}" for fault in _too_wide_when_spaced(page)]
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        kept_out = barriers(page) if language == "ky" else []
        found += [f"{size}: {fault}" for fault in (*_too_wide(page), *kept_out)]
        _keep_picture(page, f"{name}-{language}-{size}")
    return found + (_hard_to_read_in_the_dark(page) if language == "ky" else [])


def kept_folder() -> Path | None:
    """Where what the tests have seen is kept, if it is."""
    folder = os.environ.get("LTI_TOOL_SCREENSHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def keep_figure(line: str) -> None:
    """Keeps a measured figure beside the pictures."""
    folder = kept_folder()
    if folder:
        with (folder / "figures.txt").open("a") as file:
            file.write(f"{line}\n")


def loaded_bytes(page: Page) -> int:
    """Bytes over the wire for the page that is shown, with all that it has loaded until now; 0 for what was at hand."""
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    return int(page.evaluate(f"{entries}.reduce((sum, each) => sum + each.transferSize, 0)"))


def _too_wide(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"scrolls {width} px sideways"] if width > 1 else []


def _too_wide_when_spaced(page: Page) -> list[str]:
    adopt = "css => { const made = new CSSStyleSheet(); made.replaceSync(css); document.adoptedStyleSheets = [made]; }"
    page.evaluate(adopt, _SPACED)
    found = _too_wide(page)
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def _hard_to_read_in_the_dark(page: Page) -> list[str]:
    # Without motion, else a colour is measured on its way to another.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found = barriers(page, _CONTRAST)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return [f"dark: {each}" for each in found]


def barriers(page: Page | Frame, options: str = _ALL) -> list[str]:
    """What keeps somebody out of this page, or of what is shown in a frame of another one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    violations = page.evaluate(f"axe.run({options}).then(found => found.violations)")
    return [f"axe {each['id']}: {each['nodes'][0]['html'][:100]}" for each in violations]


def _keep_picture(page: Page, name: str) -> None:
    folder = kept_folder()
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
