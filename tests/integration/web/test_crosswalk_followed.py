"""What follows from a confirmed crosswalk: levels that rest on the other version are worked out within a turn."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.competency import publishing
from lti_tool.competency.framework import Framework
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import jobs
from lti_tool.grading.tables import JobRow
from lti_tool.ids import CourseId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE
from tests.integration.web.test_versions_of_figures import give_marks


@dataclass
class Beside:
    """Somebody who has shown level 1 of 2.1 in a course on the old version, and level 2 in one on the new."""

    client: FlaskClient
    sessions: SessionFactory
    path: str
    new: Framework
    old_course: int
    course: int
    person: int

    def level(self) -> int | None:
        row = CompetencyStandingRow
        of = self.new.competency("2.1").id
        here = (row.course_id == self.course, row.person_id == self.person, row.competency_id == of)
        with unit_of_work(self.sessions, writes=False) as session:
            return session.scalars(select(row.established).where(*here)).one()

    def under_way(self) -> list[int]:
        with unit_of_work(self.sessions, writes=False) as session:
            return list(session.scalars(select(JobRow.course_id).where(JobRow.finished_at.is_(None))))

    def words(self) -> str:
        page = BeautifulSoup(self.client.get(self.path, base_url=BASE).text, "html.parser").main
        assert page is not None
        return " ".join(page.get_text(" ").split())

    def confirm(self) -> str:
        fields = {"step": "confirm", "revision": "0"}
        answer = self.client.post(self.path, data=fields, base_url=BASE)
        assert answer.status_code == 303, answer.text[:300]
        return self.words()


@pytest.fixture
def beside(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Beside:
    app.config["WTF_CSRF_ENABLED"] = False
    person, neighbour = institute.persons["participant"], institute.persons["neighbour"]
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        make.membership(session.get_one(CourseRow, institute.other_course.id), person)
        third = make.course(session.get_one(PlatformRow, institute.course.platform_id), "Үчүнчү курс")
        make.membership(third, neighbour)
    give_marks(sessions, third.id, institute.framework, [neighbour.id], 1)
    give_marks(sessions, institute.course.id, institute.framework, [person.id], 1)
    with unit_of_work(sessions) as session:
        version = publishing.publish(session, json.dumps(next_catalogue()).encode(), clock.now())
        new = publishing.open_framework(session, version)
        ids = {each.version: each.public_id for each in publishing.versions(session)}
    give_marks(sessions, institute.other_course.id, new, [person.id], 1, level=2)
    path = f"/institute/requirements/{ids['1.0']}/{ids['2.0']}"
    return Beside(visitor("admin"), sessions, path, new, institute.course.id, institute.other_course.id, person.id)


def test_a_level_that_rests_on_the_other_version_follows_in_a_workers_turn(beside: Beside) -> None:
    before = beside.level()

    said = beside.confirm()

    assert "The crosswalk is confirmed. The levels of 2 courses are being worked out anew." in said
    assert beside.under_way() == sorted([beside.old_course, beside.course]), "and no course of one version's people"
    assert beside.level() == before, "nobody who confirms waits for it"
    jobs.advance(beside.sessions, clock.now())
    assert (before, beside.level()) == (None, 2)
    assert "being worked out anew" not in beside.words()
    assert beside.under_way() == []


def test_while_it_goes_on_the_page_says_so(beside: Beside) -> None:
    beside.confirm()

    assert "The levels of 2 courses are being worked out anew. See how far it is now" in beside.words()
    with unit_of_work(beside.sessions, writes=False) as session:
        progress = jobs.progress_of(session, CourseId(beside.course))
    assert progress is not None
    assert (progress.done, progress.total) == (0, 3)


def test_closed_courses_and_those_of_other_platforms_are_left_alone(beside: Beside, institute: Institute) -> None:
    with unit_of_work(beside.sessions) as session:
        for course in (beside.old_course, beside.course):
            session.get_one(CourseRow, course).closed_at = clock.now()
        rules_of(session, CourseId(institute.foreign_course.id), clock.now())

    assert "No level changes by it now" in beside.confirm()
    assert beside.under_way() == []


def test_the_record_names_the_course_on_the_other_version(
    beside: Beside, visitor: Visitor, institute: Institute
) -> None:
    client, path = visitor("participant"), f"/c/{institute.course.public_id}/me/record"

    def rows() -> str:
        page = BeautifulSoup(client.get(path, base_url=BASE).text, "html.parser")
        return " ".join(page.select(".record-group")[0].get_text(" ").split())

    before = rows()
    beside.confirm()

    assert "2.1.2.a" in before.partition("Nothing is known yet of:")[2]
    assert re.search(r"2\.1\.2\.a .* Attained .*Экинчи курс When \d", rows())
