"""Judging an indicator, settling a dispute, voiding evidence: with the grades that follow, on either database."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.competency import decision_queries, decisions, ledger_store
from lti_tool.competency.decision_queries import JudgementEntry, LedgerLine
from lti_tool.competency.decisions import Said, Who
from lti_tool.competency.evidence import current_evidence
from lti_tool.competency.tables import AttainmentRow, CourseLeadRow, EvidenceVoidingRow, JudgementRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import decisions as door
from lti_tool.ids import ActivityId, IndicatorId, PersonId
from lti_tool.lti.tables import PlatformRow
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

REASON = "Сабакта өзүм көрдүм."


class Desk:
    """Trainers (persons 1 and 2) decide over the marks of person 0: 70 on level 1, 40 on level 2 of 1.1."""

    def __init__(self, room: Schoolroom) -> None:
        self.room = room
        self.quiz = self._marked("Quiz: 1", 1, 70)
        self.essay = self._marked("Assignment: 2", 2, 40)
        room.work()

    def _marked(self, name: str, level: int, mark: int) -> ActivityId:
        activity = self.room.activity(name)
        self.room.map_levels(activity, level)
        self.room.mark(activity, mark)
        return activity

    @property
    def person(self) -> PersonId:
        return self.room.people[0]

    def hard(self, which: int = 0) -> IndicatorId:
        """An indicator of level 2, both of which are needed and neither attained."""
        return self.room.indicators("1.1", 2)[which]

    def judge(
        self,
        trainer: int,
        *,
        attained: bool,
        on: int = 0,
        seen: int | None = None,
        reason: str = REASON,
        until: datetime | None = None,
    ) -> None:
        self.room.now += timedelta(minutes=1)
        said = Said(self.person, self.hard(on), attained, reason, until)
        version = decision_queries.version_of(self.history(on)) if seen is None else seen
        by = self.room.people[trainer]
        self.room.do(
            lambda session: door.accept_judgement(
                session, self.room.course_id, said, seen=version, by=by, now=self.room.now
            )
        )

    def decide(self, who: Who, *, attained: bool, on: int = 0) -> None:
        self.room.now += timedelta(minutes=1)
        said, version = (
            Said(self.person, self.hard(on), attained, REASON),
            decision_queries.version_of(self.history(on)),
        )
        self.room.do(
            lambda session: door.accept_decision(
                session, self.room.course_id, said, seen=version, by=who, now=self.room.now
            )
        )

    def withdraw(self, trainer: int, entry: JudgementEntry) -> None:
        by = self.room.people[trainer]
        self.room.do(
            lambda session: door.accept_withdrawal(
                session, self.room.course_id, self.person, entry.public_id, by=by, now=self.room.now
            )
        )

    def void(self, line: LedgerLine, *, voided: bool = True, reason: str = REASON, by: int = 1) -> None:
        self.room.do(
            lambda session: door.accept_voiding(
                session,
                self.room.course_id,
                self.person,
                line.public_id,
                voided=voided,
                reason=reason,
                by=self.room.people[by],
                now=self.room.now,
            )
        )

    def history(self, on: int = 0) -> tuple[JudgementEntry, ...]:
        return self.room.do(
            lambda session: decision_queries.judgements_on(session, self.room.course_id, self.person)
        ).get(self.hard(on), ())

    def lines(self, indicator: IndicatorId) -> tuple[LedgerLine, ...]:
        return self.room.do(
            lambda session: decision_queries.ledger_lines(session, self.room.course_id, self.person, indicator)
        )

    def standing(self) -> tuple[object, object]:
        """Everything that is stored of what was computed of the person."""

        def read(session: Session) -> tuple[object, object]:
            here = self.room.course_id
            return (
                ledger_store.attainments(session, here, [self.person]),
                ledger_store.standings(session, here, [self.person]),
            )

        return self.room.do(read)

    def sent(self) -> Decimal | None:
        self.room.work()
        return self.room.shown()


@pytest.fixture
def desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    return Desk(open_schoolroom(any_sessions, now, people=4))


def test_a_judgement_makes_the_level_and_the_grade(desk: Desk) -> None:
    assert desk.sent() == Decimal(1)

    desk.judge(1, attained=True, on=0)
    desk.judge(1, attained=True, on=1)

    assert desk.sent() == Decimal(2)


def test_withdrawing_gives_back_what_the_marks_say(desk: Desk) -> None:
    before = desk.standing()
    desk.judge(1, attained=True)
    assert desk.standing() != before

    (entry,) = desk.history()
    desk.withdraw(1, entry)
    desk.withdraw(1, entry)

    assert desk.standing() == before
    assert [each.withdrawn_at is not None for each in desk.history()] == [True]


def test_only_ones_own_judgement_can_be_withdrawn(desk: Desk) -> None:
    desk.judge(1, attained=True)
    (entry,) = desk.history()

    with pytest.raises(RuleBroken, match="judgement_of_another"):
        desk.withdraw(2, entry)


def test_opposite_sides_are_disputed_and_the_sent_grade_stays(desk: Desk) -> None:
    desk.judge(1, attained=True, on=0)
    desk.judge(1, attained=True, on=1)
    assert desk.sent() == Decimal(2)

    desk.judge(2, attained=False, on=1)

    assert decisions.is_disputed(desk.history(1), desk.room.now)
    assert desk.sent() == Decimal(2)
    matters = desk.room.do(lambda session: decision_queries.open_matters(session, desk.room.course_id))
    assert [(each.person_id, each.indicator, each.disputed) for each in matters] == [(desk.person, desk.hard(1), True)]


def test_an_admins_decision_ends_a_dispute(desk: Desk) -> None:
    desk.judge(1, attained=True, on=0)
    desk.judge(1, attained=True, on=1)
    desk.judge(2, attained=False, on=1)
    assert desk.sent() == Decimal(1)

    desk.decide(Who(desk.room.people[3], is_admin=True), attained=True, on=1)

    assert desk.sent() == Decimal(2)
    with pytest.raises(RuleBroken, match="already_decided"):
        desk.judge(2, attained=False, on=1)


def test_a_trainer_who_does_not_lead_decides_nothing(desk: Desk) -> None:
    desk.judge(1, attained=True)
    desk.judge(2, attained=False)

    with pytest.raises(RuleBroken, match="not_lead"):
        desk.decide(Who(desk.room.people[1]), attained=True)


def test_the_named_lead_decides(desk: Desk) -> None:
    def name(session: Session) -> None:
        lead = desk.room.people[1]
        session.add(CourseLeadRow(course_id=desk.room.course_id, person_id=lead, named_at=desk.room.now, named_by=lead))

    desk.room.do(name)
    desk.judge(1, attained=True)
    desk.judge(2, attained=False)

    desk.decide(Who(desk.room.people[1]), attained=False)

    assert not decisions.is_disputed(desk.history(), desk.room.now)


def test_a_decision_sent_twice_is_one_and_another_one_after_it_stands(desk: Desk) -> None:
    admin = Who(desk.room.people[3], is_admin=True)
    desk.judge(1, attained=True)
    desk.judge(2, attained=False)

    desk.decide(admin, attained=True)
    desk.decide(admin, attained=True)
    assert [entry.judgement.attained for entry in desk.history()] == [True, False, True]

    desk.decide(admin, attained=False)
    assert [entry.judgement.attained for entry in desk.history()] == [False, True, False, True]
    assert not decisions.is_disputed(desk.history(), desk.room.now)


def test_without_a_dispute_there_is_nothing_to_decide(desk: Desk) -> None:
    desk.judge(1, attained=True)

    with pytest.raises(RuleBroken, match="nothing_disputed"):
        desk.decide(Who(desk.room.people[3], is_admin=True), attained=True)


def test_two_at_once_are_both_told_and_nothing_is_lost(desk: Desk) -> None:
    desk.judge(1, attained=True, seen=0)

    with pytest.raises(Conflict, match="judged_meanwhile"):
        desk.judge(2, attained=False, seen=0)

    assert len(desk.history()) == 1
    desk.judge(2, attained=False)
    assert len(desk.history()) == 2


def test_a_withdrawal_is_a_change_too(desk: Desk) -> None:
    desk.judge(1, attained=True)
    desk.withdraw(1, desk.history()[0])

    with pytest.raises(Conflict, match="judged_meanwhile"):
        desk.judge(2, attained=False, seen=1)


def test_a_double_click_is_one_judgement(desk: Desk) -> None:
    desk.judge(1, attained=True, seen=0)
    desk.judge(1, attained=True, seen=0)

    assert len(desk.history()) == 1


@pytest.mark.parametrize("reason", ["", "   short  ", "x" * 2001])
def test_a_reason_is_a_sentence(desk: Desk, reason: str) -> None:
    with pytest.raises(RuleBroken, match="reason_length"):
        desk.judge(1, attained=True, reason=reason)

    assert desk.history() == ()


def test_an_end_lies_ahead(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="end_is_past"):
        desk.judge(1, attained=True, until=desk.room.now)


def test_nobody_decides_over_their_own_record(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="own_record"):
        desk.judge(0, attained=True)
    with pytest.raises(RuleBroken, match="own_record"):
        desk.void(desk.lines(desk.hard())[0], by=0)


def test_work_newer_than_the_judgement_asks_for_a_review_and_changes_nothing(desk: Desk) -> None:
    desk.judge(1, attained=True)
    desk.room.mark(desk.essay, 10)

    (matter,) = desk.room.do(lambda session: decision_queries.open_matters(session, desk.room.course_id))

    assert (matter.indicator, matter.disputed) == (desk.hard(), False)


def test_voided_evidence_counts_no_longer_and_comes_back(desk: Desk) -> None:
    before = desk.standing()
    assert desk.sent() == Decimal(1)
    (line,) = desk.lines(desk.room.indicators("1.1", 1)[0])

    desk.void(line)
    desk.void(line)
    assert desk.sent() is None

    desk.void(line, voided=False)
    assert desk.sent() == Decimal(1)
    assert desk.standing() == before
    (line,) = desk.lines(desk.room.indicators("1.1", 1)[0])
    assert [step.voided for step in line.history] == [True, False]


def test_voiding_all_evidence_is_as_if_there_had_been_none(desk: Desk) -> None:
    untouched = desk.room.people[3]
    for level in (1, 2):
        desk.void(desk.lines(desk.room.indicators("1.1", level)[0])[0])

    def states(person: PersonId) -> dict[int, object]:
        held = desk.room.do(lambda session: ledger_store.attainments(session, desk.room.course_id, [person]))
        return {key: (row["state"], row["value"], row["coverage"]) for (_, key), row in held.items()}

    assert states(desk.person) == states(untouched) != {}


def test_a_source_that_repeats_a_voided_mark_says_nothing_new(desk: Desk) -> None:
    (line,) = desk.lines(desk.room.indicators("1.1", 1)[0])
    desk.void(line)

    known = desk.room.do(lambda session: current_evidence(session, desk.room.course_id))

    assert known[desk.person, desk.quiz, None].mark == Decimal(70)


def test_what_is_not_of_this_person_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.room.do(
            lambda session: decisions.withdraw(
                session, desk.room.course_id, desk.person, "nosuchjudgement", desk.room.people[1], desk.room.now
            )
        )
    (line,) = desk.lines(desk.room.indicators("1.1", 1)[0])
    with pytest.raises(NotFound):
        desk.room.do(
            lambda session: decisions.void(
                session,
                desk.room.course_id,
                desk.room.people[2],
                line.public_id,
                voided=True,
                reason=REASON,
                by=desk.room.people[1],
                now=desk.room.now,
            )
        )


def test_a_refusal_leaves_nothing(desk: Desk) -> None:
    (line,) = desk.lines(desk.room.indicators("1.1", 1)[0])
    with pytest.raises(RuleBroken, match="reason_length"):
        desk.void(line, reason="no")

    counted = desk.room.do(
        lambda session: (
            session.scalar(select(func.count()).select_from(EvidenceVoidingRow)),
            session.scalar(select(func.count()).select_from(JudgementRow)),
        )
    )
    assert counted == (0, 0)


def test_open_matters_stand_in_the_order_of_the_kyrgyz_alphabet(desk: Desk) -> None:
    """Ө comes after О, before П."""
    names = ["Памирова", "Өмүрова", "Осмонова"]
    with unit_of_work(desk.room.sessions) as session:
        make, platform = Make(session, desk.room.now), session.scalars(select(PlatformRow)).one()
        for name in names:
            person = make.person(platform, name, family_name=name, sub=name)
            row = AttainmentRow(course_id=desk.room.course_id, person_id=person.id, indicator_id=desk.hard())
            row.state = row.computed = "attained"
            row.review_due = True
            session.add(row)

    matters = desk.room.do(lambda session: decision_queries.open_matters(session, desk.room.course_id))

    assert [each.person_name for each in matters] == ["Осмонова", "Өмүрова", "Памирова"]
