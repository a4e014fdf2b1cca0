"""The mapping matrix: what stands is shown, what is chosen is stored, and nobody's work is lost on the way."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from threading import Barrier

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.competency import mapping_draft
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_draft import CellChange, CellValue
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.people.tables import ActivityRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.schoolroom import open_schoolroom
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import ESSAY, QUIZ, Classroom


class Matrix:
    """A trainer's matrix, and the form on it."""

    def __init__(self, client: FlaskClient, institute: Institute) -> None:
        self.client = client
        self.address = f"/c/{institute.course.public_id}/mapping"

    def open(self, query: str = "", path: str = "") -> BeautifulSoup:
        """The page as it stands now."""
        answer = self.client.get(self.address + path + query, base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def form(self, query: str = "") -> dict[str, str]:
        """What the browser would send if the trainer changed nothing."""
        fields = self.open(query).select("form[data-matrix] input")
        return {str(each["name"]): str(each.get("value", "")) for each in fields}

    def cell(self, activity: str, indicator: str) -> str:
        """The name of a cell's field, found as a screen reader finds it."""
        page = self.open()
        names = {str(head["id"]): _words(head) for head in page.select("table.matrix th[id]")}
        for each in page.select("table.matrix input"):
            row, column = str(each["aria-labelledby"]).split()
            if names[row].startswith(activity) and names[column] == indicator:
                return str(each["name"])
        raise AssertionError((activity, indicator))

    def send(self, query: str = "", **changes: str) -> TestResponse:
        """Stores the form with these cells changed, as a browser without a script does."""
        return self.client.post(self.address, data=self.form(query) | changes, base_url=BASE)

    def save(self, name: str, seen: str, value: str) -> TestResponse:
        """Stores one cell as the page's script does."""
        token = self.form()["csrf_token"]
        data = {"csrf_token": token, "shown": json.dumps({name: seen}), name: value}
        return self.client.post(self.address, data=data, base_url=BASE, headers={"Accept": "application/json"})

    def do(self, what: str, **fields: str) -> TestResponse:
        """Sends the form for that on the page of the preview."""
        page = self.open(path="/preview")
        sent = {str(each["name"]): str(each["value"]) for each in page.select(f"form[action$={what}] input")}
        return self.client.post(f"{self.address}/{what}", data=sent | fields, base_url=BASE, follow_redirects=True)


def _words(tag: Tag) -> str:
    return re.sub(r"\s+", " ", tag.get_text(" ", strip=True))


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

    assert form[matrix.cell(QUIZ, "2.1.1.a")] == "1"
    assert form[matrix.cell(ESSAY, "2.1.1.a")] == ""


def test_what_is_drafted_is_shown_again_and_counts_for_nothing_yet(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom
) -> None:
    cell = matrix.cell(ESSAY, "2.1.2.a")
    before = _stored(sessions, classroom)

    answer = matrix.send(**{cell: "3!"})

    assert (answer.status_code, answer.location) == (303, matrix.address)
    page = matrix.open()
    assert "The draft is stored. It counts once it is published." in page.get_text()
    assert matrix.form()[cell] == "3!"
    assert [str(each["name"]) for each in page.select("input.drafted")] == [cell]
    assert _stored(sessions, classroom) == before


def test_publishing_makes_the_draft_count(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, institute: Institute
) -> None:
    classroom.mark("18")
    matrix.send(**{matrix.cell(ESSAY, "2.1.1.a"): "1!", matrix.cell(ESSAY, "4.1.1.a"): "2?"})
    preview = _words(matrix.open(path="/preview"))
    assert f"{ESSAY}, 2.1.1.a: nothing → required, weight 1" in preview
    assert "Participants whose levels change: 1 of 2." in preview
    assert "2.1: level 1 → not yet established" in preview

    page = matrix.do("publish").text

    assert "The mapping is published and the levels follow it." in page
    assert _stored(sessions, classroom) == {
        (QUIZ, "2.1.1.a"): (1, "supporting"),
        (ESSAY, "2.1.1.a"): (1, "required"),
        (ESSAY, "4.1.1.a"): (2, "optional"),
    }
    group = matrix.client.get(f"/c/{institute.course.public_id}/group", base_url=BASE).text
    assert "Level 1: 0" in group
    assert "In progress" in group
    assert "there is nothing to publish" in _words(matrix.open(path="/preview"))


def test_an_emptied_cell_is_taken_out(matrix: Matrix, sessions: SessionFactory, classroom: Classroom) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): ""})
    assert "2.1 is no longer assessed here: its grades are withdrawn." in _words(matrix.open(path="/preview"))

    matrix.do("publish")

    assert _stored(sessions, classroom) == {}


def test_a_cell_that_becomes_what_it_was_is_no_change(matrix: Matrix) -> None:
    cell = matrix.cell(QUIZ, "2.1.1.a")
    matrix.send(**{cell: "4"})

    matrix.send(**{cell: "1"})

    assert matrix.open().select("input.drafted") == []
    assert "there is nothing to publish" in _words(matrix.open(path="/preview"))


def test_a_draft_thrown_away_leaves_what_is_published(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom
) -> None:
    before = _stored(sessions, classroom)
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "5", matrix.cell(ESSAY, "2.1.2.a"): "5"})

    assert "What is published stands as it did." in matrix.do("discard").text

    assert matrix.form()[matrix.cell(QUIZ, "2.1.1.a")] == "1"
    assert _stored(sessions, classroom) == before


@pytest.mark.parametrize(("typed", "kept"), [("4r", "4!"), ("2 O", "2?"), ("3S", "3"), (" 5! ", "5!"), ("1?", "1?")])
def test_entries_may_be_typed_with_letters_or_signs(matrix: Matrix, typed: str, kept: str) -> None:
    cell = matrix.cell(ESSAY, "2.1.1.a")

    matrix.send(**{cell: typed})

    assert matrix.form()[cell] == kept


@pytest.mark.parametrize("choice", ["6", "0", "1x", "s", "-1", "²", "11", "1!!", "1; DROP", "!1", "١"])
def test_an_entry_that_is_none_stores_nothing(matrix: Matrix, choice: str) -> None:
    answer = matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "2", matrix.cell(ESSAY, "2.1.1.a"): choice})

    assert answer.status_code == 400
    assert "is no entry of the mapping" in answer.text
    assert matrix.open().select("input.drafted") == []


@pytest.mark.parametrize("shown", ["[", "[]", '{"a": 1}', "[" * 100_000, "null"])
def test_a_form_that_no_page_made_is_refused(matrix: Matrix, shown: str) -> None:
    answer = matrix.send(shown=shown)

    assert answer.status_code == 400
    assert "This form cannot be read" in answer.text


def test_a_cell_of_another_course_is_refused(matrix: Matrix) -> None:
    assert matrix.send(**{"cell-aaaaaaaaaaaaaaaa-2.1.1.a": "1"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("?competency=2.1&level=1", ["2.1.1.a"]),
        ("?aspect=2&level=1", ["2.1.1.a", "2.2.1.a", "2.2.1.b"]),
        ("?text=2.1.1.A", ["2.1.1.a"]),
        ("?competency=2.1&text=zzzz", []),
        ("?competency=9.9", []),
        ("?level=x", []),
    ],
)
def test_the_matrix_is_narrowed_to_what_is_asked_for(matrix: Matrix, query: str, codes: list[str]) -> None:
    page = matrix.open(query)

    shown = [_words(head) for head in page.select("table.matrix thead tr:last-child th[id]")]
    assert shown == codes
    assert ("No indicator fits this choice." in page.get_text()) == (not codes)


def test_a_text_is_searched_in_the_words_of_the_indicators(matrix: Matrix, institute: Institute) -> None:
    word = institute.framework.indicator("4.1.1.a").text("en").split()[0]

    page = matrix.open(f"?text={word.upper()}&lang=en")

    shown = {_words(head) for head in page.select("table.matrix thead tr:last-child th[id]")}
    assert "4.1.1.a" in shown
    assert 1 <= len(shown) < 61


def test_a_narrowed_form_leaves_the_rest_of_the_draft_alone(matrix: Matrix) -> None:
    hidden, shown = matrix.cell(ESSAY, "4.1.1.a"), matrix.cell(QUIZ, "2.1.1.a")
    matrix.send(**{hidden: "2"})

    answer = matrix.send("?competency=2.1", **{shown: "5"})

    assert answer.location == f"{matrix.address}?competency=2.1", "the page stays narrowed"
    assert (matrix.form()[hidden], matrix.form()[shown]) == ("2", "5")


def test_a_pass_mark_of_its_own_survives_the_draft(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, institute: Institute, now: datetime
) -> None:
    indicator = institute.framework.indicator("2.1.1.a").id
    cell = Mapping(classroom.activities[QUIZ], indicator, 1, MappingRole.SUPPORTING, Fraction(4, 5))
    with unit_of_work(sessions) as session:
        gradebook.accept_mapping(session, classroom.course, [cell], by=None, now=now)

    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "2!"})
    matrix.do("publish")

    with unit_of_work(sessions, writes=False) as session:
        (stored,) = mapping_of(session, classroom.course)
    assert (stored.weight, stored.role, stored.pass_mark) == (2, MappingRole.REQUIRED, Fraction(4, 5))


# --- two at once ----------------------------------------------------------------------------------------------------


def test_of_two_in_one_cell_the_second_is_told_and_everything_else_of_theirs_is_stored(matrix: Matrix) -> None:
    mine = matrix.form()
    cell, other = matrix.cell(QUIZ, "2.1.1.a"), matrix.cell(ESSAY, "2.1.1.a")
    matrix.send(**{cell: "3"})

    late = matrix.client.post(matrix.address, data=mine | {cell: "5", other: "2"}, base_url=BASE, follow_redirects=True)

    said = f"{QUIZ}, 2.1.1.a: Гүлнара has put “supporting, weight 3” here meanwhile; your “supporting, weight 5”"
    assert said in _words(BeautifulSoup(late.text, "html.parser"))
    assert (matrix.form()[cell], matrix.form()[other]) == ("3", "2")


def test_two_who_wrote_the_same_do_not_clash(matrix: Matrix) -> None:
    cell = matrix.cell(QUIZ, "2.1.1.a")

    answers = [matrix.save(cell, "1", "4!").json for _ in range(2)]

    nobody_told = {"clashes": [], "drafted": "1 cell differs from what counts."}
    assert answers == [nobody_told, nobody_told]


def test_the_script_is_told_what_stands_in_a_cell_that_was_not_taken(matrix: Matrix) -> None:
    cell = matrix.cell(QUIZ, "2.1.1.a")
    matrix.save(cell, "1", "4!")

    answer = matrix.save(cell, "1", "").json

    assert answer is not None
    (clash,) = answer["clashes"]
    assert (clash["name"], clash["value"]) == (cell, "4!")
    assert "your “nothing” was not stored" in clash["said"]


def test_a_draft_that_changed_since_its_preview_is_shown_again_instead(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom
) -> None:
    cell, before = matrix.cell(QUIZ, "2.1.1.a"), _stored(sessions, classroom)
    matrix.send(**{cell: "2"})
    (seen,) = matrix.open(path="/preview").select("input[name=seen]")
    matrix.send(**{cell: "5"})

    page = matrix.do("publish", seen=str(seen["value"])).text

    assert "The draft has changed since this preview was made." in page
    assert "supporting, weight 5" in page
    assert _stored(sessions, classroom) == before


def test_what_is_published_beside_the_draft_is_kept_and_asks_for_a_new_look(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom, institute: Institute, now: datetime
) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "2"})
    (seen,) = matrix.open(path="/preview").select("input[name=seen]")
    added = Mapping(classroom.activities[ESSAY], institute.framework.indicator("4.1.1.a").id)
    with unit_of_work(sessions) as session:
        gradebook.accept_mapping(session, classroom.course, [added], by=None, now=now, merge=True)

    assert "has changed since" in matrix.do("publish", seen=str(seen["value"])).text
    matrix.do("publish")

    assert _stored(sessions, classroom) == {
        (QUIZ, "2.1.1.a"): (2, "supporting"),
        (ESSAY, "4.1.1.a"): (1, "supporting"),
    }


def test_of_two_who_write_one_cell_at_the_same_moment_the_second_is_told(
    any_sessions: SessionFactory, now: datetime
) -> None:
    room = open_schoolroom(any_sessions, now)
    quiz = room.activity("Quiz: 1")
    indicator = room.framework.competency("1.1").of_level(1)[0].id
    together = Barrier(2)

    def write(weight: int) -> int:
        together.wait(10)
        change = CellChange(quiz, indicator, None, CellValue(weight, MappingRole.SUPPORTING))
        with unit_of_work(any_sessions) as session:
            return len(mapping_draft.change_cells(session, room.course_id, [change], by=None, now=now))

    with ThreadPoolExecutor(2) as pool:
        clashes = list(pool.map(write, [2, 5]))

    with unit_of_work(any_sessions, writes=False) as session:
        (cell,) = mapping_draft.draft_of(session, room.course_id).wanted
    assert sorted(clashes) == [0, 1]
    assert cell.weight == (2, 5)[clashes.index(0)]


# --- files ----------------------------------------------------------------------------------------------------------


def _upload(matrix: Matrix, content: bytes, **fields: str) -> TestResponse:
    token = matrix.form()["csrf_token"]
    data = {"csrf_token": token, "file": (io.BytesIO(content), "mapping.csv"), **fields}
    return matrix.client.post(f"{matrix.address}/file", data=data, base_url=BASE, follow_redirects=True)


def test_a_file_becomes_the_draft_and_is_shown_before_it_counts(
    matrix: Matrix, sessions: SessionFactory, classroom: Classroom
) -> None:
    before = _stored(sessions, classroom)

    page = _upload(matrix, f"activity,indicator,weight,role\n{ESSAY},2.1.1.a,2,required\n".encode())

    words = _words(BeautifulSoup(page.text, "html.parser"))
    assert f"{ESSAY}, 2.1.1.a: nothing → required, weight 2" in words
    assert f"{QUIZ}, 2.1.1.a: supporting, weight 1 → nothing" in words
    assert _stored(sessions, classroom) == before
    matrix.do("publish")
    assert _stored(sessions, classroom) == {(ESSAY, "2.1.1.a"): (2, "required")}


def test_a_file_can_be_added_to_the_draft(matrix: Matrix, sessions: SessionFactory, classroom: Classroom) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "3"})

    _upload(matrix, f"activity,indicator\n{ESSAY},2.1.1.a\n".encode(), merge="1")
    matrix.do("publish")

    assert _stored(sessions, classroom) == {
        (QUIZ, "2.1.1.a"): (3, "supporting"),
        (ESSAY, "2.1.1.a"): (1, "supporting"),
    }


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"activity,indicator\nQuiz: New,9.9.9.z\n"])
def test_a_faulty_file_leaves_the_draft_as_it_is(matrix: Matrix, content: bytes) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): "3"})

    page = _upload(matrix, content)

    assert BeautifulSoup(page.text, "html.parser").select(".notice-warn")
    assert len(matrix.open().select("input.drafted")) == 1
    assert "Quiz: New" not in matrix.open().get_text()


# --- who, and what else ---------------------------------------------------------------------------------------------


def test_an_admin_sees_the_mapping_and_cannot_change_it(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    admin = Matrix(visitor("admin"), institute)

    page = admin.open()

    assert page.select("table.matrix input") == []
    assert "1" in {_words(cell) for cell in page.select("table.matrix td")}
    assert [_words(button) for button in page.select("main button")] == ["Show"]
    assert admin.client.post(admin.address, data={}, base_url=BASE).status_code in {403, 404}
    assert admin.client.get(f"{admin.address}/preview", base_url=BASE).status_code == 404


def test_an_activity_is_added_by_its_name_once(matrix: Matrix) -> None:
    token = {"csrf_token": matrix.form()["csrf_token"]}
    address = matrix.address.replace("mapping", "activities")

    for name in ("Quiz:  Week 7", "Quiz: Week 7"):
        assert matrix.client.post(address, data=token | {"name": name}, base_url=BASE).status_code == 303

    rows = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in matrix.open().select("table.matrix tbody th")]
    assert [row for row in rows if row.startswith("Quiz: Week 7")] == ["Quiz: Week 7 no marks yet"]


def _maximum(sessions: SessionFactory, name: str) -> Decimal | None:
    with unit_of_work(sessions, writes=False) as session:
        return session.scalars(select(ActivityRow.mark_max).where(ActivityRow.name == name)).one_or_none()


def test_an_activity_is_added_with_its_full_mark_which_can_be_changed(matrix: Matrix, sessions: SessionFactory) -> None:
    token = {"csrf_token": matrix.form()["csrf_token"], "name": "Quiz: Week 7"}
    told = []

    for typed in ("20", "", "33,5", "0", "many", "-1", "NaN", "1e99"):
        matrix.client.post(
            matrix.address.replace("mapping", "activities"), data=token | {"maximum": typed}, base_url=BASE
        )
        told.append("is no full mark" in matrix.open().get_text())

    assert told == [False, False, False, True, True, True, True, True]
    assert _maximum(sessions, "Quiz: Week 7") == Decimal("33.5")


@pytest.mark.parametrize("name", ["", "   ", "x" * 401])
def test_an_activity_without_a_usable_name_is_refused_in_words(matrix: Matrix, name: str) -> None:
    before = len(matrix.open().select("table.matrix tbody tr"))
    form = {"csrf_token": matrix.form()["csrf_token"], "name": name}

    matrix.client.post(matrix.address.replace("mapping", "activities"), data=form, base_url=BASE)

    page = matrix.open()
    assert "The name of an activity has 1 to 400 characters." in page.get_text()
    assert len(page.select("table.matrix tbody tr")) == before


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

    matrix.send(**{cell: "5"})

    page = matrix.open()
    address = _remarks(page)[f"{ESSAY} alone decides 2.1.1.a by its weight."]
    assert address == f"{matrix.address}?competency=2.1#{cell}"
    assert page.find(id=cell) is not None


def test_a_course_without_a_mapping_has_nothing_to_remark(matrix: Matrix) -> None:
    matrix.send(**{matrix.cell(QUIZ, "2.1.1.a"): ""})

    assert matrix.open().select("[aria-labelledby=check-title]") == []
