"""Whose standings change although nobody does anything: work expires, judgements end, a course closes.

The rules are a function of the moment, too. What is stored was true when it was computed, so somebody has to ask
again when such a moment has come; whom it concerns is found here, not everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.competency import closing_store, ledger_store
from lti_tool.competency.recompute import courses_resting_on
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.scores import months_later
from lti_tool.ids import CourseId, PersonId

MONTH_ENDS = timedelta(days=4)
"""As far as "so many months earlier" may be off, since months are of different lengths."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Persons of a course whose standings may no longer be true; None: everyone in it."""

    course_id: CourseId
    person_ids: frozenset[PersonId] | None


def overtaken(session: Session, after: datetime, now: datetime) -> tuple[Overtaken, ...]:
    """Whom the time between these moments, both included, may have overtaken, course by course."""
    ended = ledger_store.judgements_ended(session, after, now)
    closed = ledger_store.courses_closed(session, after, now)
    found: dict[CourseId, frozenset[PersonId] | None] = {course: frozenset(each) for course, each in ended.items()}
    for course, persons in _resting_on_expired(session, after, now):
        found[course] = persons | (found.get(course) or frozenset())
    for course, options in ledger_store.rules_with_options(session).items():
        rules = RuleSet.from_options(options)
        if rules.missing_is_zero and course in closed:
            found[course] = None
        elif rules.validity_months is not None:
            expired = frozenset(_expired(session, course, rules.validity_months, after, now))
            found[course] = expired | (found.get(course) or frozenset())
    return tuple(Overtaken(course, each) for course, each in sorted(found.items()) if each is None or each)


def _resting_on_expired(
    session: Session, after: datetime, now: datetime
) -> Iterator[tuple[CourseId, frozenset[PersonId]]]:
    """The courses that read levels from the record of somebody of whom a certified level has expired."""
    for course, persons in closing_store.certificates_expired(session, after, now).items():
        yield from courses_resting_on(session, course, persons).items()


def _expired(session: Session, course_id: CourseId, months: int, after: datetime, now: datetime) -> Iterator[PersonId]:
    since, until = months_later(after, -months) - MONTH_ENDS, months_later(now, -months) + MONTH_ENDS
    for person, worked_at in ledger_store.work_times(session, course_id, since, until):
        if after <= months_later(worked_at, months) <= now:
            yield person
