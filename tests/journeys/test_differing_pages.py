"""A teacher types a grade over the tool's in the LMS; the trainer compares, sees it, and decides.

The pages in three languages, on a phone and on a desktop. What was typed is given back in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESKTOP
from tests.journeys.inspection import Complaints, faults
from tests.journeys.visits import ADMIN, TRAINER, Demonstration, enter, within

pytestmark = pytest.mark.browser


@dataclass
class Desk:
    """A trainer's browser and an admin's, and the LMS's grader report."""

    trainer: Page
    admin: Page
    course: str
    demonstration: Demonstration
    over: tuple[str, str] = ("", "")
    """Name and column of the grade over which something is typed."""

    def type_over(self, mark: str) -> None:
        """Types this over that grade in the LMS."""
        url = f"{self.demonstration.lms}/grades"
        page = BeautifulSoup(requests.get(url, timeout=10).text, "html.parser")
        person, column = (
            next(each["value"] for each in page.select(f"select[name={field}] option") if each.get_text() == wanted)
            for field, wanted in zip(("person", "column"), self.over, strict=True)
        )
        data = {"person": person, "column": column, "mark": mark}
        requests.post(f"{url}/override", data=data, timeout=10).raise_for_status()

    def settle(self) -> None:
        """Waits until every grade has arrived, and takes the first of them."""

        def waiting() -> int:
            self.trainer.goto(f"{self.course}/deliveries?state=waiting")
            return self.trainer.locator("tbody .state-due").count()

        within(30, 0, waiting)
        self.trainer.goto(f"{self.course}/deliveries?state=sent")
        line = self.trainer.locator("section[aria-labelledby=lines-title] tbody tr").first
        column = line.locator("td").first
        self.over = line.locator("th").inner_text(), column.evaluate("cell => cell.lastChild.textContent.trim()")

    def compare_until(self, wanted: str) -> str:
        """Has all compared until the page says what is wanted; what it says.

        By night (Bishkek's) the worker has just compared by itself, and is not asked again within the minute.
        """
        said = ""

        def look() -> bool:
            nonlocal said
            self.trainer.goto(f"{self.course}/deliveries?lang=en")
            said = self.trainer.locator("[aria-labelledby=comparison-title]").inner_text()
            if wanted not in said and "is being compared" not in said:
                self.trainer.locator("form[action$=compare] button").click()
            return wanted in said

        within(90, True, look)
        return said

    def looks(self, page: Page, path: str, name: str, *languages: str) -> list[str]:
        """What is wrong with the page in these languages."""
        found = []
        for language in languages:
            page.set_viewport_size(DESKTOP)
            complaints = Complaints(page)
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            found += faults(page, language, name) + complaints.texts
        page.set_viewport_size(DESKTOP)
        return found


@pytest.fixture
def desk(filled: Demonstration, browser: Browser) -> Iterator[Desk]:
    """The sample course, all of whose grades have arrived."""
    contexts = [browser.new_context(viewport=DESKTOP) for _ in range(2)]
    trainer, course = enter(contexts[0], filled, TRAINER)
    admin, _course = enter(contexts[1], filled, ADMIN)
    made = Desk(trainer, admin, course, filled)
    yield made
    made.type_over("")
    for context in contexts:
        context.close()


def test_a_grade_typed_over_the_tools_is_found_told_and_decided_about(desk: Desk) -> None:
    deliveries = f"{desk.course}/deliveries"
    desk.settle()
    desk.type_over("0.5")

    wanted = "1 grade differs and waits for a decision"
    assert wanted in desk.compare_until(wanted)

    history = desk.trainer.locator("tbody a.small").first.get_attribute("href")
    assert "0.5 of " in desk.trainer.locator("tbody tr").first.inner_text()
    bad = desk.looks(desk.trainer, deliveries, "deliveries that differ", "ky", "ru", "en")
    bad += desk.looks(desk.trainer, f"{deliveries}/decide", "decide about all", "ky", "ru")
    bad += desk.looks(desk.trainer, f"{desk.demonstration.tool}{history}", "delivery that differs", "ru")
    bad += desk.looks(desk.admin, f"{desk.demonstration.tool}/institute/deliveries", "undelivered and differing", "ky")
    assert bad == []

    # Ours goes again; who decided that stands in the history.
    desk.trainer.goto(f"{deliveries}?state=differs&lang=en")
    desk.trainer.get_by_role("button", name="Send ours again").click()
    desk.trainer.locator(".notice-good").wait_for()
    desk.trainer.goto(f"{desk.demonstration.tool}{history}?lang=en")
    events = desk.trainer.locator("section[aria-labelledby=events-title] tbody tr")
    assert "Decided: ours goes again." in events.first.inner_text()
