"""The pages of what people decide, once they are full: a dispute and its decision, voided work, a closed course.

Everything in one order on a demonstration of its own; each page in three languages, on a phone and on a desktop.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import DESKTOP, running_demonstration
from tests.journeys.inspection import Complaints, faults
from tests.journeys.visits import AIGUL, ASSISTANT, TRAINER, Demonstration, enter, upload

pytestmark = pytest.mark.browser

INDICATOR = "1.1.2.a"
"""Shown by one activity, required: judged, it decides level 2 of 1.1."""
REASON = "Сабакта өзүм көрдүм, мисалдарды чогуу карадык."


@dataclass
class Desk:
    """Three people in browsers of their own, in a course with results."""

    trainer: Page
    assistant: Page
    participant: Page
    course: str
    person: str
    demonstration: Demonstration
    folder: Path

    def shows(self, page: Page, path: str, name: str) -> list[str]:
        """What is wrong with the page in any language."""
        found = []
        for language in ("ky", "ru", "en"):
            page.set_viewport_size(DESKTOP)
            complaints = Complaints(page)
            page.goto(f"{path}?lang={language}")
            found += faults(page, language, name) + complaints.texts
        page.set_viewport_size(DESKTOP)
        return found

    @property
    def indicator(self) -> str:
        return f"{self.person}/indicators/{INDICATOR}"

    def marks_with(self, column: str, mark: str) -> Path:
        """The gradebook's export as it stands now, but for one mark of the participant's."""
        sample = self.demonstration.sample("grades", self.folder)
        lines = list(csv.reader(io.StringIO(sample.read_text("utf-8-sig"))))
        (line,) = (each for each in lines if "KG-1001" in each)
        line[lines[0].index(column)] = mark
        with sample.open("w", newline="") as file:
            csv.writer(file).writerows(lines)
        return sample

    def judge(self, page: Page, side: str, button: int = 0) -> None:
        """Fills the first form to judge, or the one to decide, and sends it."""
        page.goto(self.indicator)
        form = page.locator("form.panel").nth(button)
        form.locator(f"input[value={side}]").check()
        form.locator("textarea").fill(REASON)
        send(page, form.locator("button[type=submit]"))


def send(page: Page, button: object) -> None:
    """Presses a button that leads to a page which says that it is done."""
    with page.expect_navigation():
        button.click()  # type: ignore[attr-defined]
    expect(page.locator(".notice-good"), page.locator("main").inner_text()).to_have_count(1)


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    with running_demonstration(tmp_path / "demo") as demonstration:
        contexts = [browser.new_context(viewport=DESKTOP) for _ in range(3)]
        participant, _ = enter(contexts[2], demonstration, AIGUL)
        trainer, course = enter(contexts[0], demonstration, TRAINER)
        assistant, _ = enter(contexts[1], demonstration, ASSISTANT)
        _import(trainer, demonstration, course, tmp_path)
        trainer.goto(f"{course}/group")
        href = trainer.locator("table.group tbody th a", has_text="Токтосунова").get_attribute("href")
        person = f"{demonstration.tool}{href}"
        yield Desk(trainer, assistant, participant, course, person, demonstration, tmp_path)
        for context in contexts:
            context.close()


def _import(page: Page, demonstration: Demonstration, course: str, folder: Path) -> None:
    page.goto(f"{course}/mapping")
    assert upload(page.main_frame, demonstration.sample("mapping", folder)).status == 200
    send(page, page.locator("form[action$=publish] button"))
    page.goto(f"{course}/results")
    assert upload(page.main_frame, demonstration.sample("grades", folder)).status == 200


def test_a_dispute_its_decision_and_voided_work(desk: Desk) -> None:
    desk.judge(desk.trainer, "attained")
    desk.judge(desk.assistant, "not_attained")

    assert desk.shows(desk.assistant, desk.indicator, "dispute of two trainers") == []
    expect(desk.assistant.locator("form.panel"), "who does not lead may judge, not decide").to_have_count(1)
    assert desk.shows(desk.trainer, desk.indicator, "dispute for the lead") == []
    assert desk.shows(desk.trainer, f"{desk.course}/decisions", "disputes") == []
    expect(desk.trainer.locator("main section li a:not(.term)")).to_have_count(1)
    assert desk.shows(desk.participant, f"{desk.course}/me/1.1", "my disputed competency") == []

    desk.judge(desk.trainer, "not_attained")
    desk.trainer.goto(desk.indicator)
    entry = desk.trainer.locator("[aria-labelledby=evidence-title] li").first
    entry.locator("summary").click()
    entry.locator("input[name=reason]").fill(REASON)
    send(desk.trainer, entry.locator("form button"))

    assert desk.shows(desk.trainer, desk.indicator, "decided and voided") == []
    expect(desk.trainer.locator("[aria-labelledby=history-title] li")).to_have_count(3)
    expect(desk.trainer.locator("[aria-labelledby=evidence-title] .tag")).to_have_count(1)
    assert desk.shows(desk.participant, f"{desk.course}/me/1.1", "my decided competency") == []


def test_a_course_closed_a_case_decided_and_the_course_reopened(desk: Desk) -> None:
    page, closing = desk.trainer, f"{desk.course}/closing"
    assert desk.shows(page, closing, "before closing") == []
    expect(page.locator("table.data tbody tr").nth(2)).to_be_attached()
    send(page, page.locator("main form.page-actions button"))
    assert desk.shows(page, closing, "closed") == []

    page.goto(f"{desk.course}/results")
    assert upload(page.main_frame, desk.marks_with("Assignment: Сабактын планы (Real)", "3")).status == 200

    assert desk.shows(page, closing, "a case waits") == []
    waiting = page.locator("[aria-labelledby=cases-title] li")
    expect(waiting.nth(0)).to_be_attached()
    assert desk.shows(desk.participant, f"{desk.course}/me/1.1", "my competency in a closed course") == []
    assert desk.shows(desk.participant, f"{desk.course}/me", "my competencies in a closed course") == []
    waiting.first.locator("input[type=checkbox]").check()
    page.locator("#f-reason").fill(REASON)
    send(page, page.locator("button[value=adopt]"))
    assert desk.shows(page, closing, "a case decided") == []
    expect(page.locator("[aria-labelledby=settled-title] li")).to_have_count(1)
    assert desk.shows(page, f"{desk.course}/mapping", "mapping of a closed course") == []

    page.goto(closing)
    page.locator("details summary").click()
    send(page, page.locator("button[value=reopen]"))
    assert desk.shows(page, closing, "reopened") == []
    expect(page.locator("[aria-labelledby=history-title] li")).to_have_count(2)
