"""An LMS that does not answer at all, or whose token address does not: F3, F4, F7, F8."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, size, speed

Note = Callable[[Balance], None]


def test_f03_an_lms_that_is_not_there(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 50), columns=size(20, 4))
    rig.start(2, speed=speed(20))
    rig.until(lambda: all(row.url for row in rig.line_items()), 30)
    rig.lms.ask("close")
    rig.want(50)
    paused = rig.until(lambda: rig.channel().paused_until is not None, 60)
    time.sleep(size(600, 8))
    untouched = rig.states()

    rig.lms.ask("open")
    back = time.monotonic()
    settled = rig.until(rig.settled, size(300, 60))
    drained = time.monotonic() - back

    balance = rig.balance(1)
    note(balance)
    assert (paused, settled, balance.lost, balance.wrong, balance.undelivered) == (True, True, 0, 0, 0)
    assert untouched == {"due": balance.rows}
    assert balance.extra == 0
    assert drained < size(300, 60)


@pytest.mark.parametrize(("script", "of"), [("hanging", 5), ("dripping", 5)])
def test_f04_an_lms_that_keeps_the_line_and_says_nothing(open_rig: OpenRig, note: Note, script: str, of: int) -> None:
    rig = open_rig(people=size(500, 20), columns=2)
    rig.lms.play(script, of=of, **({"seconds": 60.0} if script == "hanging" else {}))
    rig.want(50)
    rig.start(1, speed=speed(10))

    settled = rig.until(rig.settled, size(900, 60))

    balance = rig.balance(of)
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.extra) == (True, 0, 0, 0, 0)
    # A thread is free again after the time of an exchange, not when the LMS hangs up.
    assert rig.stop() < 16


def test_f07_tokens_that_are_taken_back(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(200, 100), columns=size(5, 3))
    rig.limit(concurrency=16)
    rig.lms.play("slow", seconds=0.05)
    rig.want(50)
    rig.start(4, concurrency=4)

    taken_back = 0
    while taken_back < size(20, 2):
        before = rig.sent()
        assert rig.until(lambda before=before: rig.sent() > before or rig.settled(), 30)
        rig.lms.ask("revoke")
        taken_back += 1
        time.sleep(1)
        rig.want(50 + taken_back)
    assert rig.until(rig.settled, 60)

    balance = rig.balance(taken_back, wished=rig.lms.count("scores 200"))
    note(balance)
    asked = rig.lms.count("token")
    assert (balance.lost, balance.wrong, balance.undelivered, balance.extra) == (0, 0, 0, 0)
    # Three kinds of calls have a token each; sixteen threads in four processes ask once after each loss.
    assert asked <= 3 + 2 * taken_back


def test_f08_a_token_address_that_is_down(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(200, 40), columns=size(5, 2))
    rig.lms.play("no_tokens")
    rig.want(50)
    rig.start(2, speed=speed(20))
    paused = rig.until(lambda: rig.channel().paused_until is not None, 60)
    time.sleep(size(300, 6))
    asked = rig.lms.count("token")

    rig.lms.ask("well")
    settled = rig.until(rig.settled, size(400, 60))

    balance = rig.balance(asked)
    note(balance)
    assert (paused, settled, balance.lost, balance.wrong, balance.undelivered) == (True, True, 0, 0, 0)
    assert balance.extra == 0
    assert asked < 60
