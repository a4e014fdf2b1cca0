"""The institute's figures where its courses are on two versions of the requirements: each is read by its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.competency import publishing
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow
from lti_tool.reports import rollup
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make
from tests.factories.tables import csv_rows
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_institute_pages import said_in
from tests.integration.web.test_participant import BASE

OLD, NEW = "kg-ict-teachers 1.0", "kg-ict-teachers 2.0"


@dataclass
class Two:
    """Six people in a course of the old version and in one of the new: in the old all pass, in the new two do."""

    client: FlaskClient
    person: str
    ids: dict[str, str]
    """Public ids of versions by name."""

    def page(self, path: str) -> BeautifulSoup:
        answer = self.client.get(path, base_url=BASE)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.text, "html.parser")

    def table(self, path: str) -> list[dict[str, str]]:
        head, *rows = csv_rows(self.client.get(path, base_url=BASE).text)
        return [dict(zip(head, row, strict=True)) for row in rows]

    def by(self, name: str) -> str:
        return f"version={self.ids[name]}"


def give_marks(
    sessions: SessionFactory, course_id: int, framework: Framework, people: Iterable[int], passing: int, level: int = 1
) -> None:
    """A quiz that shows a level of 2.1, and a mark of it for each of these people; so many pass."""
    now, course = clock.now(), CourseId(course_id)
    with unit_of_work(sessions) as session:
        quiz = ActivityId(Make(session, now).activity(session.get_one(CourseRow, course_id), "Quiz").id)
        cells = [Mapping(quiz, each.id) for each in framework.competency("2.1").of_level(level)]
        gradebook.accept_mapping(session, course, cells, by=None, now=now)
        marks = [
            NewEvidence(
                PersonId(person), quiz, None, Decimal(20 if place < passing else 1), Decimal(0), Decimal(20),
                "gradebook_file", now - timedelta(hours=1),
            )
            for place, person in enumerate(people)
        ]  # fmt: skip
        gradebook.accept_results(session, course, marks, by=None, now=now)


@pytest.fixture
def two(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Two:
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        home = session.get_one(PlatformRow, institute.course.platform_id)
        rows = [make.person(home, f"Катышуучу {number}", sub=f"two-{number}") for number in range(6)]
        for row in rows:
            make.membership(session.get_one(CourseRow, institute.course.id), row)
            make.membership(session.get_one(CourseRow, institute.other_course.id), row)
        people, person = [row.id for row in rows], rows[0].public_id
    give_marks(sessions, institute.course.id, institute.framework, people, 6)
    with unit_of_work(sessions) as session:
        version = publishing.publish(session, json.dumps(next_catalogue()).encode(), clock.now())
        framework = publishing.open_framework(session, version)
        ids = {f"{each.framework} {each.version}": str(each.public_id) for each in publishing.versions(session)}
    give_marks(sessions, institute.other_course.id, framework, people, 2)
    rollup.refresh(sessions, clock.now())
    return Two(visitor("admin"), person, ids)


def _counts(page: BeautifulSoup) -> list[str]:
    """Of the one competency: how many are counted, and at which level."""
    (row,) = page.select("section[aria-labelledby=levels-title] tbody tr")
    return [said_in(each).split()[0] for each in row.select("td")]


@pytest.mark.parametrize(("name", "counts"), [(OLD, ["8", "2", "0", "6"]), (NEW, ["7", "1", "4", "2"])])
@pytest.mark.parametrize("count", ["people", "participations"])
def test_the_overview_is_read_by_each_version(two: Two, name: str, counts: list[str], count: str) -> None:
    page = two.page(f"/institute/overview?count={count}&{two.by(name)}")

    assert _counts(page)[:4] == counts
    chosen = page.select_one("#f-version option[selected]")
    assert chosen is not None
    assert chosen.get_text(strip=True) == name
    assert "Courses are on several versions" in page.get_text()
    (row,) = [
        each
        for each in two.table(f"/institute/overview/levels.csv?count={count}&{two.by(name)}")
        if "." in each["Code"]
    ]
    assert [row["Level 0"], row["Level 1"]] == counts[2:]


def test_without_a_word_it_is_the_newest_and_what_is_none_is_passed_over(two: Two) -> None:
    newest = _counts(two.page(f"/institute/overview?{two.by(NEW)}"))

    for asked in ("", "?version=nosuch", "?version=%00", f"?version={'x' * 3000}"):
        assert _counts(two.page(f"/institute/overview{asked}")) == newest


def test_each_figure_opens_to_its_rows_by_the_version_that_it_was_read_by(two: Two) -> None:
    for name in (OLD, NEW):
        for count in ("people", "participations"):
            page = two.page(f"/institute/overview?count={count}&{two.by(name)}")
            links = page.select("section[aria-labelledby=levels-title] td a")
            assert links
            for link in links:
                behind = two.page(str(link["href"]))
                assert len(behind.select("tbody tr")) == int(link.text), link["href"]
                assert f"Requirements: {name}." in behind.get_text()
                back = behind.select_one(".crumbs a")
                assert back is not None
                assert two.by(name) in str(back["href"])


def test_the_map_lists_the_courses_of_its_version(two: Two) -> None:
    shown = {
        name: [
            each.get_text(strip=True)
            for each in two.page(f"/institute/levels?by=courses&{two.by(name)}").select("tbody th")
        ]
        for name in (OLD, NEW)
    }
    shares = {name: two.table(f"/institute/levels.csv?{two.by(name)}")[0] for name in (OLD, NEW)}

    assert shown == {OLD: ["ИКТ 101"], NEW: ["Экинчи курс"]}
    assert [next(value for head, value in shares[name].items() if head.startswith("2.1 ")) for name in (OLD, NEW)] == [
        "100%",
        "33%",
    ]


def test_an_indicator_is_told_of_the_courses_of_its_version(two: Two) -> None:
    for name, course in ((OLD, "ИКТ 101"), (NEW, "Экинчи курс")):
        link = two.page(f"/institute/overview?{two.by(name)}").select_one(
            "section[aria-labelledby=weakest-title] a.code"
        )
        assert link is not None
        page = two.page(str(link["href"]))
        assert [each.get_text(strip=True) for each in page.select("main section:last-of-type tbody th")] == [course]
        assert f"Requirements: {name}." in page.get_text()


def test_a_person_is_shown_with_the_courses_of_all_versions(two: Two) -> None:
    page = two.page(f"/institute/people/{two.person}")

    rows = [[said_in(each) for each in row.select("th, td")] for row in page.select("tbody tr")]
    assert [(row[0].rpartition(" kg")[2], *row[1:]) for row in rows] == [
        ("-ict-teachers 2.0", "Level 1", "Level 1", "– not in this course"),
        ("-ict-teachers 1.0", "Level 1", "– not in this course", "Level 1"),
    ]
    lines = two.table(f"/institute/people/{two.person}.csv")
    assert [(line["Requirements"], line["Highest"]) for line in lines] == [(NEW, "1"), (OLD, "1")]


def test_where_all_courses_are_on_one_version_nothing_is_to_be_chosen(visitor: Visitor, institute: Institute) -> None:
    for path in ("overview", "levels", "levels?by=courses"):
        answer = visitor("admin").get(f"/institute/{path}", base_url=BASE)
        assert answer.status_code == 200
        assert "f-version" not in answer.text
