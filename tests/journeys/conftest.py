"""A demonstration of its own for each module, and a browser that blocks what browsers block today."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True)
class Demonstration:
    """Addresses of the tool and of its LMS."""

    tool: str
    lms: str

    def fetch(self, path: str) -> bytes:
        """A file of the LMS, as a trainer would download it."""
        answer = requests.get(self.lms + path, timeout=10)
        answer.raise_for_status()
        return answer.content

    def gradebook(self) -> dict[str, list[str]]:
        """The LMS's grades in the tool's competency columns: person id → what each cell shows ("-" for nothing)."""
        session = requests.get(f"{self.lms}/grades", timeout=10)
        return read_gradebook(session.text)


def read_gradebook(html: str) -> dict[str, list[str]]:
    """The last four columns of the gradebook page, by person."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    heads = [cell.get_text(" ", strip=True) for cell in page.select("#gradebook thead th")]
    ours = [number for number, head in enumerate(heads) if head[:1].isdigit()]
    found = {}
    for row in page.select("#gradebook tr[data-person]"):
        cells = row.find_all(["th", "td"])
        texts = [cells[number].get_text(" ", strip=True).split() for number in ours]
        found[str(row["data-person"])] = [words[0].replace("–", "-") if words else "-" for words in texts]
    return found


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Tool, worker and LMS on free ports, as `make demo` starts them."""
    port, lms_port = _free_port(), _free_port()
    folder = tmp_path_factory.mktemp("demonstration") / "demo"
    command = [sys.executable, "-m", "lti_tool", "demo", "--port", str(port), "--lms-port", str(lms_port)]
    child = subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        log = folder / "log.txt"
        assert line.startswith("Open http"), line + (log.read_text() if log.exists() else "")
        yield Demonstration(f"http://localhost:{port}", f"http://127.0.0.1:{lms_port}")
    finally:
        child.terminate()
        child.wait(20)
        if child.stdout is not None:
            child.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile without cookies."""
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab that fails the test when the browser complains (a broken policy, a missing file, a script's fault)."""
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    assert complaints == []


def within(seconds: float, wanted: object, ask: object) -> object:
    """Asks until the answer is what is wanted, or time is up; the last answer."""
    assert callable(ask)
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer == wanted or time.monotonic() > deadline:
            return answer
        time.sleep(0.3)


def save(path: Path, content: bytes) -> Path:
    """Writes a file to be uploaded."""
    path.write_bytes(content)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
