"""Marks that come by Moodle's web service: set up, chosen, read, followed, and what is said when Moodle fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import DESKTOP, running_demonstration
from tests.journeys.test_from_a_mark_to_a_grade import EXPECTED
from tests.journeys.visits import ADMIN, TRAINER, Demonstration, enter, follow, read_gradebook, upload, within

pytestmark = pytest.mark.browser

PEOPLE = ("6", "7", "8", "9", "10", "11")
CHOSEN = (
    "Quiz: Week 1 quiz (20)",
    "Assignment: Lab report (100)",
    "Quiz: Санариптик коопсуздук (10)",
    "Assignment: Сабактын планы (50)",
    "Assignment: Топтук долбоор (100)",
    "Quiz: Final quiz (30)",
)
READING = "Page: Коопсуздук эрежелери (complete or not)"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with running_demonstration(tmp_path_factory.mktemp("native") / "demo") as running:
        yield running


class Lms:
    """The LMS as its visitor uses it: marks are changed, its web service is made ill."""

    def __init__(self, demonstration: Demonstration, page: Page) -> None:
        self.url, self.page = demonstration.lms, page

    def connection(self) -> tuple[str, str]:
        """Address and token, as its page shows them."""
        self.page.goto(f"{self.url}/web-service")
        return self.page.get_by_label("Address").input_value(), self.page.get_by_label("Token").input_value()

    def become(self, words: str) -> None:
        """How its web service is from now on."""
        self.page.goto(f"{self.url}/web-service")
        self.page.get_by_label(words).check()
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save").click()

    def mark(self, person: str, activity: str, mark: str) -> None:
        """Another mark of this person, by name; none where it is empty."""
        self.page.goto(f"{self.url}/marks")
        self.page.get_by_label(f"{person}, {activity}, of").fill(mark)
        self._save()

    def hide(self, activity: str) -> None:
        """The activity's marks are hidden from participants."""
        self.page.goto(f"{self.url}/marks")
        self.page.get_by_label(f"{activity}: hidden").check()
        self._save()

    def _save(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save marks").click()
        assert self.page.get_by_role("status").inner_text() == "Saved."

    def grades(self) -> dict[str, list[str]]:
        """The competency columns of its gradebook."""
        return read_gradebook(requests.get(f"{self.url}/grades?course=2", timeout=10).text)


class Trainer:
    """The page of native marks in a trainer's tab, in English."""

    def __init__(self, page: Page, course: str) -> None:
        self.page, self.course = page, course

    def open(self) -> str:
        """All that the page says."""
        self.page.goto(f"{self.course}/native-marks?lang=en")
        return self.page.locator("main").inner_text()

    def read(self, wanted: str) -> str:
        """Has Moodle read, and loads the page again until it says so; what it says in the end."""
        self.open()
        follow(self.page.main_frame, self.page.get_by_role("button", name="Read Moodle now"))
        return self.wait_for(wanted)

    def wait_for(self, wanted: str) -> str:
        """Loads the page again until it says so; what it says in the end."""
        within(60, True, lambda: wanted in self.open())
        said = self.open()
        assert wanted in said
        return said


def _set_up(context: BrowserContext, demonstration: Demonstration, lms: Lms) -> None:
    """The admin's three clicks: Connection to Moodle, Store, Test."""
    address, token = lms.connection()
    page, _course = enter(context, demonstration, ADMIN)
    page.goto(f"{demonstration.tool}/institute/courses")
    follow(page.main_frame, page.locator("a[href$='/institute/moodle']").first)
    page.locator("#f-url").fill(address)
    page.locator("#f-token").fill(token)
    follow(page.main_frame, page.locator("form.panel button[type=submit]"))
    follow(page.main_frame, page.locator("form[action$='/test'] button"))
    assert "Demonstration LMS" in page.locator(".notice-good").inner_text()
    assert token not in page.content()
    page.close()


def _choose(trainer: Trainer) -> None:
    page = trainer.page
    trainer.read("Whose marks count as results here")
    for label in (*CHOSEN, READING):
        page.get_by_label(label, exact=True).check()
    follow(page.main_frame, page.locator("form.panel button[type=submit]"))


FOLLOWED = {
    # Айгүл: without Safety no more 4.2; 4.1 level 1 has 3 of 9 by L alone, and 6 open.
    "6": ["2", "3", "-", "-"],
    # Өмүрбек: 4.1 level 1 is 6 of 9 by L and S, met without the hidden quiz.
    "7": ["1", "1", "1", "1"],
    # Нургүл: Quiz 20 of 20 makes 1.1 (1 + 2·.5)/3 and 2.1 (1 + .5)/2, attained; in 4.1 L failed, S is there, F open.
    "8": ["2", "3", "-", "2"],
    "9": ["-", "1", "-", "-"],
    # Жылдыз: 6 of 9 are not attained, 3 could not help any more: 0 as before.
    "10": ["0", "0", "0", "0"],
    # Чыңгыз: as Нургүл in 4.1.
    "11": ["0", "0", "-", "1"],
}
"""After a re-grade of Нургүл's quiz, a withdrawal of Айгүл's Safety, and with the final quiz hidden."""

FAILURES = {
    "fails with status 500": "Moodle reported an error of its own.",
    "says no, with status 200": "The token's account may not read this course.",
    "shows a page instead": "Moodle answered with a page instead of marks, as during maintenance.",
    "answers too late": "Moodle did not answer in time.",
}
"""How the web service is, and what the trainer is told."""


def _follow_changes(lms: Lms, trainer: Trainer) -> None:
    lms.mark("Нургүл Асанова", "Quiz: Week 1 quiz", "20")
    trainer.read("new 0, changed 1, withdrawn 0, unchanged 33.")
    lms.mark("Айгүл Токтосунова", "Quiz: Санариптик коопсуздук", "")
    trainer.read("new 0, changed 0, withdrawn 1, unchanged 33.")
    lms.hide("Quiz: Final quiz")
    trainer.read("new 0, changed 0, withdrawn 5, unchanged 28.")


def _fail_in_every_way(lms: Lms, trainer: Trainer) -> None:
    # A mark waits in the LMS all the time: it comes in once the service is well, and nothing before that.
    lms.mark("Жылдыз Ибраимова", "Quiz: Week 1 quiz", "20")
    for words, told in FAILURES.items():
        lms.become(words)
        said = trainer.read(told)
        assert "No mark was changed. It is tried again by itself." in said
        assert "withdrawn 5, unchanged 28." in said
        assert lms.grades() == FOLLOWED
    lms.become("answers as it should")
    said = trainer.read("new 0, changed 1, withdrawn 0, unchanged 27.")
    assert "No mark was changed." not in said


def test_native_marks_from_the_connection_to_the_gradebook_and_through_every_failure(
    demonstration: Demonstration, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    for person in PEOPLE:
        enter(context, demonstration, person)[0].close()
    lms = Lms(demonstration, context.new_page())
    _set_up(context, demonstration, lms)
    trainer = Trainer(*enter(context, demonstration, TRAINER))
    _choose(trainer)
    trainer.wait_for("new 34, changed 0, withdrawn 0, unchanged 0.")

    # The chosen activities are those that the sample mapping names: published, their marks are levels and grades, the
    # same that the gradebook's export makes.
    page = trainer.page
    page.goto(f"{trainer.course}/mapping")
    assert upload(page.main_frame, demonstration.sample("mapping", tmp_path)).status == 200
    follow(page.main_frame, page.locator("form[action$=publish] button"))
    assert within(60, EXPECTED, lms.grades) == EXPECTED

    _follow_changes(lms, trainer)
    assert within(60, FOLLOWED, lms.grades) == FOLLOWED

    _fail_in_every_way(lms, trainer)
    healed = FOLLOWED | {"10": ["0", "1", "0", "0"]}
    assert within(60, healed, lms.grades) == healed
    context.close()
