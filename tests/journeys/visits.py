"""What people do in a browser, in their own steps: open the tool from the LMS, go to a page, send a file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import requests
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext, Frame, Locator, Page, Response

Answer = TypeVar("Answer")
PROFILE, EVIDENCE_TASK, SECOND_COURSE = "1", "2", "3"
"""The links of the demonstration LMS: two in its main course, one in the other."""
OPERATORS_PASSWORD = "көк мышык терезеде"
ADMIN, TRAINER, ASSISTANT, AIGUL, OMURBEK, NURGUL, ZHYLDYZ = "2", "3", "4", "6", "7", "8", "10"


@dataclass(frozen=True)
class Demonstration:
    """Addresses of the tool and of its LMS, and the folder in which the tool lives."""

    tool: str
    lms: str
    folder: Path

    def sample(self, name: str, into: Path) -> Path:
        """A sample file of the LMS as it stands now, saved as a trainer would save it."""
        answer = requests.get(f"{self.lms}/{name}.csv?lang=en", timeout=10)
        answer.raise_for_status()
        saved = into / f"{name}.csv"
        saved.write_bytes(answer.content)
        return saved


def read_gradebook(html: str) -> dict[str, list[str]]:
    """The competency columns of the LMS's gradebook page: person id → what the cells show, "-" for nothing."""
    page = BeautifulSoup(html, "html.parser")
    heads = [cell.get_text(" ", strip=True) for cell in page.select("#gradebook thead th")]
    ours = [number for number, head in enumerate(heads) if head[:1].isdigit()]
    found = {}
    for row in page.select("#gradebook tr[data-person]"):
        cells = row.find_all(["th", "td"])
        texts = [cells[number].get_text(" ", strip=True).split() for number in ours]
        found[str(row["data-person"])] = [words[0].replace("–", "-") if words else "-" for words in texts]
    return found


def within(seconds: float, wanted: Answer, ask: Callable[[], Answer]) -> Answer:
    """Asks until the answer is what is wanted, or time is up; the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer == wanted or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def open_framed(page: Page, demonstration: Demonstration, person: str, link: str = PROFILE, **query: str) -> Frame:
    """Opens a link of the course as this person; the tool's frame on the LMS's page."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{demonstration.lms}/mod/lti/view.php?id={link}&as={person}{more}")
    return framed_tool(page, demonstration)


def framed_tool(page: Page, demonstration: Demonstration) -> Frame:
    """The frame of the tool on this page of the LMS, once the tool's page is in it."""
    page.frame_locator("iframe").locator("main h1").wait_for()
    return next(frame for frame in page.frames if frame.url.startswith(demonstration.tool))


def open_in_window(page: Page, demonstration: Demonstration, person: str, link: str = PROFILE) -> Frame:
    """Opens the link *in a new window*, as this person; that window's page. The tab stays with the LMS."""
    page.goto(f"{demonstration.lms}/mod/lti/view.php?id={link}&as={person}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="open in a new window").click()
    opened.value.wait_for_url(f"{demonstration.tool}/c/**")
    opened.value.locator("main h1").wait_for()
    return opened.value.main_frame


def enter(
    context: BrowserContext, demonstration: Demonstration, person: str, link: str = PROFILE, **query: str
) -> tuple[Page, str]:
    """A launch that fills a tab of its own; the tab, and the address of the course in the tool."""
    page = context.new_page()
    more = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{demonstration.lms}/mod/lti/launch.php?id={link}&as={person}&window=1{more}")
    page.wait_for_url(f"{demonstration.tool}/c/**")
    page.locator("main h1").wait_for()
    return page, "/".join(page.url.split("/")[:5])


def make_operator(demonstration: Demonstration, login: str) -> None:
    """An operator makes their account in the shell of the machine that the tool runs on."""
    _in_the_shell(demonstration, "admin", "create", login, "--operator")


def invite(demonstration: Demonstration) -> str:
    """An operator makes an invitation there; its address."""
    return _in_the_shell(demonstration, "platform", "invite").strip()


def _in_the_shell(demonstration: Demonstration, *command: str) -> str:
    here = {**os.environ, "LTI_TOOL_DATA_DIR": str(demonstration.folder), "LTI_TOOL_BASE_URL": demonstration.tool}
    run = [sys.executable, "-m", "lti_tool", *command]
    done = subprocess.run(run, input=f"{OPERATORS_PASSWORD}\n", env=here, text=True, check=True, capture_output=True)
    return done.stdout


def enter_account(page: Page, demonstration: Demonstration, login: str, code: str = "") -> None:
    """Enters with a local account."""
    page.goto(f"{demonstration.tool}/account/login?lang=en")
    page.locator("#f-login").fill(login)
    page.locator("#f-password").fill(OPERATORS_PASSWORD)
    page.locator("#f-code").fill(code)
    page.locator("form.panel button").click()
    page.wait_for_url(f"{demonstration.tool}/administration/**")


def follow(frame: Frame, link: Locator) -> None:
    """Clicks what leads to another page inside the frame, and waits for that page."""
    with frame.expect_navigation():
        link.click()
    frame.locator("main h1").wait_for()


def go_to_tab(frame: Frame, path: str) -> None:
    """Clicks the tab of the course that leads to this page."""
    follow(frame, frame.locator(f"nav.tabs a[href$='/{path}']").first)


def upload(frame: Frame, file: Path) -> Response:
    """Sends a file with the form of the page, by its first button."""
    form = frame.locator("form[enctype]")
    form.locator("input[type=file]").set_input_files(file)
    with frame.expect_navigation() as done:
        form.locator("button[type=submit]").first.click()
    assert done.value is not None
    return done.value
