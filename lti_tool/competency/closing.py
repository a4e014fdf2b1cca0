"""Closing a course, reopening it, and deciding what later marks do to its certified levels (rules, section 7).

Each use case changes what is stored in the caller's transaction and tells whose standings changed, so that other
courses and the grades follow (`grading/closing.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import closing_store, decisions, recompute
from lti_tool.competency.certifying import Certificate, Outcome, certificates_of, frozen, frozen_course
from lti_tool.competency.closing_store import CourseEnd
from lti_tool.competency.decisions import Who
from lti_tool.competency.group_queries import group_standings
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.preview import LevelChange, level_changes
from lti_tool.competency.recompute import Computed, CourseScope
from lti_tool.competency.rules import rules_of
from lti_tool.competency.scores import months_later
from lti_tool.competency.standing import CourseStanding
from lti_tool.competency.tables import RegradeCaseRow
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.ids import CompetencyId, CourseId, PersonId
from lti_tool.people import roster


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing the course would do at this moment."""

    scope: CourseScope
    standings: dict[PersonId, CourseStanding]
    """Of everyone with standings in the course."""
    persons: frozenset[PersonId]
    """Whose levels are certified: who is or was a participant."""
    changes: tuple[LevelChange, ...]
    """Levels that change because work is over (missing work may count 0 from now on)."""
    granted: frozenset[Certificate]
    """Levels that are certified for the first time."""
    kept: frozenset[Certificate]
    """Levels that an earlier closing certified and that stay."""
    ended: frozenset[Certificate]
    """Levels that an earlier closing certified and that the marks no longer give."""
    disputes: int
    """How many judgements are disputed; while one is, the course cannot be closed."""

    @property
    def fingerprint(self) -> str:
        """What somebody saw who agrees to it."""
        told = [sorted(self.granted), sorted(self.kept), sorted(self.ended)]
        told_changes = [(each.person, each.competency, each.before, each.after) for each in self.changes]
        return hashlib.sha256(repr((told, told_changes)).encode()).hexdigest()[:20]


def look(session: Session, course_id: CourseId, now: datetime) -> Closing:
    """What closing the course would do; stores nothing."""
    end = CourseEnd(None, now)
    scope = recompute.scope_with(
        session, course_id, rules_of(session, course_id, now), mapping_of(session, course_id), end
    )
    standings: dict[PersonId, CourseStanding] = {}
    for portion in recompute.portions_of(recompute.everyone(session, course_id, now)):
        standings |= recompute.standings_now(session, scope, portion, now)
    persons = frozenset(standings.keys() & roster.ever_participants(session, course_id, now))
    targeted = [plan.shape.id for plan in scope.targeted]
    wanted = certificates_of({person: standings[person] for person in persons}, targeted)
    held = closing_store.standing_certificates(session, course_id, now)
    stored, looked_at = group_standings(session, course_id), set(targeted)
    return Closing(
        scope=scope,
        standings=standings,
        persons=persons,
        changes=tuple(
            change
            for person, standing in sorted(standings.items())
            for change in level_changes(person, looked_at, looked_at, stored.get(person, {}), standing.competencies)
        ),
        granted=wanted - held,
        kept=wanted & held,
        ended=held - wanted,
        disputes=sum(each.disputed for one in standings.values() for each in one.indicators.values()),
    )


def close(session: Session, course_id: CourseId, seen: str, *, by: Who, now: datetime) -> Computed:
    """Closes the course: its levels are frozen, those that count are certified.

    `seen` is the fingerprint of what was looked at. Raises RuleBroken (`not_lead`, `disputes_open`), Conflict
    (`course_closed_already`, `closing_changed_meanwhile`); then nothing is stored.
    """
    _check_lead(session, course_id, by)
    if is_closed(session, course_id):
        raise Conflict("course_closed_already")
    found = look(session, course_id, now)
    if found.disputes:
        raise RuleBroken("disputes_open", disputes=found.disputes)
    if found.fingerprint != seen:
        raise Conflict("closing_changed_meanwhile")
    kept = {person: frozen_course(standing) for person, standing in found.standings.items()}
    changed = recompute.store_computed(session, found.scope, kept, now)
    _certify(session, found.scope, found.granted, found.ended, now)
    closing_store.set_closed(session, course_id, now, by.id, now)
    moved = {each.person for each in found.granted | found.ended}
    return Computed(found.scope, frozenset(found.standings), frozenset(changed | moved))


def _certify(
    session: Session,
    scope: CourseScope,
    granted: Iterable[Certificate],
    ended: frozenset[Certificate],
    now: datetime,
) -> None:
    months = scope.rules.rule_set.validity_months
    expires_at = None if months is None else months_later(scope.moment(now), months)
    closing_store.end_certificates(session, scope.course_id, ended, now)
    closing_store.add_certificates(session, scope.course_id, granted, scope.rules.id, now, expires_at)


def reopen(session: Session, course_id: CourseId, *, by: Who, now: datetime) -> None:
    """The course lives again: its levels follow the marks once they are computed anew. What is certified stays so.

    Raises RuleBroken (`not_lead`), Conflict (`course_open_already`).
    """
    _check_lead(session, course_id, by)
    _check_closed(session, course_id)
    closing_store.settle_open_cases(session, course_id, Outcome.VANISHED, by.id, now)
    closing_store.set_closed(session, course_id, None, by.id, now)


def is_closed(session: Session, course_id: CourseId) -> bool:
    """Whether somebody has closed the course."""
    return closing_store.course_end(session, course_id).closed_at is not None


def check_open(session: Session, course_id: CourseId) -> None:
    """Raises RuleBroken("course_closed") where the course is closed: what its levels rest on is fixed."""
    if is_closed(session, course_id):
        raise RuleBroken("course_closed")


def _check_closed(session: Session, course_id: CourseId) -> None:
    if not is_closed(session, course_id):
        raise Conflict("course_open_already")


@dataclass(frozen=True, slots=True)
class Settlement:
    """What somebody decides of cases, of all of them for one reason."""

    cases: tuple[tuple[str, int | None], ...]
    """Their public ids, each with what its marks said when they decided."""
    adopt: bool
    """What the marks say becomes the level; else the frozen one stays."""
    reason: str


def settle(session: Session, course_id: CourseId, said: Settlement, *, by: Who, now: datetime) -> Computed:
    """Decides cases. Deciding one twice in the same way is no fault.

    Raises NotFound("case_unknown"), RuleBroken (`not_lead`, `own_record`, `reason_length`, `nothing_chosen`), Conflict
    (`course_open_already`, `case_changed_meanwhile`); then nothing is stored.
    """
    _check_lead(session, course_id, by)
    _check_closed(session, course_id)
    if not said.cases:
        raise RuleBroken("nothing_chosen")
    decisions.check_reason(said.reason)
    scope = recompute.scope_of(session, course_id, now)
    rows = [_open_case(session, course_id, case, seen, said.adopt, by) for case, seen in said.cases]
    waiting = [row for row in rows if row is not None]
    for row in waiting:
        row.outcome, row.reason = _outcome(said.adopt).value, said.reason.strip()
        row.settled_at, row.settled_by = now, by.id
    session.flush()
    persons = frozenset(PersonId(row.person_id) for row in waiting)
    if said.adopt:
        _adopt(session, scope, waiting, now)
    return Computed(scope, persons, persons if said.adopt else frozenset())


def _open_case(
    session: Session, course_id: CourseId, case: str, seen: int | None, adopt: bool, by: Who
) -> RegradeCaseRow | None:
    """The case as it was seen; None where it has been decided in the same way already."""
    row = closing_store.case_row(session, course_id, case)
    if row is None:
        raise NotFound("case_unknown")
    if row.person_id == by.id:
        raise RuleBroken("own_record")
    if row.outcome == _outcome(adopt).value:
        return None
    if row.outcome is not None or row.computed != seen:
        raise Conflict("case_changed_meanwhile")
    return row


def _outcome(adopt: bool) -> Outcome:
    return Outcome.ADOPTED if adopt else Outcome.KEPT


def _adopt(session: Session, scope: CourseScope, rows: Sequence[RegradeCaseRow], now: datetime) -> None:
    """What the marks say of these competencies of these persons becomes the frozen level; all others stay."""
    places = {(PersonId(row.person_id), CompetencyId(row.competency_id)) for row in rows}
    standings = recompute.standings_now(session, scope, {person for person, _ in places}, scope.moment(now))
    wanted: set[Certificate] = set()
    for person, competency in sorted(places):
        standing = standings[person]
        recompute.store_level(session, scope, person, frozen(standing.competencies[competency]), now)
        wanted |= certificates_of({person: standing}, [competency])
    held = closing_store.standing_certificates(session, scope.course_id, now)
    here = frozenset(each for each in held if (each.person, each.competency) in places)
    _certify(session, scope, wanted - here, here - wanted, now)


def _check_lead(session: Session, course_id: CourseId, by: Who) -> None:
    if not decisions.may_decide(session, course_id, by):
        raise RuleBroken("not_lead")
