"""The door by which everything enters that can change a grade: results, mappings, rules, people.

Each use case changes what is known, has the standings computed anew (`competency/`), and writes the wanted scores, all
in the caller's one transaction: a result is never stored without the grade that follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import closing, crossing, evidence, mapping, observing, rules
from lti_tool.competency.declaration import Declared
from lti_tool.competency.evidence import NewEvidence, Recomputed
from lti_tool.competency.mapping import MappingChange
from lti_tool.competency.model import Mapping
from lti_tool.competency.observing import ObservationChange, ObservationClash
from lti_tool.competency.passing_time import Overtaken
from lti_tool.competency.plan import CompetencyPlan
from lti_tool.competency.recompute import Computed, CourseScope, scope_of
from lti_tool.competency.rules import CourseRules
from lti_tool.grading import store
from lti_tool.grading.comments import facts_of, withdrawn
from lti_tool.grading.line_items import adopt_line_item, label_of, want_line_items
from lti_tool.grading.model import LineItemTarget, WantedScore, WithdrawalReason
from lti_tool.grading.queries import standings_of
from lti_tool.grading.scoring import Encoding, Grade, activity_grade, grade_of
from lti_tool.grading.tables import LineItemRow
from lti_tool.grading.wishes import want_scores
from lti_tool.ids import ActivityId, CourseId, LineItemId, PersonId
from lti_tool.people import courses, roster
from lti_tool.people.model import Activity

Follow = Callable[[Session, CourseId, datetime], object]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What followed from something new."""

    recomputed: Recomputed
    scores_changed: int
    """How many grades will travel."""


# --- what enters


def accept_results(
    session: Session, course_id: CourseId, entries: Sequence[NewEvidence], *, by: PersonId | None, now: datetime
) -> Accepted:
    """Records results and writes the wanted scores that follow, in this course and in those that rest on it.

    Raises RuleBroken as `competency.evidence.record` does; then nothing is stored.
    """
    return _follow(session, evidence.record(session, course_id, entries, by=by, now=now), now)


def accept_observations(
    session: Session, activity: Activity, changes: Sequence[ObservationChange], *, by: PersonId | None, now: datetime
) -> tuple[ObservationClash, ...]:
    """Records what was seen, with all grades that follow; returns what another trainer has changed meanwhile.

    Raises RuleBroken as `competency.observing.weigh` does; then nothing is stored.
    """
    roster.take_courses(session, activity.course_id, {change.person for change in changes})
    entries, clashes = observing.weigh(session, activity, changes, now)
    if entries:
        accept_results(session, activity.course_id, entries, by=by, now=now)
    return clashes


def accept_mapping(
    session: Session,
    course_id: CourseId,
    entries: Iterable[Mapping],
    *,
    by: PersonId | None,
    now: datetime,
    merge: bool = False,
    follow: Follow | None = None,
) -> MappingChange:
    """The course's matrix becomes these cells (`merge`: has these cells too), with all grades that follow.

    `follow` has the course computed anew in its own way; without one it happens here and now. Raises RuleBroken as
    `competency.mapping.replace_mapping` does, and in a closed course (`course_closed`); then nothing is stored.
    """
    roster.take_courses(session, course_id, None)
    closing.check_open(session, course_id)
    change_to = mapping.merge_mapping if merge else mapping.replace_mapping
    change = change_to(session, course_id, entries, by=by, now=now)
    if change:
        (follow or recompute_course)(session, course_id, now)
    return change


def accept_declaration(
    session: Session,
    activity: Activity,
    parameter: str,
    *,
    is_new: bool,
    by: PersonId | None,
    now: datetime,
    follow: Follow | None = None,
) -> Declared:
    """Takes over the `indicators` parameter of a launched link at its first launch, or keeps it as an offer.

    In a closed course it is never more than an offer. `follow` as for a mapping.
    """
    if is_new:
        roster.take_courses(session, activity.course_id, None)
        is_new = not closing.is_closed(session, activity.course_id)
    declared, change = mapping.adopt_declared(session, activity, parameter, is_new=is_new, by=by, now=now)
    if change:
        (follow or recompute_course)(session, activity.course_id, now)
    return declared


def accept_rules(
    session: Session,
    course_id: CourseId,
    options: dict[str, Any],
    *,
    by: PersonId | None,
    now: datetime,
    follow: Follow | None = None,
) -> CourseRules:
    """A new version of the course's rules or encoding, with all grades that follow (`follow` as for a mapping).

    Raises RuleBroken for an option that the rules or the encoding do not know or allow, and in a closed course
    (`course_closed`); then nothing is stored.
    """
    Encoding.from_options(options)
    roster.take_courses(session, course_id, None)
    closing.check_open(session, course_id)
    saved = rules.save_rules(session, course_id, options, by, now)
    (follow or recompute_course)(session, course_id, now)
    return saved


def welcome(session: Session, course_id: CourseId, person_ids: Collection[PersonId], *, now: datetime) -> Accepted:
    """These persons have become participants: what is known of them counts here from now on."""
    return recompute_persons(session, course_id, person_ids, now=now)


def recompute_persons(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId], *, now: datetime
) -> Accepted:
    """These persons' standings and wanted scores anew, after somebody decided over their marks."""
    return _follow(session, evidence.recompute(session, course_id, person_ids, now), now)


def follow_time(session: Session, who: Overtaken, *, now: datetime) -> Accepted:
    """What these persons have shown counts as it does now: work has expired, a judgement has ended, a course closed."""
    return _follow(session, evidence.recompute(session, who.course_id, who.person_ids, now), now)


def adopt_column(session: Session, activity: Activity, url: str, now: datetime) -> LineItemId | None:
    """Keeps the column of an own graded activity as a launch names it; once read back it is filled (`fill_columns`).

    None where the launch names a column that is another's.
    """
    return adopt_line_item(session, activity.course_id, activity.id, url, activity.name, now)


def fill_columns(session: Session, course_id: CourseId, now: datetime) -> int:
    """Writes everyone's wanted scores for the columns as they are now known; returns how many changed."""
    return refresh(session, course_id, None, now)


def recompute_course(session: Session, course_id: CourseId, now: datetime) -> Accepted:
    """Everyone's standings and wanted scores anew, after a change of mapping or rules."""
    return _follow(session, evidence.recompute(session, course_id, None, now), now)


def follow_computed(session: Session, computed: Computed, *, now: datetime) -> Accepted:
    """The grades that follow from what was computed by a use case of its own, here and in courses that rest on it."""
    return _follow(session, evidence.follow(session, computed, now), now)


def _follow(session: Session, recomputed: Recomputed, now: datetime) -> Accepted:
    changed = sum(
        _refresh(session, recomputed.scopes[course], persons, now)
        for course, persons in sorted(recomputed.persons.items())
    )
    return Accepted(recomputed, changed)


# --- from standings to wanted scores


def refresh(session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None, now: datetime) -> int:
    """Makes the wanted scores follow from the stored standings; returns how many of them changed.

    Only for participants (`person_ids` None: all of them). The course's columns follow from its mapping; where one is
    no longer targeted its grades are withdrawn from everyone.
    """
    return _refresh(session, scope_of(session, course_id, now), person_ids, now)


def _refresh(session: Session, scope: CourseScope, person_ids: Collection[PersonId] | None, now: datetime) -> int:
    course_id = scope.course_id
    columns = want_line_items(session, course_id, _targets(session, scope), now)
    persons = _participants(session, course_id, person_ids, now)
    wishes = [
        *_competency_wishes(session, scope, columns.rows, persons),
        *_activity_wishes(session, scope, columns.rows, persons, now),
        *_dropped_wishes(session, course_id, columns.dropped),
    ]
    return want_scores(session, course_id, wishes, now) if wishes else 0


def _targets(session: Session, scope: CourseScope) -> list[LineItemTarget]:
    language = courses.get_course(session, scope.course_id).locale or "ky"
    encoding, framework = Encoding.from_options(scope.rules.options), scope.rules.framework
    maximum = encoding.maximum(framework.shape().top)
    named = [framework.competency_by_id(each.shape.id) for each in scope.targeted]
    return [
        LineItemTarget(each.id, each.code, label_of(each.code, each.short_title(language)), maximum) for each in named
    ]


def _participants(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None, now: datetime
) -> set[PersonId]:
    return roster.participant_ids(session, course_id, now, person_ids)


def _competency_wishes(
    session: Session, scope: CourseScope, columns: Iterable[LineItemRow], persons: Collection[PersonId]
) -> Iterator[WantedScore]:
    encoding, top = Encoding.from_options(scope.rules.options), scope.rules.framework.shape().top
    of_competency = {row.competency_id: LineItemId(row.id) for row in columns}
    standings = standings_of(session, scope.course_id, persons)
    for plan in scope.targeted:
        column, code = of_competency[plan.shape.id], _code(scope, plan)
        for person in persons:
            standing = standings.get((person, plan.shape.id))
            if standing is not None:
                grade = grade_of(standing, encoding, plan.target, top)
                yield _wish(column, person, grade, facts_of(code, standing))


def _code(scope: CourseScope, plan: CompetencyPlan) -> str:
    return scope.rules.framework.competency_by_id(plan.shape.id).code


def _wish(column: LineItemId, person: PersonId, grade: Grade, facts: dict[str, object]) -> WantedScore:
    told = withdrawn(facts, WithdrawalReason.NOT_ESTABLISHED) if grade.given is None else facts
    return WantedScore(column, person, grade.given, grade.maximum, told, grade.keep_sent)


def _activity_wishes(
    session: Session, scope: CourseScope, columns: Iterable[LineItemRow], persons: Collection[PersonId], now: datetime
) -> Iterator[WantedScore]:
    """The columns of own activities, once their real maximum has been read back."""
    mapped = {cell.activity for each in scope.plan.indicators for cell in each.mappings}
    own = [row for row in columns if row.ready_at is not None and row.activity_id in mapped]
    version = scope.rules.framework
    ledger = crossing.ledger(session, scope.course_id, version, persons) if own else {}
    for row in own:
        for person in persons:
            entries, activity = ledger.get(person, []), ActivityId(row.activity_id or 0)
            grade = activity_grade(scope.plan, activity, entries, now, row.score_maximum)
            yield _wish(LineItemId(row.id), person, grade, {})


def _dropped_wishes(session: Session, course_id: CourseId, dropped: Collection[LineItemId]) -> Iterator[WantedScore]:
    if not dropped:
        return
    for (column, person), row in store.deliveries(session, course_id, dropped).items():
        facts = withdrawn(row.wanted_facts, WithdrawalReason.NOT_TARGETED)
        yield WantedScore(column, person, None, row.wanted_maximum, facts)
