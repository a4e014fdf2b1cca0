"""Measures the delivery of scores by hand, on PostgreSQL: `python tests/bench_delivery.py [--rows N] [--scores N]`.

Prints one table; nothing here passes or fails. Two worker processes against a platform that answers at once; claims in
a table of a million rows; a course of 1,000 changed scores against a platform that takes 30 ms.
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
from pathlib import Path

from sqlalchemy import func, select, text

sys.path.insert(0, str(Path(__file__).parent.parent))

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.grading import delivery
from lti_tool.grading.tables import DeliveryRow, LineItemRow, PlatformChannelRow
from lti_tool.settings import Settings
from tests import postgres
from tests.chaos.rig import CLIENT, ROOT, Classroom, Rig, classroom, installed

FILL = text(
    """INSERT INTO delivery (public_id, course_id, line_item_id, person_id, platform_id, wanted_given, wanted_maximum,
    wanted_facts, wanted_version, wanted_at, sent_version, state, due_at, attempts)
    SELECT :mark || p.id || '-' || l.id, :course, l.id, p.id, :platform, 2, 3,
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


def _sent(sessions: SessionFactory) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).where(DeliveryRow.state == "sent")) or 0


def _throughput(sessions: SessionFactory, settings: Settings, scores: int, concurrency: int) -> None:
    with _platform(0) as base:
        room = _room(sessions, base, CLIENT, scores // 10, 10, 2 * concurrency)
        rig = Rig(sessions, settings, None, room)  # type: ignore[arg-type]
        total = _fill(sessions, room, "a")
        rig.start(2, concurrency=concurrency)
        while not _sent(sessions):
            time.sleep(0.05)
        first, began = _sent(sessions), time.perf_counter()
        while (now := _sent(sessions)) < total:
            time.sleep(0.2)
        took = time.perf_counter() - began
        _say(
            f"{total} scores, 2 workers of {concurrency} threads, instant platform: {(now - first) / took:.0f} a second"
        )
        _say(f"stopped in {rig.stop():.1f} s")


def _changed(sessions: SessionFactory, settings: Settings) -> None:
    with _platform(0.03) as base:
        room = _room(sessions, base, f"{CLIENT}b", 1000, 1, 4)
        rig = Rig(sessions, settings, None, room)  # type: ignore[arg-type]
        rig.start(2, concurrency=4)
        time.sleep(4)
        waited = []
        for mark in (1, 2):
            before, began = _sent(sessions), time.perf_counter()
            rig.want(mark)
            wished = time.perf_counter() - began
            while not rig.settled() or (mark == 1 and _sent(sessions) < before + 1000):
                time.sleep(0.05)
            waited.append(time.perf_counter() - began)
            _say(f"1,000 scores wished in {wished:.2f} s, all there after {waited[-1]:.1f} s (30 ms platform, 4 lanes)")
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
    _say(f"claim at {total} due rows: median {statistics.median(took):.1f} ms, p95 {took[949]:.1f} ms")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measures on a cluster of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--scores", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    with postgres.running_cluster(safe=True) as cluster, tempfile.TemporaryDirectory() as folder:
        url = cluster.new_database()
        engine = make_engine(url)
        sessions = make_session_factory(engine)
        settings = installed(url, Path(folder), sessions)
        _throughput(sessions, settings, options.scores, options.concurrency)
        _changed(sessions, settings)
        _claims(sessions, options.rows)
        engine.dispose()


if __name__ == "__main__":
    main()
