"""What moving a course to another version of the requirements would do, in figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.ids import CourseId, FrameworkVersionId


@dataclass(frozen=True, slots=True)
class Impact:
    """What moving a course would do, in figures; nobody is named."""

    course_id: CourseId
    public_id: str
    title: str
    to: FrameworkVersionId
    move: bool
    """It waits to be moved."""
    computed_at: datetime | None
    """None: nobody has looked yet."""
    persons: int
    gaining: int
    losing: int
    fault: str | None
