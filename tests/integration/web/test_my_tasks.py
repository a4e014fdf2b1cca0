"""*My tasks* in whole pages: what to do, what came back, what is new since the last look; on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import ActivityRow, CourseRow, PersonRow
from lti_tool.tasks.look import VISIT
from lti_tool.tasks.tables import AssessmentRow, LastLookRow, SubmissionRow, TaskRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.make import Make
from tests.integration.web.conftest import make_lms

HOUR = timedelta(hours=1)


class Course:
    """A course of the national requirements, Айгүл in it, and a browser of hers."""

    def __init__(self, folder: Path, sessions: SessionFactory) -> None:
        self.sessions, self.later = sessions, timedelta()
        self.lms = make_lms(folder, sessions)
        with unit_of_work(sessions) as session:
            make = Make(session, clock.now())
            self.framework, platform = make.framework(), make.platform()
            self.row, self.aigul = make.course(platform), make.person(platform)
            self.trainer = make.person(platform, "Trainer 1")
            make.membership(self.row, self.aigul)
            make.membership(self.row, self.trainer, "trainer")
        self.path = f"/c/{self.row.public_id}"
        self.client = self._enter(self.aigul)

    def _enter(self, person: PersonRow) -> FlaskClient:
        client = self.lms.app.test_client()
        with unit_of_work(self.sessions) as session:
            here, role = CourseId(self.row.id), CourseRole.PARTICIPANT
            beginning = Beginning(as_person(person), is_admin=False, locale="en", course_id=here, role=role)
            token, _login = login_sessions.begin(session, beginning, None, clock.now())
        with client.session_transaction(base_url=BASE) as cookie:
            cookie["_user_id"] = token
        return client

    def activity(self, name: str, *codes: str, kind: str = "native", due_at: datetime | None = None) -> ActivityRow:
        with unit_of_work(self.sessions) as session:
            row = Make(session, clock.now()).activity(session.get_one(CourseRow, self.row.id), name, kind=kind)
            if due_at:
                task = TaskRow(activity_id=row.id, course_id=self.row.id, due_at=due_at, version=1)
                task.changed_at = clock.now()
                session.add(task)
            cells = [Mapping(ActivityId(row.id), self.framework.indicator(code).id) for code in codes]
            gradebook.accept_mapping(session, CourseId(self.row.id), cells, by=None, now=clock.now(), merge=True)
        return row

    def mark(self, activity: ActivityRow, mark: int | None) -> None:
        at, given = clock.now(), None if mark is None else Decimal(mark)
        who, what = PersonId(self.aigul.id), ActivityId(activity.id)
        told = NewEvidence(who, what, None, given, Decimal(0), Decimal(20), "web_service", at)
        with unit_of_work(self.sessions) as session:
            gradebook.accept_results(session, CourseId(self.row.id), [told], by=None, now=at)

    def submit(self, activity: ActivityRow, state: str, attempt: int = 1, said: str = "", comment: str = "") -> None:
        """An attempt in this state; `said` is the step of the trainer's assessment of 2.1.1.a."""
        with unit_of_work(self.sessions) as session:
            row = SubmissionRow(course_id=self.row.id, activity_id=activity.id, attempt=attempt, state=state, version=1)
            row.person_id, row.saved_at = self.aigul.id, clock.now()
            row.handed_in_at = None if state == "draft" else clock.now()
            session.add(row)
            session.flush()
            if said:
                steps = {str(self.framework.indicator("2.1.1.a").id): said}
                told = AssessmentRow(course_id=self.row.id, submission_id=row.id, version=1, steps=steps)
                told.comment, told.assessed_at, told.assessed_by = comment, clock.now(), self.trainer.id
                session.add(told)

    def look(self, query: str = "", **headers: str) -> Tag:
        answer = self.client.get(f"{self.path}/me/tasks{query}", base_url=BASE, headers=headers)
        assert answer.status_code == 200, answer.text[:400]
        found = BeautifulSoup(answer.text, "html.parser").select_one("main")
        assert found is not None
        return found

    def next_visit(self) -> None:
        """So much time passes that the next look begins a visit of its own."""
        self.later += VISIT

    def looks(self) -> int:
        with self.sessions() as session:
            return len(session.scalars(select(LastLookRow)).all())


@pytest.fixture
def course(tmp_path: Path, any_sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch) -> Course:
    """An empty course, on each database."""
    made, now = Course(tmp_path, any_sessions), clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + made.later)
    return made


def _words(part: Tag | None) -> str:
    return "" if part is None else re.sub(r"\s+", " ", part.get_text(" ", strip=True))


def _groups(page: Tag) -> dict[str, list[str]]:
    return {
        _words(each.select_one("h2")): [_words(line) for line in each.select("li")] for each in page.select("section")
    }


def _news(page: Tag) -> list[str]:
    for when in page.select("#news li .cell-count"):
        when.extract()
    return [_words(each) for each in page.select("#news li")]


# --- What to do -----------------------------------------------------------------------------------------------------


def test_everything_that_a_participant_does_is_listed_by_whose_turn_it_is(course: Course) -> None:
    new = course.activity("External tool: A plan", "2.1.1.a", kind="evidence", due_at=clock.now() + 24 * HOUR)
    late = course.activity("External tool: B late", "2.1.1.a", kind="evidence", due_at=clock.now() - HOUR)
    handed_in = course.activity("External tool: C handed in", "2.1.1.a", kind="evidence")
    good = course.activity("External tool: D good", "2.1.1.a", kind="evidence")
    short = course.activity("External tool: E short", "2.1.1.a", kind="evidence")
    course.activity("External tool: Survey", kind="self_assessment")
    course.activity("External tool: Lesson seen", "2.1.1.a", kind="observation")
    quiz = course.activity("Quiz: Week 1", "2.1.1.a")
    course.activity("Quiz: Week 2", "2.1.1.a")
    course.activity("Quiz: Counts for nothing")
    course.submit(late, "draft")
    course.submit(handed_in, "handed_in")
    course.submit(good, "assessed", said="convincing")
    course.submit(short, "assessed", said="emerging")
    course.mark(quiz, 18)

    page = course.look()
    groups = _groups(page)

    assert list(groups) == ["Still to do", "Handed in", "Done", "Observed by trainers", "In the LMS"]
    assert [each.split(" Due")[0].split(" It was")[0] for each in groups["Still to do"]][:2] == ["B late", "A plan"]
    assert "can still be handed in Draft" in groups["Still to do"][0]
    assert groups["Still to do"][1].endswith("Not begun")
    assert groups["Still to do"][2].endswith("Returned: another attempt can show more")
    assert groups["Still to do"][3] == "Survey Self-assessment Not begun"
    assert groups["Handed in"][0].startswith("C handed in")
    assert groups["Done"][0].endswith("Assessed")
    assert groups["Observed by trainers"] == ["Lesson seen Nothing observed yet"]
    assert groups["In the LMS"][0].startswith("Quiz: Week 1 Mark: 18 of 20")
    assert groups["In the LMS"][1] == "Quiz: Week 2 No mark yet"
    assert page.select_one(f"a[href='{course.path}/tasks/{new.public_id}']") is not None
    assert "Counts for nothing" not in _words(page)


def test_another_attempt_that_was_begun_is_a_draft_again(course: Course) -> None:
    task = course.activity("External tool: Plan", "2.1.1.a", kind="evidence")
    course.submit(task, "assessed", said="emerging")
    course.submit(task, "draft", attempt=2)

    (line,) = _groups(course.look())["Still to do"]

    assert line.startswith("Plan Attempt 2 · Assessed:")
    assert line.endswith("Draft")


def test_a_course_without_anything_says_so(course: Course) -> None:
    assert "Nothing to do here yet" in _words(course.look())


def test_a_long_list_is_shown_page_by_page_and_loses_nothing(course: Course) -> None:
    for number in range(45):
        course.activity(f"Quiz: {number:02}", "2.1.1.a")

    first, second = course.look(), course.look("?page=2")

    shown = [line for page in (first, second) for line in _groups(page)["In the LMS"]]
    assert [line.split()[1] for line in shown] == [f"{number:02}" for number in range(45)]
    assert "1–40 of 45" in _words(first)


# --- What is new ----------------------------------------------------------------------------------------------------


def test_at_the_first_look_nothing_is_called_new(course: Course) -> None:
    course.mark(course.activity("Quiz: Week 1", "2.1.1.a"), 18)

    page = course.look()

    assert _news(page) == []
    assert page.select(".tag-new") == []


def test_what_came_since_the_last_look_is_named_and_marked_in_words(course: Course) -> None:
    quiz = course.activity("Quiz: Week 1", "2.1.1.a")
    task = course.activity("External tool: Plan", "2.1.1.a", kind="evidence")
    old = course.activity("Quiz: Week 0", "5.1.1.a")
    course.mark(old, 5)
    course.look()
    course.next_visit()
    course.mark(quiz, 18)
    course.submit(task, "assessed", said="shown", comment="Жакшы!")

    page = course.look()

    assert set(_news(page)) == {
        "2.1 ICT in lesson planning: “Not yet established” has become “Basic level”.",
        "Assessed: Plan (with a comment)",
        "New mark for “Quiz: Week 1”: 18 of 20",
    }
    assert [_words(tag.parent).split(" new")[0] for tag in page.select(".tag-new")] == ["Plan", "Quiz: Week 1"]


def test_a_mark_that_was_taken_back_is_told(course: Course) -> None:
    quiz = course.activity("Quiz: Week 1", "2.1.1.a")
    course.mark(quiz, 18)
    course.look()
    course.next_visit()
    course.mark(quiz, None)

    assert _news(course.look()) == ["The mark was taken back: Quiz: Week 1"]


def test_it_stays_new_for_the_visit_and_is_old_in_the_next(course: Course) -> None:
    quiz = course.activity("Quiz: Week 1", "2.1.1.a")
    course.look()
    course.next_visit()
    course.mark(quiz, 18)

    first, again = _news(course.look()), _news(course.look())
    course.next_visit()
    later = _news(course.look())

    assert len(first) == 2
    assert again == first
    assert later == []


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}]
)
def test_what_a_browser_fetches_ahead_is_no_look(course: Course, headers: dict[str, str]) -> None:
    course.look(**headers)
    course.client.head(f"{course.path}/me/tasks", base_url=BASE)

    assert course.looks() == 0

    course.look()

    assert course.looks() == 1


def test_a_look_that_cannot_be_kept_costs_nobody_the_page(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    keeps: list[Callable[..., object]] = []
    monkeypatch.setattr("lti_tool.web.my_tasks.try_briefly", lambda _sessions, work: keeps.append(work))

    assert "My tasks" in _words(course.look())
    assert (len(keeps), course.looks()) == (1, 0)


def test_my_competencies_tells_how_much_is_new_and_leads_there(course: Course) -> None:
    quiz = course.activity("Quiz: Week 1", "2.1.1.a")
    task = course.activity("External tool: Plan", "2.1.1.a", kind="evidence")

    def told() -> str:
        page = BeautifulSoup(course.client.get(f"{course.path}/me", base_url=BASE).text, "html.parser")
        return _words(page.select_one("main .notice"))

    course.mark(quiz, 10)
    before = told()
    course.look()
    course.next_visit()
    nothing = told()
    course.mark(quiz, 18)
    course.submit(task, "assessed", said="shown")
    both = told()
    course.look()
    course.next_visit()
    after = told()

    assert (before, nothing, after) == ("", "", "")
    assert both == "2 activities have a new mark or an assessment. My tasks"


def test_participants_have_tabs_and_trainers_keep_theirs(course: Course) -> None:
    page = BeautifulSoup(course.client.get(f"{course.path}/me/tasks", base_url=BASE).text, "html.parser")

    tabs = [(_words(tab), tab.get("aria-current")) for tab in page.select(".tabs a")]

    assert tabs == [("My competencies", None), ("What next", None), ("My tasks", "page")]
