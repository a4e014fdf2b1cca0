"""Every page in three languages on a phone and on a desktop: it fits, is accessible, light, and needs no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import delete, insert, select

from lti_tool import clock
from lti_tool.db.unit_of_work import make_engine, make_session_factory, unit_of_work
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import PersonRow
from lti_tool.reports.tables import PersonWordRow
from tests.factories.make import Make
from tests.journeys.inspection import SIZES, Complaints, faults, loaded_bytes
from tests.journeys.pages import NEW_COURSE, READ
from tests.journeys.prepared import ASK_FOR_A_FILE, Place
from tests.journeys.visits import ADMIN, AIGUL, SECOND_COURSE, TRAINER, Demonstration, enter

pytestmark = pytest.mark.browser

SOMEBODY_ELSE = "11"
"""A participant of whom no other test asks in which language they read."""
MOST_HEAD = 230
"""Pixels over the heading of a page on a phone, in Kyrgyz, whose words are the longest."""


def _send(page: Page, content: bytes) -> Response:
    page.locator("input[type=file]").set_input_files({"name": "f.csv", "mimeType": "text/csv", "buffer": content})
    with page.expect_navigation() as done:
        page.locator("form[enctype] button[type=submit]").first.click()
    assert done.value is not None
    return done.value


def _marks_of_a_stranger(page: Page) -> Response:
    return _send(page, b"ID number,Quiz: Week 1 quiz (Real),No such thing (Real)\nX-9,1,2\n")


def _marks_without_a_time(page: Page) -> Response:
    return _send(page, "Кимдир,Бир нерсе (Сыр)\nX-9,1\n".encode())


def _no_file_of_results(page: Page) -> Response:
    return _send(page, b"\x00\x01")


def _form_of_another_session(page: Page) -> Response:
    page.locator("form[enctype] [name=csrf_token]").evaluate("field => field.value = 'stale'")
    page.locator("form[enctype] details summary").click()
    page.locator("#f-id_number").fill("3")
    return _send(page, b"ID number\n")


def _file_made_by_a_worker(page: Page) -> Response:
    with page.expect_navigation(url="**/exports/*") as done:
        page.locator("form[enctype]").evaluate(ASK_FOR_A_FILE)
    assert done.value is not None
    return done.value


# name: what is done on the upload page, status
SENT: dict[str, tuple[Callable[[Page], Response], int]] = {
    "results refused": (_no_file_of_results, 422),
    "results with a question": (_marks_without_a_time, 422),
    "results of a stranger": (_marks_of_a_stranger, 200),
    "file asked for": (_file_made_by_a_worker, 200),
    "form expired": (_form_of_another_session, 403),
}


LANGUAGES = ("ky", "ru", "en")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each of the three languages."""
    return str(request.param)


@pytest.fixture(scope="module")
def readers(places: dict[str, Place], browser: Browser) -> Iterator[dict[str, Page]]:
    """A tab without scripts for each kind of visitor."""
    found = {}
    for who, place in places.items():
        session = place.page.context.storage_state()
        found[who] = browser.new_context(java_script_enabled=False, storage_state=session).new_page()
    yield found
    for reader in found.values():
        reader.context.close()


@pytest.mark.parametrize("name", READ)
def test_every_page_opens_fits_is_accessible_light_and_needs_no_script(
    places: dict[str, Place], readers: dict[str, Page], name: str
) -> None:
    who, path, status = READ[name]
    place, reader = places[who], readers[who]
    for language in LANGUAGES:
        _look(place.page, place.address(path, language), language, name, status)
    assert 500 < loaded_bytes(place.page) <= (100_000 if "mapping" in name else 30_000)

    answer = reader.goto(place.address(path, LANGUAGES[-1]))
    place.page.set_viewport_size(reader.viewport_size or SIZES["desktop"])
    place.page.evaluate("document.querySelectorAll('.needs-script, .reference').forEach(e => e.remove())")

    assert answer is not None
    assert answer.status == status
    assert _begins(reader) == _begins(place.page)


@pytest.mark.parametrize("name", ["overview", "record", "group", "me"])
def test_a_page_begins_on_the_first_screen_of_a_phone_and_every_way_is_seen(
    places: dict[str, Place], name: str
) -> None:
    who, path, _status = READ[name]
    page = places[who].page
    page.set_viewport_size(SIZES["phone"])
    page.goto(places[who].address(path, "ky"))

    heading = page.locator("h1").bounding_box()
    assert heading is not None
    assert heading["y"] <= MOST_HEAD
    ways = [each.bounding_box() for each in page.locator(".topbar button, .topbar a, .tabs a").all()]
    assert len(ways) >= 4
    # 24 px are what a finger needs at least (WCAG 2.2, 2.5.8).
    assert all(box and box["height"] >= 24 and 0 <= box["x"] <= box["x"] + box["width"] <= 360 for box in ways)


def _look(page: Page, address: str, language: str, name: str, status: int) -> None:
    complaints = Complaints(page)

    answer = page.goto(address)

    assert answer is not None
    assert answer.status == status
    assert faults(page, language, name) + complaints.texts == []


def _begins(page: Page) -> list[str]:
    """The first words of a page; a reference number differs from answer to answer."""
    return page.locator("main").inner_text().partition("Reference")[0].split()[:20]


@pytest.mark.parametrize("who", [AIGUL, TRAINER])
def test_every_page_of_a_new_course_says_how_to_begin(demonstration: Demonstration, browser: Browser, who: str) -> None:
    page, course = enter(browser.new_context(), demonstration, who, SECOND_COURSE)
    for name, (visitor, path, status) in NEW_COURSE.items():
        for language in LANGUAGES if visitor == who else ():
            _look(page, path.format(course=course) + f"?lang={language}", language, name, status)
    page.context.close()


@pytest.mark.parametrize("name", SENT)
def test_every_answer_to_a_file_fits_and_is_accessible(places: dict[str, Place], name: str, language: str) -> None:
    send, status = SENT[name]
    place = places[TRAINER]
    place.page.goto(place.address("{course}/results", language))
    complaints = Complaints(place.page)

    answer = send(place.page)

    assert answer.status == status
    assert faults(place.page, language, name) + complaints.texts == []


def test_a_preview_of_rules_fits_and_is_accessible(places: dict[str, Place], language: str) -> None:
    page = places[TRAINER].page
    page.goto(places[TRAINER].address("{course}/rules", language))
    complaints = Complaints(page)

    page.locator("#f-pass_mark").fill("95")
    with page.expect_navigation():
        page.locator("main form button[value=preview]").click()

    expect(page.locator("[aria-labelledby=preview-title] li").nth(3)).to_be_attached()
    assert faults(page, language, "rules previewed") + complaints.texts == []


def test_a_new_token_fits_and_is_accessible(places: dict[str, Place], language: str) -> None:
    page = places[ADMIN].page
    page.goto(places[ADMIN].address("{tool}/institute/api", language))
    complaints = Complaints(page)

    page.locator("#f-name").fill("Министрликтин маалымат системасы")
    page.locator("main form.panel button").click()
    page.locator(".secret code").wait_for()
    page.locator("td summary").first.click()

    assert faults(page, language, "new token") + complaints.texts == []


def test_the_end_of_a_session_fits_and_is_accessible(filled: Demonstration, browser: Browser, language: str) -> None:
    page, _course = enter(browser.new_context(), filled, SOMEBODY_ELSE)
    with page.expect_navigation():
        page.locator(f".langs button[value={language}]").click()
    complaints = Complaints(page)

    page.locator("form.who button").click()
    page.locator(".trouble h1").wait_for()

    assert faults(page, language, "session ended") + complaints.texts == []
    page.context.close()


def test_no_two_pages_have_the_same_title(places: dict[str, Place]) -> None:
    titles: dict[str, list[str]] = {}
    for name in (
        "group",
        "mapping",
        "mapping of the longest",
        "rules",
        "people",
        "templates",
        "results",
        "deliveries",
        "somebody",
        "home",
        "me",
    ):
        who, path, _status = READ[name]
        places[who].page.goto(places[who].address(path, "en"))
        titles.setdefault(places[who].page.title(), []).append(name)

    assert {title: names for title, names in titles.items() if len(names) > 1} == {}


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


@pytest.mark.parametrize(("who", "name"), [(AIGUL, "me"), (TRAINER, "group"), (TRAINER, "results"), (ADMIN, "courses")])
def test_a_first_page_with_all_it_loads_is_light(
    places: dict[str, Place], browser: Browser, who: str, name: str
) -> None:
    fresh = browser.new_context(storage_state=places[who].page.context.storage_state())

    loaded = _bytes(fresh.new_page(), places[who].address(READ[name][1], "ky"))

    assert 10_000 < loaded <= 100_000
    fresh.close()


def test_evidence_opens_without_a_script(places: dict[str, Place], browser: Browser) -> None:
    plain = browser.new_context(java_script_enabled=False, storage_state=places[AIGUL].page.context.storage_state())
    page = plain.new_page()
    page.goto(places[AIGUL].address("{course}/me/1.1", "en"))

    page.locator("details.evidence summary").first.click()

    expect(page.locator(".level-section")).to_have_count(3)
    assert "Quiz: Week 1 quiz" in page.locator("details[open]").inner_text()
    plain.close()


@pytest.fixture
def many_people(filled: Demonstration) -> Iterator[None]:
    """So many words of people that a worker has to typeset their list."""
    sessions = make_session_factory(make_engine(f"sqlite:///{filled.folder / 'lti-tool.sqlite3'}"))
    with unit_of_work(sessions) as session:
        platform = session.scalars(select(PlatformRow)).first()
        assert platform is not None
        person = Make(session, clock.now()).person(platform, "Яя", sub="many-words")
        session.flush()
        key, of = person.id, {"platform_id": platform.id, "person_id": person.id, "first": True}
        session.execute(insert(PersonWordRow), [{**of, "word": f"яя{number}"} for number in range(1_500)])
    yield
    with unit_of_work(sessions) as session:
        session.execute(delete(PersonWordRow).where(PersonWordRow.person_id == key))
        session.execute(delete(PersonRow).where(PersonRow.id == key))


@pytest.mark.usefixtures("many_people")
def test_a_file_that_takes_long_is_offered_on_a_page_that_fits_and_is_accessible(places: dict[str, Place]) -> None:
    place = places[ADMIN]
    for language in LANGUAGES:
        _look(place.page, place.address("{tool}/institute/people.pdf", language), language, "file offered", 200)
        assert place.page.locator("main form[method=post] button").count() == 1
