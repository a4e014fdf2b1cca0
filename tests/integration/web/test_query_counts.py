"""Lists cost the same number of queries for 3 people and for 30."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import make_engine, make_session_factory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.moodle.results_import import import_results
from lti_tool.people import roster
from lti_tool.people.model import CourseRole
from tests.factories.big_course import BigCourse, counted, open_big_course
from tests.factories.launch_bench import TOOL

ACTIVITIES = 4
FEW, MANY = 3, 30
Course = Callable[[int], BigCourse]


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """Makes a course of so many people, in a database of its own, with a mark of everyone in everything."""
    engines = []

    def build(size: int) -> BigCourse:
        folder = tmp_path / str(size)
        folder.mkdir()
        engine = make_engine(f"sqlite:///{folder / 'test.sqlite3'}")
        engines.append(engine)
        Base.metadata.create_all(engine)
        big = open_big_course(make_session_factory(engine), clock.now() - timedelta(hours=1), size, ACTIVITIES)
        _import(big, 1)
        return big

    yield build
    for engine in engines:
        engine.dispose()


def _import(big: BigCourse, seed: int) -> list[str]:
    """Takes a file of results; the statements that it took."""
    with counted(big.sessions) as sent, unit_of_work(big.sessions) as session:
        report = import_results(session, big.id, big.export(seed), now=big.now + timedelta(minutes=seed))
    assert report.added + report.changed + report.unchanged == big.size * ACTIVITIES
    return sent


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("group", CourseRole.TRAINER),
        ("group?sort=1.1&order=descending&text=0", CourseRole.TRAINER),
        ("roster", CourseRole.TRAINER),
        ("templates", CourseRole.TRAINER),
        ("deliveries", CourseRole.TRAINER),
        ("deliveries?state=waiting&text=0", CourseRole.TRAINER),
        ("deliveries/again", CourseRole.TRAINER),
        ("mapping", CourseRole.TRAINER),
        ("results", CourseRole.TRAINER),
        ("me", CourseRole.PARTICIPANT),
        ("me/1.1", CourseRole.PARTICIPANT),
        ("me/record", CourseRole.PARTICIPANT),
        ("me/timeline", CourseRole.PARTICIPANT),
        ("me/next", CourseRole.PARTICIPANT),
        ("me/tasks", CourseRole.PARTICIPANT),
    ],
)
def test_a_page_asks_the_same_for_few_and_for_many(tmp_path: Path, course: Course, path: str, role: CourseRole) -> None:
    def asked(size: int) -> list[str]:
        big = course(size)
        client = big.visit(big.bench(tmp_path), role)
        client.get(f"/c/{big.course.public_id}/{path}", base_url=TOOL)
        with counted(big.sessions) as sent:
            assert client.get(f"/c/{big.course.public_id}/{path}", base_url=TOOL).status_code == 200
        return sent

    few, many = asked(FEW), asked(MANY)

    assert len(few) == len(many), _told(few, many)
    assert len(many) <= 21, _told(few, many)


@pytest.mark.parametrize("seed", [1, 2], ids=["unchanged", "changed"])
def test_an_import_asks_the_same_for_few_and_for_many(course: Course, seed: int) -> None:
    few, many = _import(course(FEW), seed), _import(course(MANY), seed)

    assert len(few) == len(many), _told(few, many)


def test_a_roster_asks_the_same_for_few_and_for_many(course: Course) -> None:
    def asked(size: int) -> list[str]:
        big = course(size)
        # Half of them leave, as many are new, and all are told by other names.
        members = big.roster(2 * size)[size // 2 + 1 : 2 * size - 1]
        with counted(big.sessions) as sent, unit_of_work(big.sessions) as session:
            joined = roster.sync(session, big.id, members, big.now).joined
            gradebook.welcome(session, big.id, joined, now=big.now)
        assert len(joined) == size - 1
        return sent

    few, many = asked(FEW), asked(MANY)

    assert len(few) == len(many), _told(few, many)


def _told(few: list[str], many: list[str]) -> str:
    """The statements that were sent more often for one than for the other."""
    counts = Counter(many)
    counts.subtract(Counter(few))
    return f"{len(few)} and {len(many)}\n" + "\n".join(f"{more:+} {each}" for each, more in counts.items() if more)


def test_a_matrix_of_forty_activities_is_within_its_budget_with_all_that_it_loads(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    Base.metadata.create_all(engine)
    big = open_big_course(make_session_factory(engine), clock.now() - timedelta(hours=1), FEW, 40)
    client = big.visit(big.bench(tmp_path), CourseRole.TRAINER)
    compressed = {"Accept-Encoding": "gzip"}

    page = client.get(f"/c/{big.course.public_id}/mapping", base_url=TOOL, headers=compressed)

    found = BeautifulSoup(gzip.decompress(page.data), "html.parser")
    assert len(found.select("table.matrix input")) == 40 * 61
    loads = [str(each.get("src") or each["href"]) for each in found.select("script[src], link[href]")]
    assets = [client.get(address, base_url=TOOL, headers=compressed) for address in loads]
    assert len(assets) >= 4
    assert sum(len(answer.data) for answer in (page, *assets)) <= 100_000
    engine.dispose()


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BigCourse, FlaskClient]]:
    """A course of a thousand with all their marks, and its trainer's browser: for pages that are only read."""
    folder = tmp_path_factory.mktemp("thousand")
    engine = make_engine(f"sqlite:///{folder / 'test.sqlite3'}")
    Base.metadata.create_all(engine)
    big = open_big_course(make_session_factory(engine), clock.now() - timedelta(hours=1), 1000, ACTIVITIES)
    _import(big, 1)
    yield big, big.visit(big.bench(folder), CourseRole.TRAINER)
    engine.dispose()


def test_a_group_of_a_thousand_is_within_its_budget_to_the_last_row(thousand: tuple[BigCourse, FlaskClient]) -> None:
    big, client = thousand
    compressed = {"Accept-Encoding": "gzip"}

    page = client.get(f"/c/{big.course.public_id}/group", base_url=TOOL, headers=compressed)

    found = BeautifulSoup(gzip.decompress(page.data), "html.parser")
    rows = found.select("table.group tbody tr")
    assert len(rows) == 1000
    assert "Катышуучу 0999" in rows[-1].get_text()
    assert len(rows[-1].select("td a")) == 11
    loads = [str(each.get("src") or each["href"]) for each in found.select("script[src], link[href]")]
    assets = [client.get(address, base_url=TOOL, headers=compressed) for address in loads]
    assert sum(len(answer.data) for answer in (page, *assets)) <= 200_000


def test_the_page_of_eleven_thousand_grades_is_within_its_budget(thousand: tuple[BigCourse, FlaskClient]) -> None:
    big, client = thousand
    path = f"/c/{big.course.public_id}/deliveries"

    page = client.get(f"{path}?page=2", base_url=TOOL, headers={"Accept-Encoding": "gzip"})

    found = BeautifulSoup(gzip.decompress(page.data), "html.parser")
    assert len(found.select("section[aria-labelledby=lines-title] tbody tr")) == 100
    assert found.select_one("a[rel=next]") is not None
    assert len(page.data) <= 30_000
