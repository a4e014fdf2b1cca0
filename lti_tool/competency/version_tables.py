"""Tables of the versions of the requirements: their dates, which one new courses take, crosswalks, moved courses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class FrameworkValidityRow(Base):
    """What is known of a version beside its content, which never changes."""

    __tablename__ = "framework_validity"

    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"), primary_key=True)
    approved_on: Mapped[date | None] = mapped_column(Date)
    """When it was approved: five years later it is due for review (section I, paragraph 5)."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    beside: Mapped[bool] = mapped_column(Boolean, default=False)
    """Imported beside the others: new courses take it only where their institute has chosen it."""


class FrameworkChoiceRow(Base):
    """The version that new courses of a platform take; without a row the newest import that is not beside."""

    __tablename__ = "framework_choice"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CrosswalkRow(Base):
    """What has become of each indicator between two versions. A confirmed one never changes; the newest stands."""

    __tablename__ = "crosswalk"
    __table_args__ = (Index(None, "platform_id", "to_version_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    """Whose institute says so; empty: the operator, for all that have none of their own."""
    from_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    to_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    lines: Mapped[list[list[Any]]] = mapped_column(JSON)
    """`crosswalk.to_json`: kind, old codes, new codes, codes that carry."""
    revision: Mapped[int] = mapped_column(SmallInteger, default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    """Empty: a draft, which counts for nobody."""


class CourseMoveRow(Base):
    """A course was moved to another version; undone when it was moved back. Append-only but for that."""

    __tablename__ = "course_move"
    __table_args__ = (Index(None, "course_id"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    crosswalk_id: Mapped[int] = mapped_column(ForeignKey("crosswalk.id"))
    from_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    to_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The mapping and its draft as they were, for moving back (`moving_store.Kept`)."""
    moved_at: Mapped[datetime]
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CourseImpactRow(Base):
    """What moving a course would do, as a worker found it; and whether it is to be moved."""

    __tablename__ = "course_impact"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    to_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    move: Mapped[bool] = mapped_column(Boolean, default=False)
    """It is to be moved once this is computed, if it comes out as somebody has seen it (`fingerprint`)."""
    computed_at: Mapped[datetime | None]
    """Empty: nobody has looked yet."""
    persons: Mapped[int] = mapped_column(default=0)
    gaining: Mapped[int] = mapped_column(default=0)
    """How many persons have a level that would rise, and none that would fall."""
    losing: Mapped[int] = mapped_column(default=0)
    """How many have one that would fall, or be established no longer."""
    fingerprint: Mapped[str] = mapped_column(String(32), default="")
    fault: Mapped[str | None] = mapped_column(String(60))
    """Why it could not be computed or moved: an error's code."""
