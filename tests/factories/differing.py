"""A desk whose grades have arrived, and comparisons of them."""

from __future__ import annotations

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import comparing
from lti_tool.grading.comparing import Compared
from lti_tool.grading.tables import ComparisonRow, DriftRow
from tests.factories.desk import Desk


def arrived(desk: Desk, *marks: int) -> Desk:
    """These marks of the first people stand in the gradebook."""
    for person, mark in enumerate(marks):
        desk.want(mark, person)
    desk.work()
    desk.wait(hours=1)
    return desk


def typed(desk: Desk, mark: str | None, person: int = 0) -> None:
    """A teacher types a mark over ours."""
    desk.lms.write(desk.url, desk.subs[person], mark, desk.now.replace(microsecond=0))
    desk.wait(minutes=1)


def compare(desk: Desk) -> Compared | None:
    """Somebody asks, and a worker compares the column."""
    desk.wait(minutes=2)
    with unit_of_work(desk.sessions) as session:
        comparing.ask(session, desk.course_id, desk.now)
    done = comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now)
    desk.wait(seconds=1)
    return done


def found(desk: Desk, person: int = 0) -> DriftRow | None:
    """What is known to differ."""
    with desk.sessions() as session:
        return session.get(DriftRow, desk.row(person).id)


def comparison_of(sessions: SessionFactory, desk: Desk) -> ComparisonRow | None:
    """How the comparing of the column stands."""
    with sessions() as session:
        return session.get(ComparisonRow, desk.column)
