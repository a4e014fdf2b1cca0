"""Somebody who takes part in two courses of a platform, each of which sees a part of what they can."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lti_tool.competency import closing
from lti_tool.competency.decisions import Who
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading import closing as door
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

FIRST, SECOND = "Биринчи курс", "Экинчи курс"


@dataclass
class TwoCourses:
    """Competency 1.1 with levels of 3, 2 and 1 indicators; person 0 is in both courses, person 1 in the first."""

    first: Schoolroom
    second: Schoolroom

    @property
    def person(self) -> PersonId:
        return self.first.people[0]

    @property
    def now(self) -> datetime:
        return max(self.first.now, self.second.now)

    def show(self, room: Schoolroom, *places: tuple[int, int], mark: int = 80) -> ActivityId:
        """An activity of a course that shows the indicators at these places (level, number) comes in with a mark."""
        activity = room.activity(f"Quiz: {places} {mark}")
        cells = [Mapping(activity, room.indicators("1.1", level)[number]) for level, number in places]
        room.do(lambda s: gradebook.accept_mapping(s, room.course_id, cells, by=None, now=room.now, merge=True))
        room.mark(activity, mark)
        return activity

    def close(self, room: Schoolroom) -> datetime:
        """An institute admin closes a course; when."""
        room.now += timedelta(minutes=1)
        admin = Who(room.people[1], is_admin=True)
        seen = room.do(lambda s: closing.look(s, room.course_id, room.now)).fingerprint
        room.do(lambda s: door.accept_closing(s, room.course_id, seen, by=admin, now=room.now))
        return room.now


def open_two_courses(sessions: SessionFactory, now: datetime) -> TwoCourses:
    """Two courses without a mapping."""
    first = open_schoolroom(sessions, now)

    def beside() -> CourseId:
        with sessions() as session:
            row = session.get_one(CourseRow, first.course_id)
            row.title = FIRST
            make = Make(session, now)
            other = make.course(session.get_one(PlatformRow, row.platform_id), SECOND)
            person = session.get_one(PersonRow, first.people[0])
            make.membership(other, person)
            session.commit()
            return CourseId(other.id)

    return TwoCourses(first, replace(first, course_id=beside()))
