"""Loads and saves the mapping, the rule sets, the evidence ledger and what was computed from them.

The second half of this package's store: `store.py` holds the framework.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.competency import model
from lti_tool.competency.ledger_values import CELL, ENTRY, JUDGEMENT, as_cell, as_entry, as_judgement
from lti_tool.competency.model import IndicatorState
from lti_tool.competency.standing import IndicatorResult
from lti_tool.competency.tables import (
    AttainmentRow,
    CompetencyStandingRow,
    EvidenceRow,
    JudgementRow,
    MappingRow,
    RuleSetRow,
)
from lti_tool.db.among import Among, portions
from lti_tool.db.base import Base
from lti_tool.db.prepared import Prepared
from lti_tool.ids import CourseId, EvidenceId, IndicatorId, PersonId, new_public_id
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow, CourseRow


def _insert(table: type[Base], *names: str) -> Prepared:
    return Prepared(insert(table).values({name: bindparam(name) for name in names}))


def _update(table: type[Base], key: Sequence[str], *names: str) -> Prepared:
    where = (getattr(table, name) == bindparam(name) for name in key)
    return Prepared(update(table).where(*where).values({name: bindparam(name) for name in names}))


# ── rule sets ────────────────────────────────────────────────────────────────────────────────────────────────────


# Put together once: launches and pages ask it. A LIMIT that is a parameter would be planned anew each time.
_RULE_SET = Prepared(
    select(
        RuleSetRow.id,
        RuleSetRow.version,
        RuleSetRow.framework_version_id,
        RuleSetRow.options,
        RuleSetRow.created_at,
    )
    .where(RuleSetRow.course_id == bindparam("course_id"))
    .order_by(RuleSetRow.version.desc())
    .limit(literal_column("1"))
)


@dataclass(frozen=True, slots=True)
class StoredRuleSet:
    """A rule set as it is kept; no version of it ever changes."""

    id: int
    version: int
    framework_version_id: int
    options: dict[str, Any]
    created_at: datetime


def rule_set(session: Session, course_id: CourseId) -> StoredRuleSet | None:
    """The rule set in force in a course: its newest version."""
    found = _RULE_SET.first(session, course_id=course_id)
    return StoredRuleSet(*found) if found else None


def rule_sets(session: Session, course_ids: Collection[int]) -> dict[int, RuleSetRow]:
    """The rule sets in force in several courses, by course."""
    newest: dict[int, RuleSetRow] = {}
    for portion in portions(course_ids):
        query = select(RuleSetRow).where(RuleSetRow.course_id.in_(portion)).order_by(RuleSetRow.version)
        newest |= {row.course_id: row for row in session.scalars(query)}
    return newest


# ── mapping ──────────────────────────────────────────────────────────────────────────────────────────────────────


_MAPPING = Prepared(
    select(*CELL)
    .where(MappingRow.course_id == bindparam("course_id"))
    .order_by(MappingRow.activity_id, MappingRow.indicator_id)
)


def mapping_rows(session: Session, course_id: CourseId) -> list[MappingRow]:
    """The cells of a course's matrix."""
    return list(session.scalars(select(MappingRow).where(MappingRow.course_id == course_id)))


def mapping(session: Session, course_id: CourseId) -> tuple[model.Mapping, ...]:
    """The cells of a course's matrix as the rules know them, by activity and indicator."""
    return tuple(as_cell(*row) for row in _MAPPING.all(session, course_id=course_id))


def mapped_indicators(session: Session, course_ids: Collection[int]) -> dict[int, set[IndicatorId]]:
    """What several courses map, by course; what only a self-assessment says is not mapped (rules, section 1)."""
    found: dict[int, set[IndicatorId]] = defaultdict(set)
    for portion in portions(course_ids):
        query = (
            select(MappingRow.course_id, MappingRow.indicator_id)
            .join(ActivityRow, ActivityRow.id == MappingRow.activity_id)
            .where(MappingRow.course_id.in_(portion), ActivityRow.kind != ActivityKind.SELF_ASSESSMENT)
            .distinct()
        )
        for course, indicator in session.execute(query):
            found[course].add(IndicatorId(indicator))
    return found


def as_mapping(row: MappingRow) -> model.Mapping:
    """A cell as the rules know it."""
    return as_cell(row.activity_id, row.indicator_id, row.weight, row.role, row.pass_mark)


def delete_mappings(session: Session, rows: Iterable[MappingRow]) -> None:
    """Takes cells out of the matrix."""
    for row in rows:
        session.delete(row)


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────


_PLACE, _MARK = ("course_id", "person_id", "activity_id", "indicator_id"), ("mark", "mark_min", "mark_max")
_ADD_EVIDENCE = _insert(EvidenceRow, "public_id", *_PLACE, *_MARK, "source", "worked_at", "recorded_at", "recorded_by")


def add_evidence(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Appends to the ledger."""
    _ADD_EVIDENCE.each(session, [{**row, "public_id": new_public_id()} for row in rows])


_ENTRIES = select(EvidenceRow.person_id, *ENTRY).where(EvidenceRow.course_id == bindparam("course_id"))
_LEDGER_WITH_VOIDED = Among(_ENTRIES, EvidenceRow.person_id)
_LEDGER = Among(_ENTRIES.where(EvidenceRow.voided_at.is_(None)), EvidenceRow.person_id)


def ledger(
    session: Session, course_id: CourseId, person_ids: Collection[int], *, voided_too: bool = False
) -> dict[int, list[model.Evidence]]:
    """Every entry about these persons in a course, by person; the newest is chosen by `model.current`.

    `voided_too`: with those that a trainer voided, as a source knows them that will name them again.
    """
    found: dict[int, list[model.Evidence]] = defaultdict(list)
    which = _LEDGER_WITH_VOIDED if voided_too else _LEDGER
    for person, *columns in which.all(session, person_ids, course_id=course_id):
        found[person].append(as_entry(*columns))
    return found


def evidence_sources(session: Session, course_id: CourseId) -> dict[EvidenceId, tuple[str, Decimal]]:
    """Source and maximum of every ledger entry of a course, by row id."""
    query = select(EvidenceRow.id, EvidenceRow.source, EvidenceRow.mark_max).where(EvidenceRow.course_id == course_id)
    return {EvidenceId(row_id): (source, maximum) for row_id, source, maximum in session.execute(query)}


def persons_with_evidence(session: Session, course_id: CourseId) -> set[PersonId]:
    """Everyone about whom the course has, or had, something: whom a change of rules concerns."""
    found = set(session.scalars(select(EvidenceRow.person_id).where(EvidenceRow.course_id == course_id).distinct()))
    found |= set(session.scalars(select(JudgementRow.person_id).where(JudgementRow.course_id == course_id).distinct()))
    standing = select(CompetencyStandingRow.person_id).where(CompetencyStandingRow.course_id == course_id).distinct()
    return {PersonId(person) for person in found | set(session.scalars(standing))}


# ── judgements ───────────────────────────────────────────────────────────────────────────────────────────────────


_JUDGEMENTS = Among(
    select(JudgementRow.person_id, *JUDGEMENT).where(JudgementRow.course_id == bindparam("course_id")),
    JudgementRow.person_id,
)


def judgements(session: Session, course_id: CourseId, person_ids: Collection[int]) -> dict[int, list[model.Judgement]]:
    """What trainers judged of these persons in a course, by person."""
    found: dict[int, list[model.Judgement]] = defaultdict(list)
    for person, *columns in _JUDGEMENTS.all(session, person_ids, course_id=course_id):
        found[person].append(as_judgement(*columns))
    return found


# ── what time alone changes ──────────────────────────────────────────────────────────────────────────────────────


def judgements_ended(session: Session, after: datetime, now: datetime) -> dict[CourseId, set[PersonId]]:
    """The persons, by course, of whom a judgement came to its end between these moments."""
    ended = (JudgementRow.until >= after, JudgementRow.until <= now, JudgementRow.withdrawn_at.is_(None))
    found: dict[CourseId, set[PersonId]] = defaultdict(set)
    for course, person in session.execute(select(JudgementRow.course_id, JudgementRow.person_id).where(*ended)):
        found[CourseId(course)].add(PersonId(person))
    return found


def courses_closed(session: Session, after: datetime, now: datetime) -> set[int]:
    """The courses whose closing time came between these moments."""
    closing = func.coalesce(CourseRow.closed_at, CourseRow.ends_at)
    return set(session.scalars(select(CourseRow.id).where(closing >= after, closing <= now)))


def rules_with_options(session: Session) -> dict[CourseId, dict[str, Any]]:
    """The options of the rule sets in force that differ from the defaults, by course."""
    newest = select(RuleSetRow.course_id, RuleSetRow.options).order_by(RuleSetRow.version)
    options = {CourseId(course): stored for course, stored in session.execute(newest)}
    return {course: stored for course, stored in options.items() if stored}


def work_times(
    session: Session, course_id: CourseId, after: datetime, until: datetime
) -> Iterator[tuple[PersonId, datetime]]:
    """Persons with the times of their work in a course, where it was done between these moments."""
    done = (EvidenceRow.course_id == course_id, EvidenceRow.worked_at >= after, EvidenceRow.worked_at <= until)
    query = select(EvidenceRow.person_id, EvidenceRow.worked_at).where(*done)
    return ((PersonId(person), worked_at) for person, worked_at in session.execute(query))


# ── what was computed ────────────────────────────────────────────────────────────────────────────────────────────


_RESULTS_ELSEWHERE = Among(
    select(
        AttainmentRow.person_id,
        AttainmentRow.course_id,
        AttainmentRow.indicator_id,
        AttainmentRow.state,
        AttainmentRow.value,
        AttainmentRow.by_judgement,
    ).where(AttainmentRow.course_id != bindparam("without")),
    AttainmentRow.person_id,
)


def results_elsewhere(
    session: Session, person_ids: Collection[int], without: CourseId
) -> dict[int, dict[int, dict[IndicatorId, IndicatorResult]]]:
    """What other courses say of these persons' indicators: person → course → indicator → result."""
    found: dict[int, dict[int, dict[IndicatorId, IndicatorResult]]] = defaultdict(lambda: defaultdict(dict))
    for person, course, indicator, *result in _RESULTS_ELSEWHERE.all(session, person_ids, without=without):
        state, value, judged = result
        found[person][course][IndicatorId(indicator)] = IndicatorResult(IndicatorState(state), value, judged)
    return found


STANDING = ("established", "progress", "levels", "disputed", "rule_set_id")
ATTAINED = ("state", "computed", "value", "coverage", "by_judgement", "disputed", "review_due")
_ATTAINMENTS = Among(
    select(
        AttainmentRow.person_id, AttainmentRow.indicator_id, *(getattr(AttainmentRow, name) for name in ATTAINED)
    ).where(AttainmentRow.course_id == bindparam("course_id")),
    AttainmentRow.person_id,
)
_STANDINGS = Among(
    select(
        CompetencyStandingRow.person_id,
        CompetencyStandingRow.competency_id,
        *(getattr(CompetencyStandingRow, name) for name in STANDING),
    ).where(CompetencyStandingRow.course_id == bindparam("course_id")),
    CompetencyStandingRow.person_id,
)
_ATTAINMENT_KEY, _STANDING_KEY = ("course_id", "person_id", "indicator_id"), ("course_id", "person_id", "competency_id")
_INSERT_ATTAINMENT = _insert(AttainmentRow, *_ATTAINMENT_KEY, *ATTAINED)
_UPDATE_ATTAINMENT = _update(AttainmentRow, _ATTAINMENT_KEY, *ATTAINED)
_INSERT_STANDING = _insert(CompetencyStandingRow, *_STANDING_KEY, *STANDING, "computed_at")
_UPDATE_STANDING = _update(CompetencyStandingRow, _STANDING_KEY, *STANDING, "computed_at")


def delete_attainments(session: Session, course_id: CourseId, places: Iterable[tuple[int, int]]) -> None:
    """Takes away what was computed of indicators that the course maps no longer: (person, indicator)."""
    _delete(session, AttainmentRow, AttainmentRow.indicator_id, course_id, places)


def _delete(
    session: Session,
    table: type[AttainmentRow | CompetencyStandingRow],
    of: InstrumentedAttribute[int],
    course_id: CourseId,
    places: Iterable[tuple[int, int]],
) -> None:
    # Many people lose the same few indicators or competencies.
    persons: dict[int, list[int]] = defaultdict(list)
    for person, second in places:
        persons[second].append(person)
    for second, who in persons.items():
        for portion in portions(who):
            gone = (table.course_id == course_id, of == second, table.person_id.in_(portion))
            session.execute(delete(table).where(*gone))


def insert_attainments(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores what was computed of indicators of which nothing stood there."""
    _INSERT_ATTAINMENT.each(session, rows)


def update_attainments(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores what has come out differently, by primary key."""
    _UPDATE_ATTAINMENT.each(session, rows)


def attainments(
    session: Session, course_id: CourseId, person_ids: Collection[int]
) -> dict[tuple[int, int], dict[str, object]]:
    """The stored attainments of these persons in a course: (person, indicator) → the row's values."""
    rows = _ATTAINMENTS.all(session, person_ids, course_id=course_id)
    return {(person, indicator): dict(zip(ATTAINED, values, strict=True)) for person, indicator, *values in rows}


def standings(
    session: Session, course_id: CourseId, person_ids: Collection[int]
) -> dict[tuple[int, int], dict[str, object]]:
    """The stored standings of these persons in a course: (person, competency) → the row's values."""
    rows = _STANDINGS.all(session, person_ids, course_id=course_id)
    return {(person, competency): dict(zip(STANDING, values, strict=True)) for person, competency, *values in rows}


def established_levels(
    session: Session, course_id: CourseId, person_ids: Collection[int]
) -> dict[tuple[int, int], int | None]:
    """The stored levels of these persons in a course: (person, competency) → established level."""
    found = standings(session, course_id, person_ids)
    return {place: cast(int | None, row["established"]) for place, row in found.items()}


def delete_standings(session: Session, course_id: CourseId, places: Collection[tuple[int, int]]) -> None:
    """Takes away standings in competencies that the course says nothing of any more."""
    _delete(session, CompetencyStandingRow, CompetencyStandingRow.competency_id, course_id, places)


def insert_standings(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores standings that were not there before."""
    _INSERT_STANDING.each(session, rows)


def update_standings(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores standings that have changed, by primary key."""
    _UPDATE_STANDING.each(session, rows)


def put_standing(session: Session, row: Mapping[str, object]) -> None:
    """Stores one standing, whatever stood there."""
    session.merge(CompetencyStandingRow(**row))
    session.flush()
