"""What every test may use: a throwaway database, a fixed time, factories that state only what matters."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import structlog
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import event
from sqlalchemy.orm import Session

import lti_tool.accounts.tables
import lti_tool.accounts.token_tables
import lti_tool.audit.tables
import lti_tool.catalogue.tables
import lti_tool.competency.self_tables
import lti_tool.competency.tables
import lti_tool.competency.version_tables
import lti_tool.grading.tables
import lti_tool.lti.tables
import lti_tool.moodle.tables
import lti_tool.people.tables
import lti_tool.privacy.tables
import lti_tool.reports.export_tables
import lti_tool.reports.tables
import lti_tool.tasks.tables  # noqa: F401  imported so that the metadata knows all tables
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from tests import postgres
from tests.factories import late_writers, remembered
from tests.factories.make import Make
from tests.moodle.told import told

# What the journeys share says what it saw, as the tests themselves do.
pytest.register_assert_rewrite(*(f"tests.journeys.{name}" for name in ("moodle_marks", "own", "prepared", "visits")))

# How fast the machine is at this moment is no property of the code: no example may fail for its time. A check of a
# change tries the same examples as the check before it; a run at one's desk looks for new ones.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    derandomize="LTI_TOOL_TEST_ALL" in os.environ,
    max_examples=50 if "LTI_TOOL_TEST_ALL" in os.environ else 100,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("untimed")

# A run holds all its tests and what they import: looking through that for garbage took a tenth of its time.
gc.set_threshold(50_000, 20, 100)

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WHOLE = ["--headless=new"]
NEEDED = {
    "pdf": (lambda: shutil.which("pdftotext") is not None, "pdftotext (poppler-utils)"),
    "browser": (lambda: shutil.which("chromium") is not None, "the system's Chromium"),
    "soffice": (lambda: shutil.which("soffice") is not None, "LibreOffice Calc (libreoffice-calc-nogui)"),
    "postgres": (lambda: postgres.binaries() is not None, "the system's PostgreSQL binaries"),
}


def pytest_configure() -> None:
    """What every test would make anew, and alike, is made once; a log line is made as plainly as it is elsewhere."""
    remembered.remember()
    late_writers.watch()
    # Left to itself structlog draws what every name on the way to an error stood for, which takes seconds.
    *before, _drawn = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Nothing in the tests speaks to another machine, but those of a real Moodle to that one."""
    from pytest_socket import socket_allow_hosts

    there = told() if "moodle" in item.path.parent.name else None
    socket_allow_hosts(["127.0.0.1", "localhost", "::1", *([there.host] if there else [])], allow_unix_socket=True)


def pytest_collection_finish() -> None:
    """What is held until the end is not looked through again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    """The moment at which tests take place."""
    return datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables, to be copied: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def sessions(tmp_path: Path, empty_database: Path) -> Iterator[SessionFactory]:
    """Sessions on an empty SQLite database with all tables, which waits for no disk."""
    engine = make_engine(f"sqlite:///{shutil.copy(empty_database, tmp_path / 'test.sqlite3')}")
    event.listen(engine, "connect", _write_lazily)
    yield make_session_factory(engine)
    engine.dispose()


def _write_lazily(connection: sqlite3.Connection, _entry: object) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """One open session; what it flushes is seen by nobody else until it commits."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def make(session: Session, now: datetime) -> Make:
    """Factories that write through `session`."""
    return Make(session, now)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A running PostgreSQL, made for this run of the tests."""
    with postgres.running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """A PostgreSQL database with all tables and nothing in them, for one test at a time."""
    url = postgres_cluster.lend()
    yield url
    postgres_cluster.give_back(url)


@pytest.fixture
def postgres_sessions(postgres_url: str) -> Iterator[SessionFactory]:
    """Sessions on an empty PostgreSQL database with all tables."""
    engine = make_engine(postgres_url)
    yield make_session_factory(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for each process of the test run: it knows no second one in a process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium's pages without the program around them, where the system has them so; otherwise all of Chromium.

    The program takes three times as long to open a tab. What depends on it asks for `whole_browser`.
    """
    shell = shutil.which("chromium-headless-shell")
    launched = _launched(playwright, shell, []) if shell else _launched(playwright, shutil.which("chromium"), WHOLE)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """All of Chromium, with what it blocks and keeps by itself."""
    launched = _launched(playwright, shutil.which("chromium"), WHOLE)
    yield launched
    launched.close()


def _launched(playwright: Playwright, program: str | None, more: list[str]) -> Browser:
    return playwright.chromium.launch(executable_path=program, args=[*CHROMIUM, *more])


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_sessions(request: pytest.FixtureRequest) -> SessionFactory:
    """Sessions on either database: the test runs on both."""
    found: SessionFactory = request.getfixturevalue("sessions" if request.param == "sqlite" else "postgres_sessions")
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where Chromium or PostgreSQL is missing its tests are left out, and the run says so in one line.

    LTI_TOOL_TEST_ALL=1 makes the absence a failure.
    """
    for mark, (present, what) in NEEDED.items():
        needing = [item for item in items if item.get_closest_marker(mark)]
        if not needing or present():
            continue
        if os.environ.get("LTI_TOOL_TEST_ALL"):
            raise pytest.UsageError(f"Not found here: {what}, and LTI_TOOL_TEST_ALL asks for all tests")
        items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells what was left out; asked anew here, because with xdist the tests were collected in other processes."""
    for present, what in NEEDED.values():
        if not present():
            terminalreporter.write_line(f"Not found here: {what}; the tests that need it were left out", yellow=True)
