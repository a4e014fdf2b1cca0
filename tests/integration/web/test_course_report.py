"""The report of a course: it says what the group page says, and names nobody by a statistic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people.courses import find_course
from lti_tool.reports.report import LevelCell, Report, ShareCell, StackCell
from lti_tool.web import course_report
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import speaking
from tests.factories.pdf import text_of
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom


@pytest.fixture
def classroom(sessions: SessionFactory, institute: Institute) -> Classroom:
    """A course in which one of two people has shown level 1 of 2.1."""
    room = Classroom(sessions, institute)
    room.map()
    room.mark("18")
    return room


@contextmanager
def _outside(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context(), speaking(language):
        yield


def report_of(app: Flask, room: Classroom, language: str = "en") -> Report:
    """The report as a worker makes it, without a request."""
    with _outside(app, language), unit_of_work(room.sessions, writes=False) as session:
        course = find_course(session, room.institute.course.public_id)
        return course_report.report(Asked(session, clock.now(), PlatformId(course.platform_id), course, {}, {}))


def test_it_says_whom_what_and_as_of_when(app: Flask, classroom: Classroom) -> None:
    report = report_of(app, classroom)

    facts = {note.label: note.text for note in report.facts}
    assert report.title == f"Course report: {classroom.institute.course.title}"
    assert (facts["Trainers"], facts["Group"]) == ("Гүлнара", "2 participants, 1 competency")
    assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d", facts["As of"])
    assert facts["As of"] in report.footer
    assert [each.role for each in report.signatures] == ["Lead trainer", "Head of the institute"]


def test_its_numbers_are_those_of_the_group_page(app: Flask, classroom: Classroom, visitor: Visitor) -> None:
    page = visitor("trainer").get(f"/c/{classroom.institute.course.public_id}/group", base_url=BASE).text
    _rules, levels, _weakest, everybody = report_of(app, classroom).sections
    assert levels.table is not None
    assert everybody.table is not None

    (competency,) = levels.table.rows
    assert competency[1:] == (StackCell((0, 0.5, 0, 0, 0.5)), "0", "1", "0", "0", "1")
    assert [row[1:] for row in everybody.table.rows] == [
        ("Айгүл", "KG-1", LevelCell("1", 1), "1/1"),
        ("Бакыт", "KG-2", LevelCell("–", None), "0/1"),
    ]
    for said in ("Level 1: 1", "Not yet established: 1"):
        assert said in " ".join(page.split())


def test_nothing_is_said_of_an_indicator_that_few_have_been_assessed_in(app: Flask, classroom: Classroom) -> None:
    weakest = report_of(app, classroom).sections[2]

    assert weakest.table is None
    assert weakest.paragraphs == ("No indicator has been decided for 5 people yet.",)


def test_the_weakest_indicators_come_first(app: Flask, classroom: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_report, "FEWEST", 2)
    classroom.mark("2", of="neighbour")

    table = report_of(app, classroom).sections[2].table

    assert table is not None
    assert [row[2:] for row in table.rows[:1]] == [("1 of 2", ShareCell("50\N{NO-BREAK SPACE}%", 0.5))]


@pytest.mark.pdf
def test_trainers_take_it_home_in_their_language(visitor: Visitor, classroom: Classroom) -> None:
    for language, said in (("ky", "Курстун отчёту"), ("ru", "Отчёт о курсе"), ("en", "Course report")):
        address = f"/c/{classroom.institute.course.public_id}/report.pdf?lang={language}"
        answer = visitor("trainer").get(address, base_url=BASE)

        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert said in text_of(answer.data)
        assert "Айгүл" in text_of(answer.data)


def test_a_report_is_no_table(visitor: Visitor, classroom: Classroom) -> None:
    for ending in ("csv", "xlsx"):
        address = f"/c/{classroom.institute.course.public_id}/report.{ending}"

        assert visitor("trainer").get(address, base_url=BASE).status_code == 404
