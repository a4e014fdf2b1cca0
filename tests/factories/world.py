"""Two courses of two people with any mapping and any marks, for what must hold whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import ledger_store
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import make_session_factory
from lti_tool.grading import gradebook
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.ids import ActivityId, CourseId, PersonId
from tests.factories.make import Make
from tests.factories.memory import memory_engine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACTIVITIES = 3
COURSES = 2
PEOPLE = 2


@dataclass(frozen=True)
class Told:
    """A mark as it arrives; `minute` is when the work was done, unique in a ledger."""

    course: int
    person: int
    activity: int
    mark: int | None
    minute: int


cells = st.lists(
    st.tuples(
        st.integers(0, COURSES - 1),
        st.integers(0, ACTIVITIES - 1),
        st.integers(0, 5),
        st.integers(1, 5),
        st.sampled_from(MappingRole),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda cell: cell[:3],
)
ledgers = st.lists(
    st.builds(
        Told,
        course=st.integers(0, COURSES - 1),
        person=st.integers(0, PEOPLE - 2),
        activity=st.integers(0, ACTIVITIES - 1),
        mark=st.one_of(st.none(), st.integers(0, 100)),
        minute=st.integers(0, 10_000),
    ),
    max_size=8,
    unique_by=lambda told: told.minute,
)


class World:
    """Two courses of a platform with two people, a small framework, and a mapping. The last person never works."""

    def __init__(
        self, session: Session, mapping: Sequence[tuple[int, int, int, int, MappingRole]], keys: Sequence[str] = ()
    ) -> None:
        self.session = session
        make = Make(session, NOW)
        self.indicators = make.small_framework(((3, 2, 1),), keys=keys).indicators
        platform = make.platform()
        self.courses = [make.course(platform, f"Course {number}") for number in range(COURSES)]
        self.people = [make.person(platform, f"Person {number}") for number in range(PEOPLE)]
        for course in self.courses:
            for person in self.people:
                make.membership(course, person)
        self.activities = [[make.activity(course, f"Quiz: {n}") for n in range(ACTIVITIES)] for course in self.courses]
        for number, course in enumerate(self.courses):
            own = self.mapping(number, mapping)
            gradebook.accept_mapping(session, CourseId(course.id), own, by=None, now=NOW)

    def mapping(self, course: int, drawn: Sequence[tuple[int, int, int, int, MappingRole]]) -> list[Mapping]:
        """What was drawn for this course, as its matrix."""
        return [
            Mapping(ActivityId(self.activities[c][activity].id), self.indicators[indicator].id, weight, role)
            for c, activity, indicator, weight, role in drawn
            if c == course
        ]

    def hear(self, told: Told) -> None:
        """A mark arrives."""
        entry = NewEvidence(
            person_id=PersonId(self.people[told.person].id),
            activity_id=ActivityId(self.activities[told.course][told.activity].id),
            indicator_id=None,
            mark=None if told.mark is None else Decimal(told.mark),
            mark_min=Decimal(0),
            mark_max=Decimal(100),
            source="gradebook_file",
            worked_at=NOW + timedelta(minutes=told.minute),
        )
        gradebook.accept_results(self.session, CourseId(self.courses[told.course].id), [entry], by=None, now=NOW)

    def standings(self) -> dict[tuple[int, int, int], dict[str, object]]:
        """Everything stored of everybody: (course, person, competency) by their order → the row's values."""
        found = {}
        for number, course in enumerate(self.courses):
            people = [person.id for person in self.people]
            stored = ledger_store.standings(self.session, CourseId(course.id), people)
            found |= {(number, people.index(p), c): {**row, "rule_set_id": 0} for (p, c), row in stored.items()}
        return found

    def wanted(self) -> dict[tuple[int, int, str], Decimal | None]:
        """The grades that should stand in the platform's gradebook; nothing wanted is not in it."""
        query = select(DeliveryRow, LineItemRow.resource_id).join(
            LineItemRow, LineItemRow.id == DeliveryRow.line_item_id
        )
        courses, people = [row.id for row in self.courses], [row.id for row in self.people]
        return {
            (courses.index(row.course_id), people.index(row.person_id), column): row.wanted_given
            for row, column in self.session.execute(query)
            if row.wanted_given is not None
        }


def make_world(mapping: Sequence[tuple[int, int, int, int, MappingRole]], ledger: Sequence[Told]) -> World:
    """A world in a database of its own, once all these marks have arrived."""
    engine = memory_engine()
    world = World(make_session_factory(engine)(), mapping)
    for told in ledger:
        world.hear(told)
    return world
