"""Marks that come by Moodle's web service: set up, chosen, read, followed, and what is said when Moodle fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import DESKTOP, running_demonstration
from tests.journeys.moodle_marks import Lms, Trainer, connect
from tests.journeys.test_from_a_mark_to_a_grade import EXPECTED
from tests.journeys.visits import TRAINER, Demonstration, enter, follow, upload, within

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("native_marks")]

PEOPLE = ("6", "7", "8", "9", "10", "11")
CHOSEN = (
    "Quiz: Week 1 quiz (full mark 20)",
    "Assignment: Lab report (full mark 100)",
    "Quiz: Санариптик коопсуздук (full mark 10)",
    "Assignment: Сабактын планы (full mark 50)",
    "Assignment: Топтук долбоор (full mark 100)",
    "Quiz: Final quiz (full mark 30)",
)
READING = "Page: Коопсуздук эрежелери"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with running_demonstration(tmp_path_factory.mktemp("native") / "demo") as running:
        yield running


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
        assert "No mark was changed." in said
        assert "It is read again by itself, next at " in said
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
    connect(context, demonstration, lms)
    trainer = Trainer(*enter(context, demonstration, TRAINER))
    trainer.read("What counts as a result here")
    trainer.choose(*CHOSEN, READING)
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
