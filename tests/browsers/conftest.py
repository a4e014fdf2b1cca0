"""One tool and one LMS behind TLS for all browsers, and each browser in each of its settings, as new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.behind_tls import Front, running
from tests.browsers.framed import Visitor
from tests.browsers.kinds import KINDS, WITHOUT, Kind
from tests.journeys.visits import Demonstration

EVERY = {**KINDS, **WITHOUT}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, the tool's data and the profiles of browsers."""
    return tmp_path_factory.mktemp("browsers")


@pytest.fixture(scope="session")
def served(folder: Path) -> Iterator[tuple[Demonstration, Front]]:
    """The running tool, and what stands before it."""
    with running(folder) as started:
        yield started


@pytest.fixture(scope="session")
def demonstration(served: tuple[Demonstration, Front]) -> Demonstration:
    """Addresses of tool and LMS."""
    return served[0]


@pytest.fixture
def asked(served: tuple[Demonstration, Front]) -> list[str]:
    """What the tool is asked for from now on, but for files; what platforms ask it for is left out by the test."""
    served[1].asked.clear()
    return served[1].asked


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a kind gets each; a module may say which."""
    if "kind" in metafunc.fixturenames:
        names = getattr(metafunc.function, "kinds", list(KINDS))
        metafunc.parametrize("kind", names, indirect=True, scope="function")


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    """One browser in one setting. Where it is not installed, its tests are skipped and say what is missing."""
    found = EVERY[request.param]
    if found.missing():
        pytest.skip(f"Not found here: {found.missing()}")
    return found


@pytest.fixture
def visitor(kind: Kind, demonstration: Demonstration, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody at that browser, which nobody has used before."""
    with kind.start(tmp_path / "profile") as driver:
        yield Visitor(driver, demonstration)
