"""Versions of the requirements in whole pages: imported, joined by a crosswalk, courses moved and moved back."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import RuleSetRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import impacts
from lti_tool.ids import CourseId
from lti_tool.people.tables import CourseRow
from tests.factories.catalogues import next_catalogue
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
REQUIREMENTS = "/institute/requirements"


@dataclass
class Office:
    """The pages as an institute admin has them."""

    client: FlaskClient
    sessions: SessionFactory
    course: str

    def get(self, path: str = REQUIREMENTS) -> BeautifulSoup:
        answer = self.client.get(path, base_url=BASE)
        assert answer.status_code == 200, answer.text[:500]
        return BeautifulSoup(answer.text, "html.parser")

    def words(self, path: str = REQUIREMENTS) -> str:
        return _words(self.get(path))

    def post(self, path: str = REQUIREMENTS, **fields: object) -> TestResponse:
        return self.client.post(path, data=fields, base_url=BASE)

    def field(self, path: str, name: str) -> str:
        found = self.get(path).select_one(f"input[name={name}]")
        assert found is not None
        return str(found["value"])

    def upload(self, document: dict[str, Any], **fields: str) -> TestResponse:
        return self.post(file=(io.BytesIO(json.dumps(document).encode()), "next.json"), **fields)

    def link(self, begins: str, page: str = REQUIREMENTS) -> str:
        return next(
            str(a["href"]) for a in self.get(page).select("main a") if a.get_text(strip=True).startswith(begins)
        )

    @property
    def crosswalk(self) -> str:
        return self.link("Crosswalk from")

    @property
    def moves(self) -> str:
        return self.link("Move courses")

    def confirm(self) -> TestResponse:
        return self.post(self.crosswalk, step="confirm", revision=self.field(self.crosswalk, "revision"))

    def work(self) -> None:
        impacts.advance(self.sessions, clock.now())


def _words(page: BeautifulSoup) -> str:
    main = page.select_one("main")
    assert main is not None
    return re.sub(r"\s+", " ", main.get_text(" ", strip=True))


@pytest.fixture
def office(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Office:
    app.config["WTF_CSRF_ENABLED"] = False
    with unit_of_work(sessions) as session:
        for course in (institute.course, institute.other_course, institute.foreign_course):
            rules_of(session, CourseId(course.id), clock.now())
    return Office(visitor("admin"), sessions, institute.course.public_id)


def _version(sessions: SessionFactory, course: CourseRow) -> str:
    with unit_of_work(sessions, writes=False) as session:
        return rules_of(session, CourseId(course.id), clock.now()).framework.version


# ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_is_imported_beside_and_chosen_for_new_courses(office: Office) -> None:
    assert office.upload(next_catalogue(), approved_on="2020-05-03", valid_from="2020-09-01").status_code == 303

    words = office.words()
    assert "Version 2.0 is stored. Every course stays on its version." in office.words() + words
    assert "Valid from 1 September 2020" in words
    assert "have been over since 3 May 2025: it is due for review" in words
    assert "2 courses" in words
    chosen = [str(each["value"]) for each in office.get().select("button[name=version]")]
    assert len(chosen) == 1  # 1.0 is taken by new courses already
    assert office.post(f"{REQUIREMENTS}/choose", version=chosen[0]).status_code == 303
    assert "Version 2.0 kg-ict-teachers" in _words_before(office, "New courses take this version.")


def _words_before(office: Office, sentence: str) -> str:
    return next(_words_of(each) for each in office.get().select("section") if sentence in _words_of(each))


def _words_of(element: Any) -> str:  # noqa: ANN401  a tag of BeautifulSoup
    return re.sub(r"\s+", " ", element.get_text(" ", strip=True))


def test_all_faults_of_a_file_are_told_and_nothing_is_stored(office: Office) -> None:
    document = next_catalogue()
    first, second = document["aspects"][0]["competencies"][0]["indicators"][:2]
    first["text_ky"], second["code"] = "", "9.9.9.z"

    answer = office.upload(document)

    assert answer.status_code == 422
    assert len(BeautifulSoup(answer.text, "html.parser").select("#form-errors li")) >= 2
    assert "2.0" not in office.words()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Choose a file first."),
        ({"file": (io.BytesIO(b"\x00\x01"), "x.json")}, "is not JSON"),
        ({"file": (io.BytesIO(b"{}"), "x.json"), "approved_on": "tomorrow"}, "is not a date"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_words(office: Office, fields: dict[str, Any], told: str) -> None:
    answer = office.post(**fields)

    assert answer.status_code == 422
    assert told in _words(BeautifulSoup(answer.text, "html.parser"))


def test_a_version_that_is_not_there_cannot_be_chosen(office: Office) -> None:
    assert office.post(f"{REQUIREMENTS}/choose", version="nosuch").status_code == 422
    assert office.client.get(f"{REQUIREMENTS}/nosuch/nosuch", base_url=BASE).status_code == 404


# ── the crosswalk ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_crosswalk_shows_both_wordings_and_where_they_differ(office: Office) -> None:
    office.upload(next_catalogue())

    page = office.get(office.crosswalk)

    kinds = [_words_of(each).split()[0] for each in page.select("tbody th")]
    assert kinds == ["Reworded", "Merged", "Removed", "Reworded", "Split", "New"]
    figures = [tuple(_words_of(part) for part in each.select("dt, dd")) for each in page.select("dl.figures > div")]
    assert figures == [
        ("Same", "55"),
        ("Reworded", "2"),
        ("Split", "1"),
        ("Merged", "1"),
        ("New", "1"),
        ("Removed", "1"),
    ]
    row = page.select("tbody tr")[3]
    assert [_words_of(each) for each in row.select("ins")] == ["added: жана мобилдик"]
    assert [_words_of(each) for each in row.select("del")] == ["gone: кантип колдонулушун"]
    assert len(office.get(office.link("Show all", office.crosswalk)).select("tbody th")) == 61


def test_a_line_is_changed_and_the_whole_confirmed(office: Office) -> None:
    office.upload(next_catalogue())
    split = next(str(a["href"]) for a in office.get(office.crosswalk).select("tbody a") if "Split" in a["aria-label"])
    fields = {name: office.field(split, name) for name in ("revision", "line", "old", "new")}
    assert fields["new"] == "4.1.1.b 4.1.1.j"

    assert office.post(office.crosswalk, **fields, carries="4.1.1.j").status_code == 303

    words = office.words(office.crosswalk)
    assert "A draft: it counts once it is confirmed." in words
    assert "What was shown before counts for 4.1.1.j." in words
    assert office.post(office.crosswalk, **fields, carries="").status_code == 422  # from an older page
    assert office.confirm().status_code == 303
    assert "Confirmed. What was shown in one version counts" in office.words(office.crosswalk)


def test_a_table_goes_out_and_comes_in_and_all_its_faults_are_told(office: Office) -> None:
    office.upload(next_catalogue())
    table = office.client.get(office.link("Download", office.crosswalk), base_url=BASE)
    assert table.headers["Content-Disposition"].endswith('"crosswalk-1.0-2.0.csv"')
    send = {"revision": "0", "file": (io.BytesIO(table.data), "c.csv")}
    assert office.post(office.crosswalk, **send).status_code == 303

    faulty = table.text.replace("removed,3.1.3.c", "removed,4.1.1.a")
    answer = office.post(office.crosswalk, revision="1", file=(io.BytesIO(faulty.encode()), "c.csv"))

    assert answer.status_code == 422
    told = _words(BeautifulSoup(answer.text, "html.parser"))
    assert "4.1.1.a stands in several lines." in told
    assert "3.1.3.c of the old version stands in no line." in told
    unreadable = office.post(office.crosswalk, revision="1", file=(io.BytesIO(b"kind,old,new\nequal,1,1\n"), "c.csv"))
    assert "Line 2 of the file cannot be read" in _words(BeautifulSoup(unreadable.text, "html.parser"))


# ── moving ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_courses_are_looked_at_moved_and_moved_back(
    office: Office, institute: Institute, sessions: SessionFactory
) -> None:
    office.upload(next_catalogue())
    office.confirm()
    assert office.post(office.moves, step="look").status_code == 303
    assert "2 courses wait for a worker." in office.words(office.moves)
    office.work()
    chosen = [str(each["value"]) for each in office.get(office.moves).select("input[name=course]")]
    assert len(chosen) == 2

    assert office.post(office.moves, step="move", course=[office.course]).status_code == 303
    office.work()

    assert _version(sessions, institute.course) == "2.0"
    assert _version(sessions, institute.other_course) == "1.0"
    back = office.link(institute.course.title, office.moves)
    assert "Its mapping becomes what it was before." in office.words(back)
    assert office.post(back, seen=office.field(back, "seen")).status_code == 303
    assert _version(sessions, institute.course) == "1.0"


def test_one_course_is_moved_as_it_was_looked_at(
    office: Office, institute: Institute, sessions: SessionFactory
) -> None:
    office.upload(next_catalogue())
    one = f"{office.moves}/{office.course}"
    assert "No crosswalk is confirmed" in office.words(one)
    office.confirm()
    assert "Nobody's level changes." in office.words(one)

    assert office.post(one, seen="something else").status_code == 409
    assert _version(sessions, institute.course) == "1.0"
    assert office.post(one, seen=office.field(one, "seen")).status_code == 303

    assert _version(sessions, institute.course) == "2.0"
    with unit_of_work(sessions, writes=False) as session:
        row = session.query(RuleSetRow).filter_by(course_id=institute.course.id).order_by(RuleSetRow.version).all()[-1]
        assert row.created_by == institute.persons["admin"].id


def test_an_admin_of_another_platform_moves_nothing_here(
    office: Office, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    office.upload(next_catalogue())
    office.confirm()
    moves, stranger = office.moves, visitor("admin of another platform")

    assert stranger.get(f"{moves}/{office.course}", base_url=BASE).status_code == 404
    assert stranger.post(f"{moves}/{office.course}", data={"seen": ""}, base_url=BASE).status_code == 404
    stranger.post(moves, data={"step": "move", "course": [office.course]}, base_url=BASE)
    office.work()
    assert _version(sessions, institute.course) == "1.0"
    # The crosswalk that this institute confirmed is not the other's.
    assert "Proposed from codes" in stranger.get(office.crosswalk, base_url=BASE).text
