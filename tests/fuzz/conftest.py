"""What the targets share: a database, an application with an institute in it, a tally, and the table of all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from tests import postgres
from tests.fuzz import tally as tallies
from tests.fuzz.tally import Tally
from tests.fuzz.world import World, open_world


@pytest.fixture(scope="session")
def database(postgres_cluster: postgres.Cluster) -> Iterator[SessionFactory]:
    """A PostgreSQL database, which is stricter than SQLite; what a case leaves in it is taken back."""
    url = postgres_cluster.lend()
    engine = make_engine(url)
    yield make_session_factory(engine)
    engine.dispose()
    postgres_cluster.give_back(url)


@pytest.fixture(scope="session")
def world(database: SessionFactory, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Courses with marks and grades, and all kinds of visitors. A case that changes it takes that back: `undone`."""
    return open_world(database, tmp_path_factory.mktemp("institute"), clock.now())


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts the cases of a test, under what the test is called."""
    name = request.node.name.removeprefix("test_").replace("_", " ")
    found = Tally(name)
    yield found
    request.node.user_properties.append((tallies.PROPERTY, {"target": name, "counts": dict(found.counts)}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table of a long run."""
    if tallies.ALL:
        reports = [report for each in terminalreporter.stats.values() for report in each]
        for line in tallies.table(tallies.noted(reports)):
            terminalreporter.write_line(line)
