"""A database from a backup: what was under way then is held where the gradebook has been written to since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import PlatformUnavailable
from lti_tool.grading.overtaken import hold_overtaken, is_overtaken
from lti_tool.grading.overtaken_store import UnderWay
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.ids import DeliveryId
from lti_tool.lti.model import Result
from tests.factories.desk import Desk

SENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = SENT + timedelta(seconds=1)
THREE = Decimal(3)


def _backed_up(desk: Desk) -> None:
    """The grade 2 is on its way when the backup is made; the LMS gets it, and then a 3; the backup comes back."""
    desk.want(2)
    with desk.sessions() as session:
        (row,) = session.query(DeliveryRow).all()
        kept = {name: getattr(row, name) for name in (each.name for each in DeliveryRow.__table__.columns)}
    desk.work()
    desk.wait(minutes=10)
    desk.want(3)
    desk.work()
    with unit_of_work(desk.sessions) as session:
        (row,) = session.query(DeliveryRow).all()
        for name, value in kept.items():
            setattr(row, name, value)
    desk.wait(hours=1)


def test_an_older_grade_never_goes_over_one_that_went_after_the_backup(desk: Desk) -> None:
    _backed_up(desk)

    held = hold_overtaken(desk.sessions, desk.lms, desk.course_id)
    desk.work()

    assert (held, desk.shown()) == (1, Decimal(3))
    assert (desk.row().state, desk.row().last_answer, desk.row().due_at) == ("held", "newer_there", None)


def test_without_the_look_it_would(desk: Desk) -> None:
    _backed_up(desk)

    desk.work()

    assert desk.shown() == Decimal(2)


def test_what_nobody_has_touched_since_goes_on(desk: Desk) -> None:
    desk.want(1)
    desk.work()
    desk.wait(minutes=1)
    desk.want(2)
    desk.want(3, 1)

    held = hold_overtaken(desk.sessions, desk.lms, desk.course_id)
    desk.work()
    desk.work()

    assert (held, desk.shown(0), desk.shown(1)) == (0, Decimal(2), Decimal(3))


def test_what_stands_there_as_it_is_wished_goes_on(desk: Desk) -> None:
    desk.want(2)
    desk.lms.write(desk.url, desk.subs[0], "2", desk.now + timedelta(minutes=1))

    assert hold_overtaken(desk.sessions, desk.lms, desk.course_id) == 0


def test_a_column_that_cannot_be_read_holds_all_of_its_grades(desk: Desk) -> None:
    desk.want(2, 0)
    desk.want(2, 1)
    desk.lms.fail_reading(PlatformUnavailable("platform_timeout"))

    assert hold_overtaken(desk.sessions, desk.lms, desk.course_id) == 2
    assert desk.work() == []


def test_so_does_a_column_that_was_not_known_yet(desk: Desk) -> None:
    desk.want(2)
    with unit_of_work(desk.sessions) as session:
        session.query(LineItemRow).one().url = None

    assert hold_overtaken(desk.sessions, desk.lms, desk.course_id) == 1


def test_a_withdrawal_after_the_backup_is_newer_too(desk: Desk) -> None:
    desk.want(2)
    desk.lms.write(desk.url, desk.subs[0], None, desk.now + timedelta(minutes=1))

    assert hold_overtaken(desk.sessions, desk.lms, desk.course_id) == 1


@pytest.mark.parametrize(
    ("given", "readable", "at", "overtaken"),
    [
        (THREE, True, LATER, True),
        (THREE, True, SENT, False),
        (None, True, LATER, True),
        (None, True, SENT, False),
        # A mark of which nobody knows when it was put there may be the newest; where nothing stands nothing is lost.
        (THREE, True, None, True),
        (None, True, None, False),
        # What stands there is no number: nobody knows what would be overwritten.
        (None, False, SENT, True),
    ],
)
def test_what_may_be_newer_than_all_that_we_know_to_have_sent_is_not_overwritten(
    given: Decimal | None, readable: bool, at: datetime | None, overtaken: bool
) -> None:
    wish = UnderWay(DeliveryId(1), "https://lms.example.invalid/1", "6", Decimal(2), THREE, SENT)
    shown = Result("6", given, THREE, None, at, readable)

    assert is_overtaken(wish, shown) is overtaken
    assert not is_overtaken(wish, None)


def test_where_we_never_sent_anything_any_mark_is_newer() -> None:
    first = UnderWay(DeliveryId(1), "https://lms.example.invalid/1", "6", Decimal(2), THREE, None)

    assert is_overtaken(first, Result("6", Decimal(1), THREE, None, SENT))
    assert not is_overtaken(first, Result("6", Decimal(2), THREE, None, SENT)), "it stands there as it is wished"
