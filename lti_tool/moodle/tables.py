"""What the reading of gradebook files has to remember beyond the evidence that it brought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
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
