"""What the reading of gradebooks, by file and by web service, has to remember beyond the evidence that it brought."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base


class GradebookReadingRow(Base):
    """When a file last spoke of a person in an activity without changing anything.

    A file that says the same again leaves no entry in the ledger; without this row an older file that comes in
    afterwards would pass for news.
    """

    __tablename__ = "gradebook_reading"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    read_at: Mapped[datetime]
    """The time of the marks in that file."""


class MoodleConnectionRow(Base):
    """A platform's web service: where it is, and the token, locked."""

    __tablename__ = "moodle_connection"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(400))
    token_locked: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    tested_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(60))
    """Why the last test failed, by code; None where it did not."""


class NativePullRow(Base):
    """A course whose marks are read by the web service: when next, and what came of it last."""

    __tablename__ = "native_pull"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """None: only when somebody asks for it."""
    asked_at: Mapped[datetime | None]
    """Not used any more: who asks opens an errand. Here for workers of the version before."""
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    fault: Mapped[str | None] = mapped_column(String(60))
    function: Mapped[str | None] = mapped_column(String(80))
    """Which function of the web service was refused, where that is the fault."""
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    """People in Moodle's gradebook whom this course does not know."""


class NativeItemRow(Base):
    """Something of a course in Moodle that can give marks, and the activity it was chosen to be."""

    __tablename__ = "native_item"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(400))
    module: Mapped[str | None] = mapped_column(String(60))
    instance: Mapped[str | None] = mapped_column(String(40))
    mark_min: Mapped[Decimal]
    mark_max: Mapped[Decimal]
    fault: Mapped[str | None] = mapped_column(String(20))
    gone: Mapped[bool] = mapped_column(default=False)
    """Moodle did not list it any more when it was read last; what it gave stays."""
    place: Mapped[int] = mapped_column(SmallInteger)
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    """None: not chosen."""
