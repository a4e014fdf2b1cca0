"""*What next* in whole pages: what completes a level, where it is done, and why where nothing does."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people.tables import ActivityRow, CourseRow
from lti_tool.tasks.tables import SubmissionRow
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"


class Course:
    """The institute's course, and what its activities show."""

    def __init__(self, sessions: SessionFactory, institute: Institute) -> None:
        self.sessions, self.institute = sessions, institute
        self.path = f"/c/{institute.course.public_id}"

    def activity(
        self,
        name: str,
        *codes: str,
        kind: str = "native",
        role: MappingRole = MappingRole.SUPPORTING,
        in_: CourseRow | None = None,
    ) -> ActivityRow:
        with unit_of_work(self.sessions) as session:
            course = session.get_one(CourseRow, (in_ or self.institute.course).id)
            row = Make(session, clock.now()).activity(course, name, kind=kind)
            cells = [
                Mapping(ActivityId(row.id), self.institute.framework.indicator(code).id, 1, role) for code in codes
            ]
            gradebook.accept_mapping(session, CourseId(course.id), cells, by=None, now=clock.now(), merge=True)
        return row

    def mark(self, activity: ActivityRow, mark: int) -> None:
        who = PersonId(self.institute.persons["participant"].id)
        at = clock.now() - timedelta(hours=1)
        told = NewEvidence(who, ActivityId(activity.id), None, Decimal(mark), Decimal(0), Decimal(100), "trainer", at)
        with unit_of_work(self.sessions) as session:
            gradebook.accept_results(session, CourseId(activity.course_id), [told], by=None, now=clock.now())

    def hand_in(self, activity: ActivityRow) -> None:
        with unit_of_work(self.sessions) as session:
            row = SubmissionRow(course_id=activity.course_id, activity_id=activity.id, attempt=1, state="handed_in")
            row.person_id, row.version = self.institute.persons["participant"].id, 1
            row.saved_at = row.handed_in_at = clock.now()
            session.add(row)


@pytest.fixture
def course(sessions: SessionFactory, institute: Institute) -> Course:
    """Nothing is mapped yet."""
    return Course(sessions, institute)


def _page(client: FlaskClient, path: str) -> Tag:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200, answer.text[:400]
    found = BeautifulSoup(answer.text, "html.parser").select_one("main")
    assert found is not None
    return found


def _words(part: Tag | None) -> str:
    assert part is not None
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\s+", " ", part.get_text(" ", strip=True)))


def _panel(client: FlaskClient, course: Course, code: str) -> Tag:
    found = _page(client, f"{course.path}/me/{code}").select_one("#next")
    assert found is not None
    return found


def test_the_panel_names_the_activities_what_they_show_and_where_they_are_done(
    visitor: Visitor, course: Course
) -> None:
    # Level 1 of 1.1 lists two indicators, both of which are needed.
    course.activity("Quiz: Laws", "1.1.1.a", role=MappingRole.REQUIRED)
    task = course.activity("External tool: School plan", "1.1.1.b", kind="evidence")

    panel = _panel(visitor("participant"), course, "1.1")

    said = _words(panel)
    assert "What next: Basic level" in said
    assert "2 more indicators are needed. 2 activities complete this level together:" in said
    plan, quiz = (_words(each) for each in panel.select("li"))
    assert quiz == "Quiz: Laws – in the LMS Shows: 1.1.1.a required"
    assert plan == "School plan Shows: 1.1.1.b"
    assert [str(link["href"]) for link in panel.select("li a")] == [f"{course.path}/tasks/{task.public_id}"]


def test_what_is_attained_already_is_not_asked_for_again(visitor: Visitor, course: Course) -> None:
    course.mark(course.activity("Quiz: Laws", "1.1.1.a"), 90)
    course.activity("Quiz: Plans", "1.1.1.b")

    panel = _panel(visitor("participant"), course, "1.1")

    assert "1 more indicator is needed. 1 activity completes this level:" in _words(panel)
    assert len(panel.select("li")) == 1


def test_a_mark_that_is_too_low_is_told_with_its_score(visitor: Visitor, course: Course) -> None:
    course.mark(course.activity("Quiz: Laws", "2.1.1.a"), 50)

    said = _words(_panel(visitor("participant"), course, "2.1")).replace("\N{NO-BREAK SPACE}", " ")

    assert "Assessed already, with 50 %: a better mark is needed." in said


def test_work_that_waits_for_its_assessment_is_told_so(visitor: Visitor, course: Course) -> None:
    task = course.activity("External tool: Lesson", "2.1.1.a", kind="evidence")
    course.hand_in(task)

    assert "Handed in; waits for its assessment." in _words(_panel(visitor("participant"), course, "2.1"))


def test_another_open_course_is_named_where_this_one_cannot_assess_the_level(
    visitor: Visitor, course: Course, institute: Institute
) -> None:
    course.activity("Quiz: Elsewhere", "2.1.1.a", in_=institute.other_course)
    course.activity("Quiz: Of another institute", "2.1.1.a", in_=institute.foreign_course)

    panel = _panel(visitor("participant"), course, "2.1")

    assert "Quiz: Elsewhere – in the course “Экинчи курс”, in the LMS" in _words(panel)
    assert "To be let into another course, ask the trainer or the institute." in _words(panel)
    assert "Of another institute" not in _words(panel)
    assert panel.select("li a") == []


def test_where_nothing_completes_the_level_it_says_whom_to_ask(visitor: Visitor, course: Course) -> None:
    said = _words(_panel(visitor("participant"), course, "2.1"))

    assert "Neither this course nor another open course of the institute has the activities for it." in said
    assert "Ask the trainer or the institute." in said


def test_what_was_said_before_in_one_sentence_is_not_said_twice(visitor: Visitor, course: Course) -> None:
    course.activity("Quiz: Laws", "1.1.1.a", "1.1.1.b")

    said = _words(_page(visitor("participant"), f"{course.path}/me/1.1"))

    assert said.count("more indicators are needed") == 1


def test_a_trainer_reads_the_same_without_ways_into_the_participants_pages(
    visitor: Visitor, course: Course, institute: Institute
) -> None:
    course.activity("External tool: Lesson", "2.1.1.a", kind="evidence")
    person = institute.persons["participant"].public_id

    panel = _page(visitor("trainer"), f"{course.path}/people/{person}/2.1").select_one("#next")

    assert "Lesson Shows: 2.1.1.a" in _words(panel)
    assert panel is not None
    assert panel.select("a") == []


def test_the_page_of_all_begins_with_what_completes_most_alone(visitor: Visitor, course: Course) -> None:
    course.activity("Quiz: Two levels", "2.1.1.a", "5.1.1.a")
    course.activity("Quiz: Laws", "1.1.1.a")
    course.activity("Quiz: Plans", "1.1.1.b")

    page = _page(visitor("participant"), f"{course.path}/me/next")

    first, *levels = (_words(each) for each in page.select("section"))
    assert "Quiz: Two levels – in the LMS Completes: 2.1 (Basic level), 5.1 (Basic level)" in first
    assert [each.split()[0] for each in levels[:3]] == ["2.1", "5.1", "1.1"]
    assert levels[3].startswith("Nothing open at present")


@pytest.mark.parametrize("path", ["me/next", "me/2.1"])
@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_no_sentence_stays_in_english(visitor: Visitor, course: Course, path: str, locale: str) -> None:
    course.mark(course.activity("Quiz", "2.1.1.a"), 50)

    said = _words(_page(visitor("participant"), f"{course.path}/{path}?lang={locale}"))

    assert not re.search(r"\b(the|this|activity|needed|level|course)\b", said.replace("Quiz", ""))
