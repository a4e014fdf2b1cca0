"""F17: another process holds SQLite's write lock. Who reads is answered at once, who writes waits; nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select, update

from lti_tool import clock
from lti_tool.competency.tables import EvidenceRow
from lti_tool.db.unit_of_work import SQLITE_WAIT_MS, unit_of_work
from lti_tool.people.model import CourseRole
from lti_tool.people.tables import LoginSessionRow
from tests.chaos.rig_web import Rig, Visitor, seconds_or_rounds, served_course

LOCKED_SECONDS = seconds_or_rounds(7, 20)
PEOPLE, ACTIVITIES = 20, 5
MARKS = PEOPLE * ACTIVITIES
AT_ONCE = 3.0
"""Nobody who only reads is kept longer, on however busy a machine."""
PATIENCE = 5.0
"""Nobody who sends something is refused before."""
LEARNERS_PAGES = ("me", "me/1.1", "/")
TRAINERS_PAGES = ("group", "deliveries", "results")
HOLD = """
import sqlite3, sys, time
file, seconds = sys.argv[1], float(sys.argv[2])
connection = sqlite3.connect(file, isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(seconds)
connection.execute("ROLLBACK")
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A served course on SQLite."""
    with served_course(tmp_path, PEOPLE, ACTIVITIES) as served:
        yield served


@contextmanager
def _locked(rig: Rig) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the write lock meanwhile; it lets go by itself."""
    command = [sys.executable, "-c", HOLD, str(rig.folder / "chaos.sqlite3"), str(LOCKED_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        try:
            yield holder
        finally:
            holder.kill()


def _long_unseen(rig: Rig) -> None:
    """Every session was used last five minutes ago: the next click would note its use."""
    with unit_of_work(rig.sessions) as session:
        session.execute(update(LoginSessionRow).values(seen_at=clock.now() - timedelta(minutes=5)))


def _timed(ask: Callable[[], requests.Response]) -> tuple[requests.Response, float]:
    began = time.monotonic()
    return ask(), time.monotonic() - began


def _evidence(rig: Rig) -> int:
    with unit_of_work(rig.sessions, writes=False) as session:
        return session.scalar(select(func.count()).select_from(EvidenceRow)) or 0


def _read_until(pages: list[tuple[Visitor, str]], holder: subprocess.Popen[str]) -> dict[str, list[tuple[int, float]]]:
    """Reads page after page until the lock is let go; status and time of each."""
    found: dict[str, list[tuple[int, float]]] = {page: [] for _visitor, page in pages}
    while holder.poll() is None:
        for visitor, page in pages:
            answer, took = _timed(lambda v=visitor, p=page: v.get(p))  # type: ignore[misc]  # bound at once
            found[page].append((answer.status_code, took))
        time.sleep(0.1)
    return found


def _is_patient(answer: requests.Response, took: float) -> bool:
    """It went well, or was refused clearly after a long while."""
    return answer.status_code in {200, 303} or (
        answer.status_code == 503 and answer.headers["Retry-After"] == "30" and took > PATIENCE
    )


def test_pages_are_read_meanwhile_and_what_is_sent_waits_its_turn(rig: Rig) -> None:
    learner, trainer = rig.visitor(CourseRole.PARTICIPANT), rig.visitor(CourseRole.TRAINER)
    trainer.open_form("results")
    learner.open_form("me")
    assert trainer.upload(rig.big.export(1)).status_code == 200
    _long_unseen(rig)
    pages = [*((learner, page) for page in LEARNERS_PAGES), *((trainer, page) for page in TRAINERS_PAGES)]

    def upload() -> requests.Response:
        return trainer.upload(rig.big.export(2))

    def speak_russian() -> requests.Response:
        return learner.send("/session/language", locale="ru", next="/")

    with ThreadPoolExecutor(2) as sending, _locked(rig) as holder:
        sent = [sending.submit(_timed, each) for each in (upload, speak_russian)]
        read = _read_until(pages, holder)
        written = [each.result(90) for each in sent]

    assert {status for answers in read.values() for status, _took in answers} == {200}
    slowest = {page: max(took for _status, took in answers) for page, answers in read.items()}
    assert max(slowest.values()) < AT_ONCE, slowest
    assert all(_is_patient(answer, took) for answer, took in written)
    if LOCKED_SECONDS < SQLITE_WAIT_MS / 1000:
        assert [answer.status_code for answer, _took in written] == [200, 303]
    again = [each() for each, (answer, _took) in zip((upload, speak_russian), written, strict=True) if not answer.ok]
    assert all(answer.ok for answer in again)

    assert _evidence(rig) == 2 * MARKS
    assert '<html lang="ru"' in learner.get("me").text
    number, worst = sum(map(len, read.values())), max(slowest.values())
    waited = ", ".join(f"{answer.status_code} after {took:.1f} s" for answer, took in written)
    print(f"locked {LOCKED_SECONDS} s: {number} pages read, slowest {worst:.2f} s; sent: {waited}")  # noqa: T201
