"""Tables of evidence tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class TaskRow(Base):
    """What a trainer set for an evidence task; an activity without a row has no instructions yet."""

    __tablename__ = "task"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    instructions: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime | None]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SubmissionRow(Base):
    """One attempt of one person at a task; earlier attempts stay."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("course_id", "activity_id", "person_id", "attempt"),
        Index(None, "course_id", "state", "handed_in_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int]
    saved_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]


class FileRow(Base):
    """A file of a submission: handed in, or given back."""

    __tablename__ = "file"

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    is_feedback: Mapped[bool] = mapped_column(Boolean, default=False)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    shelf_name: Mapped[str] = mapped_column(String(32), unique=True)
    sent_at: Mapped[datetime]
    sent_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class AssessmentRow(Base):
    """What a trainer said of a submission. Append-only: the highest version is the one in force."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("submission_id", "version"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    version: Mapped[int]
    steps: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Step by indicator id; an indicator that is not in it was not assessed."""
    comment: Mapped[str] = mapped_column(Text, default="")
    assessed_at: Mapped[datetime]
    assessed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class LastLookRow(Base):
    """When a person last looked at their tasks in a course (`tasks/look.py`): what came later is new to them."""

    __tablename__ = "last_look"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    looked_at: Mapped[datetime]
    new_since: Mapped[datetime]
    """The last look of the visit before."""
    levels: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Established level by competency ("2.1 of version") at the last look."""
    levels_before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The same at `new_since`."""
