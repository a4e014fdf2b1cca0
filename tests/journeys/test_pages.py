"""Every page in three languages on a phone and on a desktop: it fits, is accessible, light, and needs no script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import delete, insert, select

from lti_tool import clock
from lti_tool.db.unit_of_work import make_engine, make_session_factory, unit_of_work
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import PersonRow
from lti_tool.reports.tables import PersonWordRow
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make
from tests.journeys.inspection import SIZES, Complaints, faults, loaded_bytes
from tests.journeys.visits import (
    ADMIN,
    AIGUL,
    EVIDENCE_TASK,
    OMURBEK,
    OPERATORS_PASSWORD,
    SECOND_COURSE,
    TRAINER,
    Demonstration,
    enter,
    enter_account,
    make_operator,
)

pytestmark = pytest.mark.browser

NOBODY = ""
OPERATOR = "operator"
SOMEBODY_ELSE = "11"
"""A participant of whom no other test asks in which language they read."""
MOST_HEAD = 230
"""Pixels over the heading of a page on a phone, in Kyrgyz, whose words are the longest."""


@dataclass(frozen=True)
class Place:
    """Where one visitor may go: {tool}, {course} and {person} (somebody of that course) in an address."""

    page: Page
    tool: str
    course: str
    person: str
    more: Mapping[str, str] = field(default_factory=dict)
    """Other places: {task} and {submission}."""

    def address(self, path: str, language: str | None = None) -> str:
        """The address of a path, in a language if wanted."""
        url = path.format(tool=self.tool, course=self.course, person=self.person, **self.more)
        return url if language is None else url + ("&" if "?" in url else "?") + f"lang={language}"


# name, who, address, status
READ = {
    "me": (AIGUL, "{course}/me", 200),
    "my competency": (AIGUL, "{course}/me/1.1", 200),
    "group": (TRAINER, "{course}/group", 200),
    "task": (AIGUL, "{task}", 200),
    "task handed in": (OMURBEK, "{task}", 200),
    "queue": (TRAINER, "{course}/queue", 200),
    "assessing": (TRAINER, "{submission}", 200),
    "task's settings": (TRAINER, "{task}/settings", 200),
    "assessing read only": (ADMIN, "{submission}", 200),
    "group sorted and narrowed": (TRAINER, "{course}/group?sort=1.1&order=descending&text=Ток", 200),
    "mapping": (TRAINER, "{course}/mapping", 200),
    "mapping's preview": (TRAINER, "{course}/mapping/preview", 200),
    "mapping of the longest": (TRAINER, "{course}/mapping?competency=4.1", 200),
    "rules": (TRAINER, "{course}/rules", 200),
    "rules read only": (ADMIN, "{course}/rules", 200),
    "checklists": (TRAINER, "{course}/checklists", 200),
    "people": (TRAINER, "{course}/roster", 200),
    "templates": (TRAINER, "{course}/templates", 200),
    "results": (TRAINER, "{course}/results", 200),
    "native marks": (TRAINER, "{course}/native-marks", 200),
    "connection to Moodle": (ADMIN, "{tool}/institute/moodle", 200),
    "access for programs": (ADMIN, "{tool}/institute/api", 200),
    "about the API": (NOBODY, "{tool}/api/v1/", 200),
    "deliveries": (TRAINER, "{course}/deliveries", 200),
    "deliveries narrowed": (TRAINER, "{course}/deliveries?state=waiting&text=zzz", 200),
    "deliveries again": (TRAINER, "{course}/deliveries/again", 200),
    "delivery's history": (TRAINER, "{delivery}", 200),
    "somebody": (TRAINER, "{person}", 200),
    "somebody's competency": (TRAINER, "{person}/2.1", 200),
    "home": (TRAINER, "{tool}/", 200),
    "courses": (ADMIN, "{tool}/institute/courses", 200),
    "undelivered": (ADMIN, "{tool}/institute/deliveries", 200),
    "overview": (ADMIN, "{tool}/institute/overview", 200),
    "overview of a period": (ADMIN, "{tool}/institute/overview?from=2020-01&to=2020-02", 200),
    "map of levels": (ADMIN, "{tool}/institute/levels?level=1", 200),
    "map of levels by course": (ADMIN, "{tool}/institute/levels?by=courses", 200),
    "rows of a figure": (ADMIN, "{tool}/institute/levels/2.1/none", 200),
    "rows of participations": (ADMIN, "{tool}/institute/levels/2.1/none?count=participations", 200),
    "indicator over the institute": (ADMIN, "{tool}/institute/indicators/2.1.1.a", 200),
    "people of the institute": (ADMIN, "{tool}/institute/people", 200),
    "nobody found": (ADMIN, "{tool}/institute/people?q=zzz", 200),
    "person across courses": (ADMIN, "{person_of_institute}", 200),
    "statistics": (TRAINER, "{course}/statistics", 200),
    "training sites": (ADMIN, "{tool}/institute/readiness", 200),
    "training site": (ADMIN, "{site}", 200),
    "courses searched": (ADMIN, "{tool}/institute/courses?q=zzz", 200),
    "record": (ADMIN, "{tool}/institute/audit", 200),
    "record with a wrong day": (ADMIN, "{tool}/institute/audit?actor=kg-1&since=2026-13-01", 200),
    "periods": (ADMIN, "{tool}/institute/retention?look=people", 200),
    "my data": (AIGUL, "{tool}/me/data", 200),
    "somebody's data": (ADMIN, "{data}", 200),
    "erasing": (ADMIN, "{erase}", 200),
    "group of any course": (ADMIN, "{course}/group", 200),
    "versions of the requirements": (ADMIN, "{tool}/institute/requirements", 200),
    "crosswalk": (ADMIN, "{crosswalk}?line=29", 200),
    "courses to move": (ADMIN, "{moves}", 200),
    "course to move": (ADMIN, "{move}", 200),
    "closing": (TRAINER, "{course}/closing", 200),
    "descriptions of steps": (TRAINER, "{course}/rubric", 200),
    "describe steps": (TRAINER, "{course}/rubric/4.2.3.a", 200),
    "open decisions": (TRAINER, "{course}/decisions", 200),
    "judge": (TRAINER, "{person}/indicators/2.1.1.a", 200),
    "mapping read only": (ADMIN, "{course}/mapping", 200),
    "enter": (NOBODY, "{tool}/account/login", 200),
    "my account": (OPERATOR, "{tool}/account/", 200),
    "set codes up": (OPERATOR, "{tool}/account/codes", 200),
    "registrations": (OPERATOR, "{tool}/administration/registrations", 200),
    "registration": (OPERATOR, "{registration}", 200),
    "registration switched": (OPERATOR, "{registration}/switch", 200),
    "registration by hand": (OPERATOR, "{tool}/administration/registrations/new", 200),
    "languages": (ADMIN, "{tool}/administration/languages", 200),
    "keys": (OPERATOR, "{tool}/administration/keys", 200),
    "accounts": (OPERATOR, "{tool}/administration/accounts", 200),
    "account": (OPERATOR, "{account}", 200),
    "new account": (OPERATOR, "{tool}/administration/accounts/new", 200),
    "not for me": (AIGUL, "{course}/group", 404),
    "not there": (NOBODY, "{tool}/nowhere", 404),
    "welcome": (NOBODY, "{tool}/", 200),
    "requirements": (NOBODY, "{tool}/framework/", 200),
    "aspect": (NOBODY, "{tool}/framework/4", 200),
    "competency": (NOBODY, "{tool}/framework/4.1", 200),
    "indicator": (NOBODY, "{tool}/framework/4.2.3.b", 200),
    "level": (NOBODY, "{tool}/framework/levels/2", 200),
    "glossary": (NOBODY, "{tool}/framework/glossary", 200),
    "about the document": (NOBODY, "{tool}/framework/document", 200),
    "search": (NOBODY, "{tool}/framework/search?q=окутуу", 200),
    "older version": (NOBODY, "{tool}/framework/versions/kg-ict-teachers/1.0/6.1", 200),
    "signed out": (NOBODY, "{course}/me", 401),
    "launch refused": (NOBODY, "{tool}/lti/login", 400),
    "no invitation": (NOBODY, "{tool}/lti/register", 403),
}
WITHOUT_ANYTHING = {
    "me in a new course": (AIGUL, "{course}/me", 200),
    "group of a new course": (TRAINER, "{course}/group", 200),
    "mapping of a new course": (TRAINER, "{course}/mapping", 200),
    "deliveries of a new course": (TRAINER, "{course}/deliveries", 200),
}


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
        page.locator("form[enctype]").evaluate(
            "form => { form.action = location.href.replace('results', 'group.xlsx'); form.submit() }"
        )
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


def _work_handed_in(browser: Browser, filled: Demonstration) -> dict[str, str]:
    """A participant hands work in, and a trainer says what the task asks for: addresses of both."""
    context = browser.new_context()
    enter(context, filled, OMURBEK)
    page, _course = enter(context, filled, OMURBEK, EVIDENCE_TASK)
    task = page.url.split("?")[0]
    page.locator("#f-text").fill("Сабактын планы: 7-класс, МКТ каражаттарын колдонуу.\n\n1. Максаты …")
    page.locator("#f-links").fill("https://example.org/plan")
    page.locator("button[value=hand_in]").click()
    page.locator(".notice-good").wait_for()
    page, _course = enter(context, filled, TRAINER)
    page.goto(f"{task}/settings")
    page.locator("#f-instructions").fill("Сабагыңыздын планын жазыңыз жана файлын кошуңуз.")
    page.locator("#f-due_at").fill("2030-05-01T18:30")
    page.locator("form.panel button[type=submit]").click()
    submission = page.locator("table a").first.get_attribute("href")
    context.close()
    return {"task": task, "submission": f"{filled.tool}{submission}"}


def _person_of_institute(page: Page, filled: Demonstration) -> str:
    """The address of one person across courses, once the worker has counted."""
    found = page.locator("tbody th a", has_text="Токтосунова")
    for _try in range(180):
        page.goto(f"{filled.tool}/institute/people?q=токтос")
        if found.count():
            break
        page.wait_for_timeout(500)
    return f"{filled.tool}{found.first.get_attribute('href')}"


def _next_version(page: Page, tool: str) -> dict[str, str]:
    """An institute admin imports a next version, confirms its crosswalk and has all courses looked at: addresses."""
    content = json.dumps(next_catalogue()).encode()
    page.goto(f"{tool}/institute/requirements?lang=en")
    page.locator("input[type=file]").set_input_files({"name": "n.json", "mimeType": "text/json", "buffer": content})
    page.locator("#f-approved_on").fill("2020-05-03")
    page.locator("form[enctype] button[type=submit]").click()
    page.locator(".notice-good").wait_for()
    links = page.locator("main section a")
    crosswalk, moves = (f"{tool}{links.nth(number).get_attribute('href')}" for number in range(2))
    page.goto(crosswalk)
    page.locator("button[value=confirm]").click()
    page.locator(".notice-good").wait_for()
    page.goto(moves)
    page.locator("button[value=look]").click()
    page.locator(".notice-good").wait_for()
    move = f"{tool}{page.locator('main tbody th a').first.get_attribute('href')}"
    return {"crosswalk": crosswalk, "moves": moves, "move": move}


def _training_site(page: Page, tool: str) -> str:
    """An admin adds two sites and says what one of them has: its address."""
    for name in ("Бишкек, 1-имарат", "Ош, компьютердик класс"):
        page.goto(f"{tool}/institute/readiness")
        page.locator("#f-name").fill(name)
        page.locator("main form button[type=submit]").click()
        page.locator("[name=state-1]").first.wait_for()
    site = page.url
    for number, state in enumerate(("present", "partly", "missing"), start=1):
        page.locator(f"[name=state-{number}][value={state}]").check()
    page.locator("#f-note-2").fill("12 ордунун 6сы иштейт")
    page.locator(".site-save button").click()
    page.locator(".notice-good").wait_for()
    return site


def _administration(page: Page, filled: Demonstration) -> dict[str, str]:
    """An operator enters and begins to set codes up: addresses of the one registration and of their account."""
    make_operator(filled, "operator")
    enter_account(page, filled, "operator")
    registration = page.locator("main tbody th a").first.get_attribute("href")
    page.goto(f"{filled.tool}/administration/accounts")
    account = page.locator("main tbody th a").first.get_attribute("href")
    page.goto(f"{filled.tool}/account/")
    page.locator("#f-codes-password").fill(OPERATORS_PASSWORD)
    with page.expect_navigation():
        page.locator("form[action$=codes] button").click()
    return {"registration": f"{filled.tool}{registration}", "account": f"{filled.tool}{account}"}


@pytest.fixture(scope="module")
def places(filled: Demonstration, browser: Browser) -> Iterator[dict[str, Place]]:
    """A browser profile for each kind of visitor, launched into the main course."""
    contexts = [browser.new_context() for _ in range(6)]
    found: dict[str, Place] = {}
    somebody = course = ""
    more = _work_handed_in(browser, filled)
    for context, who in zip(contexts, (TRAINER, AIGUL, OMURBEK, ADMIN), strict=False):
        page, course = enter(context, filled, who)
        if who == TRAINER:
            page.goto(f"{course}/group")
            href = page.locator("table.group tbody th a", has_text="Токтосунова").get_attribute("href")
            somebody = f"{filled.tool}{href}"
            page.goto(f"{course}/deliveries")
            history = page.locator("tbody a.small").first.get_attribute("href")
            more["delivery"] = f"{filled.tool}{history}"
            known = f"{filled.tool}/institute/people/{somebody.rpartition('/')[2]}"
            more |= {"data": f"{known}/data", "erase": f"{known}/erase"}
        if who == ADMIN:
            more["person_of_institute"] = _person_of_institute(page, filled)
            more |= _next_version(page, filled.tool)
            more["site"] = _training_site(page, filled.tool)
        found[who] = Place(page, filled.tool, course, somebody, more)
    page = contexts[-2].new_page()
    more |= _administration(page, filled)
    found[OPERATOR] = Place(page, filled.tool, course, "", more)
    found[NOBODY] = Place(contexts[-1].new_page(), filled.tool, course, "", more)
    yield found
    for context in contexts:
        context.close()


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
    for name, (visitor, path, status) in WITHOUT_ANYTHING.items():
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
