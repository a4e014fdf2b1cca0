"""The gradebook of a course as files for programs: the columns of the contract, in CSV and XLSX alike."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading.export import HEADER
from lti_tool.people import courses
from lti_tool.people.tables import PersonRow
from lti_tool.reports import xlsx_file
from lti_tool.reports.gradebook_table import gradebook_table
from lti_tool.reports.table import Table
from tests.factories.schoolroom import Schoolroom, open_schoolroom
from tests.factories.tables import csv_text, sheet


@pytest.fixture
def room(sessions: SessionFactory, now: datetime) -> Schoolroom:
    """A course in which one of two people has shown level 1, by a name that no spreadsheet may take up."""
    room = open_schoolroom(sessions, now)
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)

    def rename(session: Session) -> None:
        session.get_one(PersonRow, room.people[0]).name = "=1+1"

    room.do(rename)
    return room


def made(room: Schoolroom) -> Table:
    return room.do(lambda session: gradebook_table(session, courses.get_course(session, room.course_id), room.now))


def test_both_files_hold_the_contracts_columns_and_the_same_values(room: Schoolroom) -> None:
    out = io.BytesIO()
    xlsx_file.write(made(room), out)

    (head, *rows) = sheet(out.getvalue())
    lines = list(csv.reader(io.StringIO(csv_text(made(room)), newline="")))

    assert tuple(cell.value for cell in head) == tuple(lines[0]) == HEADER
    assert lines[1][1:2] + lines[1][4:] == ["'=1+1", "1.1", "1", "", "not_assessable", "0", "2", "1.00"]
    assert [cell.value for cell in rows[0]][4:] == ["1.1", 1, None, "not_assessable", 0, 2, 1]
    assert (rows[0][1].value, rows[0][1].data_type) == ("=1+1", "s")
    assert len(rows) == len(lines) - 1 == 4


def test_what_is_not_established_is_empty(room: Schoolroom) -> None:
    line = csv.DictReader(io.StringIO(csv_text(made(room)))).__next__
    told = [line() for _ in range(4)][2]

    assert (told["name"], told["established"], told["progress"], told["state"]) == ("Person 1", "", "", "no_evidence")
