"""A Moodle that is told in the environment, the tool beside it, and what one capability leaves for the next.

What builds on something asks for it: `registered` registers the tool, `placed` needs that and places activities, and so
on. So each test can run alone, and together they run once through everything, in the order of `ORDER`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.own import choose
from tests.moodle.pages import ManageTools, SelectContent, Tab, logged_in
from tests.moodle.site import NON_EDITING, STUDENT, TEACHER, Person, Site, opened_site
from tests.moodle.told import MISSING, Told, told
from tests.moodle.tool import RunningTool, running_tool

ORDER = ("registration", "deep_linking", "launches", "grades", "overrides", "native_marks", "course_copy")
PROFILE, CHECKLIST, TASK = "Менин компетенттүүлүктөрүм", "Сабакты байкоо", "Сабактын планы"
NAME = "МКТ компетентүүлүктөрү"
"""As the tool calls itself when it registers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One after the other in one process, in the order in which an institute would do it; skipped without a Moodle."""
    ours = [item for item in items if "tests/moodle/" in item.path.as_posix()]
    places = [number for number, item in enumerate(items) if item in set(ours)]
    ours.sort(key=lambda item: (ORDER.index(item.path.stem.removeprefix("test_")), item.reportinfo()[1] or 0))
    for place, item in zip(places, ours, strict=True):
        items[place] = item
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("moodle"))
        if told() is None:
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def moodle() -> Told:
    """Where Moodle is."""
    found = told()
    assert found is not None, MISSING
    return found


@pytest.fixture(scope="session")
def tool(moodle: Told, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTool]:
    """The tool, running."""
    with running_tool(moodle, tmp_path_factory.mktemp("tool")) as running:
        yield running


@pytest.fixture(scope="session")
def site(moodle: Told) -> Iterator[Site]:
    """Moodle with what the suite needs around its subject."""
    with opened_site(moodle) as opened:
        yield opened


Enter = Callable[[Person | None], Tab]


@pytest.fixture(scope="session")
def enter(site: Site, tool: RunningTool, whole_browser: Browser) -> Iterator[Enter]:
    """The tab of a person, logged in at the first time; None is the admin."""
    open_tabs: dict[str, tuple[BrowserContext, Tab]] = {}

    def entered(person: Person | None) -> Tab:
        name, password = (person.username, person.password) if person else (site.told.admin, site.told.password)
        if name not in open_tabs:
            open_tabs[name] = logged_in(whole_browser, site, tool, name, password)
        return open_tabs[name][1]

    yield entered
    for context, _tab in open_tabs.values():
        context.close()


@dataclass(frozen=True)
class Registered:
    """What was seen while the tool registered itself."""

    said: str
    state_before: str
    state_after: str
    tool_id: str


@pytest.fixture(scope="session")
def registered(site: Site, tool: RunningTool, enter: Enter) -> Iterator[Registered]:
    """The tool registered by an invitation, activated, and shown to teachers."""
    manage = ManageTools(enter(None))
    frame = manage.register(tool.run("platform", "invite"))
    said = frame.locator("main").inner_text()
    manage.close(frame)
    before = manage.state(NAME)
    manage.activate(NAME)
    number = site.tool_ids(urlsplit(tool.url).netloc)[-1]
    form = site.admin.form(f"/mod/lti/typessettings.php?action=update&id={number}&sesskey={site.admin.key()}", "typess")
    site.admin.send(form, lti_coursevisible="2", submitbutton="1")
    yield Registered(said, before, manage.state(NAME), number)
    site.remove_tool(number)


@dataclass(frozen=True)
class Course:
    """A course with people in each role, and what was placed in it: title → the id in its address."""

    id: str
    trainer: Person
    assistant: Person
    participants: tuple[Person, ...]
    activities: dict[str, str]


@pytest.fixture(scope="session")
def placed(site: Site, registered: Registered, enter: Enter) -> Course:
    """A course in which a trainer has placed three activities by *Select content*, in one go."""
    course = site.make_course("МКТ компетенттүүлүктөрү: базалык курс")
    trainer, assistant = site.make_person("Trainer 1"), site.make_person("Trainer 2")
    participants = tuple(site.make_person(f"Айгүл {number}") for number in (1, 2, 3))
    site.enrol(course, TEACHER, trainer)
    site.enrol(course, NON_EDITING, assistant)
    site.enrol(course, STUDENT, *participants)
    picking = SelectContent(enter(trainer), course, registered.tool_id)
    frame = picking.open()
    frame.locator("#f-kind").select_option("profile")
    frame.locator("#f-title").fill(PROFILE)
    frame.locator("button[value=keep]").click()
    frame.locator(".waiting li").wait_for()
    for kind, title, points, codes in (
        ("observation", CHECKLIST, "10", ("1.1.1.a", "1.1.1.b", "2.1.1.a")),
        ("evidence", TASK, "20", ("4.2.1.a", "4.2.1.b")),
    ):
        frame.locator("#f-kind").select_option(kind)
        frame.locator("#f-title").fill(title)
        frame.locator("#f-points").fill(points)
        choose(frame, *codes)
        if kind == "observation":
            frame.locator("button[value=keep]").click()
            frame.locator(".waiting li").nth(1).wait_for()
    frame.locator("button[value=place]").click()
    picking.save()
    return Course(course, trainer, assistant, participants, site.activities(course))
