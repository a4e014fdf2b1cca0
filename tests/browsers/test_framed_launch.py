"""Row 60 in Firefox and in WebKit, Safari's engine: launches inside the LMS's page, whatever happens to cookies there.

Each browser first shows that it does to cookies what its name says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.browsers.behind_tls import telling
from tests.browsers.driving import Driver
from tests.browsers.framed import NEW_TAB, Visitor
from tests.browsers.kinds import KINDS, WITHOUT, Kind
from tests.factories.spoken import left_in_english
from tests.journeys.visits import AIGUL, OMURBEK, SECOND_COURSE

Test = TypeVar("Test", bound=Callable[..., None])
AIGULS, OMURBEKS = "Айгүл Токтосунова", "Өмүрбек Жээнбеков"
FRAMED = ["POST /lti/login", "POST /lti/launch", "GET /c/…/me"]
IN_A_TAB = ["POST /lti/login", "POST /lti/launch", "GET /lti/continue/…", "POST /lti/continue/…", "GET /c/…/me"]
REFUSED = IN_A_TAB[:4]
WITH_SESSION_IN_FRAME = [name for name, kind in KINDS.items() if kind.framed]
WITHOUT_ANY_IN_FRAME = [name for name, kind in KINDS.items() if not kind.framed]


def of(names: list[str]) -> Callable[[Test], Test]:
    """Only these browsers."""

    def mark(test: Test) -> Test:
        test.kinds = names  # type: ignore[attr-defined]  # read by the conftest
        return test

    return mark


def _told(driver: Driver, url: str) -> str:
    driver.go(f"{url}/first")
    driver.go(f"{url}/second")
    driver.into_frame()
    return driver.find("body").text()


@of([*KINDS, *WITHOUT])
def test_the_browser_does_to_cookies_what_it_is_said_to_do(kind: Kind, tmp_path: Path) -> None:
    with telling(tmp_path) as url, kind.start(tmp_path / "profile") as driver:
        in_frame, inner = _told(driver, url), driver.url()
        driver.go(inner)
        driver.go(inner)
        in_tab = driver.find("body").text()

        assert (in_frame, in_tab, _told(driver, url)) == (kind.in_frame, kind.in_tab, kind.known_from_tab)


@of(WITH_SESSION_IN_FRAME)
def test_the_frame_keeps_its_session(visitor: Visitor, asked: list[str]) -> None:
    visitor.open(AIGUL)
    assert (visitor.whose(), visitor.language()) == (AIGULS, "ky")
    assert _by_the_browser(asked) == FRAMED
    assert left_in_english(visitor.html(), "ky") == []

    visitor.follow(".competency-link")
    assert visitor.whose() == AIGULS
    # A form, whose token rests on the same cookie.
    visitor.follow("button[name=locale][value=ru]")
    assert (visitor.whose(), visitor.language()) == (AIGULS, "ru")
    visitor.follow("button[name=locale][value=ky]")  # for it is remembered, and others come as the same person


@of(WITHOUT_ANY_IN_FRAME)
@pytest.mark.parametrize("by", [Visitor.go_on_by_mouse, Visitor.go_on_by_keyboard], ids=["mouse", "keyboard"])
def test_a_new_tab_leads_on(visitor: Visitor, asked: list[str], by: Callable[[Visitor], None]) -> None:
    visitor.open(AIGUL)
    lms = visitor.driver.window()
    assert (visitor.whose(), visitor.language()) == ("", "ky")
    assert left_in_english(visitor.html(), "ky") == []

    by(visitor)
    visitor.arrive()

    assert (visitor.whose(), visitor.language()) == (AIGULS, "ky")
    assert _by_the_browser(asked) == IN_A_TAB
    visitor.reload()
    assert visitor.whose() == AIGULS, "the tab has a session of its own"
    visitor.driver.switch(lms)
    visitor.into_tool()
    assert visitor.driver.all(NEW_TAB), "the frame still says how to go on"


@of(WITHOUT_ANY_IN_FRAME)
def test_who_has_been_in_a_tab_comes_from_the_frame_again(visitor: Visitor, asked: list[str]) -> None:
    visitor.open(AIGUL)
    lms = visitor.driver.window()
    visitor.go_on_by_mouse()
    visitor.arrive()
    visitor.driver.switch(lms)
    del asked[:]

    visitor.open(AIGUL)
    visitor.go_on_by_mouse()
    visitor.arrive()

    assert visitor.whose() == AIGULS
    assert _by_the_browser(asked) == IN_A_TAB


def test_two_courses_beside_each_other_stay_apart(visitor: Visitor, kind: Kind) -> None:
    opened = {}
    for link in ("1", SECOND_COURSE):
        visitor.driver.new_window()
        _come(visitor, kind, AIGUL, link)
        opened[visitor.driver.window()] = visitor.course()
    assert len(set(opened.values())) == 2

    for _again in range(2):
        for window, course in opened.items():
            visitor.driver.switch(window)
            if kind.framed:
                visitor.into_tool()
                visitor.follow("nav.tabs a")
            else:
                visitor.reload()
            assert (visitor.course(), visitor.whose()) == (course, AIGULS)


def test_two_people_after_each_other_never_mix(visitor: Visitor, kind: Kind) -> None:
    _come(visitor, kind, AIGUL)
    left = visitor.driver.window()
    visitor.driver.new_window()
    _come(visitor, kind, OMURBEK)
    assert visitor.whose() == OMURBEKS

    # What the first one left open belongs to the second one, or to nobody, from the next click on.
    visitor.driver.switch(left)
    if kind.framed:
        visitor.into_tool()
    visitor.reload()

    assert AIGULS not in visitor.html()
    assert visitor.whose() in ("", OMURBEKS)


@of(list(WITHOUT))
def test_where_no_cookie_is_kept_the_tab_says_so(visitor: Visitor, asked: list[str]) -> None:
    visitor.open(AIGUL)
    visitor.go_on_by_mouse()
    visitor.driver.wait(lambda: "cookie" in visitor.html() and visitor.at_tool(), "no word about cookies")

    assert visitor.language() == "ky"
    assert visitor.driver.find("h1").text() == "Браузериңиз cookie файлдарын сактабайт"
    assert left_in_english(visitor.html(), "ky") == []
    assert _by_the_browser(asked) == REFUSED


def _come(visitor: Visitor, kind: Kind, person: str, link: str = "1") -> None:
    """Opens the link as this person, and goes on to the page of the course however this browser lets them."""
    visitor.open(person, link)
    if not kind.framed:
        visitor.go_on_by_mouse()
    visitor.arrive()


def _by_the_browser(asked: list[str]) -> list[str]:
    """Without what the LMS asks the tool for by itself."""
    return [each for each in asked if each != "GET /lti/jwks"]
