"""Every page that can be downloaded: what its files hold is what stands on it."""

from __future__ import annotations

import io

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import select, update

from lti_tool import clock
from lti_tool.audit.tables import AuditEventRow
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.reports.rollup import Rollups
from lti_tool.reports.tables import CourseRollupRow
from lti_tool.web import exports, people_tables
from tests.factories.tables import csv_rows
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom


class Pages:
    """A course with a level and a grade that waits, as pages and as files."""

    def __init__(self, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> None:
        self.visitor, self.institute = visitor, institute
        room = Classroom(sessions, institute)
        room.map()
        room.mark("18")
        Rollups()(sessions, clock.now())

    def words(self, who: str, path: str) -> str:
        """What the page says."""
        answer = self.visitor(who).get(self._address(path), base_url=BASE)
        assert answer.status_code == 200, path
        main = BeautifulSoup(answer.text, "html.parser").main
        assert main is not None
        return " ".join(main.get_text(" ").split())

    def table(self, who: str, path: str) -> list[dict[str, str]]:
        """The CSV file's rows by head."""
        answer = self.visitor(who).get(self._address(path), base_url=BASE)
        assert answer.status_code == 200, path
        head, *rows = csv_rows(answer.text)
        return [dict(zip(head, row, strict=True)) for row in rows]

    def _address(self, path: str) -> str:
        course, person = self.institute.course.public_id, self.institute.persons["participant"].public_id
        somebody = f"/institute/people/{person}"
        return path.format(course=f"/c/{course}", person=f"/c/{course}/people/{person}", somebody=somebody)


@pytest.fixture
def pages(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Pages:
    return Pages(visitor, institute, sessions)


# who, page, its file, and what stands in the first cells of the file's first row
TABLES = {
    "roster": ("trainer", "{course}/roster", "{course}/roster.csv", ["Name", "Here as", "Why"]),
    "deliveries": ("trainer", "{course}/deliveries", "{course}/deliveries.csv", ["Participant", "Worked out", "State"]),
    "record": ("trainer", "{person}", "{person}.csv", ["Code", "Competency", "Basic level"]),
    "own record": ("participant", "{course}/me", "{course}/me.csv", ["Code", "Competency", "Basic level"]),
    "courses": ("admin", "/institute/courses", "/institute/courses.csv", ["Course", "Begins", "Participants"]),
    "people": ("admin", "/institute/people", "/institute/people.csv", ["Person", "ID number or e-mail"]),
    "people looked for": ("admin", "/institute/people?q=айг", "/institute/people.csv?q=%D0%B0%D0%B9%D0%B3", ["Person"]),
    "person": ("admin", "{somebody}", "{somebody}.csv", ["Code", "Competency", "ИКТ 101"]),
    "undelivered": ("admin", "/institute/deliveries", "/institute/deliveries.csv", ["Course", "On its way"]),
}


def test_what_files_hold_stands_on_their_pages(pages: Pages) -> None:
    for who, page, file, heads in TABLES.values():
        said, rows = pages.words(who, page), pages.table(who, file)

        assert rows, file
        for row in rows[:5]:
            # A count, a rule and flags share a cell of a file, and have one each on the page.
            parts = [part for head in heads for part in row[head].split(", ") if part]
            assert [part for part in parts if part not in said] == []
        assert f'href="{pages._address(file)}"' in pages.visitor(who).get(pages._address(page), base_url=BASE).text


def test_levels_of_a_record_are_numbers_or_words(pages: Pages) -> None:
    rows = {row["Code"]: row for row in pages.table("trainer", "{person}.csv")}

    assert (len(rows), rows["2.1"]["Established levels"], rows["1.1"]["Established levels"]) == (
        11,
        "1",
        "Not yet established",
    )
    assert rows["2.1"]["Basic level"].startswith("Met, ")


def test_a_list_of_courses_is_narrowed_and_ordered_as_its_page(pages: Pages) -> None:
    every = [row["Course"] for row in pages.table("admin", "/institute/courses.csv?sort=title&order=ascending")]

    assert every == sorted(every)
    assert pages.table("admin", "/institute/courses.csv?q=Экинчи")[0]["Course"] == "Экинчи курс"
    assert pages.table("admin", "/institute/courses.csv?q=zzz") == []


def test_types_are_kept_in_workbooks(pages: Pages) -> None:
    answer = pages.visitor("admin").get("/institute/courses.xlsx?q=ИКТ", base_url=BASE)

    _head, row = load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows()

    assert [cell.data_type for cell in row if cell.value is not None] == ["s", "s", "s", "n", "n", "n", "n", "d"]
    assert (row[4].value, row[6].value, row[6].number_format) == (2, 0.5, "0%")


def test_nobody_elses_record_is_had_by_another_address(pages: Pages) -> None:
    outsider = pages.institute.persons["participant of another course"].public_id
    course = pages.institute.course.public_id

    assert pages.visitor("trainer").get(f"/c/{course}/people/{outsider}.csv", base_url=BASE).status_code == 404
    own = pages.visitor("participant").get(f"/c/{course}/me.xlsx?person={outsider}", base_url=BASE)
    notes = load_workbook(io.BytesIO(own.data)).worksheets[1]
    assert next(row[1].value for row in notes.iter_rows(min_row=2)) == "Айгүл"


def test_a_person_across_courses_has_levels_as_numbers_and_what_is_unknown_in_words(
    pages: Pages, sessions: SessionFactory
) -> None:
    (known,) = pages.table("admin", "{somebody}.csv")
    with unit_of_work(sessions) as session:
        session.execute(update(CompetencyStandingRow).values(established=None))

    (unknown,) = pages.table("admin", "{somebody}.csv")

    assert (known["Code"], known["Highest"], known["ИКТ 101"]) == ("2.1", "1", "1")
    assert (unknown["Highest"], unknown["ИКТ 101"]) == ("Not yet established", "Not yet established")


def test_a_file_of_people_has_all_pages_in_the_order_of_the_page(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pages.table("admin", "/institute/people.csv")
    monkeypatch.setattr(people_tables, "AT_A_TIME", 2)
    answer = pages.visitor("admin").get("/institute/people", base_url=BASE).text

    assert pages.table("admin", "/institute/people.csv") == whole
    shown = [each.text for each in BeautifulSoup(answer, "html.parser").select("tbody th a")]
    assert [row["Person"] for row in whole] == shown
    assert len(shown) > 4


def test_many_people_in_a_workbook_are_left_to_a_worker(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exports.MOST_CELLS, exports.Kind.XLSX, 8)

    asked = pages.visitor("admin").get("/institute/people.xlsx", base_url=BASE).text
    few = pages.visitor("admin").get("/institute/people.xlsx?q=%D0%B0%D0%B9%D0%B3", base_url=BASE)

    assert "Make the file" in asked
    assert few.data[:2] == b"PK"


def test_taking_people_home_is_recorded(pages: Pages, sessions: SessionFactory) -> None:
    for path in ("/institute/people.csv", "{somebody}.csv"):
        pages.table("admin", path)

    with unit_of_work(sessions, writes=False) as session:
        lines = session.execute(select(AuditEventRow.action, AuditEventRow.subject_id).order_by(AuditEventRow.id)).all()
    person = pages.institute.persons["participant"].public_id
    assert [(each.action, each.subject_id) for each in lines] == [("read.export", None), ("read.export", person)]


def test_growth_is_a_table_of_means_with_one_decimal(pages: Pages, sessions: SessionFactory) -> None:
    indicator = pages.institute.framework.indicator("2.1.1.a").id
    with unit_of_work(sessions) as session:
        row = session.scalars(
            select(CourseRollupRow).where(CourseRollupRow.course_id == pages.institute.course.id)
        ).one()
        row.tally = {**row.tally, "people": 7, "growth": {str(indicator): [6, 4, 11]}}
    page, file = "{course}/statistics", "{course}/statistics/growth.csv"

    (line,) = pages.table("trainer", file)

    assert (line["Code"], line["People"], line["Entry"], line["Exit"]) == ("2.1", "6", "0.6", "1.8")
    assert f"2.1 {line['Competency']} People 6 Entry 0.6 Exit 1.8 Level shown {line['Level shown']}" in pages.words(
        "trainer", page
    )
