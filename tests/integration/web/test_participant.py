"""*My competencies*, in whole pages: what a participant reads, and what nobody else's page shows."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event, select

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.competency.tables import EvidenceRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.grading.tables import DeliveryRow
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
QUIZ, ESSAY = "Quiz: 1-жума", "Assignment: Сабактын планы"


class Classroom:
    """The institute's course with a quiz for level 1 of 2.1 and an essay beside it."""

    def __init__(self, sessions: SessionFactory, institute: Institute) -> None:
        self.sessions, self.institute = sessions, institute
        self.course = CourseId(institute.course.id)
        self.activities: dict[str, ActivityId] = {}

    def map(self, *, essay: MappingRole | None = None) -> None:
        """The quiz shows level 1 of competency 2.1; so does the essay, where it has a role."""
        with unit_of_work(self.sessions) as session:
            course = session.get_one(CourseRow, self.course)
            for name in (QUIZ, ESSAY):
                self.activities[name] = ActivityId(Make(session, clock.now()).activity(course, name).id)
            cells = [Mapping(self.activities[QUIZ], each) for each in self._indicators()]
            if essay:
                cells += [Mapping(self.activities[ESSAY], each, 2, essay) for each in self._indicators()]
            gradebook.accept_mapping(session, self.course, cells, by=None, now=clock.now())

    def mark(self, mark: str | None, name: str = QUIZ, maximum: str = "20", of: str = "participant") -> None:
        """A mark comes in from a gradebook file."""
        entry = NewEvidence(
            PersonId(self.institute.persons[of].id),
            self.activities[name],
            None,
            Decimal(mark) if mark is not None else None,
            Decimal(0),
            Decimal(maximum),
            "gradebook_file",
            clock.now() - timedelta(hours=1),
        )
        with unit_of_work(self.sessions) as session:
            gradebook.accept_results(session, self.course, [entry], by=None, now=clock.now())

    def _indicators(self) -> list[IndicatorId]:
        return [each.id for each in self.institute.framework.competency("2.1").of_level(1)]


@pytest.fixture
def classroom(sessions: SessionFactory, institute: Institute) -> Classroom:
    """A course whose mapping and marks the test gives."""
    return Classroom(sessions, institute)


def _page(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200, answer.text[:400]
    return BeautifulSoup(answer.text, "html.parser")


def _words(page: BeautifulSoup, selector: str = "main") -> str:
    found = page.select_one(selector)
    assert found is not None, selector
    return re.sub(r"\s+", " ", found.get_text(" ", strip=True))


def _row(page: BeautifulSoup, code: str) -> str:
    rows = [row for row in page.select("tr.competency") if row.select_one(".code") and code in row.get_text()]
    return re.sub(r"\s+", " ", rows[0].get_text(" ", strip=True))


def test_the_grid_shows_eleven_competencies_in_six_aspects(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()

    page = _page(visitor("participant"), f"/c/{institute.course.public_id}/me")

    assert len(page.select("tr.competency")) == 11
    cells = page.select("tr.competency td.level-cell")
    assert sum(int(str(each.get("colspan", 1))) for each in cells) == 33
    assert len(cells) == 13, "what is alike at all three levels is said once"
    assert len(page.select("tr.aspect h2")) == 6


def test_without_a_mapping_the_page_says_so_and_what_comes_next(visitor: Visitor, institute: Institute) -> None:
    said = _words(_page(visitor("participant"), f"/c/{institute.course.public_id}/me"), ".empty")

    assert said.startswith("This course does not assess competencies yet")
    assert "Participants need do nothing." in said


def test_without_a_mark_unknown_is_not_shown_as_zero(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()

    page = _page(visitor("participant"), f"/c/{institute.course.public_id}/me")

    assert _words(page, ".empty").startswith("Nothing has been assessed yet")
    assert "Not yet established" in _row(page, "2.1")
    assert "No evidence yet" in _row(page, "2.1")
    assert "Below basic" not in _words(page)


def test_a_mark_is_seen_in_the_grid(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("18")

    page = _page(visitor("participant"), f"/c/{institute.course.public_id}/me")

    assert page.select_one(".empty") is None
    assert "Basic level" in _row(page, "2.1")
    assert "Met" in _row(page, "2.1")
    assert "Established" in _row(page, "2.1")


def test_the_why_goes_down_to_the_mark(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map(essay=MappingRole.REQUIRED)
    classroom.mark("18")
    classroom.mark("50", ESSAY, "100")

    page = _page(visitor("participant"), f"/c/{institute.course.public_id}/me/2.1")
    said = _words(page)

    assert "Weighted mean of the marks: 63.3 %; pass mark: 60 %." in said
    assert "is required and has 50 %, below its pass mark of 60 %." in said
    assert "90 % (18 of 20)" in _words(page, "details.evidence table").replace("\N{NO-BREAK SPACE}", " ")
    assert "gradebook file" in _words(page, "details.evidence table")


def test_the_stored_overview_and_the_why_agree(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("5")
    client = visitor("participant")

    grid = _row(_page(client, f"/c/{institute.course.public_id}/me"), "2.1")
    why = _words(_page(client, f"/c/{institute.course.public_id}/me/2.1"))

    assert "Below basic level" in grid
    assert "Not met" in grid
    assert "Below basic level: the lowest level has been assessed and is not met." in why


def test_a_withdrawn_mark_is_unknown_again(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("18")
    classroom.mark(None)

    page = _page(visitor("participant"), f"/c/{institute.course.public_id}/me")

    assert "Not yet established" in _row(page, "2.1")


def test_the_grade_for_the_gradebook_is_shown(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    classroom.mark("18")
    path = f"/c/{institute.course.public_id}/me/2.1"

    before = _words(_page(visitor("participant"), path))
    with unit_of_work(sessions) as session:
        delivery = session.scalars(select(DeliveryRow)).one()
        delivery.sent_given, delivery.sent_maximum, delivery.sent_at = Decimal(1), Decimal(3), clock.now()
    after = _words(_page(visitor("participant"), path))

    assert "For the gradebook: 1 of 3. Not sent yet." in before
    assert "For the gradebook: 1 of 3. Last sent: 1 of 3, " in after


def test_a_trainer_reads_the_same_page_of_a_participant(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()
    classroom.mark("18")
    person, course = institute.persons["participant"].public_id, institute.course.public_id

    page = _page(visitor("trainer"), f"/c/{course}/people/{person}")
    why = _page(visitor("trainer"), f"/c/{course}/people/{person}/2.1")

    assert _words(page, "h1") == "Айгүл"
    assert "Met" in _row(page, "2.1")
    assert f"/c/{course}/people/{person}" in str(why.select_one("nav.crumbs"))


def test_nobody_sees_anothers_marks(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("17.77", of="neighbour")

    course, neighbour = institute.course.public_id, institute.persons["neighbour"].public_id
    said = _words(_page(visitor("participant"), f"/c/{course}/me/2.1"))

    assert "17.77" in _words(_page(visitor("trainer"), f"/c/{course}/people/{neighbour}/2.1")), "it would be seen"
    assert "17.77" not in said
    assert "Бакыт" not in said


@pytest.mark.parametrize("path", ["me/9.9", "me/<script>", "me/2.1.1.a", "people/nosuchperson", "people/nosuch/2.1"])
def test_what_does_not_exist_is_not_found(visitor: Visitor, institute: Institute, path: str) -> None:
    answer = visitor("trainer").get(f"/c/{institute.course.public_id}/{path}", base_url=BASE)

    assert answer.status_code == 404
    assert "<script>" not in answer.text.split("</head>")[1]


@pytest.mark.parametrize(
    ("locale", "heading", "note"),
    [
        ("ky", "Менин компетенттүүлүктөрүм", "расмий текст"),
        ("ru", "Мои компетенции", "неофициальный перевод"),
        ("en", "My competencies", "unofficial translation"),
    ],
)
def test_official_text_and_translation_are_told_apart(
    visitor: Visitor, institute: Institute, locale: str, heading: str, note: str
) -> None:
    client, course = visitor("participant"), institute.course.public_id

    overview = _page(client, f"/c/{course}/me?lang={locale}")
    why = _page(client, f"/c/{course}/me/2.1?lang={locale}")

    html = overview.find("html")
    assert html is not None
    assert (html["lang"], _words(overview, "h1")) == (locale, heading)
    assert note in _words(why)
    official = institute.framework.competency("2.1").text("ky")
    shown = [" ".join(tag.text.split()) for tag in why.select("main [lang=ky]")]
    assert official in shown


def test_names_from_outside_are_shown_as_text(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        session.get_one(ActivityRow, classroom.activities[QUIZ]).name = "<img src=x onerror=alert(1)>"

    answer = visitor("participant").get(f"/c/{institute.course.public_id}/me/2.1", base_url=BASE)

    assert "<img" not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text


def test_no_page_carries_script_or_style_of_its_own(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()
    classroom.mark("18")
    course = institute.course.public_id

    for path in (f"/c/{course}/me", f"/c/{course}/me/2.1"):
        page = _page(visitor("participant"), path)
        assert [script for script in page.select("script") if not script.get("src")] == []
        assert page.select("[style], style, [onclick], [onload]") == []


def test_both_pages_are_light(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("18")
    course, headers = institute.course.public_id, {"Accept-Encoding": "gzip"}

    for path in (f"/c/{course}/me", f"/c/{course}/me/4.1"):
        answer = visitor("participant").get(path, base_url=BASE, headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) < 15_000


def test_the_overview_asks_as_often_for_one_mark_as_for_many(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    classroom.mark("18")
    client, path = visitor("participant"), f"/c/{institute.course.public_id}/me"
    few = _statements(client, path, sessions)
    for mark in range(1, 12):
        classroom.mark(str(mark))
    with unit_of_work(sessions) as session:
        assert len(list(session.scalars(select(EvidenceRow)))) == 12

    assert _statements(client, path, sessions) == few <= 13


def _statements(client: FlaskClient, path: str, sessions: SessionFactory) -> int:
    counted: list[str] = []
    engine = sessions.kw["bind"]

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        _page(client, path)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(counted)
