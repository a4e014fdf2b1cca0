"""Two trainers in the same second: one stands, the other is told what stands, and ledger and grades follow the one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.competency import closing, closing_store, decision_queries
from lti_tool.competency.decisions import Said as Judged
from lti_tool.competency.decisions import Who
from lti_tool.competency.evidence import current_evidence
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.observing import ObservationChange, observed
from lti_tool.competency.tables import CompetencyStandingRow, EvidenceRow, JudgementRow, RegradeCaseRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict
from lti_tool.grading import decisions, gradebook
from lti_tool.grading.closing import accept_closing
from lti_tool.ids import ActivityId, IndicatorId, PersonId
from lti_tool.people import activities
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from lti_tool.people.tables import CourseRow
from lti_tool.tasks import assessing
from lti_tool.tasks.assessing import Said
from lti_tool.tasks.model import SubmissionState
from lti_tool.tasks.tables import AssessmentRow, SubmissionRow
from tests.factories.schoolroom import Schoolroom, open_schoolroom

ROUNDS = 6
"""Each is a race anew: one that is lost by luck is not lost six times."""
FIRST, SECOND = 1, 2
"""Which of the people are the trainers; person 0 takes part."""
Deed = Callable[[Session, int], object]


class Staffroom:
    """Two trainers with an evidence task and a checklist that show level 1 of 1.1, of one participant."""

    def __init__(self, room: Schoolroom) -> None:
        self.room = room
        self.person = room.people[0]
        self.task = self._activity(ActivityKind.EVIDENCE, "External tool: Lesson plan", "1.1")
        self.checklist = self._activity(ActivityKind.OBSERVATION, "External tool: Lesson seen", "1.2")
        room.set_role(FIRST, "trainer")
        room.set_role(SECOND, "trainer")

    def _activity(self, kind: ActivityKind, name: str, competency: str) -> ActivityId:
        made = self.room.activity(name, kind=kind.value, source=ActivitySource.LTI.value, external_id=name)
        self.room.map_levels(made, 1, competency=competency)
        return made

    def activity(self, session: Session, activity_id: ActivityId) -> Activity:
        (found,) = (each for each in activities.activities_of(session, self.room.course_id) if each.id == activity_id)
        return found

    def hand_in(self, attempt: int) -> str:
        def store(session: Session) -> str:
            row = SubmissionRow(course_id=self.room.course_id, activity_id=self.task, person_id=self.person)
            row.attempt, row.text, row.links, row.version = attempt, "Иш", [], 1
            row.state, row.begun_at, row.saved_at = SubmissionState.HANDED_IN.value, self.room.now, self.room.now
            row.handed_in_at = self.room.now + timedelta(minutes=attempt)
            session.add(row)
            session.flush()
            return row.public_id

        return self.room.do(store)

    def race(self, deed: Deed) -> list[object]:
        """Both trainers do this at once, each in a transaction of their own; what came of each."""
        barrier = Barrier(2)

        def run(trainer: int) -> object:
            barrier.wait(10)
            try:
                with unit_of_work(self.room.sessions) as session:
                    return deed(session, trainer)
            except Conflict as told:
                return told.code

        with ThreadPoolExecutor(2) as crew:
            return list(crew.map(run, (FIRST, SECOND)))


@pytest.fixture
def staffroom(any_sessions: SessionFactory, now: datetime) -> Staffroom:
    return Staffroom(open_schoolroom(any_sessions, now, people=3))


STEP = {FIRST: ObservationStep.CONVINCING, SECOND: ObservationStep.EMERGING}
SCORE = {FIRST: Decimal(1), SECOND: Decimal("0.4")}


def test_of_two_assessments_at_once_one_stands_and_the_other_is_told(staffroom: Staffroom) -> None:
    room = staffroom.room
    indicators = room.indicators("1.1", 1)
    for attempt in range(1, ROUNDS + 1):
        submission = staffroom.hand_in(attempt)

        def assess(session: Session, trainer: int, submission: str = submission) -> object:
            said = Said(dict.fromkeys(indicators, STEP[trainer]), f"Trainer {trainer}")
            by = room.people[trainer]
            return assessing.assess(session, room.course_id, submission, said, seen=0, by=by, now=room.now).by

        came = staffroom.race(assess)

        assert came.count("assessed_meanwhile") == 1, came
        (winner,) = (trainer for trainer in (FIRST, SECOND) if came[trainer - 1] != "assessed_meanwhile")
        with unit_of_work(room.sessions, writes=False) as session:
            stands = assessing.submission_of(session, room.course_id, submission).assessment
            held = current_evidence(session, room.course_id)
            stored = session.scalar(select(func.count()).select_from(AssessmentRow))
        assert stands is not None
        assert (stands.by, stands.version) == (room.people[winner], 1)
        assert {held[staffroom.person, staffroom.task, each].mark for each in indicators} == {SCORE[winner]}
        assert stored == attempt


def test_of_two_looks_at_one_cell_at_once_one_stands_and_the_other_is_told(staffroom: Staffroom) -> None:
    room = staffroom.room
    (indicator,) = room.indicators("1.2", 1)
    seen: Fraction | None = None
    for turn in range(ROUNDS):
        # Each turn asks for other steps, so that neither trainer ever asks for what stands there already.
        steps = list(ObservationStep)
        wanted = {FIRST: steps[turn % 2], SECOND: steps[2 + turn % 2]}

        def look(
            session: Session,
            trainer: int,
            seen: Fraction | None = seen,
            wanted: dict[int, ObservationStep] = wanted,
        ) -> object:
            change = ObservationChange(staffroom.person, indicator, seen, wanted[trainer])
            activity = staffroom.activity(session, staffroom.checklist)
            clashes = gradebook.accept_observations(session, activity, [change], by=room.people[trainer], now=room.now)
            return [clash.stands.step if clash.stands else None for clash in clashes]

        came = staffroom.race(look)

        lost = [each for each in came if each != []]
        assert len(lost) == 1, came
        (winner,) = (trainer for trainer in (FIRST, SECOND) if came[trainer - 1] == [])
        assert lost == [[wanted[winner]]], "the other is told what stands"
        with unit_of_work(room.sessions, writes=False) as session:
            activity = staffroom.activity(session, staffroom.checklist)
            stands = observed(session, activity, [staffroom.person])[staffroom.person, indicator]
            entries = session.scalar(select(func.count()).where(EvidenceRow.activity_id == staffroom.checklist))
        assert stands.step is wanted[winner]
        assert entries == turn + 1
        seen = stands.score


def test_of_two_judgements_at_once_one_stands_and_the_other_is_told(staffroom: Staffroom) -> None:
    room = staffroom.room
    for turn, indicator in enumerate(room.indicators("1.1", 1)):

        def judge(session: Session, trainer: int, indicator: IndicatorId = indicator) -> object:
            said = Judged(staffroom.person, indicator, trainer == FIRST, "Сабакта өзүм көрдүм.")
            by: PersonId = room.people[trainer]
            decisions.accept_judgement(session, room.course_id, said, seen=0, by=by, now=room.now)
            return by

        came = staffroom.race(judge)

        assert came.count("judged_meanwhile") == 1, came
        with unit_of_work(room.sessions, writes=False) as session:
            (entry,) = decision_queries.judgements_on(session, room.course_id, staffroom.person)[indicator]
            stored = session.scalar(select(func.count()).select_from(JudgementRow))
        assert entry.judgement.by in came
        assert stored == turn + 1


def test_two_assessments_of_different_work_at_once_both_stand(staffroom: Staffroom) -> None:
    room = staffroom.room
    indicators = room.indicators("1.1", 1)
    works = {FIRST: staffroom.hand_in(1), SECOND: staffroom.hand_in(2)}

    def assess(session: Session, trainer: int) -> object:
        said = Said(dict.fromkeys(indicators, STEP[trainer]), "")
        by = room.people[trainer]
        return assessing.assess(session, room.course_id, works[trainer], said, seen=0, by=by, now=room.now).version

    assert staffroom.race(assess) == [1, 1]
    held = room.do(lambda session: current_evidence(session, room.course_id))
    newest = {held[staffroom.person, staffroom.task, each].mark for each in indicators}
    assert newest == {SCORE[SECOND]}, "the newer attempt counts, whoever was first"


def test_a_mark_that_arrives_while_the_course_is_closed_is_before_or_after_it(staffroom: Staffroom) -> None:
    """Whoever waits for the other computes with what the other has stored: nothing moves a frozen level."""
    room = staffroom.room
    (indicator,) = room.indicators("1.2", 1)
    competency = room.framework.competency("1.2").id
    admin = Who(room.people[SECOND], is_admin=True)

    def observe(session: Session) -> object:
        change = ObservationChange(staffroom.person, indicator, None, ObservationStep.CONVINCING)
        activity = staffroom.activity(session, staffroom.checklist)
        # Read before the course is taken, as a page reads it: what is known of it then may be old.
        held = session.get_one(CourseRow, room.course_id)
        assert not gradebook.accept_observations(session, activity, [change], by=room.people[FIRST], now=room.now)
        return held.id

    def close(session: Session) -> object:
        seen = closing.look(session, room.course_id, room.now).fingerprint
        accept_closing(session, room.course_id, seen, by=admin, now=room.now)
        return "closed"

    came = staffroom.race(lambda session, trainer: observe(session) if trainer == FIRST else close(session))

    with unit_of_work(room.sessions, writes=False) as session:
        standing = session.get_one(CompetencyStandingRow, (room.course_id, staffroom.person, competency))
        cases = session.scalar(select(func.count()).select_from(RegradeCaseRow))
        is_closed = closing.is_closed(session, room.course_id)
        certified = closing_store.standing_certificates(session, room.course_id, room.now)
    assert came[0] == room.course_id
    assert is_closed == (came[1] == "closed")
    if not is_closed:
        assert (came[1], standing.established, cases) == ("closing_changed_meanwhile", 1, 0)
    elif certified:
        assert (standing.established, cases) == (1, 0), "the mark was first"
    else:
        assert (standing.established, cases) == (None, 1), "the closing was first, so the mark waits for a decision"


def test_a_closing_is_seen_by_who_knew_the_course_before_it(staffroom: Staffroom) -> None:
    """The course was read while it was open; what is computed after it was taken goes by what is stored."""
    room = staffroom.room
    admin = Who(room.people[SECOND], is_admin=True)
    with room.sessions() as reader:
        held = reader.get_one(CourseRow, room.course_id)
        assert held.closed_at is None
        if reader.get_bind().dialect.name == "sqlite":
            reader.commit()  # SQLite shows a reader one state until it ends

        def close(session: Session) -> None:
            seen = closing.look(session, room.course_id, room.now).fingerprint
            accept_closing(session, room.course_id, seen, by=admin, now=room.now)

        room.do(close)

        assert closing.is_closed(reader, room.course_id)
        assert held.id == room.course_id
