"""What people do in these browsers: open the tool in the LMS's frame, go on in a new tab, look at whose page it is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browsers.driving import ENTER, Driver
from tests.journeys.visits import PROFILE, Demonstration

NEW_TAB, GO_ON = "a.btn[target=_blank]", "main form button"


@dataclass(frozen=True)
class Visitor:
    """Somebody at a browser, and the demonstration that they visit."""

    driver: Driver
    demonstration: Demonstration

    def open(self, person: str, link: str = PROFILE) -> None:
        """Opens the link as this person; what is driven then is the tool's page in the frame."""
        self.driver.go(f"{self.demonstration.lms}/mod/lti/view.php?id={link}&as={person}")
        self.into_tool()

    def into_tool(self) -> None:
        """What is driven from now on is the tool's page in the frame, once it is there."""

        def there() -> bool:
            self.driver.into_frame()
            return self.at_tool()

        self.driver.wait(there, "no page of the tool in the frame")

    def at_tool(self) -> bool:
        """Whether a whole page of the tool is here."""
        ready = "return document.readyState === 'complete' && document.querySelector('main h1') !== null"
        return self.driver.url().startswith(self.demonstration.tool) and bool(self.driver.run(ready))

    def arrive(self) -> None:
        """Waits for a page of a course."""
        self.driver.wait(lambda: self.course() and self.at_tool(), "no page of a course")

    def course(self) -> str:
        """Which course the page is of; empty for none."""
        parts = self.driver.url().split("/")
        return parts[4] if parts[3:4] == ["c"] else ""

    def whose(self) -> str:
        """Whose page it is; empty for nobody's."""
        return str(self.driver.run("return document.querySelector('.who-name')?.innerText ?? ''")).strip()

    def language(self) -> str:
        """The page's language."""
        return str(self.driver.run("return document.documentElement.lang"))

    def html(self) -> str:
        """The page as it stands."""
        return str(self.driver.run("return document.documentElement.outerHTML"))

    def go_on_by_mouse(self) -> None:
        """From the frame into the new tab, and there to the page that was asked for."""
        with self.driver.opening():
            self.driver.find(NEW_TAB).click()
        self.driver.wait(self.at_tool, "nothing in the new tab")
        self.driver.find(GO_ON).click()

    def go_on_by_keyboard(self) -> None:
        """The same with the keys alone."""
        with self.driver.opening():
            self.driver.tab_to(NEW_TAB)
            self.driver.press(ENTER)
        self.driver.wait(self.at_tool, "nothing in the new tab")
        self.driver.tab_to(GO_ON)
        self.driver.press(ENTER)

    def reload(self) -> None:
        """Asks for the page anew."""
        self.driver.run("window.before = true; location.reload()")
        self.driver.wait(lambda: self.driver.run("return !window.before") and self.at_tool(), "not loaded anew")

    def follow(self, selector: str) -> None:
        """Clicks what leads to another page here, and waits for that."""
        self.driver.run("window.before = true")
        self.driver.find(selector).click()
        self.driver.wait(lambda: self.driver.run("return !window.before") and self.at_tool(), "no other page")
