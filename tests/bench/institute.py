"""Measures the institute's pages by hand: `python -m tests.bench.institute [--people 100000] [--courses 2000]`.

Builds the institute twice on PostgreSQL, a tenth first, and prints for each page and call of the API the server time
(the whole request inside this process) and the bytes over the wire. Nothing here passes or fails by itself: the last
column says how much more the whole costs than the tenth.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from lti_tool import clock
from lti_tool.accounts import tokens
from lti_tool.accounts.token_model import MOST_RATE
from lti_tool.accounts.tokens import Wish
from lti_tool.cli.serve import settle
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people import sessions as login_sessions
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.reports import rollup, store, undelivered
from lti_tool.web.api.address import PREFIX
from tests import postgres
from tests.bench.measuring import say
from tests.factories.launch_bench import TOOL
from tests.factories.nation import Nation, build

MANY = 1000
WARM = 3


@dataclass(frozen=True)
class Measured:
    """One page: milliseconds, and kilobytes as they travel."""

    median: float
    p95: float
    plain: float
    wire: float
    lines: int
    """Of its tables: where the tenth has fewer than the page holds, the whole has more to show."""


@contextmanager
def _postgres() -> Iterator[SessionFactory]:
    with postgres.running_cluster(as_deployed=True) as cluster:
        engine = make_engine(cluster.new_database())
        yield make_session_factory(engine)
        engine.dispose()


def _admin(nation: Nation, folder: Path) -> FlaskClient:
    bench = nation.big.bench(folder)
    with unit_of_work(nation.big.sessions) as session:
        who = as_person(session.get_one(PersonRow, nation.big.trainer.id))
        beginning = Beginning(who, is_admin=True, locale="ky", course_id=nation.big.id, role=None)
        token, _login = login_sessions.begin(session, beginning, None, clock.now())
    client = bench.app.test_client()
    with client.session_transaction(base_url=TOOL) as cookie:
        cookie["_user_id"] = token
    return client


def _pages(nation: Nation) -> dict[str, str]:
    """Name and address of every page that reads over the institute, and of the largest course."""
    with nation.big.sessions() as session:
        newest = select(PersonRow.public_id).where(PersonRow.public_id.like("p0%")).order_by(PersonRow.id.desc())
        person = session.scalars(newest.limit(1)).one()
        course = session.scalars(
            select(CourseRow.public_id).where(CourseRow.public_id.like("c0%")).order_by(CourseRow.id.desc()).limit(1)
        ).one()
        teaches = select(MembershipRow.person_id).where(MembershipRow.roster_role == "trainer")
        trainer = session.scalars(
            select(PersonRow.name).where(PersonRow.id.in_(teaches), PersonRow.public_id.like("p0%")).limit(1)
        ).one()
    big = f"/c/{nation.big.course.public_id}"
    # The first names of the whole institute fill a page each; in a tenth of it, only all of one initial do.
    name = "гүлнара" if nation.courses >= MANY else "а"
    return {
        "overview": "/institute/overview",
        "overview, one year": "/institute/overview?from=2026-01&to=2026-12",
        "courses": "/institute/courses",
        "courses, last page": f"/institute/courses?page={nation.courses // 50}",
        "courses, by title": "/institute/courses?sort=title&order=ascending",
        "courses, searched": "/institute/courses?q=-агым+ict-1",
        "courses, of a trainer": f"/institute/courses?{urlencode({'trainer': trainer})}",
        "courses, of a first name": "/institute/courses?trainer=гүлнара",
        "courses, of a name": f"/institute/courses?{urlencode({'trainer': name})}",
        "courses, undelivered": "/institute/courses?state=undelivered&sort=undelivered",
        "map by month": "/institute/levels",
        "map by course": "/institute/levels?by=courses&page=3",
        "rows of people": "/institute/levels/2.1/1",
        "rows of people, none": "/institute/levels/2.1/none",
        "rows of people, deep": f"/institute/levels/2.1/1?after={nation.people // 2}",
        "rows of participations": "/institute/levels/2.1/1?from=2026-01&to=2026-03",
        "indicator": "/institute/indicators/2.1.1.a",
        "people": "/institute/people",
        "people, searched": "/institute/people?q=токто+нур",
        "people, by number": "/institute/people?q=kg-c-77",
        "person": f"/institute/people/{person}",
        "person's data": f"/institute/people/{person}/data",
        "erasing, asked": f"/institute/people/{person}/erase",
        "record": "/institute/audit",
        "record of a person": f"/institute/audit?subject={person}",
        "record of a course": f"/institute/audit?course={course}",
        "record, an old day": f"/institute/audit?until={clock.now() - timedelta(days=1):%Y-%m-%d}",
        "requirements": "/institute/requirements",
        "readiness": "/institute/readiness",
        "retention": "/institute/retention",
        "tokens": "/institute/api",
        "undelivered": "/institute/deliveries",
        "a course's group": f"/c/{course}/group",
        "a course's statistics": f"/c/{course}/statistics",
        "group of the largest": f"{big}/group",
        "statistics of the largest": f"{big}/statistics",
        "grades sent of the largest": f"{big}/deliveries",
    }


def _calls(nation: Nation) -> dict[str, str]:
    """Name and address of every call of the API."""
    with nation.big.sessions() as session:
        person = session.scalars(select(PersonRow.public_id).where(PersonRow.public_id.like("p0%")).limit(1)).one()
    big = f"{PREFIX}/courses/{nation.big.course.public_id}"
    return {
        "API courses": f"{PREFIX}/courses",
        "API courses, 200": f"{PREFIX}/courses?limit=200",
        "API course": big,
        "API gradebook": f"{big}/gradebook",
        "API gradebook, 200": f"{big}/gradebook?limit=200",
        "API persons": f"{PREFIX}/persons",
        "API persons, 200": f"{PREFIX}/persons?limit=200",
        "API person": f"{PREFIX}/persons/{person}",
        "API deliveries": f"{PREFIX}/deliveries",
        "API deliveries, 200": f"{PREFIX}/deliveries?limit=200",
        "API statistics": f"{PREFIX}/statistics/competencies",
        "API requirements": f"{PREFIX}/framework",
    }


def _bearer(nation: Nation) -> dict[str, str]:
    with unit_of_work(nation.big.sessions) as session:
        platform_id = session.get_one(CourseRow, nation.big.id).platform_id
        made = tokens.make(session, PlatformId(platform_id), Wish("bench", rate=MOST_RATE), clock.now())
    return {"Authorization": f"Bearer {made.secret}"}


@dataclass(frozen=True)
class Visitor:
    """Who asks for a page or makes a call."""

    client: FlaskClient
    headers: dict[str, str]
    sessions: SessionFactory

    def keep(self) -> None:
        """What a worker beside the pages does every few seconds, and pages rely on while it is fresh."""
        with unit_of_work(self.sessions, writes=False) as session:
            platforms = store.platforms_counted(session)
        for platform in platforms:
            undelivered.keep(self.sessions, platform, clock.now())

    def get(self, path: str) -> tuple[bytes, float]:
        """The answer's body, and how many milliseconds it took."""
        began = time.perf_counter()
        answer = self.client.get(path, base_url=TOOL, headers=self.headers)
        body = answer.get_data()
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, (path, answer.status_code)
        return body, took


Places = dict[str, tuple[Visitor, str]]
"""By name, what is asked for and by whom."""


def _built(sessions: SessionFactory, folder: Path, people: int, courses: int, largest: int) -> Places:
    began = time.perf_counter()
    nation = build(sessions, clock.now(), people, courses, largest)
    built = time.perf_counter() - began
    say(f"{people:,} people, {courses:,} courses, {nation.attainments:,} attainments: built in {built:.0f} s")
    began = time.perf_counter()
    rollup.refresh(sessions, clock.now())
    engine: Engine = sessions.kw["bind"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        # The database does so by itself, a minute after so much was written.
        plain.exec_driver_sql("VACUUM ANALYZE")
        size = plain.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one() / 1e9
    say(f"everything counted once in {time.perf_counter() - began:.1f} s; the database takes {size:.1f} GB")
    admin = _admin(nation, folder)
    program = Visitor(admin.application.test_client(), _bearer(nation), sessions)
    return {name: (Visitor(admin, {}, sessions), path) for name, path in _pages(nation).items()} | {
        name: (program, path) for name, path in _calls(nation).items()
    }


def _measure(places: list[tuple[Visitor, str]], times: int) -> list[Measured]:
    """The same page in several institutes, in turn: what disturbs one disturbs the others."""
    for visitor, _path in places:
        visitor.keep()
    for _ in range(WARM):
        bodies = [visitor.get(path)[0] for visitor, path in places]
    took = [[visitor.get(path)[1] for visitor, path in places] for _ in range(times)]
    return [
        Measured(
            statistics.median(times_of),
            statistics.quantiles(times_of, n=20, method="inclusive")[-1],
            len(body) / 1000,
            len(gzip.compress(body, 6)) / 1000,
            body.count(b"<tr"),
        )
        for body, times_of in zip(bodies, zip(*took, strict=True), strict=True)
    ]


def main() -> None:
    """Builds and measures a tenth and the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--courses", type=int, default=2000)
    parser.add_argument("--largest", type=int, default=1000, help="people of the largest course")
    parser.add_argument("--times", type=int, default=30)
    options = parser.parse_args()
    sizes = ((options.people // 10, options.courses // 10), (options.people, options.courses))
    with ExitStack() as stack:
        tenth, whole = (
            _built(
                stack.enter_context(_postgres()),
                Path(stack.enter_context(tempfile.TemporaryDirectory())),
                people,
                courses,
                options.largest,
            )
            for people, courses in sizes
        )
        # As a web process does once it has started.
        settle()
        say(f"{'':<28}{'tenth, ms':>12}{'p50':>9}{'p95':>9}{'kB':>8}{'gzip':>8}{'p50 / tenth':>13}{'lines':>14}")
        for name, place in whole.items():
            before, found = _measure([tenth[name], place], options.times)
            # A page that a tenth of the institute does not fill says nothing of growth.
            unlike = "*" if before.lines != found.lines else " "
            say(
                f"{name:<28}{before.median:>12.1f}{found.median:>9.1f}{found.p95:>9.1f}{found.plain:>8.0f}"
                f"{found.wire:>8.1f}{found.median / before.median:>13.2f}{unlike}"
                f"{f'{before.lines} / {found.lines}':>13}"
            )
        say("* the tenth has fewer lines to show than the page holds")


if __name__ == "__main__":
    main()
