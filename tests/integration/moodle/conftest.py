"""A course with the four people and the main activities of the recorded gradebook export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from lti_tool.competency.evidence import current_evidence
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle.mapping_import import import_mapping
from lti_tool.moodle.results_import import ImportReport, import_results
from lti_tool.people.activities import activities_of
from tests.factories.make import Make

EXPORTS = Path(__file__).parents[2] / "data" / "moodle-5.1" / "webservice"
MAPPING = """activity,indicator,weight,role,pass_mark,max
Assignment: Lab report,4.1.1.a,2,required,0.5,50
Quiz: Week 1 quiz,4.1.1.a,1,supporting,,10
Quiz: Week 1 quiz,4.1.1.b,1,supporting,,10
External tool: Graded link,4.1.1.c,1,optional,,
"""


@dataclass
class Imported:
    """The course and what a trainer does with it."""

    session: Session
    now: datetime
    course_id: CourseId
    people: dict[str, PersonId]

    def map(self, text: str = MAPPING, *, merge: bool = False) -> None:
        import_mapping(self.session, self.course_id, text.encode(), merge=merge, by=None, now=self.now)

    def results(self, content: bytes, **options: object) -> ImportReport:
        return import_results(self.session, self.course_id, content, now=self.now, **options)  # type: ignore[arg-type]

    def export(self, old: str = "", new: str = "", *, name: str = "gradebook-export") -> bytes:
        """The recorded export; every `old` in it made `new`."""
        text = (EXPORTS / f"{name}.csv").read_text()
        assert not old or old in text
        return text.replace(old, new).encode() if old else text.encode()

    def activity(self, name: str) -> ActivityId:
        return next(each.id for each in activities_of(self.session, self.course_id) if each.name == name)

    def marks(self, activity: str) -> dict[str, tuple[Decimal | None, Decimal]]:
        """The current marks of an activity with their maxima, by person."""
        names = {person: name for name, person in self.people.items()}
        current = current_evidence(self.session, self.course_id)
        wanted = self.activity(activity)
        return {names[place[0]]: (entry.mark, entry.mark_max) for place, entry in current.items() if place[1] == wanted}


@pytest.fixture
def imported_course() -> Callable[[Session, datetime], Imported]:
    """Makes the course in any session; its mapping is not imported yet."""

    def build(session: Session, now: datetime) -> Imported:
        make = Make(session, now)
        make.framework()
        platform = make.platform()
        course = make.course(platform)
        people = {}
        for number in (1, 2, 3, 4):
            told = {} if number == 3 else {"id_number": f"SIS-stud{number}"}
            person = make.person(platform, name=f"stud{number}", email=f"stud{number}@example.invalid", **told)
            make.membership(course, person)
            people[f"stud{number}"] = PersonId(person.id)
        return Imported(session, now, CourseId(course.id), people)

    return build


@pytest.fixture
def course(session: Session, now: datetime, imported_course: Callable[[Session, datetime], Imported]) -> Imported:
    """The course, mapped."""
    made = imported_course(session, now)
    made.map()
    return made
