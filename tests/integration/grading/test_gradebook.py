"""From a mark to a grade in the platform's gradebook, through the one door and a worker's turn."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.competency.tables import JudgementRow
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.errors import RuleBroken
from lti_tool.grading import gradebook, queries
from lti_tool.grading.model import DeliveryState, ToDo
from lti_tool.people.activities import activities_of
from tests.factories.schoolroom import Schoolroom, open_schoolroom


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime) -> Schoolroom:
    return open_schoolroom(any_sessions, now)


def use_encoding(room: Schoolroom, **options: object) -> None:
    room.do(lambda session: gradebook.accept_rules(session, room.course_id, options, by=None, now=room.now))


def judge(room: Schoolroom, trainer: int, *, attained: bool) -> None:
    """A trainer's judgement of the first indicator of level 2, as later pages will make it."""

    def store(session: Session) -> None:
        session.add(
            JudgementRow(
                course_id=room.course_id,
                person_id=room.people[0],
                indicator_id=room.indicators("1.1", 2)[0],
                judged_by=room.people[trainer],
                attained=attained,
                reason="көрдүм",
                judged_at=room.now,
            )
        )
        gradebook.welcome(session, room.course_id, [room.people[0]], now=room.now)

    room.do(store)


def test_a_mark_becomes_a_grade(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)

    room.mark(quiz, 70)
    room.work()

    assert room.shown() == Decimal(1)
    assert (room.column().label[:4], room.column().score_maximum) == ("1.1 ", Decimal(3))


def test_level_zero_is_sent_and_unknown_is_not(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 10)

    room.work()

    assert (room.shown(0), room.shown(1)) == (Decimal(0), None)
    assert len(room.lms.posts) == 1


def test_a_regrade_travels_with_a_later_time(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    room.work()
    room.mark(quiz, 10)
    room.work()

    (_, first), (_, second) = room.lms.posts
    assert (room.shown(), second.timestamp > first.timestamp) == (Decimal(0), True)


def test_a_mark_that_is_taken_back_takes_the_grade_back(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    room.work()

    room.mark(quiz, None)
    room.work()

    assert room.shown() is None
    assert room.lms.posts[-1][1].given is None


def test_a_better_mark_of_the_same_level_does_not_travel(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    room.work()

    assert room.mark(quiz, 90).scores_changed == 0
    assert room.work() == 0


def test_only_targeted_competencies_have_columns(room: Schoolroom) -> None:
    room.map_levels(room.activity("Quiz: 1"), 1, competency="1.2")

    room.work()

    assert [column.item.resource_id for column in room.lms.columns.values()] == ["competency:1.2"]


def test_a_competency_that_loses_its_mapping_keeps_its_column_without_grades(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    room.work()

    room.unmap()
    room.work()

    assert (room.shown(), room.column().targeted, len(room.lms.columns)) == (None, False, 1)
    room.map_levels(quiz, 1)
    room.now += timedelta(minutes=1)
    room.work()
    assert (room.shown(), room.lms.made) == (Decimal(1), 1)


def test_a_mapping_made_after_the_marks_makes_grades_of_them(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.mark(quiz, 70, person=0)
    room.mark(quiz, 20, person=1)

    room.map_levels(quiz, 1)
    room.work()

    assert (room.shown(0), room.shown(1)) == (Decimal(1), Decimal(0))


def test_trainers_get_no_grades(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.set_role(1, "trainer")

    room.mark(quiz, 70, person=1)

    assert room.work() == 0


def test_who_becomes_a_participant_gets_the_grades_of_what_is_known(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.set_role(1, "trainer")
    room.mark(quiz, 70, person=1)

    room.set_role(1, "participant")
    room.do(lambda session: gradebook.welcome(session, room.course_id, room.people[1:], now=room.now))
    room.work()

    assert room.shown(1) == Decimal(1)


@pytest.mark.parametrize(
    ("options", "mark", "sent", "maximum"),
    [
        ({"encoding": "progress"}, 70, Decimal(100), 100),
        ({"encoding": "progress"}, 30, Decimal(30), 100),
        ({"encoding": "pass"}, 70, Decimal(1), 1),
        ({"encoding": "pass"}, 30, Decimal(0), 1),
        ({"encoding": "pass", "target_level": 2}, 70, Decimal(0), 1),
    ],
)
def test_each_encoding_sends_its_own_number(
    room: Schoolroom, options: dict[str, object], mark: int, sent: Decimal, maximum: int
) -> None:
    use_encoding(room, **options)
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)

    room.mark(quiz, mark)
    room.work()

    assert (room.shown(), room.column().score_maximum) == (sent, Decimal(maximum))


def test_a_faulty_encoding_stores_nothing(room: Schoolroom) -> None:
    with pytest.raises(RuleBroken):
        use_encoding(room, encoding="stars")


def test_a_disputed_judgement_keeps_what_was_sent(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1, 2)
    room.mark(quiz, 70)
    room.work()

    judge(room, 0, attained=True)
    judge(room, 1, attained=False)
    room.mark(quiz, 10)
    room.work()

    assert (room.shown(), len(room.lms.posts)) == (Decimal(2), 1)


def test_an_own_activity_fills_its_own_column(room: Schoolroom) -> None:
    task = room.activity("External tool: Портфолио", kind="evidence", source="lti", external_id="7")
    room.map_levels(task, 1)
    url = room.lms.add_column("20")
    room.mark(task, 70)

    def adopt(session: Session) -> None:
        (activity,) = activities_of(session, room.course_id)
        gradebook.adopt_column(session, activity, url, room.now)

    room.do(adopt)
    room.work()

    assert room.lms.shown(url, room.subs[0]) == Decimal(14)
    room.mark(task, 80)
    room.work()
    assert room.lms.shown(url, room.subs[0]) == Decimal(16)


def test_two_imports_at_once_lose_nothing(room: Schoolroom) -> None:
    quiz, other = room.activity("Quiz: 1"), room.activity("Quiz: 2")
    room.map_levels(quiz, 1)
    room.map_levels(other, 1, competency="1.2")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda activity: room.mark(activity, 70), (quiz, other)))
    room.work()

    assert (room.shown(competency="1.1"), room.shown(competency="1.2")) == (Decimal(1), Decimal(1))


def test_pages_see_each_delivery_with_its_reason(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.lms.enrolled = set(room.subs[:1])
    room.mark(quiz, 70, person=0)
    room.mark(quiz, 10, person=1)
    room.work()

    with room.sessions() as session:
        sent, held = queries.deliveries_of(session, room.course_id)
        counts = queries.delivery_counts(session, room.course_id)
        by_column = queries.counts_by_column(session, room.course_id)
        (column,) = queries.line_items_of(session, room.course_id)
        only_held = queries.deliveries_of(session, room.course_id, states=[DeliveryState.HELD])

    assert (sent.state, sent.sent, sent.to_do) == (DeliveryState.SENT, Decimal(1), ToDo.NOTHING)
    assert (held.state, held.wanted, held.sent, held.to_do) == (DeliveryState.HELD, Decimal(0), None, ToDo.CHECK_ROLE)
    assert (counts[DeliveryState.SENT], counts[DeliveryState.HELD], counts[DeliveryState.DEAD]) == (1, 1, 0)
    assert by_column[column.id] == counts
    assert (only_held, column.ready_at is not None) == ((held,), True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda session, room: gradebook.refresh(session, room.course_id, None, room.now),
        lambda session, room: queries.deliveries_of(session, room.course_id),
    ],
    ids=["refresh", "deliveries"],
)
def test_the_number_of_queries_does_not_grow_with_people(
    tmp_path: Path, now: datetime, ask: Callable[[Session, Schoolroom], object]
) -> None:
    counts = [count_queries(tmp_path / f"{people}.sqlite3", now, people, ask) for people in (3, 30)]

    assert 0 < counts[1] <= counts[0]


def count_queries(path: Path, now: datetime, people: int, ask: Callable[[Session, Schoolroom], object]) -> int:
    engine = make_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    room = open_schoolroom(make_session_factory(engine), now, people)
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    for person in range(people):
        room.mark(quiz, 70, person)
    asked: list[object] = []
    with room.sessions() as session:
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        ask(session, room)
    engine.dispose()
    return len(asked)
