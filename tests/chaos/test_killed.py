"""Workers, databases and machines that die or fall asleep in the middle: F14, F16, F21."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lti_tool.db.unit_of_work import make_engine, make_session_factory
from lti_tool.worker import MOST_CLAIMS
from tests import postgres
from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, opened_rig, size, speed

Note = Callable[[Balance], None]


def test_f14_workers_that_are_killed(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 100), columns=size(20, 5))
    rig.limit(concurrency=8)
    rig.lms.play("slow", seconds=0.03)
    rig.want(50)
    moments, killed, rounds = random.Random(4), 0, size(50, 5)  # noqa: S311
    rig.start(4, concurrency=2, speed=speed(10))
    rig.until(lambda: rig.sent() > 0, 30)

    while not rig.settled() and killed < 2 * rounds:
        time.sleep(moments.uniform(0.05, 0.6))
        for worker in rig.workers[:2]:
            rig.kill(worker)
            killed += 1
        rig.start(2, concurrency=2, speed=speed(10))
    settled = rig.until(rig.settled, size(900, 90))

    balance = rig.balance(killed)
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.disorder) == (True, 0, 0, 0, 0)
    assert killed >= rounds
    assert balance.extra <= killed * 2 * MOST_CLAIMS


def test_f21_a_worker_that_falls_asleep(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 40), columns=size(2, 2))
    rig.limit(concurrency=8)
    rig.lms.play("slow", seconds=0.1)
    quick = speed(15)
    rig.start(2, speed=quick)
    naps = 0
    for mark in (50, 60, 70):
        rig.want(mark)
        rig.until(lambda: 0 < rig.sent() < len(rig.people) * len(rig.columns), 30)
        sleeper = rig.workers[naps % 2]
        sleeper.send_signal(signal.SIGSTOP)
        naps += 1
        time.sleep(60 / quick)
        sleeper.send_signal(signal.SIGCONT)
    settled = rig.until(rig.settled, size(600, 60))

    balance = rig.balance(naps, wished=3 * len(rig.people) * len(rig.columns))
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.disorder) == (True, 0, 0, 0, 0)


@pytest.mark.postgres
def test_f16_a_database_that_crashes(tmp_path: Path, note: Note) -> None:
    with postgres.running_cluster(safe=True) as cluster:
        url = cluster.new_database()
        engine = make_engine(url)
        with opened_rig(make_session_factory(engine), url, tmp_path / "rig", size(500, 100), size(20, 4)) as rig:
            rig.lms.play("slow", seconds=0.03)
            rig.want(50)
            rig.start(2)
            crashes = 0
            while crashes < size(10, 3):
                before = rig.sent()
                grew = rig.until(lambda before=before: rig.sent() > before or rig.settled(), 30)
                time.sleep(0.3)
                cluster.crash()
                crashes += 1
                engine.dispose()
                back = time.monotonic()
                again = rig.until(lambda: rig.settled() or rig.grows(), 10)
                assert (grew, again) == (True, True), f"no worker was back after {time.monotonic() - back:.1f} s"
            settled = rig.until(rig.settled, size(900, 90))
            alive = [worker.poll() for worker in rig.workers]
            balance = rig.balance(crashes)
        engine.dispose()
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.disorder) == (True, 0, 0, 0, 0)
    assert alive == [None, None]
    assert balance.extra <= crashes * 2 * 4 * MOST_CLAIMS
