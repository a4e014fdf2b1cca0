"""Tables of the framework, the mapping, the evidence ledger and the computed standings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, BigKey, Key, Public


class FrameworkVersionRow(Base):
    """One published version of the requirements; never updated, a change is a new version."""

    __tablename__ = "framework_version"
    __table_args__ = (UniqueConstraint("framework", "version"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    framework: Mapped[str] = mapped_column(String(60))
    """Which requirements: `kg-ict-teachers`."""
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    """By language: ky official, ru and en unofficial."""
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The whole catalogue as imported (provisions, documents, equipment, authors …), for export and reading."""
    imported_at: Mapped[datetime]


class AspectRow(Base):
    __tablename__ = "aspect"
    __table_args__ = (UniqueConstraint("framework_version_id", "number"),)

    id: Mapped[Key]
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[dict[str, str]] = mapped_column(JSON)


class LevelRow(Base):
    __tablename__ = "level"
    __table_args__ = (UniqueConstraint("framework_version_id", "number"),)

    id: Mapped[Key]
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    description: Mapped[dict[str, str]] = mapped_column(JSON)


class CompetencyRow(Base):
    __tablename__ = "competency"
    __table_args__ = (UniqueConstraint("framework_version_id", "code"),)

    id: Mapped[Key]
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    aspect_id: Mapped[int] = mapped_column(ForeignKey("aspect.id"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
    short_title: Mapped[dict[str, str]] = mapped_column(JSON)
    """For labels of line items and heads of tables; ours, not the official text."""


class IndicatorRow(Base):
    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("framework_version_id", "code"),)

    id: Mapped[Key]
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(SmallInteger)
    is_key: Mapped[bool] = mapped_column(Boolean, default=False)
    text: Mapped[dict[str, str]] = mapped_column(JSON)


class GlossaryTermRow(Base):
    __tablename__ = "glossary_term"

    id: Mapped[Key]
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"), index=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    term: Mapped[dict[str, str]] = mapped_column(JSON)
    definition: Mapped[dict[str, str]] = mapped_column(JSON)


class RuleSetRow(Base):
    """A version of a course's rules and encoding; a saved change is a new row."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("course_id", "version"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    version: Mapped[int] = mapped_column(BigKey)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    """The framework version that the course is pinned to."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Fields of `competency.model.RuleSet` that differ from their defaults, and the encoding (`grading`)."""
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class MappingRow(Base):
    """One cell of the matrix: this activity shows this indicator, with weight and role (rules, section 2)."""

    __tablename__ = "mapping"
    __table_args__ = (
        CheckConstraint("weight BETWEEN 1 AND 5", name="weight"),
        CheckConstraint("role IN ('required', 'supporting', 'optional')", name="role"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger, default=1)
    role: Mapped[str] = mapped_column(String(12), default="supporting")
    pass_mark: Mapped[Decimal | None]
    """A pass mark of its own, 0 to 1; empty = the rule set's."""
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class MappingDraftRow(Base):
    """A cell of the matrix as it is to become: counts for nobody until the draft is published. One draft a course."""

    __tablename__ = "mapping_draft"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)
    weight: Mapped[int | None] = mapped_column(SmallInteger)
    """Empty: the cell is to be emptied."""
    role: Mapped[str | None] = mapped_column(String(12))
    pass_mark: Mapped[Decimal | None]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EvidenceRow(Base):
    """The append-only ledger of results. The newest per activity, person and indicator is the current one.

    A row without a mark says that the source withdrew what it had given.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "course_id", "person_id", "activity_id", "indicator_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"))
    """Empty for a mark of the whole activity."""
    mark: Mapped[Decimal | None]
    """As the source gave it; empty = withdrawn, ungraded, excused: no evidence."""
    mark_min: Mapped[Decimal] = mapped_column(default=Decimal(0))
    mark_max: Mapped[Decimal]
    source: Mapped[str] = mapped_column(String(20))
    """Who says so: `gradebook_file`, `web_service`, `trainer` …; a source withdraws only what it gave itself."""
    worked_at: Mapped[datetime]
    """The time of the mark: the newest by this wins; ties go to the later recorded."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    voided_at: Mapped[datetime | None]


class CourseLeadRow(Base):
    """Somebody was named lead trainer of a course; the newest is, append-only."""

    __tablename__ = "course_lead"

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    named_at: Mapped[datetime]
    named_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class EvidenceVoidingRow(Base):
    """Somebody said that a ledger entry counts no longer, or again; append-only."""

    __tablename__ = "evidence_voiding"

    id: Mapped[Key]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    voided: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class JudgementRow(Base):
    """A trainer's own decision on an indicator, with its reason (rules, section 6)."""

    __tablename__ = "judgement"
    __table_args__ = (Index(None, "course_id", "person_id", "indicator_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    judged_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    attained: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    decides: Mapped[bool] = mapped_column(Boolean, default=False)
    """The lead's or an admin's decision of a dispute: stands over both sides."""
    judged_at: Mapped[datetime]
    until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


FLAGGED = text("by_judgement OR disputed OR review_due")
"""Of attainments: something beside the marks bears on it. In words, so that SQLite finds its index by them, too."""


class AttainmentRow(Base):
    """What a person has attained of an indicator in a course; computed, rebuildable from the ledger."""

    __tablename__ = "attainment"
    __table_args__ = (
        Index(None, "person_id", "indicator_id"),
        Index("ix_attainment_flagged", "course_id", postgresql_where=FLAGGED, sqlite_where=FLAGGED),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    """The state that counts: the standing judgement's, else the computed one."""
    computed: Mapped[str] = mapped_column(String(20))
    """What the evidence alone says."""
    value: Mapped[Fraction | None]
    coverage: Mapped[Fraction | None]
    by_judgement: Mapped[bool] = mapped_column(Boolean, default=False)
    """A standing judgement set the state; the value stays the computed one."""
    disputed: Mapped[bool] = mapped_column(Boolean, default=False)
    review_due: Mapped[bool] = mapped_column(Boolean, default=False)
    """There is evidence newer than the standing judgement."""


class CompetencyStandingRow(Base):
    """Where a person stands in a competency in a course; computed, rebuildable."""

    __tablename__ = "competency_standing"
    __table_args__ = (
        Index(None, "person_id", "competency_id"),
        # Who stands at a level, over all courses.
        Index("ix_competency_standing_level", "competency_id", "established", "person_id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    established: Mapped[int | None] = mapped_column(SmallInteger)
    """0 to 3; empty = not yet established. Unknown is not zero."""
    progress: Mapped[Fraction]
    levels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Per level: number, state, attained, mapped, total, needed, held, from_record."""
    disputed: Mapped[bool] = mapped_column(Boolean, default=False)
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    computed_at: Mapped[datetime]


class CertifiedLevelRow(Base):
    """A level frozen when its course was closed (rules, section 7); never changed but by ending it."""

    __tablename__ = "certified_level"
    __table_args__ = (Index(None, "course_id", "person_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    certified_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """By the validity of the rules that made it; empty = it does not expire."""
    rule_set_id: Mapped[int | None] = mapped_column(ForeignKey("rule_set.id"))
    """The version of the rules that made it."""
    ended_at: Mapped[datetime | None]
    """When somebody decided that it is certified no longer."""


class ClosureRow(Base):
    """Somebody closed a course, or reopened it; append-only."""

    __tablename__ = "closure"

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    closed: Mapped[bool] = mapped_column(Boolean)
    """Else it was reopened."""
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class RegradeCaseRow(Base):
    """In a closed course the marks have come to say another level than the frozen one; somebody decides."""

    __tablename__ = "regrade_case"
    __table_args__ = (Index(None, "course_id", "person_id", "competency_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    competency_id: Mapped[int] = mapped_column(ForeignKey("competency.id"))
    frozen: Mapped[int | None] = mapped_column(SmallInteger)
    """The established level that the course was closed with."""
    computed: Mapped[int | None] = mapped_column(SmallInteger)
    """What the marks say now; once settled, what they said then."""
    opened_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(12))
    """`certifying.Outcome`; empty while the case is open."""
    reason: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class MappingTemplateRow(Base):
    """A mapping saved under a name, for every course of its platform; told by names, so that it outlives its course."""

    __tablename__ = "mapping_template"
    __table_args__ = (UniqueConstraint("platform_id", "name"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`competency.template.Template`: cells by activity name and indicator code, and options of the rules."""
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CourseOriginRow(Base):
    """Of a copied course: a trainer has looked at what came over from its origin and is done with it."""

    __tablename__ = "course_origin"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    settled_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RubricRow(Base):
    """What the four steps of an observation look like for one indicator in one course; optional."""

    __tablename__ = "rubric"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)
    steps: Mapped[dict[str, str]] = mapped_column(JSON)
    """Text by `ObservationStep`; a step without one is left out."""
    version: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
