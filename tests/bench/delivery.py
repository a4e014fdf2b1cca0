"""Measures the delivery of scores, on PostgreSQL: `python -m tests.bench.delivery [--rows N] [--scores N]`.

Prints one table; nothing here passes or fails. Two worker processes against a platform that answers at once; claims in
a table of a million rows; a course of 1,000 changed scores against a platform that takes 30 ms. `python -m tests.bench`
takes the first of these to institutes of several sizes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text

from lti_tool import clock
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.grading import delivery
from lti_tool.grading.tables import DeliveryRow, LineItemRow, PlatformChannelRow
from lti_tool.settings import Settings
from tests import postgres
from tests.bench.measuring import cpu_seconds, memory, say
from tests.chaos.rig import CLIENT, ROOT, Classroom, Rig, classroom, installed

FILL = text(
    """INSERT INTO delivery (public_id, course_id, line_item_id, person_id, platform_id, wanted_given, wanted_maximum,
    wanted_facts, wanted_version, wanted_at, sent_version, state, due_at, attempts)
    SELECT substr(md5(:mark || p.id || '-' || l.id), 1, 16), :course, l.id, p.id, :platform, 2, 3,
    '{"code": "4.1.1", "level": 2, "state": "met", "attained": 1, "indicators": 2}', 1, now(), 0, 'due', now(), 0
    FROM person p CROSS JOIN line_item l WHERE p.platform_id = :platform AND l.course_id = :course"""
)


@contextmanager
def _platform(seconds: float) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.instant", str(seconds)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _room(sessions: SessionFactory, base: str, client: str, people: int, columns: int, concurrency: int) -> Classroom:
    """A course whose columns stand already."""
    with unit_of_work(sessions) as session:
        room = classroom(session, base, client, people, columns)
        for row in session.scalars(select(LineItemRow).where(LineItemRow.course_id == room.course_id)):
            row.url, row.ready_at, row.due_at = f"{base}/lineitems/{row.id}/lineitem", clock.now(), None
        session.get_one(PlatformChannelRow, room.platform_id).concurrency = concurrency
    return room


def _fill(sessions: SessionFactory, room: Classroom, mark: str) -> int:
    with unit_of_work(sessions) as session:
        done = session.execute(FILL, {"mark": mark, "course": room.course_id, "platform": room.platform_id})
        return done.rowcount  # type: ignore[attr-defined]


def _sent(sessions: SessionFactory, room: Classroom) -> int:
    query = select(func.count()).where(DeliveryRow.state == "sent", DeliveryRow.course_id == room.course_id)
    with sessions() as session:
        return session.scalar(query) or 0


@dataclass(frozen=True)
class Throughput:
    """What workers did, and what they held meanwhile."""

    scores: int
    a_second: float
    cpu: float
    """Seconds of processor time for each score."""
    megabytes: float
    """At most, of the worker that held most."""
    stopped: float


@contextmanager
def _workers(settings: Settings, many: int, concurrency: int, code: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "lti_tool", "worker", "--concurrency", str(concurrency)]
    with (settings.data_dir / "worker.log").open("ab") as log:
        started = [
            subprocess.Popen(command, cwd=code, env=settings.as_environment(), stdout=log, stderr=log)
            for _number in range(many)
        ]
    try:
        yield started
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait(30)


def throughput(
    sessions: SessionFactory, settings: Settings, scores: int, concurrency: int, code: Path = ROOT, client: str = CLIENT
) -> Throughput:
    """Two workers deliver so many scores to a platform that answers at once; counted from the first one on."""
    with _platform(0) as base:
        room = _room(sessions, base, client, scores // 10, 10, 2 * concurrency)
        total = _fill(sessions, room, client)
        with _workers(settings, 2, concurrency, code) as workers:
            pids = [worker.pid for worker in workers]
            while not (first := _sent(sessions, room)):
                time.sleep(0.05)
            began, cpu = time.perf_counter(), cpu_seconds(pids)
            while (now := _sent(sessions, room)) < total:
                time.sleep(0.2)
            took, cpu = time.perf_counter() - began, cpu_seconds(pids) - cpu
            held = max(memory(pid, "VmHWM") for pid in pids)
            ending = time.perf_counter()
        return Throughput(total, (now - first) / took, cpu / (now - first), held, time.perf_counter() - ending)


def _changed(sessions: SessionFactory, settings: Settings) -> None:
    with _platform(0.03) as base:
        room = _room(sessions, base, f"{CLIENT}b", 1000, 1, 4)
        rig = Rig(sessions, settings, None, room)  # type: ignore[arg-type]
        rig.start(2, concurrency=4)
        time.sleep(4)
        waited = []
        for mark in (1, 2):
            before, began = _sent(sessions, room), time.perf_counter()
            rig.want(mark)
            wished = time.perf_counter() - began
            while not rig.settled() or (mark == 1 and _sent(sessions, room) < before + 1000):
                time.sleep(0.05)
            waited.append(time.perf_counter() - began)
            say(f"1,000 scores wished in {wished:.2f} s, all there after {waited[-1]:.1f} s (30 ms platform, 4 lanes)")
        rig.stop()


def _claims(sessions: SessionFactory, rows: int) -> None:
    rooms = [
        _room(sessions, f"http://p{number}.invalid", f"c{number}", 1000, 10, 4) for number in range(rows // 10_000)
    ]
    total = sum(_fill(sessions, room, f"c{number}-") for number, room in enumerate(rooms))
    with sessions() as session:
        session.execute(text("ANALYZE"))
        session.commit()
    took = []
    for number in range(1000):
        began = time.perf_counter()
        claimed = delivery.claim(sessions, f"lane{number % 8}", clock.now(), 4)
        took.append((time.perf_counter() - began) * 1000)
        assert claimed
    took.sort()
    say(f"claim at {total} due rows: median {statistics.median(took):.1f} ms, p95 {took[949]:.1f} ms")


def tell(done: Throughput, concurrency: int, name: str = "") -> None:
    """One line."""
    say(f"{name}{done.scores:,} scores, 2 workers of {concurrency} threads, instant platform: {done.a_second:.0f}/s")
    each = 1000 * done.cpu
    say(f"    {each:.2f} ms CPU a score; at most {done.megabytes:.0f} MB a worker; stopped in {done.stopped:.1f} s")


def main() -> None:
    """Measures on a cluster of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--scores", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    with postgres.running_cluster(as_deployed=True) as cluster, tempfile.TemporaryDirectory() as folder:
        url = cluster.new_database(empty=True)
        engine = make_engine(url)
        sessions = make_session_factory(engine)
        schema.upgrade(sessions)
        settings = installed(url, Path(folder), sessions)
        tell(throughput(sessions, settings, options.scores, options.concurrency), options.concurrency)
        _changed(sessions, settings)
        _claims(sessions, options.rows)
        engine.dispose()


if __name__ == "__main__":
    main()
