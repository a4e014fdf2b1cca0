"""Much at once: scores that change while they are in flight (F13), and fifty platforms of which two are ill (F23)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, size

Note = Callable[[Balance], None]


def test_f13_scores_that_change_in_flight(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(200, 40))
    rig.lms.play("slow", seconds=0.2)
    rig.start(1)
    rig.until(lambda: all(row.url for row in rig.line_items()), 30)

    def write(people: slice) -> None:
        for change in range(1, 21):
            rig.want(change, rig.people[people])
            time.sleep(0.05)

    half = len(rig.people) // 2
    writers = [threading.Thread(target=write, args=(part,)) for part in (slice(half), slice(half, None))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    settled = rig.until(rig.settled, 120)

    balance = rig.balance(20 * len(rig.people))
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.disorder) == (True, 0, 0, 0)
    assert balance.posts <= 0.15 * balance.faults


def test_f23_fifty_platforms_of_which_one_is_dead_and_one_slow(open_rig: OpenRig, note: Note) -> None:
    count = size(50, 20)
    rig = open_rig(people=size(200, 10))
    rig.lms.play("slow", seconds=3.0, prefix="/p2")
    crowd = rig.more_platforms(count - 1, dead="/p1")
    rig.start(2)
    rig.until(lambda: rig.lms.count("token") > 0, 10)
    for mark in (50, 60, 70):
        rig.want(mark)
        for each in crowd:
            rig.want(mark, of=each)
        time.sleep(size(60, 5))

    ill = [crowd[0].platform_id, crowd[1].platform_id]
    settled = rig.until(lambda: rig.settled(but=ill), 60)
    waits = rig.waits(but=ill)
    rig.stop()

    balance = rig.balance(2, wished=3 * len(rig.people) * (count - 1))
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.disorder) == (True, 0, 0, 0)
    assert waits[int(0.95 * len(waits))] < 5
