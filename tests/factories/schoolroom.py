"""A mapped course with participants and a platform behind it: marks go in, grades come out at the other end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.catalogue import Framework
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.grading.gradebook import Accepted
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.people.tables import CourseRow, MembershipRow
from lti_tool.worker import Worker
from tests.factories.fake_platform import FakePlatform, plain_comment
from tests.factories.make import Make

_Answer = TypeVar("_Answer")


@dataclass
class Schoolroom:
    """Competency 1.1 with levels of 3, 2 and 1 indicators, 1.2 with one indicator on each level."""

    sessions: SessionFactory
    now: datetime
    framework: Framework
    course_id: CourseId
    people: list[PersonId]
    subs: list[str]
    lms: FakePlatform = field(default_factory=FakePlatform)

    def do(self, work: Callable[[Session], _Answer]) -> _Answer:
        """One transaction."""
        with unit_of_work(self.sessions) as session:
            return work(session)

    def activity(self, name: str, **fields: str) -> ActivityId:
        def make(session: Session) -> ActivityId:
            course = session.get_one(CourseRow, self.course_id)
            return ActivityId(Make(session, self.now).activity(course, name, **fields).id)

        return self.do(make)

    def indicators(self, competency: str, level: int) -> list[IndicatorId]:
        return [each.id for each in self.framework.competency(competency).of_level(level)]

    def map_levels(self, activity: ActivityId, *levels: int, competency: str = "1.1") -> None:
        """The activity shows every indicator of these levels."""
        cells = [Mapping(activity, each) for level in levels for each in self.indicators(competency, level)]
        self.do(lambda session: self._map(session, cells, merge=True))

    def unmap(self) -> None:
        """The course's mapping becomes empty."""
        self.do(lambda session: self._map(session, [], merge=False))

    def _map(self, session: Session, cells: list[Mapping], *, merge: bool) -> None:
        gradebook.accept_mapping(session, self.course_id, cells, by=None, now=self.now, merge=merge)

    def mark(self, activity: ActivityId, mark: int | None, person: int = 0) -> Accepted:
        """A mark out of 100 comes in, a minute after whatever was before."""
        self.now += timedelta(minutes=1)
        entry = NewEvidence(
            self.people[person],
            activity,
            None,
            None if mark is None else Decimal(mark),
            Decimal(0),
            Decimal(100),
            "gradebook_file",
            self.now,
        )
        return self.do(
            lambda session: gradebook.accept_results(session, self.course_id, [entry], by=None, now=self.now)
        )

    def work(self) -> int:
        """A worker does all that is due; returns how many scores it tried."""
        return Worker(self.sessions, self.lms, plain_comment, threads=2, now=lambda: self.now).run_once()

    def column(self, competency: str = "1.1") -> LineItemRow:
        with self.sessions() as session:
            query = select(LineItemRow).where(LineItemRow.resource_id == f"competency:{competency}")
            return session.scalars(query).one()

    def shown(self, person: int = 0, competency: str = "1.1") -> Decimal | None:
        """What the platform's gradebook shows."""
        return self.lms.shown(self.column(competency).url or "", self.subs[person])

    def set_role(self, person: int, role: str) -> None:
        def change(session: Session) -> None:
            row = session.get_one(MembershipRow, (self.course_id, self.people[person]))
            row.roster_role = role

        self.do(change)


def open_schoolroom(sessions: SessionFactory, now: datetime, people: int = 2) -> Schoolroom:
    """A course without a mapping."""
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        framework = make.small_framework(((3, 2, 1), (1, 1, 1)))
        platform = make.platform()
        course = make.course(platform)
        course.locale = "ru"
        persons = [make.person(platform, f"Person {number}") for number in range(people)]
        for person in persons:
            make.membership(course, person)
        ids = [PersonId(person.id) for person in persons]
        return Schoolroom(sessions, now, framework, CourseId(course.id), ids, [person.sub for person in persons])
