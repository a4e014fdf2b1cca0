"""Tables of roll-ups: computed by the worker, and rebuildable from everything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base

Sortable = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared letter by letter on both databases: the order is in the text itself (`people.alphabet`)."""


class CourseRollupRow(Base):
    """One course in figures, as of a moment: what lists of courses show, search and sort by."""

    __tablename__ = "course_rollup"
    __table_args__ = (
        Index(None, "platform_id", "month"),
        Index(None, "due_at"),
        # In the order of lists: a page of them, and their number, are found without reading the rows, which are wide.
        Index("ix_course_rollup_by_title", "platform_id", "sort_title", "course_id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    month: Mapped[int] = mapped_column(SmallInteger)
    """The month in which the course begins, in months since the year 0 (`periods.Month`)."""
    sort_title: Mapped[str] = mapped_column(Sortable)
    """Title and label for searching and sorting (`people.alphabet`)."""
    closed: Mapped[bool] = mapped_column(Boolean)
    participants: Mapped[int]
    mapped_indicators: Mapped[int]
    standings: Mapped[int]
    """Participants × targeted competencies."""
    established: Mapped[int]
    """How many of the standings have an established level, level 0 included."""
    undelivered: Mapped[int]
    """Grades that have not arrived: due, held or given up."""
    framework_version_id: Mapped[int | None] = mapped_column(ForeignKey("framework_version.id"))
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`tally.Tally` of its participants."""
    groups: Mapped[dict[str, Any]] = mapped_column(JSON)
    """A tally of each group in the LMS, by its id."""
    as_of: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it is to be computed again."""


Index(
    "ix_course_rollup_by_month",
    CourseRollupRow.platform_id,
    CourseRollupRow.month.desc(),
    CourseRollupRow.sort_title,
    CourseRollupRow.course_id,
    # What lists are narrowed by.
    postgresql_include=["closed", "mapped_indicators", "undelivered"],
)


class MonthRollupRow(Base):
    """All courses of a platform that begin in one month, on one version of the requirements, together."""

    __tablename__ = "month_rollup"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"), primary_key=True)
    month: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    courses: Mapped[int]
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)
    as_of: Mapped[datetime]


class PlatformRollupRow(Base):
    """The people of a platform, each counted once by their highest established level."""

    __tablename__ = "platform_rollup"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    people: Mapped[int]
    """Who is or was a participant of any course."""
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)
    as_of: Mapped[datetime]


class UndeliveredRollupRow(Base):
    """What of a platform has not arrived or differs in its LMS, as of a moment: by reason, and by course."""

    __tablename__ = "undelivered_rollup"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    groups: Mapped[list[list[Any]]] = mapped_column(JSON)
    """State, last answer and number of grades of each reason, in the order of the page."""
    courses: Mapped[list[list[Any]]] = mapped_column(JSON)
    """Course, stuck, due, since when, and differing of each course, the worst first (`undelivered.to_json`)."""
    as_of: Mapped[datetime]


class PersonWordRow(Base):
    """A word to find a person by: each part of the name, ID number, e-mail."""

    __tablename__ = "person_word"
    __table_args__ = (
        Index(None, "person_id"),
        # Everybody by name, without the numbers and addresses that sort before the names.
        Index(
            "ix_person_word_first",
            "platform_id",
            "word",
            "person_id",
            postgresql_where=text("first"),
            sqlite_where=text("first"),
        ),
    )

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    word: Mapped[str] = mapped_column(Sortable, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    first: Mapped[bool] = mapped_column(Boolean)
    """Whether lists of everybody are sorted by this one."""
