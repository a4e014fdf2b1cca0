"""A demonstration of its own for each module, and a browser that blocks what browsers block today."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.journeys.visits import Demonstration

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP = {"width": 1280, "height": 800}


@contextmanager
def running_demonstration(folder: Path) -> Iterator[Demonstration]:
    """Tool, worker and LMS on free ports, as `make demo` starts them; ended when the block is left."""
    port, lms_port = _free_ports()
    command = [sys.executable, "-m", "lti_tool", "demo", "--port", str(port), "--lms-port", str(lms_port)]
    child = subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        log = folder / "log.txt"
        assert line.startswith("Open http"), line + (log.read_text() if log.exists() else "")
        yield Demonstration(f"http://localhost:{port}", f"http://127.0.0.1:{lms_port}", folder)
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A fresh demonstration for the tests of one module."""
    with running_demonstration(tmp_path_factory.mktemp("demonstration") / "demo") as running:
        yield running


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
    made = browser.new_context(viewport=DESKTOP)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; the test fails when the browser complains in it or in a tab that it opens.

    A broken policy, a missing file and a script's fault are such complaints.
    """
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    assert complaints == []


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
