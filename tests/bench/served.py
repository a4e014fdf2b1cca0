"""What is measured: institutes on PostgreSQL, and processes that serve them as an operator starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from lti_tool import clock
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.lti.tables import JwksRow, PlatformRow
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.settings import Settings
from tests.bench.measuring import children_of, cpu_seconds, say
from tests.bench.platform import CLIENT, DEPLOYMENT, Learner, key_set
from tests.chaos.rig_web import free_port
from tests.factories.launch_bench import register, write_tool_key
from tests.factories.nation import Nation, build
from tests.factories.signing_lms import ISSUER, JWKS_URL
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60
IN_A_COURSE = 50
"""People of every course but the first."""


@dataclass(frozen=True)
class Institute:
    """People, courses and their marks, on a database of their own."""

    people: int
    url: str
    sessions: SessionFactory
    nation: Nation

    @property
    def name(self) -> str:
        return f"{self.people:,}"

    def learners(self, many: int) -> list[Learner]:
        """So many of its participants, from all over it."""
        query = (
            select(PersonRow, CourseRow)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .join(CourseRow, CourseRow.id == MembershipRow.course_id)
            .where(MembershipRow.roster_role == "participant")
            .order_by(PersonRow.id)
        )
        with unit_of_work(self.sessions, writes=False) as session:
            found = session.execute(query.where(PersonRow.id % max(1, self.people // many) == 0).limit(many)).all()
        return [_learner(person, course) for person, course in found]

    def trainer(self) -> Learner:
        """Who teaches in the largest course."""
        with unit_of_work(self.sessions, writes=False) as session:
            person = session.get_one(PersonRow, self.nation.big.trainer.id)
            return _learner(person, session.get_one(CourseRow, self.nation.big.id), "Instructor")

    def backends(self) -> list[int]:
        """The database's own processes that serve this institute."""
        query = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        with self.sessions() as session:
            return list(session.scalars(query))


def _learner(person: PersonRow, course: CourseRow, role: str = "Learner") -> Learner:
    return Learner(
        sub=person.sub,
        name=person.name,
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email or "",
        id_number=person.id_number or "",
        context_id=course.context_id,
        label=course.label,
        title=course.title,
        role=role,
    )


@contextmanager
def institute(cluster: Cluster, people: int, largest: int) -> Iterator[Institute]:
    """Builds one; its platform is registered, and its keys are known."""
    url = cluster.new_database(empty=True)
    engine: Engine = make_engine(url)
    sessions = make_session_factory(engine)
    schema.upgrade(sessions)
    began = time.perf_counter()
    nation = build(sessions, clock.now(), people, max(1, (people - largest) // IN_A_COURSE), min(largest, people))
    _register(sessions, nation)
    say(f"{people:,} people in {nation.courses:,} courses built in {time.perf_counter() - began:.0f} s")
    try:
        yield Institute(people, url, sessions, nation)
    finally:
        engine.dispose()


def _register(sessions: SessionFactory, nation: Nation) -> None:
    now = clock.now()
    with unit_of_work(sessions) as session:
        platform = session.get_one(PlatformRow, nation.big.course.platform_id)
        platform.issuer = ISSUER
        register(session, platform, CLIENT, DEPLOYMENT, now)
        session.add(JwksRow(url=JWKS_URL, document=key_set(), fetched_at=now, tried_at=now))


@dataclass
class Served:
    """A server: its master process and the processes that answer."""

    name: str
    port: int
    master: int
    institute: Institute | None = None

    def answering(self) -> list[int]:
        """The processes that answer, or the one there is."""
        return children_of(self.master) or [self.master]

    def cpu(self) -> float:
        """Processor time that answering has taken so far."""
        return cpu_seconds(self.answering())

    def database_cpu(self) -> float:
        """Processor time of the database's processes that work for it."""
        return cpu_seconds(self.institute.backends()) if self.institute else 0.0


@contextmanager
def tool(of: Institute, folder: Path, code: Path = ROOT, name: str = "", processes: int = 1) -> Iterator[Served]:
    """`lti-tool serve` on an institute, in this or another checkout."""
    port = free_port()
    settings = settings_of(of, folder, port)
    command = ["-m", "lti_tool", "serve", "--port", str(port), "--processes", str(processes)]
    with _started(command, code, folder, settings.as_environment()) as master:
        _wait_for(port, "/readyz")
        yield Served(name or of.name, port, master, of)


@contextmanager
def bare(folder: Path) -> Iterator[Served]:
    """The yardstick: PyLTI1p3 and "hello"."""
    with _yardstick("bare", folder) as served:
        yield served


@contextmanager
def plain(folder: Path, database: str) -> Iterator[Served]:
    """The other yardstick: PyLTI1p3 and the least that any tool does beside it, on a database of its own."""
    with _yardstick("plain", folder, database) as served:
        yield served


@contextmanager
def _yardstick(name: str, folder: Path, *more: str) -> Iterator[Served]:
    port, keys = free_port(), folder / "key-set.json"
    keys.write_text(json.dumps(key_set()))
    command = ["-m", f"tests.bench.{name}", str(port), str(keys), *more]
    with _started(command, ROOT, folder, dict(os.environ)) as master:
        _wait_for(port, "/")
        yield Served(name, port, master)


def settings_of(of: Institute, folder: Path, port: int) -> Settings:
    """The settings of a tool that serves an institute."""
    write_tool_key(folder / "keys")
    return Settings(
        base_url=f"http://127.0.0.1:{port}",
        data_dir=folder,
        database_url=of.url,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        allow_private_networks=True,
    )


@contextmanager
def _started(command: list[str], code: Path, folder: Path, env: dict[str, str]) -> Iterator[int]:
    with ExitStack() as stack:
        log = stack.enter_context((folder / "served.log").open("ab"))
        process = subprocess.Popen([sys.executable, *command], cwd=code, env=env, stdout=log, stderr=log)
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, path: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        line = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", path)
            if line.getresponse().status in {200, 404}:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            line.close()
    raise AssertionError(f"nobody answers on port {port}")
