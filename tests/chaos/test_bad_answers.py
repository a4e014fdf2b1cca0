"""An LMS that answers, but badly: F1, F2, F5, F6, F9, F10, F11, F12."""

from __future__ import annotations

import time
from collections.abc import Callable

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.delivery import resume
from lti_tool.grading.model import Answer
from lti_tool.grading.tables import DeliveryRow
from lti_tool.ids import PersonId
from lti_tool.lti.tables import PlatformRow
from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, Rig, size, speed
from tests.factories.make import Make

Note = Callable[[Balance], None]


def clean(balance: Balance) -> bool:
    """Nothing lost, nothing wrong, nothing in the wrong order."""
    return (balance.lost, balance.wrong, balance.disorder) == (0, 0, 0)


def test_f01_a_busy_lms(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 40), columns=size(20, 5))
    rig.lms.play("busy", share=0.3, locked=0.03)
    rig.want(50)

    rig.start(2, speed=speed(10))
    settled = rig.until(rig.settled, size(1800, 90))

    faults = rig.lms.count("scores 502", "scores 503", "scores 504", "scores 500")
    balance = rig.balance(faults)
    note(balance)
    assert (settled, clean(balance), balance.undelivered) == (True, True, 0)
    assert faults > balance.rows * 0.3
    assert balance.posts == balance.rows + faults


def test_f02_an_lms_that_asks_for_patience(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(200, 50), columns=size(10, 2))
    rig.lms.play("throttled", every=size(100, 20), seconds=2, as_date=False)
    rig.want(50)
    rig.start(2)
    half = rig.until(lambda: rig.sent() >= len(rig.people) * len(rig.columns) // 2, 300)
    rig.lms.play("throttled", every=size(100, 20), seconds=2, as_date=True)
    settled = rig.until(rig.settled, 300)

    balance = rig.balance(rig.lms.count("scores 429"))
    note(balance)
    early = rig.lms.ask("report")["early"]
    assert (half, settled, clean(balance), balance.undelivered) == (True, True, True, 0)
    assert balance.faults - len(early) >= 3
    # Those that were on their way when the LMS said so; nobody began afterwards.
    assert [left for left in early if left < 2 - 0.5] == []


def test_f05_a_connection_that_is_cut_after_the_score_was_stored(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 50), columns=size(20, 4))
    rig.lms.play("cut", share=0.1)
    rig.want(50)

    rig.start(2, speed=speed(10))
    settled = rig.until(rig.settled, size(1800, 90))

    cuts = rig.lms.count("scores 503")
    balance = rig.balance(cuts)
    note(balance)
    assert (settled, clean(balance), balance.undelivered) == (True, True, 0)
    assert cuts > 0
    assert balance.extra <= cuts


def test_f06_answers_that_say_nothing(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(200, 40), columns=size(5, 2))
    rig.lms.play("odd")
    rig.want(50)

    rig.start(2, speed=speed(10))
    settled = rig.until(rig.settled, size(900, 90))

    balance = rig.balance(rig.lms.count("scores"))
    note(balance)
    assert (settled, clean(balance), balance.undelivered) == (True, True, 0)
    assert balance.posts < balance.rows * 3


def test_f09_grades_whose_time_the_lms_has_moved_on(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(500, 30), columns=2, ahead=10)
    rig.want(50)
    rig.start(2, speed=speed(10))
    first = rig.until(rig.settled, 120)
    rig.lms.ask("rescale", maximum=100)

    rig.want(60)
    second = rig.until(rig.settled, 120)

    conflicts = rig.lms.count("scores 409")
    balance = rig.balance(conflicts, wished=2 * len(rig.people) * len(rig.columns))
    note(balance)
    assert (first, second, clean(balance), balance.undelivered) == (True, True, True, 0)
    assert balance.rows <= conflicts <= 2 * balance.rows


def test_f10_columns_that_a_teacher_deletes(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(50, 20), columns=2)
    rig.want(50)
    rig.start(2, speed=speed(10))
    first = rig.until(rig.settled, 60)
    deleted = rig.lms.ask("delete_columns")

    rig.want(60, rig.people[: len(rig.people) // 2])
    second = rig.until(rig.settled, 60)

    balance = rig.balance(rig.lms.count("scores 404"), wished=5 * len(rig.people))
    note(balance)
    assert (first, second, clean(balance), balance.undelivered) == (True, True, True, 0)
    # One of those that are gone was the LMS's own; ours are there once.
    assert (deleted, len(rig.lms.ask("grades"))) == (3, 2)
    assert balance.faults > 0


def test_f11_people_whom_the_gradebook_does_not_know(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=10)
    strangers = _strangers(rig, size(100, 15))
    rig.want(50, [*rig.people, *strangers])

    rig.start(2)
    settled = rig.until(rig.settled, 60)

    balance = rig.balance(rig.lms.count("scores 400"))
    note(balance)
    assert (settled, clean(balance)) == (True, True)
    assert (balance.undelivered, balance.posts) == (len(strangers), len(strangers) + 10)
    assert _reasons(rig) == {Answer.REFUSED}


def _strangers(rig: Rig, count: int) -> list[PersonId]:
    with unit_of_work(rig.sessions) as session:
        make = Make(session, clock.now())
        platform = session.get_one(PlatformRow, rig.platform_id)
        return [PersonId(make.person(platform, "Stranger", sub=str(9001 + number)).id) for number in range(count)]


def _reasons(rig: Rig) -> set[str | None]:
    with rig.sessions() as session:
        return {row.last_answer for row in session.query(DeliveryRow).filter(DeliveryRow.state == "held")}


def test_f12_an_lms_that_no_longer_allows_it(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(100, 30))
    rig.lms.play("forbidding")
    rig.want(50)
    rig.start(2)
    held = rig.until(lambda: rig.channel().reason == Answer.FORBIDDEN, 60)
    time.sleep(3)
    tried, alerts = rig.lms.count("scores 403"), rig.log().count("platform_paused")

    rig.lms.ask("well")
    with unit_of_work(rig.sessions) as session:
        resume(session, rig.platform_id, rig.course_id, clock.now())
    settled = rig.until(rig.settled, 60)

    balance = rig.balance(tried)
    note(balance)
    assert (held, settled, clean(balance), balance.undelivered) == (True, True, True, 0)
    assert alerts == 1
    assert tried <= 8
