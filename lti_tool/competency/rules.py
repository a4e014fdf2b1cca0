"""Which rules a course goes by: its rule set in force and the framework version that it is pinned to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.competency import ledger_store, store
from lti_tool.competency.catalogue import Framework
from lti_tool.competency.ledger_store import StoredRuleSet
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.tables import RuleSetRow
from lti_tool.errors import NotFound
from lti_tool.ids import CourseId, FrameworkVersionId, PersonId, RuleSetId
from lti_tool.people import courses
from lti_tool.people.model import Course

_Stored = RuleSetRow | StoredRuleSet


@dataclass(frozen=True, slots=True)
class CourseRules:
    """A course's rules as they stand."""

    id: RuleSetId
    version: int
    rule_set: RuleSet
    framework: Framework
    options: dict[str, Any]
    """As stored: the options of the rule set and those of the encoding."""
    since: datetime
    """When this version of them was made."""


def rules_of(session: Session, course_id: CourseId, now: datetime) -> CourseRules:
    """The rules in force in a course. A course without any begins with the defaults and the newest framework.

    Raises NotFound("framework_version_unknown") where no framework was ever imported.
    """
    row: _Stored = ledger_store.rule_set(session, course_id) or _first(session, course_id, now)
    return _as_rules(session, row)


def begin_rules(session: Session, course: Course, now: datetime) -> CourseRules:
    """The rules in force; a course without any that was copied begins with those of its nearest known origin.

    Nobody has shown anything in a course that has no rules yet, so this changes nobody's level.
    """
    row: _Stored | None = ledger_store.rule_set(session, course.id)
    if row is None:
        origins = [ledger_store.rule_set(session, origin.id) for origin in courses.origins_of(session, course)]
        like = next((each for each in origins if each is not None), None)
        row = _first(session, course.id, now, like)
    return _as_rules(session, row)


def save_rules(
    session: Session, course_id: CourseId, options: dict[str, Any], by: PersonId | None, now: datetime
) -> CourseRules:
    """A new version of the course's rules with these options; the old ones stay and are named by what they made.

    Raises RuleBroken for an option that the rules do not know or allow.
    """
    RuleSet.from_options(options)
    held = rules_of(session, course_id, now)
    row = RuleSetRow(
        course_id=course_id,
        version=held.version + 1,
        framework_version_id=held.framework.id,
        options=options,
        created_at=now,
        created_by=by,
    )
    session.add(row)
    session.flush()
    return _as_rules(session, row)


def frameworks_of(session: Session, course_ids: Collection[int]) -> dict[CourseId, Framework]:
    """The framework versions that courses are pinned to. Begins no rules: a course without any takes the newest.

    Raises NotFound("framework_version_unknown") where no framework was ever imported.
    """
    held = ledger_store.rule_sets(session, course_ids)
    found = {CourseId(course): framework_of(session, row) for course, row in held.items()}
    without = [CourseId(course) for course in course_ids if course not in found]
    if not without:
        return found
    newest = store.newest_version(session)
    if newest is None:
        raise NotFound("framework_version_unknown")
    return found | dict.fromkeys(without, store.load_framework(session, newest))


def version_of(session: Session, course_id: CourseId) -> Framework | None:
    """The framework version that a course is pinned to; None where it has no rules yet."""
    row = ledger_store.rule_set(session, course_id)
    return None if row is None else framework_of(session, row)


def framework_of(session: Session, row: _Stored) -> Framework:
    """The framework version that the course of this rule set is pinned to."""
    return store.load_framework(session, FrameworkVersionId(row.framework_version_id))


def _first(session: Session, course_id: CourseId, now: datetime, like: StoredRuleSet | None = None) -> _Stored:
    newest = _newest(session, course_id) if like is None else like.framework_version_id
    if newest is None:
        raise NotFound("framework_version_unknown", course=course_id)
    row = RuleSetRow(course_id=course_id, version=1, framework_version_id=newest, created_at=now)
    row.options = {} if like is None else dict(like.options)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # Another process began the course's rules between our look and our insert: they are the same.
        begun = ledger_store.rule_set(session, course_id)
        if begun is None:
            raise
        return begun
    return row


def _newest(session: Session, course_id: CourseId) -> FrameworkVersionId | None:
    return store.newest_version(session, courses.get_course(session, course_id).platform_id)


def _as_rules(session: Session, row: _Stored) -> CourseRules:
    return CourseRules(
        id=RuleSetId(row.id),
        version=row.version,
        rule_set=RuleSet.from_options(row.options),
        framework=framework_of(session, row),
        options=dict(row.options),
        since=row.created_at,
    )
