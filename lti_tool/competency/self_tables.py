"""Tables of self-assessments: what people say of themselves, beside everything that counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key


class SelfAssessmentRow(Base):
    """How a person sees themselves: handed in once it has a time, a draft before. Never evidence, never counted."""

    __tablename__ = "self_assessment"
    __table_args__ = (Index(None, "course_id", "person_id"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """Empty while it is a draft; what was handed in never changes."""


class SelfAnswerRow(Base):
    """What a self-assessment says of one indicator; what was not answered has no row."""

    __tablename__ = "self_answer"

    self_assessment_id: Mapped[int] = mapped_column(
        ForeignKey("self_assessment.id", ondelete="CASCADE"), primary_key=True
    )
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger)
    """`self_assessing.SelfStep`: 0 not yet … 3 could teach others."""
