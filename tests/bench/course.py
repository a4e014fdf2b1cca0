"""Measures a big course by hand: `python -m tests.bench.course [--people 1000] [--activities 20] [--postgres]`.

Prints one table; nothing here passes or fails. Server time is the time of the whole request inside this process,
the second of two, so that templates and the framework are loaded. `--profile NAME` shows where the time of one goes.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import PersonId
from lti_tool.moodle.results_import import import_results
from lti_tool.people.activities import activities_of
from lti_tool.people.model import CourseRole
from tests import postgres
from tests.bench.measuring import say
from tests.factories.big_course import BigCourse, counted, open_big_course
from tests.factories.launch_bench import TOOL, Bench

Answer = TypeVar("Answer")


@dataclass
class Table:
    """What was measured, line by line."""

    sessions: SessionFactory
    profiled: str = ""

    def measure(self, name: str, work: Callable[[], Answer]) -> Answer:
        """Runs the work once, and prints how long it took and how many statements it sent."""
        profile = cProfile.Profile() if name.startswith(self.profiled) and self.profiled else None
        with counted(self.sessions) as sent:
            began, cpu = time.perf_counter(), time.process_time()
            answer = profile.runcall(work) if profile else work()
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
        say(f"{name:<40}{took * 1000:>10.1f} ms{cpu * 1000:>10.1f} ms CPU{len(sent):>6} statements")
        if profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
        return answer


@contextmanager
def _database(*, on_postgres: bool) -> Iterator[SessionFactory]:
    with ExitStack() as stack:
        if on_postgres:
            url = stack.enter_context(postgres.running_cluster(as_deployed=True)).new_database()
        else:
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/bench.sqlite3"
        engine = make_engine(url)
        stack.callback(engine.dispose)
        if not on_postgres:
            Base.metadata.create_all(engine)
        yield make_session_factory(engine)


def _one(big: BigCourse, person: PersonId, minute: int) -> None:
    """One mark of one person comes in."""
    with unit_of_work(big.sessions) as session:
        now = big.now + timedelta(minutes=minute)
        quiz = activities_of(session, big.id)[0].id
        entry = NewEvidence(person, quiz, None, Decimal(20 * minute), Decimal(0), Decimal(100), "trainer", now)
        gradebook.accept_results(session, big.id, [entry], by=None, now=now)


def _import(big: BigCourse, seed: int) -> None:
    with unit_of_work(big.sessions) as session:
        import_results(session, big.id, big.export(seed), now=big.now + timedelta(seconds=seed))


def _recompute(big: BigCourse) -> None:
    with unit_of_work(big.sessions) as session:
        gradebook.recompute_course(session, big.id, big.now)


def _recompute_anew(big: BigCourse) -> None:
    """After a change of rules that moves every indicator."""
    with unit_of_work(big.sessions) as session:
        gradebook.accept_rules(session, big.id, {"aggregation": "best"}, by=None, now=big.now)


def _page(table: Table, client: FlaskClient, big: BigCourse, name: str) -> None:
    path = f"/c/{big.course.public_id}/{name}"
    client.get(path, base_url=TOOL)
    page = table.measure(f"page {name}", lambda: client.get(path, base_url=TOOL).get_data())
    say(f"{'':<4}{len(page) / 1000:.0f} kB, {len(gzip.compress(page, 6)) / 1000:.0f} kB gzip")


def _launch(bench: Bench) -> None:
    browser = bench.browser()
    answer = browser.launch()
    assert browser.client.get(answer.headers["Location"], base_url=TOOL).status_code == 200


def _run(sessions: SessionFactory, options: argparse.Namespace, folder: Path) -> None:
    table = Table(sessions, options.profile)
    began = clock.now() - timedelta(hours=2)
    big = table.measure(
        "making the course", lambda: open_big_course(sessions, began, options.people, options.activities)
    )
    person = big.people()[options.people // 2]
    table.measure("import, all new", lambda: _import(big, 1))
    table.measure("import, all unchanged", lambda: _import(big, 1))
    table.measure("import, all changed", lambda: _import(big, 2))
    table.measure("recompute, nothing changes", lambda: _recompute(big))
    table.measure("recompute, other rules", lambda: _recompute_anew(big))
    for minute in (1, 2, 3, 4):
        table.measure(f"one result in → wanted scores ({minute})", lambda at=minute: _one(big, person, at))
    bench = big.bench(folder)
    trainer, participant = (big.visit(bench, role) for role in (CourseRole.TRAINER, CourseRole.PARTICIPANT))
    for name in ("group", "deliveries", "mapping", "results"):
        _page(table, trainer, big, name)
    for name in ("me", "me/1.1"):
        _page(table, participant, big, name)
    bench.add_registration("qhqNvAQpnzzf4xr", "1")
    _launch(bench)
    for number in (1, 2):
        table.measure(f"login, launch and page ({number})", lambda: _launch(bench))


def main() -> None:
    """Measures on the database that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--activities", type=int, default=20)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--profile", default="", help="the beginning of a line's name")
    options = parser.parse_args()
    with _database(on_postgres=options.postgres) as sessions, tempfile.TemporaryDirectory() as folder:
        kind = "PostgreSQL" if options.postgres else "SQLite"
        say(f"{kind}, {options.people} people, {options.activities} activities")
        _run(sessions, options, Path(folder))


if __name__ == "__main__":
    main()
