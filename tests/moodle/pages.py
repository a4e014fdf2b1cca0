"""Moodle's pages and the tool inside them, in a browser: one object for each page that the suite works on."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect

from tests.moodle.site import Person, Site
from tests.moodle.tool import RunningTool

PATIENCE = 120_000
"""Milliseconds: a Moodle that makes its style sheets anew takes half a minute for a page."""

GONE_OR_REFUSED = """() => {
    const frame = document.querySelector(".modal iframe");
    const refused = frame?.contentDocument?.querySelector(".errorbox")?.innerText ?? "";
    return (refused || !frame) && { refused };
}"""
"""The picker's dialogue has closed, or holds Moodle's page of an error; of the tool's own pages it sees nothing."""


@dataclass
class Tab:
    """A tab of somebody who is logged in to Moodle."""

    page: Page
    site: Site
    tool: RunningTool

    def open(self, path: str) -> Page:
        """Opens a page of Moodle."""
        self.page.goto(f"{self.site.url}{path}")
        # A button that is pressed before Moodle's scripts know of it does something else, or nothing.
        self.page.wait_for_function("() => window.M && M.util && M.util.pending_js && !M.util.pending_js.length")
        return self.page

    def launch(self, activity: str) -> Frame:
        """Opens an external tool of a course, as its link on the course page does; the tool's frame."""
        self.open(f"/mod/lti/view.php?id={activity}")
        return self.framed()

    def inside(self, path: str) -> Frame:
        """Another page of the tool in the frame that is there, in English."""
        frame = self.framed()
        frame.goto(f"{path}{'&' if '?' in path else '?'}lang=en")
        frame.locator("main h1").wait_for()
        return frame

    def course(self) -> str:
        """The address that the course has in the tool, once something of it is in the frame."""
        return "/".join(self.framed().url.split("/")[:5])

    def framed(self) -> Frame:
        """The tool's frame, once one of its pages is in it."""
        for _ in range(PATIENCE // 100):
            for frame in self.page.frames:
                if frame.url.startswith(self.tool.url) and frame.locator("main h1").count():
                    return frame
            self.page.wait_for_timeout(100)
        raise AssertionError([frame.url for frame in self.page.frames])


def logged_in(browser: Browser, site: Site, tool: RunningTool, name: str, password: str) -> tuple[BrowserContext, Tab]:
    """A browser profile of its own in which this person has logged in to Moodle."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, ignore_https_errors=site.told.certificates is not None
    )
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), site, tool)
    for tries_left in range(2, -1, -1):
        page = tab.open("/login/index.php")
        page.locator("#username").fill(name)
        page.locator("#password").fill(password)
        page.locator("#loginbtn").click()
        # A page that its scripts change while somebody types may send an empty password: then Moodle shows it again.
        page.wait_for_url(lambda url: not url.endswith("/login/index.php"))
        if "/login/" not in page.url:
            break
        assert tries_left, f"Moodle does not let {name} in"
    return context, tab


@dataclass
class ManageTools:
    """Site administration > Plugins > External tool > Manage tools, as an admin sees it."""

    tab: Tab

    def register(self, invitation: str) -> Frame:
        """Pastes the address; the frame in which the tool says how it went."""
        page = self.tab.open("/mod/lti/toolconfigure.php")
        page.locator("#tool-url").fill(invitation)
        page.locator("#tool-create-button").click()
        frame = self.tab.framed()
        # It closes itself in some seconds, unless somebody is still reading.
        frame.locator("body").press("Shift")
        return frame

    def close(self, frame: Frame) -> None:
        """Presses the button on the tool's page; Moodle takes its frame away and shows its list."""
        frame.locator("#closing button").click()
        expect(self.tab.page.locator("#external-registration-container iframe")).to_have_count(0, timeout=PATIENCE)
        self.tab.page.locator("#registration-choice-container").wait_for()

    def state(self, name: str) -> str:
        """What the tool's card says of it."""
        return self._card(name).locator(".badge").first.inner_text().strip()

    def activate(self, name: str) -> None:
        """Presses *Activate* on its card."""
        self._card(name).locator("a.activate").click()
        expect(self._card(name).locator("a.activate")).to_have_count(0, timeout=PATIENCE)

    def _card(self, name: str) -> Locator:
        card = self.tab.page.locator(".tool-card").filter(has_text=name).last
        card.wait_for()
        return card


@dataclass
class SelectContent:
    """The form of a new external tool in a course, and the picker that it opens in a dialogue."""

    tab: Tab
    course: str
    tool_id: str

    def open(self) -> Frame:
        """Presses *Select content*; the picker's frame."""
        self.tab.open(
            f"/course/modedit.php?add=lti&type=&typeid={self.tool_id}&course={self.course}&section=0&return=0"
        )
        self.tab.page.locator("[name=selectcontent]").click()
        frame = self.tab.framed()
        frame.locator("form[data-picker]").wait_for()
        return frame

    def save(self) -> None:
        """Waits for the picker to close, and saves what it left in Moodle's form."""
        page = self.tab.page
        refused = page.wait_for_function(GONE_OR_REFUSED).json_value()["refused"]
        assert not refused, f"Moodle does not take what the picker sent: {refused}"
        page.locator("[name=submitbutton2]").click()
        page.wait_for_url("**/course/view.php**")


@dataclass
class EditGrade:
    """Moodle's page of one grade, where a teacher puts their own over the tool's."""

    tab: Tab
    course: str
    column: str

    def override(self, person: Person, mark: str) -> None:
        """Types a grade over what is there."""
        report = f"gpr_type=report&gpr_plugin=grader&gpr_courseid={self.course}"
        which = f"courseid={self.course}&itemid={self.column}&userid={person.id}"
        page = self.tab.open(f"/grade/edit/tree/grade.php?{which}&{report}")
        page.locator("input[type=checkbox][name=overridden]").check()
        page.locator("[name=finalgrade]").fill(mark)
        page.locator("[name=submitbutton]").click()
        page.wait_for_url("**/grade/report/**")
