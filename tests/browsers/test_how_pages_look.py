"""The pages that people use most, in Firefox and in WebKit: on a desktop, in a frame as narrow as a phone; light, dark.

LTI_TOOL_SCREENSHOTS=folder keeps a picture of each, to be looked at (`make browsers` does).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Playwright

from tests.browsers import webkit as gnome
from tests.browsers.driving import Driver
from tests.browsers.firefox import firefox
from tests.browsers.framed import Visitor
from tests.browsers.kinds import PARTITIONED, Kind, no_firefox, no_webkit
from tests.conftest import CHROMIUM, WHOLE
from tests.journeys.conftest import filled  # noqa: F401  a fixture
from tests.journeys.inspection import kept_folder
from tests.journeys.own import Placed, own_places, place
from tests.journeys.visits import AIGUL, PROFILE, TRAINER, Demonstration

pytestmark = pytest.mark.browser

PAGES = {
    "me": (AIGUL, "{course}/me"),
    "my competency": (AIGUL, "{course}/me/1.1"),
    "what next": (AIGUL, "{course}/me/next"),
    "self-assessment": (AIGUL, "{self}"),
    "group": (TRAINER, "{course}/group"),
    "mapping": (TRAINER, "{course}/mapping"),
    "checklist": (TRAINER, "{checklist}"),
}
DARK = {"layout.css.prefers-color-scheme.content-override": 0}
# So that a frame has a session in WebKit, too: how cookies are blocked there is tried elsewhere.
WITH_COOKIES = ["--cookies-policy=always"]
LOOKS = {
    "Firefox": Kind(partial(firefox, settings={}), no_firefox, PARTITIONED, PARTITIONED),
    "Firefox dark": Kind(partial(firefox, settings=DARK), no_firefox, PARTITIONED, PARTITIONED),
    "WebKit": Kind(partial(gnome.webkit, arguments=WITH_COOKIES), no_webkit, PARTITIONED, PARTITIONED),
    "WebKit dark": Kind(
        partial(gnome.webkit, arguments=[*WITH_COOKIES, "--dark-mode"]), no_webkit, PARTITIONED, PARTITIONED
    ),
}
_AXE = Axe().axe_script
_BARRIERS = "return axe.run({resultTypes: ['violations'], preload: false}).then(found => found.violations.map(%s))"
_TOLD = "each => each.id + ': ' + each.nodes[0].html.slice(0, 100)"


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that fills the demonstration, and takes its certificate as it is."""
    arguments = [*CHROMIUM, *WHOLE, "--ignore-certificate-errors"]
    made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    yield made
    made.close()


@pytest.fixture(scope="session")
def addresses(filled: Demonstration, browser: Browser) -> Iterator[dict[str, str]]:  # noqa: F811  the fixture
    """Where the pages are, once a trainer has mapped activities, brought marks and placed activities of their own."""
    placed: Placed = place(filled, browser)
    with own_places(placed, browser) as places:
        yield {"course": places[TRAINER].course, **places[TRAINER].more}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_whole(look: str, filled: Demonstration, addresses: dict[str, str], tmp_path: Path) -> None:  # noqa: F811
    kind = LOOKS[look]
    if kind.missing():
        pytest.skip(f"Not found here: {kind.missing()}")
    found = {}
    with kind.start(tmp_path / "profile") as driver:
        visitor = Visitor(driver, filled)
        for person in (AIGUL, TRAINER):
            pages = {name: path.format(**addresses) for name, (who, path) in PAGES.items() if who == person}
            driver.go(f"{filled.lms}/mod/lti/launch.php?id={PROFILE}&as={person}&window=1")
            visitor.arrive()
            for name, address in pages.items():
                driver.go(address)
                found[f"{name}, desktop"] = _faults(driver, look, f"{look} {name} desktop", None)
            visitor.open(person)
            for name, address in pages.items():
                driver.run("location.assign(arguments[0])", address)
                driver.wait(lambda url=address: driver.url() == url and visitor.at_tool(), address)
                _narrow(visitor)
                found[f"{name}, phone"] = _faults(driver, look, f"{look} {name} phone", visitor)
    assert {name: faults for name, faults in found.items() if faults} == {}


def _faults(driver: Driver, look: str, name: str, framed: Visitor | None) -> list[str]:
    """What is wrong with the page that is shown."""
    driver.resize(1280, 800)
    found = []
    wide = driver.run("return document.documentElement.scrollWidth - innerWidth")
    if wide > 1:
        found.append(f"scrolls {wide} px sideways")
    if driver.run("return matchMedia('(prefers-color-scheme: dark)').matches") != ("dark" in look):
        found.append("wrong colours")
    driver.run(f"{_AXE}; return null")
    found += driver.run(_BARRIERS % _TOLD)
    folder = kept_folder()
    if folder:
        _keep(driver, folder / f"{name}.png", framed)
    return found


def _narrow(visitor: Visitor) -> None:
    """The LMS's frame becomes as large as a phone."""
    visitor.driver.into_page()
    visitor.driver.run(
        "document.querySelector('iframe').style.cssText = 'inline-size: 360px; block-size: 640px; border: 0'"
    )
    visitor.into_tool()


def _keep(driver: Driver, path: Path, framed: Visitor | None) -> None:
    """A picture of the whole page: the window becomes as high as that."""
    high = min(3000, driver.run("return document.documentElement.scrollHeight"))
    if framed:
        driver.into_page()
        driver.run("document.querySelector('iframe').style.blockSize = `${arguments[0]}px`", high)
        high += 400
    driver.resize(1280, high)
    driver.picture(path)
    if framed:
        framed.into_tool()
