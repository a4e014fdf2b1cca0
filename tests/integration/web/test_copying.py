"""Copied courses and templates: what comes over by itself, what is offered, and that nothing counts unseen."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.group_queries import group_standings
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_draft import draft_of
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of, save_rules
from lti_tool.competency.tables import MappingTemplateRow, RuleSetRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.launch_bench import Bench
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import ESSAY, QUIZ, Classroom

STRICT = {"pass_mark": "19/20"}


class Copy:
    """The institute's course as a copy of its other one, which maps the quiz, the essay and a link."""

    def __init__(self, client: FlaskClient, institute: Institute, sessions: SessionFactory) -> None:
        self.client, self.institute, self.sessions = client, institute, sessions
        self.course, self.origin = CourseId(institute.course.id), CourseId(institute.other_course.id)
        self.address = f"/c/{institute.course.public_id}/templates"
        self.source = f"course-{institute.other_course.public_id}"

    def open(self, source: str = "") -> BeautifulSoup:
        """The page, with one source laid over the course."""
        answer = self.client.get(f"{self.address}?source={source}", base_url=BASE, follow_redirects=True)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def send(self, path: str = "", **fields: object) -> TestResponse:
        """A form of the page."""
        return self.client.post(self.address + path, data=fields, base_url=BASE)

    def told(self, path: str = "", **fields: object) -> str:
        """What the page says after a form was sent."""
        answer = self.client.post(self.address + path, data=fields, base_url=BASE, follow_redirects=True)
        assert answer.status_code == 200
        return _words(BeautifulSoup(answer.text, "html.parser"))

    def mapping(self, *, drafted: bool = False) -> dict[str, int]:
        """How many indicators each activity of the course shows, by its name."""
        with unit_of_work(self.sessions) as session:
            cells = draft_of(session, self.course).wanted if drafted else mapping_of(session, self.course)
            names = dict(session.execute(select(ActivityRow.id, ActivityRow.name)).all())
        counts: dict[str, int] = {}
        for cell in cells:
            counts[names[cell.activity]] = counts.get(names[cell.activity], 0) + 1
        return counts

    def rules(self) -> dict[str, object]:
        """The options in force in the course."""
        with unit_of_work(self.sessions) as session:
            return rules_of(session, self.course, clock.now()).options


@pytest.fixture
def copy(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Copy:
    """A copy that knows the quiz but not the essay, seen by its trainer."""
    app.config["WTF_CSRF_ENABLED"] = False
    level = [each.id for each in institute.framework.competency("2.1").of_level(1)]
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        course, origin = (session.get_one(CourseRow, each.id) for each in (institute.course, institute.other_course))
        course.history = f"nowhere,{origin.context_id}"
        quiz, essay = (ActivityId(make.activity(origin, name).id) for name in (QUIZ, ESSAY))
        cells = [Mapping(quiz, each, pass_mark=Fraction(3, 4)) for each in level] + [Mapping(essay, level[0], 5)]
        gradebook.accept_mapping(session, CourseId(origin.id), cells, by=None, now=clock.now())
        save_rules(session, CourseId(origin.id), STRICT, None, clock.now())
        make.activity(course, QUIZ)
    return Copy(visitor("trainer"), institute, sessions)


def _words(page: BeautifulSoup, selector: str = "main") -> str:
    found = page.select_one(selector)
    assert found is not None, selector
    return re.sub(r"\s+", " ", found.get_text(" ", strip=True))


def _parts(page: BeautifulSoup) -> dict[str, bool]:
    """The activities that can be taken, and whether they are chosen at first."""
    return {str(each["value"]): each.has_attr("checked") for each in page.select("[name=part]")}


def test_the_page_of_a_copy_shows_what_came_over_and_what_did_not(copy: Copy) -> None:
    page = copy.open()

    assert _parts(page) == {QUIZ: True, ESSAY: False}
    legends = [
        _words(legend, "*") if legend.find() else legend.get_text(strip=True) for legend in page.select("legend")
    ]
    assert legends == ["Mapped otherwise here", "No activity of this name here"]
    assert "nothing → supporting, weight 1" in _words(page, "details")
    assert "Here: the defaults. There: Pass mark: 95 %." in _words(page)
    assert "Nobody's level changes." in _words(page)


def test_the_group_page_leads_a_trainer_to_it_until_it_is_settled(copy: Copy, visitor: Visitor) -> None:
    group = f"/c/{copy.institute.course.public_id}/group"
    asked = "Look at what came over"

    assert asked in copy.client.get(group, base_url=BASE).text
    assert asked not in visitor("admin").get(group, base_url=BASE).text
    copy.send("/settle")

    assert asked not in copy.client.get(group, base_url=BASE).text
    assert _parts(copy.open()) == {}
    assert _parts(copy.open(copy.source)) == {QUIZ: True, ESSAY: False}


def test_what_is_taken_is_a_draft_and_counts_once_published(copy: Copy) -> None:
    answer = copy.send("/take", source=copy.source, part=[QUIZ])

    assert answer.headers["Location"].endswith("/mapping/preview")
    assert (copy.mapping(drafted=True), copy.mapping()) == ({QUIZ: 1}, {})
    with unit_of_work(copy.sessions) as session:
        assert {cell.pass_mark for cell in draft_of(session, copy.course).wanted} == {Fraction(3, 4)}
    page = BeautifulSoup(copy.client.get(answer.headers["Location"], base_url=BASE).text, "html.parser")
    seen = page.select_one("[name=seen]")
    assert seen is not None
    copy.client.post(
        f"/c/{copy.institute.course.public_id}/mapping/publish", data={"seen": seen["value"]}, base_url=BASE
    )

    assert copy.mapping() == {QUIZ: 1}
    assert "Came over: the same here and there" in _words(copy.open())
    assert _parts(copy.open()) == {ESSAY: False}


def test_an_activity_that_is_not_here_is_made_by_its_name_when_chosen(copy: Copy) -> None:
    copy.send("/take", source=copy.source, part=[ESSAY])

    assert copy.mapping(drafted=True) == {ESSAY: 1}


def test_what_is_not_chosen_stays_as_it_is(copy: Copy) -> None:
    with unit_of_work(copy.sessions) as session:
        quiz = session.scalars(select(ActivityRow).where(ActivityRow.course_id == copy.course)).one()
        other = copy.institute.framework.competency("1.1").of_level(1)[0].id
        cells = [Mapping(ActivityId(quiz.id), other)]
        gradebook.accept_mapping(session, copy.course, cells, by=None, now=clock.now())

    copy.send("/take", source=copy.source, part=[ESSAY])

    assert copy.mapping(drafted=True) == {QUIZ: 1, ESSAY: 1}


def test_nobodys_level_changes_before_somebody_has_seen_it(copy: Copy) -> None:
    room = Classroom(copy.sessions, copy.institute)
    with unit_of_work(copy.sessions) as session:
        quiz = session.scalars(select(ActivityRow).where(ActivityRow.course_id == copy.course)).one()
        room.activities[QUIZ] = ActivityId(quiz.id)
        level = copy.institute.framework.competency("2.1").of_level(1)
        cells = [Mapping(room.activities[QUIZ], each.id) for each in level]
        gradebook.accept_mapping(session, copy.course, cells, by=None, now=clock.now())
    room.mark("18")
    page = copy.open()
    assert "level 1 → level 0" in _words(page)

    copy.send("/take", source=copy.source, part=[QUIZ])
    person = PersonId(copy.institute.persons["participant"].id)
    with unit_of_work(copy.sessions) as session:
        assert [each.established for each in group_standings(session, copy.course)[person].values()] == [1]
    fields = {str(each["name"]): str(each["value"]) for each in page.select("form[action$='/rules'] input")}
    copy.send("/rules", **fields)

    with unit_of_work(copy.sessions) as session:
        assert [each.established for each in group_standings(session, copy.course)[person].values()] == [0]


def test_rules_are_published_only_as_they_were_seen(copy: Copy) -> None:
    page = copy.open()
    fields = {str(each["name"]): str(each["value"]) for each in page.select("form[action$='/rules'] input")}
    with unit_of_work(copy.sessions) as session:
        save_rules(session, copy.origin, {"pass_mark": "1/10"}, None, clock.now())

    assert "Somebody else has changed the rules" in copy.told("/rules", **fields)
    assert copy.rules() == {}
    page = copy.open()
    fields = {str(each["name"]): str(each["value"]) for each in page.select("form[action$='/rules'] input")}
    copy.send("/rules", **fields)
    assert copy.rules() == {"pass_mark": "1/10"}
    assert "The rules are the same." in _words(copy.open())


def test_a_template_is_saved_taken_over_elsewhere_and_deleted_by_its_author(copy: Copy, visitor: Visitor) -> None:
    author = Copy(visitor("trainer of another course"), copy.institute, copy.sessions)
    author.address = f"/c/{copy.institute.other_course.public_id}/templates"
    assert "The template is stored." in author.told(name="  Базалык   курс ")
    with unit_of_work(copy.sessions) as session:
        key = f"template-{session.scalars(select(MappingTemplateRow)).one().public_id}"

    page = copy.open(key)
    assert "Базалык курс" in _words(page, "#difference-title")
    assert _parts(page) == {QUIZ: True, ESSAY: False}
    copy.send("/take", source=key, part=[QUIZ, ESSAY])
    assert copy.mapping(drafted=True) == {QUIZ: 1, ESSAY: 1}

    assert "Only who saved a template can delete it." in copy.told("/forget", source=key)
    assert "The template is deleted." in author.told("/forget", source=key)
    assert "There is no such template" in copy.told("/take", source=key, part=[QUIZ])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The name of a template has 1 to 120 characters."),
        ("\0 ", "The name of a template has 1 to 120 characters."),
        ("x" * 121, "The name of a template has 1 to 120 characters."),
        ("Базалык", "There is a template “Базалык” already."),
    ],
)
def test_a_template_without_a_name_of_its_own_is_not_stored(copy: Copy, visitor: Visitor, name: str, said: str) -> None:
    author = Copy(visitor("trainer of another course"), copy.institute, copy.sessions)
    author.address = f"/c/{copy.institute.other_course.public_id}/templates"
    author.send(name="Базалык")

    assert said in author.told(name=name)
    with unit_of_work(copy.sessions) as session:
        assert [row.name for row in session.scalars(select(MappingTemplateRow))] == ["Базалык"]


def test_a_course_without_a_mapping_has_nothing_to_save(copy: Copy) -> None:
    assert "This course maps nothing yet" in copy.told(name="Бош")


def test_two_activities_of_one_name_are_told_and_not_guessed(copy: Copy) -> None:
    with unit_of_work(copy.sessions) as session:
        course = session.get_one(CourseRow, copy.course)
        Make(session, clock.now()).activity(course, QUIZ, source="moodle", external_id="77")

    assert "Several activities of this name here" in _words(copy.open())
    assert _parts(copy.open()) == {ESSAY: False}
    assert f"Several activities are named {QUIZ}" in copy.told("/take", source=copy.source, part=[QUIZ, ESSAY])
    assert copy.mapping(drafted=True) == {}
    with unit_of_work(copy.sessions) as session:
        names = session.scalars(select(ActivityRow.name).where(ActivityRow.course_id == copy.course)).all()
    assert names == [QUIZ, QUIZ]


@pytest.mark.parametrize("key", ["course-nosuch", "template-1", "x", "%00"])
def test_a_source_that_is_none_of_the_courses_is_refused(copy: Copy, key: str) -> None:
    assert "There is no such template or course any more." in _words(copy.open(key), "body")
    assert "There is no such template or course any more." in copy.told("/take", source=key, part=[QUIZ])


def test_a_course_that_is_no_origin_cannot_be_read(copy: Copy) -> None:
    with unit_of_work(copy.sessions) as session:
        session.get_one(CourseRow, copy.course).history = None

    assert _parts(copy.open(copy.source)) == {}


def test_a_course_of_another_platform_is_no_origin(copy: Copy) -> None:
    with unit_of_work(copy.sessions) as session:
        away = session.get_one(CourseRow, copy.institute.foreign_course.id)
        away.context_id = "only there"
        session.get_one(CourseRow, copy.course).history = "only%20there"

    assert copy.open().select("#origins-title") == []


def test_an_admin_reads_the_difference_and_changes_nothing(copy: Copy, visitor: Visitor) -> None:
    reader = Copy(visitor("admin"), copy.institute, copy.sessions)

    page = reader.open()

    assert QUIZ in _words(page)
    assert page.select("main form") == []
    assert reader.send("/take", source=copy.source, part=[QUIZ]).status_code == 404


@pytest.mark.parametrize(("history", "options"), [("2", STRICT), ("77,2", STRICT), ("77", {}), ("", {})])
def test_a_copied_course_arrives_with_the_rules_of_its_nearest_known_origin(
    lms: Bench, history: str, options: dict[str, str]
) -> None:
    lms.browser().launch("resource-link-editing-teacher")
    with unit_of_work(lms.sessions) as session:
        save_rules(session, _course(session, "2"), STRICT, None, clock.now())

    custom = {"context_history": history, "activity": "evidence", "indicators": "1.1.1.a:2:r"}
    lms.browser().launch("copied-course", custom=custom)

    with unit_of_work(lms.sessions) as session:
        rows = session.scalars(select(RuleSetRow).where(RuleSetRow.course_id == _course(session, "6"))).all()
        cells = mapping_of(session, _course(session, "6"))
    assert [(row.version, row.options) for row in rows] == [(1, options)]
    assert [(cell.weight, cell.role.value) for cell in cells] == [(2, "required")]


def test_a_known_course_keeps_its_rules_when_a_history_is_told_later(lms: Bench) -> None:
    lms.browser().launch("resource-link-editing-teacher")
    lms.browser().launch("copied-course", custom={})
    with unit_of_work(lms.sessions) as session:
        save_rules(session, _course(session, "2"), STRICT, None, clock.now())

    lms.browser().launch("copied-course", custom={"context_history": "2"})

    with unit_of_work(lms.sessions) as session:
        assert rules_of(session, _course(session, "6"), clock.now()).options == {}


def _course(session: Session, context_id: str) -> CourseId:
    return CourseId(session.scalars(select(CourseRow.id).where(CourseRow.context_id == context_id)).one())
