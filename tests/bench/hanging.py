"""Measures by hand what a hanging LMS costs who waits for a page: `python -m tests.bench.hanging [--postgres]`.

Two courses alike, each served by processes of its own and with a worker beside them: the LMS of the one answers at
once, that of the other accepts connections and says nothing. They are visited in short turns, so that both grow alike
and whatever else the machine does falls on both; the worker whose turn it is not stands still. Prints a table and the
ratios of the 95th percentiles; nothing here passes or fails. The bound is 1.2: who sends results never waits for the
LMS.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Event
from typing import ClassVar

import requests
from sqlalchemy import func, select

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.tables import DeliveryRow
from lti_tool.lti.model import Scope
from lti_tool.lti.tables import CourseServiceRow, RegistrationRow
from lti_tool.people.model import CourseRole
from tests import postgres
from tests.bench.measuring import say
from tests.chaos.rig_web import Rig, Visitor, free_port, served_course

BOUND = 1.2
JSON = "application/json"


class Moody(BaseHTTPRequestHandler):
    """The grade services of an LMS: all at once, or connections that are taken and never answered."""

    protocol_version = "HTTP/1.1"
    well = Event()
    scores = count()
    columns: ClassVar[dict[str, dict[str, object]]] = {}

    def do_GET(self) -> None:
        """Columns; and the switch of the mood."""
        path = self.path.partition("?")[0]
        if path.startswith("/mood/"):
            self.well.set() if path == "/mood/well" else self.well.clear()
            return self._say({"scores": next(self.scores)})
        self.well.wait()
        return self._say(self.columns.get(path, []))

    def do_POST(self) -> None:
        """Tokens, new columns, scores."""
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.well.wait()
        if self.path == "/token":
            scopes = " ".join(Scope)
            return self._say({"access_token": "t", "token_type": "bearer", "expires_in": 3600, "scope": scopes})
        if self.path == "/columns":
            place = f"/columns/{len(self.columns)}"
            self.columns[place] = {**json.loads(sent), "id": f"http://{self.headers['Host']}{place}"}
            return self._say(self.columns[place])
        next(self.scores)
        return self._say({})

    def _say(self, what: object) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_line: object) -> None:
        """Says nothing."""


@dataclass
class Lms:
    """The LMS in a process of its own, and its mood."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, mood: str) -> int:
        """From now on `well` or `hanging`; how many scores it has been given so far."""
        return int(requests.get(f"{self.address}/mood/{mood}", timeout=5).json()["scores"])


@dataclass
class Times:
    """Seconds of every request of a kind."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def of(self, name: str, ask: Callable[[], requests.Response]) -> None:
        """Asks, and notes how long the answer took."""
        began = time.perf_counter()
        answer = ask()
        self.taken.setdefault(name, []).append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text

    def p95(self, name: str) -> float:
        ordered = sorted(self.taken[name])
        return ordered[int(0.95 * (len(ordered) - 1))]


@contextmanager
def _child(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, *command], env=env, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGCONT)
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()


@contextmanager
def _lms() -> Iterator[Lms]:
    lms = Lms(free_port())
    with _child("-m", "tests.bench.hanging", "--be-the-lms", str(lms.port)):
        for _try in range(100):
            try:
                lms.become("well")
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                break
        yield lms


def _connect(rig: Rig, lms: Lms) -> None:
    """The course's services are those of the LMS."""
    with unit_of_work(rig.sessions) as session:
        registration = RegistrationRow(
            platform_id=rig.big.course.platform_id,
            client_id="client",
            authorization_url=f"{lms.address}/auth",
            token_url=f"{lms.address}/token",
            jwks_url=f"{lms.address}/jwks",
            scopes=list(Scope),
            created_at=clock.now(),
        )
        session.add(registration)
        session.flush()
        session.add(
            CourseServiceRow(
                course_id=rig.big.id,
                registration_id=registration.id,
                line_items_url=f"{lms.address}/columns",
                scopes=list(Scope),
                seen_at=clock.now(),
            )
        )


def _waiting(rig: Rig) -> int:
    with unit_of_work(rig.sessions, writes=False) as session:
        return session.scalar(select(func.count()).where(DeliveryRow.state != "sent")) or 0


@dataclass
class Side:
    """A course, its LMS in one mood for good, and how long its pages took."""

    rig: Rig
    lms: Lms
    mood: str
    trainer: Visitor
    worker: subprocess.Popen[bytes] | None = None
    times: Times = field(default_factory=Times)
    alone: Times = field(default_factory=Times)
    """Before there was a worker."""
    seeds: Iterator[int] = field(default_factory=lambda: count(1))

    def visit(self, rounds: int, times: Times) -> None:
        """The trainer looks at the group and sends results, so many times."""
        for _round in range(rounds):
            times.of("group page", lambda: self.trainer.get("group"))
            file = self.rig.big.export(next(self.seeds))
            times.of("results sent", lambda sent=file: self.trainer.upload(sent))  # type: ignore[misc]  # bound at once

    def take_turn(self, rounds: int) -> None:
        """One turn, with the worker at work."""
        assert self.worker is not None
        self.worker.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        self.visit(rounds, self.times)
        self.worker.send_signal(signal.SIGSTOP)


@contextmanager
def _side(options: argparse.Namespace, mood: str, cluster: postgres.Cluster | None) -> Iterator[Side]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rig = stack.enter_context(served_course(folder, options.people, options.activities, cluster))
        lms = stack.enter_context(_lms())
        _connect(rig, lms)
        trainer = rig.visitor(CourseRole.TRAINER)
        trainer.open_form("results")
        side = Side(rig, lms, mood, trainer)
        side.visit(3, Times())
        side.visit(options.rounds, side.alone)
        env = rig.web.settings.as_environment()
        side.worker = stack.enter_context(_child("-m", "lti_tool", "worker", env=env))
        time.sleep(6)  # columns are made while the LMS is well
        lms.become(mood)
        side.worker.send_signal(signal.SIGSTOP)
        yield side


def _tell(well: Side, hanging: Side) -> None:
    for side in (well, hanging):
        given = side.lms.become("well")
        say(f"{side.mood:<10}{given:>6} scores given to the LMS, {_waiting(side.rig):>5} waiting")
    say(f"{'p95':<16}{'no worker':>12}{'well':>12}{'hanging':>12}{'hanging / well':>18}")
    for name in ("group page", "results sent"):
        figures = [well.alone.p95(name), well.times.p95(name), hanging.times.p95(name)]
        told = "".join(f"{1000 * each:>9.0f} ms" for each in figures)
        say(f"{name:<16}{told}{figures[2] / figures[1]:>18.2f}   (bound {BOUND})")


def main() -> None:
    """Measures, or is the LMS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--activities", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5, help="pages and files in each turn")
    parser.add_argument("--turns", type=int, default=20, help="turns of each course")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--be-the-lms", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be_the_lms:
        return ThreadingHTTPServer(("127.0.0.1", options.be_the_lms), Moody).serve_forever()
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.running_cluster()) if options.postgres else None
        sides = [stack.enter_context(_side(options, mood, cluster)) for mood in ("well", "hanging")]
        for _turn in range(options.turns):
            for side in sides:
                side.take_turn(options.rounds)
        _tell(*sides)
    return None


if __name__ == "__main__":
    main()
