"""Teachers who type grades over ours: F25. All are found, none is overwritten unless somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select, update

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import comparing
from lti_tool.grading.drift import Decision, Kind
from lti_tool.grading.drift_decisions import Decided, decide
from lti_tool.grading.tables import ComparisonRow, DriftRow
from lti_tool.ids import DeliveryId
from lti_tool.steps import Comparing
from lti_tool.worker_app import create_sender
from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, Rig, size

Note = Callable[[Balance], None]


def _found(rig: Rig) -> list[DriftRow]:
    with rig.sessions() as session:
        return list(session.scalars(select(DriftRow)))


def _by_night(rig: Rig) -> None:
    """The step of one worker in the night to come, a column a turn."""
    step = Comparing(create_sender(rig.settings, rig.sessions))
    night = (clock.now() + timedelta(days=1)).replace(hour=comparing.NIGHT.start, minute=0)
    for turn in range(len(rig.columns)):
        step(rig.sessions, night + timedelta(seconds=2 * turn))


def _on_demand(rig: Rig) -> bool:
    """A trainer asks, and the worker process reads."""
    with unit_of_work(rig.sessions) as session:
        session.execute(update(ComparisonRow).values(tried_at=None))
        assert comparing.ask(session, rig.course_id, clock.now())

    def done() -> bool:
        with rig.sessions() as session:
            return session.scalar(select(ComparisonRow).where(ComparisonRow.asked_at.is_not(None))) is None

    return rig.until(done, 60)


def _shown(rig: Rig, subs: list[str]) -> set[Decimal]:
    grades = rig.lms.ask("grades")
    return {Decimal(grades[column][sub]) for column in grades for sub in subs if len(grades[column]) == len(rig.people)}


def test_f25_grades_that_teachers_typed_over_ours(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(1000, 200), columns=size(10, 2))
    total, hundredth = len(rig.people) * len(rig.columns), len(rig.people) // 100
    edited = hundredth * len(rig.columns)
    overridden = [str(1001 + 100 * number) for number in range(hundredth // 2)]
    replaced = [str(1051 + 100 * number) for number in range(hundredth - len(overridden))]
    rig.want(50)
    rig.start(1)
    sent = rig.until(rig.settled, 300)
    rig.lms.ask("edit", people=overridden, mark=77)
    rig.lms.ask("edit", people=replaced, mark=78, override=False)

    _by_night(rig)

    # 1 % were edited: all of them are reported, and nothing else is.
    assert (sent, edited, len(_found(rig))) == (True, total // 100, edited)
    assert {(row.kind, row.given) for row in _found(rig)} == {(Kind.CHANGED, 77), (Kind.CHANGED, 78)}

    # Everybody's grade changes: those that differ are held with their reason, and none is overwritten.
    rig.want(60)
    settled = rig.until(rig.settled, 300)
    balance = rig.balance(edited, wished=2 * total - edited)
    note(balance)
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.extra) == (True, 0, 0, edited, 0)
    assert _shown(rig, overridden) | _shown(rig, replaced) == {Decimal(77), Decimal(78)}

    # Somebody says so: what Moodle lets go is ours, what it keeps is told as an override.
    with unit_of_work(rig.sessions) as session:
        ids = [DeliveryId(row.delivery_id) for row in session.scalars(select(DriftRow))]
        seen = Decided(Decision.RESEND, None, clock.now() + timedelta(days=2))
        assert decide(session, rig.course_id, ids, seen, clock.now()) == edited
    assert rig.until(rig.settled, 60)
    assert _on_demand(rig)
    assert _shown(rig, replaced) == {Decimal(60)}
    assert _shown(rig, overridden) == {Decimal(77)}
    kept = len(overridden) * len(rig.columns)
    assert [(row.kind, row.given) for row in _found(rig)] == [(Kind.KEPT, 77)] * kept
