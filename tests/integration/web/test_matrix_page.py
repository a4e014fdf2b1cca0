"""The mapping matrix: what stands is shown, what is chosen is stored, and nobody's work is lost on the way."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fractions import Fraction
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict
from lti_tool.grading import gradebook
from lti_tool.people import activities, courses
from lti_tool.web import matrix_page
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.schoolroom import Schoolroom, open_schoolroom
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import ESSAY, QUIZ, Classroom


class Matrix:
    """A trainer's page of one competency, and the form on it."""

    def __init__(self, client: FlaskClient, institute: Institute, competency: str = "2.1") -> None:
        self.client, self.competency = client, competency
        self.address = f"/c/{institute.course.public_id}/mapping"

    def open(self) -> BeautifulSoup:
        """The page as it stands now."""
        answer = self.client.get(f"{self.address}?competency={self.competency}", base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def form(self) -> dict[str, str]:
        """What the browser would send if the trainer changed nothing."""
        page = self.open()
        fields = {str(each["name"]): str(each["value"]) for each in page.select("form input[type=hidden]")}
        for cell in page.select("table.matrix select"):
            chosen = cell.select_one("option[selected]")
            fields[str(cell["name"])] = str(chosen["value"]) if chosen else ""
        return fields

    def cell(self, activity: str, indicator: str) -> str:
        """The name of a cell's field."""
        label = f"{activity} shows {indicator}"
        (found,) = [each for each in self.open().select("table.matrix select") if each["aria-label"] == label]
        return str(found["name"])

    def send(self, **changes: str) -> TestResponse:
        """Stores the form with these cells changed."""
        return self.client.post(self.address, data=self.form() | changes, base_url=BASE)


@pytest.fixture
def classroom(sessions: SessionFactory, institute: Institute) -> Classroom:
    """A quiz that shows level 1 of 2.1, and an essay that shows nothing."""
    room = Classroom(sessions, institute)
    room.map()
    return room


@pytest.fixture
def matrix(visitor: Visitor, institute: Institute, classroom: Classroom) -> Matrix:
    return Matrix(visitor("trainer"), institute)


def _stored(sessions: SessionFactory, classroom: Classroom) -> dict[tuple[str, str], tuple[int, str]]:
    names = {row: name for name, row in classroom.activities.items()}
    framework = classroom.institute.framework
    with unit_of_work(sessions, writes=False) as session:
        return {
            (names[cell.activity], framework.indicator_by_id(cell.indicator).code): (cell.weight, cell.role.value)
            for cell in mapping_of(session, classroom.course)
        }


def test_the_page_shows_what_stands(matrix: Matrix) -> None:
    form = matrix.form()

    assert form[matrix.cell(QUIZ, "2.1.1.a")] == "1s"
    assert form[matrix.cell(ESSAY, "2.1.1.a")] == ""


def test_a_chosen_cell_is_stored_and_shown_again(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom
) -> None:
    cell = matrix.cell(ESSAY, "2.1.2.a")

    answer = matrix.send(**{cell: "3r"})

    assert (answer.status_code, answer.location) == (303, f"{matrix.address}?competency=2.1")
    assert _stored(sessions, classroom)[ESSAY, "2.1.2.a"] == (3, "required")
    assert "The mapping is stored" in matrix.open().get_text()
    assert matrix.form()[cell] == "3r"


def test_an_emptied_cell_is_taken_out(matrix: Matrix, sessions: SessionFactory, classroom: Classroom) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): ""})

    assert (QUIZ, "2.1.1.a") not in _stored(sessions, classroom)


def test_other_competencies_stay_as_they_are(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, visitor: Visitor, institute: Institute
) -> None:
    other = Matrix(visitor("trainer"), institute, "4.1")
    other.send(**{other.cell(ESSAY, "4.1.1.a"): "2o"})

    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "5r"})

    assert _stored(sessions, classroom) == {
        (ESSAY, "4.1.1.a"): (2, "optional"),
        (QUIZ, "2.1.1.a"): (5, "required"),
    }


def test_levels_follow_a_stored_mapping_at_once(matrix: Matrix, classroom: Classroom, institute: Institute) -> None:
    classroom.mark("18")
    group = f"/c/{institute.course.public_id}/group"
    assert "Level 1" in matrix.client.get(group, base_url=BASE).text

    matrix.send(**{matrix.cell(ESSAY, "2.1.1.a"): "1r"})

    page = matrix.client.get(group, base_url=BASE).text
    assert "Level 1" not in page
    assert "In progress" in page


@pytest.mark.parametrize("choice", ["6s", "0s", "1x", "s", "-1s", "²s", "1", "1ss", "1s; DROP"])
def test_a_choice_that_the_page_never_offers_stores_nothing(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, choice: str
) -> None:
    before = _stored(sessions, classroom)

    answer = matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "2s", matrix.cell(ESSAY, "2.1.1.a"): choice})

    assert answer.status_code == 400
    assert _stored(sessions, classroom) == before


def test_a_competency_that_is_not_there_is_not_found(matrix: Matrix) -> None:
    assert matrix.client.get(f"{matrix.address}?competency=9.9", base_url=BASE).status_code == 404
    assert (
        matrix.client.post(matrix.address, data=matrix.form() | {"competency": "9.9"}, base_url=BASE).status_code == 404
    )


def test_a_pass_mark_of_its_own_survives_the_page(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, institute: Institute, now: datetime
) -> None:
    indicator = institute.framework.indicator("2.1.1.a").id
    cell = Mapping(classroom.activities[QUIZ], indicator, 1, MappingRole.SUPPORTING, Fraction(4, 5))
    with unit_of_work(sessions) as session:
        gradebook.accept_mapping(session, classroom.course, [cell], by=None, now=now)

    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "2r"})

    with unit_of_work(sessions, writes=False) as session:
        (stored,) = mapping_of(session, classroom.course)
    assert (stored.weight, stored.role, stored.pass_mark) == (2, MappingRole.REQUIRED, Fraction(4, 5))


def test_who_comes_second_is_told_whose_competency_was_changed(matrix: Matrix) -> None:
    mine = matrix.form()
    cell = matrix.cell(QUIZ, "2.1.1.a")
    assert matrix.send(**{cell: "3s"}).status_code == 303

    late = matrix.client.post(matrix.address, data=mine | {cell: "5s"}, base_url=BASE)

    assert late.status_code == 409
    assert "Somebody else has changed the mapping of 2.1" in late.text
    assert matrix.form()[cell] == "3s"


def test_an_admin_sees_the_mapping_and_cannot_change_it(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    admin, before = Matrix(visitor("admin"), institute), _stored(sessions, classroom)

    page = admin.open()

    assert all(each.has_attr("disabled") for each in page.select("table.matrix select"))
    assert page.select("main button") == []
    assert admin.client.post(admin.address, data=admin.form(), base_url=BASE).status_code in {403, 404}
    assert _stored(sessions, classroom) == before


def test_an_activity_is_added_by_its_name_once(matrix: Matrix) -> None:
    token = {"csrf_token": matrix.form()["csrf_token"], "competency": "2.1"}
    address = matrix.address.replace("mapping", "activities")

    for name in ("Quiz:  Week 7", "Quiz: Week 7"):
        assert matrix.client.post(address, data=token | {"name": name}, base_url=BASE).status_code == 303

    rows = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in matrix.open().select("table.matrix tbody th")]
    assert [row for row in rows if row.startswith("Quiz: Week 7")] == ["Quiz: Week 7 no marks yet"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 401])
def test_an_activity_without_a_usable_name_is_refused_in_words(matrix: Matrix, name: str) -> None:
    before = len(matrix.open().select("table.matrix tbody tr"))
    form = {"csrf_token": matrix.form()["csrf_token"], "name": name}

    matrix.client.post(matrix.address.replace("mapping", "activities"), data=form, base_url=BASE)

    page = matrix.open()
    assert "The name of an activity has 1 to 400 characters." in page.get_text()
    assert len(page.select("table.matrix tbody tr")) == before


def test_of_two_who_store_at_the_same_moment_the_second_is_told(any_sessions: SessionFactory, now: datetime) -> None:
    room = open_schoolroom(any_sessions, now)
    room.map_levels(room.activity("Quiz: 1"), 1)
    together = Barrier(2)

    def store(weight: int) -> str:
        form = _form(room)
        together.wait(10)
        try:
            with unit_of_work(any_sessions) as session:
                course = courses.get_course(session, room.course_id)
                chosen = {name: f"{weight}s" if name.startswith("cell") else value for name, value in form.items()}
                cells = matrix_page.read(session, course, room.framework, "1.1", chosen)
                gradebook.accept_mapping(session, room.course_id, cells, by=None, now=now)
        except Conflict:
            return "told"
        return f"stored {weight}"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(store, [2, 5]))

    with unit_of_work(any_sessions, writes=False) as session:
        (weight,) = {cell.weight for cell in mapping_of(session, room.course_id)}
    assert sorted(answers) == [f"stored {weight}", "told"]


def _form(room: Schoolroom) -> dict[str, str]:
    """The cells of level 1 as the page shows them."""
    with unit_of_work(room.sessions, writes=False) as session:
        (quiz,) = activities.activities_of(session, room.course_id)
        codes = [each.code for each in room.framework.competency("1.1").of_level(1)]
        seen = matrix_page.fingerprint(mapping_of(session, room.course_id))
    return {"seen": seen, **{f"cell-{quiz.public_id}-{code}": "" for code in codes}}


def _remarks(page: BeautifulSoup) -> dict[str, str]:
    return {link.get_text(strip=True): str(link["href"]) for link in page.select("[aria-labelledby=check-title] a")}


def test_the_check_says_what_is_missing_and_leads_there(matrix: Matrix) -> None:
    found = _remarks(matrix.open())

    said = "2.1, level 2 cannot be assessed: mapped indicators: 0, needed: 1, key ones among them."
    assert found[said] == f"{matrix.address}?competency=2.1"
    assert f"{QUIZ} shows 1 of the course's 1 indicators, more than a third." in found
    assert not [sentence for sentence in found if sentence.startswith("4.1")]


def test_a_weight_that_decides_alone_leads_to_its_cell(matrix: Matrix) -> None:
    cell = matrix.cell(ESSAY, "2.1.1.a")

    matrix.send(**{cell: "5s"})

    page = matrix.open()
    address = _remarks(page)[f"{ESSAY} alone decides 2.1.1.a by its weight."]
    assert address == f"{matrix.address}?competency=2.1#{cell}"
    assert page.find(id=cell) is not None


def test_a_course_without_a_mapping_has_nothing_to_remark(matrix: Matrix) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): ""})

    assert matrix.open().select("[aria-labelledby=check-title]") == []
