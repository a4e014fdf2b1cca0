"""A demonstration for each process of the test run, and a browser that blocks what browsers block today.

Tests that share a demonstration keep out of each other's way: what they add, nobody else counts.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.journeys.own import Placed, place
from tests.journeys.prepared import Place, prepared
from tests.journeys.visits import TRAINER, Demonstration, enter, follow, upload

DESKTOP = {"width": 1280, "height": 800}

LONGEST_FIRST = (
    "test_whole_course",
    "test_native_marks.py",
    "from_a_mark",
    "test_decided",
    "test_own",
    "test_differing",
)
"""What takes longest in one piece, so that no process is left with it while the others have nothing to do."""

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first."""
    ranks = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: min((ranks[name] for name in ranks if name in item.nodeid), default=len(ranks)))


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


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A running demonstration, as it is after its start."""
    with running_demonstration(tmp_path_factory.mktemp("demonstration") / "demo") as running:
        yield running


@pytest.fixture(scope="session")
def filled(demonstration: Demonstration, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration once its trainer has imported the sample mapping and results."""
    folder = tmp_path_factory.mktemp("samples")
    context = browser.new_context()
    for person in ("6", "7", "8", "9", "10", "11"):
        enter(context, demonstration, person)
    page, course = enter(context, demonstration, TRAINER)
    for sample, path in (("mapping", "mapping"), ("grades", "results")):
        page.goto(f"{course}/{path}")
        assert upload(page.main_frame, demonstration.sample(sample, folder)).status == 200
        if sample == "mapping":
            follow(page.main_frame, page.locator("form[action$=publish] button"))
    context.close()
    return demonstration


@pytest.fixture(scope="session")
def places(filled: Demonstration, browser: Browser) -> Iterator[dict[str, Place]]:
    """A browser profile for each kind of visitor, in the filled demonstration once everything has happened in it."""
    with prepared(filled, browser) as found:
        yield found


@pytest.fixture(scope="session")
def placed(tmp_path_factory: pytest.TempPathFactory, whole_browser: Browser) -> Iterator[Placed]:
    """Own activities, placed by a browser that blocks what they block there; for tests of the group own_activities."""
    with running_demonstration(tmp_path_factory.mktemp("own") / "demo") as running:
        yield place(running, whole_browser)


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
            complaints.append(f"{message.text} ({message.location['url']})")

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    assert complaints == []


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
