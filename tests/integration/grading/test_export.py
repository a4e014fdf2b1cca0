"""The gradebook as a file: what is unknown is empty, and no name becomes a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading.export import HEADER, GradebookRow, as_csv, as_workbook, gradebook_rows
from lti_tool.people.tables import PersonRow
from tests.factories.schoolroom import Schoolroom, open_schoolroom


@pytest.fixture
def room(sessions: SessionFactory, now: datetime) -> Schoolroom:
    return open_schoolroom(sessions, now)


def rows_of(room: Schoolroom) -> list[GradebookRow]:
    return room.do(lambda session: list(gradebook_rows(session, room.course_id, room.now)))


def csv_of(room: Schoolroom) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(rows_of(room)).decode())))


def sheet_of(room: Schoolroom) -> list[tuple[Any, ...]]:
    workbook = load_workbook(io.BytesIO(as_workbook(rows_of(room))))
    return [tuple(cell for cell in row) for row in workbook.worksheets[0].iter_rows()]


def rename(room: Schoolroom, name: str) -> None:
    def change(session: Session) -> None:
        session.get_one(PersonRow, room.people[0]).name = name

    room.do(change)


def test_each_participant_has_a_row_for_each_competency(room: Schoolroom) -> None:
    lines = csv_of(room)

    assert tuple(lines[0]) == HEADER
    assert [(line["name"], line["competency"]) for line in lines] == [
        ("Person 0", "1.1"),
        ("Person 0", "1.2"),
        ("Person 1", "1.1"),
        ("Person 1", "1.2"),
    ]


def test_a_known_standing_is_told_in_full(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1, 2)
    room.map_levels(room.activity("Quiz: 2"), 3)
    room.mark(quiz, 70)

    line = csv_of(room)[0]

    told = {name: line[name] for name in HEADER[5:]}
    assert told == {
        "established": "2",
        "held": "",
        "state": "no_evidence",
        "attained": "0",
        "indicators": "1",
        "progress": "2.00",
    }


def test_a_held_level_is_named_and_not_counted(room: Schoolroom) -> None:
    low, high = room.activity("Quiz: 1"), room.activity("Quiz: 3")
    room.map_levels(low, 1)
    room.map_levels(high, 3)
    room.mark(low, 70)
    room.mark(high, 90)

    line = csv_of(room)[0]

    assert (line["established"], line["held"], line["state"]) == ("1", "3", "not_assessable")


def test_unknown_is_empty_and_never_zero(room: Schoolroom) -> None:
    room.map_levels(room.activity("Quiz: 1"), 1)

    mapped, unmapped = csv_of(room)[:2]

    assert (mapped["established"], mapped["progress"], mapped["state"]) == ("", "", "no_evidence")
    assert (unmapped["established"], unmapped["attained"], unmapped["state"]) == ("", "", "not_assessable")


def test_level_zero_is_told_as_zero(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 10)

    assert csv_of(room)[0]["established"] == "0"


def test_trainers_are_not_in_the_gradebook(room: Schoolroom) -> None:
    room.set_role(1, "trainer")

    assert {line["name"] for line in csv_of(room)} == {"Person 0"}


@pytest.mark.parametrize("name", ["=1+1", "+996 555", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_name_becomes_a_formula(room: Schoolroom, name: str) -> None:
    rename(room, name)

    (written,) = {line["name"] for line in csv_of(room) if "Person" not in line["name"]}
    cells = [row[1] for row in sheet_of(room) if "Person" not in str(row[1].value)][1:]

    assert written == f"'{name}"
    assert {cell.data_type for cell in cells} == {"s"}


def test_numbers_in_a_workbook_are_numbers(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)

    head, first, second = sheet_of(room)[:3]

    assert tuple(cell.value for cell in head) == HEADER
    assert (first[5].value, first[10].value, second[5].value) == (1, 1, None)
    assert rows_of(room)[0].progress == Decimal("1.00")
