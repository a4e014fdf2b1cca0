"""Every page in three languages on a phone and on a desktop: opens, fits, is accessible, is light, keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import Demonstration

pytestmark = pytest.mark.browser

SIZES = {"phone": {"width": 360, "height": 640}, "desktop": {"width": 1280, "height": 800}}
TRAINER = ("group", "mapping", "mapping?competency=4.1", "results", "deliveries")
PARTICIPANT = ("me", "me/1.1")


def _enter(context: BrowserContext, demonstration: Demonstration, person: int) -> tuple[Page, str]:
    """A top-level launch as this person; the tab, and the address of the course in the tool."""
    page = context.new_page()
    page.goto(f"{demonstration.lms}/mod/lti/view.php?id=1&as={person}")
    page.get_by_role("link", name="open in a new window").evaluate("link => link.removeAttribute('target')")
    page.get_by_role("link", name="open in a new window").click()
    page.locator("main h1").wait_for()
    page.wait_for_url(f"{demonstration.tool}/c/**")
    return page, page.url.rsplit("/", 1)[0]


@pytest.fixture(scope="module")
def filled(demonstration: Demonstration, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration with its sample mapping and results in it."""
    folder: Path = tmp_path_factory.mktemp("samples")
    context = browser.new_context()
    page, course = _enter(context, demonstration, 3)
    for name, path, where in (
        ("mapping", "/mapping.csv?lang=en", "mapping"),
        ("grades", "/grades.csv?lang=en", "results"),
    ):
        file = folder / f"{name}.csv"
        file.write_bytes(requests.get(demonstration.lms + path, timeout=10).content)
        page.goto(f"{course}/{where}")
        page.locator("form[enctype] input[type=file]").set_input_files(file)
        page.locator("form[enctype] button[type=submit]").first.click()
        page.wait_for_load_state()
    context.close()
    return demonstration


@pytest.fixture(params=["ky", "ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Each of the three languages."""
    return str(request.param)


@pytest.fixture(params=sorted(SIZES))
def sized(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of each size."""
    made = browser.new_context(viewport=SIZES[request.param])
    yield made
    made.close()


def _faults(page: Page, url: str, language: str) -> list[str]:
    """What is wrong with one page."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    answer = page.goto(url + ("&" if "?" in url else "?") + f"lang={language}")
    assert answer is not None
    if answer.status != 200:
        complaints.append(f"status {answer.status}")
    if page.locator("html").get_attribute("lang") != language:
        complaints.append("wrong lang")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        complaints.append("scrolls sideways")
    violations = Axe().run(page).response["violations"]
    complaints += [f"axe {each['id']}: {each['nodes'][0]['html'][:100]}" for each in violations]
    return [f"{url.rsplit('/', 1)[1]}: {complaint}" for complaint in complaints]


@pytest.mark.parametrize(("person", "paths"), [(3, TRAINER), (6, PARTICIPANT)], ids=["trainer", "participant"])
def test_every_page_opens_fits_and_is_accessible(
    filled: Demonstration, sized: BrowserContext, language: str, person: int, paths: tuple[str, ...]
) -> None:
    page, course = _enter(sized, filled, person)

    faults = [fault for path in paths for fault in _faults(sized.new_page(), f"{course}/{path}", language)]

    assert faults == []
    page.close()


def test_an_admin_sees_all_courses_and_one_persons_why(
    filled: Demonstration, sized: BrowserContext, language: str
) -> None:
    page, course = _enter(sized, filled, 2)
    page.goto(f"{course}/group")
    person = page.locator("table.group tbody th a").first.get_attribute("href")
    assert person is not None

    urls = [f"{filled.tool}/institute/courses", filled.tool + person, f"{filled.tool}{person}/1.1"]

    assert [fault for url in urls for fault in _faults(sized.new_page(), url, language)] == []


def _bytes(page: Page, url: str) -> int:
    """Bytes over the wire for a page with all that it loads."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    session.detach()
    return int(sum(loaded))


def test_pages_are_light_enough_for_slow_links(filled: Demonstration, browser: Browser) -> None:
    participant = browser.new_context()
    page, course = _enter(participant, filled, 6)
    fresh = browser.new_context(storage_state=participant.storage_state())
    first = _bytes(fresh.new_page(), f"{course}/me")
    later = {path: _bytes(page, f"{course}/{path}") for path in PARTICIPANT}
    trainer, course = _enter(browser.new_context(), filled, 3)
    later |= {path: _bytes(trainer, f"{course}/{path}") for path in ("group", "results", "deliveries")}
    matrix = _bytes(trainer, f"{course}/mapping?competency=4.1")

    assert 10_000 < first <= 100_000
    assert {path: size for path, size in later.items() if size > 30_000} == {}
    assert matrix <= 100_000


def test_pages_can_be_read_without_a_script(filled: Demonstration, browser: Browser) -> None:
    with_script = browser.new_context()
    _page, course = _enter(with_script, filled, 6)
    plain = browser.new_context(java_script_enabled=False, storage_state=with_script.storage_state())
    page = plain.new_page()

    page.goto(f"{course}/me/1.1?lang=en")

    assert page.locator(".level-section").count() == 3
    page.locator("details.evidence summary").first.click()
    assert "Quiz: Week 1 quiz" in page.inner_text("main")


def test_back_shows_nothing_of_an_ended_session(filled: Demonstration, context: BrowserContext) -> None:
    page, course = _enter(context, filled, 6)
    page.goto(f"{course}/me?lang=en")
    assert "Айгүл Токтосунова" in page.inner_text("body")

    page.get_by_role("button", name="End session").click()
    page.locator(".trouble h1").wait_for()
    page.go_back()

    assert "Айгүл Токтосунова" not in page.inner_text("body")
    assert context.new_page().goto(f"{course}/me").status == 401  # type: ignore[union-attr]  # a navigation answers


def test_two_people_after_each_other_in_one_browser_never_mix(filled: Demonstration, context: BrowserContext) -> None:
    _first, course = _enter(context, filled, 3)

    second, _course = _enter(context, filled, 7)

    assert "Өмүрбек Жээнбеков" in second.inner_text("body")
    answer = second.goto(f"{course}/group")
    assert answer is not None
    assert answer.status == 404
