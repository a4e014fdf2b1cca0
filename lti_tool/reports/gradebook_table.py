"""A course's gradebook as a table for programs: the columns are the tool's contract with whoever reads such files.

A row a person and competency; empty is not established. What the group page shows is another table, for people.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.grading.export import HEADER, gradebook_rows
from lti_tool.grading.scoring import PLACES
from lti_tool.people.model import Course
from lti_tool.reports.table import Column, Kind, Note, Table, file_name

_KINDS = {
    "established": Column("established", Kind.WHOLE),
    "attained": Column("attained", Kind.WHOLE),
    "indicators": Column("indicators", Kind.WHOLE),
    "progress": Column("progress", Kind.DECIMAL, PLACES),
}


def gradebook_table(session: Session, course: Course, now: datetime, language: str = "en") -> Table:
    """The whole gradebook of a course as it stands."""
    rows = [row.cells() for row in gradebook_rows(session, course.id, now)]
    return Table(
        name=file_name("gradebook", course.label or course.title),
        title="gradebook",
        columns=tuple(_KINDS.get(name, Column(name)) for name in HEADER),
        rows=rows,
        count=len(rows),
        notes=(Note("course", course.title), Note("as of", now.isoformat(timespec="seconds"))),
        language=language,
    )
