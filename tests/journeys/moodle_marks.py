"""What people do about marks that come by the web service: in the LMS, as its admin, and as a trainer in the tool."""

from __future__ import annotations

import requests
from playwright.sync_api import BrowserContext, Page

from tests.journeys.visits import ADMIN, Demonstration, enter, follow, read_gradebook, within


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
        self.address = f"{course}/native-marks"

    def open(self) -> str:
        """All that the page says."""
        self.page.goto(f"{self.address}?lang=en")
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

    def choose(self, *labels: str) -> None:
        """Of what the open page lists, these count."""
        for label in labels:
            self.page.get_by_label(label, exact=True).check()
        follow(self.page.main_frame, self.page.locator("form.panel button[type=submit]"))


def connect(context: BrowserContext, demonstration: Demonstration, lms: Lms) -> None:
    """The admin's three clicks: Connection to Moodle, Store, Test."""
    address, token = lms.connection()
    page, _course = enter(context, demonstration, ADMIN)
    page.goto(f"{demonstration.tool}/institute/courses")
    follow(page.main_frame, page.locator("nav.tabs:not(.tabs-beside) a").last)
    follow(page.main_frame, page.locator("a[href$='/institute/moodle']").first)
    page.locator("#f-url").fill(address)
    page.locator("#f-token").fill(token)
    follow(page.main_frame, page.locator("form.panel button[type=submit]"))
    follow(page.main_frame, page.locator("form[action$='/test'] button"))
    assert "Demonstration LMS" in page.locator("main").inner_text()
    assert token not in page.content()
    page.close()
