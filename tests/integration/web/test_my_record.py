"""The record over all courses and the timeline, in whole pages: which course showed what, what is certified, when."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.competency import closing, decision_store
from lti_tool.competency.decisions import Who
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping
from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import closing as closing_door
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.big_course import counted
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor

HERE, OTHER = "ИКТ 101", "Экинчи курс"


class TwoCourses:
    """Айгүл in both courses of the institute; each maps a quiz to the levels that a test says."""

    def __init__(self, sessions: SessionFactory, institute: Institute) -> None:
        self.sessions, self.institute = sessions, institute
        self.person = PersonId(institute.persons["participant"].id)
        self.trainer = PersonId(institute.persons["trainer"].id)
        self.ids = {HERE: CourseId(institute.course.id), OTHER: CourseId(institute.other_course.id)}
        self.quizzes: dict[str, ActivityId] = {}
        with unit_of_work(sessions) as session:
            other = session.get_one(CourseRow, self.ids[OTHER])
            person = session.get_one(PersonRow, self.person)
            Make(session, clock.now()).membership(other, person)

    @property
    def path(self) -> str:
        return f"/c/{self.institute.course.public_id}/me"

    def map(self, course: str, *levels: int, code: str = "1.1") -> None:
        """A quiz of the course shows these levels of a competency."""
        with unit_of_work(self.sessions) as session:
            row = session.get_one(CourseRow, self.ids[course])
            quiz = ActivityId(Make(session, clock.now()).activity(row, f"Quiz: {course}").id)
            self.quizzes[course] = quiz
            wanted = (each for level in levels for each in self.institute.framework.competency(code).of_level(level))
            cells = [Mapping(quiz, each.id) for each in wanted]
            gradebook.accept_mapping(session, self.ids[course], cells, by=None, now=clock.now())

    def mark(self, course: str, mark: int, ago: int = 60) -> None:
        """A mark of 20, so many minutes ago."""
        at = clock.now() - timedelta(minutes=ago)
        given = (Decimal(mark), Decimal(0), Decimal(20))
        entry = NewEvidence(self.person, self.quizzes[course], None, *given, "gradebook_file", at)
        with unit_of_work(self.sessions) as session:
            gradebook.accept_results(session, self.ids[course], [entry], by=None, now=clock.now())

    def close(self, course: str) -> None:
        """An admin closes it."""
        now, by = clock.now(), Who(self.trainer, is_admin=True)
        with unit_of_work(self.sessions) as session:
            seen = closing.look(session, self.ids[course], now).fingerprint
            closing_door.accept_closing(session, self.ids[course], seen, by=by, now=now)

    def judge(self, code: str, reason: str) -> None:
        with unit_of_work(self.sessions) as session:
            decision_store.add_judgement(
                session,
                course_id=self.ids[HERE],
                person_id=self.person,
                indicator_id=self.institute.framework.indicator(code).id,
                judged_by=self.trainer,
                attained=True,
                reason=reason,
                judged_at=clock.now(),
            )

    def says(self, steps: dict[str, int]) -> None:
        """A self-assessment is handed in."""
        with unit_of_work(self.sessions) as session:
            course = session.get_one(CourseRow, self.ids[HERE])
            activity = Make(session, clock.now()).activity(
                course, "External tool: Өзүмдү баалайм", kind="self_assessment", source="lti", external_id="7"
            )
            told = {"course_id": course.id, "person_id": self.person, "activity_id": activity.id}
            row = SelfAssessmentRow(**told, saved_at=clock.now(), submitted_at=clock.now())
            session.add(row)
            session.flush()
            for code, step in steps.items():
                indicator = self.institute.framework.indicator(code).id
                session.add(SelfAnswerRow(self_assessment_id=row.id, indicator_id=indicator, step=step))


@pytest.fixture
def two(any_sessions: SessionFactory, institute: Institute) -> TwoCourses:
    return TwoCourses(any_sessions, institute)


@pytest.fixture
def sessions(any_sessions: SessionFactory) -> SessionFactory:
    """Both databases: most of this is SQL."""
    return any_sessions


def _page(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200, answer.text[:400]
    return BeautifulSoup(answer.text, "html.parser")


def _said(page: BeautifulSoup, selector: str = "main") -> str:
    found = page.select_one(selector)
    assert found is not None, selector
    return re.sub(r"\s+", " ", found.get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " "))


def _row(page: BeautifulSoup, text: str) -> str:
    rows = [row for row in page.select("tbody tr") if text in row.get_text()]
    return re.sub(r"\s+", " ", rows[0].get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " "))


# --- The record -----------------------------------------------------------------------------------------------------


def test_without_any_mark_nothing_is_known_and_that_is_no_zero(visitor: Visitor, two: TwoCourses) -> None:
    said = _said(_page(visitor("participant"), f"{two.path}/record"))

    assert "Nothing has been assessed yet in any course. That is not a zero." in said
    assert "Below basic" not in said


def test_two_courses_together_show_what_neither_shows_alone(visitor: Visitor, two: TwoCourses) -> None:
    two.map(OTHER, 1)
    two.map(HERE, 2)
    two.mark(OTHER, 18)
    two.mark(HERE, 14)

    page = _page(visitor("participant"), f"{two.path}/record")

    assert _row(page, "1.1 ").count("Intermediate level") >= 2
    assert re.search(rf"1\.1\.1\.a .* Attained .*90 % .*{OTHER}", _row(page, "1.1.1.a"))
    assert re.search(rf"1\.1\.2\.a .* Attained .*70 % .*{HERE}", _row(page, "1.1.2.a"))
    assert "Nothing is known yet of: 1.1.3.a, 1.1.3.b." in _said(page)


def test_a_second_course_never_lowers_anyone(visitor: Visitor, two: TwoCourses) -> None:
    for course in (HERE, OTHER):
        two.map(course, 1)
    two.mark(HERE, 18)
    client = visitor("participant")
    before = _row(_page(client, f"{two.path}/record"), "1.1.1.a")

    two.mark(OTHER, 2)
    page = _page(client, f"{two.path}/record")

    assert "90 %" in before
    assert "90 %" in _row(page, "1.1.1.a")
    assert f"besides: {OTHER}: Not attained, 10 %" in _row(page, "1.1.1.a")
    assert "Over all courses Basic level" in _row(page, "1.1 ")


def test_what_other_courses_show_more_stands_on_ones_own_page_only(visitor: Visitor, two: TwoCourses) -> None:
    for course in (HERE, OTHER):
        two.map(course, 1)
    two.mark(OTHER, 18)

    own = _page(visitor("participant"), two.path)
    person = two.institute.persons["participant"].public_id
    trainers = _page(visitor("trainer"), f"/c/{two.institute.course.public_id}/people/{person}")

    assert "Basic level (in this course: not yet established)" in _said(own)
    assert own.select(f"a[href='{two.path}/record']")
    assert "Over all courses" not in _said(trainers)
    assert "/record" not in str(trainers.main)


def test_a_certified_level_names_its_course_and_day(visitor: Visitor, two: TwoCourses) -> None:
    two.map(OTHER, 1)
    two.mark(OTHER, 18)
    two.close(OTHER)

    page = _page(visitor("participant"), f"{two.path}/record")

    certified = _said(page, "section[aria-labelledby=certified-title] tbody")
    assert re.search(rf"1\.1 .* Basic level .*{OTHER} .*\d+ \w+ \d{{4}}", certified)
    assert f"certified: {OTHER}, " in _row(page, "1.1 ")
    assert f"{OTHER} (closed on " in _said(page, "section[aria-labelledby=courses-title]")


def test_a_later_regrade_is_said_and_lowers_nothing(visitor: Visitor, two: TwoCourses) -> None:
    two.map(OTHER, 1)
    two.mark(OTHER, 18)
    two.close(OTHER)

    two.mark(OTHER, 2, ago=10)
    page = _page(visitor("participant"), f"{two.path}/record")

    waiting = _said(page, ".notice-warn")
    assert "1.1: closed with “Basic level”, by later marks it would be “Below basic level”." in waiting
    assert "It stays until the lead trainer decides." in waiting
    assert "Over all courses Basic level" in _row(page, "1.1 ")


def test_a_level_that_rests_on_other_courses_says_which(visitor: Visitor, two: TwoCourses) -> None:
    two.map(OTHER, 1)
    two.map(HERE, 2)
    two.mark(OTHER, 18)
    two.mark(HERE, 14)
    client = visitor("participant")

    said = _said(_page(client, f"{two.path}/1.1"), "section.level-section")
    two.close(OTHER)
    certified = _said(_page(client, f"{two.path}/1.1"), "section.level-section")

    assert f"In the course “{OTHER}”: Attained 90 %" in said
    assert "Read from the person's other courses" in said
    assert f"Certified when the course “{OTHER}” was closed on " in certified


def test_a_frozen_level_says_what_the_marks_say_now(visitor: Visitor, two: TwoCourses) -> None:
    two.map(HERE, 1)
    two.mark(HERE, 18)
    two.close(HERE)
    client = visitor("participant")

    before = _said(_page(client, f"{two.path}/1.1"), "section.level-section")
    two.mark(HERE, 2, ago=10)
    after = _said(_page(client, f"{two.path}/1.1"), "section.level-section")

    assert "Certified when this course was closed on " in before
    assert "2 of the 2 indicators are attained; needed: 2." in before
    assert "By the marks that stand now" not in before
    assert "By the marks that stand now: Not met. 0 of the 2 indicators are attained; needed: 2." in after


def test_the_page_of_a_level_names_the_rules_with_their_version(visitor: Visitor, two: TwoCourses) -> None:
    two.map(HERE, 1)
    with unit_of_work(two.sessions) as session:
        options = {"aggregation": "n_of_m", "n": 2, "pass_mark": "1/3", "validity_months": 12}
        gradebook.accept_rules(session, two.ids[HERE], options, by=None, now=clock.now())

    said = _said(_page(visitor("participant"), f"{two.path}/1.1"), "dl.facts")

    assert "Rules of the course version 2, in force since " in said
    assert "2 activities must reach the pass mark" in said
    assert "Pass mark 1/3" in said
    assert "12 months" in said
    assert "kg-ict-teachers 1.0" in said


# --- Aspects --------------------------------------------------------------------------------------------------------


def test_the_radar_says_in_words_what_it_shows(visitor: Visitor, two: TwoCourses) -> None:
    two.map(HERE, 1)
    two.mark(HERE, 18)
    two.says({"1.1.1.a": 3, "1.1.1.b": 2, "2.1.1.a": 0, "3.1.1.a": 1})

    page = _page(visitor("participant"), two.path)

    told = _said(page, "svg.radar desc")
    assert re.search(r"1\. [^:]+: Basic level; self-assessment: Basic level\.", told)
    assert re.search(r"2\. [^:]+: Not yet established; self-assessment: Below basic level\.", told)
    assert re.search(r"6\. [^:]+: Not yet established; self-assessment: nothing said\.", told)
    assert [text.get_text() for text in page.select(".radar-number")] == ["1", "2?", "3?", "4?", "5?", "6?"]
    assert len(page.select("svg.radar .radar-dot")) == 1
    assert page.select(".aspects-table tbody tr")[5].get_text(" ", strip=True).endswith("nothing said")


# --- The timeline ---------------------------------------------------------------------------------------------------


def test_the_timeline_tells_everything_the_newest_first(visitor: Visitor, two: TwoCourses) -> None:
    two.map(OTHER, 1)
    two.mark(OTHER, 18)
    two.says({"1.1.1.a": 2, "1.1.1.b": 1})
    two.judge("2.1.1.a", "Сабакта көрдүм.")
    two.close(OTHER)
    two.mark(OTHER, 2, ago=-1)

    page = _page(visitor("participant"), f"{two.path}/timeline")

    told = [re.sub(r"\s+", " ", each.get_text(" ", strip=True)) for each in page.select(".moments > li")]
    begins = [
        f"Mark in “Quiz: {OTHER}”: 2 of 20",
        "Marks have changed after the closing: 1.1 was closed with “Basic level”",
        "Course closed",
        "Levels certified: 1.1 Basic level",
        "Judged, 2.1.1.a: Attained Сабакта көрдүм.",
        "Self-assessment handed in: “External tool: Өзүмдү баалайм” on my own: 1 of 2",
        f"Mark in “Quiz: {OTHER}”: 18 of 20",
    ]
    assert len(told) == len(begins)
    assert {line for line in begins if any(each.startswith(line) for each in told)} == set(begins)
    assert told[0].startswith(begins[0])
    assert told[-1].startswith(begins[-1])
    assert "Гүлнара" in next(each for each in told if each.startswith("Judged"))
    assert told[0].endswith(OTHER)


def test_the_timeline_is_read_page_by_page_at_one_price(visitor: Visitor, two: TwoCourses) -> None:
    two.map(HERE, 1)
    two.mark(HERE, 1)
    client = visitor("participant")
    _page(client, f"{two.path}/timeline")
    with counted(two.sessions) as few:
        _page(client, f"{two.path}/timeline")
    for number in range(2, 32):
        two.mark(HERE, number % 20, ago=number)

    with counted(two.sessions) as many:
        first = _page(client, f"{two.path}/timeline")
    second = _page(client, f"{two.path}/timeline?page=2")

    assert len(few) == len(many)
    assert (len(first.select(".moments > li")), len(second.select(".moments > li"))) == (25, 6)
    assert first.select_one("a[rel=next]") is not None
    assert second.select_one("a[rel=next]") is None
    assert second.select_one("a[rel=prev]") is not None


def test_nobody_finds_anothers_record_on_their_own_page(visitor: Visitor, two: TwoCourses) -> None:
    two.map(HERE, 1)
    two.mark(HERE, 18)
    two.judge("2.1.1.a", "Сабакта көрдүм.")
    client = visitor("neighbour")

    for part in ("record", "timeline"):
        said = _said(_page(client, f"{two.path}/{part}"))
        assert "18" not in said
        assert "Сабакта" not in said
