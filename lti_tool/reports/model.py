"""What a roll-up says of one course, before it is stored and after. Values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lti_tool.ids import FrameworkVersionId, PlatformId
from lti_tool.reports.periods import Month, Period
from lti_tool.reports.tally import Tally


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """One course in figures."""

    platform_id: PlatformId
    month: Month
    sort_title: str
    closed: bool
    framework_version: FrameworkVersionId | None
    """None: nothing has been computed in this course yet."""
    mapped_indicators: int
    undelivered: int
    tally: Tally
    groups: Mapping[str, Tally] = field(default_factory=dict)
    """By the id of each group in the LMS; somebody in two groups is counted in both."""

    @property
    def standings(self) -> int:
        """Participants × competencies that the course targets."""
        return sum(sum(row) for row in self.tally.levels.values())

    @property
    def established(self) -> int:
        """How many of the standings have an established level, level 0 included."""
        return sum(sum(row[1:]) for row in self.tally.levels.values())


@dataclass(frozen=True, slots=True)
class Gathered:
    """Courses together: how many, their tally, and as of when the oldest of its figures is."""

    courses: int
    tally: Tally
    as_of: datetime | None
    """None: nothing is counted yet."""


class CourseOrder(StrEnum):
    """What a list of courses may be sorted by."""

    TITLE = "title"
    MONTH = "month"
    PARTICIPANTS = "participants"
    COVERAGE = "coverage"
    ESTABLISHED = "established"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """Which courses a list shows, and in which order."""

    text: str = ""
    """Words of title or label."""
    trainer: str = ""
    """Words of the name of somebody who teaches there."""
    period: Period = field(default_factory=Period)
    version: FrameworkVersionId | None = None
    """Only those on this version of the requirements."""
    closed: bool | None = None
    """None: open and closed ones."""
    undelivered: bool = False
    """Only those with grades that have not arrived."""
    unmapped: bool = False
    """Only those in which nothing is mapped yet."""
    order: CourseOrder = CourseOrder.MONTH
    descending: bool = True
