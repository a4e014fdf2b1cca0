"""Cases of later re-grades: in a closed course the marks have come to say another level than the frozen one.

Nothing follows by itself. The case says what is frozen and what the marks say; the lead trainer or an admin keeps the
one or adopts the other (`closing.settle`). Where the marks come back, the case vanishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import closing_store, ledger_store
from lti_tool.competency.certifying import Outcome
from lti_tool.competency.closing_store import Place
from lti_tool.competency.tables import RegradeCaseRow
from lti_tool.ids import CourseId


def review(session: Session, course_id: CourseId, computed: Mapping[Place, int | None], now: datetime) -> None:
    """Opens, changes or drops the cases of these places, by what the marks say of the levels at closing."""
    persons = {person for person, _ in computed}
    frozen = ledger_store.established_levels(session, course_id, persons)
    cases = closing_store.latest_cases(session, course_id, persons)
    for place, level in computed.items():
        held, case = frozen.get(place), cases.get(place)
        if place not in frozen and not level:
            continue  # who came after the closing has shown nothing here yet
        if case is not None and case.outcome is None:
            _follow(case, held, level, now)
        elif level != held and not _was_decided(case, held, level):
            closing_store.add_case(session, course_id, place, held, level, now)
    session.flush()


def _follow(case: RegradeCaseRow, frozen: int | None, level: int | None, now: datetime) -> None:
    if level == frozen:
        case.outcome, case.settled_at = Outcome.VANISHED.value, now
    else:
        case.computed = level


def _was_decided(case: RegradeCaseRow | None, frozen: int | None, level: int | None) -> bool:
    """Whether somebody has already decided that this very difference does not count."""
    return case is not None and (case.outcome, case.frozen, case.computed) == (Outcome.KEPT.value, frozen, level)
