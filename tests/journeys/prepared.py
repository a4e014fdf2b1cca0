"""Places for each kind of visitor in a demonstration in which everything has happened once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page
from sqlalchemy import select

from lti_tool import clock
from lti_tool.competency.tables import CompetencyRow
from lti_tool.db.unit_of_work import make_engine, make_session_factory, unit_of_work
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make
from tests.journeys.pages import NOBODY, OPERATOR
from tests.journeys.visits import (
    ADMIN,
    AIGUL,
    EVIDENCE_TASK,
    OMURBEK,
    OPERATORS_PASSWORD,
    TRAINER,
    Demonstration,
    enter,
    enter_account,
    make_operator,
)

ASK_FOR_A_FILE = "form => { form.action = location.href.replace('results', 'group.xlsx'); form.submit() }"
"""A form of the results page, sent to have a worker make the group's file."""


@dataclass(frozen=True)
class Place:
    """Where one visitor may go: {tool}, {course} and what else was made, by its name in an address."""

    page: Page
    tool: str
    course: str
    more: Mapping[str, str] = field(default_factory=dict)

    def address(self, path: str, language: str | None = None) -> str:
        """The address of a path, in a language if wanted."""
        url = path.format(tool=self.tool, course=self.course, **self.more)
        return url if language is None else url + ("&" if "?" in url else "?") + f"lang={language}"


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


def _seen_by_trainer(page: Page, filled: Demonstration, course: str) -> dict[str, str]:
    """Somebody of the course, and the history of one of their grades."""
    page.goto(f"{course}/group")
    href = str(page.locator("table.group tbody th a", has_text="Токтосунова").get_attribute("href"))
    page.goto(f"{course}/deliveries")
    history = page.locator("tbody a.small").first.get_attribute("href")
    page.goto(f"{course}/results")
    with page.expect_navigation(url="**/exports/*"):
        page.locator("form[enctype]").evaluate(ASK_FOR_A_FILE)
    known = f"{filled.tool}/institute/people/{href.rpartition('/')[2]}"
    return {
        "person": f"{filled.tool}{href}",
        "delivery": f"{filled.tool}{history}",
        "export": page.url.partition("?")[0],
        "data": f"{known}/data",
        "erase": f"{known}/erase",
    }


def _seen_by_admin(page: Page, filled: Demonstration, _course: str) -> dict[str, str]:
    """Somebody across courses, a next version of the requirements, a training site."""
    found = {"person_of_institute": _person_of_institute(page, filled)}
    return found | _next_version(page, filled.tool) | {"site": _training_site(page, filled.tool)}


def _badge(page: Page, filled: Demonstration, course: str) -> dict[str, str]:
    """The course certifies two levels to a participant, who makes a badge of one: addresses."""
    sessions = make_session_factory(make_engine(f"sqlite:///{filled.folder / 'lti-tool.sqlite3'}"))
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        here = session.scalars(select(CourseRow).where(CourseRow.public_id == course.rpartition("/")[2])).one()
        person = session.scalars(select(PersonRow).where(PersonRow.sub == AIGUL)).one()
        competency = session.scalars(select(CompetencyRow.id).where(CompetencyRow.code == "4.1").limit(1)).one()
        for level in (1, 2):
            make.certified_level(here, person, competency, level)
        carried = f"{filled.tool}/institute/people/{person.public_id}/credentials"
    page.goto(f"{course}/me/credentials")
    ways = page.locator("main a[href*='/new/']")
    new = f"{filled.tool}{ways.nth(1).get_attribute('href')}"
    ways.first.click()
    page.locator("main form.panel button[type=submit]").click()
    page.locator(".notice-good").wait_for()
    made = page.url.partition("?")[0]
    return {"new_badge": new, "badge": made, "badge_id": made.rpartition("/")[2], "carried": carried}


def _record_on_paper(page: Page, tool: str, course: str) -> dict[str, str]:
    """A participant makes a record to carry away: addresses of its check and of its withdrawal."""
    page.goto(f"{course}/me/record/paper")
    page.locator("#f-name").check()
    page.locator("form:has(#f-language) button[type=submit]").click()
    page.locator(".notice-good").wait_for()
    links = {
        name: page.locator(f"main a[href*='{name}']").first.get_attribute("href") for name in ("verify", "withdraw")
    }
    return {"check": f"{tool}{links['verify']}", "withdraw": f"{tool}{links['withdraw']}"}


def _carried_away(page: Page, filled: Demonstration, course: str) -> dict[str, str]:
    """What a participant carries away: a badge, and a record on paper."""
    return _badge(page, filled, course) | _record_on_paper(page, filled.tool, course)


SEEN = {TRAINER: _seen_by_trainer, ADMIN: _seen_by_admin, AIGUL: _carried_away}
"""What a visitor makes or finds on the way, by the name that an address in `pages.py` has for it."""


@contextmanager
def prepared(filled: Demonstration, browser: Browser) -> Iterator[dict[str, Place]]:
    """A browser profile for each kind of visitor, launched into the main course."""
    contexts = [browser.new_context() for _ in range(6)]
    found: dict[str, Place] = {}
    course = ""
    more = _work_handed_in(browser, filled)
    for context, who in zip(contexts, (TRAINER, AIGUL, OMURBEK, ADMIN), strict=False):
        page, course = enter(context, filled, who)
        if who in SEEN:
            more |= SEEN[who](page, filled, course)
        found[who] = Place(page, filled.tool, course, more)
    page = contexts[-2].new_page()
    more |= _administration(page, filled)
    found[OPERATOR] = Place(page, filled.tool, course, more)
    found[NOBODY] = Place(contexts[-1].new_page(), filled.tool, course, more)
    yield found
    for context in contexts:
        context.close()
