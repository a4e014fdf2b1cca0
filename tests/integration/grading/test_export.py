"""The gradebook for others: what is unknown is empty."""

from __future__ import annotations

from datetime import datetime

import pytest

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading.export import HEADER, gradebook_rows
from tests.factories.schoolroom import Schoolroom, open_schoolroom


@pytest.fixture
def room(sessions: SessionFactory, now: datetime) -> Schoolroom:
    return open_schoolroom(sessions, now)


def lines_of(room: Schoolroom) -> list[dict[str, str]]:
    """The rows as somebody reads them: everything a text, None an empty one."""
    rows = room.do(lambda session: list(gradebook_rows(session, room.course_id, room.now)))
    told = (("" if cell is None else str(cell) for cell in row.cells()) for row in rows)
    return [dict(zip(HEADER, cells, strict=True)) for cells in told]


def test_each_participant_has_a_row_for_each_competency(room: Schoolroom) -> None:
    lines = lines_of(room)

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

    line = lines_of(room)[0]

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

    line = lines_of(room)[0]

    assert (line["established"], line["held"], line["state"]) == ("1", "3", "not_assessable")


def test_unknown_is_empty_and_never_zero(room: Schoolroom) -> None:
    room.map_levels(room.activity("Quiz: 1"), 1)

    mapped, unmapped = lines_of(room)[:2]

    assert (mapped["established"], mapped["progress"], mapped["state"]) == ("", "", "no_evidence")
    assert (unmapped["established"], unmapped["attained"], unmapped["state"]) == ("", "", "not_assessable")


def test_level_zero_is_told_as_zero(room: Schoolroom) -> None:
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 10)

    assert lines_of(room)[0]["established"] == "0"


def test_trainers_are_not_in_the_gradebook(room: Schoolroom) -> None:
    room.set_role(1, "trainer")

    assert {line["name"] for line in lines_of(room)} == {"Person 0"}
