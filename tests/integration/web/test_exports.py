"""Pages as files: what a file holds is what the page says, in the page's language, narrowed and ordered alike."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.cell import Cell

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow
from tests.factories.make import Make
from tests.factories.tables import INJECTIONS, csv_rows
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom

LEVEL_FORMAT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class Reader:
    """A trainer who reads the group as a page and as files."""

    client: FlaskClient
    course: str

    def page(self, query: str = "") -> BeautifulSoup:
        """The group page."""
        answer = self.client.get(f"/c/{self.course}/group?{query}", base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def file(self, kind: str, query: str = "") -> bytes:
        """The group in a file."""
        answer = self.client.get(f"/c/{self.course}/group.{kind}?{query}", base_url=BASE)
        assert answer.status_code == 200
        return answer.data


@pytest.fixture
def reader(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Reader:
    """A group of thirty-two: one with a level, one with none, and thirty whose names are attacks on spreadsheets."""
    room = Classroom(sessions, institute)
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        home = session.get_one(PlatformRow, institute.persons["trainer"].platform_id)
        course = session.get_one(CourseRow, institute.course.id)
        for number, attack in enumerate(INJECTIONS):
            make.membership(course, make.person(home, attack, sub=f"a{number}", id_number=f"00{number}"))
    room.map()
    room.mark("18")
    return Reader(visitor("trainer"), institute.course.public_id)


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def rows_of(page: BeautifulSoup) -> list[list[str]]:
    """Name, detail and what the cells say, as a reader of the page sees them."""
    found = []
    for row in page.select("table.group tbody tr"):
        detail, _evaluated = (words(each) for each in row.select("th .cell-count"))
        found.append([words(row.select_one("th a")), detail, *(words(cell.a) for cell in row.select("td"))])
    return found


def shown(cell: Cell) -> str:
    """A cell as a spreadsheet shows it."""
    if isinstance(cell.value, int):
        before_after = LEVEL_FORMAT.sub(r"\1", cell.number_format)
        return before_after.replace("0", str(cell.value))
    return " ".join(str(cell.value or "").split())


def rows_in(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [[shown(cell) for cell in row[:-2]] for row in list(sheet.iter_rows())[1:]]


def test_a_workbook_holds_what_the_page_shows(reader: Reader) -> None:
    counts = {"lang=en": 32, "lang=ky&sort=2.1&order=descending": 32, "lang=ru&text=KG": 2, "text=zzz": 0}
    for asked, count in counts.items():
        page, content = rows_of(reader.page(asked)), reader.file("xlsx", asked)

        assert without_escapes(rows_in(content)) == page
        assert len(page) == count


def without_escapes(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """As openpyxl leaves a carriage return to its callers, and a page shows it as a space."""
    return [[" ".join(cell.replace("_x000D_", " ").split()) for cell in row] for row in rows]


def test_csv_holds_what_the_page_shows(reader: Reader) -> None:
    asked = "sort=2.1&order=descending"
    for kind in ("csv", "csv-excel"):
        rows = [row[:-2] for row in csv_rows(reader.file(kind, asked).decode("utf-8-sig"))[1:]]

        told = [[" ".join(each.split()) for each in row] for row in rows]
        assert told[0] == ["Айгүл", "KG-1", "1"]
        assert [[*row[:2], re.sub("^([0-3])$", r"Level \1", row[2])] for row in told] == rows_of(reader.page(asked))


def test_the_levels_in_a_workbook_are_numbers_to_reckon_with(reader: Reader) -> None:
    sheet = load_workbook(io.BytesIO(reader.file("xlsx", "text=KG"))).worksheets[0]

    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["Айгүл", "KG-1", 1, 1, None],
        ["Бакыт", "KG-2", "Not yet", 0, None],
    ]


def test_the_notes_say_as_of_when_and_how_it_was_narrowed(reader: Reader) -> None:
    notes = load_workbook(io.BytesIO(reader.file("xlsx", "text=KG&order=descending"))).worksheets[1]

    told = {str(label): text for label, text in list(notes.iter_rows(values_only=True))[1:]}
    assert told["Shown"] == "Shown: 2 of 32 participants"
    assert (told["Name, ID number or e-mail"], told["Ordered by"]) == ("KG", "Name (descending)")
    assert re.search(r"\d{4}, \d\d:\d\d", str(told["As of"]))


def test_excel_in_kyrgyz_gets_semicolons(reader: Reader) -> None:
    content = reader.file("csv-excel", "lang=ky")

    assert content.startswith(b"\xef\xbb\xbf")
    head = next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert head[0] == "Аты"


def test_the_menu_carries_filters_and_order_along(reader: Reader) -> None:
    links = [str(link["href"]) for link in reader.page("text=KG&sort=2.1&page=3").select(".download a")]

    assert [link.partition("?")[0].rpartition(".")[2] for link in links] == ["xlsx", "csv-excel", "csv", "pdf", "pdf"]
    assert [link.partition("?")[2] for link in links] == [*["text=KG&sort=2.1"] * 4, ""]


def test_no_query_bends_the_addresses_of_files(reader: Reader) -> None:
    for asked in ("_scheme=javascript&_external=1", "_anchor=x", "kind=exe", "course=other"):
        links = [str(link["href"]) for link in reader.page(asked).select(".download a")]

        addresses = {link.partition("?")[0].rpartition(".")[0] for link in links}
        assert addresses == {f"/c/{reader.course}/group", f"/c/{reader.course}/report"}


def test_files_are_named_after_the_course_and_served_as_downloads(reader: Reader) -> None:
    for kind in ("csv", "xlsx"):
        answer = reader.client.get(f"/c/{reader.course}/group.{kind}", base_url=BASE)

        said = answer.headers["Content-Disposition"]
        assert said.startswith(f"attachment; filename=Group-_101.{kind}; filename*=UTF-8''Group-%D0%98%D0%9A")
        assert said.endswith(f".{kind}")
        assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    for kind in ("exe", "CSV", "csv.xlsx"):
        assert reader.client.get(f"/c/{reader.course}/group.{kind}", base_url=BASE).status_code == 404


def test_a_stream_that_somebody_breaks_off_gives_its_connection_back(reader: Reader, app: Flask) -> None:
    pool = app.extensions["tool"].sessions.kw["bind"].pool

    for _ in range(20):
        answer = reader.client.get(f"/c/{reader.course}/group.csv", base_url=BASE, buffered=False)
        next(answer.iter_encoded())
        answer.close()

    assert pool.checkedout() == 0


def test_a_page_of_nothing_offers_no_files(visitor: Visitor, institute: Institute) -> None:
    reader = Reader(visitor("trainer"), institute.course.public_id)

    assert reader.page().select(".download") == []
    assert csv_rows(reader.file("csv").decode())[0][0] == "Name"
