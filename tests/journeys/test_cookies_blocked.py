"""Framed in another site while the browser blocks cookies: partitioned ones carry the session, else a tab does (60).

Each browser first shows that it blocks what its name says.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Playwright, expect

from tests.conftest import CHROMIUM, WHOLE
from tests.journeys.conftest import DESKTOP
from tests.journeys.cookie_blocking import ALL_IN_FRAMES, OTHER_SITES, teller, write_profile
from tests.journeys.inspection import barriers, faults
from tests.journeys.keyboard import walk
from tests.journeys.visits import (
    AIGUL,
    NURGUL,
    OMURBEK,
    PROFILE,
    SECOND_COURSE,
    ZHYLDYZ,
    Demonstration,
    follow,
    framed_tool,
    open_framed,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("cookies_blocked")]

SPEAKING = {"ky": AIGUL, "ru": NURGUL, "en": ZHYLDYZ}
AIGULS, OMURBEKS = "Айгүл Токтосунова", "Өмүрбек Жээнбеков"


def _browser(playwright: Playwright, folder: pytest.TempPathFactory, blocked: str) -> Iterator[BrowserContext]:
    profile = write_profile(folder.mktemp("profile") / "chromium", blocked)
    made = playwright.chromium.launch_persistent_context(
        profile, executable_path=shutil.which("chromium"), args=[*CHROMIUM, *WHOLE], viewport=DESKTOP, locale="en"
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
def others_blocked(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser that blocks the cookies of other sites, but for partitioned ones."""
    yield from _browser(playwright, tmp_path_factory, OTHER_SITES)


@pytest.fixture(scope="module")
def all_blocked(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser that lets the tool keep no cookie at all inside the LMS's pages."""
    yield from _browser(playwright, tmp_path_factory, ALL_IN_FRAMES)


@pytest.fixture
def in_frame(others_blocked: BrowserContext) -> Iterator[BrowserContext]:
    """The first of them, as if it had never been used."""
    yield from _afresh(others_blocked)


@pytest.fixture
def in_tabs(all_blocked: BrowserContext) -> Iterator[BrowserContext]:
    """The second of them, as if it had never been used."""
    yield from _afresh(all_blocked)


def _afresh(context: BrowserContext) -> Iterator[BrowserContext]:
    context.clear_cookies()
    yield context
    for page in context.pages[1:]:
        page.close()
    context.pages[0].goto("about:blank")


def _asked(context: BrowserContext, demonstration: Demonstration) -> list[str]:
    """The pages that the browser asks the tool for from now on, by method and kind."""
    found: list[str] = []

    def note(method: str, url: str, kind: str) -> None:
        if kind == "document" and url.startswith(demonstration.tool):
            path = url.removeprefix(demonstration.tool).partition("?")[0]
            found.append(f"{method} {re.sub('(?<=continue/).+|(?<=/c/)[^/]+', '…', path)}")

    context.on("request", lambda request: note(request.method, request.url, request.resource_type))
    return found


def _cookies_that_come(page: Page) -> str:
    with teller() as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.reload()
        frame = page.frame_locator("iframe").locator("body")
        return frame.inner_text()


def _new_tab_page(page: Page, demonstration: Demonstration, person: str, link: str = PROFILE) -> Frame:
    """Opens the link in the LMS; the tool's page in it, which leads into a new tab."""
    frame = open_framed(page, demonstration, person, link)
    frame.locator("a[target=_blank]").wait_for()
    return frame


def _gone_on(page: Page, frame: Frame, demonstration: Demonstration) -> Page:
    """Goes on in the new tab, with the keyboard alone; that tab."""
    for _press in range(20):
        page.keyboard.press("Tab")
        if frame.evaluate("document.activeElement.matches('a[target=_blank]')"):
            break
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    tab = opened.value
    tab.locator("form button").wait_for()
    for _press in range(20):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('main form button')"):
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{demonstration.tool}/c/**")
    tab.locator("main h1").wait_for()
    return tab


def _whose(shown: Page | Frame) -> str:
    return shown.locator(".who-name").inner_text()


def test_the_browsers_block_what_they_are_said_to_block(
    others_blocked: BrowserContext, all_blocked: BrowserContext
) -> None:
    assert _cookies_that_come(others_blocked.pages[0]) == "partitioned"
    assert _cookies_that_come(all_blocked.pages[0]) == "none"


def test_with_cookies_of_other_sites_blocked_the_frame_keeps_its_session(
    in_frame: BrowserContext, demonstration: Demonstration
) -> None:
    page = in_frame.pages[0]
    frame = open_framed(page, demonstration, AIGUL)
    assert _whose(frame) == AIGULS

    with frame.expect_navigation():
        frame.locator(".competency-link").first.click()
    assert _whose(frame) == AIGULS
    # A form, whose token rests on the same cookie.
    with frame.expect_navigation():
        frame.locator("button[name=locale][value=ru]").click()
    expect(frame.locator("html")).to_have_attribute("lang", "ru")
    assert _whose(frame) == AIGULS
    with frame.expect_navigation():
        frame.locator("button[name=locale][value=ky]").click()
    assert {cookie["name"] for cookie in in_frame.cookies() if not cookie.get("partitionKey")} == set()


@pytest.mark.parametrize("language", SPEAKING)
def test_with_all_cookies_blocked_in_the_frame_a_new_tab_leads_on(
    in_tabs: BrowserContext, demonstration: Demonstration, language: str
) -> None:
    page = in_tabs.pages[0]
    frame = _new_tab_page(page, demonstration, SPEAKING[language])
    assert frame.locator("html").get_attribute("lang") == language
    assert barriers(frame) == []

    tab = _gone_on(page, frame, demonstration)

    assert tab.locator("html").get_attribute("lang") == language
    tab.reload()
    assert _whose(tab), "the tab has a session of its own"
    assert frame.locator("a[target=_blank]").is_visible(), "the frame still says how to go on"


@pytest.mark.parametrize("language", SPEAKING)
def test_the_page_that_asks_whether_it_is_you_is_for_everybody(
    in_tabs: BrowserContext, demonstration: Demonstration, language: str
) -> None:
    frame = _new_tab_page(in_tabs.pages[0], demonstration, SPEAKING[language])
    tab = in_tabs.new_page()
    tab.goto(f"{demonstration.tool}{frame.locator('a[target=_blank]').get_attribute('href')}")

    assert faults(tab, language, "continue in a new tab") == []
    tab.set_viewport_size(DESKTOP)
    assert walk(tab) == []


def test_no_launch_goes_in_circles(
    in_frame: BrowserContext, in_tabs: BrowserContext, demonstration: Demonstration
) -> None:
    framed, tabbed = _asked(in_frame, demonstration), _asked(in_tabs, demonstration)

    open_framed(in_frame.pages[0], demonstration, AIGUL)
    page = in_tabs.pages[0]
    tab = _gone_on(page, _new_tab_page(page, demonstration, AIGUL), demonstration)
    for each in (in_frame.pages[0], tab):
        each.wait_for_timeout(1500)

    assert framed == ["POST /lti/login", "POST /lti/launch", "GET /c/…/me"]
    assert tabbed == [
        "POST /lti/login",
        "POST /lti/launch",
        "GET /lti/continue/…",
        "POST /lti/continue/…",
        "GET /c/…/me",
    ]


def test_two_courses_in_two_frames_stay_apart(in_frame: BrowserContext, demonstration: Demonstration) -> None:
    pages = [in_frame.pages[0], in_frame.new_page()]
    frames = [
        open_framed(page, demonstration, AIGUL, link)
        for page, link in zip(pages, (PROFILE, SECOND_COURSE), strict=True)
    ]
    courses = [frame.url.split("/")[4] for frame in frames]
    assert courses[0] != courses[1]

    for _again in range(2):
        for page, course in zip(pages, courses, strict=True):
            page.bring_to_front()  # what is behind another tab is drawn late, if at all
            frame = framed_tool(page, demonstration)
            follow(frame, frame.locator("nav.tabs a").first)
            assert (frame.url.split("/")[4], _whose(frame)) == (course, AIGULS)


def test_two_courses_in_two_tabs_stay_apart(in_tabs: BrowserContext, demonstration: Demonstration) -> None:
    tabs = []
    for link in (PROFILE, SECOND_COURSE):
        page = in_tabs.new_page()
        tabs.append(_gone_on(page, _new_tab_page(page, demonstration, AIGUL, link), demonstration))
    courses = [tab.url.split("/")[4] for tab in tabs]
    assert courses[0] != courses[1]

    for tab, course in zip(tabs, courses, strict=True):
        tab.reload()
        assert (tab.url.split("/")[4], _whose(tab)) == (course, AIGULS)


@pytest.mark.parametrize("where", ["in a frame", "in tabs"])
def test_two_people_after_each_other_never_mix(
    in_frame: BrowserContext, in_tabs: BrowserContext, demonstration: Demonstration, where: str
) -> None:
    context = in_frame if where == "in a frame" else in_tabs

    def come(person: str) -> Page | Frame:
        page = context.new_page()
        frame = open_framed(page, demonstration, person)
        return frame if context is in_frame else _gone_on(page, frame, demonstration)

    left, here = come(AIGUL), come(OMURBEK)
    assert _whose(here) == OMURBEKS

    # What the first one left open belongs to the second one, or to nobody, from the next click on.
    (left if isinstance(left, Page) else left.page).bring_to_front()
    with left.expect_navigation(), suppress(Exception):
        left.evaluate("location.reload()")
    left.locator("main h1").wait_for()

    assert AIGULS not in left.locator("body").inner_text()
